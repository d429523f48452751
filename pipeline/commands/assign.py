"""`pipeline assign`: new comments get the topics and themes of a finished run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from pipeline.commands.messages import opened, plain, told


def assign(
    folder: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a finished run.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="A file of new comments, like the run's own.")],
) -> None:
    """Give new comments the topics and themes of a finished run, without finding topics again."""
    with told("command"):
        from pipeline.engine.store import RunStore
        from pipeline.tables.csv_files import to_csv
        from pipeline.tables.numbers import count, counted

        with opened(folder) as (run,):
            assigned = run.assign(new)
        comments = assigned.comments
        stem = re.sub(r"[^\w.-]+", "_", new.stem, flags=re.ASCII)
        store, name = RunStore(folder), f"internal/assigned_{stem}"
        store.write(f"{name}_dictionary.csv", to_csv(assigned.dictionary))
        store.write(f"{name}.csv", to_csv(comments))
        analysed = comments["topic"].notna()
        in_topic = int((comments["topic"] >= 0).sum())
        with_theme = int((comments["themes"] != "").sum())
        console = Console()
        for line in (
            f"{counted(len(comments), 'comment')}, {count(int((~analysed).sum()))} of them set aside.",
            f"In a topic: {count(in_topic)}. In none: {count(int(analysed.sum()) - in_topic)}.",
            f"With a theme: {count(with_theme)}. Without: {count(int(analysed.sum()) - with_theme)}.",
            "These counts are exact, for reading here. The files hold the comments: keep them with the run.",
            f"Comments: {folder / name}.csv",
            f"What its columns mean: {folder / name}_dictionary.csv",
        ):
            console.print(plain(line), highlight=False, soft_wrap=True)
