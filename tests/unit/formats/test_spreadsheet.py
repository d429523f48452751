import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.formats.spreadsheet import plain_cell, safe_cell


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_a_text_that_begins_a_formula_gets_an_apostrophe(start):
    assert safe_cell(f"{start}cmd()") == f"'{start}cmd()"


@pytest.mark.parametrize("value", ["plain", "", "a=b", "'quoted'", -3, -0.5, None, True])
def test_what_begins_no_formula_stays_as_it_is(value):
    assert safe_cell(value) is value


@given(text=st.text(alphabet=st.one_of(st.sampled_from("=+-@\t\r\n \u00a0'\""), st.characters()), max_size=8))
def test_no_text_begins_a_formula_and_none_is_lost(text):
    safe = safe_cell(text)
    assert not safe.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert plain_cell(safe) == text
