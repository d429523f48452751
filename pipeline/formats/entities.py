"""Text as forms and databases leave it: HTML entities, escaped many times over, and letters of a wrong encoding."""

from __future__ import annotations

import re

_PASSES = 5
_PLAIN = re.compile(r"[\t\n -%'-~]*")
"""What ftfy leaves as it is: ASCII without control characters, in which no entity can begin."""

_AMPERSANDS = re.compile(r"&(?:(?:amp|AMP|#0*38|#[xX]0*26);)+")


def repaired(text: str) -> str:
    """Return text in Unicode NFC, with mojibake and HTML entities replaced by what they stand for.

    A pass takes time in proportion to the text, and there are few of them, where ftfy itself takes as many as entities
    are nested: a chain such as "&amp;amp;lt;" is one entity here, however long it is.
    """
    if _PLAIN.fullmatch(text):
        # Most comments, in a hundredth of the time.
        return text
    import ftfy

    for _ in range(_PASSES):
        before = text
        text = ftfy.fixes.unescape_html(_AMPERSANDS.sub("&amp;", text))
        text = ftfy.fix_text(text, unescape_html=False, normalization="NFC")
        if text == before:
            break
    return text
