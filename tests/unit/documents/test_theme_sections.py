import numpy as np
import pandas as pd

from pipeline.codebook.codebook import Codebook
from pipeline.documents.claim_rows import claim_rows
from pipeline.documents.group_lines import group_lines
from pipeline.documents.quoted import Quoted
from pipeline.documents.theme_sections import clear_differences, theme_sections
from tests.example_survey import CODEBOOK

CLAIMS = [
    {"id": "first", "kind": "order", "statement": "Equipment leads.", "facet": "themes",
     "order": ["equipment", "funding"]},
    {"id": "hope", "kind": "share", "statement": "A fifth hope.", "facet": "outlook", "entry": "positive",
     "value": 0.2},
]  # fmt: skip
ACCOUNT = Codebook.model_validate({**CODEBOOK, "claims": CLAIMS})
GROUPS = pd.DataFrame(
    [("setting", "Village", "themes", "funding", 0.5, 0.4, 0.6, 0.2, 0.1, 0.3, 0.01),
     ("setting", "Town", "themes", "funding", 0.1, 0.05, 0.2, -0.3, -0.4, -0.2, 0.001),
     ("setting", "City", "themes", "funding", 0.3, 0.2, 0.4, 0.5, 0.1, 0.9, 0.2),
     ("set_up", "Town", "outlook", "positive", 0.3, 0.2, 0.4, 0.1, 0.05, 0.2, 0.04),
     ("setting", "Town", "topics", "1", 0.3, 0.2, 0.4, 0.4, 0.3, 0.5, 0.001)],
    columns=["column", "group", "facet", "entry", "share", "low", "high", "difference", "difference_low",
             "difference_high", "q_value"],
)  # fmt: skip


def tables(kind="coded"):
    is_coded = kind == "coded"
    return {
        "prevalence": pd.DataFrame(
            {"theme": ["funding", "equipment"], "reading": kind, "by": "ada" if is_coded else "",
             "share": [0.2, np.nan], "low": [0.16, np.nan] if is_coded else np.nan,
             "high": [0.24, np.nan] if is_coded else np.nan, "share_by_comments": [0.3, 0.5],
             "share_by_topics": [0.1, np.nan]}
        ),
        "topics": pd.DataFrame(
            {"topic": [0, 1, 2], "label": ["grants", "budget", "logins"], "share": [0.2, 0.1, 0.1],
             "theme": ["unmapped", "funding", "equipment"], "status": ["leaning", "matched", "matched"],
             "nearest_theme": ["funding", "funding", "equipment"]}
        ),
        "groups": GROUPS,
        "claims": pd.DataFrame(
            {"claim": ["first", "hope"], "statement": ["Equipment leads.", "A fifth hope."], "note": [np.nan, "Ours."],
             "claimed": "x", "shown": "y", "verdict": ["not supported", "no number"], "reason": "z", "reading": kind}
        ),
        "audit": pd.DataFrame(
            {"claim": ["first"], "verdict": ["refuted"], "coded": [80], "after": [55], "more": [np.nan],
             "suppressed": [False]}
        ),
    }  # fmt: skip


def test_a_section_has_share_groups_topics_claims_and_quotations():
    made = tables()
    quoted = {"funding": [Quoted("No money")]}
    funding, equipment, direction = theme_sections(made, ACCOUNT, claim_rows(made), quoted)
    assert [section.is_shown for section in (funding, equipment, direction)] == [True, False, False]
    assert (funding.share, funding.interval, funding.basis) == ("20%", "16–24%", "coded")
    assert funding.machine == "30% by comment and 10% by topic"
    assert funding.groups == (
        "Town 10% (5–20%), 30 points below the rest",
        "Village 50% (40–60%), 20 points above the rest",
    )
    assert [(topic.label, topic.matches) for topic in funding.topics] == [("budget", True), ("grants", False)]
    assert [claim.statement for claim in funding.claims] == ["Equipment leads."]
    assert funding.claims[0].audit == "Audit: refuted after 55 coded comments."
    assert funding.quotations == [Quoted("No money")]
    assert (equipment.share, equipment.interval, equipment.groups, equipment.quotations) == ("not shown", "", (), ())
    # A theme of which no table says anything has its section all the same.
    assert (direction.share, direction.topics, direction.claims) == ("not shown", (), ())


def test_a_reading_that_nobody_checked_has_no_interval():
    made = tables("machine reading, unchecked")
    funding = theme_sections(made, ACCOUNT, claim_rows(made), {})[0]
    assert (funding.interval, funding.basis) == ("", "machine reading, unchecked")


def test_claims_say_which_way_they_go():
    first, hope = claim_rows(tables())
    assert (first.mark, first.note, first.anchor) == ("no", "", "claim-1")
    assert (hope.mark, hope.verdict, hope.note, hope.audit) == ("open", "no number to check", "Ours.", "")


def test_an_audit_that_goes_on_says_how_many_more_it_needs():
    made = tables()
    open_audit = {"verdict": "go on", "after": np.nan, "more": 50.0, "coded": 80}
    made["audit"] = made["audit"].assign(**open_audit)
    assert claim_rows(made)[0].audit == "Audit: undecided; 80 comments coded so far, about 50 more needed."
    made["audit"] = made["audit"].assign(suppressed=True)
    assert claim_rows(made)[0].audit == "Audit: not shown."


def test_only_clear_differences_are_said():
    assert clear_differences(GROUPS, "topics", "1") == ["Town 30% (20–40%), 40 points above the rest"]
    assert clear_differences(GROUPS, "themes", "equipment") == []


def test_the_largest_differences_come_first_and_topics_are_left_to_their_own_table():
    lines = group_lines(GROUPS, ACCOUNT)
    assert [(line.group, line.column, line.entry) for line in lines] == [
        ("Town", "setting", "Money"), ("Village", "setting", "Money"), ("Town", "set up", "Outlook: Positive"),
    ]  # fmt: skip
    assert (lines[0].share, lines[0].difference) == ("10% (5–20%)", "−30 (−40 to −20)")
