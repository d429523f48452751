"""Fonts that have the letters which figures need, among those that are installed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from pathlib import Path

USUAL = "DejaVu Sans"
"""The figures' font, which comes with matplotlib: Latin, Greek, Cyrillic, Hebrew and Arabic letters, among others."""

_NO_FONTS = ("last resort", "lastresort", "adobe blank")
"""Fonts that have a box for every letter, or nothing."""

_families: ContextVar[tuple[str, ...]] = ContextVar("families", default=(USUAL,))


_UNUSUAL = re.compile(r"[^\0-\u034f\u0370-\u037e\u0380-\u0525\u1e00-\u1efb]")
"""Beyond the Latin, Greek and Cyrillic letters and their marks, all of which the usual font has."""


def are_usual(text: str) -> bool:
    """Say whether the usual font is known to have all letters of a text, without looking at any font."""
    return not any(unicodedata.category(letter)[0] in "LM" for letter in _UNUSUAL.findall(text))


@dataclass(frozen=True)
class Lettering:
    """Which fonts letters are set in.

    Attributes
    ----------
    families : tuple of str
        Names of fonts: a letter is set in the first that has it.
    lacking : str
        The letters that no installed font has, in the order of Unicode.
    """

    families: tuple[str, ...] = (USUAL,)
    lacking: str = ""


def families() -> tuple[str, ...]:
    """Return the fonts that figures are drawn in now; see `lettered`."""
    return _families.get()


@contextmanager
def lettered(names: tuple[str, ...]) -> Iterator[None]:
    """Draw figures in these fonts for as long as it lasts."""
    for name in names:
        if name != USUAL:
            _make_known(name)
    before = _families.set(names)
    try:
        yield
    finally:
        _families.reset(before)


def lettering_for(texts: Iterable[str]) -> Lettering:
    """Find fonts for texts among those that are installed; none is downloaded.

    Parameters
    ----------
    texts : iterable of str
        All that is to be set.

    Returns
    -------
    Lettering
        The usual font; then, where it lacks letters, those that have most of what is still lacking. A font made for
        screens and an upright one go before others, then the alphabet decides.
    """
    lacking = {letter for text in texts for letter in text if unicodedata.category(letter)[0] in "LM"}
    if are_usual("".join(lacking)):
        # Most are, and then matplotlib need not be loaded for its fonts.
        return Lettering()
    lacking -= _letters_of(_usual_font())
    names = [USUAL]
    while lacking:
        best = max(_installed(), key=lambda font: len(lacking & font.letters), default=None)
        if best is None or not lacking & best.letters:
            break
        names.append(best.name)
        lacking -= best.letters
    return Lettering(tuple(names), "".join(sorted(lacking)))


@dataclass(frozen=True)
class _Font:
    path: str
    name: str
    letters: frozenset[str]


@cache
def _usual_font() -> str:
    import matplotlib

    return str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf")


@cache
def _letters_of(path: str) -> frozenset[str]:
    from matplotlib.font_manager import get_font

    return frozenset(map(chr, get_font(path).get_charmap()))


@cache
def _installed() -> tuple[_Font, ...]:
    """Return the installed fonts, those first that go best with the usual one."""
    from matplotlib.font_manager import findSystemFonts, get_font

    found = []
    for path in findSystemFonts():
        try:
            font = get_font(path)
            name, style, letters = font.family_name, font.style_name, _letters_of(path)
        except (OSError, RuntimeError, ValueError):
            # Damaged, or made of pictures, such as fonts of emoji.
            continue
        if not name.lower().startswith(_NO_FONTS):
            is_plain = style.lower() in ("regular", "book", "normal", "roman", "medium")
            found.append(((not is_plain, "sans" not in name.lower(), name, path), _Font(path, name, letters)))
    return tuple(font for _, font in sorted(found, key=lambda one: one[0]))


def _make_known(name: str) -> None:
    """Tell matplotlib of a font: the list that it keeps may be older than the font, or of another process."""
    from matplotlib.font_manager import fontManager

    if not any(entry.name == name for entry in fontManager.ttflist):
        for font in _installed():
            if font.name == name:
                fontManager.addfont(font.path)
