import pytest

from pipeline.formats.scripts import scripts_of


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
