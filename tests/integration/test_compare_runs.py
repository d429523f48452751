"""Comparing two runs, by the real command, on the made-up survey."""

from __future__ import annotations

import json
import re
import shutil
from io import BytesIO
from pathlib import Path

import pandas as pd
import pytest

from pipeline import load_run
from pipeline.comparison.files import comparison_files, disclosed
from pipeline.documents import pictures
from tests.conftest import Command, invoke, sketch, use_fake_models
from tests.example_survey import CODEBOOK, GROUPS, MARKER, Survey, comment_rows, few_rows
from tests.fake_encoder import FakeEncoder
from tests.plain_output import assert_stopped, quotations

pytestmark = pytest.mark.usefixtures("sketched")

WORDS = [comment for comments in GROUPS.values() for comment in comments]
NAMES = ["comparison.md", "decisions.csv", "themes.csv", "topics.csv"]
NOTICE = "Made-up comments."


def table(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / f"{name}.csv", encoding="utf-8-sig", keep_default_na=False, na_values=[""])


@pytest.fixture
def other_setting(finished: Survey, command: Command) -> Path:
    """A second run of the same comments: another seed and setting, and a code that takes money from its theme."""
    rival = {"id": "cash", "name": "Cash", "definition": "Money talk.", "examples": list(GROUPS["money"])}
    finished.write(
        codebook={**CODEBOOK, "codes": [*CODEBOOK["codes"], rival]},
        changes={"seed": 21, "map.neighbour_share": 0.2, "output": "again", "input.notice": NOTICE},
    )
    result = command("run", finished.config)
    assert result.exit_code == 0, result.output
    return finished.folder / "again"


@pytest.fixture(scope="module")
def _ruled_once(_finished_once, tmp_path_factory: pytest.TempPathFactory, language) -> Survey:
    survey = Survey(shutil.copytree(_finished_once[0].folder, tmp_path_factory.mktemp("ruled") / "survey"))
    survey.configure({"disclosure": {"suppress_below": 4, "round_to": 5, "smallest_base": 5}})
    with pytest.MonkeyPatch.context() as patch:
        use_fake_models(patch, FakeEncoder(), language)
        patch.setattr(pictures, "_figure", sketch)
        assert invoke("run", survey.config).exit_code == 0
    return survey


@pytest.fixture
def ruled(_ruled_once: Survey, tmp_path: Path) -> Survey:
    """The finished run, published by rules for small counts."""
    return Survey(shutil.copytree(_ruled_once.folder, tmp_path / "ruled"))


def no_words(folder: Path, said: str) -> None:
    written = {path.name: path.read_text(encoding="utf-8-sig") for path in folder.iterdir()}
    assert sorted(written) == NAMES
    for name, text in {**written, "the screen": said}.items():
        assert quotations(text, WORDS) == [], name
        assert MARKER not in text, name


