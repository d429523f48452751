from hashlib import sha256
from pathlib import Path

from pipeline import load_run
from pipeline.documents.provenance import provenance_table, settings_table
from tests.example_survey import Survey


def test_settings_are_all_told_but_the_folders_of_a_machine(finished: Survey):
    config = load_run(finished.output).config
    shown = settings_table(config)
    for told in ("discover.n_seeds", "map.false_discovery_rate", "disclosure", "quotations.review", "input.columns.id"):
        assert f">{told}</td>" in shown
    assert str(finished.folder) not in shown
    assert "survey.csv" not in shown


def test_a_models_folder_is_not_named(finished: Survey):
    config = load_run(finished.output).config
    embed = config.embed.model_copy(update={"model": str(Path("/somewhere/of/mine/encoder"))})
    shown = settings_table(config.model_copy(update={"embed": embed}))
    assert ">encoder</td>" in shown
    assert "somewhere" not in shown


def test_the_hash_of_the_codebook_is_that_of_the_file(finished: Survey):
    report = (finished.output / "public/report.html").read_text(encoding="utf-8")
    content = load_run(finished.output).config.codebook.read_bytes()
    assert f"SHA-256 {sha256(content).hexdigest()}</td>" in report


def test_a_secret_is_not_told(finished: Survey):
    config = load_run(finished.output).config
    report = config.report.model_copy(update={"salt": "ours alone"})
    shown = settings_table(config.model_copy(update={"report": report}))
    assert "ours alone" not in shown
    assert "report.salt" not in shown


def test_what_made_the_run_is_escaped():
    shown = provenance_table({"Comments": "<b>a</b>.csv"}, {"numpy": "2.0"}, 7)
    assert "&lt;b&gt;a&lt;/b&gt;.csv" in shown
    assert "numpy 2.0" in shown
    assert ">7</td>" in shown
