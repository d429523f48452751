"""A person renames, merges, splits and moves topics in sheets; the next run follows, and only its later stages run."""

from __future__ import annotations

import io

import pandas as pd
import pytest

from pipeline import load_run
from pipeline.engine.review import HELD
from pipeline.errors import PipelineError
from pipeline.review.sheets import COMMENTS_CSV, TOPICS_CSV, WORKBOOK
from tests.conftest import Command
from tests.example_survey import Survey, comment_rows, few_rows
from tests.filled_sheets import columns, edited

NOTE = "xylobar is what a colleague said"


def succeeded(result):
    assert result.exit_code == 0, result.output
    return result


def in_csv(survey: Survey, cells: dict[int, dict[str, str]], moves: dict[str, int] | None = None) -> None:
    path = survey.output / TOPICS_CSV
    sheet = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig").set_index("topic")
    for topic, row in cells.items():
        for column, value in row.items():
            sheet.loc[str(topic), column] = value
    sheet.reset_index().fillna("").to_csv(path, index=False, encoding="utf-8-sig")
    if moves:
        rows = pd.DataFrame({"comment_id": list(moves), "topic": list(moves.values()), "note": NOTE, "reviewer": "Kim"})
        rows.to_csv(survey.output / COMMENTS_CSV, index=False)


def in_workbook(survey: Survey, cells: dict[int, dict[str, str]]) -> None:
    def fill(book):
        rows = book["topics"]
        places = columns(rows)
        for row in range(2, rows.max_row + 1):
            for column, value in cells.get(int(rows.cell(row, places["topic"]).value), {}).items():
                rows.cell(row, places[column]).value = value

    path = survey.output / WORKBOOK
    path.write_bytes(edited(path.read_bytes(), fill))


def text_of_public(survey: Survey) -> str:
    files = [path for path in (survey.output / "public").rglob("*") if path.suffix in (".csv", ".html", ".md", ".svg")]
    files += [survey.output / "manifest.json", survey.output / "run.log"]
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def topic_about(survey: Survey, group: str) -> int:
    """Return the topic that most comments of a group of the survey are in; their ids begin with its letter."""
    said = load_run(survey.output).assignments
    of_group = said.loc[said["comment_id"].str.startswith(group) & (said["topic"] >= 0), "topic"]
    return int(of_group.mode().iloc[0])


@pytest.fixture
def listed(finished: Survey, command: Command) -> Survey:
    """A finished run whose topics were listed, and whose sheets lie beside it."""
    result = succeeded(command("topics", finished.output))
    assert result.stdout.count(": written") == 3
    assert "The next `pipeline run` uses what you changed." in result.stdout
    return finished


