import pytest

from pipeline.privacy.disclosure import protect_public
from pipeline.privacy.rounding import Rules
from tests.unit.privacy.example_tables import claim, public


def test_a_sentence_quotes_round_numbers_and_its_names_stay():
    names = "'Level 2.5 of 7 comments': 41 of 1,203 comments, 20.2 % (97.5 % interval 15.2 % to 26.3 %)."
    found = protect_public(public([claim(shown=names)]), Rules())["claims"].iloc[0]
    assert found["shown"] == "'Level 2.5 of 7 comments': 40 of 1205 comments, 20 % (97.5 % interval 15 % to 26 %)."
    assert (found["estimate"], found["low"], found["n"]) == (0.2, 0.15, 200)


@pytest.mark.parametrize("told", [
    claim(n=9), claim(shown="'A': 5 of 203 comments, 2.5 %."), claim(shown="'A': 198 of 203 comments, 97.5 %."),
    claim("order", shown="Of 200 comments: 'A' 20 %, 'B' 3 %. 'A' less 'B': 17 percentage points."),
    claim("difference", "outlook", shown="'Up': 87 of 90 comments in 'B' (96.7 %), 90 of 180 in the rest (50 %)."),
    claim("difference", "outlook", shown="'Up': 60 of 90 comments in 'B' (66.7 %), 90 of 180 in the rest (50 %)."),
])  # fmt: skip
def test_a_claim_that_tells_of_few_comments_says_nothing(told):
    found = protect_public(public([told]), Rules())["claims"].iloc[0]
    assert found["suppressed"]
    assert found[["estimate", "low", "high", "n"]].isna().all()
    assert found["verdict"] == "cannot tell"
    assert not any(letter.isdigit() for letter in found["shown"])
