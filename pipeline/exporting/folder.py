"""Where exported files go: into a folder that is not public, without overwriting what somebody else wrote."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from pipeline.engine.store import MANIFEST
from pipeline.errors import StoreError
from pipeline.formats.digests import digest
from pipeline.formats.disk import opened_privately

RECORD = "exported.json"
"""The file that says which files of the folder this program wrote, with their hashes."""


def write_export(run: Path, folder: Path | None, files: Mapping[str, bytes], *, force: bool) -> list[Path]:
    """Write exported files so that their owner alone may read them.

    Parameters
    ----------
    run : pathlib.Path
        The run folder.
    folder : pathlib.Path or None
        Where to; None takes internal/export in the run folder.
    files : mapping of str to bytes
        The files by their names.
    force : bool
        Whether to replace files that this program did not write, or that were changed since.

    Returns
    -------
    list of pathlib.Path
        What was written.

    Raises
    ------
    StoreError
        Where the folder is a run's public one or cannot be written, or holds such files and `force` is not given.
    """
    target = run / "internal" / "export" if folder is None else folder
    try:
        if _is_public(target.resolve(), run.resolve()):
            raise StoreError(
                f"{target}: this folder is public, and the files hold respondents' words.",
                "Set --output to another folder, or leave it out.",
            )
        # A folder that is there keeps its rights: it may be one that people share. The files are closed to others.
        target.mkdir(mode=0o700, parents=True, exist_ok=True)
        known = _written_before(target)
        if not force:
            _insist_on_own({target / name: known.get(name) for name in files})
        for name, content in files.items():
            _write(target / name, content)
        record = known | {name: digest(content) for name, content in files.items()}
        _write(target / RECORD, f"{json.dumps(record, indent=2, sort_keys=True)}\n".encode())
    except OSError as problem:
        raise StoreError(
            f"{target}: the files cannot be written ({problem.strerror or type(problem).__name__}).",
            "Set --output to a folder where you may write, and check that the disk has space.",
        ) from None
    return [target / name for name in files]


def _is_public(folder: Path, run: Path) -> bool:
    """Return whether a folder is, or lies in, the public one of this run or of another."""
    return any(
        one.name == "public" and (one.parent == run or (one.parent / MANIFEST).exists())
        for one in (folder, *folder.parents)
    )


def _written_before(folder: Path) -> dict[str, str]:
    try:
        record = json.loads((folder / RECORD).read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return {name: str(known) for name, known in record.items()} if isinstance(record, dict) else {}


def _insist_on_own(files: Mapping[Path, str | None]) -> None:
    """Refuse where a file is not as this program wrote it."""
    other = [path for path, known in files.items() if os.path.lexists(path) and digest(path.read_bytes()) != known]
    if other:
        raise StoreError.from_problems(
            [f"{path}: this file is there already, and export did not write it as it is." for path in other],
            "Move it away, set --output to another folder, or replace it with --force.",
        )


def _write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.unlink(missing_ok=True)
        with open(part, "xb", opener=opened_privately) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
