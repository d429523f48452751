"""Memory and processor time of a process and of all that it started."""

from __future__ import annotations

import threading
import time

import psutil

_EVERY = 0.2
"""Seconds between two looks at the memory, at least."""

_PART = 0.02
"""Share of its time that the watch may look: what is shared is looked up page by page, which would slow the run."""


class Watch:
    """Adds up memory and processor time of a process and all that it started."""

    def __init__(self, number: int) -> None:
        self._process = psutil.Process(number)
        self._peak = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _tree(self) -> list[psutil.Process]:
        try:
            return [self._process, *self._process.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def _look(self) -> None:
        wait = _EVERY
        while not self._over.wait(wait):
            began, total = time.thread_time(), 0
            for process in self._tree():
                try:
                    # What forked processes share counts once.
                    total += getattr(process.memory_full_info(), "pss", 0) or process.memory_info().rss
                except psutil.Error:
                    continue
            self._peak = max(self._peak, total / 2**20)
            wait = max(_EVERY, (time.thread_time() - began) / _PART)

    def peak(self) -> float:
        """Return the peak since the last call, in MB."""
        peak, self._peak = self._peak, 0.0
        return peak

    def processor(self) -> float:
        """Return the processor time so far, in seconds."""
        seconds = 0.0
        for place, process in enumerate(self._tree()):
            try:
                times = process.cpu_times()
            except psutil.Error:
                continue
            seconds += times.user + times.system
            if place == 0:
                seconds += times.children_user + times.children_system
        return seconds

    def end(self) -> None:
        self._over.set()
        self._thread.join()
