"""Every count that a run publishes, and the sums that tie them together.

Counts go by names: ("analysed",) is the comments analysed, ("topic", 3) those of a topic, ("theme", "funding") those
that have a theme by what figures rest on, ("matched", "funding") those that the machine matches with it, ("by topic",
"funding") those that have it through their topic, ("outlook", "positive") those of an
outlook, and ("in", "role", "Nurses", "themes", "funding") those of a group.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pipeline.account.outlook import NOT_GIVEN
from pipeline.account.prevalence import IN_NO_TOPIC
from pipeline.account.readings import UNCHECKED
from pipeline.contracts import UNMAPPED, Assessed, Cleaned, Mapped, TopicResult
from pipeline.disclosure.rules import Rules
from pipeline.disclosure.said import Said
from pipeline.disclosure.suppression import DEAR, KNOWN, NEVER_SHOWN, Key, Ledger

ANALYSED: Key = ("analysed",)
RECEIVED: Key = ("received",)
DROPPED: Key = ("set aside",)
DISTINCT: Key = ("distinct",)
FOLDED: Key = ("folded",)
OUTSIDE: Key = ("topic", -1)
EDGE: Key = ("at the edge",)
SILENT: Key = ("says nothing",)
LONG: Key = ("long",)

THEMES, TOPICS = "themes", "topics"
NO_OUTLOOK = "no outlook"
"""The comments that a coder gave none of the facet's entries; no table shows them."""

_CLAIM, _FLOW, _TOPIC, _WHOLE, _COARSE = 5.0, 20.0, DEAR, 2 * DEAR, 10 * DEAR
"""What it costs to suppress a count, by its kind; one of a group costs 1."""

_Row = Mapping[Hashable, Any]
_Rest = tuple[int, Hashable, tuple[Hashable, ...]]
"""The column of some groups, the group of the other column that they are in, and these groups."""


@dataclass(frozen=True)
class Shown:
    """The counts of a run as they may be shown."""

    ledger: Ledger
    suppressed: frozenset[Key]
    rules: Rules

    def number(self, key: Key | None) -> float:
        """Return a count, rounded; NaN where it is suppressed or there is none."""
        if key is None or key in self.suppressed or key not in self.ledger:
            return float("nan")
        return float(self.rules.rounded(np.array(self.ledger.value(key))))

    @property
    def said(self) -> Said:
        """All counts as texts may say them."""
        return Said({key: self.number(key) for key in self.ledger.names}, self.rules)


def shown_counts(cleaned: Cleaned, discovered: TopicResult, mapped: Mapped, assessed: Assessed, rules: Rules) -> Shown:
    """Decide which counts of a run may be shown, all tables and texts together.

    Parameters
    ----------
    cleaned, discovered, mapped, assessed
        Results of the stages.
    rules : Rules
        What is small.

    Returns
    -------
    Shown
        With everything suppressed where fewer comments than the smallest base were analysed.
    """
    ledger = Ledger()
    _add_flow(ledger, cleaned.summary)
    _add_topics(ledger, discovered, mapped)
    _add_wholes(ledger, assessed)
    _add_groups(ledger, assessed, _bases_to_hide(assessed, rules), rules)
    for row in assessed.claim_counts.to_dict("records"):
        _add_claim(ledger, row)
    if rules.exact:
        return Shown(ledger, frozenset(), rules)
    if ledger.value(ANALYSED) < rules.base_limit:
        return Shown(ledger, frozenset(ledger.names), rules)
    return Shown(ledger, frozenset(ledger.suppressed(rules)), rules)


def group_key(row: _Row) -> Key:
    """Return the name of the count in a row of the table of groups."""
    return "in", row["column"], row["group"], row["facet"], row["entry"]


def whole_key(facet: str, entry: Hashable) -> Key:
    """Return the name of the count of an entry among all comments."""
    if facet == TOPICS:
        return "topic", int(str(entry))
    return "theme" if facet == THEMES else "outlook", entry


def claim_key(row: _Row) -> Key | None:
    """Return the name of the count that a claim needs; None where it cannot be counted."""
    if row["lacking"]:
        return None
    entries = row["entries"][0] if len(row["entries"]) == 1 else tuple(sorted(row["entries"]))
    if row["column"]:
        return "in", row["column"], row["group"], row["facet"], entries
    return whole_key(row["facet"], entries)


def outlook_key(row: _Row, facet: str) -> Key:
    """Return the name of the count in a row of the table of outlooks."""
    entry = tuple(sorted(row["combines"])) if len(row["combines"]) else row["entry"]
    return ("in", row["column"], row["group"], facet, entry) if row["column"] else ("outlook", entry)