@pytest.mark.slow
def test_two_settings_are_compared_by_their_comments(finished: Survey, other_setting: Path, command: Command):
    result = command("compare", finished.output, other_setting)
    assert result.exit_code == 0, result.output
    folder = finished.folder / "comparison_run_again"
    no_words(folder, result.output)
    flat = " ".join(result.stdout.split())
    assert "Topics were matched by shared comments (comments that are the same in both: 62)" in flat
    assert "map.neighbour_share 0.3 -> 0.2; seed 20 -> 21." in flat
    assert NOTICE in flat
    assert flat.endswith(f"Comparison: {folder / 'comparison.md'}")
    topics, themes, decisions = (table(folder, name) for name in ("topics", "themes", "decisions"))
    a, b = (pd.read_csv(path / "public" / "topics.csv") for path in (finished.output, other_setting))
    assert set(topics["topic_a"].dropna()) == set(a["topic"])
    assert set(topics["topic_b"].dropna()) == set(b["topic"])
    # The groups share few words, so that another seed finds most of them again.
    assert (topics["what"] == "matched").sum() >= 2
    assert topics.loc[topics["what"] == "matched", "similarity"].min() > 0.3
    direct_a, direct_b = (
        pd.read_parquet(path / "internal" / "assignments.parquet").set_index("comment_id")["theme_direct"]
        for path in (finished.output, other_setting)
    )
    for end, direct in (("a", direct_a), ("b", direct_b)):
        assert dict(zip(themes["theme"], themes[f"n_{end}"], strict=True)) == {
            theme: int((direct == theme).sum()) for theme in themes["theme"]
        }
    assert themes["difference"].to_numpy() == pytest.approx((themes["n_b"] - themes["n_a"]) / 62, abs=1e-5)
    assert (themes["difference_low"] <= themes["difference"]).all()
    assert (themes["difference"] <= themes["difference_high"]).all()
    assert set(themes["interval"].dropna()) == {"paired"}
    # The code leaves more comments without a theme.
    unmapped = themes.set_index("theme").loc["unmapped"]
    assert unmapped["n_a"] + 10 < unmapped["n_b"]
    assert unmapped["difference_low"] > 0
    moved = direct_a != direct_b
    comments = decisions[(decisions["what"] == "comments") & decisions["comments"].notna()]
    counts = pd.Series(list(zip(direct_a[moved], direct_b[moved], strict=True))).value_counts()
    moves = zip(comments["theme_a"], comments["theme_b"], strict=True)
    assert dict(zip(moves, comments["comments"], strict=True)) == counts.to_dict()
    assert ("funding", "unmapped") in set(zip(comments["theme_a"], comments["theme_b"], strict=True))


def test_a_run_beside_itself_has_not_moved(finished: Survey, command: Command, tmp_path: Path):
    result = command("compare", finished.output, finished.output, "--output", tmp_path / "same")
    assert result.exit_code == 0, result.output
    assert "AMI 1.00" in result.stdout
    assert "No setting differs." in result.stdout
    assert set(table(tmp_path / "same", "topics")["what"]) == {"matched"}
    assert len(table(tmp_path / "same", "decisions")) == 0
    # An earlier comparison may be written again.
    assert command("compare", finished.output, finished.output, "--output", tmp_path / "same").exit_code == 0


def test_under_rules_sizes_overlaps_and_texts_are_rounded_together(
    finished: Survey, ruled: Survey, command: Command, tmp_path: Path
):
    result = command("compare", ruled.output, ruled.output, "--output", tmp_path / "same")
    assert result.exit_code == 0, result.output
    topics, themes = table(tmp_path / "same", "topics"), table(tmp_path / "same", "themes")
    own = pd.read_csv(ruled.output / "public" / "topics.csv")
    assert topics.set_index("topic_a")["size_a"].to_dict() == own.set_index("topic")["size"].to_dict()
    assert topics["n_shared"].notna().any()
    shown = topics.dropna(subset=["n_shared", "size_a"])
    # Every topic is its own counterpart.
    assert (shown["n_shared"] == shown["size_a"]).all()
    assert (shown["similarity"] == 1).all()
    for counts in (topics[["size_a", "size_b", "n_shared"]], themes[["comments_a", "n_a", "comments_b", "n_b"]]):
        assert (counts.stack().dropna() % 5 == 0).all()
    assert not {"base_a", "suppressed_a"} & set(topics)
    flat = " ".join(result.stdout.split())
    assert "(comments: 60, topics:" in flat
    assert "Counts below 4 are hidden" in flat
    # As a number: a folder of the test may have any.
    assert not re.search(r"(?<![\w/-])62(?![\w/-])", flat)
    # The stricter run's rules hold where the other has none.
    assert command("compare", finished.output, ruled.output, "--output", tmp_path / "mixed").exit_code == 0
    mixed = table(tmp_path / "mixed", "topics")
    assert (mixed[["size_a", "size_b", "n_shared"]].stack().dropna() % 5 == 0).all()


