import io
from dataclasses import replace

import pandas as pd
import pytest

from pipeline import load_run
from pipeline.config import DisclosureConfig
from pipeline.crosswalk.diagnosis import diagnose
from pipeline.disclosure.public_tables import public_results
from pipeline.disclosure.quotation_review import no_marks
from pipeline.documents.earlier import RECORD, Earlier, nothing_kept
from pipeline.documents.report import Inlined
from pipeline.results import Run
from pipeline.stages import report as stage
from pipeline.stages.report import publish
from pipeline.tables.schema import published
from tests.example_survey import Survey


def parts_of(survey: Survey):
    """Return what the runner hands to the stage, from a finished run."""
    run: Run = load_run(survey.output)
    return {
        "received": run._received,
        "cleaned": run._cleaned,
        "embedded": run._embedded,
        "discovered": run._discovered,
        "mapped": run._mapped,
        "assessed": run._assessed,
        "codebook": run.codebook,
        "config": run.config,
        "notice": "",
        "marks": no_marks(),
        "provenance": {"Comments": "survey.csv"},
        "versions": run.manifest["environment"]["libraries"] | {"theme-crosswalk": "0"},
        "made_from": {},
    }


@pytest.fixture
def parts(finished: Survey):
    return parts_of(finished)


def draw_none(patch):
    """Draw no figure but those whose names are put into the set that is returned: it takes most of the stage's time."""
    names, draw = set(), stage.pictures

    def draw_some(drawings, *how, **more):
        some = draw({name: drawing for name, drawing in drawings.items() if name in names}, *how, **more)
        blank = dict.fromkeys(drawings, Inlined(b"<svg/>", b"<svg/>", "blank"))
        return replace(some, inlined=blank | some.inlined)

    patch.setattr(stage, "pictures", draw_some)
    return names


@pytest.fixture
def drawn(monkeypatch):
    return draw_none(monkeypatch)


@pytest.fixture(scope="module")
def files(_finished_once):
    """The files of the run as it is, without figures, made once for all tests that only look at them."""
    with pytest.MonkeyPatch.context() as patch:
        draw_none(patch)
        return publish(**parts_of(_finished_once[0])).files


@pytest.mark.thorough
def test_the_stage_only_names_files_of_its_two_rooms(files):
    assert {name.split("/")[0] for name in files} == {"public", "internal"}
    assert sorted(name for name in files if name.startswith("internal/")) == [
        "internal/candidate_themes.csv", "internal/candidates_codebook.yaml", "internal/candidates_comments.csv",
        "internal/in_page/fonts_internal.css", "internal/in_page/fonts_public.css", "internal/made_of.json",
        "internal/missing_themes.csv", "internal/quotations.csv", "internal/redactions.csv",
        "internal/report.html", "internal/representative_comments.csv", "internal/said_counts.json",
    ]  # fmt: skip


def test_every_public_table_is_written(files):
    names = {name for name in files if name.startswith("public/") and name.endswith(".csv")}
    assert names >= {f"public/{place}" for place in published().values()} | {"public/data_dictionary.csv"}


def read(files, name):
    return pd.read_csv(io.BytesIO(files[name]), keep_default_na=False)


def test_candidates_are_the_comments_of_the_topics_that_no_theme_fits(files, parts):
    candidates = read(files, "internal/candidate_themes.csv")
    themes = parts["mapped"].topic_themes
    unmapped = set(themes.loc[themes["status"] == "unmapped", "topic"])
    assert set(candidates["topic"]) == unmapped != set()
    texts = parts["cleaned"].comments.set_index("comment_id")["text"]
    assert (candidates["comment"] == candidates["comment_id"].map(texts)).all()
    assert set(candidates["nearest_theme"]) <= set(parts["codebook"].theme_ids)


@pytest.mark.thorough
@pytest.mark.parametrize("theme", ["funding", "direction"])
def test_a_theme_that_no_topic_shows_is_named_and_its_nearest_comments_are_for_reading_inside(theme, parts, drawn):
    """The run as it would be, had no topic been matched with this theme."""
    mapped = parts["mapped"]
    crosswalk = mapped.crosswalk.assign(matched=mapped.crosswalk["matched"] & (mapped.crosswalk["theme"] != theme))
    lost = mapped.topic_themes["theme"] == theme
    themes = mapped.topic_themes
    topic_themes = themes.assign(
        theme=themes["theme"].mask(lost, "unmapped"),
        status=themes["status"].mask(lost, "unmapped"),
    )
    near = pd.DataFrame({"theme": theme, "comment_id": ["m01", "l01"], "fit": [0.4, 0.3]})
    without = replace(
        mapped, crosswalk=crosswalk, topic_themes=topic_themes, nearest_comments=near,
        diagnosis=diagnose(crosswalk, topic_themes, parts["discovered"].topics, parts["codebook"]),
    )  # fmt: skip
    files = publish(**(parts | {"mapped": without})).files
    report = files["public/report.html"].decode()
    assert ">in no topic" in report
    missing = read(files, "internal/missing_themes.csv")
    assert missing["comment_id"].tolist() == ["m01", "l01"]
    assert missing["comment"].str.len().min() > 20
    assert all(text not in report for text in missing["comment"])


