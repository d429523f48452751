"""UMAP at the smallest cost: what numba compiles for it is kept, and what is not called is not loaded."""

from __future__ import annotations

import contextlib
import functools
import importlib
import sys
import types
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

_SEARCH = "pynndescent"
_SEARCH_PARTS = (_SEARCH, f"{_SEARCH}.distances", f"{_SEARCH}.sparse")


@functools.cache
def umap_functions() -> types.ModuleType:
    """Import UMAP without the approximate search for neighbours, and have numba keep what it compiles for UMAP.

    Returns
    -------
    module
        ``umap.umap_``.

    Notes
    -----
    Importing pynndescent, the search, costs several seconds of processor time in every run, and some twenty where
    numba has compiled none of it yet. This program calls it itself, and only for many comments. UMAP reads three
    names of it, which stand-ins hold until somebody asks: then the search is loaded, and UMAP has it from there on.
    Where it is loaded already, or anything about the import is not as known, UMAP is imported as it is.

    What numba compiles it keeps beside UMAP's own files or, where nobody may write there, in the user's cache
    (`NUMBA_CACHE_DIR` names another place). The code is the same, and so are results. numba compiles anew for another
    processor, another version of numba or another file of UMAP.
    """
    loaded = {name for name in sys.modules if name == "umap" or name.startswith("umap.")}
    if not loaded and not any(part in sys.modules for part in _SEARCH_PARTS):
        try:
            with _search_kept_out():
                _imported()
        except Exception:
            # Nothing half imported may stay; the plain import below says what is wrong, if anything is.
            for name in [name for name in sys.modules if name == "umap" or name.startswith("umap.")]:
                del sys.modules[name]
    module = _imported()
    _keep_compiled()
    return module


def place_of_compiled() -> Path | None:
    """Return the folder in which numba keeps what it compiled for UMAP in this process; None where it keeps nothing."""
    umap_functions()
    places = [function.stats.cache_path for function in _compiled_functions() if function.signatures]
    return Path(places[0]) if places and all(places) else None


def _imported() -> types.ModuleType:
    with warnings.catch_warnings():
        # On import umap says that its parametric sibling, which is not used, lacks TensorFlow.
        warnings.filterwarnings("ignore", message="Tensorflow not installed", category=ImportWarning)
        return importlib.import_module("umap.umap_")


def _keep_compiled() -> None:
    for function in _compiled_functions():
        # Where there is no place to write to, things stay as they are.
        with contextlib.suppress(RuntimeError):
            function.enable_caching()


def _compiled_functions() -> Iterator[Any]:
    from numba.core.dispatcher import Dispatcher

    for name in ("umap.umap_", "umap.layouts", "umap.utils"):
        for function in vars(importlib.import_module(name)).values():
            if isinstance(function, Dispatcher) and function.py_func.__module__.startswith("umap."):
                yield function


@contextlib.contextmanager
def _search_kept_out() -> Iterator[None]:
    stand_ins = {name: types.ModuleType(name) for name in _SEARCH_PARTS}
    stand_ins[_SEARCH].NNDescent = _SearchLater  # type: ignore[attr-defined]
    stand_ins[f"{_SEARCH}.distances"].named_distances = _MeasuresLater("distances", "named_distances")  # type: ignore[attr-defined]
    stand_ins[f"{_SEARCH}.sparse"].sparse_named_distances = _MeasuresLater("sparse", "sparse_named_distances")  # type: ignore[attr-defined]
    sys.modules.update(stand_ins)
    try:
        yield
    finally:
        for name, stand_in in stand_ins.items():
            if sys.modules.get(name) is stand_in:
                del sys.modules[name]


def _load_search() -> None:
    """Load the search, and give UMAP what stand-ins held."""
    umap = sys.modules["umap.umap_"]
    umap.NNDescent = importlib.import_module(_SEARCH).NNDescent  # type: ignore[attr-defined]
    for part, name in (("distances", "named_distances"), ("sparse", "sparse_named_distances")):
        measures = getattr(importlib.import_module(f"{_SEARCH}.{part}"), name)
        setattr(umap, f"pynn_{name}", measures)


class _Later(type):
    """Makes, and knows, instances of the search by loading it."""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        _load_search()
        return sys.modules["umap.umap_"].NNDescent(*args, **kwargs)

    def __instancecheck__(cls, instance: Any) -> bool:
        _load_search()
        return isinstance(instance, sys.modules["umap.umap_"].NNDescent)


class _SearchLater(metaclass=_Later):
    """Stands for pynndescent's search."""


class _MeasuresLater(Mapping[str, Any]):
    """Stands for the distances that the search knows by name."""

    def __init__(self, part: str, name: str) -> None:
        self._part, self._name = part, name

    def _loaded(self) -> Mapping[str, Any]:
        _load_search()
        found: Mapping[str, Any] = getattr(sys.modules[f"{_SEARCH}.{self._part}"], self._name)
        return found

    def __getitem__(self, key: str) -> Any:
        return self._loaded()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._loaded())

    def __len__(self) -> int:
        return len(self._loaded())
