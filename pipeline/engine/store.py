"""A run folder: atomic writes, hashes, the manifest, rights, and the errors that a disk can give."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel

from pipeline.engine.fingerprint import result_digest
from pipeline.errors import StoreError
from pipeline.formats.digests import digest
from pipeline.formats.disk import close_to_others, opened_privately, private_folder

MANIFEST = "manifest.json"
LOCK = ".lock"
LOG = "run.log"
LOOK = "last_look.json"
_PRIVATE = ("internal", "coding", MANIFEST, "config.yaml", LOG, LOOK)
_OF_A_RUN = frozenset({*_PRIVATE, LOCK, "public", "tuning", "redrawn"})
_NAME = re.compile(r"[\w.-]+(/[\w.-]+)*", re.ASCII)


class _Parts(BaseModel, strict=True, extra="forbid"):
    code: str
    settings: dict[str, Any]
    inputs: dict[str, str]
    libraries: dict[str, str]


class _Entry(BaseModel, strict=True):
    depends_on: _Parts
    artefacts: dict[str, str]
    summary: dict[str, Any]
    seal: str


class _Manifest(BaseModel, strict=True):
    configuration_file: str | None = None
    stages: dict[Literal["ingest", "clean", "embed", "discover", "map", "assess", "report"], _Entry] = {}


def _holds(path: Path, content: bytes) -> bool:
    """Return whether a file is there that is no link and has these bytes."""
    if path.is_symlink() or not path.is_file() or path.stat().st_size != len(content):
        return False
    return path.read_bytes() == content


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
            f"{path}: it could not be {doing} ({problem.strerror or type(problem).__name__}).",
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
        self.is_broken = False
        """Whether a manifest was found that cannot be used."""

    def _place(self, name: str) -> Path:
        """Return where a file of the run lies; a name may come from a manifest that anybody wrote."""
        path = self.folder / name
        is_inside = _NAME.fullmatch(name) and not {".", ".."} & set(name.split("/"))
        if not is_inside or not path.parent.resolve().is_relative_to(self.folder.resolve()):
            raise StoreError(
                f"{self.folder}: a file of the run would lie outside this folder.",
                "Put folders in the place of links in it, or delete it, and run again.",
            )
        return path

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
        with _disk_errors(self.folder, "read"):
            found = {path.name for path in self.folder.iterdir() if path.suffix != ".part"} - {LOCK, LOG}
        is_empty = not self.manifest.get("stages")
        if found and (MANIFEST not in found or (is_empty and found - _OF_A_RUN)):
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
        for name in _PRIVATE:
            close_to_others(self.folder / name)
        self.remove_parts()
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
        """The manifest as last written; empty where there is none, or none that can be used (see `is_broken`).

        Raises
        ------
        StoreError
            Where the file cannot be read.
        """
        if self._manifest is None:
            with _disk_errors(self.folder, "read"):
                if not (self.folder / MANIFEST).exists():
                    return {}
            self._manifest = self._usable(self.read(MANIFEST))
            self.is_broken = not self._manifest
        return self._manifest

    def _usable(self, content: bytes) -> dict[str, Any]:
        """Return what a manifest says, or nothing where it was damaged or edited: then all is made anew."""
        try:
            manifest: dict[str, Any] = json.loads(content)
            for stage, entry in _Manifest.model_validate(manifest).stages.items():
                if entry.seal != result_digest(manifest["stages"][stage]):
                    return {}
                for name in entry.artefacts:
                    self._place(name)
        except (ValueError, RecursionError, StoreError, OSError):
            return {}
        return manifest

    def write_manifest(self, content: Mapping[str, Any]) -> None:
        """Write the manifest; each stage's result is sealed, so that an edited one is known.

        Raises
        ------
        StoreError
            Where the disk refuses.
        """
        self._manifest = dict(content)
        if "stages" in content:
            sealed = {name: {**entry, "seal": result_digest(entry)} for name, entry in content["stages"].items()}
            self._manifest["stages"] = sealed
        text = json.dumps(self._manifest, indent=2, ensure_ascii=False, default=str)
        self.write(MANIFEST, f"{text}\n".encode())

    def write(self, name: str, content: bytes) -> str:
        """Write a file whole or not at all; one that has these bytes already stays.

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
        path = self._place(name)
        part = path.with_name(f".{path.name}.{os.getpid()}.part")
        is_private = name.split("/")[0] in _PRIVATE
        with _disk_errors(path, "written"):
            if is_private:
                for folder in reversed(Path(name).parents[:-1]):
                    private_folder(self.folder / folder)
            path.parent.mkdir(parents=True, exist_ok=True)
            if _holds(path, content):
                # To have a disk keep each of a report's files takes longer than to make most of them.
                if is_private:
                    close_to_others(path)
                return digest(content)
            try:
                part.unlink(missing_ok=True)
                with open(part, "xb", opener=opened_privately if is_private else None) as file:
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
        path = self._place(name)
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
            try:
                path = self._place(name)
                if not path.is_file():
                    return False
                with path.open("rb") as file:
                    if hashlib.file_digest(file, "sha256").hexdigest() != expected:
                        return False
            except OSError:
                return False
        return True

    def remove_parts(self) -> None:
        """Delete what a run that was killed left half written."""
        for stale in self.folder.rglob("*.part"):
            with _disk_errors(stale, "removed"):
                stale.unlink(missing_ok=True)

    def clear(self, folder: str, *, keep: Collection[str] = ()) -> int:
        """Delete the files of a folder of the run, with those below it; return how many there were.

        Parameters
        ----------
        folder : str
            A folder in the run folder. A link in it is deleted, and what it leads to stays.
        keep : collection of str
            Files that stay, by their path in the run folder.

        Raises
        ------
        StoreError
            Where the disk refuses, or the folder is a link to somewhere else.
        """
        count = 0
        for root, folders, files in os.walk(self._place(f"{folder}/any").parent, topdown=False):
            for path in (Path(root, name) for name in (*files, *folders)):
                if path.relative_to(self.folder).as_posix() in keep:
                    continue
                with _disk_errors(path, "removed"):
                    if path.is_dir() and not path.is_symlink():
                        with contextlib.suppress(OSError):  # it holds what stays
                            path.rmdir()
                    else:
                        path.unlink(missing_ok=True)
                        count += 1
        return count

    def remove(self, names: set[str]) -> None:
        """Delete files that no stage makes any more."""
        for name in sorted(names):
            path = self._place(name)
            with _disk_errors(path, "removed"):
                path.unlink(missing_ok=True)
