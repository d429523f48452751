"""People's codes, and the themes that they name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pandas as pd

    from pipeline.codebook.codebook import Theme

NO_THEME = "no theme"
"""What a code outside the codebook, or none, counts as."""


@dataclass(frozen=True)
class Coder:
    """One coder's codes of the analysed comments, as they stand in the file; "" where nothing was coded.

    `kind` says whether the coder is a person or a model, and `sample` whether all comments were to be coded, or a
    random sample of them.
    """

    name: str
    main: pd.Series[str]
    further: tuple[pd.Series[str], ...]
    outlook: pd.Series[str] | None
    kind: Literal["person", "model"] = "person"
    sample: Literal["all", "random"] = "all"


def code_to_theme(code: str, themes: Sequence[Theme]) -> str:
    """Return the id of the theme that a person's code names, by id or by name, or `NO_THEME`."""
    wanted = code.strip().casefold()
    for theme in themes:
        if wanted in (theme.id.casefold(), theme.name.casefold()):
            return theme.id
    return NO_THEME


def codes_to_themes(codes: pd.Series[str], themes: Sequence[Theme]) -> pd.Series[str]:
    """Apply `code_to_theme` to a column; an empty cell stays empty, since nothing was coded there."""
    known = {code: code_to_theme(code, themes) if code.strip() else "" for code in codes.unique()}
    return codes.map(known)
