"""The counts of a comparison of two runs, the sums that tie them together, and which of them are left out.

Counts go by names: ("all", end) is what a run analysed and ("shared",) what both hold; ("size", end, topic) is a
topic's comments, ("base", end, topic) those of them that both runs hold, ("overlap", a, b) what two topics share. The
rests that these leave are counts too, though no table shows them.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from pipeline.comparison.topics_by_topics import TopicsByTopics
from pipeline.disclosure.reach import Sums, hide_within_reach
from pipeline.disclosure.rounding import KNOWN, NEVER_SHOWN, Cells, Flags, Numbers, Rules, hide_more, moves_of

ENDS = ("a", "b")
_SIZE, _THEME, _SHARED, _BASE, _OVERLAP, _MOVE = 10.0, 3.0, 40.0, 1.2, 1.0, 0.5
"""What leaving out a count costs, by its kind."""
_OF_THEMES = frozenset({"theme", "others", "move", "stayed", "theme but"})

Key = tuple[Hashable, ...]


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
    """Return the names of the counts of a comparison that are left out; of few comments, of all.

    Parameters
    ----------
    topics, themes, decisions, comments, n_shared, by_comments, rules
        As for `pipeline.comparison.protection.protect_comparison`, which says what is promised.
    """
    counted = _Counts()
    _add_comments(counted, comments, n_shared, by_comments=by_comments)
    _add_topics(counted, topics, comments, by_comments=by_comments, rules=rules)
    _add_themes(counted, themes, decisions, by_comments=by_comments)
    if are_few(comments, n_shared, by_comments=by_comments, rules=rules):
        return set(counted.values)
    return counted.left_out(rules)


def are_few(comments: tuple[int, int], n_shared: int, *, by_comments: bool, rules: Rules) -> bool:
    """Return whether there are too few comments to tell anything of those that are compared."""
    return min(*comments, *((n_shared,) if by_comments else ())) < rules.base_limit


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

    def left_out(self, rules: Rules) -> set[Key]:
        """Return which counts are left out: small ones, and those that would give a small one away."""
        names = list(self.values)
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
                hidden |= (equations[row] != 0) & (is_size if chosen is is_size else ~is_size) & ~self._everyones(names)
        if ("shared",) in self.values:
            hidden |= self._within_reach(names, hidden, small, cost, rules)
        return {name for name, is_hidden in zip(names, hidden.tolist(), strict=True) if is_hidden}

    def _everyones(self, names: list[Key]) -> Flags:
        """Return what everyone knows from elsewhere, whatever is left out here."""
        return np.array([self.costs[name] == KNOWN for name in names])

    def _within_reach(self, names: list[Key], hidden: Flags, small: Flags, cost: Numbers, rules: Rules) -> Flags:
        """Return what else is left out because of the table of topics by topics, of which the counts are sums."""
        topics_a, topics_b = ([name[2] for name in names if name[:2] == ("size", end)] for end in ENDS)
        of_topics = np.array([name[0] not in _OF_THEMES for name in names])
        table = TopicsByTopics(topics_a, topics_b, [(name[1], name[2]) for name in names if name[0] == "overlap"])
        is_kind = {kind: np.array([name[0] == kind for name in names]) for kind in ("base", "overlap")}
        known = self._everyones(names) | (~hidden & (cost != NEVER_SHOWN) & ~is_kind["base"] & ~is_kind["overlap"])
        # A topic's base is told by the shares that its overlaps are of it.
        overlaps = [names[place] for place in np.flatnonzero(is_kind["overlap"] & ~hidden)]
        in_share = {("base", end, topic) for name in overlaps for end, topic in zip(ENDS, name[1:], strict=True)}
        shown = ~hidden & (is_kind["overlap"] | np.array([name in in_share for name in names]))
        sums = Sums(
            of_cells=table.sums([name for name, is_topics in zip(names, of_topics, strict=True) if is_topics]),
            counts=np.array([self.values[name] for name in names])[of_topics],
            lowest=table.lowest(),
            known=known[of_topics],
            cost=np.array([self.costs[name] for name in names])[of_topics],
        )
        more = np.zeros(len(names), dtype=bool)
        still = hide_within_reach(sums, shown[of_topics], small[of_topics], rules.suppress_below)
        # And again for who has the runs' own tables beside it, which may show sizes that are left out here.
        own = known | np.array([name[0] == "size" and name not in self.gone for name in names])
        still = hide_within_reach(replace(sums, known=own[of_topics]), still, small[of_topics], rules.suppress_below)
        more[of_topics] = shown[of_topics] & ~still
        return more


def _add_comments(counted: _Counts, comments: tuple[int, int], n_shared: int, *, by_comments: bool) -> None:
    for end, count in zip(ENDS, comments, strict=True):
        counted.add(("all", end), count, KNOWN)
    if by_comments:
        # That no comment is in one run alone tells of nobody, and then both have one number.
        counted.add(("shared",), n_shared, KNOWN if {*comments} == {n_shared} else _SHARED)
        for end in ENDS:
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
    for place, (end, count) in enumerate(zip(ENDS, comments, strict=True)):
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
    for end in ENDS:
        whole: Key = ("shared",) if by_comments else ("all", end)
        known = themes.loc[themes[f"n_{end}"].notna(), ["theme", f"n_{end}"]].itertuples(index=False)
        of_theme = [counted.add(("theme", end, theme), count, _THEME) for theme, count in known]
        # What the run's own table leaves out would follow from this one beside it.
        own = themes.loc[themes[f"suppressed_{end}"], "theme"]
        counted.gone.update({("theme", end, theme) for theme in own} & set(of_theme))
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
            if any(("theme", other, theme) not in counted.values for other in ENDS):
                # A codebook that lacks the theme cannot keep a comment in it.
                counted.sums.append((whole, of_end))
            elif stayed in counted.values:
                counted.sums.append((whole, [*of_end, stayed]))
            else:
                counted.split(whole, of_end, stayed)
            for move in of_end:
                counted.split(whole, [move], ("theme but", end, *move))
