"""What a person may choose for a comment, as the drop-downs show it and as codes keep it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.codebook.codebook import Codebook, Facet, Theme
from pipeline.errors import CodebookError

NONE, NOTHING = "none", "nothing"
"""Codes of a comment that no theme fits, and of one that says nothing; both are no theme of the codebook."""

NO_THEME_FITS, NOTHING_TO_SAY = "no theme fits", "nothing to say"
"""What the drop-downs call them."""

_WITHOUT_THEME = {NO_THEME_FITS: NONE, NOTHING_TO_SAY: NOTHING}


@dataclass(frozen=True)
class Choices:
    """The drop-downs of a sheet.

    Attributes
    ----------
    themes : tuple of Theme
        The themes of the codebook.
    outlook : tuple of Theme
        The entries of the outlook facet; none where the run has none.
    question : str
        What respondents were asked; may be empty.
    asks : str
        What the outlook facet asks; "" without one.
    """

    themes: tuple[Theme, ...]
    outlook: tuple[Theme, ...] = ()
    question: str = ""
    asks: str = ""

    @classmethod
    def of(cls, codebook: Codebook, outlook: Facet | None) -> Choices:
        """Return the choices that a codebook gives.

        Raises
        ------
        CodebookError
            Where a theme's id or name is one of those that stand for no theme.
        """
        taken = {*_WITHOUT_THEME, *_WITHOUT_THEME.values()}
        for theme in codebook.themes:
            if taken & {theme.id.casefold(), theme.name.casefold()}:
                raise CodebookError(
                    f"The theme '{theme.id}' has an id or a name that stands for no theme in coding.",
                    f"Give it another than {', '.join(sorted(taken))}, and run again.",
                )
        entries = () if outlook is None else outlook.themes
        return cls(codebook.themes, entries, codebook.question, "" if outlook is None else outlook.definition)

    @property
    def main(self) -> dict[str, str]:
        """What stands in the list of main themes, with the code that each is kept as."""
        return {theme.name: theme.id for theme in self.themes} | _WITHOUT_THEME

    @property
    def further(self) -> dict[str, str]:
        """What stands in the list of further themes."""
        return {theme.name: theme.id for theme in self.themes}

    @property
    def outlooks(self) -> dict[str, str]:
        """What stands in the list of the outlook."""
        return {entry.name: entry.id for entry in self.outlook}

    def names(self, codes: Sequence[str]) -> list[str]:
        """Return codes as the drop-downs call them."""
        called = {code: name for name, code in (self.main | self.outlooks).items()}
        return [called[code] for code in codes]
