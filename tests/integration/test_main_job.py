"""The main job, by the real command, on the made-up survey."""

from __future__ import annotations

import io
import json
import shutil
import socket
from pathlib import Path

import docx
import numpy as np
import pandas as pd
import pytest
import yaml
from pytest_socket import SocketBlockedError
from typer.testing import Result

from pipeline import load_run
from pipeline.contracts import OUTLIER
from pipeline.errors import DataError, StoreError
from pipeline.stages import STAGE_NAMES
from tests.conftest import Command, Printed
from tests.example_survey import EXTRA, GROUPS, MARKER, SET_ASIDE, TWINS, Survey, comment_rows
from tests.fake_encoder import FakeEncoder
from tests.plain_output import quotations

WORDS = [comment for comments in GROUPS.values() for comment in comments]
STAGES = list(STAGE_NAMES)


def table(survey: Survey, name: str) -> pd.DataFrame:
    return pd.read_csv(survey.output / "public" / f"{name}.csv")


def artefact(survey: Survey, name: str) -> pd.DataFrame:
    return pd.read_parquet(survey.output / "internal" / f"{name}.parquet")


def manifest(survey: Survey) -> dict:
    return json.loads((survey.output / "manifest.json").read_text(encoding="utf-8"))


def stages_run(result: Result) -> list[str]:
    assert result.exit_code == 0, result.output
    return [stage for stage in STAGES if f"{stage}: done in" in result.stderr]


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# ---------------------------------------------------------------- what a run leaves


def test_the_files_of_a_run_exist(finished: Survey):
    figures = [f"public/figures/{name}.{ending}" for name in ("comment_map", "crosswalk", "theme_shares")
               for ending in ("pdf", "svg", "png", "csv", "caption.txt", "alt.txt")]  # fmt: skip
    wanted = [
        "manifest.json", "config.yaml", "run.log", "internal/comments.parquet", "internal/embeddings.npy",
        "internal/embeddings.json", "internal/assignments.parquet", "internal/layout.parquet", "public/topics.csv",
        "public/crosswalk.csv", "public/prevalence.csv", "public/agreement.csv", "public/report.html",
        "public/methods.md", "public/methods.docx", "public/references.bib", "public/reporting_checklist.md",
        "public/reporting_checklist.docx", "public/diagnosis.csv", "public/claims.csv", "public/groups.csv",
        "public/group_tests.csv", "public/coded.csv", "public/article.csv", "internal/candidate_themes.csv",
        "internal/candidates_comments.csv", "internal/candidates_codebook.yaml", "internal/missing_themes.csv",
        *figures,
    ]  # fmt: skip
    assert [name for name in wanted if not (finished.output / name).is_file()] == []
    assert [name for name in files_of(finished.output) if name.endswith((".pkl", ".pickle", ".part"))] == []


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("topics", {"topic", "parent", "label", "keywords", "size", "share", "stability", "theme", "fit", "status"}),
        ("crosswalk", {"topic", "theme", "fit", "matched"}),
        ("prevalence", {"theme", "reading", "by", "share", "low", "high", "share_by_topics", "share_by_comments",
                        "published_rank"}),
        ("agreement", {"first", "second", "facet", "measure", "value", "n"}),
    ],
)  # fmt: skip
def test_public_tables_have_their_columns_and_rows(name: str, columns: set[str], finished: Survey):
    found = table(finished, name)
    assert columns <= set(found.columns)
    assert len(found) > 0
    assert "comment_id" not in found.columns


