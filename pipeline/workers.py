"""Doing many pieces of work on several processes, where that is safe, with the same results in the same order."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import multiprocessing
import os
import signal
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Generator, Iterator, Sequence
from multiprocessing import connection
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    # Windows has no such class.
    from multiprocessing.context import ForkProcess

    from pipeline.contracts import Mapper

_Result = TypeVar("_Result")

_PR_SET_PDEATHSIG = 1
"""From <sys/prctl.h>."""

_FEWEST_PARTS = 2
"""Parts for each worker of `on_cores`: for fewer it is not worth its start and its memory."""


def done_in_order(
    work: Callable[..., _Result],
    tasks: Sequence[tuple[Any, ...]],
    *,
    n_jobs: int | None,
    patience: float | None = None,
    meanwhile: Callable[[], object] | None = None,
) -> Generator[_Result, None, None]:
    """Yield the result of each task, in the order of the tasks.

    Parameters
    ----------
    work : callable
        A function of a module, called with a task's parts; what it returns must not depend on the process.
    tasks : sequence of tuple
        Its arguments.
    n_jobs : int or None
        Processes; None for one per core that this process may use.
    patience : float or None
        Seconds to wait for a result before the workers are given up. None does the first task here, before there are
        workers: they inherit what it loaded and compiled, and its time says how long to wait.
    meanwhile : callable, optional
        Called once the workers have begun. With it there may be a worker for a single task; nothing is called where
        there is no core or no safe way for that.

    Yields
    ------
    object
        What `work` returned. Close the generator where not all are wanted: workers must not wait for a garbage
        collection to be ended.

    Notes
    -----
    Workers are forked, which Linux alone does safely. Elsewhere, and where a worker does not answer, everything is
    done here.
    """
    processes = min(available_cores() if n_jobs is None else n_jobs, len(tasks))
    done = 0
    beside = meanwhile is not None and processes == 1 and available_cores() > 1
    if (processes > 1 or beside) and can_fork():
        if patience is None:
            began = time.monotonic()
            yield work(*tasks[0])
            done = 1
            patience = 60.0 + 20.0 * (time.monotonic() - began)
        with contextlib.closing(_forked(work, tasks[done:], processes, patience, meanwhile)) as forked:
            for result in forked:
                yield result
                done += 1
    for task in tasks[done:]:
        yield work(*task)


def in_place(held: Any) -> Mapper:
    """Return what works on one part after the other in this process; see `pipeline.contracts.Mapper`.

    Parameters
    ----------
    held : object
        What the work is handed beside each part.
    """

    def mapped(work: Callable[..., Any], parts: Sequence[Any]) -> Iterator[tuple[int, Any]]:
        for place, part in enumerate(parts):
            yield place, work(held, part)

    return mapped


def on_cores(held: Any, *, patience: float, meanwhile: Callable[[], object] | None = None) -> Mapper:
    """Return what works on parts on all cores that this process may use; see `pipeline.contracts.Mapper`.

    Parameters
    ----------
    held : object
        What the work is handed beside each part. Workers are forked with it, and load nothing again.
    patience : float
        Seconds after which a worker that has not done its part is given up; the rest is done here then.
    meanwhile : callable, optional
        See `done_in_order`.
    """

    def mapped(work: Callable[..., Any], parts: Sequence[Any]) -> Iterator[tuple[int, Any]]:
        tasks = [(held, part) for part in parts]
        n_jobs = max(min(available_cores(), len(parts) // _FEWEST_PARTS), 1)
        made = done_in_order(work, tasks, n_jobs=n_jobs, patience=patience, meanwhile=meanwhile)
        with contextlib.closing(made) as done:
            yield from enumerate(done)

    return mapped


def steady_arithmetic() -> contextlib.AbstractContextManager[object]:
    """Return what keeps sums the same on any number of cores: threads would add up in another order.

    The encoder sees to that itself.
    """
    from threadpoolctl import threadpool_limits

    limits: contextlib.AbstractContextManager[object] = threadpool_limits(limits=1, user_api="blas")
    return limits


def available_cores() -> int:
    """Count the cores that this process may use; at least 1."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def can_fork() -> bool:
    """Return whether work may be shared out to processes here."""
    return sys.platform == "linux" and not multiprocessing.current_process().daemon


