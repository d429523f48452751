import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.language.cleaning import fold, fold_twins, mend, non_answers


@pytest.mark.parametrize(
    ("written", "mended"),
    [
        ("donâ€™t", "don't"),
        ("caf\u00c3\u00a9", "café"),
        ("R&amp;D &lt;none&gt;", "R&D <none>"),
        ("see https://example.org/x?a=1 and www.example.org now", "see and now"),
        ("<b>slow</b>  kit<br/>again", "slow kit\nagain"),
        (" a\t\r\n\r\n b\u00a0c ", "a\nb c"),
        ("- no money\u2028<li>old kit</li>\n", "- no money\nold kit"),
        ("zero\u200bwidth \u202eturned", "zerowidth turned"),
        ("e\u0301", "é"),
        ("3 < 4 and 5 > 2", "3 < 4 and 5 > 2"),
        ("ask w\u200bww.example.org now", "ask now"),
        ("so </b\u00ad>slow", "so slow"),
    ],
)
def test_text_is_mended(written, mended):
    assert mend(written) == mended


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("No signal.", "NO SIGNAL!!"),
        ("don't know", "dont know"),
        ("café", "Cafe"),
        ("wi-fi", "wi fi"),
        ("ﬁle", "file"),
        ("Straße", "STRASSE"),
    ],
)
def test_texts_that_differ_in_form_alone_fold_to_one(one, other):
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("5 users", "6 users"), ("😀", "😡"), ("нет", "да"), ("IT", "I")])
def test_texts_that_differ_in_substance_do_not(one, other):
    assert fold(one) != fold(other)


WILD = st.one_of(
    st.text(max_size=60),
    st.lists(
        st.sampled_from(
            ["&amp;", "&lt;", "&#", ";", "<b>", "</b", ">", "http://", "www.", "\u200b", "\ufeff", "\u0301", "Ã©",
             "â€™", " ", "\n", "\x00", "\ud800", "a", "É", "𝐀", "ﬃ", "\u1e9e", "\u0345", "x"]
        ), max_size=12,
    ).map("".join),
)  # fmt: skip


@pytest.mark.thorough
@given(text=WILD)
@settings(max_examples=400, deadline=None)
def test_mending_never_fails_and_never_changes_a_mended_text(text):
    mended = mend(text)
    assert mend(mended) == mended
    assert mended == mended.strip()
    assert all(line == line.strip() != "" for line in mended.split("\n")) or mended == ""


@pytest.mark.thorough
@given(text=WILD)
@settings(max_examples=400, deadline=None)
def test_folding_never_fails_and_never_changes_a_folded_text(text):
    folded = fold(text)
    assert fold(folded) == folded
    assert not any(
        unicodedata.category(character).startswith(("P", "Z", "C")) for character in folded if character != " "
    )


def test_non_answers_are_folded_and_leave_answers_alone():
    said_nothing = non_answers(["Refer to LETTER!"])
    assert "refer to letter" in said_nothing
    assert said_nothing > non_answers()
    assert all(fold(answer) == answer for answer in said_nothing)
    assert said_nothing.isdisjoint({"none", "nothing"})


def test_what_stands_in_the_place_of_a_name_is_kept_and_html_is_not():
    assert mend("<name> said <b>no</b> to <ward 5>, <SPAN>twice</SPAN>") == "<name> said no to <ward 5>, twice"


def test_what_excel_writes_for_a_line_break_is_one():
    assert mend("one_x000D_two_x000a_three_x0009_four") == "one\ntwo\nthree four"


def test_sentences_keep_twins_apart_and_other_marks_do_not():
    assert fold_twins("No! More staff") != fold_twins("No more staff")
    assert fold_twins("No more staff.") == fold_twins("NO MORE STAFF!!") == fold_twins("no, more  staff")
    assert fold_twins("!!!") == ""
    assert fold_twins("No\nMore staff") == fold_twins("No. More staff") != fold_twins("No more staff")


def test_a_known_non_answer_may_be_an_answer_of_this_survey():
    assert {"pass", "nil", "refused", "prefer not to answer"} <= non_answers()
    assert "pass" not in non_answers(answers=["Pass!"])
    assert "nil" in non_answers(answers=["Pass"])


@given(st.text(st.characters(codec="ascii")))
def test_plain_letters_are_folded_as_among_letters_of_other_kinds(text):
    assert fold(f"{text} \u00e9") == f"{fold(text)} e".strip()
