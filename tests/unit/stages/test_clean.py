import pandas as pd
import pytest

from pipeline import workers
from pipeline.config import CleanConfig
from pipeline.contracts import Received
from pipeline.errors import DataError
from pipeline.language import parts
from pipeline.stages import clean as stage
from pipeline.stages.clean import clean_comments
from tests.example_survey import comment_rows


def clean(texts, language, *, question="", wanted=(), detect=None, **settings):
    comments = pd.DataFrame({"comment_id": [f"c{n}" for n in range(len(texts))], "text": texts, "ward": "w"})
    received = Received(comments=comments, summary={})
    config = CleanConfig(**settings)
    return clean_comments(received, language=language, config=config, question=question, wanted=wanted, detect=detect)


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
    assert [step for step in told if step[1] == step[2]] == [("lemmas", 3, 3), ("comments read for names", 3, 3)]


@pytest.mark.parametrize("redaction", [{}, None])
def test_a_product_of_the_list_of_what_is_no_name_stays_among_the_lemmas(redaction, language):
    said = ["Ask Dr {} about the new forms.", "Nobody told us that {} is away.", "I spoke to {} on Monday."]
    for word, stays in (("Lorenzo", True), ("Ostrowick", False)):
        texts = [text.format(word) for text in said]
        lemmas = " ".join(clean(texts, language, redaction=redaction).comments["lemmas"])
        assert (word.lower() in lemmas.lower()) == stays, lemmas


def likely_welsh(texts):
    return [{"cy": 0.9, "en": 0.1} if "yn" in text.split() else {"en": 0.9, "cy": 0.1} for text in texts]


def test_a_comment_in_another_language_is_set_aside_with_the_reason(language):
    texts = ["Mae rhestrau aros yn rhy hir", "The lists are too long", "n/a", "Mae yn"]
    cleaned = clean(texts, language, wanted=("en",), detect=likely_welsh)
    assert cleaned.comments["found_language"].tolist() == ["cy", "en", "", "unknown"]
    assert cleaned.comments["dropped_because"].tolist() == ["in another language", "", "says nothing", ""]
    assert cleaned.summary["dropped"] == {"in another language": 1, "says nothing": 1}
    assert cleaned.summary["languages"] == {"cy": 1, "en": 1, "unknown": 1}


def test_where_its_language_is_analysed_no_comment_is_set_aside(language):
    texts = ["Mae rhestrau aros yn rhy hir"] * 12
    for wanted in ((), ("cy", "en")):
        assert clean(texts, language, wanted=wanted, detect=likely_welsh).comments["kept"].all()


@pytest.mark.parametrize("detect", [None, likely_welsh])
def test_a_survey_in_another_language_is_refused_unless_no_language_is_looked_at(detect, language):
    texts = [f"Mae rhestrau aros yn rhy hir {place}" for place in ("yma", "acw", "adref") * 4]
    with pytest.raises(DataError, match="in a language that is not analysed"):
        clean(texts, language, wanted=("en",), detect=detect)
    cleaned = clean(texts, language, wanted=("en",), detect=detect, languages=None)
    assert cleaned.comments["kept"].all()
    assert set(cleaned.comments["found_language"]) == {""}


@pytest.mark.thorough
def test_comments_that_are_read_on_several_processes_are_cleaned_alike(language, monkeypatch):
    texts = [row["comment"] for row in comment_rows()]
    texts[3], texts[20] = f"{texts[3]} Thanks to Dr Chukwuma Okonkwo.", f"{texts[20]} I told Okonkwo so."
    in_parts = parts.in_parts
    monkeypatch.setattr(parts, "in_parts", lambda texts: in_parts(texts, 10))
    monkeypatch.setattr(workers, "available_cores", lambda: 2)
    several, told = clean(texts, language), []
    monkeypatch.setattr(stage, "on_cores", lambda held, **_: told.append(held) or workers.in_place(held))
    alone = clean(texts, language)
    # For all comments, then for those that are read again without a name.
    assert told == [language, language]
    pd.testing.assert_frame_equal(several.comments, alone.comments)
    pd.testing.assert_frame_equal(several.redactions, alone.redactions)
    assert several.summary == alone.summary
    assert several.summary["redacted"] == {"PERSON": 2}


@pytest.mark.skipif(not workers.can_fork(), reason="nothing is done meanwhile here")
def test_other_work_is_done_once_though_comments_with_a_name_are_read_again(language, monkeypatch):
    monkeypatch.setattr(workers, "available_cores", lambda: 2)
    texts = ["Sue Miller was kind to me", "there is no signal on the ward"]
    received = Received(
        comments=pd.DataFrame({"comment_id": ["c0", "c1"], "text": texts, "ward": "w"}), summary={}
    )  # fmt: skip
    told = []
    cleaned = clean_comments(received, language=language, config=CleanConfig(), meanwhile=lambda: told.append("once"))
    assert "<PERSON>" in cleaned.comments["text"].iloc[0]
    assert told == ["once"]
