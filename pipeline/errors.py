"""Errors that the user can mend: what is wrong, then what to do about it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from pathlib import Path


class PipelineError(Exception):
    """A problem that the user can mend; the command line shows it without a traceback.

    Parameters
    ----------
    message : str
        Where it is, what is wrong, what was found and what is wanted. Never holds a comment's text.
    hint : str
        What to do about it; may be empty where the message says it all.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message

    @classmethod
    def from_problems(cls, problems: Sequence[str], hint: str = "") -> PipelineError:
        """Report all problems of one file together, one a line."""
        return cls("\n".join(problems), hint)


class ConfigError(PipelineError):
    """The configuration file cannot be used."""


class DataError(PipelineError):
    """The file of comments cannot be used."""


class CodebookError(PipelineError):
    """The codebook cannot be used."""


class ModelError(PipelineError):
    """A language model is missing, altered or cannot be loaded."""


class ClusterError(PipelineError):
    """The scheduler or the workers of a cluster cannot be used."""


class StoreError(PipelineError):
    """The run folder cannot be read or written."""


def damaged(path: Path) -> StoreError:
    """Return what is said of a file of a run that is damaged or was changed.

    Parameters
    ----------
    path : pathlib.Path
        Where the file is, with the run's folder: of two runs that are compared, it says which.
    """
    return StoreError(
        f"{path}: this file of the run is damaged or was changed.", "Run the pipeline again; it makes the file anew."
    )


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ``" Did you mean 'x'?"`` for a mistyped name, or an empty string where no known name is near.

    Parameters
    ----------
    name : str
        What was found.
    known : iterable of str
        What would have been understood.
    """
    by_folded = {candidate.casefold(): candidate for candidate in known}
    near = difflib.get_close_matches(name.casefold(), by_folded, n=1, cutoff=0.6)
    return f" Did you mean '{by_folded[near[0]]}'?" if near else ""


_WORD = re.compile(r"[\w-]{1,30}")


def shown(found: object) -> str:
    """Return what was found as a message may show it: a word, a number, or else what kind of thing it is.

    A text may be a respondent's, where a comment or the file of comments was put in the wrong place: a single word of
    letters, digits, _ and - is shown, nothing longer.
    """
    if isinstance(found, dict):
        return "a section with names"
    if isinstance(found, list | tuple):
        return f"a list of {len(found)}"
    if isinstance(found, str):
        return f"'{found}'" if not found or _WORD.fullmatch(found) else f"a text of {len(found):,} characters"
    if found is None or (isinstance(found, int | float) and abs(found) < 1e15):
        return str(found)
    return "a number out of range" if isinstance(found, int | float) else f"a value of type {type(found).__name__}"
