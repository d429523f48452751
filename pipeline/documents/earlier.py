"""What a report takes over from the last one: a file is made again only where something that it is made of changed.

Drawing figures and writing Word documents is most of the work of a report. A record beside the report says what each
was made of. Where that is the same, and the code and the libraries are, its files are taken as they lie there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from functools import partial

from pydantic import BaseModel, ValidationError

from pipeline.formats.digests import digest_of

RECORD = "internal/made_of.json"
"""The record, among the files of the report."""

Kept = Callable[[str], bytes | None]
"""Returns a file of the last report by its path in the run folder. None where there is none, it was changed since, or
today's code might make another."""

Made = Callable[[str, object, Callable[[], bytes]], bytes]
"""Returns a file: handed its name, all that it is made of, and what makes it."""


def nothing_kept(path: str) -> None:
    """Return that there is no such file, so that everything is made."""
    del path


def made_anew(name: str, of: object, make: Callable[[], bytes]) -> bytes:
    """Make a file, whatever was made before."""
    del name, of
    return make()


class _Record(BaseModel, strict=True, extra="forbid"):
    made_of: dict[str, str]


class Earlier:
    """The files of the last report, for those who make the next one.

    Parameters
    ----------
    kept : callable
        Returns them; see `Kept`.
    """

    def __init__(self, kept: Kept = nothing_kept) -> None:
        self._kept = kept
        try:
            self._before = _Record.model_validate_json(kept(RECORD) or b"").made_of
        except ValidationError:
            self._before = {}
        self._made_of: dict[str, str] = {}

    @property
    def record(self) -> bytes:
        """The file in which the next report finds what all that was asked for is made of."""
        return f"{json.dumps({'made_of': self._made_of}, indent=1)}\n".encode()

    def files(self, part: str, paths: Collection[str], *, of: str) -> dict[str, bytes] | None:
        """Return the files of a part of the report, or None where they must be made.

        Parameters
        ----------
        part : str
            What the part is called in the record.
        paths : collection of str
            The files' paths in the run folder.
        of : str
            A hash of all that they are made of, beside the code.
        """
        self._made_of[part] = of
        if self._before.get(part) != of:
            return None
        found = {path: content for path in paths if (content := self._kept(path)) is not None}
        return found if len(found) == len(paths) else None

    def below(self, folder: str) -> Made:
        """Return what returns files of a folder, each made only where it must be; see `Made`."""
        return partial(self._file, folder)

    def _file(self, folder: str, name: str, of: object, make: Callable[[], bytes]) -> bytes:
        path = f"{folder}/{name}"
        found = self.files(path, [path], of=digest_of(of))
        return make() if found is None else found[path]
