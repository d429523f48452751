"""`pipeline open` and `pipeline report`: a finished run's report in the browser, and its brief for a board."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from pipeline.commands.messages import opened, plain, told
from pipeline.errors import ConfigError, StoreError


def open_report(
    folder: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a finished run.")],
    internal: Annotated[
        bool, typer.Option("--internal", help="Open the report with the comments, which is not for publication.")
    ] = False,
) -> None:
    """Open a run's report in the browser."""
    with told("command"):
        path = folder / ("internal" if internal else "public") / "report.html"
        if not path.is_file():
            there = "the folder is not there" if not folder.is_dir() else "no report is in this folder"
            raise StoreError(
                f"{path}: {there}.", "Give the folder of a finished run, such as outputs/default; or run the pipeline."
            )
        path = path.resolve()
        console = Console()
        console.print(f"Report: {plain(str(path))}", highlight=False, soft_wrap=True)
        if not webbrowser.open(path.as_uri()):
            console.print("No browser could be opened here. Open this file yourself.", highlight=False)


def report(
    folder: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a finished run.")],
    one_page: Annotated[
        bool, typer.Option("--one-page", help="Write a brief for a board: a sheet of two pages, as PDF.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option("--output", metavar="DIR", help="Put it here instead of in RUN/redrawn.")
    ] = None,
) -> None:
    """Write a brief of a finished run for a board, from what may be published."""
    with told("command"):
        if not one_page:
            raise ConfigError(
                "report: say what to write.",
                "Use --one-page for a brief as PDF. The report itself is public/report.html: pipeline open RUN.",
            )
        with opened(folder) as (run,):
            written = run.write_brief(output)
        Console().print(f"Brief: {plain(str(written))}", highlight=False, soft_wrap=True)
