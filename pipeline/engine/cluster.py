"""Parts of a run on a Dask cluster: the same work with the same results, on other processes or machines."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

from pipeline.config import EmbedConfig, EngineConfig
from pipeline.contracts import Encoder, Mapper
from pipeline.engine.fingerprint import library_version
from pipeline.engine.last_look import digests_below
from pipeline.engine.store import RunStore
from pipeline.errors import ClusterError, ConfigError, ModelError
from pipeline.formats.digests import digest_of
from pipeline.language import model_files, models
from pipeline.workers import available_cores, steady_arithmetic

PARTS = "internal/parts"
"""Where a run keeps what was made of parts, until their stage is done."""

_SAME = ("numpy", "sentence-transformers", "spacy", "thinc", "tokenizers", "torch", "transformers")
"""Libraries that change what is made of a part."""

_INSTALL = (
    "Install this program with the extra dask, python -m pip install 'theme-crosswalk[dask]', where the scheduler and "
    "the workers run, and start them from that installation. What is done is kept, and the same command goes on from "
    "there. Or set engine.kind to local."
)

_PACKAGE = Path(__file__).parents[1]
_WAITING = 3
"""Parts that wait or are worked on, for each worker: a comment is on its way once, not all at the same time."""

_TURN = threading.Lock()
"""A worker may have several threads, and the models are made for one."""


def insist_on_dask(config: EngineConfig) -> None:
    """Refuse an engine that is not installed.

    Raises
    ------
    ConfigError
        Where Dask is wanted and is not there.
    """
    if config.kind == "dask" and importlib.util.find_spec("distributed") is None:
        raise ConfigError(
            "engine.kind is dask, and Dask is not installed.",
            "Run: python -m pip install 'theme-crosswalk[dask]', here and wherever workers run. Or set engine.kind to "
            "local.",
        )


class Cluster:
    """The workers of one run; they are started, or the scheduler is asked for them, when the first part is to be done.

    Parameters
    ----------
    config : EngineConfig
        Where the scheduler is.
    store : RunStore
        The run folder, where parts that were done are kept.
    patience : float
        Seconds to wait for the scheduler; five times as long for a worker where there is none.
    """

    def __init__(self, config: EngineConfig, store: RunStore, *, patience: float = 60.0) -> None:
        self._config = config
        self._store = store
        self._patience = patience
        self._ends = contextlib.ExitStack()
        self._client: Any = None
        self._found: set[str] = set()
        """Modules that scheduler and workers are known to have."""

    def close(self) -> None:
        """Let the workers go; those of a local cluster end."""
        self._client = None
        # A scheduler that is gone cannot be told.
        with contextlib.suppress(OSError, TimeoutError):
            self._ends.close()

    def mapper(self, load: Callable[[], Any], *, keep: bool) -> Mapper:
        """Return what works on parts on the cluster; see `pipeline.contracts.Mapper`.

        Parameters
        ----------
        load : callable
            A function of a module with its arguments bound by `functools.partial`: gives what the work is handed. Each
            worker calls it once.
        keep : bool
            Whether what was made of a part is kept in the run folder until `forget_parts`, so that a run that was
            stopped goes on from there. It must be what JSON can hold.

        Returns
        -------
        Mapper
            Raises a ClusterError where scheduler or workers are lost, or lack this program or have another version.
        """

        def mapped(work: Callable[..., Any], parts: Sequence[Any]) -> Iterator[tuple[int, Any]]:
            names = {place: _name(load, work, part) for place, part in enumerate(parts)} if keep else {}
            missing = []
            for place in range(len(parts)):
                if keep and (self._store.folder / names[place]).is_file():
                    yield place, json.loads(self._store.read(names[place]))
                else:
                    missing.append(place)
            for place, result in self._done(load, work, {place: parts[place] for place in missing}):
                if keep:
                    self._store.write(names[place], json.dumps(result).encode())
                yield place, result

        return mapped

    def encoding(self, settings: EmbedConfig, encoder: Encoder) -> Mapper:
        """Return what works on parts with an encoder like this one. The cache of vectors keeps what is done."""
        return self.mapper(
            partial(
                load_same_encoder, settings.model, settings.batch_size, encoder.revision, encoder.device,
                settings.backend, settings.precision,
            ),
            keep=False,
        )  # fmt: skip

    def reading(self, model: str, *, sentences: bool, keep: bool) -> Mapper:
        """Return what works on parts with a spaCy model; see `load_same_language`."""
        revision = model_files.find_spacy_model(model).revision
        return self.mapper(partial(load_same_language, model, sentences, revision), keep=keep)

    def computing(self) -> Mapper:
        """Return what works on parts with what travels with them alone."""
        return self.mapper(load_nothing, keep=False)

    def _done(
        self, load: Callable[[], Any], work: Callable[..., Any], parts: dict[int, Any]
    ) -> Iterator[tuple[int, Any]]:
        """Yield what the workers make of parts, as it arrives."""
        if not parts:
            return
        from distributed import CancelledError, KilledWorker, wait

        waiting = list(parts.items())[::-1]
        pending: dict[Any, int] = {}
        try:
            client, workers = self._connected()
            self._insist_on_program(client, load, work)
            while waiting or pending:
                while waiting and len(pending) < _WAITING * workers:
                    place, part = waiting.pop()
                    # Not pure: Dask would keep results by their arguments, of which a comment's words are one.
                    pending[client.submit(work_on, load, work, part, own_program(), pure=False)] = place
                try:
                    with client.as_current():
                        done = wait(list(pending), timeout=self._patience, return_when="FIRST_COMPLETED").done
                except TimeoutError:
                    # A part may take long. But nobody works where there is no worker.
                    workers = _count_workers(client) or self._wait_for_workers(client)
                    continue
                for future in done:
                    yield pending.pop(future), future.result()
        except ModuleNotFoundError as problem:
            # Of a worker that came later, or whose installation is not whole.
            raise ClusterError(f"A worker lacks {problem.name or 'a module'}.", _INSTALL) from problem
        except RuntimeError as problem:
            # So Dask says that the scheduler cannot read a task; anything else is an error of the work itself.
            if not isinstance(problem.__cause__, (ImportError, AttributeError)):
                raise
            raise _of_another_version(f"{self._where} has another version") from problem
        except KilledWorker as problem:
            raise ClusterError(
                "A part of the comments ended several workers one after the other.",
                "They may have too little memory: start them with more. What is done is kept, and the same command "
                "goes on from there.",
            ) from problem
        except (CancelledError, OSError, TimeoutError) as problem:
            raise ClusterError(
                f"{self._where} is lost ({type(problem).__name__}).",
                "Start it again and give the same command: what is done is kept, and it goes on from there. Or set "
                "engine.kind to local.",
            ) from problem
        finally:
            for future in pending:
                with contextlib.suppress(Exception):  # there may be nobody left to tell
                    future.release()

    @property
    def _where(self) -> str:
        of_machine = self._config.scheduler == "local"
        return "The Dask cluster on this machine" if of_machine else f"The Dask scheduler {self._config.scheduler}"

    def _connected(self) -> tuple[Any, int]:
        """Return a client of the cluster, and how many workers it has."""
        if self._client is None:
            import dask
            from distributed import Client, LocalCluster

            address: Any = self._config.scheduler
            if address == "local":
                address = self._ends.enter_context(
                    LocalCluster(
                        n_workers=self._config.workers or available_cores(), threads_per_worker=1,
                        dashboard_address=None, silence_logs=50,
                    )
                )  # fmt: skip
            # What parts are read against travels with each of them: a worker that is lost then takes nothing with it
            # that others need. Dask would advise against it.
            dask.config.set({"distributed.admin.large-graph-warning-threshold": "1GB"})
            try:
                self._client = self._ends.enter_context(Client(address, timeout=self._patience, set_as_default=False))
            except (OSError, TimeoutError) as problem:
                raise ClusterError(
                    f"{self._where} does not answer.",
                    "Check engine.scheduler, and that the scheduler runs: dask scheduler. Or set it to local.",
                ) from problem
        return self._client, _count_workers(self._client) or self._wait_for_workers(self._client)

    def _insist_on_program(self, client: Any, *called: Callable[..., Any]) -> None:
        """Refuse a scheduler or workers without this program, before a comment is sent: they could not read the task.

        They are asked by functions of the standard library, which they have in any case.
        """
        for module in sorted({__name__, *map(_module_of, called)} - self._found):
            try:
                has_it = client.run_on_scheduler(importlib.util.find_spec, module) is not None
            except ImportError:
                has_it = False
            if not has_it:
                raise ClusterError(f"{self._where} runs where this program is not installed ({module}).", _INSTALL)
            answers = _asked(client, importlib.util.find_spec, module)
            if lacking := [at for at, found in answers.items() if found is None or isinstance(found, Exception)]:
                raise ClusterError(f"{self._where} has {_named(lacking)} without this program ({module}).", _INSTALL)
            self._found.add(module)
        answers = _asked(client, own_program)
        if other := [at for at, program in answers.items() if program != own_program()]:
            raise _of_another_version(f"{self._where} has {_named(other)} with another version")

    def _wait_for_workers(self, client: Any) -> int:
        try:
            client.wait_for_workers(1, timeout=5 * self._patience)
        except TimeoutError as problem:
            raise ClusterError(
                f"{self._where} has no workers.",
                "Start some: dask worker, with the scheduler's address. What is done is kept, and the same command "
                "goes on from there.",
            ) from problem
        return _count_workers(client)


def _count_workers(client: Any) -> int:
    return len(client.nthreads())


def _asked(client: Any, *question: Any) -> dict[str, Any]:
    """Return what each worker answers, or the error that it meets; without those that are lost meanwhile."""
    answers = client.run(*question, on_error="return")
    return {at: answer for at, answer in answers.items() if not isinstance(answer, OSError)}


def _module_of(called: Callable[..., Any]) -> str:
    return str(_module_of(called.func) if isinstance(called, partial) else called.__module__)


def _named(addresses: Sequence[str]) -> str:
    """Return workers by their addresses, the first three of them."""
    more = f" and {len(addresses) - 3} more" if len(addresses) > 3 else ""
    return f"{'worker' if len(addresses) == 1 else 'workers'} {', '.join(sorted(addresses)[:3])}{more}"


def _of_another_version(who: str) -> ClusterError:
    return ClusterError(
        f"{who} of this program, or of a library that it computes with.",
        f"Install the same versions wherever workers run, also of {', '.join(_SAME)}.",
    )


def forget_parts(store: RunStore) -> None:
    """Delete what is kept of parts: their stage is done."""
    if (store.folder / PARTS).is_dir():
        store.clear(PARTS)
        with contextlib.suppress(OSError):
            (store.folder / PARTS).rmdir()


def work_on(load: Callable[[], Any], work: Callable[..., Any], part: Any, program: str) -> Any:
    """Do a piece of work on one part; run by a worker.

    Parameters
    ----------
    load, work, part
        See `Cluster.mapper` and `pipeline.contracts.Mapper`.
    program : str
        What the program is that asks for it; see `own_program`.

    Raises
    ------
    ClusterError
        Where this worker has another version of the program or of a library.
    """
    if program != own_program():
        raise _of_another_version("A worker has another version")
    with _TURN, steady_arithmetic():
        return work(_held(load), part)


_loaded: dict[str, Any] = {}


def _held(load: Callable[[], Any]) -> Any:
    """Return what is loaded so, once in each process."""
    name = digest_of(_said(load))
    if name not in _loaded:
        _loaded[name] = load()
    return _loaded[name]


@cache
def own_program() -> str:
    """Return a hash of this program's files and of the versions of the libraries that it computes with."""
    files = [one for one in digests_below(_PACKAGE) if not one[0].endswith(".pyc")]
    return digest_of([files, {name: library_version(name) for name in _SAME}])


