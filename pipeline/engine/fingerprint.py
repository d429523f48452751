"""What a stage's result depends on, and what changed since it was last made."""

from __future__ import annotations

import ast
import platform
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution, packages_distributions, version
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from pipeline.formats.digests import digest, digest_of

PYTHON = ".".join(platform.python_version_tuple()[:2])
_PACKAGE, _ROOT = __name__.partition(".")[0], Path(__file__).parents[1]

Parts = dict[str, Any]
"""code: hash; settings: dotted name to value; inputs: name to hash; libraries: name to version."""


def code_parts(modules: Iterable[str], unused: Iterable[str] = ()) -> Parts:
    """Return the code that a stage's result depends on, and the libraries.

    Parameters
    ----------
    modules : iterable of str
        The stage's module, and those that make what it is handed. What they and all that they import from the
        package say is the code; what that code imports from elsewhere are the libraries.
    unused : iterable of str
        Modules from elsewhere, by the names that they are imported by, which the code imports only under settings
        that a run does not have. They, and what only they rest on, are none of its libraries.
    """
    code, libraries = code_of(tuple(modules), frozenset(unused))
    return {"code": code, "libraries": {"Python": PYTHON} | {name: library_version(name) for name in libraries}}


def parts_of(code: Parts, *, settings: Mapping[str, Any], inputs: Mapping[str, str]) -> Parts:
    """Return what a stage's result depends on.

    Parameters
    ----------
    code : dict
        See `code_parts`.
    settings : mapping
        The stage's settings by dotted name.
    inputs : mapping of str to str
        Hashes of what it reads.
    """
    return {**code, "settings": dict(settings), "inputs": dict(inputs)}


def fingerprint(parts: Parts) -> str:
    """Return the hash of the parts."""
    return digest_of(parts)


def result_digest(entry: Mapping[str, Any]) -> str:
    """Return the hash of a stage's result, from its entry in the manifest."""
    return digest_of([entry["artefacts"], entry["summary"]])


RESULT_OF = "the result of "
"""What an input is called that is an earlier stage's result."""


def outdated(stages: Mapping[str, Any]) -> list[str]:
    """Return the stages of a manifest that were made from results which have been made anew since."""
    return [
        name
        for name, entry in stages.items()
        for source, used in entry["depends_on"]["inputs"].items()
        if (stage := source.removeprefix(RESULT_OF)) != source
        and (stage not in stages or used != result_digest(stages[stage]))
    ]


def reasons(old: Parts | None, new: Parts) -> list[str]:
    """Say in a phrase each what differs between two sets of parts."""
    if not old:
        return ["not made yet"]
    found = []
    for name in sorted({*old["settings"], *new["settings"]}):
        before, after = old["settings"].get(name), new["settings"].get(name)
        if before != after:
            found.append(f"{name}: {_shown(before)} -> {_shown(after)}")
    inputs = sorted({*old["inputs"], *new["inputs"]})
    found += [f"{name} changed" for name in inputs if old["inputs"].get(name) != new["inputs"].get(name)]
    for name in sorted({*old["libraries"], *new["libraries"]}):
        before, after = old["libraries"].get(name), new["libraries"].get(name)
        if before != after:
            found.append(f"{name} {before} -> {after}")
    if old["code"] != new["code"]:
        found.append("the program's code changed")
    return found


def _shown(value: Any) -> str:
    text = str(value) or '""'
    return text if len(text) <= 60 else f"{text[:57]}..."


@cache
def library_version(name: str) -> str:
    """Return an installed distribution's version, or "not installed"."""
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


@cache
def code_of(modules: tuple[str, ...], unused: frozenset[str] = frozenset()) -> tuple[str, tuple[str, ...]]:
    """Return the hash of modules and of all of this package that they lead to, and the libraries these import.

    Comments, docstrings and what is imported for types alone are no part of the code. A library is a distribution
    that is imported, at whatever place, or that one of these rests on; see `_rests_on`. See `code_parts` for those
    that are unused.
    """
    seen: dict[str, str] = {}
    imported: set[str] = set()
    waiting = list(modules)
    while waiting:
        name = waiting.pop()
        path = _source_of(name)
        if name in seen or path is None:
            continue
        seen[name], imports = _read(path)
        own = {found for found in imports if found.split(".")[0] == _PACKAGE}
        imported |= {found.split(".")[0] for found in imports - own}
        waiting += own
        if path.name == "__init__.py":
            data = _data_files(path.parent)
            seen |= {f"{name}/{file.relative_to(path.parent).as_posix()}": digest(file.read_bytes()) for file in data}
        elif name.count(".") > 1:
            # The package's own __init__ offers the results to notebooks; no stage's result depends on it.
            waiting.append(name.rpartition(".")[0])
    return digest_of(seen), tuple(sorted(_libraries(imported - sys.stdlib_module_names - unused)))


def _source_of(name: str) -> Path | None:
    place = _ROOT.joinpath(*name.split(".")[1:])
    return next((path for path in (place / "__init__.py", place.with_suffix(".py")) if path.is_file()), None)


def _data_files(folder: Path) -> list[Path]:
    """Return what may be read as data from a package's folder and from those below it."""
    is_code = {".py", ".pyc"}
    files = (path for path in folder.rglob("*") if path.suffix not in is_code and not path.name.startswith("."))
    return sorted(path for path in files if path.is_file())


@cache
def _read(path: Path) -> tuple[str, frozenset[str]]:
    """Return the hash of a module's code and the names that it imports."""
    tree = _Code().visit(ast.parse(path.read_bytes()))
    imports: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            imports |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            imports |= {alias.name for alias in node.names}
    return digest(ast.dump(tree).encode()), frozenset(imports)


class _Code(ast.NodeTransformer):
    """Takes from a module what does nothing when it runs: strings that stand alone, and imports for types."""

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        is_text = isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        return None if is_text else self.generic_visit(node)

    def visit_If(self, node: ast.If) -> ast.AST | list[ast.stmt]:
        is_for_types = isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        return node.orelse if is_for_types else self.generic_visit(node)


def _libraries(imported: Iterable[str]) -> set[str]:
    distributions = _distributions()
    waiting: set[str] = {canonicalize_name(found) for name in imported for found in distributions.get(name, [name])}
    found: set[str] = set()
    while waiting:
        found.add(name := waiting.pop())
        waiting |= _rests_on(name) - found
    return found


_distributions = cache(packages_distributions)


@cache
def _rests_on(name: str) -> frozenset[str]:
    """Return which of a distribution's requirements may change a number.

    These are the ones that hold compiled code or require numpy, scipy or numba themselves: pynndescent and numba
    beneath umap-learn, but not the progress bar beside them.
    """
    return frozenset(required for required in _requirements(name) if _computes(required))


@cache
def _computes(name: str) -> bool:
    try:
        files = distribution(name).read_text("RECORD") or ""
    except PackageNotFoundError:
        return False
    is_compiled = any(f"{ending}," in files for ending in (".so", ".pyd"))
    return is_compiled or not _requirements(name).isdisjoint({"numpy", "scipy", "numba"})


@cache
def _requirements(name: str) -> frozenset[str]:
    """Return what a distribution requires on this machine; nothing where it is not installed."""
    try:
        required = map(Requirement, distribution(name).requires or ())
    except PackageNotFoundError:
        return frozenset()
    return frozenset(
        canonicalize_name(one.name) for one in required if one.marker is None or one.marker.evaluate({"extra": ""})
    )