@pytest.mark.slow
def test_without_any_match_and_without_topics_a_report_is_made_all_the_same(parts):
    mapped, discovered, compared = parts["mapped"], parts["discovered"], parts["assessed"]
    nowhere = replace(
        discovered, topics=discovered.topics[:0], coarse_topics=discovered.coarse_topics[:0],
        topic_tree=discovered.topic_tree[:0],
        assignments=discovered.assignments.assign(topic=-1, topic_coarse=-1),
        summary={**discovered.summary, "topics": 0, "outlier_share": 1.0},
    )  # fmt: skip
    empty = replace(
        mapped, crosswalk=mapped.crosswalk[:0], topic_themes=mapped.topic_themes[:0],
        diagnosis=diagnose(mapped.crosswalk[:0], mapped.topic_themes[:0], nowhere.topics, parts["codebook"]),
        summary={**mapped.summary, "decoy_match_rates": {}, "decoy_match_rate": None},
    )  # fmt: skip
    # The tables of groups name topics too.
    compared = replace(compared, groups=compared.groups[compared.groups["facet"] != "topics"])
    files = publish(**(parts | {"mapped": empty, "discovered": nowhere, "assessed": compared})).files
    report = files["public/report.html"].decode()
    assert "The most frequent theme is" in report
    assert "none of the article’s themes" not in report
    assert len(read(files, "internal/candidate_themes.csv")) == 0
    assert len(read(files, "public/topics.csv")) == 0


@pytest.mark.thorough
def test_an_unsettled_decision_is_called_so(parts, drawn):
    mapped = parts["mapped"]
    settled, unsettled = (
        publish(**(parts | {"mapped": replace(mapped, topic_themes=mapped.topic_themes.assign(settled=value))})).files
        for value in (True, False)
    )
    assert "(doubtful)" in unsettled["public/report.html"].decode()
    topics = read(settled, "public/topics.csv")
    assert set(topics["settled"].astype(str)) == {"True"}


def with_rules(config, **changes):
    return config.model_copy(update={"disclosure": DisclosureConfig(**changes)})


def counted_for(parts, last, monkeypatch, **changes):
    """Return the files of a report made after another, and whether public tables were made for it."""
    made = []
    monkeypatch.setattr(stage, "public_results", lambda *args, **how: made.append(1) or public_results(*args, **how))
    return publish(**(parts | {"kept": last.get} | changes)).files, bool(made)


@pytest.mark.thorough
def test_tables_of_which_nothing_changed_are_taken_over(parts, drawn, files, monkeypatch):
    again, made = counted_for(parts, files, monkeypatch)
    assert not made
    assert again == files


@pytest.mark.thorough
@pytest.mark.parametrize("what", ["result", "rules", "smallest base", "codebook", "respondents"])
def test_tables_are_made_anew_where_what_decides_on_them_changed(what, parts, drawn, files, monkeypatch):
    config, codebook = parts["config"], parts["codebook"]
    columns = config.input.columns.model_copy(update={"respondent": "role"})
    changes = {
        "result": {"made_from": {"assess": "another"}},
        "rules": {"config": with_rules(config, suppress_below=12, smallest_base=12)},
        "smallest base": {
            "config": config.model_copy(update={"assess": config.assess.model_copy(update={"smallest_group": 11})})
        },
        "codebook": {"codebook": codebook.model_copy(update={"title": "Another"})},
        "respondents": {
            "config": config.model_copy(update={"input": config.input.model_copy(update={"columns": columns})})
        },
    }[what]
    again, made = counted_for(parts, files, monkeypatch, **changes)
    assert made
    anew = publish(**(parts | changes)).files
    assert [name for name in anew if anew[name] != again[name]] == []


@pytest.mark.thorough
def test_stricter_rules_hide_what_the_last_tables_showed(parts, drawn, files, monkeypatch):
    config = with_rules(parts["config"], suppress_below=12, smallest_base=12)
    again, _ = counted_for(parts, files, monkeypatch, config=config)
    counts = [pd.to_numeric(read(tables, "public/groups.csv")["count"]) for tables in (files, again)]
    assert ((counts[0] > 0) & (counts[0] < 12)).any()
    assert not ((counts[1] > 0) & (counts[1] < 12)).any()


@pytest.mark.thorough
@pytest.mark.parametrize("name", ["public/groups.csv", "internal/said_counts.json"])
def test_tables_of_which_a_file_is_gone_are_made_anew(name, parts, drawn, files, monkeypatch):
    again, made = counted_for(parts, {**files, name: None}, monkeypatch)
    assert made
    assert again == files


