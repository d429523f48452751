import re
from importlib.resources import files
from itertools import product
from typing import get_args

import pytest

from pipeline.documents.checklist import (
    FACTS,
    Checklist,
    State,
    answered,
    checklists,
    counted_coders,
    facts_of,
    read_checklist,
    render_checklist,
)
from pipeline.documents.methods import render_methods
from pipeline.documents.references import bibliography
from pipeline.errors import PipelineError
from tests.example_survey import Survey
from tests.unit.documents.test_methods import VARIANTS, no_topics, with_respondents, without_coders

BY_NAME = {checklist.name: checklist for checklist in checklists()}
SIZES = {"COREQ": 32, "CROSS": 40, "GRAMMS": 6, "SRQR": 21}
EXAMPLE = """\
name: Example
reference: tong2007
about: is for tests.
items:
  - number: 1
    topic: Coders
    asks: How many there were.
    state: partly
    where:
      - "{coders}."
      - {when: [has_topics, no_groups], text: Topics and no groups.}
    answers:
      - {when: no_coders, state: left to the authors, where: None.}
      - {when: [no_coders, has_topics], state: answered, where: Never said.}
"""


def answers(name, context):
    """Return the items of a checklist as a run answers them, by number."""
    facts, coders = facts_of(context), counted_coders(context["coders"])
    return {item.number: answered(item, facts, coders=coders) for item in BY_NAME[name].items}


def every_answer(context):
    return [item for name in BY_NAME for item in answers(name, context).values()]


@pytest.fixture(params=VARIANTS)
def variant(request, context):
    return VARIANTS[request.param](context)


def test_every_item_of_the_published_lists_is_there_once():
    assert {name: len(checklist.items) for name, checklist in BY_NAME.items()} == SIZES
    for checklist in BY_NAME.values():
        whole = [int(re.sub(r"[a-z]$", "", item.number)) for item in checklist.items]
        assert whole == sorted(whole)
        assert set(whole) == set(range(1, whole[-1] + 1))
    assert len({(item.topic, item.asks) for checklist in BY_NAME.values() for item in checklist.items}) == 99
    # CROSS has nineteen sections, each with a name.
    assert len({item.topic for item in BY_NAME["CROSS"].items}) == 19


def test_every_checklist_has_its_source():
    assert {checklist.reference for checklist in BY_NAME.values()} <= set(bibliography())
    assert len(BY_NAME) == sum(file.name.endswith(".yaml") for file in
                               files("pipeline.documents").joinpath("checklists").iterdir())  # fmt: skip


def test_every_item_has_an_answer_whatever_a_run_has():
    for item in (item for checklist in BY_NAME.values() for item in checklist.items):
        conditions = [*item.answers, *item.where, *(said for answer in item.answers for said in answer.where)]
        about = sorted({name.partition("_")[2] for condition in conditions for name in getattr(condition, "when", ())})
        for prefixes in product(("has", "no"), repeat=len(about)):
            facts = frozenset(f"{prefix}_{fact}" for prefix, fact in zip(prefixes, about, strict=True))
            found = answered(item, facts, coders="2 coders")
            assert found.state in get_args(State)
            assert re.fullmatch(r"[A-Z0-9*`].*\.", found.where), found
            assert "{" not in found.where


def example(tmp_path, text=EXAMPLE):
    path = tmp_path / "example.yaml"
    path.write_text(text, encoding="utf-8")
    return read_checklist(path)


def test_the_first_condition_that_holds_counts_and_numbers_are_filled_in(tmp_path):
    (item,) = example(tmp_path).items

    def said(*facts, coders=""):
        found = answered(item, frozenset(facts), coders=coders)
        return found.number, found.state, found.where

    assert said("no_coders", "has_topics") == ("1", "left to the authors", "None.")
    assert said("has_coders", "has_topics", "has_groups", coders="1 coder") == ("1", "partly", "1 coder.")
    assert said("has_coders", "has_topics", "no_groups", coders="3 coders") == (
        "1",
        "partly",
        "3 coders. Topics and no groups.",
    )


@pytest.mark.parametrize(("right", "wrong", "message"), [
    ("no_coders, state", "no_codes, state", "items[1].answers[1].when[1]: 'no_codes' is nothing that a run has"),
    ("{coders}", "{comments}", "items[1].where[1].text: {coders} is all that a text can have filled in"),
    ("state: partly", "state: mostly", "items[1].state must be one of 'answered', 'partly'"),
    ("    asks: How many there were.\n", "", "items[1].asks is required"),
    ("topic: Coders", "title: Coders", "items[1].title is not a setting"),
    ("about: is for tests.", "about: is for tests.\nabout: again", "the key 'about' is given twice"),
    ("items:\n", "items:\n  - {number: 1, topic: A, asks: B., state: partly, where: C.}\n",
     "items: there is more than one item 1"),
])  # fmt: skip
def test_a_wrong_checklist_is_an_error_that_says_where(right, wrong, message, tmp_path):
    assert right in EXAMPLE
    with pytest.raises(PipelineError) as failure:
        example(tmp_path, EXAMPLE.replace(right, wrong, 1))
    assert message in failure.value.message


