"""What every command says when something goes wrong, and how it opens a finished run."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.console import Console

from pipeline.errors import PipelineError, damaged
from pipeline.formats.disk import without_home

if TYPE_CHECKING:
    from pipeline.results import Run


@contextmanager
def told(command: str) -> Iterator[None]:
    """Turn what goes wrong into one clear message and an exit status: 2 to mend, 1 for a defect, 130 for Ctrl-C."""
    console = Console(stderr=True)
    try:
        yield
    except (typer.Exit, BrokenPipeError):
        raise
    except PipelineError as problem:
        for line in problem.message.splitlines():
            console.print(f"[red]Error:[/] {plain(line)}", highlight=False, soft_wrap=True)
        if problem.hint:
            console.print(f"[yellow]What to do:[/] {plain(problem.hint)}", highlight=False, soft_wrap=True)
        raise typer.Exit(2) from None
    except KeyboardInterrupt:
        console.print(f"Stopped. Finished stages are kept: the same {command} goes on from there.", soft_wrap=True)
        raise typer.Exit(130) from None
    except MemoryError:
        console.print("[red]Error:[/] the machine has too little free memory for this.", soft_wrap=True)
        console.print("[yellow]What to do:[/] close other programs, or analyse fewer comments.", soft_wrap=True)
        raise typer.Exit(2) from None
    except Exception as problem:
        console.print(
            f"[red]A defect of the program[/] ({plain(defect(problem))}). Finished stages are kept. Please report it "
            "with this line.", highlight=False, soft_wrap=True,
        )  # fmt: skip
        raise typer.Exit(1) from None


def defect(problem: Exception) -> str:
    """Return the kind and the places of an error without its message, which may hold a respondent's words."""
    places = traceback.extract_tb(problem.__traceback__)
    trace = " <- ".join(f"{Path(place.filename).name}:{place.lineno}" for place in reversed(places))
    return f"{type(problem).__name__} at {trace}"


def plain(text: str) -> str:
    """Return a text so that the screen shows its brackets, and takes none for a style; ~ is the user's own folder."""
    from rich.markup import escape

    return escape(without_home(text))


@contextmanager
def opened(*folders: Path) -> Iterator[tuple[Run, ...]]:
    """Open finished runs; what a changed file of theirs breaks is no defect of the program."""
    from pipeline.results import load_run

    runs = tuple(map(load_run, folders))
    try:
        yield runs
    except (PipelineError, MemoryError):
        raise
    except Exception:
        changed = [run.folder / name for run in runs for name in run.changed()]
        if not changed:
            raise
        raise damaged(changed[0]) from None
