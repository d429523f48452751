"""What a run was like when it was last found whole, so that a run of which nothing has changed need load nothing.

A run asks of each stage whether its result still holds. That loads all stages, and reads the code of all that they lead
to. A look is coarser and needs hashes alone: whatever changes in the program, the run folder, the settings, the models
or the installed packages makes it void, and then the stages are asked.
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from pipeline.config import RunConfig
from pipeline.engine.store import LOCK, LOG, LOOK, RunStore
from pipeline.errors import StoreError
from pipeline.formats.digests import digest, digest_of
from pipeline.language.model_files import model_folders

_PACKAGE = Path(__file__).parents[1]


class Look(BaseModel, strict=True, extra="forbid"):
    """A look at a run.

    Attributes
    ----------
    state : str
        A hash of all that was looked at; see `state_of`.
    said : dict
        What the command printed of the results.
    program : str
        See `program_digest`.
    code : dict
        What the stages' code is, by stage; see `pipeline.engine.fingerprint.code_parts`. It holds for this program.
    """

    state: str
    said: dict[str, Any]
    program: str
    code: dict[str, Any]


def read_look(store: RunStore) -> Look | None:
    """Return the last look at a run, or None where there is none that can be read."""
    try:
        return Look.model_validate_json(store.read(LOOK))
    except (StoreError, ValidationError):
        return None


def recall(config: RunConfig, *, configuration_file: str) -> dict[str, Any] | None:
    """Return what was printed of a run of which nothing has changed since; None where anything has.

    Parameters
    ----------
    config : RunConfig
        The settings, with absolute paths.
    configuration_file : str
        Name of the file they come from.

    Raises
    ------
    StoreError
        Where another run uses the folder.
    """
    store = RunStore(config.output)
    if not (store.folder / LOOK).is_file():
        return None
    with store.locked():
        look = read_look(store)
        if look is None or look.state != state_of(config, configuration_file=configuration_file):
            return None
        return look.said


def state_of(config: RunConfig, *, configuration_file: str) -> str | None:
    """Return a hash of all that a run's results depend on, and of the results; None where a file cannot be read.

    Parameters
    ----------
    config : RunConfig
        The settings, with absolute paths.
    configuration_file : str
        Name of the file they come from.
    """
    read = [path for path in (config.input.path, config.codebook, config.reference.article) if path is not None]
    try:
        return digest_of(
            [
                configuration_file,
                config.model_dump(mode="json"),
                [list(digests_below(path)) for path in read],
                [one for one in digests_below(config.output) if one[0] not in (LOCK, LOG, LOOK)],
                program_digest(),
                state_of_models(config),
            ]
        )
    except OSError:
        return None


@cache
def program_digest() -> str:
    """Return a hash of the program's files, and of which packages of which versions are installed beside it."""
    files = [one for one in digests_below(_PACKAGE) if not one[0].endswith(".pyc")]
    folders = [Path(place) for place in sys.path if place and Path(place).is_dir()]
    kinds = (".dist-info", ".egg-info")
    packages = {one.name for folder in folders for one in folder.iterdir() if one.name.endswith(kinds)}
    # This program's own is seen or not as its folder is on the path, which differs with how it is started.
    packages = {name for name in packages if not name.startswith("theme_crosswalk")}
    return digest_of([files, sorted(packages), platform.python_version(), platform.platform()])


def state_of_models(config: RunConfig) -> list[Any]:
    """Return what tells the files of the run's models from others: not their bytes, but size, times and place."""
    found = []
    for folder in model_folders(config.embed.model, config.clean.spacy_model):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                about = path.stat()
                found.append((str(path), about.st_size, about.st_mtime_ns, about.st_ctime_ns, about.st_ino))
    return found


def remember(config: RunConfig, before: str | None, said: Mapping[str, Any], code: Mapping[str, Any]) -> None:
    """Keep a look at a run in its folder; the caller holds the lock.

    Parameters
    ----------
    config : RunConfig
        The settings, with absolute paths.
    before : str or None
        The run's state from before all its stages were found to hold. Nothing is kept where there is none.
    said, code : mapping
        See `Look`.

    Raises
    ------
    StoreError
        Where the disk refuses.
    """
    if before is not None:
        look = Look(state=before, said=dict(said), program=program_digest(), code=dict(code))
        RunStore(config.output).write(LOOK, look.model_dump_json().encode())


def digests_below(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the SHA-256 of a file, or of each file below a folder with its name there, in order."""
    if not path.is_dir():
        yield "", digest(path.read_bytes())
        return
    for one in sorted(path.rglob("*")):
        if one.is_file():
            yield one.relative_to(path).as_posix(), digest(one.read_bytes())
