"""What the report says of each published theme: its share, who says it, its topics and the claims about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from pipeline.account.readings import reading_of
from pipeline.codebook.codebook import Codebook, Theme
from pipeline.crosswalk.matching import LEANING
from pipeline.documents.claim_rows import ClaimRow
from pipeline.documents.quoted import Quoted
from pipeline.tables.numbers import MISSING, NOT_SHOWN, percent, percent_range, percent_with_range, points
from pipeline.tables.record import Row, rows_of

CLEAR = 0.05
"""A difference of a group from the rest with a larger q-value is not said."""


@dataclass(frozen=True)
class TopicLink:
    """A topic that belongs to a theme: its number, its label, its share, and whether it matches or leans."""

    topic: int
    label: str
    share: str
    matches: bool


@dataclass(frozen=True)
class ThemeSection:
    """What the report says of a theme.

    Attributes
    ----------
    anchor : str
        Its place in the page.
    theme : Theme
        The codebook's entry.
    share, interval : str
        As they are written; the interval is "" where there is none.
    basis : str
        What the share rests on.
    machine : str
        The machine's two readings, in a sentence; "" where they are the share.
    groups : tuple of str
        The groups that differ clearly from the rest, each in a few words.
    topics : tuple of TopicLink
        Those that match, then those that lean, largest first.
    claims : tuple of ClaimRow
        What the article says of it.
    quotations : sequence of Quoted
        May be empty.
    """

    anchor: str
    theme: Theme
    share: str
    interval: str
    basis: str
    machine: str
    groups: tuple[str, ...]
    topics: tuple[TopicLink, ...]
    claims: tuple[ClaimRow, ...]
    quotations: Sequence[Quoted]

    @property
    def is_shown(self) -> bool:
        """Whether the share may be shown."""
        return self.share != NOT_SHOWN


def theme_sections(
    tables: Mapping[str, pd.DataFrame],
    codebook: Codebook,
    claims: Iterable[ClaimRow],
    quotations: Mapping[str, Sequence[Quoted]],
) -> list[ThemeSection]:
    """Return a section for each theme, in the codebook's order.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        The public tables.
    codebook : Codebook
        The published account.
    claims : iterable of ClaimRow
        See `pipeline.documents.claim_rows`.
    quotations : mapping of str to sequence of Quoted
        By the theme's id.
    """
    kind, _ = reading_of(tables["prevalence"])
    shares = {row["theme"]: row for row in rows_of(tables["prevalence"])}
    rows = {claim.id: claim for claim in claims}
    about: dict[str, list[ClaimRow]] = {}
    for claim in codebook.claims:
        if claim.facet == "themes" and claim.id in rows:
            for theme in claim.entries:
                about.setdefault(theme, []).append(rows[claim.id])
    return [
        ThemeSection(
            anchor=f"theme-{number}", theme=theme,
            groups=tuple(clear_differences(tables["groups"], "themes", theme.id)),
            topics=tuple(_topics_of(theme.id, tables["topics"])), claims=tuple(about.get(theme.id, ())),
            quotations=quotations.get(theme.id, ()), **_share(shares.get(theme.id), kind),
        )
        for number, theme in enumerate(codebook.themes, start=1)
    ]  # fmt: skip


def clear_differences(groups: pd.DataFrame, facet: str, entry: str) -> list[str]:
    """Return the groups in which an entry is clearly more or less common than in the rest, largest difference first.

    Parameters
    ----------
    groups : DataFrame
        The public table.
    facet : str
        The facet of the entry, "themes" or "topics".
    entry : str
        Its id.
    """
    found = groups[(groups["facet"] == facet) & (groups["entry"].astype(str) == entry)]
    found = found[found["q_value"].fillna(1.0) <= CLEAR]
    order = found["difference"].abs().sort_values(ascending=False, kind="stable").index
    return [
        f"{row['group']} {percent_with_range(row['share'], row['low'], row['high'])}, "
        f"{points(abs(row['difference'])).lstrip('+')} points {'above' if row['difference'] > 0 else 'below'} the rest"
        for row in rows_of(found.loc[order])
    ]


def _share(row: Row | None, kind: str) -> dict[str, str]:
    """Return the share of a theme with what it rests on."""
    if row is None:
        return {"share": NOT_SHOWN, "interval": "", "basis": kind, "machine": ""}
    said, interval = percent(row["share"]), percent_range(row["low"], row["high"])
    readings = [
        f"{percent(share)} {how}"
        for share, how in ((row["share_by_comments"], "by comment"), (row["share_by_topics"], "by topic"))
        if pd.notna(share)
    ]
    return {
        "share": NOT_SHOWN if said == MISSING else said,
        "interval": "" if interval == MISSING else interval,
        "basis": kind,
        "machine": " and ".join(readings),
    }


def _topics_of(theme: str, topics: pd.DataFrame) -> list[TopicLink]:
    """Return the topics that match a theme, and those that lean to it."""
    matching = topics[topics["theme"] == theme]
    leaning = topics[(topics["status"] == LEANING) & (topics["nearest_theme"] == theme)]
    return [
        TopicLink(int(row["topic"]), str(row["label"]), percent(row["share"]), matches)
        for of_theme, matches in ((matching, True), (leaning, False))
        for row in rows_of(of_theme)
    ]
