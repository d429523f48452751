"""Every number of the report and of the texts is as it may be said in public."""

import re

import pytest

from pipeline import load_run
from pipeline.config import DisclosureConfig, QuotationsConfig
from pipeline.disclosure.public_tables import public_results
from pipeline.disclosure.rules import EXACT, Rules
from pipeline.documents.context import document_context
from tests.example_survey import Survey

RULES = Rules(suppress_below=8, round_to=5, smallest_base=10)


@pytest.fixture
def run(finished: Survey):
    return load_run(finished.output)


def context_of(run, rules, *, config=None, quotations=None):
    public = public_results(
        run._cleaned, run._discovered, run._mapped, run._assessed, codebook=run.codebook, rules=rules, smallest_base=5
    )
    tables = public.tables
    return document_context(
        received=run._received, cleaned=run._cleaned, embedded=run._embedded,
        discovered=run._discovered, mapped=run._mapped, assessed=run._assessed,
        tables={**tables, "quotations": tables["topics"][["topic", "label"]][: quotations or 0]}, codebook=run.codebook,
        config=config or run.config, shown=public.shown.said, notice="", provenance={},
        versions={"theme-crosswalk": "0"},
    )  # fmt: skip


def test_without_rules_every_number_is_exact(run):
    context = context_of(run, EXACT)
    assert (context["flow"].received, context["flow"].analysed, context["flow"].folded) == ("67", "62", "2")
    assert dict(context["numbers"])["Comments received"] == "67"
    assert context["discover"]["outlier_share"] == run._discovered.summary["outlier_share"]
    assert context["map"]["comments_with_theme"] == str(run._mapped.summary["comments_with_theme"])
    assert "Other counts are exact" in context["small_counts"]


def test_with_rules_no_exact_count_is_left(run):
    context = context_of(run, RULES)
    exact = {"67", "62", "60", "2", "5", *map(str, run._cleaned.summary["dropped"].values())}
    flow = context["flow"]
    said = [flow.received, flow.analysed, flow.folded, flow.distinct, flow.dropped_total, *dict(flow.dropped).values()]
    said += [context["map"][name] for name in ("comments_with_theme", "comments_without_theme")]
    said += [pair["comments"] for pair in context["agreement_by_pair"]]
    said += [value for name, value in context["numbers"] if name in ("Comments received", "Analysed")]
    assert len(said) > 10
    assert [one for one in said if one in exact - {"60", "5"}] == []
    for one in said:
        assert re.fullmatch(r"[\d,]*[05]|not shown", one), one
    assert flow.note.startswith("Counts are rounded")


def test_figures_of_agreement_are_those_of_the_table(run):
    context = context_of(run, RULES)
    for pair in context["agreement_by_pair"]:
        for name, value in pair.items():
            if isinstance(value, float):
                assert value == round(value, 2), name


def test_the_head_says_both_stabilities(run):
    numbers = dict(context_of(run, EXACT)["numbers"])
    summary = run._discovered.summary
    assert numbers["Stability over samples"] == f"{summary['stability']:.2f}"
    assert numbers["Repeatability over seeds"] == f"{summary['repeatability']:.2f}"


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("review", "quotations", "said"),
    [
        (True, 0, "No comment is quoted."),
        (True, 2, "that a reviewer has marked"),
        (False, 2, "nobody wrote the illustrative comments in confidence"),
    ],
)
def test_who_chose_the_quotations_is_said(review, quotations, said, run):
    config = run.config.model_copy(
        update={"quotations": QuotationsConfig(review=review), "disclosure": DisclosureConfig.model_validate({})}
    )
    assert said in context_of(run, RULES, config=config, quotations=quotations)["quoted"]
