"""What was found, as the first screen of the report says it."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from pipeline.account.readings import CODED, CORRECTED, UNCHECKED, reading_of
from pipeline.codebook.codebook import Codebook
from pipeline.crosswalk.by_person import matches_none
from pipeline.formats.scripts import before_a_number
from pipeline.tables.numbers import counted, percent

_NAMED = 4
"""Themes whose shares the first screen says; the figure beside has all."""


def finding(tables: Mapping[str, pd.DataFrame], codebook: Codebook) -> tuple[str, str]:
    """Return what was found as a title, and in a few sentences: the shares, how sure they are, what is new.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        The public tables.
    codebook : Codebook
        For names.
    """
    prevalence = tables["prevalence"]
    themes = prevalence[prevalence["theme"].isin(codebook.theme_ids)]
    shown = themes[themes["share"].fillna(0) > 0].sort_values("share", ascending=False, kind="stable")
    new = _not_in_article(tables["topics"])
    if not len(shown):
        return "No theme’s share can be shown", f"Too few comments have a theme. {new}".strip()
    kind, by = reading_of(prevalence)
    first, *others = (row["name"] for row in shown.to_dict("records"))
    parts = [f"{before_a_number(row['name'])} {percent(row['share'])}" for row in shown.head(_NAMED).to_dict("records")]
    title = f"The most frequent theme is “{first}”" if others else f"Comments are about “{first}”"
    if kind == UNCHECKED:
        title += ", by a reading that nobody has checked"
    who = {CODED: f"Coded by {by}", CORRECTED: f"Corrected by what {by} coded", UNCHECKED: "The machine’s reading"}[
        kind
    ]
    said = f"{who}: {', '.join(parts)} of comments. {_how_sure(shown.head(_NAMED), kind)} {new}"
    return title, said.strip()


def _how_sure(shown: pd.DataFrame, kind: str) -> str:
    if kind == UNCHECKED:
        return "Nobody knows how often the machine errs: people must code some comments first."
    widest = max((shown["high"] - shown["share"]).max(), (shown["share"] - shown["low"]).max())
    return f"Each share could be {round(100 * widest)} points higher or lower."


def _not_in_article(topics: pd.DataFrame) -> str:
    """Return how many topics match nothing in the article, as a sentence; "" where there are no topics."""
    if not len(topics):
        return ""
    without = int(matches_none(topics).sum())
    if not without:
        return "Every topic matches one of the article’s themes, or leans to one."
    verb = "fits" if without == 1 else "fit"
    return f"{without} of {counted(len(topics), 'topic')} {verb} none of the article’s themes."
