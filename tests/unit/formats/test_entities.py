import string
import time

import ftfy
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

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


_PLAIN = "\t\n" + "".join(letter for letter in map(chr, range(32, 127)) if letter != "&")


@given(st.text(st.sampled_from(_PLAIN)))
@example(_PLAIN)
@example("&#39; and &lt;br&gt;".replace("&", ""))
def test_plain_text_is_what_ftfy_leaves_as_it_is(text):
    assert ftfy.fix_text(text, unescape_html=False, normalization="NFC") == ftfy.fixes.unescape_html(text) == text
    assert repaired(text) == text


@pytest.mark.parametrize(
    "letter", [*(chr(code) for code in range(32) if chr(code) not in "\t\n"), "&", "\x7f", "\xa0", "é"]
)
def test_text_that_ftfy_may_change_is_given_to_it(letter, monkeypatch):
    monkeypatch.setattr(ftfy, "fix_text", lambda text, **how: "mended")
    assert repaired(f"{string.printable[:10]}{letter}") == "mended"
