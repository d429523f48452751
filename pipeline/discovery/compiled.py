"""UMAP's functions, compiled once on a machine and not once in each run."""

from __future__ import annotations

import contextlib
import functools


@functools.cache
def keep_compiled() -> None:
    """Have numba keep what it compiles for UMAP, where it keeps what it compiles for others.

    That is beside UMAP's own files or, where nobody may write there, in the user's cache (`NUMBA_CACHE_DIR` names
    another place). Twenty seconds of a first run are spent on it; the code is the same, and so are results. numba
    compiles anew for another processor, another version of numba or another file of UMAP.
    """
    import umap.layouts
    import umap.umap_
    import umap.utils
    from numba.core.dispatcher import Dispatcher

    for module in (umap.umap_, umap.layouts, umap.utils):
        for function in vars(module).values():
            if isinstance(function, Dispatcher) and function.py_func.__module__.startswith("umap."):
                # Where there is no place to write to, things stay as they are.
                with contextlib.suppress(RuntimeError):
                    function.enable_caching()
