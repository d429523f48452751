"""The counts of a comparison of two runs, and which of them are suppressed.

Counts go by names: ("all", end) is what a run analysed and ("shared",) what both hold; ("size", end, topic) is a
topic's comments, ("base", end, topic) those of them that both runs hold, ("overlap", a, b) what two topics share. Where
both runs hold the same comments, all these are sums of cells of one table: comments by their topic in one run and in
the other, with the comments in no topic and those that the other run alone holds.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

import numpy as np
import pandas as pd

from pipeline.disclosure.rules import Rules
from pipeline.disclosure.suppression import KNOWN, NEVER_SHOWN, Key, Ledger

ENDS = ("a", "b")
_SIZE, _THEME, _SHARED, _BASE, _OVERLAP, _MOVE = 10.0, 3.0, 40.0, 1.2, 1.0, 0.5
"""What suppressing a count costs, by its kind."""

_OUTSIDE, _ALONE = "no topic", "not in this run"


def hidden_counts(
    topics: pd.DataFrame,
    themes: pd.DataFrame,
    decisions: pd.DataFrame,
    *,
    comments: tuple[int, int],
    n_shared: int,
    by_comments: bool,
    rules: Rules,
) -> set[Key]:
    """Return the names of the counts of a comparison that are suppressed; of few comments, of all.

    Parameters
    ----------
    topics, themes, decisions, comments, n_shared, by_comments, rules
        As for `pipeline.comparison.protection.protect_comparison`, which says what is promised.
    """
    ledger = Ledger()
    for end, number in zip(ENDS, comments, strict=True):
        ledger.add(("all", end), number, KNOWN)
    if by_comments:
        # That no comment is in one run alone reveals nobody, and then both have one number.
        ledger.add(("shared",), n_shared, KNOWN if {*comments} == {n_shared} else _SHARED)
        for end in ENDS:
            ledger.split(("all", end), [("shared",)], ("alone", end))
    _add_topics(ledger, topics, by_comments=by_comments, rules=rules)
    _add_themes(ledger, themes, decisions, by_comments=by_comments)
    if are_few(comments, n_shared, by_comments=by_comments, rules=rules):
        return set(ledger.names)
    # Sizes and totals are known from the runs' own tables: what follows from them cannot be protected here.
    return ledger.suppressed(rules, concede=True)


def are_few(comments: tuple[int, int], n_shared: int, *, by_comments: bool, rules: Rules) -> bool:
    """Return whether there are too few comments to show anything of those that are compared."""
    return min(*comments, *((n_shared,) if by_comments else ())) < rules.base_limit


def _add_topics(ledger: Ledger, topics: pd.DataFrame, *, by_comments: bool, rules: Rules) -> None:
    """Add sizes, and the comments that topics share; or, of other comments, what is nearest to other topics."""
    related = topics[topics["topic_a"].notna() & topics["topic_b"].notna()].drop_duplicates(["topic_a", "topic_b"])
    pairs = {(int(row["topic_a"]), int(row["topic_b"])): row for row in related.to_dict("records")}
    if by_comments:
        for pair, row in pairs.items():
            ledger.add(("overlap", *pair), row["n_shared"], _OVERLAP)
    own: dict[str, list[int]] = {}
    for end in ENDS:
        rows = topics[topics[f"topic_{end}"].notna()].drop_duplicates(f"topic_{end}").to_dict("records")
        sizes = np.array([row[f"size_{end}"] for row in rows], dtype=np.float64)
        # Each run's own table shows its sizes, so that to suppress one more here gains nothing.
        known = not rules.is_small(sizes[[not row[f"suppressed_{end}"] for row in rows]]).any() if rows else True
        own[end] = [int(row[f"topic_{end}"]) for row in rows]
        for topic, row in zip(own[end], rows, strict=True):
            gone = bool(row[f"suppressed_{end}"])
            size = ledger.add(("size", end, topic), row[f"size_{end}"], KNOWN if known and not gone else _SIZE)
            base = ledger.add(("base", end, topic), row[f"base_{end}"], _BASE)
            ledger.suppress_too([size] * gone + [base] * (row[f"base_{end}"] < rules.base_limit))
        ledger.split(("all", end), [("size", end, topic) for topic in own[end]], ("outside", end))
        # A report says how many are in no topic, unless they are few.
        outside = ledger.value(("outside", end))
        few = bool(rules.is_small(np.array(outside)))
        ledger.add(("outside", end), outside, NEVER_SHOWN if few else KNOWN)
    if by_comments:
        _add_cells(ledger, own, list(pairs))
        return
    for place, (end, moved) in enumerate(zip(ENDS, ("moved_from_a", "moved_to_b"), strict=True)):
        for topic in own[end]:
            base = ("base", end, topic)
            near = [
                ledger.add(("near", end, *pair), round(row[moved] * ledger.value(base)), _OVERLAP)
                for pair, row in pairs.items() if pair[place] == topic
            ]  # fmt: skip
            ledger.split(base, near, ("elsewhere", end, topic))
            for key in near:
                ledger.split(base, [key], ("base but", *key))


def _add_cells(ledger: Ledger, own: dict[str, list[int]], pairs: Sequence[tuple[int, int]]) -> None:
    """Say of which cells of topics by topics the counts are sums, and which rests they leave."""
    lines: dict[str, list[Hashable]] = {end: [*own[end], _OUTSIDE, _ALONE] for end in ENDS}
    named = set(pairs)
    across = {"a": lines["b"], "b": lines["a"]}

    def row(end: str, topic: Hashable, others: Sequence[Hashable]) -> list[Key]:
        places = [(topic, other) if end == "a" else (other, topic) for other in others]
        return [("overlap" if place in named else "cell", *place) for place in places]

    _fill(ledger, own, across, row)
    for end in ENDS:
        shared = across[end][:-1]
        for topic in own[end]:
            size, base = ("size", end, topic), ("base", end, topic)
            ledger.split(size, [base], ("alone in", end, topic))
            ledger.equate(("alone in", end, topic), row(end, topic, [_ALONE]))
            ledger.equate(base, row(end, topic, shared))
            overlaps: list[Key] = [key for key in row(end, topic, shared) if key[0] == "overlap"]
            ledger.split(base, overlaps, ("elsewhere", end, topic))
            for overlap in overlaps:
                ledger.split(size, [overlap], ("size but", end, *overlap))
                ledger.split(base, [overlap], ("base but", end, *overlap))
        inside = ("outside and shared", end)
        ledger.split(("shared",), [("base", end, topic) for topic in own[end]], inside)
        ledger.split(("outside", end), [inside], ("outside and alone", end))
        ledger.equate(inside, row(end, _OUTSIDE, shared))
        ledger.equate(("outside and alone", end), row(end, _OUTSIDE, [_ALONE]))


def _fill(ledger: Ledger, own: dict[str, list[int]], across: dict[str, list[Hashable]],
          row: Callable[[str, Hashable, Sequence[Hashable]], list[Key]]) -> None:  # fmt: skip
    """Add the cells that no table shows, with values that agree with all sums.

    Any table that is possible will do: how far a count can vary follows from the sums alone.
    """
    from scipy.optimize import linprog

    sums: list[tuple[list[Key], float]] = []
    for end in ENDS:
        bases = [ledger.value(("base", end, topic)) for topic in own[end]]
        sizes = [ledger.value(("size", end, topic)) for topic in own[end]]
        outside = ledger.value(("shared",)) - sum(bases)
        bases, sizes = [*bases, outside], [*sizes, ledger.value(("outside", end))]
        for topic, base, size in zip([*own[end], _OUTSIDE], bases, sizes, strict=True):
            *of_shared, alone = row(end, topic, across[end])
            sums += [(of_shared, base), ([alone], size - base)]
    places = {key: place for place, key in enumerate(dict.fromkeys(key for keys, _ in sums for key in keys))}
    sums += [([key], ledger.value(key)) for key in places if key[0] == "overlap"]
    equations = np.zeros((len(sums), len(places)))
    for line, (keys, _) in enumerate(sums):
        equations[line, [places[key] for key in keys]] = 1
    found = linprog(np.zeros(len(places)), A_eq=equations, b_eq=[total for _, total in sums], method="highs")
    if not found.success:
        raise ValueError("topics: sizes, overlaps and shared comments do not agree; give those of one comparison.")
    for key, value in zip(places, found.x.tolist(), strict=True):
        if key[0] == "cell":
            ledger.add(key, value, NEVER_SHOWN, limit=0)


def _add_themes(ledger: Ledger, themes: pd.DataFrame, decisions: pd.DataFrame, *, by_comments: bool) -> None:
    """Add how many comments have each theme, and how many went from which to which."""
    for end in ENDS:
        whole: Key = ("shared",) if by_comments else ("all", end)
        known = themes.loc[themes[f"n_{end}"].notna(), ["theme", f"n_{end}"]].itertuples(index=False)
        of_theme = [ledger.add(("theme", end, theme), number, _THEME) for theme, number in known]
        # What the run's own table suppresses would follow from this one beside it.
        own = themes.loc[themes[f"suppressed_{end}"], "theme"]
        ledger.suppress_too({("theme", end, theme) for theme in own} & set(of_theme))
        ledger.equate(whole, of_theme)
        for theme in of_theme:
            ledger.split(whole, [theme], ("others", *theme))
    moves = [
        ledger.add(("move", row["theme_a"], row["theme_b"]), row["comments"], _MOVE)
        for row in decisions.to_dict("records") if pd.isna(row["topic_a"])
    ]  # fmt: skip
    if not by_comments:
        return
    for theme in themes["theme"]:
        ends = {"a": [move for move in moves if move[1] == theme], "b": [move for move in moves if move[2] == theme]}
        stayed: Key = ("stayed", theme)
        for end, of_end in ends.items():
            whole = ("theme", end, theme)
            if whole not in ledger:
                continue
            if any(("theme", other, theme) not in ledger for other in ENDS):
                # A codebook that lacks the theme cannot keep a comment in it.
                ledger.equate(whole, of_end)
            elif stayed in ledger:
                ledger.equate(whole, [*of_end, stayed])
            else:
                ledger.split(whole, of_end, stayed)
            for move in of_end:
                ledger.split(whole, [move], ("theme but", end, *move))