def test_internal_tables_have_their_columns(finished: Survey):
    assert {"comment_id", "setting", "text", "lemmas", "kept", "dropped_because"} <= set(
        artefact(finished, "comments").columns
    )
    wanted = {"comment_id", "topic", "membership", "topic_coarse", "theme", "theme_direct", "theme_direct_score"}
    assert wanted <= set(artefact(finished, "assignments").columns)
    vectors = np.load(finished.output / "internal" / "embeddings.npy")
    index = json.loads((finished.output / "internal" / "embeddings.json").read_text(encoding="utf-8"))
    assert vectors.dtype == np.float32
    assert len(vectors) == len(index["unit_ids"]) == 60
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_every_comment_received_is_analysed_or_listed_with_a_reason(finished: Survey):
    comments, assignments = artefact(finished, "comments"), artefact(finished, "assignments")
    assert comments["comment_id"].tolist() == [row["comment_id"] for row in comment_rows()]
    dropped = comments[~comments["kept"]]
    assert tuple(dropped["comment_id"]) == SET_ASIDE
    assert (dropped["dropped_because"] != "").all()
    assert (comments.loc[comments["kept"], "dropped_because"] == "").all()
    assert assignments["comment_id"].tolist() == comments.loc[comments["kept"], "comment_id"].tolist()
    report = (finished.output / "public" / "report.html").read_text(encoding="utf-8")
    for reason, count in dropped["dropped_because"].value_counts().items():
        assert f"{reason} ({count})" in report


def test_a_folded_duplicate_has_a_row_of_its_own_with_its_twins_result(finished: Survey):
    comments = artefact(finished, "comments").set_index("comment_id")
    assignments = artefact(finished, "assignments").set_index("comment_id")
    for folded, twin in TWINS.items():
        assert comments.loc[folded, "duplicate_of"] == twin
        pd.testing.assert_series_equal(assignments.loc[folded], assignments.loc[twin], check_names=False)


def test_topic_sizes_count_folded_duplicates(finished: Survey):
    topics, assignments = table(finished, "topics"), artefact(finished, "assignments")
    counted = assignments.loc[assignments["topic"] != OUTLIER, "topic"].value_counts()
    assert dict(zip(topics["topic"], topics["size"], strict=True)) == counted.to_dict()
    assert topics["share"].to_numpy() == pytest.approx(topics["size"] / 62, abs=1e-5)
    assert topics["size"].is_monotonic_decreasing


def test_the_groups_are_found_and_matched_with_their_themes(finished: Survey):
    """The survey has four groups that share few words, three of which the codebook names."""
    assignments = artefact(finished, "assignments").set_index("comment_id")
    groups = assignments.groupby(assignments.index.str[0])
    for initial, theme in (("m", "funding"), ("c", "equipment"), ("l", "direction")):
        direct = groups.get_group(initial)["theme_direct"]
        assert (direct == theme).mean() > 0.7, initial
    people = groups.get_group("p")["theme_direct"]
    assert (people == "unmapped").mean() > 0.7


def test_agreement_counts_codes_by_id_and_by_name(finished: Survey):
    agreement = table(finished, "agreement")
    with_theme = agreement[(agreement["first"] == "Ada") & (agreement["comments"] == "forced choice among the themes")]
    # Fifteen comments each of three groups have a code that is a theme; the fourth group's is outside the codebook.
    assert set(with_theme["n"]) == {45}
    assert set(agreement.loc[agreement["second"] == "Ben", "first"]) == {"Ada"}
    assert {"accuracy", "macro_f1", "cohen_kappa", "ami", "ari"} <= set(agreement["measure"])


def test_the_screen_shows_the_topics_and_where_the_report_is(first_result: Printed, finished: Survey):
    for _, topic in table(finished, "topics").iterrows():
        assert topic["label"] in first_result.stdout
    assert "none (nearest:" in first_result.stdout
    assert "Report: " in first_result.stdout
    assert "macro-F1" in first_result.stdout
    assert "report.html" in first_result.stdout.splitlines()[-1]


def test_the_manifest_says_what_made_the_run(finished: Survey):
    made = manifest(finished)
    assert made["configuration_file"] == "survey.yaml"
    assert made["seed"] == 20
    assert list(made["stages"]) == STAGES
    for stage in made["stages"].values():
        assert stage["artefacts"]
        assert all(len(found) == 64 for found in stage["artefacts"].values())
    assert made["stages"]["clean"]["summary"]["received"] == 67
    assert made["environment"]["libraries"]["umap-learn"] != "not installed"


