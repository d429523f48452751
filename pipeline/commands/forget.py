"""`pipeline forget`: a respondent's words and vectors leave a run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from pipeline.commands.messages import plain, told


def forget(
    folder: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a run.")],
    comment_id: Annotated[
        list[str], typer.Option("--id", metavar="ID", help="The id of a comment; may be given several times.")
    ],
    force: Annotated[
        bool, typer.Option("--force", help="Go on without the file of comments: the results are lost for good.")
    ] = False,
) -> None:
    """Remove a respondent's words and vectors from a run; the next run makes the results without them.

    Everything in public/, redrawn/ and internal/ is deleted, but for what people filled in. Sheets for coding, marks on
    quotations and decisions on topics stay, without the respondent's rows.
    """
    with told("command"):
        from pipeline.engine.forgetting import forget as forget_comments
        from pipeline.tables.numbers import counted

        done = forget_comments(folder, comment_id, force=force)
        console = Console()
        if not done.comments:
            console.print("This was forgotten before. Nothing was changed.", highlight=False)
            return
        cache = (
            "" if done.config.embed.cache is None else f" The cache of vectors ({done.config.embed.cache}) is empty."
        )
        rewritten = f" Rows and words were taken out of {', '.join(done.rewritten)}." if done.rewritten else ""
        for line in (
            f"{counted(done.comments, 'comment')} forgotten. {counted(done.files, 'file')} deleted.{rewritten}{cache}",
            *(f"Look into this yourself, the program cannot read it: {folder / name}" for name in done.unread),
            f"Run again with {done.configuration_file}: the results are made anew, without what was forgotten.",
            f"The file of comments still has the words: {done.config.input.path}",
            "Delete them there too. Later runs in this folder leave them out; runs in another folder would not.",
            "Delete what was copied elsewhere: exports, coding sheets, comparisons, backups.",
        ):
            console.print(plain(line), highlight=False, soft_wrap=True)
