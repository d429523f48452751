import numpy as np
import pytest

from pipeline.codebook.codebook import Facet
from pipeline.crosswalk.fit import encode_phrases, read_in_sentences
from pipeline.crosswalk.outlook import classify_outlook

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