def _forked(
    work: Callable[..., _Result],
    tasks: Sequence[tuple[Any, ...]],
    n_jobs: int,
    patience: float,
    meanwhile: Callable[[], object] | None,
) -> Generator[_Result, None, None]:
    """Yield results in order for as long as the workers give them within `patience` seconds each.

    Notes
    -----
    Not by `concurrent.futures`: its pool runs a thread in this process, which may outlive a pool whose workers were
    killed and then wait for ever for the rest of a result, or complain when the program ends. Here each worker has a
    pipe of its own, and this process only reads, so that workers can be ended at any time.
    """
    workers: dict[connection.Connection, ForkProcess] = {}
    arrived: dict[int, tuple[Any, Exception | None]] = {}
    try:
        # Kept for as long as they work: a number that nobody holds is given to the next who asks for one.
        turn = _start(workers, n_jobs, work, tasks)
        if turn is None:
            return
        if meanwhile is not None:
            meanwhile()
        for number in range(len(tasks)):
            if not _receive(number, workers, arrived, patience):
                return
            result, problem = arrived.pop(number)
            if problem is not None:
                raise problem
            yield result
    finally:
        for worker in workers.values():
            worker.kill()
        for pipe, worker in workers.items():
            worker.join()
            pipe.close()
            with contextlib.suppress(ValueError):
                # Where somebody else waits for children, it is not known to have ended.
                worker.close()


def _start(
    workers: dict[connection.Connection, ForkProcess],
    n_jobs: int,
    work: Callable[..., Any],
    tasks: Sequence[tuple[Any, ...]],
) -> Any:
    """Start workers, each with the pipe that its results come by, and return the number that says whose turn it is.

    None where the system has no room for them.
    """
    context = multiprocessing.get_context("fork")
    try:
        turn = context.Value("i", 0)
        for _ in range(n_jobs):
            with _ctrl_c_waits(), warnings.catch_warnings():
                # Workers run code that takes no lock of the parent's, and are given up after some time should one
                # hang nevertheless.
                warnings.filterwarnings("ignore", message=r".*use of fork\(\) may lead to deadlocks")
                here, there = context.Pipe(duplex=False)
                # With a copy of the worker's end here, a worker that is gone would look like one that works.
                with there:
                    worker = context.Process(target=_serve, args=(work, tasks, turn, there), daemon=True)
                    worker.start()
                workers[here] = worker
    except OSError:
        return None
    return turn


def _receive(
    number: int,
    workers: dict[connection.Connection, ForkProcess],
    arrived: dict[int, tuple[Any, Exception | None]],
    patience: float,
) -> bool:
    """Take what arrives until this task's result has; False where it does not come, or a worker is gone."""
    deadline = time.monotonic() + patience
    while number not in arrived:
        ready = connection.wait(list(workers), max(deadline - time.monotonic(), 0.0))
        if not ready:
            return False
        for pipe in workers:
            if pipe in ready:
                try:
                    done, result, problem = pipe.recv()
                except Exception:
                    # A worker is gone, or what it sent cannot be read: done here, it shows what it is.
                    return False
                arrived[done] = (result, problem)
    return True


@contextlib.contextmanager
def _ctrl_c_waits() -> Iterator[None]:
    """Let Ctrl-C wait: a worker must have been written down when it comes."""
    if threading.current_thread() is not threading.main_thread():
        # Ctrl-C is the main thread's.
        yield
        return
    came: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if came and callable(before):
            before(signal.SIGINT, None)


def _serve(work: Callable[..., Any], tasks: Sequence[tuple[Any, ...]], turn: Any, pipe: connection.Connection) -> None:
    """Do the tasks whose turn it is, until none is left; wait then to be ended."""
    _follow_parent()
    # A garbage collection would write to all that is shared with the parent, which is copied then, page by page.
    gc.freeze()
    while True:
        with turn.get_lock():
            number = turn.value
            turn.value += 1
        while number >= len(tasks):
            signal.pause()
        try:
            outcome: tuple[int, Any, Exception | None] = (number, work(*tasks[number]), None)
        except Exception as problem:
            problem.add_note(f"In a worker:\n{traceback.format_exc()}")
            outcome = (number, None, problem)
        pipe.send(outcome)


def _follow_parent() -> None:
    """Leave Ctrl-C to the parent, and ask Linux to end this worker when the parent is killed.

    A terminal sends Ctrl-C to workers too, which would complain; and one whose parent is gone would stay.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    parent = multiprocessing.parent_process()
    if parent is None or os.getppid() != parent.pid:
        # It was gone before it could be followed.
        os._exit(1)