def test_the_font_of_a_page_is_cut_again_for_other_letters_alone(monkeypatch):
    cut = []
    monkeypatch.setattr(stage, "font_faces", lambda letters: cut.append(letters) or f"font of {letters}")

    def rules(kept, svg):
        earlier = Earlier(kept)
        made = stage._fonts(earlier, "public", {"flow": Inlined(svg, svg, "")})
        return made, {"internal/in_page/fonts_public.css": made, RECORD: earlier.record}

    first, last = rules(nothing_kept, b"acb")
    again, _ = rules(last.get, b"abbc")
    other, _ = rules(last.get, b"abd")
    assert (first, again, other) == (b"font of abc", b"font of abc", b"font of abd")
    assert cut == ["abc", "abd"]


@pytest.mark.slow
@pytest.mark.usefixtures("made_anew")
def test_what_is_published_is_the_same_bytes_again(_finished_once):
    first, second = (publish(**parts_of(_finished_once[0])).files for _ in range(2))
    assert first == second


def test_every_figure_comes_in_every_form(_finished_once):
    output = _finished_once[0].output
    for name in ("comment_map", "crosswalk", "theme_shares"):
        starts = {
            "pdf": b"%PDF",
            "png": b"\x89PNG",
            "svg": b"<?xml",
            "csv": b"\xef\xbb\xbf",
            "caption.txt": b"",
            "alt.txt": b"",
        }
        for ending, start in starts.items():
            content = (output / "public" / "figures" / f"{name}.{ending}").read_bytes()
            assert content.startswith(start)
            assert len(content) > 20


def test_a_map_that_shows_every_distinct_comment_speaks_of_no_thinning(_finished_once):
    for name in ("public/report.html", "internal/report.html", "public/figures/comment_map.alt.txt"):
        said = (_finished_once[0].output / name).read_bytes()
        assert b"equal comments share one." in said
        assert b"a multiple of" not in said


def test_representative_comments_are_for_reading_inside(files, parts):
    content = files["internal/representative_comments.csv"].decode("utf-8-sig")
    texts = parts["cleaned"].comments["text"]
    chosen = [comment_id for ids in parts["discovered"].topics["representatives"] for comment_id in ids]
    assert len(chosen) > 0
    assert content.count("\n") == len(chosen) + 1
    assert sum(text in content.replace('""', '"') for text in texts if len(text) > 20) >= len(chosen)


@pytest.mark.thorough
def test_a_title_with_markup_is_shown_and_not_obeyed(parts, drawn):
    config = parts["config"].model_copy(
        update={"report": parts["config"].report.model_copy(update={"title": "<script>alert(1)</script> & more"})}
    )
    report = publish(**(parts | {"config": config, "notice": "<i>mind</i>"})).files["public/report.html"].decode()
    assert "<script>alert" not in report
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in report
    assert "<i>mind</i>" not in report


@pytest.mark.thorough
def test_dollar_signs_in_names_are_letters_and_no_formula(parts, drawn):
    drawn.add("theme_shares")
    theme = parts["codebook"].themes[0].model_copy(update={"name": "Costs in $ and in $\\frac$"})
    codebook = parts["codebook"].model_copy(update={"themes": (theme, *parts["codebook"].themes[1:])})
    compared = parts["assessed"]
    names = compared.prevalence["name"].where(compared.prevalence["theme"] != theme.id, theme.name)
    files = publish(**(parts | {
        "codebook": codebook, "assessed": replace(compared, prevalence=compared.prevalence.assign(name=names)),
        "notice": "between $5 and $6_a",
    })).files  # fmt: skip
    svg = files["public/figures/theme_shares.svg"].decode()
    assert "between $5 and $6_a" in svg


def test_the_report_counts_what_was_set_aside(files, parts):
    report = files["public/report.html"].decode()
    assert parts["cleaned"].summary["dropped"]
    for reason, count in parts["cleaned"].summary["dropped"].items():
        assert f"{reason} ({count})" in report
    assert "67 comments were received" in report


def test_the_methods_text_says_how_it_was_done(files, parts):
    methods = files["public/methods.md"].decode()
    summary = parts["discovered"].summary
    for said in (f"{summary['topics']} topics were found", "fake-encoder", "the seed 20", "67 comments were received",
                 "Tool libraries: what holds them back", "version 2.1", "10.48550/arXiv.2203.05794"):  # fmt: skip
        assert said in methods
    assert "{{" not in methods
    assert pd.notna(summary["stability"])


def test_the_internal_report_shows_comments_on_its_map_and_the_public_one_none(files, parts):
    said = [text for text in parts["cleaned"].distinct["text"] if len(text.split()) > 2]
    internal, public = (files[f"{room}/report.html"].decode() for room in ("internal", "public"))
    assert said
    assert all(text in internal for text in said)
    assert not any(text in public for text in said)
    assert "Internal." in internal
    assert "Internal." not in public