def test_the_resolved_configuration_is_one_that_runs(finished: Survey, command: Command, tmp_path: Path):
    shutil.copy(finished.output / "config.yaml", tmp_path / "survey.yaml")
    result = command("check", tmp_path / "survey.yaml")
    assert result.exit_code == 0, result.output


# ---------------------------------------------------------------- respondents' words stay inside


def text_of(name: str, content: bytes) -> str:
    """Return what a file says: of a Word document its paragraphs and cells, of others their text."""
    if not name.endswith(".docx"):
        return content.decode("utf-8-sig")
    document = docx.Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def test_a_respondents_words_appear_nowhere_outside_the_internal_folder(first_result: Printed, finished: Survey):
    inside = [name for name, content in files_of(finished.output).items() if MARKER.encode() in content]
    assert all(name.startswith("internal/") for name in inside), inside
    # The marker was there to be found: representative comments are CSV, the rest is compressed.
    assert artefact(finished, "comments")["text"].str.contains(MARKER).sum() == 3
    assert MARKER not in first_result.output
    outside = {name: content for name, content in files_of(finished.output).items() if not name.startswith("internal/")}
    for name, content in outside.items():
        if not name.endswith((".png", ".pdf")):
            assert quotations(text_of(name, content), WORDS) == [], name
    assert quotations(first_result.output, WORDS) == []


def test_no_comment_id_is_published(finished: Survey):
    ids = [row["comment_id"] for row in comment_rows() if row["comment_id"][0] in "mclp"]
    for name, content in files_of(finished.output / "public").items():
        if name.endswith((".csv", ".md", ".txt")):
            text = content.decode("utf-8-sig")
            assert [comment_id for comment_id in ids if comment_id in text.replace(",", " ").split()] == [], name


def test_a_group_too_small_is_not_published(finished: Survey):
    outlook = table(finished, "outlook")
    small = outlook[outlook["group"] == "Lighthouse"]
    assert small[["comments", "count", "share"]].isna().all(axis=None)
    assert outlook.loc[outlook["group"] == "Town", "share"].notna().all()


def test_a_defect_shows_and_logs_no_words(
    survey: Survey, command: Command, fake_models: FakeEncoder, monkeypatch: pytest.MonkeyPatch
):
    def fail(texts):
        raise RuntimeError(f"cannot encode {texts[0]}")

    monkeypatch.setattr(fake_models, "encode", fail)
    result = command("run", survey.config)
    assert result.exit_code == 1
    assert "A defect of the program (RuntimeError at " in result.stderr
    log = (survey.output / "run.log").read_text(encoding="utf-8")
    assert "defect: RuntimeError at " in log
    assert quotations(result.output + log, WORDS) == []


# ---------------------------------------------------------------- reuse


def test_a_second_run_reuses_all_stages_and_asks_the_encoder_nothing(
    finished: Survey, command: Command, fake_models: FakeEncoder
):
    before = files_of(finished.output)
    result = command("run", finished.config)
    assert stages_run(result) == []
    assert result.stderr.count("reused, nothing changed") == len(STAGES)
    assert "all stages reused" in result.stdout
    assert fake_models.encoded == []
    after = files_of(finished.output)
    # config.yaml holds absolute paths, and this run was copied from another folder.
    assert {name for name in after if after[name] != before.get(name)} <= {"run.log", "config.yaml", "last_look.json"}