def _name(load: Callable[[], Any], work: Callable[..., Any], part: Any) -> str:
    """Return where a part is kept: what is made of it follows from what is hashed here."""
    return f"{PARTS}/{digest_of([own_program(), _said(load), _said(work), part])}.json"


def _said(called: Any) -> list[Any]:
    if isinstance(called, partial):
        return [*_said(called.func), list(called.args), called.keywords]
    return [called.__module__, called.__qualname__]


def load_nothing() -> None:
    """Load what work is handed that needs no model."""


def load_same_encoder(
    name: str, batch_size: int, revision: str, device: str, backend: str = "torch", precision: str = "float32"
) -> Encoder:
    """Load an encoder on a worker.

    Raises
    ------
    ModelError
        Where the worker's files are not those of the machine that asks, or it cannot work on the same device or by the
        same backend.
    """
    encoder = models.load_encoder(
        name, batch_size=batch_size, device=device, backend=backend, precision=precision
    )  # fmt: skip
    if encoder.revision != revision:
        raise _another("embed.model", name)
    return encoder


def load_same_language(name: str, sentences: bool, revision: str) -> Any:
    """Load a spaCy model on a worker.

    Raises
    ------
    ModelError
        Where the worker's files are not those of the machine that asks.
    """
    if model_files.find_spacy_model(name).revision != revision:
        raise _another("clean.spacy_model", name)
    return models.load_language(name, sentences=sentences)


def _another(setting: str, name: str) -> ModelError:
    return ModelError(
        f"{setting}: a worker has other files under the name '{name}'.", "Install the same model wherever workers run."
    )
