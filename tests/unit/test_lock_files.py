"""What users install, and what tests need besides."""

import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock")


def locked(name: str) -> list[tuple[Requirement, list[str]]]:
    entries = re.split(r"\n(?=\S)", (ROOT / name).read_text(encoding="utf-8").strip())
    return [(Requirement(first.rstrip(" \\")), rest) for first, *rest in (entry.split("\n") for entry in entries)]


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_is_pinned_and_has_hashes_and_no_place_is_named(name):
    for requirement, hashes in locked(name):
        assert [one.operator for one in requirement.specifier] == ["=="], requirement
        assert hashes, requirement
        assert all(re.fullmatch(r" +--hash=sha256:[0-9a-f]{64}( \\)?", one) for one in hashes), requirement


def test_users_install_no_test_tool_and_nothing_for_graphics_cards():
    for_users, for_tests = ({requirement.name for requirement, _ in locked(name)} for name in LOCKS)
    assert not for_users & for_tests
    assert {"krippendorff", "pytest", "ruff", "mypy"} <= for_tests
    assert not {"gensim", "torch", "triton"} & (for_users | for_tests)
    assert not [name for name in for_users | for_tests if name.startswith(("nvidia", "cuda"))]
