import pytest

from pipeline.config import flat_settings
from pipeline.engine import fingerprint as module
from pipeline.engine.fingerprint import code_digest, fingerprint, library_version, parts_of, reasons


def parts(**changed):
    base = {"settings": {"discover.n": 15, "discover.m": None}, "inputs": {"the codebook": "a"}, "libraries": ["numpy"]}
    return parts_of("pipeline.stages.ingest", **(base | changed))


def test_equal_parts_have_equal_fingerprints_whatever_their_order():
    assert fingerprint(parts(settings={"a": 1, "b": 2})) == fingerprint(parts(settings={"b": 2, "a": 1}))
    assert fingerprint(parts()) != fingerprint(parts(settings={"discover.n": 16, "discover.m": None}))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"settings": {"discover.n": 20, "discover.m": None}}, ["discover.n: 15 -> 20"]),
        ({"settings": {"discover.n": 15, "discover.m": 3}}, ["discover.m: None -> 3"]),
        ({"inputs": {"the codebook": "b"}}, ["the codebook changed"]),
        ({"inputs": {"the codebook": "a", "more": "c"}}, ["more changed"]),
    ],
)
def test_reasons_name_what_changed_and_nothing_else(changed, said):
    assert reasons(parts(), parts(**changed)) == said
    assert reasons(parts(), parts()) == []
    assert reasons(None, parts()) == ["not made yet"]


def test_a_change_of_a_library_says_both_versions(monkeypatch):
    old = parts()
    monkeypatch.setattr(module, "library_version", lambda name: "99.0")
    assert reasons(old, parts()) == [f"numpy {old['libraries']['numpy']} -> 99.0"]


def test_a_long_value_is_cut_in_a_reason():
    (said,) = reasons(parts(settings={"x": "a" * 500}), parts(settings={"x": "b"}))
    assert len(said) < 100


def test_settings_are_flat_and_in_the_form_that_json_gives_back():
    assert flat_settings("a", {"b": {"c": 1}, "d": [2]}) == {"a.b.c": 1, "a.d": [2]}


def test_a_missing_library_has_a_version_of_its_own():
    assert library_version("no-such-distribution-here") == "not installed"


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package beside ours with a module that imports a second one only through a third."""
    root = tmp_path / "pipeline"
    files = {
        "__init__.py": "",
        "stage.py": "from pipeline import middle\n",
        "middle.py": "def f():\n    from pipeline.rooms.far import x\n    return x\n",
        "rooms/__init__.py": "",
        "rooms/far.py": "x = 1\n",
        "rooms/templates/page.j2": "one",
        "unrelated.py": "y = 1\n",
    }
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content, encoding="utf-8")
    monkeypatch.setattr(
        module, "_source_of",
        lambda name: next(
            (p for p in (tmp_path / (name.replace(".", "/") + ".py"), tmp_path / name.replace(".", "/") / "__init__.py")
             if p.is_file()), None,
        ),
    )  # fmt: skip
    code_digest.cache_clear()
    yield root
    code_digest.cache_clear()


@pytest.mark.parametrize(
    ("name", "counts"),
    [("stage.py", True), ("middle.py", True), ("rooms/far.py", True), ("rooms/templates/page.j2", True),
     ("unrelated.py", False)],
)  # fmt: skip
def test_the_code_of_a_stage_is_all_that_it_leads_to_and_no_more(name, counts, package):
    before = code_digest("pipeline.stage")
    (package / name).write_text((package / name).read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
    code_digest.cache_clear()
    assert (code_digest("pipeline.stage") != before) is counts
