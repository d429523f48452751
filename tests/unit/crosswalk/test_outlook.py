import numpy as np
import pandas as pd
import pytest

from pipeline.crosswalk.codebook import Facet
from pipeline.crosswalk.fit import encode_phrases, read_in_sentences
from pipeline.crosswalk.outlook import ALL, COLUMNS, NOT_GIVEN, classify_outlook, no_outlook, outlook_shares

PRAISE = ("wonderful splendid", "splendid helpful", "helpful wonderful kind")
COMPLAINT = ("broken slow", "slow dreadful", "dreadful broken useless")


def facet(*, mixed=None, holds=False):
    """An outlook facet; `mixed` gives the third entry its examples, or what it combines."""
    entries = [
        {"id": "positive", "name": "Praise", "definition": "Wonderful, splendid.", "examples": PRAISE},
        {"id": "negative", "name": "Complaint", "definition": "Broken, slow.", "examples": COMPLAINT,
         "holds_themes": holds},
    ]  # fmt: skip
    if mixed is not None:
        entries.append({"id": "mixed", "name": "Both", "definition": "Some of each.", **mixed})
    return Facet.model_validate({"id": "outlook", "name": "Outlook", "definition": "How hopeful.", "themes": entries})


def combined():
    return facet(mixed={"combines": ["positive", "negative"]})


def outlooks(texts, asked, encoder, *, theme_phrases=()):
    reading = read_in_sentences(
        texts, encoder.encode(texts), encoder=encoder, neighbours=0, neighbour_share=0.0, seed=1
    )
    found = classify_outlook(reading, asked, encode_phrases(asked.themes, encoder), theme_phrases)
    assert found.dtype == np.int64
    return [asked.themes[place].id for place in found]


LONG = "The lathe is broken. The saw is slow. The desk is dreadful and useless. The door is broken and slow."


@pytest.mark.parametrize("asked", [facet(), combined(), facet(mixed={"examples": ["lukewarm so-so"]})])
def test_praise_is_positive_and_a_complaint_negative(asked, encoder):
    assert outlooks(["A splendid, helpful branch", LONG], asked, encoder) == ["positive", "negative"]


def test_a_word_of_praise_in_a_long_complaint_makes_it_mixed(encoder):
    texts = [f"{LONG} Wonderful splendid helpful kind.", LONG]
    assert outlooks(texts, combined(), encoder) == ["mixed", "negative"]
    # Where nothing combines, the complaint outweighs the praise or not, but nothing is mixed.
    assert "mixed" not in outlooks(texts, facet(), encoder)


def test_an_entry_that_combines_none_is_decided_by_its_own_phrases(encoder):
    asked = facet(mixed={"examples": ["lukewarm middling", "middling so-so"]})
    assert outlooks(["A lukewarm and middling branch"], asked, encoder) == ["mixed"]


def test_an_entry_that_combines_others_has_no_phrases_of_its_own(encoder):
    asked = facet(mixed={"examples": ["lukewarm middling"], "combines": ["positive", "negative"]})
    reading = read_in_sentences(
        PRAISE, encoder.encode(PRAISE), encoder=encoder, neighbours=0, neighbour_share=0.0, seed=1
    )
    phrases = encode_phrases(asked.themes, encoder)
    swapped = [*phrases[:2], -phrases[2]]
    np.testing.assert_array_equal(
        classify_outlook(reading, asked, phrases, []), classify_outlook(reading, asked, swapped, [])
    )


def test_the_phrases_of_themes_are_those_of_an_entry_that_holds_them(encoder):
    texts, themes = ["money and budget"], [encoder.encode(["no money", "the budget", "money and budget"])]
    assert outlooks(texts, facet(holds=True), encoder, theme_phrases=themes) == ["negative"]
    asked = facet(holds=True)
    without = facet()
    for one in (asked, without):
        assert len(outlooks(texts, one, encoder, theme_phrases=themes)) == 1
    # They are phrases of that entry alone: for one that holds none they change nothing.
    assert outlooks(texts, without, encoder, theme_phrases=themes) == outlooks(texts, without, encoder)