def _within(ledger: Ledger, base: Key, key: Key) -> None:
    """Say that a count is a part of its base: what it lacks is a count too."""
    # A count cannot be more than its base.
    ledger.split(base, [key], ("but", base, key), limit=ledger.value(base) + 1)


def are_thin(comments: int, entries: int, rules: Rules) -> bool:
    """Return whether a group has too few comments to show which of the entries, one a comment, none of them has.

    Were every entry known to have a comment, none could have as many as a small count can be.
    """
    return comments < entries + rules.suppress_below - 2


def _fill(ledger: Ledger, base: Key, parts: list[Key], rest: Key) -> None:
    """Say that each comment is in one part, but for those that a coder gave none of the entries."""
    if sum(ledger.value(part) for part in parts) < ledger.value(base):
        ledger.split(base, parts, rest)
    else:
        ledger.equate(base, parts)


def _add_flow(ledger: Ledger, summary: Mapping[str, Any]) -> None:
    reasons = [
        ledger.add(("set aside", reason), number, _FLOW) for reason, number in summary["dropped"].items()
    ]  # fmt: skip
    ledger.add(ANALYSED, summary["analysed"], KNOWN)
    ledger.add(RECEIVED, summary["received"], 2 * _FLOW)
    ledger.add(DROPPED, sum(summary["dropped"].values()), _FLOW)
    ledger.add(DISTINCT, summary["distinct"], _FLOW)
    ledger.add(FOLDED, summary["folded"], _FLOW)
    ledger.equate(RECEIVED, [ANALYSED, DROPPED])
    ledger.equate(DROPPED, reasons)
    ledger.equate(ANALYSED, [DISTINCT, FOLDED])
    for kind, number in summary.get("redacted", {}).items():
        _within(ledger, RECEIVED, ledger.add(("redacted", kind), number, _FLOW))


def _add_topics(ledger: Ledger, discovered: TopicResult, mapped: Mapped) -> None:
    topics = [ledger.add(("topic", row["topic"]), row["size"], _TOPIC) for row in discovered.topics.to_dict("records")]
    ledger.split(ANALYSED, topics, OUTSIDE)
    ledger.add(OUTSIDE, ledger.value(OUTSIDE), _WHOLE)
    _within(ledger, OUTSIDE, ledger.add(SILENT, discovered.summary["nothing_said"], _FLOW))
    _within(ledger, DISTINCT, ledger.add(LONG, discovered.summary["long"], _FLOW))
    parents = discovered.topics.groupby("parent")["topic"].agg(list).to_dict()
    for row in discovered.coarse_topics.to_dict("records"):
        coarse = ledger.add(("coarse", row["topic_coarse"]), row["size"], _COARSE)
        ledger.equate(coarse, [("topic", topic) for topic in parents[row["topic_coarse"]]])
    if "low_membership_share" in discovered.summary:
        distinct = int((discovered.assignments["topic"] >= 0).sum())
        base = ledger.add(("distinct in topics",), distinct, KNOWN)
        ledger.add(EDGE, round(discovered.summary["low_membership_share"] * distinct))
        _within(ledger, base, EDGE)
    matched = mapped.crosswalk[mapped.crosswalk["matched"]].groupby("theme")["topic"].agg(list).to_dict()
    matched[UNMAPPED] = mapped.topic_themes.loc[mapped.topic_themes["theme"] == UNMAPPED, "topic"].tolist()
    matched[IN_NO_TOPIC] = [-1]
    for theme, of_theme in matched.items():
        parts: list[Key] = [("topic", topic) for topic in of_theme]
        key = ledger.add(("by topic", theme), sum(ledger.value(part) for part in parts), _WHOLE)
        ledger.equate(key, parts)
        _within(ledger, ANALYSED, key)


def _add_wholes(ledger: Ledger, assessed: Assessed) -> None:
    for row in assessed.prevalence.to_dict("records"):
        if pd.notna(row["n_by_comments"]):
            _within(ledger, ANALYSED, ledger.add(("matched", row["theme"]), row["n_by_comments"], _WHOLE))
        if pd.notna(row["count"]):
            _within(ledger, ANALYSED, ledger.add(("theme", row["theme"]), row["count"], _WHOLE))
            if row["reading"] == UNCHECKED:
                ledger.equate(("theme", row["theme"]), [("matched", row["theme"])])
        if ("by topic", row["theme"]) not in ledger:
            ledger.add(("by topic", row["theme"]), row["n_by_topics"], _WHOLE)
    for row in assessed.coded.to_dict("records"):
        base = ledger.add(("coded", row["coder"]), row["comments"], KNOWN)
        key = ledger.add(("coded", row["coder"], row["theme"]), row["count"])
        _within(ledger, base, key)
        if row["leads"]:
            ledger.equate(("theme", row["theme"]), [key])
    whole = assessed.outlook[(assessed.outlook["column"] == "") & assessed.outlook["count"].notna()].to_dict("records")
    plain = [row for row in whole if not len(row["combines"])]
    for row in plain:
        _within(ledger, ANALYSED, ledger.add(("outlook", row["entry"]), row["count"], _WHOLE))
    if plain:
        _fill(ledger, ANALYSED, [("outlook", row["entry"]) for row in plain], ("outlook", NO_OUTLOOK))
    for row in whole:
        if len(row["combines"]):
            together = ledger.add(outlook_key(row, ""), row["count"], _WHOLE)
            ledger.equate(together, [("outlook", entry) for entry in row["combines"]])
            _within(ledger, ANALYSED, together)


