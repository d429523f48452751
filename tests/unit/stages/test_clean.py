import pandas as pd
import pytest

from pipeline.config import CleanConfig
from pipeline.contracts import Received
from pipeline.errors import DataError
from pipeline.stages.clean import clean_comments


def clean(texts, language, *, question="", **settings):
    comments = pd.DataFrame({"comment_id": [f"c{n}" for n in range(len(texts))], "text": texts, "ward": "w"})
    received = Received(comments=comments, summary={})
    return clean_comments(received, language=language, config=CleanConfig(**settings), question=question)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("n/a", "says nothing"),
        ("N.A.", "says nothing"),
        ("Nothing to add.", "says nothing"),
        ("SEE ABOVE", "says nothing"),
        ("don’t know", "says nothing"),
        ("", "empty"),
        ("   ", "empty"),
        ("https://example.org", "empty"),
        ("-", "too short"),
        ("42", "too short"),
        ("x", "too short"),
        ("what stops you", "repeats the question"),
    ],
)
def test_what_says_nothing_is_set_aside_with_the_reason(text, reason, language):
    cleaned = clean([text, "a real answer here"], language, question="What stops you?")
    assert cleaned.comments["dropped_because"].tolist() == [reason, ""]
    assert cleaned.comments["kept"].tolist() == [False, True]
    assert cleaned.summary["dropped"] == {reason: 1}


@pytest.mark.parametrize("text", ["None", "Nothing", "IT", "No money", "👎", "нет денег", "成本"])
def test_a_short_answer_is_an_answer(text, language):
    assert clean([text], language).comments["kept"].tolist() == [True]


def test_further_non_answers_come_from_the_settings(language):
    cleaned = clean(["Refer to letter!", "an answer"], language, non_answers=("refer to LETTER",))
    assert cleaned.comments["kept"].tolist() == [False, True]


def test_nothing_vanishes_and_every_twin_stands_for_itself(language):
    texts = ["No signal.", "n/a", "NO SIGNAL", "no  signal!", "Old kit", "", "old kit?"]
    comments = clean(texts, language).comments
    assert comments["comment_id"].tolist() == [f"c{n}" for n in range(7)]
    assert comments["duplicate_of"].tolist() == ["", "", "c0", "c0", "", "", "c4"]
    twins = comments[comments["duplicate_of"] != ""]
    stands = comments.set_index("comment_id").loc[twins["duplicate_of"]]
    assert (stands["duplicate_of"] == "").all()
    assert stands["lemmas"].tolist() == twins["lemmas"].tolist()
    assert (comments["ward"] == "w").all()


def test_the_counts_add_up(language):
    summary = clean(["a real one", "A REAL ONE", "n/a", "-", "another one"], language).summary
    assert summary["received"] == 5
    assert summary["analysed"] + sum(summary["dropped"].values()) == summary["received"]
    assert summary["distinct"] + summary["folded"] == summary["analysed"]
    assert (summary["distinct"], summary["folded"]) == (2, 1)


def test_exact_twins_are_folded_even_where_near_ones_are_not(language):
    comments = clean(["No signal", "NO SIGNAL", "No signal"], language, fold_duplicates=False).comments
    assert comments["duplicate_of"].tolist() == ["", "", "c0"]


def test_lemmas_keep_negations_abbreviations_and_nothing_else_in_capitals(language):
    comments = clean(
        ["We can't use the EPRs without IT", "Trains won't run; GPs never listened", "COMPUTERS ARE SLOW HERE"],
        language,
    ).comments  # fmt: skip
    first, second, third = (text.split() for text in comments["lemmas"])
    assert {"can", "not", "EPR", "without", "IT"} <= set(first)
    assert {"not", "never", "GP", "listen"} <= set(second)
    assert "computer" in third


def test_an_abbreviation_of_the_settings_is_kept(language):
    (lemmas,) = clean(["The eRS is down"], language, abbreviations=("eRS",)).comments["lemmas"]
    assert "eRS" in lemmas.split()


def test_phrases_are_nouns_and_noun_phrases_of_at_most_four_words(language):
    (phrases,) = clean(["The old booking system is slow because of bad network cables."], language).comments["phrases"]
    found = phrases.split("|")
    assert {"old booking system", "system", "cables"} <= set(found)
    assert not {"old", "slow", "is"} & set(found)
    assert all(len(phrase.split()) <= 4 for phrase in found)


def test_qualities_are_adjectives_that_are_neither_denied_nor_compared(language):
    texts = [
        "The staff were very friendly and the ward was clean.", "The ward is not clean.",
        "Staff wasn't really helpful.",
        "Be more friendly, quicker please.", "Not cold, warm.", "<PHONE> is able and slow",
    ]  # fmt: skip
    found = [set(said.split("|")) - {""} for said in clean(texts, language).comments["qualities"]]
    assert found[:3] == [{"friendly", "clean"}, set(), set()]
    assert "friendly" not in found[3]
    assert found[4] == {"warm"}
    assert found[5] == {"slow"}


def test_no_comment_left_is_an_error_with_the_reasons(language):
    with pytest.raises(DataError, match=r"None of the 2 comments can be analysed \(empty: 1; says nothing: 1\)"):
        clean(["", "n/a"], language)


def test_what_came_in_is_not_changed(language):
    texts = ["  a&amp;b text  "]
    comments = pd.DataFrame({"comment_id": ["1"], "text": texts})
    clean_comments(Received(comments, {}), language=language, config=CleanConfig())
    assert comments["text"].tolist() == texts


def test_progress_reaches_the_number_of_texts(language):
    told = []
    comments = pd.DataFrame({"comment_id": ["1", "2", "3"], "text": ["one thing", "ONE THING", "two things"]})
    clean_comments(Received(comments, {}), language=language, config=CleanConfig(), progress=lambda *a: told.append(a))
    assert told[-1] == ("lemmas", 3, 3)


@pytest.mark.parametrize("redaction", [{}, None])
def test_a_product_of_the_list_of_what_is_no_name_stays_among_the_lemmas(redaction, language):
    said = ["Ask Dr {} about the new forms.", "Nobody told us that {} is away.", "I spoke to {} on Monday."]
    for word, stays in (("Lorenzo", True), ("Ostrowick", False)):
        texts = [text.format(word) for text in said]
        lemmas = " ".join(clean(texts, language, redaction=redaction).comments["lemmas"])
        assert (word.lower() in lemmas.lower()) == stays, lemmas