@pytest.mark.slow
def test_two_years_are_compared_by_their_vectors(survey: Survey, command: Command, tmp_path: Path):
    rows = comment_rows()[:60]
    years = []
    for year in (0, 1):
        # Others answer a year later and say much the same in other words. The numbers of the rows begin anew: equal
        # ids, other comments.
        chosen = [row | {"comment_id": f"r{place}"} for place, row in enumerate(rows)]
        if year:
            chosen = [row | {"comment": f"{row['comment']} as ever"} for row in chosen[::-1]]
        (tmp_path / str(year)).mkdir()
        years.append(Survey(tmp_path / str(year)).write(rows=chosen, changes={"discover.min_topic_size": 4}))
        assert command("run", years[-1].config).exit_code == 0
    result = command("compare", years[0].output, years[1].output)
    assert result.exit_code == 0, result.output
    folder = tmp_path / "1" / "comparison_0-run_1-run"
    no_words(folder, result.output)
    assert "matched by vectors" in result.stdout
    themes, topics = table(folder, "themes"), table(folder, "topics")
    assert themes["comments_a"].tolist() == themes["comments_b"].tolist() == [60] * 4
    assert set(themes["interval"].dropna()) == {"independent"}
    assert topics["n_shared"].isna().all()
    # Both years hold comments of all groups: what is found in both is matched.
    assert (topics["what"] == "matched").any()
    for end, year in zip("ab", years, strict=True):
        direct = pd.read_parquet(year.output / "internal" / "assignments.parquet")["theme_direct"]
        counted = {theme: int((direct == theme).sum()) for theme in themes["theme"]}
        assert dict(zip(themes["theme"], themes[f"n_{end}"], strict=True)) == counted


def test_two_years_with_other_encoders_are_not_compared(survey: Survey, command: Command, finished: Survey):
    path = finished.output / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    rows = [row | {"comment_id": f"n{place}"} for place, row in enumerate(few_rows(6))]
    survey.write(rows=rows, changes={"embed.text": "lemmas"})
    assert command("run", survey.config).exit_code == 0
    result = command("compare", finished.output, survey.output)
    assert_stopped(
        result, "the topics cannot be matched", "(embed.text): 'cleaned' in ", "What to do: Run both", comments=WORDS
    )
    assert json.loads(path.read_text(encoding="utf-8")) == manifest


def test_a_folder_without_a_run_is_told(finished: Survey, command: Command, tmp_path: Path):
    assert_stopped(
        command("compare", finished.output, tmp_path / "nothing"), f"{tmp_path / 'nothing'}: there is no finished run"
    )
    assert_stopped(command("compare", tmp_path / "nothing", finished.output), "there is no finished run")
    assert not (tmp_path / "nothing").exists()


def test_a_run_that_did_not_finish_is_told(finished: Survey, command: Command, tmp_path: Path):
    (tmp_path / "half").mkdir()
    (tmp_path / "half" / "manifest.json").write_text('{"stages": {"ingest": {}}}', encoding="utf-8")
    assert_stopped(command("compare", finished.output, tmp_path / "half"), "the run did not finish")


def test_a_folder_that_holds_something_else_is_left_alone(finished: Survey, command: Command):
    public = finished.output / "public"
    before = {path.name: path.read_bytes() for path in public.iterdir() if path.is_file()}
    result = command("compare", finished.output, finished.output, "--output", public)
    assert_stopped(result, "it holds something else", "Set --output to a new folder")
    assert_stopped(
        command("compare", finished.output, finished.output, "--output", public / "topics.csv"),
        "it holds something else",
    )
    assert {path.name: path.read_bytes() for path in public.iterdir() if path.is_file()} == before


def test_a_notebook_reads_exact_counts_and_its_files_are_protected(ruled: Survey):
    found = load_run(ruled.output).compare(load_run(ruled.output))
    sizes = load_run(ruled.output).assignments["topic"].value_counts()
    assert found.topics.set_index("topic_a")["size_a"].to_dict() == sizes.drop(-1, errors="ignore").to_dict()
    assert found.summary["comments_a"] == found.summary["n_shared"] == 62
    for counts in (disclosed(found).topics, pd.read_csv(BytesIO(comparison_files(found)["topics.csv"]))):
        assert (counts[["size_a", "size_b", "n_shared"]].stack().dropna() % 5 == 0).all()
