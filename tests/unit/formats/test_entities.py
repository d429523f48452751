import time

import pytest

from pipeline.formats.entities import repaired


@pytest.mark.parametrize(
    ("text", "plain"),
    [("a &amp;amp;lt; b", "a < b"), ("R&amp;D", "R&D"), ("&#38;#x26;AMP;", "&"), ("Caf&Atilde;&copy;", "Café"),
     ("AT&T; &nothing;", "AT&T; &nothing;")],
)  # fmt: skip
def test_entities_become_what_they_stand_for(text, plain):
    assert repaired(text) == plain


@pytest.mark.parametrize("unit", ["amp;", "#38;", "&#97;mp;", "AMP;#x26;"])
def test_a_long_chain_takes_no_longer_than_it_is(unit):
    started = time.perf_counter()
    repaired("&" + unit * 32_000)
    assert time.perf_counter() - started < 3