@pytest.mark.slow
def test_what_a_person_changes_is_followed_by_all_that_comes_after(listed: Survey, command: Command):
    money, people, leaders = (topic_about(listed, group) for group in "mpl")
    before = load_run(listed.output)
    moved = before.assignments.loc[before.assignments["topic"] == people, "comment_id"].iloc[0]
    sizes = before.topics.set_index("topic")["size"]
    in_csv(
        listed,
        {
            people: {"name": "Hands and heads", "definition": "Who does the work.", "theme": "Money", "note": NOTE,
                     "reviewer": "Kim"},
            leaders: {"merge_into": str(people), "reviewer": "kim"},
            money: {"split": "yes", "reviewer": "Ada"},
        },
        {moved: money},
    )  # fmt: skip
    result = succeeded(command("run", listed.config))
    for stage in ("ingest", "clean", "embed", "discover"):
        assert f"{stage}: reused" in result.stderr
    assert "map: a person's review of the topics changed" in result.stderr

    run = load_run(listed.output)
    topics, part = run.topics.set_index("topic"), 100 + money
    assert set(topics.index) == set(sizes.index) - {leaders} | {part}
    assert topics.loc[people, "size"] == sizes[people] + sizes[leaders] - 1
    assert topics.loc[[money, part], "size"].sum() == sizes[money] + 1
    assert topics.loc[people, ["label", "label_by", "definition"]].tolist() == [
        "Hands and heads", "person", "Who does the work."
    ]  # fmt: skip
    assert topics.loc[people, "machine_label"] not in ("", "Hands and heads")
    assert topics.loc[people, ["theme", "status"]].tolist() == ["funding", "by a person"]
    assert topics.loc[people, "machine_theme"] in ("unmapped", "direction")
    assert topics.loc[[people, money, part], "stability"].isna().all()
    assert topics["stability"].notna().sum() == 1
    assert (topics.drop(people)["label_by"] == "machine").all()
    # Everything that is counted, drawn or said is of the changed topics.
    assert run.assignments.set_index("comment_id").loc[moved, "topic"] == money
    crosswalk = run.crosswalk
    assert crosswalk.loc[crosswalk["matched"] & (crosswalk["topic"] == people), "theme"].tolist() == ["funding"]
    by_topics = run.prevalence.set_index("theme")["n_by_topics"]
    assert by_topics["funding"] == topics.loc[topics["theme"] == "funding", "size"].sum()
    assert run.coarse_topics["size"].sum() == topics["size"].sum()
    assert set(run.groups.loc[run.groups["facet"] == "topics", "entry"]) == set(map(str, topics.index))
    assert set(run.representatives["topic"]) == set(topics.index)
    chosen = run.representatives.set_index("comment_id")["topic"]
    assert (run.assignments.set_index("comment_id").loc[chosen.index, "topic"] == chosen).all()
    assert "Hands and heads" in (listed.output / "public/figures/crosswalk.csv").read_text(encoding="utf-8")
    report = (listed.output / "public/report.html").read_text(encoding="utf-8")
    for said in ("Hands and heads", "Who does the work.", "Money (by a person)"):
        assert said in report
    methods = (listed.output / "public/methods.md").read_text(encoding="utf-8")
    assert "2 persons read the topics found by the program" in methods
    assert "Given another name: 1; a definition: 1; merged into another topic: 1; split in two: 1" in methods
    assert "1 comment was moved" in methods
    # What people told one another, and who they are, stays inside; so do respondents' words.
    public = text_of_public(listed)
    texts = [row["comment"] for row in comment_rows() if len(row["comment"].split()) > 8]
    assert not any(text in public for text in (NOTE, "Kim", *texts))

    # The second part has a row of its own now, and the workbook has what the CSV files say.
    result = succeeded(command("topics", listed.output))
    in_workbook(listed, {part: {"name": "Grants alone"}})
    result = succeeded(command("run", listed.config))
    assert "discover: reused" in result.stderr
    labels = load_run(listed.output).topics.set_index("topic")["label"]
    assert labels[[people, part]].tolist() == ["Hands and heads", "Grants alone"]

    # A comment more: the same topics, whatever their numbers are.
    rows = comment_rows()
    rows.append({**rows[0], "comment_id": "new", "comment": "The council cut the grant; no money is left."})
    listed.write(rows=rows)
    succeeded(command("run", listed.config))
    again = load_run(listed.output)
    named = again.topics.set_index("label")
    assert {"Hands and heads", "Grants alone"} <= set(named.index)
    mostly = again.assignments[again.assignments["topic"] == named.loc["Hands and heads", "topic"]]
    assert mostly["comment_id"].str[0].isin(["p", "l"]).mean() > 0.8
    # Sheets that are written anew have the new numbers, with what was decided.
    succeeded(command("topics", listed.output))
    decided = load_run(listed.output).review.read().by_topic
    assert decided[named.loc["Hands and heads", "topic"]].name == "Hands and heads"

    # Other comments: nothing of it fits.
    listed.write(rows=[row for row in comment_rows() if row["comment_id"][0] in "cl"])
    result = command("run", listed.config)
    assert result.exit_code == 2
    assert "is another topic now, or none" in result.stderr
    assert "write new ones: pipeline topics" in result.stderr


def test_sheets_that_a_person_changed_stay_and_others_follow(listed: Survey, command: Command):
    in_csv(listed, {0: {"name": "Tills", "note": NOTE}})
    before = (listed.output / TOPICS_CSV).read_bytes()
    result = succeeded(command("topics", listed.output))
    assert (listed.output / TOPICS_CSV).read_bytes() == before
    assert result.stdout.count("left as it is") == 2
    assert NOTE in str(pd.read_excel(io.BytesIO((listed.output / WORKBOOK).read_bytes())).to_numpy().tolist())
    # Both say the same now; what is changed next counts, in whichever of the two.
    in_workbook(listed, {0: {"name": "Drills"}})
    assert load_run(listed.output).review.read().by_topic[0].name == "Drills"


def test_two_files_that_say_different_things_are_refused(listed: Survey, command: Command):
    in_csv(listed, {0: {"name": "Tills"}})
    in_workbook(listed, {0: {"name": "Drills"}})
    result = command("run", listed.config)
    assert result.exit_code == 2
    assert "were both changed, and say different things" in result.stderr
    assert "Delete the one that does not count" in result.stderr


