"""`pipeline topics`: lists a run's topics, and writes the sheets on which a person changes them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from pipeline.commands.messages import opened, plain, told


def topics(
    folder: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a finished run.")],
) -> None:
    """List a run's topics, and write the sheets on which a person renames, merges, splits and moves."""
    with told("command"), opened(folder) as (run,):
        from pipeline.documents.topic_tables import said_of_match
        from pipeline.review.sheets import COMMENTS_CSV, TOPICS_CSV, WORKBOOK

        console = Console()
        table = Table(box=None, pad_edge=False, header_style="bold")
        for name, justify in (("Topic", "right"), ("Name", "left"), ("Comments", "right"), ("Theme", "left")):
            table.add_column(name, justify=justify, max_width=48)  # type: ignore[arg-type]
        for row in run.exact_topics.to_dict("records"):
            theme = said_of_match(row, run.codebook)
            table.add_row(str(row["topic"]), plain(row["label"]), f"{row['size']:,}", plain(theme))
        console.print(table)
        written = run.review.refresh()
        for name in (TOPICS_CSV, COMMENTS_CSV, WORKBOOK):
            path = run.folder / name
            said = "written" if path in written else "left as it is: it is up to date, and may hold your changes"
            console.print(f"{plain(str(path))}: {said}", highlight=False, soft_wrap=True)
        for line in (
            "Fill in the workbook, or the CSV files; one of the two is enough.",
            "The next `pipeline run` uses what you changed.",
            "The counts are exact, for reading here. The report has what may be published.",
        ):
            console.print(line, highlight=False, soft_wrap=True)
