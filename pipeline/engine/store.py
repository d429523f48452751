"""A run folder: atomic writes, hashes, the manifest, and the errors that a disk can give."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pipeline.errors import StoreError
from pipeline.formats.digests import digest

MANIFEST = "manifest.json"
LOCK = ".lock"


@contextlib.contextmanager
def _disk_errors(path: Path, doing: str) -> Iterator[None]:
    """Turn what a disk can refuse into an error that says what to do."""
    try:
        yield
    except OSError as problem:
        if problem.errno in (errno.ENOSPC, errno.EDQUOT):
            hint = (
                "Free some space, or set output to a folder on another disk, and run again: finished stages are kept."
            )
            raise StoreError(f"{path}: the disk is full, the file could not be {doing}.", hint) from problem
        if problem.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            hint = "Set output to a folder where you may write, or close the program that has the file open."
            raise StoreError(f"{path}: it may not be {doing} (permission denied).", hint) from problem
        raise StoreError(
            f"{path}: it could not be {doing} ({problem.strerror or problem}).",
            "Check the folder that output names, and run again: finished stages are kept.",
        ) from problem


class RunStore:
    """The folder of one run.

    A file is written beside its place and moved there whole, so that a run which is killed never leaves half a
    file under its name. What a stage made counts only once the manifest lists it with its hash.

    Parameters
    ----------
    folder : pathlib.Path
        The run folder; made by `prepare`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._manifest: dict[str, Any] | None = None

    def prepare(self, *, configuration: str) -> None:
        """Make the folder ready for a run of a configuration.

        Parameters
        ----------
        configuration : str
            Name of the configuration file: a folder belongs to one.

        Raises
        ------
        StoreError
            Where the folder cannot be made or written, is not a run's, or is another configuration's.
        """
        with _disk_errors(self.folder, "made"):
            self.folder.mkdir(parents=True, exist_ok=True)
        found = [path.name for path in self.folder.iterdir() if path.name not in (LOCK, "run.log")]
        found = [name for name in found if not name.endswith(".part")]
        if found and MANIFEST not in found:
            raise StoreError(
                f"{self.folder}: the output folder holds files that are no run's ({len(found)} found).",
                "Set output to a new folder, or move what is there.",
            )
        owner = self.manifest.get("configuration_file")
        if owner is not None and owner != configuration:
            raise StoreError(
                f"{self.folder}: the output folder holds a run of another configuration ('{owner}', not "
                f"'{configuration}').",
                "Set output to another folder (or use --output), or delete that run.",
            )
        for stale in self.folder.rglob("*.part"):
            with _disk_errors(stale, "removed"):
                stale.unlink(missing_ok=True)
        if not found:
            # A run that is killed before its first stage is done must know its folder again.
            self.write_manifest({"configuration_file": configuration, "stages": {}})

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other runs out of the folder; the lock goes with the process, however it ends.

        Raises
        ------
        StoreError
            Where another run holds the folder.
        """
        from filelock import FileLock, Timeout

        with _disk_errors(self.folder, "made"):
            self.folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.folder / LOCK)
        with _disk_errors(self.folder / LOCK, "written"):
            try:
                lock.acquire(timeout=0)
            except Timeout:  # an OSError too
                raise StoreError(
                    f"{self.folder}: another run is using this folder.", "Wait for it to end, or use --output."
                ) from None
        try:
            yield
        finally:
            lock.release()

    @property
    def manifest(self) -> dict[str, Any]:
        """The manifest as last written; empty where there is none.

        Raises
        ------
        StoreError
            Where the file is there and is no manifest.
        """
        if self._manifest is None:
            path = self.folder / MANIFEST
            if not path.exists():
                return {}
            try:
                content = json.loads(self.read(MANIFEST))
            except (json.JSONDecodeError, UnicodeDecodeError):
                content = None
            if not isinstance(content, dict):
                raise StoreError(f"{path}: this is not a run's manifest.", "Delete the run folder and run again.")
            self._manifest = content
        return self._manifest

    def write_manifest(self, content: Mapping[str, Any]) -> None:
        """Write the manifest.

        Raises
        ------
        StoreError
            Where the disk refuses.
        """
        self._manifest = dict(content)
        self.write(MANIFEST, (json.dumps(content, indent=2, ensure_ascii=False, default=str) + "\n").encode())

    def write(self, name: str, content: bytes) -> str:
        """Write a file whole or not at all.

        Parameters
        ----------
        name : str
            Path in the run folder, with forward slashes.
        content : bytes
            The whole file.

        Returns
        -------
        str
            Its SHA-256.

        Raises
        ------
        StoreError
            Where the disk refuses; what stood there before still stands.
        """
        path = self.folder / name
        part = path.with_name(f".{path.name}.{os.getpid()}.part")
        with _disk_errors(path, "written"):
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                with part.open("wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                part.replace(path)
            finally:
                part.unlink(missing_ok=True)
        return digest(content)

    def read(self, name: str) -> bytes:
        """Return a file's bytes.

        Raises
        ------
        StoreError
            Where it is missing or cannot be read.
        """
        path = self.folder / name
        try:
            return path.read_bytes()
        except FileNotFoundError:
            raise StoreError(
                f"{path}: this file of the run is missing.", "Run the pipeline again; it makes what is missing."
            ) from None
        except OSError as problem:
            raise StoreError(
                f"{path}: the file cannot be read ({problem.strerror}).", "Check its permissions."
            ) from None

    def holds(self, artefacts: Mapping[str, str]) -> bool:
        """Return whether every file is there with its hash."""
        for name, expected in artefacts.items():
            path = self.folder / name
            if not path.is_file():
                return False
            with path.open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != expected:
                    return False
        return True

    def remove(self, names: set[str]) -> None:
        """Delete files that no stage makes any more."""
        for name in sorted(names):
            with _disk_errors(self.folder / name, "removed"):
                (self.folder / name).unlink(missing_ok=True)