@pytest.mark.usefixtures("sketched")
@pytest.mark.parametrize(
    ("name", "value", "said", "first"),
    [
        pytest.param("discover.n_keywords", 7, "discover.n_keywords: 6 -> 7", "discover", marks=pytest.mark.slow),
        ("map.false_discovery_rate", 1e-9, "map.false_discovery_rate: 0.1 -> 1e-09", "map"),
        ("assess.smallest_group", 1, "assess.smallest_group: 5 -> 1", "assess"),
        ("report.title", "Tools", 'report.title: "" -> Tools', "report"),
    ],
)
def test_a_changed_setting_reruns_only_what_depends_on_it_and_says_why(
    name: str, value: object, said: str, first: str, finished: Survey, command: Command
):
    finished.configure({name: value})
    result = command("run", finished.config)
    ran = stages_run(result)
    assert ran[0] == first
    assert "report" in ran
    earlier = STAGES[: STAGES.index(first)]
    assert all(f"{stage}: reused" in result.stderr for stage in earlier)
    assert f"{first}: {said}" in result.stderr
    log = (finished.output / "run.log").read_text(encoding="utf-8")
    assert f"{first}: runs ({said}" in log
    # The setting is in the result.
    if first == "map":
        assert set(table(finished, "topics")["status"]) == {"unmapped"}


def test_where_files_lie_changes_no_result(finished: Survey, command: Command, tmp_path: Path):
    shutil.move(finished.folder, tmp_path / "elsewhere")
    moved = Survey(tmp_path / "elsewhere")
    shutil.move(moved.comments, moved.folder / "renamed.csv")
    moved.configure({"input.path": "renamed.csv", "embed.cache": None})
    assert stages_run(command("run", moved.config)) == []


@pytest.mark.usefixtures("sketched")
def test_a_changed_codebook_reruns_the_mapping_and_not_the_topics(finished: Survey, command: Command):
    content = yaml.safe_load(finished.codebook.read_text(encoding="utf-8"))
    content["themes"][0]["examples"].append("The treasurer says no")
    finished.codebook.write_text(yaml.safe_dump(content), encoding="utf-8")
    result = command("run", finished.config)
    assert stages_run(result)[0] == "map"
    assert "the codebook changed" in result.stderr


def test_forcing_a_stage_runs_it_and_those_after_it(finished: Survey, command: Command):
    before = files_of(finished.output / "public")
    result = command("run", finished.config, "--force", "map")
    assert stages_run(result) == ["map", "assess", "report"]
    assert "map: asked for by --force map" in result.stderr
    assert files_of(finished.output / "public") == before


@pytest.mark.parametrize("harm", ["delete", "alter"])
def test_a_missing_or_altered_artefact_is_made_again(harm: str, finished: Survey, command: Command):
    path = finished.output / "internal" / "assignments.parquet"
    whole = path.read_bytes()
    path.unlink() if harm == "delete" else path.write_bytes(whole[:-20])
    result = command("run", finished.config)
    assert stages_run(result) == ["map"]
    assert "map: its files are missing or were changed" in result.stderr
    assert path.read_bytes() == whole


@pytest.mark.slow
@pytest.mark.usefixtures("made_anew")
def test_two_runs_from_scratch_are_the_same_bytes(finished: Survey, command: Command, tmp_path: Path):
    """The finished run is the first; the second has another folder and nothing to reuse."""
    (finished.folder / "vectors.sqlite").unlink()
    before = files_of(finished.output)
    result = command("run", finished.config, "--output", tmp_path / "again")
    assert stages_run(result) == STAGES
    assert files_of(finished.output) == before
    for room in ("public", "internal"):
        first, second = files_of(finished.output / room), files_of(tmp_path / "again" / room)
        assert first.keys() == second.keys()
        assert [name for name in first if first[name] != second[name]] == []


@pytest.mark.slow
@pytest.mark.usefixtures("sketched")
def test_ten_new_comments_cost_ten_encodings(finished: Survey, command: Command, fake_models: FakeEncoder):
    rows = comment_rows()
    old = {row["comment"] for row in rows} - {""}
    new = [f"A {word} lent to a neighbour came back rusty." for word in
           ("spade", "ladder", "saw", "plane", "lathe", "vice", "rake", "hoe", "axe", "sander")]  # fmt: skip
    rows += [rows[0] | {"comment_id": f"n{number}", "comment": text} for number, text in enumerate(new)]
    finished.write(rows=rows)
    result = command("run", finished.config)
    assert result.exit_code == 0, result.output
    assert manifest(finished)["stages"]["embed"]["summary"]["units"] == 70
    # Words and phrases are encoded as well, for keywords and labels; of comments, the new ones alone.
    assert sorted(text for text in fake_models.encoded if text in new) == sorted(new)
    assert [text for text in fake_models.encoded if text in old] == []


