import pandas as pd
import pytest

from pipeline.codebook.codebook import Codebook
from pipeline.disclosure.joint_display import joint_display, quotations_of

BOOK = Codebook.model_validate(
    {
        "title": "Book",
        "themes": [{"id": "a", "name": "Money", "definition": "Too little of it."},
                   {"id": "b", "name": "Old; slow", "definition": "Machines."}],
        "claims": [
            {"id": "often", "kind": "prominent", "facet": "themes", "entry": "a", "statement": "Money is common."},
            {"id": "order", "kind": "order", "facet": "themes", "order": ["b", "a"], "statement": "Age first."},
        ],
    }
)  # fmt: skip
SHORT, LONG = "a word " * 6, "a word " * 30


def quoted(*rows):
    names = ["comment_themes", "quotation", "attribution", "label"]
    return pd.DataFrame([(*row, "a topic") for row in rows], columns=names)


@pytest.fixture
def tables():
    return {
        "prevalence": pd.DataFrame({
            "theme": ["b", "a", "unmapped"], "reading": "coded", "share": [None, 0.25, 0.5], "low": [None, 0.2, 0.4],
            "high": [None, 0.3, 0.6], "share_by_comments": [None, 0.3, 0.4], "share_by_topics": [None, 0.1, 0.2],
            "suppressed": [True, False, False],
        }),
        "coded": pd.DataFrame({"coder": ["ann", "ben", "ann"], "theme": ["a", "a", "b"], "share": [0.2, 0.3, None]}),
        "claims": pd.DataFrame({"claim": ["often", "order"], "verdict": ["no number", "supported"],
                                "statement": ["Money is common.", "Age first."]}),
        "quotations": quoted(("Money", LONG, "x"), ("Money; Old; slow", SHORT, ""), ("Money", SHORT, "a nurse"),
                             ("", "nothing", "")),
    }  # fmt: skip


def test_a_theme_has_its_definition_shares_quotations_and_verdicts(tables):
    money, old = joint_display(tables, BOOK).to_dict("records")
    assert (money["theme"], money["definition"], money["share"]) == ("a", "Too little of it.", 0.25)
    assert money["coders"] == "ann 20% | ben 30%"
    assert money["claims"] == "No number: Money is common. | Supported: Age first."
    assert (money["quotation_1"], money["attribution_1"]) == (SHORT, "a nurse")
    assert money["quotation_2"] == LONG
    assert (old["quotation_1"], old["quotation_2"], old["attribution_2"]) == (SHORT, "", "")


def test_what_is_hidden_elsewhere_is_hidden_here(tables):
    old = joint_display(tables, BOOK).iloc[1]
    assert old[["share", "low", "high", "share_by_comments", "share_by_topics"]].isna().all()
    assert old["coders"] == "ann not shown"
    assert old["suppressed"]


def test_no_quotation_is_there_but_published_ones(tables):
    none = joint_display(tables | {"quotations": quoted()}, BOOK)
    assert set(none[["quotation_1", "quotation_2", "attribution_1", "attribution_2"]].to_numpy().ravel()) == {""}


def test_a_name_is_not_found_within_another(tables):
    assert quotations_of(quoted(("Money matters", SHORT, "")), "Money") == []
    assert len(quotations_of(quoted(("Old; slow", SHORT, "")), "Old; slow")) == 1
