import re

import pytest

from pipeline.config import CoderConfig
from pipeline.documents.checklist import coreq_items, render_checklist, srqr_items
from pipeline.documents.checklist_items import ANSWERED, AUTHORS, COREQ, NOT_APPLICABLE, PARTLY, SRQR, STATES
from pipeline.documents.methods import render_methods
from tests.example_survey import Survey
from tests.unit.documents.test_methods import VARIANTS, configured, no_topics, with_respondents, without_coders


@pytest.fixture(params=VARIANTS)
def variant(request, context):
    return VARIANTS[request.param](context)


def test_every_item_of_both_standards_is_there_once():
    assert [item.number for item in SRQR] == list(range(1, 22))
    assert [item.number for item in COREQ] == list(range(1, 33))
    assert len({item.asks for item in (*SRQR, *COREQ)}) == 53


def test_every_item_has_an_answer_in_every_run(variant):
    for item in (*srqr_items(variant), *coreq_items(variant)):
        assert item.state in STATES
        assert re.fullmatch(r"[A-Z0-9*`].*\.", item.where), item


def test_sections_that_it_points_at_are_in_the_text(variant):
    sections = set(re.findall(r"^## (.+)$", render_methods(variant).text, re.MULTILINE))
    named = {name for item in (*srqr_items(variant), *coreq_items(variant))
             for name in re.findall(r"\*([^*]+)\*", item.where)}  # fmt: skip
    assert len(named) > 5
    assert named - sections == set()


def test_blanks_that_it_points_at_are_blanks(variant):
    parts = re.split(r"^## ", render_methods(variant).text, flags=re.MULTILINE)
    blanks = {part.splitlines()[0]: "[" in part for part in parts}
    for item in (*srqr_items(variant), *coreq_items(variant)):
        for name in re.findall(r"blank in \*([^*]+)\*", item.where):
            assert blanks[name] or "where there are codes" in item.where, item


def test_files_that_it_points_at_are_in_the_run(finished: Survey):
    text = (finished.output / "public" / "reporting_checklist.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([\w./]+\.\w+)`", text))
    assert len(named) > 8
    assert [name for name in named if not (finished.output / "public" / name).is_file()] == []


def states(items):
    return {item.number: item.state for item in items}


def test_what_is_about_interviews_does_not_apply_to_a_survey(context):
    found = {number for number, state in states(coreq_items(context)).items() if state == NOT_APPLICABLE}
    assert found == {1, 8, 15, 18, 19, 20, 21, 22, 23}
    assert NOT_APPLICABLE not in states(srqr_items(context)).values()


def test_coders_are_counted_where_there_are_codes(context):
    def said(given):
        return {item.number: item for item in coreq_items(given)}

    assert said(context)[24].where.startswith("2 coders and the machine; their agreement")
    assert said(context)[30].state == PARTLY
    assert said(without_coders(context))[24].where.startswith("None:")
    assert said(without_coders(context))[30].state == AUTHORS
    settings = context["settings"]
    columns = settings.input.columns.model_copy(update={"coders": (CoderConfig(name="A", theme=("t",)),)})
    one = configured(context, input=settings.input.model_copy(update={"columns": columns}))
    assert said(one)[24].where.startswith("1 coder and the machine")


def test_answers_follow_the_run(context):
    trust = {item.number: item for item in srqr_items(context)}[15]
    assert trust.state == ANSWERED
    assert "Stability" in trust.where
    assert "agreement.csv" in trust.where
    bare = {item.number: item for item in srqr_items(without_coders(no_topics(context)))}[15]
    assert (bare.state, "Stability" in bare.where) == (PARTLY, False)
    assert states(coreq_items(context))[16] == PARTLY
    assert states(coreq_items(with_respondents(context)))[16] == AUTHORS
    asked = states(srqr_items({**context, "question": ""}))
    assert (states(srqr_items(context))[11], asked[11]) == (PARTLY, AUTHORS)


def test_the_text_has_both_tables_their_sources_and_what_the_analysis_is(variant):
    text = render_checklist(variant)
    assert len(re.findall(r"^\| \d+ \|", text, re.MULTILINE)) == 53
    assert all(len(re.findall(r"(?<!\\)\|", line)) == 6 for line in text.splitlines() if line.startswith("|"))
    for said in ("codebook-led mapping of machine-found topics, never reflexive thematic analysis",
                 "doi:10.1097/ACM.0000000000000388", "doi:10.1093/intqhc/mzm042", "in our own words"):  # fmt: skip
        assert said in text
    for name, items in (("SRQR", srqr_items(variant)), ("COREQ", coreq_items(variant))):
        counts = re.search(rf"^## {name}: (\d+) items\n(.+)$", text, re.MULTILINE)
        assert counts is not None
        assert int(counts[1]) == len(items) == sum(map(int, re.findall(r"\d+", counts[2])))
