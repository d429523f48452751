from pathlib import Path

import pandas as pd
import pytest

from pipeline.codebook.codebook import Codebook
from pipeline.codebook.written_codes import (
    CodeReader,
    coder_of,
    insist_on_known_codes,
    is_ticked,
    read_codes,
    read_column,
    theme_codes,
)
from pipeline.config import CoderConfig, ColumnsConfig
from pipeline.errors import DataError

BOOK = Codebook.model_validate({
    "title": "Visits",
    "themes": [
        {"id": "waiting", "name": "Waiting times", "definition": "d"},
        {"id": "staff", "name": "Staff, and how they treat people", "definition": "d"},
        {"id": "parking", "name": "Parking", "definition": "d"},
    ],
    "codes": [
        {"id": "no_updates", "name": "Nobody says how long", "definition": "d", "themes": ["waiting"]},
        {"id": "rushed", "name": "Rushed", "definition": "d", "themes": ["waiting", "staff"]},
        {"id": "weather", "name": "Weather", "definition": "d"},
    ],
})  # fmt: skip
READER = CodeReader(BOOK.themes, BOOK.codes)


@pytest.mark.parametrize(
    ("cell", "themes", "unknown"),
    [
        ("waiting", ("waiting",), ()),
        (" WAITING\u00a0times ", ("waiting",), ()),
        ("waiting; staff", ("waiting", "staff"), ()),
        ("parking|waiting", ("parking", "waiting"), ()),
        ("staff\nwaiting\nstaff", ("staff", "waiting"), ()),
        ("staff, waiting", ("staff", "waiting"), ()),
        ("waiting/parking", ("waiting", "parking"), ()),
        ('["waiting", "parking"]', ("waiting", "parking"), ()),
        ("Staff, & how they treat people", ("staff",), ()),
        ("Staff, and how they treat people", ("staff",), ()),
        ("waiting, rain", ("waiting",), ("rain",)),
        ("rain, snow", (), ("rain, snow",)),
        ("Nodes\\Visits\\Waiting times", ("waiting",), ()),
        ("Themes\\Parking\\Blue badge", ("parking",), ()),
        ("Codes > Waiting times > No updates", ("waiting",), ()),
        ("no_updates", ("waiting",), ()),
        ("No-Updates", ("waiting",), ()),
        ("rushed", ("waiting", "staff"), ()),
        ("weather", (), ()),
        ("Other", (), ()),
        ("Themes\\Other", (), ()),
        ("3. Parking", ("parking",), ()),
        ("“parking”.", ("parking",), ()),
        ("leters", (), ("leters",)),
        ("4", (), ("4",)),
        ("  ", (), ()),
    ],
)
def test_codes_are_read_in_the_forms_that_people_have(cell, themes, unknown):
    written = READER.read(cell)
    assert (written.themes, written.unknown) == (themes, unknown)


def test_what_says_no_theme_is_known_and_what_nobody_knows_is_not():
    column = read_column("a", ["other", "weather", "4", "4", "waiting; staff", "no_updates", ""], READER)
    assert (column.coded, column.understood, column.no_theme, column.several) == (6, 4, 2, 1)
    assert column.unknown == {"4": 2}
    assert column.finer == {"weather": 1, "no_updates": 1}


def test_a_themes_own_name_comes_before_that_of_a_finer_code():
    code = BOOK.codes[1].model_copy(update={"name": "Parking"})
    written = CodeReader(BOOK.themes, [code]).read("parking")
    assert (written.themes, written.finer) == (("parking",), ())


def test_the_first_theme_is_the_main_one_and_what_nobody_knows_stays_as_it_is():
    columns = {"a": pd.Series(["waiting; staff", "catering", "", ""]), "b": pd.Series(["", "", "parking", ""])}
    codes = theme_codes(columns, READER)
    assert [one.tolist() for one in codes] == [["waiting", "catering", "parking", ""], ["staff", "", "", ""]]


TICKS = {
    "Q7: Waiting times": pd.Series(["1", "0", "0", ""]),
    "Q7: Parking": pd.Series(["1", "0", "1", ""]),
    "Q7: Other": pd.Series(["0", "0", "0", ""]),
}


def test_a_column_for_each_theme_says_yes_or_no():
    assert is_ticked(TICKS, READER)
    assert [one.tolist() for one in theme_codes(TICKS, READER)] == [
        ["waiting", "none", "parking", ""],
        ["parking", "", "", ""],
    ]


def test_ones_are_no_ticks_where_no_column_is_named_for_a_theme_or_the_codebook_has_a_code_one():
    assert not is_ticked({"a": TICKS["Q7: Parking"]}, READER)
    numbered = BOOK.model_copy(update={"themes": (*BOOK.themes, BOOK.themes[0].model_copy(update={"id": "1"}))})
    assert not is_ticked(TICKS, CodeReader(numbered.themes))


def columns_of(**coders):
    coded = [{"name": name, "theme": theme} for name, theme in coders.items()]
    return ColumnsConfig.model_validate({"coders": coded})


def test_a_column_of_mostly_unknown_codes_is_refused_and_counted():
    comments = pd.DataFrame({"a": ["4", "4", "waiting", ""], "b": ["waiting", "leters", "staff", "She shouts at us"]})
    found = read_codes(comments, columns_of(A=["a"], B=["b"]), (), BOOK)
    with pytest.raises(DataError) as caught:
        insist_on_known_codes(found, BOOK, Path("x.csv"))
    assert caught.value.message == "x.csv: 2 of 3 codes in the column 'a' name no theme of the codebook: '4' (2)."
    assert "labels" in caught.value.hint
    insist_on_known_codes(found[1:], BOOK, Path("x.csv"))


def test_outlooks_are_read_by_their_facet():
    entries = [{"id": name, "name": name.title(), "definition": "d"} for name in ("positive", "negative")]
    facet = {"id": "outlook", "name": "Outlook", "definition": "d", "themes": entries}
    book = Codebook.model_validate(BOOK.model_dump() | {"facets": [facet]})
    comments = pd.DataFrame({"a": ["waiting"] * 3, "mood": ["Positive", "waiting", "sad"]})
    coder = {"name": "A", "theme": ["a"], "outlook": "mood"}
    columns = ColumnsConfig.model_validate({"coders": [coder]})
    assert [one.name for one in read_codes(comments, columns, (), book)] == ["a"]
    found = read_codes(comments, columns, (), book, "outlook")[1]
    assert (found.coded, found.understood, dict(found.unknown)) == (3, 1, {"waiting": 1, "sad": 1})


def test_a_column_of_comments_that_was_taken_for_codes_is_not_shown():
    comments = pd.DataFrame({"a": ["She shouts at us", "Dr Quickly was late"]})
    found = read_codes(comments, columns_of(A=["a"]), (), BOOK)
    with pytest.raises(DataError) as caught:
        insist_on_known_codes(found, BOOK, Path("x.csv"))
    assert not [word for word in ("She", "Quickly") if word in str(caught.value)]


def test_a_coder_has_themes_in_place_of_what_is_written():
    comments = pd.DataFrame({"a": ["Nodes\\Parking", "no_updates; staff"]})
    coder = coder_of(comments, CoderConfig(name="A", theme=("a",)), BOOK)
    assert coder.main.tolist() == ["parking", "waiting"]
    assert coder.further[0].tolist() == ["", "staff"]
