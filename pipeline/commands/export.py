"""`pipeline export`: a run's comments, topics, themes and codes as files for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from pipeline.commands.messages import opened, plain, told
from pipeline.errors import ConfigError, did_you_mean


def export(
    folder: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a finished run.")],
    to: Annotated[
        str, typer.Option("--to", help="refi (NVivo, MAXQDA, ATLAS.ti, QualCoder), csv, xlsx, parquet or spss.")
    ],
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FOLDER", help="Write here instead of in RUN/internal/export.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace files that are there and that this command did not write.")
    ] = False,
) -> None:
    """Write a run's comments, topics, themes and codes for NVivo, MAXQDA, ATLAS.ti, SPSS, Excel or R."""
    with told("command"):
        from pipeline.exporting.files import FORMATS
        from pipeline.exporting.folder import write_export

        if to not in FORMATS:
            raise ConfigError(f"--to: found '{to}'.{did_you_mean(to, FORMATS)}", f"Use one of {', '.join(FORMATS)}.")
        with opened(folder) as (run,):
            exported = run.export(to)
        written = write_export(folder, output, exported.files, force=force)
        console = Console()
        for line in (
            *exported.notes,
            *map(str, written),
            "These files hold respondents' own words, and exact counts follow from them.",
            "Pass them on only to those who may read the comments. Nothing of them is for publication.",
        ):
            console.print(plain(line), highlight=False, soft_wrap=True)
