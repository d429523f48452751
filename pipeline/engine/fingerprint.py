"""What a stage's result depends on, and what changed since it was last made."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pipeline.formats.digests import digest, digest_of

Parts = dict[str, Any]
"""code: hash; settings: dotted name to value; inputs: name to hash; libraries: name to version."""


def parts_of(module: str, *, settings: Mapping[str, Any], inputs: Mapping[str, str], libraries: Iterable[str]) -> Parts:
    """Return what a stage's result depends on.

    Parameters
    ----------
    module : str
        The stage's module; the code is its source and that of all it imports from the package.
    settings : mapping
        The stage's settings by dotted name.
    inputs : mapping of str to str
        Hashes of what it reads.
    libraries : iterable of str
        Distributions whose version matters.
    """
    return {
        "code": code_digest(module),
        "settings": dict(settings),
        "inputs": dict(inputs),
        "libraries": {name: library_version(name) for name in libraries},
    }


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
    text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def library_version(name: str) -> str:
    """Return an installed distribution's version, or "not installed"."""
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


@cache
def code_digest(module: str) -> str:
    """Return the hash of a module's source and of every module of this package that it leads to."""
    seen: dict[str, str] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        path = _source_of(name)
        if path is None:
            continue
        source = path.read_bytes()
        seen[name] = digest(source)
        waiting += _imports(source)
        # Templates and the like are code to the stage whose package they stand in.
        if path.name == "__init__.py":
            for data in sorted(path.parent.glob("templates/*")):
                seen[f"{name}/{data.name}"] = digest(data.read_bytes())
        elif name.count(".") > 1:
            # The package's own __init__ offers the results to notebooks; no stage's result depends on it.
            waiting.append(name.rpartition(".")[0])
    return digest_of(seen)


def _source_of(name: str) -> Path | None:
    try:
        specification = find_spec(name)
    except ModuleNotFoundError:
        return None
    if specification is None or specification.origin is None:
        return None
    return Path(specification.origin)


def _imports(source: bytes) -> set[str]:
    package = __name__.partition(".")[0]
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == package:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name.split(".")[0] == package}
    return found
