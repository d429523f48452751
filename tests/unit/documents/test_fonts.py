"""The font inside a page: the letters that are used, in both weights, the same bytes each time."""

import base64
import io
import re

import pytest
from fontTools.ttLib import TTFont

from pipeline.documents.fonts import font_faces, letters_in


def fonts(rules):
    """Return the fonts that style rules hold, by weight."""
    found = re.findall(r"font-weight: (\w+); src: url\(data:font/woff;base64,([^)]+)\)", rules)
    return {weight: TTFont(io.BytesIO(base64.b64decode(content))) for weight, content in found}


def letters(font):
    return {chr(number) for number in font.getBestCmap() or {}}


def test_each_weight_holds_the_letters_of_all_texts_and_no_others():
    held = fonts(font_faces(letters_in(["Geld, “Öl”", "and ×"])))
    assert set(held) == {"normal", "bold"}
    for font in held.values():
        assert letters(font) == set("Geld, “Öl”and ×")


def test_the_weights_are_different_letters():
    normal, bold = (font["hmtx"]["a"][0] for font in fonts(font_faces(letters_in(["a"]))).values())
    assert bold > normal


def test_a_page_has_one_rule_for_each_weight():
    rules = font_faces(letters_in(["text"]))
    assert rules.count("@font-face") == 2
    assert rules.count("font-family: 'DejaVu Sans'") == 2


def test_the_same_letters_give_the_same_text():
    assert font_faces(letters_in(["abc", "cde"])) == font_faces(letters_in(["edcba"]))
    assert font_faces(letters_in(["abc"])) != font_faces(letters_in(["abd"]))


def test_letters_that_the_font_lacks_are_left_to_the_reader():
    (normal, _) = fonts(font_faces(letters_in(["a\U0001f9ff漢"]))).values()
    assert letters(normal) == {"a"}


@pytest.mark.parametrize("texts", [[], [""]])
def test_without_letters_there_are_rules_all_the_same(texts):
    assert {weight: letters(font) for weight, font in fonts(font_faces(letters_in(texts))).items()} == {
        "normal": set(), "bold": set()
    }  # fmt: skip


def test_plain_english_takes_little_room():
    rules = font_faces(letters_in(["abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,;:%()–“”"]))
    assert len(rules) < 40_000
