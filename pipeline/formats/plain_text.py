"""Text as any file can hold it."""

from __future__ import annotations

import re

_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufeff\ufffe\uffff]")
"""What XML 1.0 forbids, and the byte order mark, which many programs drop from the start of a file."""


def plain_text(text: str) -> str:
    """Return a text with line feeds alone for line breaks, and without what XML and UTF-8 cannot hold."""
    return _UNSTORABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
