"""Other people's words in a Markdown text."""

from __future__ import annotations

import re

_MARKS = re.compile(r"([\\`*\[\]<>|~])|(?<![^\W_])(_)|(_)(?![^\W_])")
_ENTITY = re.compile(r"&(?=#?\w+;)")
_OPENING = re.compile(r"^(\s*)([#+-]|\d+[.)])(?=\s)")
_RULE = re.compile(r"[-=_*]+(?: [-=_*]+)*")
"""A line of such signs alone is a rule, or makes a heading of the line above."""


def escaped(text: str) -> str:
    """Return text on one line that Markdown shows as it stands.

    Square brackets are escaped too: unescaped they mark what is left to the authors.
    """
    line = " ".join(text.split())
    if _RULE.fullmatch(line):
        return f"\\{line}"
    line = _ENTITY.sub("&amp;", _MARKS.sub(lambda found: f"\\{found.group()}", line))
    # What would open a heading or a list at the beginning of a line; a number's mark is its last character.
    return _OPENING.sub(lambda found: f"{found[1]}{found[2][:-1]}\\{found[2][-1]}", line)
