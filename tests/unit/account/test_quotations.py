import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.account.quotations import (
    NOT_CLOSED,
    Paragraph,
    Quotation,
    find_quotations,
    is_taken_from,
    subject_words,
    words_of,
)


def read(*texts, section="money"):
    return find_quotations([Paragraph(text, section) for text in texts])


def the_one(*texts):
    (quotation,) = read(*texts)
    return quotation


def test_a_text_without_quotations_has_none():
    assert find_quotations([]) == ()
    assert read("", "A plain paragraph with an apostrophe's tail.") == ()


@pytest.mark.parametrize(
    "text",
    [
        "A nurse said “the drill has been broken since May.”",
        'A nurse said "the drill has been broken since May."',
        "A nurse said ‘the drill has been broken since May.’",
        "A nurse said 'the drill has been broken since May.'",
    ],
)
def test_each_kind_of_mark_encloses_a_quotation(text):
    assert the_one(text) == Quotation(1, "money", "a nurse", "the drill has been broken since May.")


def test_a_nested_quotation_stays_in_the_one_around_it():
    assert the_one("“They said “wait for May” and left again.”").text == "They said “wait for May” and left again."
    assert the_one('"They said "wait for May" and left."').text == 'They said "wait for May" and left.'
    assert the_one("“They said ‘wait for the grant’ and left.”").text == "They said ‘wait for the grant’ and left."
    assert the_one("“They don't say 'wait for the grant' now.”").text == "They don't say 'wait for the grant' now."


def test_apostrophes_are_no_closing_marks():
    assert the_one("A vicar said ‘it isn't the branch's drill, it's ours.’").text.endswith("it's ours.")
    assert the_one("“It’s the managers’ drill and nobody’s saw.”").text == "It’s the managers’ drill and nobody’s saw."


def test_a_paragraph_whose_single_marks_do_not_alternate_has_no_quotation():
    assert read("A vicar said ‘it is the managers’ drill and not ours at all.’") == ()


def test_an_inch_mark_beside_typographic_marks_is_no_quotation_mark():
    assert the_one('“We only own a 24" saw and a vice.”').text == 'We only own a 24" saw and a vice.'


@pytest.mark.parametrize(("words", "count"), [("one two three four", 0), ("one two three four five", 1)])
def test_a_response_has_at_least_five_words(words, count):
    assert len(read(f"A nurse said “{words}”.")) == count


def test_quotations_are_numbered_without_the_short_ones():
    found = read("“one two three four five” and “no response”", "“six seven eight nine ten”")
    assert [(quotation.number, quotation.text[:3]) for quotation in found] == [(1, "one"), (2, "six")]


def test_a_quotation_of_several_paragraphs_is_one():
    found = the_one("A nurse said “The drill is old.", "“The saw is older.", "“Nothing is new.”")
    assert found == Quotation(1, "money", "a nurse", "The drill is old. The saw is older. Nothing is new.")
    straight = the_one('A nurse said "The drill is old.', '"The saw is older."')
    assert (straight.text, straight.note) == ("The drill is old. The saw is older.", "")


def test_what_follows_a_quotation_of_several_paragraphs_is_another():
    found = read("“The drill is very old.", "“The saw is older.” A nurse said “there is no money at all.”")
    assert [(q.speaker, q.text) for q in found] == [
        ("", "The drill is very old. The saw is older."),
        ("a nurse", "there is no money at all."),
    ]


def test_an_unclosed_quotation_ends_with_its_paragraph_and_says_so():
    found = read("A nurse said “the drill is very old.", "The article goes on.", "“one two three four five”")
    assert [(q.text, q.note) for q in found] == [
        ("the drill is very old.", NOT_CLOSED),
        ("one two three four five", ""),
    ]
    assert the_one("“the last words of a text").note == NOT_CLOSED


def test_a_quotation_does_not_reach_into_the_next_section():
    found = find_quotations([Paragraph("“the drill is very old.", "a"), Paragraph("“the saw is old as well.”", "b")])
    assert [(q.section, q.note) for q in found] == [("a", NOT_CLOSED), ("b", "")]


def test_a_closing_mark_without_an_opening_one_is_passed_over():
    assert the_one("An end” that opened nowhere. “one two three four five”").text == "one two three four five"


