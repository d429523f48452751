import pytest

from pipeline.formats.scripts import before_a_number, scripts_of


@pytest.mark.parametrize(
    ("text", "scripts"),
    [
        ("", ()),
        ("1 + 2 👍", ()),
        ("Ŵy", ("Latin",)),
        ("क्षa中", ("Chinese", "Devanagari", "Latin")),
        ("жا", ("Arabic", "Cyrillic")),
    ],
)
def test_the_scripts_of_a_text_are_named_as_people_name_them(text, scripts):
    assert scripts_of(text) == scripts


@pytest.mark.parametrize("name", ["", "Money", "Деньги", "资金"])
def test_a_name_that_is_read_rightwards_stays_as_it_is(name):
    assert before_a_number(name) == name


@pytest.mark.parametrize("name", ["فنڈنگ", "Plan כסף"])
def test_a_number_stays_behind_a_name_that_is_read_leftwards(name):
    assert before_a_number(name) == name + "\u200e"
