"""How many comments came, were set aside and are analysed, as it may be said in a text.

A text repeats totals of which each differs from the next by a part that may be small: of 647 comments received and 644
analysed, 3 were set aside. The parts that are small are left out, and with them whatever would give them away.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.disclosure.numbers import NOT_SHOWN, ShownCount, few, rounded_count
from pipeline.disclosure.rounding import KNOWN, Cells, Flags, Numbers, Rules, hide_more, moves_of

_WHOLES = ("received", "set aside", "analysed", "distinct")
_BASES = ("received", "analysed")
_DEARER = {"received": 40.0, "set aside": 20.0}
_NUMBER = re.compile(r"\d")
_COUNTED = re.compile(r"(?<!fewer than )\b\d[\d,]*(?=(?: distinct)? comments?\b)")


@dataclass(frozen=True)
class ShownFlow:
    """The counts of comments from receipt to analysis, as they may be said.

    Attributes
    ----------
    received, analysed, distinct, folded : ShownCount
        Comments received; those left after some were set aside; how many different ones these are; and how many of
        them repeat another.
    dropped_total : ShownCount
        Comments set aside.
    dropped : mapping of str to ShownCount
        Of those, how many for each reason, in the order given.
    note : str
        A sentence on what was done to the counts; "" where they are exact.
    """

    received: ShownCount
    analysed: ShownCount
    distinct: ShownCount
    folded: ShownCount
    dropped_total: ShownCount
    dropped: Mapping[str, ShownCount]
    note: str

    @property
    def is_exact(self) -> bool:
        """Whether the counts are as they were counted."""
        return not self.note


def shown_flow(summary: Mapping[str, Any], rules: Rules | None) -> ShownFlow:
    """Return the counts of the clean stage as they may be said.

    Parameters
    ----------
    summary : mapping
        received, analysed, distinct, folded (int, 0 or more) and dropped (reason to int), as
        `pipeline.stages.clean.clean_comments` gives them.
    rules : Rules or None
        What is small; None or idle rules leave every count exact.

    Returns
    -------
    ShownFlow
        A part (folded, or set aside for a reason) that is small is "fewer than" so many; a total that is small
        (received and analysed: below the smallest base) and what would give a small one away is `NOT_SHOWN`, and so
        are small parts where to call them small would tell too much; the rest is rounded, each by itself, so that
        they need not add up. 0 is shown.

    Raises
    ------
    ValueError
        Where a count is negative, or they do not add up: received is analysed and set aside, analysed is distinct
        and folded.

    Notes
    -----
    What is promised: from all that is shown, were it exact, and from which counts are said to be small, a reader can
    rule out none of 1, 2, ... `suppress_below` - 1 for a small part or a small number of distinct comments, nor tell
    that few are received or analysed. How many are analysed is taken to be known, unless it is small, since tables
    show it as their base.
    """
    counts = _counts(summary)
    if rules is None or rules.idle:
        return _flow({name: ShownCount(f"{count:,}", count) for name, count in counts.items()}, "")
    hidden, failed = _left_out(counts, rules, said_small=True)
    said_small = not failed
    if failed:
        hidden, _ = _left_out(counts, rules, said_small=False)
    shown = {}
    for (name, count), is_hidden in zip(counts.items(), hidden.tolist(), strict=True):
        if is_hidden:
            is_small = said_small and name not in _WHOLES and count < rules.suppress_below
            shown[name] = ShownCount(few(rules) if is_small else NOT_SHOWN, None)
        else:
            shown[name] = rounded_count(count, rules)
    return _flow(shown, _note(rules, left_out=bool(hidden.any())))


def _counts(summary: Mapping[str, Any]) -> dict[str, int]:
    """Return the totals, then the parts by name: `folded`, and each reason after a sign that no total begins with."""
    reasons = {f"- {reason}": int(count) for reason, count in summary["dropped"].items()}
    counts = {name: int(summary[name]) for name in ("received", "analysed", "distinct", "folded")}
    counts = {
        "received": counts["received"], "set aside": sum(reasons.values()), "analysed": counts["analysed"],
        "distinct": counts["distinct"], "folded": counts["folded"], **reasons,
    }  # fmt: skip
    negative = [name for name, count in counts.items() if count < 0]
    if negative:
        raise ValueError(f"{', '.join(negative)}: a count is negative; give numbers of comments.")
    if counts["received"] != counts["analysed"] + counts["set aside"]:
        raise ValueError("received is not analysed and dropped together; give the counts of one stage.")
    if counts["analysed"] != counts["distinct"] + counts["folded"]:
        raise ValueError("analysed is not distinct and folded together; give the counts of one stage.")
    return counts


def _flow(shown: Mapping[str, ShownCount], note: str) -> ShownFlow:
    return ShownFlow(
        received=shown["received"], analysed=shown["analysed"], distinct=shown["distinct"], folded=shown["folded"],
        dropped_total=shown["set aside"],
        dropped={name.removeprefix("- "): count for name, count in shown.items() if name.startswith("- ")}, note=note,
    )  # fmt: skip


def _left_out(counts: Mapping[str, int], rules: Rules, *, said_small: bool) -> tuple[Flags, list[int]]:
    """Return which counts are small or would give a small one away, and those that cannot be protected.

    Where small parts are said to be small, a reader knows them to be, and other parts that are left out not to be.
    """
    names = list(counts)
    values: Numbers = np.array([counts[name] for name in names], dtype=np.float64)
    limits = np.array([rules.base_limit if name in _BASES else rules.suppress_below for name in names])
    small = (values > 0) & (values < limits)
    equations = np.zeros((3, len(names)))
    for row, (whole, parts) in enumerate(
        (("received", ["analysed", "set aside"]), ("set aside", names[5:]), ("analysed", ["distinct", "folded"]))
    ):
        equations[row, [names.index(part) for part in parts]] = 1
        equations[row, names.index(whole)] = -1
    cost = np.array([_DEARER.get(name, 1.0) for name in names]) * (1 + values / max(values.max(), 1.0))
    cost[(values == 0) | (np.array(names) == "analysed") & ~small] = KNOWN
    lowest, highest = (values > 0).astype(np.float64), np.full(len(names), np.inf)
    if said_small:
        is_part = np.array([name not in _WHOLES for name in names])
        lowest[is_part & ~small & (values > 0)] = rules.suppress_below
        highest[is_part & small] = rules.suppress_below - 1
    moves: list[tuple[int, float]] = []
    for place in np.flatnonzero(small):
        if names[place] in _BASES:
            moves.append((int(place), float(limits[place] - values[place])))
        elif names[place] != "set aside":
            # Those set aside are as few as their reasons, and vary with them.
            moves += moves_of(int(place), values[place], rules.suppress_below)
    return hide_more(Cells(values, equations, lowest, highest, cost), small, moves)


def _note(rules: Rules, *, left_out: bool) -> str:
    said = [f"Counts are rounded to the nearest {rules.round_to}."] if rules.round_to > 1 else []
    if left_out:
        said.append("Small counts are left out, with others that would tell them.")
    return " ".join(said)


def shown_note(note: str, flow: ShownFlow) -> str:
    """Return a note of a stage with the number of distinct comments as it may be said.

    Parameters
    ----------
    note : str
        A sentence or more, in which numbers of comments are those of distinct ones; limits ("fewer than 20
        comments") stay.
    flow : ShownFlow
        As `shown_flow` gives it.

    Returns
    -------
    str
        The note; "the" stands for a number that is left out: one that may not be shown, and any in a note that names
        another number too. Beside a limit a rounded number can say the opposite of the note: 18 comments, said to be
        20, would be "too few (at least 20 are wanted)".
    """
    if flow.is_exact:
        return note
    names_limit = _NUMBER.search(_COUNTED.sub("", note)) is not None

    def said(found: re.Match[str]) -> str:
        if flow.distinct.value is not None and not names_limit:
            return flow.distinct.text
        return "the" if found.start() else "The"

    return _COUNTED.sub(said, note)