def _bases_to_hide(assessed: Assessed, rules: Rules) -> set[Key]:
    """Return the bases of groups that could be subtracted from others, of which too few comments would be left."""
    ledger = Ledger()
    if rules.exact:
        return set()
    for row in assessed.groups.drop_duplicates(["column", "group"]).to_dict("records"):
        ledger.add(("base", row["column"], row["group"]), row["comments"])
    for link in _links(assessed):
        link.tie(ledger, link.rows.drop_duplicates(list(_SIDES)), "comments", None)
    return ledger.suppressed(rules)


def _add_groups(ledger: Ledger, assessed: Assessed, hidden: set[Key], rules: Rules) -> None:
    for column, rows in assessed.groups.groupby("column", sort=False):
        _add_column(ledger, column, rows, hidden, rules)
    outlook = assessed.outlook
    for row in outlook[(outlook["column"] != "") & outlook["count"].notna()].to_dict("records"):
        _add_combined(ledger, row, assessed.groups)
    for link in _links(assessed):
        pairs = link.rows.drop_duplicates(list(_SIDES))
        for one, other, comments in pairs[[*_SIDES, "comments"]].itertuples(index=False):
            ledger.add(("cell", *link.columns, one, other, None), comments, KNOWN)
        for (facet, entry), found in link.rows.groupby(["facet", "entry"], sort=False):
            link.tie(ledger, found, "count", (facet, entry))


def _add_column(ledger: Ledger, column: Hashable, rows: pd.DataFrame, hidden: set[Key], rules: Rules) -> None:
    """Add the counts of one column's groups, which add up to those of the whole; `hidden` are bases that are hidden."""
    bases: list[Key] = []
    for group, comments in rows.groupby("group", sort=False)["comments"].first().items():
        base: Key = ("base", column, group)
        bases.append(ledger.add(base, comments, NEVER_SHOWN if base in hidden else KNOWN, limit=0))
    ledger.suppress_too(hidden.intersection(bases))
    ledger.equate(ANALYSED, bases)
    # What was estimated is no count.
    rows = rows[rows["count"].notna()]
    keys = {place: group_key(row) for place, row in zip(rows.index, rows.to_dict("records"), strict=True)}
    for place, number in rows["count"].items():
        base = ("base", column, keys[place][2])
        _within(ledger, base, ledger.add(keys[place], number))
        ledger.suppress_too([keys[place]] * (base in hidden))
    for (facet, entry), of_entry in rows.groupby(["facet", "entry"], sort=False):
        ledger.equate(whole_key(str(facet), entry), [keys[place] for place in of_entry.index])
    for (group, facet), of_group in rows.groupby(["group", "facet"], sort=False):
        of_base = [keys[place] for place in of_group.index]
        if facet != THEMES and are_thin(int(ledger.value(("base", column, group))), len(of_base), rules):
            ledger.hide_zeros(of_base)
        if facet == TOPICS:
            ledger.split(("base", column, group), of_base, ("in", column, group, facet, "-1"))
        elif facet != THEMES:
            _fill(ledger, ("base", column, group), of_base, ("in", column, group, facet, NO_OUTLOOK))
    if (rows["facet"] == TOPICS).any():
        ledger.equate(OUTSIDE, [("in", column, base[2], TOPICS, "-1") for base in bases])
    for facet in rows["facet"].unique():
        without: list[Key] = [("in", column, base[2], facet, NO_OUTLOOK) for base in bases]
        if any(key in ledger for key in without):
            ledger.equate(("outlook", NO_OUTLOOK), [key for key in without if key in ledger])


