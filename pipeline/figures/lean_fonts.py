"""Fonts in a PDF without the tables by which a program would lay out text, which matplotlib has done by then.

To read those tables and cut them down is nearly half of what writing a PDF takes. No program that shows a PDF reads
them: each letter stands there with its place. matplotlib has no setting for it, so what fontTools leaves out of a font
by default is lengthened for as long as a figure is written.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

_FOR_LAYOUT = ("GSUB", "GPOS", "GDEF")
_DEFAULT = "_drop_tables_default"


@contextmanager
def outlines_alone() -> Iterator[None]:
    """Have fonts cut down to their letters; where fontTools has changed, they are written as matplotlib does it."""
    from fontTools import subset

    before = getattr(subset.Options, _DEFAULT, None)
    if not isinstance(before, list):
        yield
        return
    setattr(subset.Options, _DEFAULT, [*before, *_FOR_LAYOUT])
    try:
        yield
    finally:
        setattr(subset.Options, _DEFAULT, before)
