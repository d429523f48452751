"""The page of the architecture names what there is."""

import ast
import re
import tomllib
from graphlib import TopologicalSorter
from pathlib import Path

import grimp

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
PACKAGE = ROOT / "pipeline"


def defined_in(module: Path) -> set[str]:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    assigned = [node for node in ast.walk(tree) if isinstance(node, ast.Assign | ast.AnnAssign)]
    targets = [target for node in assigned for target in getattr(node, "targets", [getattr(node, "target", None)])]
    functions = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    names = {node.name for node in ast.walk(tree) if isinstance(node, functions)}
    return names | {target.id for target in targets if isinstance(target, ast.Name)}


def is_there(name: str) -> bool:
    """Return whether a dotted name below the package is a module, or a function or class of one."""
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        module = PACKAGE.joinpath(*parts[:end]).with_suffix(".py")
        if module.is_file():
            return not parts[end:] or set(parts[end:]) <= defined_in(module)
    return False


def test_every_function_of_a_walk_is_there():
    rooms = {path.name for path in PACKAGE.iterdir()}
    named = [name for name in re.findall(r"`([a-z_]+(?:\.\w+)+)`", PAGE) if name.split(".")[0] in rooms]
    assert len(named) > 60
    assert [name for name in named if not is_there(name)] == []
    assert not is_there("engine.runner.run_nothing")


def test_every_file_that_it_names_is_there():
    named = re.findall(r"`((?:pipeline|docs|tests)/[a-z_./]+)`", PAGE)
    assert len(named) > 15
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_rooms_stand_in_the_order_in_which_they_may_import():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    (layers,) = (contract["layers"] for contract in contracts if contract["type"] == "layers")
    (table,) = re.findall(r"\| room \| holds \|\n\|---\|---\|\n((?:\|.*\n)+)", PAGE)
    rows = [re.findall(r"`(\w+)`", row.split("|")[1]) for row in table.splitlines()]
    said = [room for row in rows for room in row]
    wanted = [room.strip() for layer in layers for room in layer.split("|")]
    assert sorted(said) == sorted(wanted)
    # Rooms side by side may stand in any order.
    place = {room.strip(): number for number, layer in enumerate(layers) for room in layer.split("|")}
    assert [place[room] for room in said] == sorted(place[room] for room in said)


def test_no_modules_import_each_other():
    # Imports inside functions count, those for types alone do not. The package itself has the version, which many read,
    # and hands on what `load_run` is when somebody asks.
    graph = grimp.build_graph("pipeline", exclude_type_checking_imports=True, cache_dir=None)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules - {"pipeline"}}
    assert len(imports) > 200
    tuple(TopologicalSorter(imports).static_order())
