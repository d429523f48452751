"""What is published of a claim does not depend on what its themes and groups are called."""

import re
from dataclasses import replace
from functools import cache

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.account.claims import CANNOT_TELL, HIDDEN, count_for_claims, judge_claims
from pipeline.account.groups import group_table, grouped_columns
from pipeline.account.outlook import outlook_shares
from pipeline.codebook.codebook import Codebook
from pipeline.disclosure.public_tables import public_results
from tests.example_readings import coded
from tests.unit.disclosure.random_surveys import CODEBOOK, random_survey

FIGURES = ["kind", "facet", "estimate", "low", "high", "verdict", "n", "suppressed"]
SENTENCES = ["claimed", "shown", "reason"]
PARTS = (
    "41 of 203 comments", "97.5 %", "22%", "A", "'B'", "’", "'", '"', "“", "”", "“x” 30%", " or ", " and ", " of ",
    ", ", "; ", ": ", "(", ")", "[3]", "12", "7", " minus ", "4 of 9 in the rest (44%)", "95% interval",
    "Of 17 comments", ".", "–", "−10", HIDDEN, "ö", "{0}", "\\1", "$5",
)  # fmt: skip
"""Words, numbers and signs of the sentences that the names stand in."""

NAMES = st.lists(
    st.lists(st.sampled_from(PARTS), min_size=1, max_size=4).map(lambda parts: " ".join("".join(parts).split())),
    min_size=10, max_size=10, unique_by=str.casefold,
).filter(all)  # fmt: skip
PLAIN = [f"NAME{place}" for place in range(10)]
COUNTS = re.compile(r"\d+(?= of)|(?<= of )\d+|(?<=^Of )\d+")


@cache
def survey(seed):
    return random_survey(seed, kind="one")


def codebook_of(names, regions):
    """Return the codebook with these names of themes, outlooks and regions, and two claims of each region."""
    book = CODEBOOK.model_dump(mode="json")
    for entries, called in ((book["themes"], names[:3]), (book["facets"][0]["themes"], names[3:6])):
        for entry, name in zip(entries, called, strict=True):
            entry["name"] = name
    differences = [
        {"id": f"{entry} in {place}", "kind": "difference", "facet": "outlook", "entry": entry, "also": also,
         "column": "region", "group": name, "direction": "higher", "statement": "More of them."}
        for place, name in enumerate(regions) for entry, also in (("good", ["both"]), ("bad", []))
    ]  # fmt: skip
    others = [claim for claim in book["claims"] if claim["kind"] != "difference"]
    return Codebook.model_validate(book | {"claims": [*others, *differences]})


def published(seed, names):
    """Return the public tables of a survey whose themes, outlooks and regions are called so."""
    plain = survey(seed)
    regions = sorted(plain.comments["region"].unique())
    # In the order of the alphabet, as the tables have groups: their order decides between equals.
    called = dict(zip(regions, sorted(names[6:]), strict=False))
    codebook = codebook_of(names, called.values())
    comments = plain.comments.assign(region=plain.comments["region"].map(called))
    groups = grouped_columns(comments, {"region": None}, smallest=plain.rules.smallest_group)
    people = pd.Series([""] * len(comments))
    readings = coded({facet: plain.carried[facet] for facet in ("themes", "outlook")})
    assessed = replace(
        plain.assessed,
        outlook=outlook_shares(
            readings["outlook"], groups["region"], people, codebook=codebook,
            outlook=codebook.facet("outlook"), positive=("good", "both"),
        ),
        claim_counts=count_for_claims(codebook, readings, groups, people),
        groups=group_table(readings, groups, people),
        group_tests=plain.assessed.group_tests[:0],
    )  # fmt: skip
    return public_results(
        plain.cleaned, plain.discovered, plain.mapped, assessed, codebook=codebook, rules=plain.rules, smallest_base=10
    ).tables  # fmt: skip


@cache
def plainly(seed):
    return published(seed, PLAIN)


def with_names(sentence, names):
    """Return the sentence of plain names with the others in their places."""
    called = dict(zip(PLAIN, [*names[:6], *sorted(names[6:])], strict=True))
    return re.sub(r"NAME\d", lambda found: called[found.group()], sentence)


@pytest.mark.thorough
@pytest.mark.parametrize("seed", SEEDS := (1, 4))
def test_a_claim_is_hidden_where_the_tables_hide_its_count_and_else_quotes_rounded_counts(seed):
    tables = plainly(seed)
    claims = tables["claims"].set_index("claim")
    hidden = {
        "money": pd.isna(tables["prevalence"].set_index("theme").loc["money", "count"]),
        "good": tables["outlook"].set_index(["group", "entry"]).loc[("All", "good or both"), "suppressed"],
    }
    by_group = tables["groups"].set_index(["facet", "entry", "group"])["suppressed"]
    for place, group in enumerate(sorted(tables["groups"]["group"].unique())):
        hidden[f"bad in {place}"] = by_group["outlook", "bad", group]
    assert all(claims.loc[claim, "suppressed"] for claim, suppressed in hidden.items() if suppressed)
    assert 0 < claims["suppressed"].sum() < len(claims)
    for row in claims.to_dict("records"):
        if row["suppressed"]:
            assert (row["shown"], row["reason"], row["verdict"]) == (HIDDEN, "", CANNOT_TELL)
            assert pd.isna([row["estimate"], row["low"], row["high"], row["n"]]).all()
        else:
            counts = COUNTS.findall(row["shown"])
            assert counts and all(int(count) % 5 == 0 for count in counts)


@cache
def counted(seed):
    plain = survey(seed)
    groups = grouped_columns(plain.comments, {"region": None}, smallest=plain.rules.smallest_group)
    regions = [*groups["region"].cat.categories]
    readings = coded({facet: plain.carried[facet] for facet in ("themes", "outlook")})
    codebook = codebook_of(PLAIN, regions)
    return count_for_claims(codebook, readings, groups, pd.Series([""] * len(plain.comments))), regions


@pytest.mark.thorough
@given(names=NAMES, hidden=st.sets(st.integers(0, 11), max_size=4))
@settings(max_examples=15)
def test_what_counts_say_does_not_depend_on_names_whichever_are_hidden(names, hidden):
    counts, regions = counted(4)
    counts = counts.assign(count=counts["count"].where(~counts.index.isin(hidden)))
    plain, found = (
        judge_claims(
            codebook_of(called, sorted(called[6:])[: len(regions)]),
            counts.replace({"group": dict(zip(regions, sorted(called[6:]), strict=False))}),
        )
        for called in (PLAIN, names)
    )
    pd.testing.assert_frame_equal(found[FIGURES[:-1]], plain[FIGURES[:-1]])
    for column in SENTENCES:
        assert found[column].tolist() == [with_names(sentence, names) for sentence in plain[column]]
    silent = set(counts.loc[counts["count"].isna(), "claim"])
    assert set(found.loc[found["shown"] == HIDDEN, "claim"]) == silent


@pytest.mark.thorough
@pytest.mark.parametrize("seed", [pytest.param(SEEDS[0], marks=pytest.mark.slow), SEEDS[1]])
@given(names=NAMES)
@settings(max_examples=5)
def test_figures_verdicts_and_sentences_are_those_of_plain_names(seed, names):
    found, plain = published(seed, names)["claims"], plainly(seed)["claims"]
    pd.testing.assert_frame_equal(found[FIGURES], plain[FIGURES])
    for column in SENTENCES:
        assert found[column].tolist() == [with_names(sentence, names) for sentence in plain[column]]