def test_every_fact_is_asked_for():
    said = str([checklist.model_dump() for checklist in BY_NAME.values()])
    assert [fact for fact in FACTS if f"has_{fact}" not in said and f"no_{fact}" not in said] == []


@pytest.mark.thorough
def test_a_further_file_is_a_further_table(context, tmp_path, monkeypatch):
    further: Checklist = example(tmp_path)
    monkeypatch.setattr("pipeline.documents.checklist.checklists", lambda: (further,))
    monkeypatch.setattr("pipeline.documents.methods.checklists", lambda: (further,))
    assert "## Example: 1 items\n" in render_checklist(context)
    assert "Which items of Example (Tong et al. 2007) this text answers" in render_methods(context).text


def test_sections_that_it_points_at_are_in_the_text(variant):
    sections = set(re.findall(r"^## (.+)$", render_methods(variant).text, re.MULTILINE))
    named = {name for item in every_answer(variant) for name in re.findall(r"\*([^*]+)\*", item.where)}
    assert len(named) > 5
    assert named - sections == set()


def test_blanks_that_it_points_at_are_blanks(variant):
    parts = re.split(r"^## ", render_methods(variant).text, flags=re.MULTILINE)
    blanks = {part.splitlines()[0]: "[" in part for part in parts}
    for item in every_answer(variant):
        for name in re.findall(r"blank in \*([^*]+)\*", item.where):
            assert blanks[name] or "where there are codes" in item.where, item


def test_files_that_it_points_at_are_in_the_run(finished: Survey):
    text = (finished.output / "public" / "reporting_checklist.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([\w./]+\.\w+)`", text))
    assert len(named) > 8
    assert [name for name in named if not (finished.output / "public" / name).is_file()] == []


def test_what_is_about_interviews_does_not_apply_to_a_survey(context):
    found = {name: {number for number, item in answers(name, context).items() if item.state == "does not apply"}
             for name in BY_NAME}  # fmt: skip
    assert found == {
        "COREQ": {"1", "8", "15", "18", "19", "20", "21", "22", "23"}, "CROSS": {"13b"}, "GRAMMS": set(), "SRQR": set(),
    }  # fmt: skip


def test_coders_are_counted_where_there_are_codes(context):
    found, without = answers("COREQ", context), answers("COREQ", without_coders(context))
    assert found["24"].where == "2 coders (2 people) and the machine. Their agreement is in *Agreement with coders*."
    assert found["30"].state == "partly"
    assert without["24"].where.startswith("None:")
    assert without["30"].state == "left to the authors"
    one = {**context, "coders": [("A", "model")]}
    assert answers("COREQ", one)["24"].where.startswith("1 coder (1 language model) and the machine")
    assert "1 coder (1 language model)" in answers("GRAMMS", one)["4"].where
    # Codes of drawn sheets are in no column.
    sheets = {**without_coders(context), "coders": [("coder_1", "person")]}
    assert answers("COREQ", sheets)["24"].where.startswith("1 coder (1 person) and the machine.")


def test_answers_follow_the_run(context):
    trust = answers("SRQR", context)["15"]
    assert trust.state == "answered"
    assert "Stability" in trust.where
    assert "agreement.csv" in trust.where
    bare = answers("SRQR", without_coders(no_topics(context)))["15"]
    assert (bare.state, "Stability" in bare.where) == ("partly", False)
    assert answers("COREQ", context)["16"].state == "partly"
    assert answers("COREQ", with_respondents(context))["16"].state == "left to the authors"
    assert answers("SRQR", context)["11"].state == "partly"
    assert answers("SRQR", {**context, "question": ""})["11"].state == "left to the authors"


def test_the_text_has_every_table_its_source_and_what_the_analysis_is(variant):
    text = render_checklist(variant)
    assert len(re.findall(r"^\| \d+[a-g]? \|", text, re.MULTILINE)) == 99
    assert all(len(re.findall(r"(?<!\\)\|", line)) == 6 for line in text.splitlines() if line.startswith("|"))
    sources = [f"doi:{bibliography()[checklist.reference].doi}" for checklist in BY_NAME.values()]
    for said in ("codebook-led mapping of machine-found topics, never reflexive thematic analysis", "in our own words",
                 *sources):  # fmt: skip
        assert said in text
    for name, size in SIZES.items():
        counts = re.search(rf"^## {name}: (\d+) items\n(.+)$", text, re.MULTILINE)
        assert counts is not None
        assert int(counts[1]) == size == sum(map(int, re.findall(r"\d+", counts[2])))


def test_coders_are_counted_as_people_or_models():
    assert counted_coders([]) == "0 coders"
    assert counted_coders([("ada", "person")]) == "1 coder (1 person)"
    assert counted_coders([("ada", "person"), ("one", "model"), ("two", "model")]) == (
        "3 coders (1 person, 2 language models)"
    )
