import unicodedata

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from matplotlib import font_manager

from pipeline.figures import letters
from pipeline.figures.drawing import text_width
from pipeline.figures.letters import USUAL, Lettering, are_usual, families, lettered, lettering_for


def make_font(path, name, characters, *, width=600):
    """Write a font in which each character is a box."""
    pen = TTGlyphPen(None)
    for number, point in enumerate(((0, 0), (0, 500), (500, 500), (500, 0))):
        (pen.lineTo if number else pen.moveTo)(point)
    pen.closePath()
    box, names = pen.glyph(), {ord(one): f"u{ord(one):04X}" for one in characters}
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", *names.values()])
    builder.setupCharacterMap(names)
    builder.setupGlyf({".notdef": box, **dict.fromkeys(names.values(), box)})
    builder.setupHorizontalMetrics({".notdef": (width, 0), **dict.fromkeys(names.values(), (width, 0))})
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": name, "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    builder.save(path)
    return str(path)


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Return what makes fonts the only installed ones."""

    def install(**fonts):
        paths = [make_font(tmp_path / f"{name}.ttf", f"Made up {name}", has) for name, has in fonts.items()]
        monkeypatch.setattr(font_manager, "findSystemFonts", lambda: paths)
        letters._installed.cache_clear()

    known = list(font_manager.fontManager.ttflist)
    yield install
    font_manager.fontManager.ttflist[:] = known
    letters._installed.cache_clear()


@pytest.mark.parametrize("text", ["Staff", "Ŵyl a thŷ", "Łódź", "Ελλάδα", "Здоровье", "صحت", "🙂 − “x”"])
def test_the_usual_font_has_these_letters(text, installed):
    installed()
    assert lettering_for([text]) == letters.Lettering()


def test_a_font_that_has_the_letters_is_found_and_the_rest_is_named(installed):
    installed(one="क", both="कखA", other="中")
    found = lettering_for(["क ख", "中", "ธ"])
    assert found.families == (USUAL, "Made up both", "Made up other")
    assert found.lacking == "ธ"


@pytest.mark.filterwarnings("ignore:Glyph")
def test_a_text_is_measured_and_drawn_in_the_font_that_has_its_letters(installed):
    installed(wide="中")
    without = text_width("中", 10.5)
    with lettered(lettering_for(["中"]).families):
        assert families() == (USUAL, "Made up wide")
        assert text_width("中", 10.5) != without
    assert families() == (USUAL,)
    assert text_width("中", 10.5) == without


def test_a_file_that_is_no_font_is_passed_over(installed, tmp_path, monkeypatch):
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(b"no font")
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda: [str(broken)])
    assert lettering_for(["中"]).lacking == "中"


def test_for_usual_letters_no_font_is_looked_at(monkeypatch):
    monkeypatch.setattr(letters, "_letters_of", lambda path: pytest.fail(f"{path} was read"))
    assert lettering_for(["Too slow 👍,", "naïve – «λ»"]) == Lettering((USUAL,), "")


def test_letters_that_are_called_usual_are_in_the_usual_font():
    every = "".join(letter for letter in map(chr, range(0xD800)) if are_usual(letter))
    assert {"a", "ŵ", "Ł", "λ", "Я", "1"} <= set(every)
    # By the font's own list: of usual letters `lettering_for` looks at no font.
    has = set(map(chr, font_manager.get_font(font_manager.findfont(USUAL)).get_charmap()))
    assert {letter for letter in every if unicodedata.category(letter)[0] in "LM"} <= has
    assert are_usual("Too slow 👍, naïve – «λ»")
    assert not are_usual("Waiting 等待")
    assert not are_usual("इंतज़ार")
