import pytest

from pipeline.config import flat_settings
from pipeline.engine import fingerprint as module
from pipeline.engine.fingerprint import code_of, code_parts, fingerprint, library_version, parts_of, reasons
from pipeline.engine.wiring import STAGES


def parts(**changed):
    base = {"settings": {"discover.n": 15, "discover.m": None}, "inputs": {"the codebook": "a"}}
    return parts_of(code_parts(["pipeline.stages.ingest"]), **(base | changed))


def test_equal_parts_have_equal_fingerprints_whatever_their_order():
    assert fingerprint(parts(settings={"a": 1, "b": 2})) == fingerprint(parts(settings={"b": 2, "a": 1}))
    assert fingerprint(parts()) != fingerprint(parts(settings={"discover.n": 16, "discover.m": None}))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"settings": {"discover.n": 20, "discover.m": None}}, ["discover.n: 15 -> 20"]),
        ({"settings": {"discover.n": 15, "discover.m": 3}}, ["discover.m: None -> 3"]),
        ({"settings": {"discover.n": ""}}, ['discover.n: 15 -> ""']),
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
    current = library_version("numpy")
    monkeypatch.setattr(module, "library_version", lambda name: "99.0" if name == "numpy" else library_version(name))
    assert reasons(old, parts()) == [f"numpy {current} -> 99.0"]


def test_a_long_value_is_cut_in_a_reason():
    (said,) = reasons(parts(settings={"x": "a" * 500}), parts(settings={"x": "b"}))
    assert len(said) < 100


def test_settings_are_flat_and_in_the_form_that_json_gives_back():
    assert flat_settings("a", {"b": {"c": 1}, "d": [2]}) == {"a.b.c": 1, "a.d": [2]}


def test_a_missing_library_has_a_version_of_its_own():
    assert library_version("no-such-distribution-here") == "not installed"


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package with a module that imports a second one only through a third."""
    root = tmp_path / "pipeline"
    files = {
        "__init__.py": "",
        "stage.py": "import numpy.linalg\nfrom pipeline import middle\n",
        "middle.py": "def f():\n    from pipeline.rooms.far import x\n    import yaml\n    return x\n",
        "rooms/__init__.py": "",
        "rooms/far.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import rich\nx = 1\n",
        "rooms/templates/page.j2": "one",
        "rooms/lists/small_words.csv": "a",
        "rooms/works.bib": "one",
        "rooms/cellar/__init__.py": "",
        "rooms/cellar/wine.csv": "one",
        "unrelated.py": "y = 1\n",
    }
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content, encoding="utf-8")
    monkeypatch.setattr(module, "_ROOT", root)
    yield root
    forget()


def forget() -> None:
    """A run reads each module once; here files change within a process."""
    code_of.cache_clear()
    module._read.cache_clear()


def code_after(package, name: str, content: str) -> str:
    (package / name).write_text(content, encoding="utf-8")
    forget()
    return code_of(("pipeline.stage",))[0]


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("stage.py", True),
        ("middle.py", True),
        ("rooms/far.py", True),
        ("rooms/templates/page.j2", True),
        ("rooms/lists/small_words.csv", True),
        ("rooms/works.bib", True),
        ("rooms/cellar/wine.csv", True),
        ("unrelated.py", False),
    ],
)
def test_the_code_of_a_stage_is_all_that_it_leads_to_and_no_more(name, counts, package):
    forget()
    before = code_of(("pipeline.stage",))[0]
    changed = (package / name).read_text(encoding="utf-8") + "\nz = 2\n"
    assert (code_after(package, name, changed) != before) is counts


def test_comments_docstrings_and_layout_are_no_code(package):
    plain = 'def f(a):\n    return a + "text"\n\nclass C:\n    n = 1\n'
    before = code_after(package, "middle.py", plain)
    said = (
        '"""A module."""\n\n# Why.\ndef f(a):\n    """Say what."""\n    return (a  # this\n            + "text")\n'
        '\nclass C:\n    """A class."""\n    n = 1\n    """A number."""\n'
    )
    assert code_after(package, "middle.py", said) == before
    assert code_after(package, "middle.py", plain.replace("text", "test")) != before


def test_libraries_are_what_is_imported_at_whatever_place_but_not_for_types(package):
    forget()
    assert code_of(("pipeline.stage",))[1] == ("numpy", "pyyaml")
    assert code_of(("pipeline.stage", "pipeline.unrelated"))[1] == ("numpy", "pyyaml")


def test_beneath_a_library_stands_what_computes(package):
    (package / "stage.py").write_text("import umap\nimport no_such_module_here\n", encoding="utf-8")
    forget()
    found = set(code_of(("pipeline.stage",))[1])
    assert {"umap-learn", "pynndescent", "numba", "llvmlite", "scikit-learn", "scipy", "numpy"} <= found
    assert "no-such-module-here" in found
    assert not {"tqdm", "joblib"} & found


def test_what_the_settings_do_not_use_is_no_library_and_nor_is_what_only_it_rests_on(package):
    (package / "stage.py").write_text("import numpy\nimport umap\nimport no_such_module_here\n", encoding="utf-8")
    forget()
    unused = frozenset({"umap", "no_such_module_here"})
    assert code_of(("pipeline.stage",), unused)[1] == ("numpy",)
    assert {"umap-learn", "numba", "no-such-module-here"} <= set(code_of(("pipeline.stage",))[1])
    assert code_of(("pipeline.stage",), unused)[0] == code_of(("pipeline.stage",))[0]


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("stage", "libraries"),
    [
        ("clean", {"ftfy", "spacy", "thinc"}),
        ("embed", {"sentence-transformers", "torch", "transformers", "tokenizers"}),
        ("discover", {"bertopic", "hdbscan", "numba", "pynndescent", "scipy", "spacy", "torch", "umap-learn"}),
        ("map", {"scikit-learn", "scipy"}),
        ("report", {"fonttools", "jinja2", "markdown-it-py", "matplotlib", "python-docx"}),
    ],
)
def test_the_libraries_of_the_stages(stage, libraries):
    (modules,) = (one.modules for one in STAGES if one.name == stage)
    assert libraries <= set(code_of(modules)[1])


def test_the_decoy_codebooks_are_code_of_the_stage_that_reads_them():
    assert module._ROOT / "codebook/decoys/home_baking.yaml" in module._data_files(module._ROOT / "codebook")
