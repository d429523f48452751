import pandas as pd
import pytest

from pipeline import load_run
from pipeline.results import Run
from pipeline.stages.report import publish
from tests.example_survey import Survey


@pytest.fixture
def parts(finished: Survey):
    """What the runner hands to the stage, from a finished run."""
    run: Run = load_run(finished.output)
    from pipeline.contracts import Compared, Received

    return {
        "received": run._stage("ingest", Received),
        "cleaned": run._cleaned,
        "embedded": run._embedded,
        "discovered": run._discovered,
        "mapped": run._mapped,
        "compared": run._stage("compare", Compared),
        "codebook": run.codebook,
        "config": run.config,
        "notice": "",
        "versions": run.manifest["environment"]["libraries"] | {"theme-crosswalk": "0"},
    }


def test_the_stage_only_names_files_of_its_two_rooms(parts):
    files = publish(**parts).files
    assert {name.split("/")[0] for name in files} == {"public", "internal"}
    assert [name for name in files if name.startswith("internal/")] == ["internal/representative_comments.csv"]


def test_what_is_published_is_the_same_bytes_again(parts):
    assert publish(**parts).files == publish(**parts).files


def test_every_figure_comes_in_every_form(parts):
    files = publish(**parts).files
    for name in ("comment_map", "crosswalk", "theme_shares"):
        starts = {"pdf": b"%PDF", "png": b"\x89PNG", "svg": b"<?xml", "csv": b"\xef\xbb\xbf", "alt.txt": b""}
        for ending, start in starts.items():
            content = files[f"public/figures/{name}.{ending}"]
            assert content.startswith(start)
            assert len(content) > 20


def test_representative_comments_are_for_reading_inside(parts):
    content = publish(**parts).files["internal/representative_comments.csv"].decode("utf-8-sig")
    texts = parts["cleaned"].comments["text"]
    chosen = [comment_id for ids in parts["discovered"].topics["representatives"] for comment_id in ids]
    assert len(chosen) > 0
    assert content.count("\n") == len(chosen) + 1
    assert sum(text in content.replace('""', '"') for text in texts if len(text) > 20) >= len(chosen)


def test_a_title_with_markup_is_shown_and_not_obeyed(parts):
    config = parts["config"].model_copy(
        update={"report": parts["config"].report.model_copy(update={"title": "<script>alert(1)</script> & more"})}
    )
    report = publish(**(parts | {"config": config, "notice": "<i>mind</i>"})).files["public/report.html"].decode()
    assert "<script>" not in report
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in report
    assert "<i>mind</i>" not in report


def test_dollar_signs_in_names_are_letters_and_no_formula(parts):
    theme = parts["codebook"].themes[0].model_copy(update={"name": "Costs in $ and in $\\frac$"})
    codebook = parts["codebook"].model_copy(update={"themes": (theme, *parts["codebook"].themes[1:])})
    compared = parts["compared"]
    names = compared.prevalence["name"].where(compared.prevalence["theme"] != theme.id, theme.name)
    from dataclasses import replace

    files = publish(**(parts | {
        "codebook": codebook, "compared": replace(compared, prevalence=compared.prevalence.assign(name=names)),
        "notice": "between $5 and $6_a",
    })).files  # fmt: skip
    svg = files["public/figures/theme_shares.svg"].decode()
    assert "between $5 and $6_a" in svg


def test_the_report_counts_what_was_set_aside(parts):
    report = publish(**parts).files["public/report.html"].decode()
    for reason, count in parts["cleaned"].summary["dropped"].items():
        assert f"{count} set aside: {reason}" in report
    assert "67 comments were received" in report


def test_the_methods_text_says_how_it_was_done(parts):
    methods = publish(**parts).files["public/methods.md"].decode()
    summary = parts["discovered"].summary
    for said in (f"{summary['topics']} topics were found", "fake-encoder", "the seed 20", "67 comments were received",
                 "Tool libraries: what holds them back", "version 2.1", "10.48550/arXiv.2203.05794"):  # fmt: skip
        assert said in methods
    assert "{{" not in methods
    assert pd.notna(summary["stability"])