def _add_combined(ledger: Ledger, row: _Row, groups: pd.DataFrame) -> None:
    """Add the count of several outlooks together in a group."""
    if not len(row["combines"]):
        return
    facet = next(facet for facet in groups["facet"].unique() if facet not in (THEMES, TOPICS))
    together = ledger.add(outlook_key(row, facet), row["count"])
    ledger.equate(together, [("in", row["column"], row["group"], facet, entry) for entry in row["combines"]])
    _within(ledger, ("base", row["column"], row["group"]), together)


_SIDES = ("first_group", "second_group")


@dataclass(frozen=True)
class _Link:
    """Two columns of which a group of one lies within a group of the other.

    The intruder is taken to know how many comments the groups have in common. Each pair of groups that has some is a
    cell that no table shows; the counts of either column are sums of these cells.
    """

    columns: tuple[Hashable, Hashable]
    rows: pd.DataFrame
    rests: list[_Rest]
    """What a group holds beside those that lie within it: it can be subtracted."""

    def tie(self, ledger: Ledger, cells: pd.DataFrame, number: str, what: tuple[Hashable, Hashable] | None) -> None:
        """Tie the bases of the groups together, or the counts of one entry of a facet."""
        named: dict[tuple[Hashable, Hashable], Key] = {}
        for one, other, value in cells[[*_SIDES, number]].itertuples(index=False):
            named[one, other] = ledger.add(("cell", *self.columns, one, other, what), value, NEVER_SHOWN, limit=0)
            if what is not None:
                base: Key = ("cell", *self.columns, one, other, None)
                ledger.split(base, [named[one, other]], ("but", *base, what), limit=0)
        for side in (0, 1):
            for group in dict.fromkeys(pair[side] for pair in named):
                ledger.equate(
                    self._key(side, group, what), [cell for pair, cell in named.items() if pair[side] == group]
                )
        for side, outer, within in self.rests:
            if what is not None:
                inner = [self._key(side, group, what) for group in within]
                ledger.holds(self._key(1 - side, outer, what), sum(ledger.value(key) > 0 for key in inner))
            parts = [self._key(side, group, what) for group in within]
            whole = self._key(1 - side, outer, what)
            bases = self._key(1 - side, outer, None), [self._key(side, group, None) for group in within]
            most = ledger.value(bases[0]) - sum(ledger.value(base) for base in bases[1])
            ledger.split(whole, parts, ("rest", *self.columns, side, outer, within, what), limit=most + 1)

    def _key(self, side: int, group: Hashable, what: tuple[Hashable, Hashable] | None) -> Key:
        return ("base", self.columns[side], group) if what is None else ("in", self.columns[side], group, *what)


def _links(assessed: Assessed) -> list[_Link]:
    links = []
    for columns, rows in assessed.linked_groups.groupby(["first_column", "second_column"], sort=False):
        pairs = rows[list(_SIDES)].drop_duplicates()
        rests: list[_Rest] = []
        for side, (inner, outer) in ((0, _SIDES), (1, _SIDES[::-1])):
            alone = pairs[~pairs[inner].duplicated(keep=False)]
            for group, within in alone.groupby(outer)[inner].agg(list).items():
                if (pairs[outer] == group).sum() > 1:
                    rests += [(side, group, chosen) for chosen in [*((one,) for one in within), tuple(within)]]
        links.append(_Link((columns[0], columns[1]), rows, rests))
    return links


def _add_claim(ledger: Ledger, row: _Row) -> None:
    """Add the count of a claim that no table has: of several entries together."""
    key = claim_key(row)
    if key is None or key in ledger or len(row["entries"]) == 1 or pd.isna(row["count"]):
        return
    ledger.add(key, row["count"], _CLAIM if row["column"] else _WHOLE)
    parts = [(*key[:-1], entry) for entry in row["entries"]]
    if row["column"] and ("base", row["column"], row["group"]) in ledger:
        _within(ledger, ("base", row["column"], row["group"]), key)
    elif not row["column"]:
        _within(ledger, ANALYSED, key)
    if not all(part in ledger for part in parts):
        return
    if row["facet"] != THEMES:
        ledger.equate(key, parts)
        # The rest of a group is what is shown of all comments, less the group.
        for beside in (("outlook",), ("in", row["column"], NOT_GIVEN, row["facet"])):
            of_beside = [(*beside, entry) for entry in row["entries"]]
            if (*beside, key[-1]) not in ledger and all(part in ledger for part in of_beside):
                together = ledger.add((*beside, key[-1]), sum(ledger.value(part) for part in of_beside), _CLAIM)
                ledger.equate(together, of_beside)
        return
    # Comments that have several of the themes are counted once: how many these are can be worked out.
    total = ledger.add(("sum", *key), sum(ledger.value(part) for part in parts), NEVER_SHOWN, limit=0)
    ledger.equate(total, parts)
    ledger.split(total, [key], ("several", *key))
