import pytest

from pipeline.language.lemmas import Analysed, analyse
from pipeline.language.names import NameFinder, without_names

ABOUT = [
    "The laptops are slow and the network drops.",
    "No time to train on the new software.",
    "More money is wanted.",
]
SAID = [
    "Dr {} never answers and the laptops are slow.",
    "We asked {} for help but nothing happened.",
    "Our manager {} does not listen to staff.",
    "{} blocks every request for new software.",
    "ask {} in finance about the money",
    "Since {} left the ward nobody can use the kit.",
]


def names_in(texts, language, *, abbreviations=()):
    finder = NameFinder(language, abbreviations)
    list(analyse(texts, language, on_the_way=finder.read))
    return finder.names()


@pytest.mark.parametrize("surname", ["Ostrowick", "Okafor", "Nowak", "Smith"])
def test_a_surname_is_a_name_in_lower_case_and_with_its_possessive_too(surname, language):
    low = [f"i think {surname.lower()} should be asked", f"{surname.lower()}'s laptop is broken"]
    texts = ABOUT * 17 + [text.format(surname) for text in SAID] + [f"{surname}'s project failed.", *low]
    finder = NameFinder(language)
    found = list(analyse(texts, language, on_the_way=finder.read))
    names = finder.names()
    assert surname.lower() in names
    for text in found:
        cleaned = without_names(text, names)
        assert surname.lower() not in f"{cleaned.lemmas} {cleaned.phrases}".lower()
        assert len(cleaned.lemmas.split()) >= len(text.lemmas.split()) - 1


@pytest.mark.parametrize(
    ("texts", "name"),
    [
        (["Dr. Chukwu is the one to ask."], "chukwu"),
        (["mrs singh told us", "singh again"], "singh"),
        (["Sister Begum wrote it down."], "begum"),
    ],
)
def test_an_uncommon_word_after_a_title_is_a_name(texts, name, language):
    assert name in names_in(texts, language)


@pytest.mark.parametrize(
    "texts",
    [
        [
            "It may help.",
            "We may mark the bill as paid.",
            "Costs rose.",
            "May I ask for a mark?",
            "Prices rose in May.",
        ],
        ["Mark knows how to fix it."] + ["They mark the forms and bill the ward."] * 4,
        ["we miss training", "nurse led clinics", "Nurse practitioners are few, nurse practitioners say"],
        ["dr appointments are online", "the dr said no", "ask the dr about forms"],
        ["SystmOne is slow.", "EPIC went down in Leeds.", "The EPR is slow in Bradford."],
    ],
)
def test_ordinary_words_products_and_places_are_kept(texts, language):
    finder = NameFinder(language)
    found = list(analyse(texts, language, on_the_way=finder.read))
    names = finder.names()
    assert [without_names(text, names) for text in found] == found


def test_a_word_of_the_settings_is_no_name(language):
    texts = ["Docman is down again.", "We asked Docman to print it.", "Docman loses letters."]
    assert "docman" in names_in(texts, language)
    assert "docman" not in names_in(texts, language, abbreviations=["Docman"])


def test_a_long_comment_is_read_in_parts(language):
    text = "The network drops and the laptops are slow. " * 300 + "Our manager Ostrowick does not listen to staff."
    assert names_in([text], language) == {"ostrowick"}


def test_a_model_without_entities_and_dictionary_knows_titles():
    import spacy

    finder = NameFinder(spacy.blank("en"))
    list(finder.read([spacy.blank("en")("Dr Okafor is the one to ask.")]))
    assert finder.names() == {"okafor"}


def test_phrases_with_a_name_go_and_sentences_are_searched_too():
    sentence = Analysed("s", "okafor help", "okafor clinic|old kit", "old")
    text = Analysed("t", "okafor/it ED Okafors help", "ED staff|okafors desk|old kit", "okafor|old", (sentence,))
    found = without_names(text, {"okafor", "ed"})
    assert found == Analysed("t", "ED help", "ED staff|old kit", "old", (Analysed("s", "help", "old kit", "old"),))
