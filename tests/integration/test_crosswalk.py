"""The crosswalk's files, and what an article, codes to learn from and respondents change, by the real command."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.conftest import Command
from tests.example_survey import COLUMNS, GROUPS, MARKER, Survey, as_csv, comment_rows, without_codebook
from tests.integration.test_main_job import text_of
from tests.plain_output import assert_stopped, quotations

WORDS = [comment for comments in GROUPS.values() for comment in comments]
SAID = (
    "The budget for saws was cut and the grant ended, so there is no money for any tools.",
    "Every booking system is slow and the computer wants another password each day.",
    "No trained volunteers want to run the machines on a Sunday without more training.",
)
ARTICLE = f"""\
Tool libraries: what holds them back

Money

One warden said “{SAID[0]}”

Equipment that works

A respondent said “{SAID[1]}”

Leadership and strategy

A verger said “{SAID[2]}”
"""
"""The first two quotations are about what they are printed under; the third is not."""


def table(survey: Survey, name: str) -> pd.DataFrame:
    return pd.read_csv(survey.output / "public" / f"{name}.csv", keep_default_na=False, na_values=[""])


def public(survey: Survey) -> dict[str, bytes]:
    folder = survey.output / "public"
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def summary_of(survey: Survey, stage: str) -> dict:
    return json.loads((survey.output / "manifest.json").read_text(encoding="utf-8"))["stages"][stage]["summary"]


def with_article(survey: Survey, text: str | bytes = ARTICLE, name: str = "article.txt") -> Path:
    path = survey.folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


# ---------------------------------------------------------------- the public files


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        (
            "topics",
            "theme nearest_theme fit margin percentile q_value p_shuffled mapping_robustness settled status fails",
        ),
        (
            "crosswalk",
            "topic label theme theme_name fit fit_low fit_high percentile p_value q_value matched replicates",
        ),
        ("diagnosis", "kind id name verdict with comments settled"),
        ("prevalence", "reading by coded comments count share low high n_by_topics n_by_comments"),
        ("coded", "coder theme name comments count share low high"),
        ("claims", "claim kind statement note claimed estimate low high shown verdict reason n"),
        ("agreement", "first second facet comments measure value low high n"),
        ("groups", "column group facet entry comments count share low high difference p_value q_value suppressed"),
        ("group_tests", "column facet method statistic df p_value q_value"),
    ],
)
def test_public_tables_of_the_crosswalk_have_their_columns_and_rows(name: str, columns: str, finished: Survey):
    found = table(finished, name)
    assert set(columns.split()) <= set(found.columns)
    assert len(found) > 0


def test_the_figures_of_a_match_are_in_their_ranges_and_agree_over_the_tables(finished: Survey):
    topics, crosswalk, diagnosis = (table(finished, name) for name in ("topics", "crosswalk", "diagnosis"))
    for found in (topics, crosswalk):
        for column in {"percentile", "p_value", "p_shuffled", "mapping_robustness", "replicates"} & set(found.columns):
            assert found[column].between(0, 1).all(), column
    assert (crosswalk["fit_low"] <= crosswalk["fit_high"]).all()
    assert (crosswalk.loc[crosswalk["matched"], "q_value"] <= 0.1).all()
    assert (topics["settled"] == (topics["mapping_robustness"] >= 0.8)).all()
    matched = crosswalk[crosswalk["matched"]].groupby("topic")["theme"].agg(set).to_dict()
    assert matched
    for _, topic in topics.iterrows():
        named = {topic["theme"]} - {"unmapped"}
        assert named == matched.get(topic["topic"], set())
        assert (topic["status"] == "matched") == bool(named)
        assert (topic["status"] == "leaning") == (not pd.isna(topic["fails"]) and topic["fails"] != "")
    assert len(diagnosis) == 3 + len(topics)
    verdicts = diagnosis[diagnosis["kind"] == "theme"].set_index("id")["verdict"]
    for theme in ("funding", "equipment", "direction"):
        count = sum(theme in named for named in matched.values())
        assert verdicts[theme] == ("missing", "resolved", "repeated")[min(count, 2)]


def test_the_topics_of_the_three_groups_are_matched_and_that_of_volunteers_is_not(finished: Survey):
    topics = table(finished, "topics")
    assignments = pd.read_parquet(finished.output / "internal" / "assignments.parquet")
    group = assignments["comment_id"].str[0]
    for initial, theme in (("m", "funding"), ("c", "equipment"), ("l", "direction"), ("p", "unmapped")):
        inside = assignments.loc[(group == initial) & (assignments["topic"] >= 0), "topic"]
        main = topics.set_index("topic").loc[inside.mode().iloc[0]]
        assert main["theme"] == theme, initial


def test_decoy_codebooks_match_fewer_topics_than_the_codebook_does(finished: Survey):
    summary = summary_of(finished, "map")
    matched = summary["topics_matched"] / (summary["topics_matched"] + summary["topics_unmapped"])
    assert len(summary["decoy_match_rates"]) >= 2
    assert summary["decoy_match_rate"] < matched


def test_a_small_group_is_under_one_name_with_another_so_that_it_cannot_be_worked_out(finished: Survey):
    groups = table(finished, "groups")
    assert "Lighthouse" not in set(groups["group"])
    together = groups[groups["group"] == "Smaller groups"]
    assert together["comments"].min() >= 5
    assert groups["share"].notna().all()
    assert not [name for name in groups.columns if name.startswith("rest_")]


def test_claims_are_checked_and_shown_in_the_report(finished: Survey):
    claims = table(finished, "claims")
    assert claims["statement"].tolist() == ["A fifth were hopeful."]
    # No coder coded all comments, so that nothing is decided.
    assert claims[["reading", "verdict"]].to_numpy().tolist() == [["machine reading, unchecked", "not checked"]]
    report = (finished.output / "public" / "report.html").read_text(encoding="utf-8")
    assert "A fifth were hopeful." in report
    assert claims["verdict"].iloc[0].capitalize() in report


def test_candidates_and_missing_themes_are_for_reading_inside_alone(finished: Survey):
    inside = finished.output / "internal"
    for name in ("candidate_themes.csv", "candidates_codebook.yaml", "candidates_comments.csv", "missing_themes.csv",
                 "representative_comments.csv"):  # fmt: skip
        assert (inside / name).is_file()
        assert name not in {Path(path).name for path in public(finished)}
    candidates = pd.read_csv(inside / "candidate_themes.csv")
    topics = table(finished, "topics")
    assert set(candidates["topic"]) == set(topics.loc[topics["status"] == "unmapped", "topic"])
    assert candidates["comment"].isin(WORDS).all()


# ---------------------------------------------------------------- the published article


@pytest.fixture
def quoted(finished: Survey, command: Command) -> Survey:
    with_article(finished)
    finished.configure({"reference.article": "article.txt"})
    result = command("run", finished.config)
    assert result.exit_code == 0, result.output
    assert quotations(result.output, SAID) == []
    # Topics and themes do not depend on the article.
    assert "map: reused" in result.stderr
    assert "assess: the article changed" in result.stderr
    return finished


OWN_WORDS = {
    ("internal", name)
    for name in ("report.html", "quotations.csv", "representative_comments.csv", "candidate_themes.csv",
                 "candidates_comments.csv", "missing_themes.csv")
}  # fmt: skip
"""What may quote the survey's comments, which have some of the article's words in the same order."""


@pytest.mark.slow
def test_the_articles_quotations_are_matched_without_their_words(quoted: Survey, command: Command):
    article = table(quoted, "article")
    assert article["section"].tolist() == ["funding", "equipment", "direction"]
    assert article["lands"].tolist()[:2] == [True, True]
    assert (article["lands"] == (article["section"] == article["nearest"])).all()
    assert summary_of(quoted, "assess")["article"]["landed"] == article["lands"].sum()
    report = (quoted.output / "public" / "report.html").read_text("utf-8")
    assert f"{article['lands'].sum()} of 3 quotations are nearest" in report
    # Nothing of its text is kept, inside neither; the codebook and the comments have some of its words from elsewhere.
    kept = {".csv", ".json", ".html", ".md", ".txt", ".yaml", ".log", ".svg"}
    for path in quoted.output.rglob("*"):
        own_words = path.name == "codebook.json" or path.parts[-2:] in OWN_WORDS
        if path.suffix in kept and not own_words:
            assert quotations(without_codebook(path.read_text(encoding="utf-8-sig")), SAID) == [], path.name
    # An unchanged article is not compared again, and a changed one is.
    assert "all stages reused" in command("run", quoted.config).stdout
    with_article(quoted, ARTICLE.replace("Leadership and strategy\n", "Our other thoughts\n"))
    result = command("run", quoted.config)
    assert "assess: the article changed" in result.stderr
    assert table(quoted, "article")["section"].tolist() == ["funding", "equipment", "equipment"]


def test_without_an_article_its_table_is_empty_and_the_report_silent(finished: Survey):
    assert len(table(finished, "article")) == 0
    assert 'id="article"' not in (finished.output / "public" / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("action", ["check", "run"])
def test_an_article_that_is_missing_is_told_with_the_nearest_file(action: str, survey: Survey, command: Command):
    with_article(survey, name="article.txt")
    survey.configure({"reference.article": "artcle.txt"})
    result = command(action, survey.config)
    assert_stopped(
        result, f"{survey.folder / 'artcle.txt'}: there is no such article.",
        "article.txt", "Check reference.article", comments=WORDS,
    )  # fmt: skip
    # Not after minutes of work on the comments.
    assert "done in" not in result.stderr


@pytest.mark.parametrize("content", [b"%PDF-1.7\n\xe2\xe3\xcf\xd3 stream", "Überschrift".encode("utf-16")])
def test_an_article_that_is_no_plain_text_is_told(content: bytes, survey: Survey, command: Command):
    with_article(survey, content)
    survey.configure({"reference.article": "article.txt"})
    assert_stopped(command("check", survey.config), "the article is not plain text in UTF-8", "reference.article")


def test_a_folder_in_the_place_of_the_article_is_told(survey: Survey, command: Command):
    survey.configure({"reference.article": "."})
    assert_stopped(command("check", survey.config), "the article cannot be read", "reference.article")


# ---------------------------------------------------------------- learning from codes


@pytest.mark.slow
@pytest.mark.usefixtures("sketched")
def test_learned_comments_are_left_out_of_agreement(finished: Survey, command: Command):
    before = table(finished, "agreement")
    rows = comment_rows()
    # A further column holds some of Ada's codes: those of the first seven comments of each group.
    for row in rows:
        few = row["comment_id"][1:].isdigit() and int(row["comment_id"][1:]) <= 7
        row["taught"] = row["ada_theme"] if few else ""
    finished.comments.write_bytes(as_csv(rows, (*COLUMNS, "taught")))
    changes = {"input.columns.metadata": ["setting", "taught"], "map.learn_from": ["taught"]}
    finished.configure(changes)
    result = command("run", finished.config)
    assert result.exit_code == 0, result.output
    learned = summary_of(finished, "map")["learned"]
    assert learned["comments"] == 21
    assert 0 <= learned["accuracy_codebook"] <= 1
    assignments = pd.read_parquet(finished.output / "internal" / "assignments.parquet").set_index("comment_id")
    # Their folded twins as well.
    assert set(assignments.index[assignments["learned_from"]]) == {
        *(f"{initial}{number:02d}" for initial in "mclp" for number in range(1, 8)), "d01", "d02",
    }  # fmt: skip

    def asked(found: pd.DataFrame) -> int:
        chosen = found[(found["first"] == "Ada") & (found["facet"] == "themes")]
        return int(chosen.loc[chosen["comments"] == "forced choice among the themes", "n"].max())

    assert (asked(before), asked(table(finished, "agreement"))) == (45, 45 - 21)
    report = (finished.output / "public" / "report.html").read_text(encoding="utf-8")
    assert "learned from 21 coded comments" in report
    assert "21 coded comments" in (finished.output / "public" / "methods.md").read_text(encoding="utf-8")
    # Under rules for small counts both texts say no more of them than may be said.
    finished.configure({**changes, "disclosure": {"suppress_below": 8, "round_to": 5, "smallest_base": 30}})
    assert command("run", finished.config).exit_code == 0
    for name in ("report.html", "methods.md"):
        text = (finished.output / "public" / name).read_text(encoding="utf-8")
        assert "20 coded comments" in text, name
        assert "without having been seen" not in text
        assert "had not seen it" not in text


@pytest.mark.slow
@pytest.mark.usefixtures("sketched")
def test_a_coders_own_column_can_be_learned_from_whole(finished: Survey, command: Command):
    finished.configure({"map.learn_from": ["ada_theme"]})
    result = command("run", finished.config)
    assert result.exit_code == 0, result.output
    agreement = table(finished, "agreement")
    with_machine = agreement[
        (agreement["first"] == "Ada")
        & (agreement["second"] == "comments matched directly")
        & (agreement["facet"] == "themes")
    ]
    # A code of no theme is learned from as well: nothing is left.
    assert with_machine.empty


def test_too_few_comments_to_learn_from_are_told(finished: Survey, command: Command):
    rows = [row | {"ada_theme": row["ada_theme"] if place < 19 else ""} for place, row in enumerate(comment_rows())]
    finished.write(rows=rows, changes={"map.learn_from": ["ada_theme"]})
    assert_stopped(
        command("run", finished.config), "map.learn_from: 19 comments have the code of a theme in ada_theme",
        "at least 20 are needed", "set map.learn_from to []", comments=WORDS,
    )  # fmt: skip


def test_a_column_to_learn_from_that_is_not_kept_is_told(survey: Survey, command: Command):
    survey.configure({"map.learn_from": ["comment_id"]})
    assert_stopped(command("check", survey.config), "map.learn_from names the column 'comment_id'")


# ---------------------------------------------------------------- respondents and groups


def by_ada(survey: Survey) -> pd.DataFrame:
    coded = table(survey, "coded")
    return coded[coded["coder"] == "Ada"].set_index("theme")


@pytest.mark.slow
@pytest.mark.usefixtures("sketched")
def test_comments_of_one_respondent_count_together(finished: Survey, command: Command):
    before, coded = table(finished, "prevalence").set_index("theme"), [by_ada(finished)]
    rows = [row | {"person": f"{row['comment_id'][0]}{place % 3}"} for place, row in enumerate(comment_rows())]
    finished.comments.write_bytes(as_csv(rows, (*COLUMNS, "person")))
    finished.configure({"input.columns.respondent": "person"})
    result = command("run", finished.config)
    assert result.exit_code == 0, result.output
    after = table(finished, "prevalence").set_index("theme")
    coded.append(by_ada(finished))
    assert after["share_by_comments"].to_dict() == pytest.approx(before["share_by_comments"].to_dict(), nan_ok=True)
    widths = [found["high"] - found["low"] for found in coded]
    assert (widths[1] > widths[0])[["funding", "equipment", "direction"]].all()
    # Who wrote what is not published.
    people = {row["person"] for row in rows}
    for name, content in public(finished).items():
        if name.endswith(".csv"):
            assert not people & set(content.decode("utf-8-sig").replace("\n", ",").split(",")), name


def test_a_missing_column_of_respondents_is_told(survey: Survey, command: Command):
    survey.configure({"input.columns.respondent": "persn"})
    assert_stopped(command("check", survey.config), "persn", comments=WORDS)


def test_groups_by_a_column_that_is_not_kept_are_told(survey: Survey, command: Command):
    survey.configure({"assess.groups": {"role": None}})
    assert_stopped(command("check", survey.config), "assess.groups names the column 'role'")


# ---------------------------------------------------------------- few comments


@pytest.mark.slow
def test_below_twenty_comments_there_is_a_note_and_every_file(survey: Survey, command: Command):
    survey.write(rows=[row for place, row in enumerate(comment_rows()[:60]) if place % 4 == 0])
    result = command("run", survey.config)
    assert result.exit_code == 0, result.output
    assert len(table(survey, "topics")) == len(table(survey, "crosswalk")) == 0
    verdicts = table(survey, "diagnosis")
    assert verdicts["verdict"].tolist() == ["missing"] * 3
    note = "With fewer than 20 distinct comments there is nothing to compare a theme's fit with"
    for name in ("report.html", "methods.md"):
        text = (survey.output / "public" / name).read_text(encoding="utf-8").replace("&#39;", "'")
        assert note in text, name
    prevalence = table(survey, "prevalence").set_index("theme")
    assert prevalence.loc["unmapped", "n_by_comments"] == 0
    assert np.isfinite(prevalence.loc["funding", "share_by_comments"])
    for name, content in public(survey).items():
        if not name.endswith((".png", ".pdf")):
            text = text_of(name, content)
            assert quotations(without_codebook(text), WORDS) == [], name
            assert MARKER not in text, name
