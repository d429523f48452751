"""The command `new`: a first configuration and a codebook to fill in, from a look at the file of comments."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from pipeline.commands.messages import plain, told
from pipeline.errors import ConfigError, DataError, StoreError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.intake.proposal import Column


def new(
    file: Annotated[Path, typer.Argument(help="The file of comments, as your survey tool exports it.")],
    sheet: Annotated[str | None, typer.Option("--sheet", metavar="NAME", help="The sheet with the comments.")] = None,
    codebook: Annotated[
        str, typer.Option("--codebook", help="yaml, or xlsx: a spreadsheet with a row for each phrase.")
    ] = "yaml",
    output: Annotated[
        Path | None, typer.Option("--output", metavar="DIR", help="Write here instead of beside the file.")
    ] = None,
    pool: Annotated[
        bool, typer.Option("--pool", help="One run for all open questions together, each answer a comment of its own.")
    ] = False,
) -> None:
    """Look at a file of comments and write a first configuration and a codebook to fill in.

    Where the file has several open questions, there is a configuration for each.
    """
    with told("command"):
        if codebook not in ("yaml", "xlsx"):
            raise ConfigError(f"--codebook: found '{codebook}'.", "Use yaml or xlsx.")
        from pipeline.formats.anyfile import read_table
        from pipeline.intake.inputs import read_input
        from pipeline.intake.proposal import propose
        from pipeline.intake.starter import codebook_text, codebook_workbook, configuration_text, open_questions

        table = read_table(read_input(file), file, sheet=sheet)
        if not table.rows:
            raise DataError(f"{file}: the file has a header and no comments below it.", "Add the comments, one a row.")
        columns = propose(table)
        _show(columns, table.notes, len(table.rows))
        questions = open_questions(columns)
        if not questions:
            raise DataError(
                f"{file}: no column holds texts of several words that differ from row to row.",
                "Check that the first line has the names of the columns, and that this is the right file or sheet.",
            )
        folder = (output or file.parent).resolve()
        book = folder / f"{file.stem}_codebook.{codebook}"
        # The question with most words keeps the file's own name.
        runs = {file.stem: questions} if pool else _names(file.stem, questions)
        texts = {
            folder / f"{name}.yaml": configuration_text(
                columns,
                questions=of_run,
                path=_relative(file, folder),
                codebook=book.name,
                output=f"{name}_run",
                cache=f"{file.stem}_vectors.sqlite",
                sheet=sheet,
            ).encode()
            for name, of_run in runs.items()
        }
        _write({**texts, book: codebook_workbook() if codebook == "xlsx" else codebook_text().encode()})
        _say_what_next([_relative(path, Path.cwd()) for path in texts], _relative(book, Path.cwd()), questions, pool)


def _names(stem: str, questions: Sequence[Column]) -> dict[str, tuple[Column, ...]]:
    return {stem if place == 1 else f"{stem}_{place}": (one,) for place, one in enumerate(questions, start=1)}


def _say_what_next(configurations: Sequence[str], book: str, questions: Sequence[Column], pool: bool) -> None:
    console = Console()
    lines = [f"Configuration: {configurations[0]}"]
    if len(questions) > 1 and pool:
        lines = [f"Configuration: {configurations[0]} ({len(questions)} open questions together)"]
    elif len(questions) > 1:
        lines = [f"{len(questions)} open questions; a configuration for each. --pool writes one for all together."]
        lines += [
            f"  {path}: {question.title or question.name}"
            for path, question in zip(configurations, questions, strict=True)
        ]
    each = "" if len(configurations) == 1 else f"   (then the same with {', '.join(configurations[1:])})"
    lines += [
        f"Codebook: {book}",
        "What to do next:",
        f"  1. Look at the configuration{'' if len(configurations) == 1 else 's'}: are the columns what it says?",
        "  2. Write the account's themes into the codebook, with five to ten phrases each.",
        f"  3. python -m pipeline check {_typed(configurations[0])}{each}",
        f"  4. python -m pipeline run {_typed(configurations[0])}{each}",
    ]
    for line in lines:
        console.print(plain(line), highlight=False, soft_wrap=True)


def _typed(path: str) -> str:
    """Return a path as it is typed into a command: Microsoft Forms calls its files "Survey(1-60).xlsx"."""
    if os.name == "posix":
        return shlex.quote(path)
    return path if re.fullmatch(r"[\w./\\:-]+", path) else f'"{path}"'


def _show(columns: Sequence[Column], notes: Sequence[str], rows: int) -> None:
    from pipeline.tables.numbers import counted

    console = Console()
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("Column", "Taken for", "Why"):
        table.add_column(name, max_width=60)
    for column in columns:
        name = column.name or f"(column {column.place + 1})"
        titled = column.title and column.title != column.name
        table.add_row(plain(f"{name}: {column.title}" if titled else name), column.role, column.why)
    console.print(f"{counted(rows, 'row')} below the header.", highlight=False)
    for note in notes:
        console.print(f"Note: {plain(note)}", highlight=False, soft_wrap=True)
    console.print(table)


def _relative(path: Path, folder: Path) -> str:
    try:
        way = os.path.relpath(path.resolve(), folder).replace("\\", "/")
        return str(path.resolve()) if way.startswith("../../") else way
    except ValueError:
        # Another drive of Windows.
        return str(path.resolve())


def _write(files: dict[Path, bytes]) -> None:
    """Write files that are not there yet, all or none."""
    there = [path for path in files if path.exists()]
    if there:
        raise StoreError.from_problems(
            [f"{path}: this file is there already, and is left as it is." for path in there],
            "Move it away, or write elsewhere with --output.",
        )
    for path, content in files.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                file.write(content)
        except OSError as problem:
            raise StoreError(
                f"{path}: the file cannot be written ({problem.strerror}).", "Write elsewhere with --output."
            ) from None
