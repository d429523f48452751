"""The joint display: of each theme its definition, its shares, two quotations and the verdicts on its claims."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from pipeline.codebook.codebook import Codebook
from pipeline.tables.numbers import MISSING, NOT_SHOWN, percent
from pipeline.tables.record import is_set, rows_of
from pipeline.tables.schema import made

BETWEEN = " | "
"""What stands between several coders, and between several claims, of one theme."""

_QUOTED = 2
_NOBODY: Mapping[Any, Any] = {"quotation": "", "attribution": ""}
_FIT = range(10, 45)
"""How many words a quotation has that says enough and fits a cell; others are taken where there is no such one."""


def joint_display(tables: Mapping[str, pd.DataFrame], codebook: Codebook) -> pd.DataFrame:
    """Set what was said beside how often it was said, theme by theme.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        prevalence, coded, claims and quotations as they are published: nothing else is looked at, so that the display
        can reveal nothing that they do not.
    codebook : Codebook
        For names, definitions and what claims are about.

    Returns
    -------
    DataFrame
        A row for each theme in the codebook's order; the columns are in `pipeline/tables/definitions.yaml`. A share
        that may not be shown is missing. Without a quotation that may be shown its cell is "".
    """
    shares = {row["theme"]: row for row in rows_of(tables["prevalence"])}
    rows = []
    for theme in codebook.themes:
        row = shares.get(theme.id, {})
        quoted = [*quotations_of(tables["quotations"], theme.name), *[_NOBODY] * _QUOTED]
        texts = {f"{name}_{place}": quoted[place - 1][name] for place in range(1, _QUOTED + 1) for name in _NOBODY}
        rows.append(
            {
                "theme": theme.id, "name": theme.name, "definition": theme.definition,
                **{name: row.get(name) for name in ("reading", "share", "low", "high", "share_by_comments",
                                                    "share_by_topics")},
                "coders": _by_coder(tables["coded"], theme.id), **texts,
                "claims": _verdicts(tables["claims"], codebook, theme.id), "suppressed": is_set(row.get("suppressed")),
            }
        )  # fmt: skip
    display = made("joint_display", rows, room="public")
    return display.assign(suppressed=[row["suppressed"] for row in rows])


def quotations_of(quotations: pd.DataFrame, theme: str) -> list[dict[Any, Any]]:
    """Return the published quotations of comments that have a theme, by its name; those that show it best first.

    A quotation is clear where its comment has no other theme.
    """
    has = [row for row in rows_of(quotations) if f"; {theme}; " in f"; {row['comment_themes']}; "]
    return sorted(has, key=lambda row: (row["comment_themes"] != theme, len(row["quotation"].split()) not in _FIT))


def _by_coder(coded: pd.DataFrame, theme: str) -> str:
    """Return the share by each coder's codes, such as "ann 20% | ben 17%"."""
    said = []
    for row in rows_of(coded[coded["theme"] == theme]):
        share = percent(row["share"])
        said.append(f"{row['coder']} {NOT_SHOWN if share == MISSING else share}")
    return BETWEEN.join(said)


def _verdicts(claims: pd.DataFrame, codebook: Codebook, theme: str) -> str:
    """Return the article's claims about a theme, each after its verdict."""
    about = {claim.id for claim in codebook.claims if claim.facet == "themes" and theme in claim.entries}
    said = [(row["verdict"], row["statement"]) for row in rows_of(claims) if row["claim"] in about]
    return BETWEEN.join(f"{verdict.capitalize()}: {statement}" for verdict, statement in said)
