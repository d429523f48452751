"""What people coded beside what the machine read, with the comments behind each number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from pipeline.codebook.codes import NO_THEME, codes_to_themes
from pipeline.contracts import UNMAPPED
from pipeline.errors import DataError, did_you_mean
from pipeline.exploring.material import Material
from pipeline.exploring.topics import table_html


@dataclass(frozen=True)
class Confusion:
    """A coder's themes beside the machine's; for reading inside.

    Attributes
    ----------
    coder : str
        Whose codes.
    coded : DataFrame
        comment_id, coded and machine (names of themes, or "no theme"), topic, label, text: a row for each comment that
        the coder coded.
    names : tuple of str
        Names of the themes in the codebook's order, and "no theme".
    ids : mapping of str to str
        The ids of themes, by which they can be named as well.
    """

    coder: str
    coded: pd.DataFrame
    names: tuple[str, ...]
    ids: Mapping[str, str]

    @property
    def table(self) -> pd.DataFrame:
        """How many comments have each pair: a row for each theme that was coded, a column for the machine's."""
        counts = pd.crosstab(self.coded["coded"], self.coded["machine"])
        counts = counts.reindex(index=list(self.names), columns=list(self.names), fill_value=0)
        return counts.rename_axis(index=f"coded by {self.coder}", columns="read by the machine")

    def comments(self, coded: str, machine: str) -> pd.DataFrame:
        """Return the comments behind a number of the table.

        Parameters
        ----------
        coded, machine : str
            Name or id of a theme, or "no theme": the coder's and the machine's.

        Returns
        -------
        DataFrame
            comment_id, topic, label, text.

        Raises
        ------
        DataError
            Where there is no such theme.
        """
        chosen = self.coded[(self.coded["coded"] == self._name(coded)) & (self.coded["machine"] == self._name(machine))]
        return chosen[["comment_id", "topic", "label", "text"]].reset_index(drop=True)

    def _name(self, theme: str) -> str:
        name = self.ids.get(theme, theme)
        if name not in self.names:
            known = [*self.names, *self.ids]
            raise DataError(
                f"There is no theme '{theme}'.{did_you_mean(theme, known)}", f"Use one of {', '.join(self.names)}."
            )
        return name

    def __repr__(self) -> str:
        return f"{self.table}\nThe comments behind a number: .comments(coded, machine)"

    def _repr_html_(self) -> str:
        named = self.table.reset_index()
        return f"{table_html(named)}<p>The comments behind a number: .comments(coded, machine)</p>"


def confusion_of(material: Material, coder: str | None, sampled: Mapping[str, pd.Series[str]]) -> Confusion:
    """Set a coder's main codes beside the machine's main themes.

    Parameters
    ----------
    material : Material
        The run.
    coder : str or None
        Whose codes; None takes the first coder of the configuration or, where it has none, of the coding sheets.
    sampled : mapping of str to Series of str
        The main codes of the coding sheets by coder, row by row as `material.comments`; "" where nothing was coded.

    Returns
    -------
    Confusion
        Over the comments that the coder coded, without those that the machine learned from.

    Raises
    ------
    DataError
        Where nobody coded, or there is no such coder.
    """
    columns = {one.name: one.theme[0] for one in material.config.input.columns.coders}
    coders = [*columns, *(name for name in sampled if name not in columns)]
    if not coders:
        raise DataError(
            "The run has no people's codes.",
            "Name columns with codes under input.columns.coders, or use code draw and code score.",
        )
    name = coders[0] if coder is None else coder
    if name not in coders:
        raise DataError(f"There is no coder '{name}'.{did_you_mean(name, coders)}", f"Use {' or '.join(coders)}.")
    main = material.column(columns[name]) if name in columns else sampled[name]
    codes = codes_to_themes(main, material.codebook.themes).reset_index(drop=True)
    assignments = material.mapped.assignments
    named = {**material.names, UNMAPPED: NO_THEME, NO_THEME: NO_THEME}
    rows = material.comments[["comment_id", "topic", "label", "text"]].assign(
        coded=codes.map(named), machine=assignments["theme_direct"].map(named)
    )
    kept = (codes != "") & ~assignments["learned_from"].to_numpy(dtype=bool)
    return Confusion(
        coder=name,
        coded=rows[kept].reset_index(drop=True),
        names=(*material.names.values(), NO_THEME),
        ids={theme: name for theme, name in named.items() if theme != NO_THEME},
    )