@pytest.mark.parametrize(
    ("lead", "speaker"),
    [
        ("One respondent said", ""),
        ("Another respondent put it well", ""),
        ("A plan was wanted, one respondent noted", ""),
        ("Respondents want time, one respondent, a master baker and treasurer noted", "a master baker and treasurer"),
        ("A warden at a large library explained how they lend", "a warden at a large library"),
        ("Still a Keeper of Tools in our survey noted", "a Keeper of Tools"),
        ("Lastly an Under Keeper Saws said", "an Under Keeper Saws"),
        ("Replies included a Tool Sharpener explained what wears out", "a Tool Sharpener"),
        ("There is a want of saws and a verger said", "a verger"),
        ("Saws are a problem. A verger also said:", "a verger"),
        ("A verger told us what the board had said", "a verger"),
        ("The Chief Warden said", "the Chief Warden"),
        ("One nurse, when asked, wrote", ""),
        ("One of our vergers wrote", "one of our vergers"),
        ("Jane Saw said", ""),
        ("Jane Saw, a verger, said", "a verger"),
        ("They wrote of", ""),
        ("", ""),
    ],
)
def test_the_speaker_is_the_role_that_introduces_the_quotation(lead, speaker):
    assert the_one(f"{lead} “one two three four five.”").speaker == speaker


@pytest.mark.parametrize(
    ("tail", "speaker"),
    [
        (", said a verger.", "a verger"),
        (", said a warden at a large library, who retired.", "a warden at a large library"),
        (", a verger said. A nurse agreed.", "a verger"),
        (", said Jane Saw.", ""),
        (" A verger said no more.", ""),
        (" is what one respondent wrote.", ""),
    ],
)
def test_the_speaker_may_follow_the_quotation(tail, speaker):
    assert the_one(f"“one two three four five”{tail}").speaker == speaker


def test_a_paragraph_that_ends_with_a_colon_introduces_the_next():
    assert the_one("A verger told us:", "“one two three four five”").speaker == "a verger"
    assert the_one("A verger told us.", "“one two three four five”").speaker == ""


def test_words_on_the_speaker_do_not_part_a_quotation():
    whole = the_one("“The drill is old,” said a verger, “and so is the saw.”")
    assert (whole.speaker, whole.text) == ("a verger", "The drill is old, and so is the saw.")
    assert the_one("“The drill is old.” a verger said. “So is the saw.” More follows.").text.endswith("So is the saw.")


def test_two_speakers_of_one_paragraph_have_a_quotation_each():
    found = read("A verger said “the drill is very old”, a nurse said, “the saw is old as well.”")
    assert [q.speaker for q in found] == ["a verger", "a nurse"]
    found = read("“The drill is very old indeed.” A nurse said “the saw is old as well.”")
    assert [q.speaker for q in found] == ["", "a nurse"]


@given(texts=st.lists(st.text(alphabet="aB ,.:“”\"‘’'\n", max_size=60), max_size=6))
def test_any_text_gives_sound_quotations(texts):
    found = find_quotations([Paragraph(text, "s") for text in texts])
    assert [quotation.number for quotation in found] == list(range(1, len(found) + 1))
    letters = "".join(character for text in texts for character in text if character.isalpha())
    said = "".join(character for quotation in found for character in quotation.text if character.isalpha())
    rest = iter(letters)
    assert all(letter in rest for letter in said), "a quotation has words that the text has not, or has them twice"
    assert all(len(quotation.text.split()) >= 5 and quotation.section == "s" for quotation in found)


@given(
    responses=st.lists(
        st.lists(st.sampled_from(["drill", "saw", "isn’t", "‘old’", "no.", '24"']), min_size=5, max_size=9), max_size=5
    )
)
def test_printed_responses_come_back_as_they_were(responses):
    printed = [f"A verger said “{' '.join(words)}” and left." for words in responses]
    assert [quotation.text for quotation in read(*printed)] == [" ".join(words) for words in responses]


def test_words_have_neither_case_nor_punctuation():
    assert words_of("The BRANCH’s e-saw, £5!") == ["the", "branch's", "e", "saw", "5"]
    assert subject_words(["the", "saw", "is", "not", "old"]) == ["saw", "old"]


@pytest.mark.parametrize(
    ("phrase", "taken"),
    [
        ("Sadly, the drill has been broken", True),  # four words in a row
        ("the drill has gone", False),  # three words in a row, and one content word too few
        ("Broken drill", False),  # content words out of order
        ("drill that broken", True),  # content words in order
        ("drill, nurses", False),  # in order, but over two sentences
        ("of nurses", True),  # as it is
        ("nurses", False),  # one word is vocabulary
        ("no nurses", False),
        ("", False),
    ],
)
def test_a_phrase_is_taken_by_its_run_or_by_its_content_words_in_order(phrase, taken):
    said = Quotation(1, "money", "", "The drill has been broken since May. Plenty of nurses saw it.")
    assert is_taken_from(phrase, said) is taken
