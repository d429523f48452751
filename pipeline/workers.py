"""Doing many pieces of work on several processes, where that is safe, with the same results in the same order."""

from __future__ import annotations

import contextlib
import ctypes
import multiprocessing
import os
import signal
import sys
import time
import warnings
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

_Result = TypeVar("_Result")

_PR_SET_PDEATHSIG = 1
"""From <sys/prctl.h>."""


def done_in_order(
    work: Callable[..., _Result], tasks: Sequence[tuple[Any, ...]], *, n_jobs: int | None
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

    Yields
    ------
    object
        What `work` returned. Close the generator where not all are wanted: workers must not wait for a garbage
        collection to be ended.

    Notes
    -----
    Workers are forked, which Linux alone does safely, after the first task was done here: they inherit what it loaded
    and compiled, and its time says how long to wait for them before giving them up. Elsewhere, and where a worker
    does not answer, everything is done here.
    """
    processes = min(available_cores() if n_jobs is None else n_jobs, len(tasks))
    done = 0
    if processes > 1 and _can_fork():
        began = time.monotonic()
        yield work(*tasks[0])
        done = 1
        patience = 60.0 + 20.0 * (time.monotonic() - began)
        with contextlib.closing(_forked(work, tasks[1:], processes, patience)) as forked:
            for result in forked:
                yield result
                done += 1
    for task in tasks[done:]:
        yield work(*task)


def available_cores() -> int:
    """Count the cores that this process may use; at least 1."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _can_fork() -> bool:
    return sys.platform == "linux" and not multiprocessing.current_process().daemon


def _follow_parent() -> None:
    """Leave Ctrl-C to the parent, and ask Linux to end this worker when the parent is killed.

    A worker that Ctrl-C ends while it holds the queue's lock makes the others, and the parent, wait for ever;
    one whose parent is gone would wait for work for ever.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _forked(
    work: Callable[..., _Result], tasks: Sequence[tuple[Any, ...]], n_jobs: int, patience: float
) -> Generator[_Result, None, None]:
    """Yield results in order for as long as the workers give them within `patience` seconds each."""
    pool = ProcessPoolExecutor(n_jobs, mp_context=multiprocessing.get_context("fork"), initializer=_follow_parent)
    healthy = True
    try:
        with warnings.catch_warnings():
            # Workers run code that takes no lock of the parent's, and are given up after `patience` seconds should
            # one hang nevertheless.
            warnings.filterwarnings("ignore", message=r".*use of fork\(\) may lead to deadlocks")
            futures = [pool.submit(work, *task) for task in tasks]
        for future in futures:
            yield future.result(timeout=patience)
    except (TimeoutError, BrokenProcessPool, OSError):
        # The caller does the rest itself; a result does not depend on where it is made.
        healthy = False
    except BaseException:
        # Ctrl-C, or nobody wants the rest.
        healthy = False
        raise
    finally:
        if not healthy:
            for process in list((pool._processes or {}).values()):
                process.kill()
        pool.shutdown(wait=healthy, cancel_futures=True)