def test_a_comment_without_content_gets_an_entry_all_the_same(encoder):
    asked = combined()
    texts = ["?", "splendid"]
    vectors = encoder.encode(texts)
    vectors[0] = 0
    reading = read_in_sentences(texts, vectors, encoder=encoder, neighbours=5, neighbour_share=0.3, seed=1)
    found = classify_outlook(reading, asked, encode_phrases(asked.themes, encoder), [])
    assert found.shape == (2,)
    assert set(found.tolist()) <= {0, 1, 2}


def test_the_order_of_comments_does_not_matter(encoder):
    texts = [*PRAISE, *COMPLAINT, LONG, f"{LONG} Wonderful splendid helpful kind."]
    assert outlooks(texts[::-1], combined(), encoder) == outlooks(texts, combined(), encoder)[::-1]


# Shares.


@pytest.fixture
def outlook(codebook):
    return codebook.facet("outlook")


def shares_of(codebook, outlook, said, groups=None, respondents=None, positive=("positive",)):
    said = pd.Series(said, dtype=object)
    return outlook_shares(
        said,
        None if groups is None else pd.Series(groups, dtype=object),
        pd.Series([""] * len(said) if respondents is None else respondents, dtype=object),
        codebook=codebook,
        outlook=outlook,
        positive=positive,
    )


def test_shares_are_counted_over_all_and_in_each_group(codebook, outlook):
    table = shares_of(codebook, outlook, ["positive", "negative", "negative", "mixed"], ["a", "a", "b", ""])
    assert tuple(table.columns) == COLUMNS
    rows = table.set_index(["group", "entry"])
    assert rows.loc[(ALL, "negative"), ["comments", "count", "share"]].tolist() == [4, 2, 0.5]
    assert rows.loc[("a", "positive"), ["comments", "count", "share"]].tolist() == [2, 1, 0.5]
    assert rows.loc[(NOT_GIVEN, "mixed"), ["comments", "count", "share"]].tolist() == [1, 1, 1.0]
    assert set(table["group"]) == {ALL, "a", "b", NOT_GIVEN}


def test_a_share_has_wilsons_interval(codebook, outlook):
    row = shares_of(codebook, outlook, ["positive"] * 3 + ["negative"] * 7).set_index("entry").loc["positive"]
    assert [row["low"], row["high"]] == pytest.approx([0.1078, 0.6032], abs=1e-4)


def test_entries_that_are_positive_together_come_first_with_their_sum(codebook, outlook):
    table = shares_of(codebook, outlook, ["positive", "mixed", "negative", "negative"], positive=("positive", "mixed"))
    assert table["entry"].tolist() == ["positive or mixed", "positive", "mixed", "negative"]
    assert table["share"].tolist() == [0.5, 0.25, 0.25, 0.5]


def test_the_published_share_is_set_beside_all_alone(codebook, outlook):
    table = shares_of(codebook, outlook, ["positive", "negative"], ["a", "b"], positive=("positive", "mixed"))
    published = table.set_index(["group", "entry"])["published_share"]
    assert published[ALL, "positive or mixed"] == 0.2
    assert published.drop(index=ALL).isna().all()
    assert np.isnan(published[ALL, "negative"])


def test_comments_of_one_respondent_widen_the_interval(codebook, outlook):
    said = ["positive"] * 10 + ["negative"] * 10
    alone = shares_of(codebook, outlook, said).iloc[0]
    together = shares_of(codebook, outlook, said, respondents=[f"r{row // 5}" for row in range(20)]).iloc[0]
    assert together["share"] == alone["share"]
    assert together["high"] - together["low"] > 1.3 * (alone["high"] - alone["low"])


def test_no_comments_have_no_shares(codebook, outlook):
    table = shares_of(codebook, outlook, [])
    assert (table["comments"] == 0).all()
    assert table["share"].isna().all()


def test_without_an_outlook_facet_the_table_is_empty():
    assert (len(no_outlook()), tuple(no_outlook().columns)) == (0, COLUMNS)
