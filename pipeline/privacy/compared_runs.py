"""Two runs side by side, so that no small count can be worked out from sizes, overlaps and moves.

A comparison has more sums than the tables of one run: a topic's comments are those that both runs hold and those that
one holds alone; of the former some are in the counterpart and the rest elsewhere. "91 comments, 88 of them in B's
topic" tells of 3. All these sums are taken to be known, and overlaps are left out rather than sizes, which a run's own
tables show.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from pipeline.privacy.numbers import NOT_SHOWN, rounded_count, shown_count
from pipeline.privacy.rounding import KNOWN, NEVER_SHOWN, Cells, Flags, Numbers, Rules, hide_more, moves_of
from pipeline.privacy.shares import Ends, as_counts, difference_at, ends_of, interval_at

_ENDS = ("a", "b")
_SIZE, _THEME, _SHARED, _BASE, _OVERLAP, _MOVE = 10.0, 3.0, 40.0, 1.2, 1.0, 0.5
"""What leaving out a count costs, by its kind."""
_FEW_TOPICS = 8
_OF_THEMES = frozenset({"theme", "others", "move", "stayed", "theme but"})


@dataclass(frozen=True)
class ShownComparison:
    """The tables of a comparison as they may be shown.

    Attributes
    ----------
    topics, themes, decisions : DataFrame
        See `protect_comparison`.
    comments_a, comments_b, n_shared : str
        How many comments each run analysed and how many both hold, as it may be said.
    enough : bool
        Whether there are comments enough for a measure over those that are compared.
    """

    topics: pd.DataFrame
    themes: pd.DataFrame
    decisions: pd.DataFrame
    comments_a: str
    comments_b: str
    n_shared: str
    enough: bool


def stricter_rules(a: Rules | None, b: Rules | None, *, smallest_a: int, smallest_b: int) -> Rules | None:
    """Return rules that hide and round at least what each of two runs does.

    Parameters
    ----------
    a, b : Rules or None
        What is small in each run; None for a run that hides small groups alone.
    smallest_a, smallest_b : int
        The smallest group of each run, which counts where it has no rules.

    Returns
    -------
    Rules or None
        None where neither has rules.
    """
    if a is None and b is None:
        return None
    pairs = ((a, smallest_a), (b, smallest_b))
    both = [Rules(smallest, 1, smallest) if own is None else own for own, smallest in pairs]
    return Rules(
        suppress_below=max(rules.suppress_below for rules in both),
        round_to=max(rules.round_to for rules in both),
        smallest_base=max(rules.smallest_base for rules in both),
    )


def protect_comparison(
    topics: pd.DataFrame,
    themes: pd.DataFrame,
    decisions: pd.DataFrame,
    *,
    comments: tuple[int, int],
    n_shared: int,
    by_comments: bool,
    rules: Rules,
) -> ShownComparison:
    """Leave out and round the counts of a comparison.

    Parameters
    ----------
    topics, themes, decisions : DataFrame
        With exact counts; see `pipeline.comparison.Comparison`.
    comments : tuple of int
        Comments that each run analysed.
    n_shared : int
        Comments that both hold.
    by_comments : bool
        Whether topics were matched, and themes compared, by the comments that both hold.
    rules : Rules
        What is small.

    Returns
    -------
    ShownComparison
        Each table has `suppressed` (bool); what is left out is missing. Sizes and counts are rounded, and shares,
        overlaps and differences follow from the rounded counts. Where it must not be said how many comments both runs
        hold, no theme has a count, since these would add up to it, and shares have two decimals. As they came in, but
        for that column, where the rules are idle.

    Notes
    -----
    What is promised: from all that is shown, were it exact, a reader can rule out none of 1, 2, ...
    `suppress_below` - 1 for a small size, overlap or move, nor for a small rest (a topic's comments that are not in its
    counterpart, or are in none that is named, or that one run alone holds; those of a theme that stayed), but for what
    sizes and the numbers analysed and shared tell by themselves: of 91 comments at least 3 are not among 88. These are
    known from the runs' own tables. Sizes that such a table leaves out are left out here. Which topics are matched,
    split or merged is always said.
    """
    if rules.idle:
        said_a, said_b, both = (f"{count:,}" for count in (*comments, n_shared))
        exact = [table.assign(suppressed=False) for table in (topics, themes, decisions)]
        return ShownComparison(exact[0], exact[1], exact[2], said_a, said_b, both, enough=True)
    counted = _Counts()
    enough = min(*comments, *((n_shared,) if by_comments else ())) >= rules.base_limit
    _add_comments(counted, comments, n_shared, by_comments=by_comments)
    _add_topics(counted, topics, comments, by_comments=by_comments, rules=rules)
    _add_themes(counted, themes, decisions, by_comments=by_comments)
    hidden = counted.left_out(rules, all_of_it=not enough)
    shown = _Shown(hidden, rules)
    return ShownComparison(
        topics=_topics(topics, comments, shown, by_comments=by_comments),
        themes=_themes(themes, shown, base_shown=not by_comments or ("shared",) not in hidden),
        decisions=_decisions(decisions, shown),
        comments_a=shown_count(comments[0], rules),
        comments_b=shown_count(comments[1], rules),
        n_shared=_shared_as_said(n_shared, comments, rules, left_out=("shared",) in hidden),
        enough=enough,
    )


Key = tuple[Hashable, ...]


@dataclass(frozen=True)
class _Counts:
    """Counts by name, what each costs to leave out, and the sums that a reader knows."""

    values: dict[Key, float] = field(default_factory=dict)
    costs: dict[Key, float] = field(default_factory=dict)
    gone: set[Key] = field(default_factory=set)
    sums: list[tuple[Key, list[Key]]] = field(default_factory=list)

    def add(self, key: Key, count: float, cost: float = NEVER_SHOWN) -> Key:
        """Add a count; one that costs nothing is no part of any table."""
        self.values[key], self.costs[key] = float(count), cost
        return key

    def split(self, whole: Key, parts: Sequence[Key], rest: Key) -> None:
        """Say that a count is these parts and a rest that no table shows."""
        self.add(rest, self.values[whole] - sum(self.values[part] for part in parts))
        self.sums.append((whole, [*parts, rest]))

    def left_out(self, rules: Rules, *, all_of_it: bool) -> set[Key]:
        """Return which counts are left out: small ones, and those that would give a small one away."""
        names = list(self.values)
        if all_of_it or not names:
            return set(names)
        place = {name: number for number, name in enumerate(names)}
        values: Numbers = np.array([self.values[name] for name in names])
        equations = np.zeros((len(self.sums), len(names)))
        for row, (whole, parts) in enumerate(self.sums):
            equations[row, [place[part] for part in parts]] = 1
            equations[row, place[whole]] = -1
        cost = np.array([self.costs[name] for name in names])
        cost *= np.where(np.isfinite(cost), 1 + values / max(values.max(), 1), 1)
        # What is shown to be none is known.
        cost[(values == 0) & (cost > 0)] = KNOWN
        small = rules.is_small(values)
        hidden = small | np.array([name in self.gone for name in names])
        is_size = np.array([name[0] == "size" for name in names])
        lowest, highest = (values > 0).astype(np.float64), np.full(len(names), values.max())
        # Sizes first. Then they are known, since the runs' own tables show them: to leave out one more gains nothing.
        for chosen, price in ((is_size, cost), (~is_size, np.where(is_size, KNOWN, cost))):
            few = np.flatnonzero(small & chosen)
            moves = [move for cell in few for move in moves_of(int(cell), values[cell], rules.suppress_below)]
            hidden, failed = hide_more(Cells(values, equations, lowest, highest, price), hidden, moves)
            for row in np.flatnonzero((equations[:, failed] != 0).any(axis=1)).tolist():
                hidden |= (equations[row] != 0) & (is_size if chosen is is_size else ~is_size)
        left_out = {name for name, is_hidden in zip(names, hidden.tolist(), strict=True) if is_hidden}
        of_topics = any(
            is_few and name[0] not in _OF_THEMES for name, is_few in zip(names, small.tolist(), strict=True)
        )
        return left_out | self._pinned() if of_topics and ("shared",) in self.values else left_out

    def _pinned(self) -> set[Key]:
        """Return the overlaps of topics that share comments with others than named ones, where such topics are few.

        How many comments two of them share that no table names together then follows from what is named.
        """
        mixed = {end: {name[2] for name, count in self.values.items() if name[:2] == ("elsewhere", end) and count > 0}
                 for end in _ENDS}  # fmt: skip
        if min(map(len, mixed.values())) > _FEW_TOPICS:
            return set()
        return {
            name for name in self.values
            if (name[0] == "overlap" and (name[1] in mixed["a"] or name[2] in mixed["b"]))
            or (name[0] == "base" and name[2] in mixed[str(name[1])])
        }  # fmt: skip


def _add_comments(counted: _Counts, comments: tuple[int, int], n_shared: int, *, by_comments: bool) -> None:
    for end, count in zip(_ENDS, comments, strict=True):
        counted.add(("all", end), count, KNOWN)
    if by_comments:
        counted.add(("shared",), n_shared, _SHARED)
        for end in _ENDS:
            counted.split(("all", end), [("shared",)], ("alone", end))


def _add_topics(
    counted: _Counts, topics: pd.DataFrame, comments: tuple[int, int], *, by_comments: bool, rules: Rules
) -> None:
    """Add sizes, and the comments that topics share; or, of other comments, what lies nearest to other topics."""
    related = topics[topics["topic_a"].notna() & topics["topic_b"].notna()].drop_duplicates(["topic_a", "topic_b"])
    pairs = [(int(row["topic_a"]), int(row["topic_b"]), row) for row in related.to_dict("records")]
    if by_comments:
        for topic_a, topic_b, row in pairs:
            counted.add(("overlap", topic_a, topic_b), row["n_shared"], _OVERLAP)
    for place, (end, count) in enumerate(zip(_ENDS, comments, strict=True)):
        rows = topics[topics[f"topic_{end}"].notna()].drop_duplicates(f"topic_{end}").to_dict("records")
        own = [int(row[f"topic_{end}"]) for row in rows]
        for topic, row in zip(own, rows, strict=True):
            size = counted.add(("size", end, topic), row[f"size_{end}"], _SIZE)
            base = counted.add(("base", end, topic), row[f"base_{end}"], _BASE)
            if row[f"suppressed_{end}"]:
                counted.gone.add(size)
            if row[f"base_{end}"] < rules.base_limit:
                counted.gone.add(base)
        # A report says how many are in no topic, unless they are few.
        outside = count - sum(int(row[f"size_{end}"]) for row in rows)
        few = bool(rules.is_small(np.array(float(outside))))
        counted.add(("outside", end), outside, NEVER_SHOWN if few else KNOWN)
        counted.sums.append((("all", end), [*(("size", end, topic) for topic in own), ("outside", end)]))
        with_topic = {topic: [pair for pair in pairs if pair[place] == topic] for topic in own}
        if by_comments:
            _add_shared(counted, end, {topic: [pair[:2] for pair in found] for topic, found in with_topic.items()})
        else:
            moved = "moved_from_a" if end == "a" else "moved_to_b"
            for topic, found in with_topic.items():
                base = ("base", end, topic)
                near = [
                    counted.add(("near", end, *pair), round(row[moved] * counted.values[base]), _OVERLAP)
                    for *pair, row in found
                ]
                counted.split(base, near, ("elsewhere", end, topic))
                for key in near:
                    counted.split(base, [key], ("base but", *key))


def _add_shared(counted: _Counts, end: str, pairs: dict[int, list[tuple[int, int]]]) -> None:
    """Say how the comments that both runs hold lie in one run's topics, and in each topic's counterparts."""
    counted.split(("shared",), [("base", end, topic) for topic in pairs], ("outside and shared", end))
    counted.split(("outside", end), [("outside and shared", end)], ("outside and alone", end))
    for topic, found in pairs.items():
        size, base = ("size", end, topic), ("base", end, topic)
        counted.split(size, [base], ("alone in", end, topic))
        overlaps: list[Key] = [("overlap", *pair) for pair in found]
        counted.split(base, overlaps, ("elsewhere", end, topic))
        for overlap in overlaps:
            counted.split(size, [overlap], ("size but", end, *overlap))
            counted.split(base, [overlap], ("base but", end, *overlap))


def _add_themes(counted: _Counts, themes: pd.DataFrame, decisions: pd.DataFrame, *, by_comments: bool) -> None:
    """Add how many comments have each theme, and how many went from which to which."""
    for end in _ENDS:
        whole: Key = ("shared",) if by_comments else ("all", end)
        known = themes.loc[themes[f"n_{end}"].notna(), ["theme", f"n_{end}"]].itertuples(index=False)
        of_theme = [counted.add(("theme", end, theme), count, _THEME) for theme, count in known]
        counted.sums.append((whole, of_theme))
        for theme in of_theme:
            counted.split(whole, [theme], ("others", *theme))
    moves = [
        counted.add(("move", row["theme_a"], row["theme_b"]), row["comments"], _MOVE)
        for row in decisions.to_dict("records") if pd.isna(row["topic_a"])
    ]  # fmt: skip
    if not by_comments:
        return
    for theme in themes["theme"]:
        ends = {"a": [move for move in moves if move[1] == theme], "b": [move for move in moves if move[2] == theme]}
        stayed: Key = ("stayed", theme)
        for end, of_end in ends.items():
            whole = ("theme", end, theme)
            if whole not in counted.values:
                continue
            if any(("theme", other, theme) not in counted.values for other in _ENDS):
                # A codebook that lacks the theme cannot keep a comment in it.
                counted.sums.append((whole, of_end))
            elif stayed in counted.values:
                counted.sums.append((whole, [*of_end, stayed]))
            else:
                counted.split(whole, of_end, stayed)
            for move in of_end:
                counted.split(whole, [move], ("theme but", end, *move))


@dataclass(frozen=True)
class _Shown:
    """Counts as they may be shown."""

    hidden: set[Key]
    rules: Rules

    def counts(self, values: Sequence[Any], keys: Sequence[Key]) -> Numbers:
        """Return rounded counts, missing where they are left out or were missing."""
        exact: Numbers = np.array([np.nan if pd.isna(value) else float(value) for value in values], dtype=np.float64)
        return np.where(self.flags(keys), np.nan, self.rules.rounded(exact))

    def flags(self, keys: Sequence[Key]) -> Flags:
        """Return which are left out."""
        return np.array([key in self.hidden for key in keys], dtype=bool)


def _topics(topics: pd.DataFrame, comments: tuple[int, int], shown: _Shown, *, by_comments: bool) -> pd.DataFrame:
    rows = topics.to_dict("records")
    pairs = [
        (int(row["topic_a"]), int(row["topic_b"])) if pd.notna(row["topic_a"]) and pd.notna(row["topic_b"]) else None
        for row in rows
    ]
    public, bases = topics.copy(), dict[str, Numbers]()
    left_out = np.zeros(len(topics), dtype=bool)
    for end, count in zip(_ENDS, comments, strict=True):
        of_end = [None if pd.isna(row[f"topic_{end}"]) else int(row[f"topic_{end}"]) for row in rows]
        sizes = [("size", end, topic) for topic in of_end]
        size = shown.counts(topics[f"size_{end}"].tolist(), sizes)
        bases[end] = shown.counts(topics[f"base_{end}"].tolist(), [("base", end, topic) for topic in of_end])
        public[f"size_{end}"] = as_counts(size, topics)
        public[f"share_{end}"] = size / shown.rules.rounded(np.array(float(count)))
        left_out |= shown.flags(sizes)
    if by_comments:
        overlap = shown.counts(topics["n_shared"].tolist(), [("overlap", *(pair or ())) for pair in pairs])
        public["n_shared"] = as_counts(overlap, topics)
        public["moved_from_a"], public["moved_to_b"] = overlap / bases["a"], overlap / bases["b"]
        public["similarity"] = overlap / (bases["a"] + bases["b"] - overlap)
    else:
        for name, end in (("moved_from_a", "a"), ("moved_to_b", "b")):
            near = topics[name].to_numpy(dtype=np.float64) * topics[f"base_{end}"].to_numpy(np.float64, na_value=np.nan)
            public[name] = shown.counts(np.rint(near), [("near", end, *(pair or ())) for pair in pairs]) / bases[end]
    is_pair = np.array([pair is not None for pair in pairs], dtype=bool)
    compared = ["moved_from_a", "moved_to_b", "similarity"]
    left_out |= is_pair & public[compared].isna().any(axis=1).to_numpy(dtype=bool)
    return public.assign(suppressed=left_out)


def _themes(themes: pd.DataFrame, shown: _Shown, *, base_shown: bool) -> pd.DataFrame:
    public = themes.copy()
    left_out = np.zeros(len(themes), dtype=bool)
    exact, rounded = dict[str, Ends](), dict[str, Ends]()
    for end in _ENDS:
        names = tuple(f"share_{end}{part}" for part in ("", "_low", "_high"))
        keys = [("theme", end, theme) for theme in themes["theme"]]
        base = themes[f"comments_{end}"].to_numpy(dtype=np.float64)
        n, whole = shown.counts(themes[f"n_{end}"].tolist(), keys), shown.rules.rounded(base)
        given_ends = ends_of(themes, names)
        with np.errstate(invalid="ignore", divide="ignore"):
            share = n / whole
            ends = (share, *interval_at(share, given_ends, base / whole))
        exact[end], rounded[end] = given_ends, ends
        for name, values in zip(names, ends, strict=True):
            public[name] = values if base_shown else values.round(2)
        public[f"n_{end}"] = as_counts(n if base_shown else np.full(len(n), np.nan), themes)
        public[f"comments_{end}"] = as_counts(whole if base_shown else np.full(len(n), np.nan), themes)
        left_out |= shown.flags(keys) | (not base_shown)
    between = ("difference", "difference_low", "difference_high")
    paired = bool((themes["interval"] == "paired").any())
    given = (exact["b"], exact["a"], ends_of(themes, between))
    found = difference_at(rounded["b"], rounded["a"], given, paired=paired)
    for name, values in zip(between, found, strict=True):
        public[name] = values
    return public.assign(suppressed=left_out)


def _decisions(decisions: pd.DataFrame, shown: _Shown) -> pd.DataFrame:
    keys: list[Key] = [
        ("move", row["theme_a"], row["theme_b"]) if pd.isna(row["topic_a"]) else ("size", "b", int(row["topic_b"]))
        for row in decisions.to_dict("records")
    ]
    counts = shown.counts(decisions["comments"].tolist(), keys)
    return decisions.assign(comments=as_counts(counts, decisions), suppressed=shown.flags(keys))


def _shared_as_said(n_shared: int, comments: tuple[int, int], rules: Rules, *, left_out: bool) -> str:
    alone = np.array([count - n_shared for count in comments], dtype=np.float64)
    if left_out or rules.is_small(np.array([float(n_shared)])).any() or rules.is_small(alone).any():
        return NOT_SHOWN
    return rounded_count(n_shared, rules).text