# ---------------------------------------------------------------- the rest of the command


def test_sockets_are_blocked_in_all_runs_of_the_suite():
    with pytest.raises(SocketBlockedError):
        socket.socket(socket.AF_INET, socket.SOCK_STREAM)


@pytest.mark.slow
def test_a_notice_is_on_everything_that_is_made(survey: Survey, command: Command):
    notice = "Made up for a test of the notice"
    survey.write(rows=comment_rows()[:12], changes={"input.notice": notice})
    result = command("run", survey.config)
    assert notice in result.stdout
    public = survey.output / "public"
    carriers = [*public.glob("*.html"), *public.glob("*.md"), *public.rglob("*.svg"), *public.rglob("*.alt.txt")]
    assert len(carriers) == 25
    for path in carriers:
        assert notice in path.read_text(encoding="utf-8"), path.name


def test_check_loads_no_model_and_makes_no_folder(survey: Survey, command: Command, monkeypatch: pytest.MonkeyPatch):
    def loaded(*_, **__):
        raise AssertionError("a model was loaded")

    monkeypatch.setattr("pipeline.language.models.load_encoder", loaded)
    monkeypatch.setattr("pipeline.language.models.load_language", loaded)
    result = command("check", survey.config)
    assert result.exit_code == 0, result.output
    for said in ("is valid", "67 rows", "1 empty", "3 themes: Money", "Encoder: fake-encoder", "spaCy model"):
        assert said in result.stdout
    assert not survey.output.exists()


def test_the_version_is_that_of_the_package(command: Command):
    from pipeline import __version__

    result = command("--version")
    assert result.exit_code == 0
    assert result.stdout.strip() == f"theme-crosswalk {__version__}"


def test_doctor_names_versions_models_processor_and_disk(command: Command):
    result = command("doctor")
    assert result.exit_code in (0, 2)
    for said in (
        "Python",
        "umap-learn",
        "Processor",
        "Free disk",
        "Encoder",
        "spaCy model",
        "Device for encoding: cpu",
        "Backends for encoding: torch, static; OpenVINO",
        "Device for topics: cpu",
    ):
        assert said in result.stdout
    assert "Compiled code of UMAP: ready in" in result.stdout


def test_doctor_says_where_nothing_that_was_compiled_can_be_kept(command: Command, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("pipeline.discovery.priming.prime", lambda: None)
    result = command("doctor")
    assert result.exit_code == 2
    assert "Compiled code of UMAP: can be kept nowhere" in result.stdout
    assert "NUMBA_CACHE_DIR" in result.stdout


def test_doctor_says_what_to_do_about_altered_weights(command: Command, monkeypatch: pytest.MonkeyPatch):
    from pipeline import doctor
    from pipeline.errors import ModelError

    def altered(name):
        raise ModelError("weights: not the official ones.", "Install them again.")

    monkeypatch.setattr(doctor, "find_encoder", altered)
    result = command("doctor")
    assert result.exit_code == 2
    assert "What to do: Install them again." in result.stdout


def test_the_survey_has_what_the_tests_above_rely_on():
    assert {comment_id for comment_id, _ in EXTRA} == {*TWINS, *SET_ASIDE}
    assert sum(MARKER in comment for comment in WORDS) == 3


def test_results_of_a_run_that_stopped_half_way_are_not_opened(finished: Survey, command: Command, monkeypatch):
    load_run(finished.output)
    finished.configure({"discover.n_keywords": 4})

    def refuse(*_: object, **__: object) -> None:
        raise DataError("stopped here")

    monkeypatch.setattr("pipeline.engine.wiring.map_themes", refuse)
    assert command("run", finished.config).exit_code == 2
    with pytest.raises(StoreError, match="did not finish"):
        load_run(finished.output)
    monkeypatch.undo()
