"""Models that are made from others on this machine: kept between runs, whole or not at all."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from pipeline.errors import StoreError
from pipeline.language.model_files import digests_of_files

_LIST = "files.json"
"""Names each file with its SHA-256; it is written last."""


@contextlib.contextmanager
def made_once(folder: Path | None, name: str, make: Callable[[Path], None]) -> Iterator[Path]:
    """Give the folder that holds a model, made where it is missing or damaged.

    Parameters
    ----------
    folder : pathlib.Path or None
        Where such models are kept; None makes this one for the time of the block alone.
    name : str
        What tells it from others, such as a hash of what it is made from.
    make : callable
        Writes its files into an empty folder.

    Raises
    ------
    StoreError
        Where the folder cannot be written.
    """
    if folder is None:
        with tempfile.TemporaryDirectory() as temporary:
            make(Path(temporary))
            yield Path(temporary)
        return
    place = folder / name
    if not _is_whole(place):
        try:
            _make(place, make)
        except OSError as problem:
            # Another process may have been faster.
            if not _is_whole(place):
                raise StoreError(
                    f"{folder}: a model cannot be kept there ({problem.strerror}).",
                    "Set embed.cache to a place where you may write, or to null.",
                ) from problem
    yield place


def _make(place: Path, make: Callable[[Path], None]) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent, prefix=".") as temporary:
        new = Path(temporary) / "new"
        new.mkdir()
        make(new)
        (new / _LIST).write_text(json.dumps(digests_of_files(new)), encoding="utf-8")
        if place.exists():
            place.replace(Path(temporary) / "damaged")
        new.replace(place)


def _is_whole(place: Path) -> bool:
    try:
        listed = json.loads((place / _LIST).read_text(encoding="utf-8"))
        found = digests_of_files(place)
    except (OSError, ValueError):
        return False
    found.pop(_LIST)
    return bool(found == listed)