def test_a_file_that_is_not_tied_to_comments_is_refused(listed: Survey, command: Command):
    in_csv(listed, {0: {"name": "Tills"}})
    (listed.output / HELD).unlink()
    result = command("run", listed.config)
    assert result.exit_code == 2
    assert "topics_review_base.json: this file is missing" in result.stderr
    (listed.output / HELD).write_text("{", encoding="utf-8")
    assert "this file of the review is damaged" in command("run", listed.config).stderr


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({0: {"merge_into": "0"}}, "topics_review.csv, row 2, column 'merge_into': topic 0 is merged into itself"),
        ({0: {"merge_into": "44"}}, "row 2, column 'merge_into': found 44, a topic from 0 to 3 is wanted"),
        ({1: {"theme": "Muny"}}, "row 3, column 'theme': 'Muny' is no theme of the codebook"),
    ],
)
def test_what_cannot_be_done_stops_the_run_and_changes_nothing(cells, said, listed: Survey, command: Command):
    in_csv(listed, cells)
    before = (listed.output / TOPICS_CSV).read_bytes(), load_run(listed.output).topics
    result = command("run", listed.config)
    assert result.exit_code == 2
    assert said in result.stderr
    assert (listed.output / TOPICS_CSV).read_bytes() == before[0]
    pd.testing.assert_frame_equal(load_run(listed.output).topics, before[1])


def test_listing_topics_makes_no_stage_run_again(listed: Survey, command: Command):
    result = succeeded(command("run", listed.config))
    assert result.stderr.count("reused, nothing changed") == 7
    assert (listed.output / TOPICS_CSV).stat().st_mode & 0o077 == 0


def test_a_notebook_decides_and_saves(finished: Survey):
    run = load_run(finished.output)
    run.rename({0: "Tills  and drills"})
    run.merge([2, 3])
    run.split(1)
    run.set_theme(0, "money")
    run.move("m03", 2)
    run.move(["c01", "c02"], -1)
    said = run.save_review()
    assert "The next `pipeline run` uses it." in said
    review = load_run(finished.output).review.read()
    assert review.by_topic[0].name == "Tills and drills"
    assert (review.by_topic[0].theme, review.by_topic[1].split, review.by_topic[3].merge_into) == ("funding", True, 2)
    assert {move.comment_id: move.topic for move in review.moves} == {"c01": -1, "c02": -1, "m03": 2}
    again = load_run(finished.output)
    again.rename({0: ""})
    again.save_review()
    assert load_run(finished.output).review.read().by_topic[0].name == ""


def test_a_notebook_is_told_at_once_what_cannot_be_done(finished: Survey):
    run = load_run(finished.output)
    for decide, said in (
        (lambda: run.rename({9: "x"}), "topic 9, column 'topic': found 9"),
        (lambda: run.rename({0: "x" * 99}), "found 99 characters"),
        (lambda: run.merge([1]), "found one topic"),
        (lambda: run.set_theme(0, "Muny"), "Did you mean 'Money'"),
        (lambda: run.move("nobody", 0), "is not among those analysed"),
    ):
        with pytest.raises(PipelineError, match=said):
            decide()
    run.rename({0: "Tills"})
    load_run(finished.output).review.refresh()
    in_csv(finished, {0: {"name": "Drills"}})
    with pytest.raises(PipelineError, match="were changed meanwhile"):
        run.save_review()
    assert load_run(finished.output).review.read().by_topic[0].name == "Drills"


@pytest.mark.slow
def test_topics_of_sentences_can_be_changed(survey: Survey, command: Command):
    comments = comment_rows()[:60]
    joined = [
        {**one, "comment_id": f"{one['comment_id']}x", "comment": f"{one['comment'].rstrip('.')}. {other['comment']}"}
        for one, other in zip(comments[:30], comments[30:], strict=True)
    ]
    survey.write(rows=[*joined, *comments], changes={"unit": "sentence"})
    succeeded(command("run", survey.config))
    run = load_run(survey.output)
    before = run.topic_shares
    run.split(0)
    run.merge([1, 2])
    run.rename({0: "One half", 1: "Two together"})
    run.move("m01", -1)
    run.save_review()
    assert "discover: reused" in succeeded(command("run", survey.config)).stderr
    again = load_run(survey.output)
    assert set(again.topics["topic"]) == set(run.topics["topic"]) - {2} | {100}
    shares = again.topic_shares
    assert shares.groupby("comment_id")["share"].sum().round(9).eq(1).all()
    assert shares["comment_id"].unique().tolist() == before["comment_id"].unique().tolist()
    # What was in one of two topics is in the merged one, sentence by sentence.
    of_both = before[before["topic"].isin([1, 2]) & (before["comment_id"] != "m01")]
    of_one = shares[shares["topic"] == 1].set_index("comment_id")["share"]
    assert of_one.to_dict() == pytest.approx(of_both.groupby("comment_id")["share"].sum().to_dict())
    assert shares[shares["comment_id"] == "m01"]["topic"].tolist() == [-1]
    assert again.replay().tolist() == run.replay().tolist()


@pytest.mark.slow
def test_a_run_without_topics_has_nothing_to_change(survey: Survey, command: Command):
    survey.write(rows=few_rows(8))
    succeeded(command("run", survey.config))
    succeeded(command("topics", survey.output))
    assert pd.read_csv(survey.output / TOPICS_CSV).empty
    with pytest.raises(PipelineError, match="this run found none"):
        load_run(survey.output).rename({0: "Tills"})
