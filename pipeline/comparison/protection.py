"""Two runs side by side, so that no small count can be worked out from sizes, overlaps and moves.

A comparison has more sums than the tables of one run: a topic's comments are those that both runs hold and those that
one holds alone; of the former some are in the counterpart and the rest elsewhere. "91 comments, 88 of them in B's
topic" tells of 3. All these sums are taken to be known, and overlaps are left out rather than sizes, which a run's own
tables show.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pipeline.account.intervals import difference_interval, share_ends
from pipeline.comparison.counts import ENDS, are_few, hidden_counts
from pipeline.comparison.themes import INDEPENDENT, PAIRED
from pipeline.comparison.topics import MERGED
from pipeline.disclosure.rules import Flags, Numbers, Rules, as_counts, numbers_of
from pipeline.disclosure.suppression import Key
from pipeline.tables.numbers import NOT_SHOWN, count

_DIFFERENCE = ("difference", "difference_low", "difference_high")
_THEME_FIGURES = [
    *(f"{name}_{end}" for end in ENDS for name in ("comments", "n", "share")),
    *(f"share_{end}_{part}" for end in ENDS for part in ("low", "high")),
    *_DIFFERENCE,
]  # fmt: skip


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


def stricter_rules(a: Rules, b: Rules) -> Rules:
    """Return rules that hide and round at least what those of each of two runs do."""
    return Rules(
        suppress_below=max(a.suppress_below, b.suppress_below),
        round_to=max(a.round_to, b.round_to),
        smallest_base=max(a.smallest_base, b.smallest_base),
        smallest_group=max(a.smallest_group, b.smallest_group),
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
        With exact counts; see `pipeline.comparison.runs.Comparison`.
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
        hold, no theme has a figure: counts would add up to it, and shares are of it. Where a move of a theme is left
        out, its difference has the wider interval of independent shares. As they came in, but for that column, where
        the rules are exact.

    Notes
    -----
    What is promised: from all that is shown, were it exact, a reader can rule out none of 1, 2, ...
    `suppress_below` - 1 for a small size, overlap or move, nor for a small rest (a topic's comments that are not in its
    counterpart, or are in none that is named, or that one run alone holds; those of a theme that stayed), but for what
    sizes and the numbers analysed and shared tell by themselves: of 91 comments at least 3 are not among 88. These are
    known from the runs' own tables. Sizes that such a table leaves out are left out here. That no comment is in one run
    alone is always told.

    Not counted among what is shown: which topics are matched, split or merged, which is always said and tells on which
    side of a stated share an overlap lies; and a measure of the whole, such as AMI to two decimals. Of few comments in
    few topics these can tell more. Rows are ordered by what is shown, so that their order tells nothing.
    """
    if rules.exact:
        said_a, said_b, both = (f"{count:,}" for count in (*comments, n_shared))
        exact = [table.assign(suppressed=False) for table in (topics, themes, decisions)]
        return ShownComparison(exact[0], exact[1], exact[2], said_a, said_b, both, enough=True)
    few = are_few(comments, n_shared, by_comments=by_comments, rules=rules)
    hidden = hidden_counts(
        topics, themes, decisions, comments=comments, n_shared=n_shared, by_comments=by_comments, rules=rules
    )
    shown = _Shown(hidden, rules)
    moves = _decisions(decisions, shown)
    return ShownComparison(
        topics=_topics(topics, comments, shown, by_comments=by_comments),
        themes=_themes(themes, moves, shown, base_shown=not by_comments or ("shared",) not in hidden),
        decisions=moves,
        comments_a=_said(comments[0], rules, hidden=comments[0] < rules.base_limit),
        comments_b=_said(comments[1], rules, hidden=comments[1] < rules.base_limit),
        n_shared=_shared_as_said(n_shared, comments, rules, left_out=("shared",) in hidden),
        enough=not few,
    )


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
    for end, number in zip(ENDS, comments, strict=True):
        of_end = [None if pd.isna(row[f"topic_{end}"]) else int(row[f"topic_{end}"]) for row in rows]
        sizes = [("size", end, topic) for topic in of_end]
        size = shown.counts(topics[f"size_{end}"].tolist(), sizes)
        bases[end] = shown.counts(topics[f"base_{end}"].tolist(), [("base", end, topic) for topic in of_end])
        public[f"size_{end}"] = as_counts(size, topics)
        public[f"share_{end}"] = size / shown.rules.rounded(np.array(float(number)))
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
    # The sources of a merge stand together.
    first = public["topic_b"].where(public["what"] == MERGED, public["topic_a"])
    return _in_order(public.assign(suppressed=left_out), [first, public["topic_a"], public["topic_b"]])


def _themes(themes: pd.DataFrame, moves: pd.DataFrame, shown: _Shown, *, base_shown: bool) -> pd.DataFrame:
    public = themes.copy()
    left_out = np.full(len(themes), not base_shown, dtype=bool)
    counts, ends = dict[str, Numbers](), dict[str, tuple[Numbers, Numbers, Numbers]]()
    for end in ENDS:
        keys = [("theme", end, theme) for theme in themes["theme"]]
        whole = shown.rules.rounded(numbers_of(themes[f"comments_{end}"]))
        counts[end] = shown.counts(themes[f"n_{end}"].tolist(), keys)
        with np.errstate(invalid="ignore", divide="ignore"):
            share = counts[end] / whole
        ends[end] = (share, *share_ends(share, whole))
        for part, values in zip(("", "_low", "_high"), ends[end], strict=True):
            public[f"share_{end}{part}"] = values
        public[f"n_{end}"] = as_counts(counts[end], themes)
        public[f"comments_{end}"] = as_counts(whole, themes)
        left_out |= shown.flags(keys)
    # How far paired shares go together is known only where it is shown how many comments moved.
    moved = {theme for kind, *of in shown.hidden if kind == "move" for theme in of}
    paired = ((themes["interval"] == PAIRED) & ~themes["theme"].isin(moved)).to_numpy(dtype=bool)
    together = np.where(paired, _correlations(public, moves, counts), 0.0)
    low, high = difference_interval(*ends["b"], *ends["a"], correlation=together)
    has_both = themes["interval"] != ""
    for name, values in zip(_DIFFERENCE, (ends["b"][0] - ends["a"][0], low, high), strict=True):
        public[name] = np.where(has_both, np.round(values, 2) + 0.0, np.nan)
    public["interval"] = public["interval"].mask((public["interval"] == PAIRED) & ~paired, INDEPENDENT)
    for name in () if base_shown else _THEME_FIGURES:
        public[name] = public[name].mask(np.ones(len(public), dtype=bool))
    return public.assign(suppressed=left_out)


def _correlations(themes: pd.DataFrame, moves: pd.DataFrame, counts: Mapping[str, Numbers]) -> Numbers:
    """Return how far having a theme in one run and in the other go together, from the counts shown."""
    gone = moves[moves["topic_a"].isna()].groupby("theme_a")["comments"].sum()
    base = numbers_of(themes["comments_a"])
    stayed = np.maximum(counts["a"] - numbers_of(themes["theme"].map(gone).fillna(0)), 0)
    together = stayed - counts["a"] * counts["b"] / base
    # Newcombe's correction of a positive correlation.
    together = np.where(together > 0, np.maximum(together - 0.5, 0), together)
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = np.sqrt(counts["a"] * (1 - counts["a"] / base) * counts["b"] * (1 - counts["b"] / base))
        return np.asarray(np.where(spread > 0, np.clip(together / spread, -1, 1), 0.0), dtype=np.float64)


def _decisions(decisions: pd.DataFrame, shown: _Shown) -> pd.DataFrame:
    keys: list[Key] = [
        ("move", row["theme_a"], row["theme_b"]) if pd.isna(row["topic_a"]) else ("size", "b", int(row["topic_b"]))
        for row in decisions.to_dict("records")
    ]
    counts = as_counts(shown.counts(decisions["comments"].tolist(), keys), decisions)
    public = decisions.assign(comments=counts, suppressed=shown.flags(keys))
    return _in_order(public, [public["topic_a"], public["topic_b"], -counts, public["theme_a"], public["theme_b"]])


def _in_order(table: pd.DataFrame, keys: Sequence[pd.Series[Any]]) -> pd.DataFrame:
    """Order the rows of each kind by what is shown: counts that are left out would still stand in their order."""
    kinds = {kind: place for place, kind in enumerate(table["what"].unique())}
    by = pd.concat([table["what"].map(kinds), *keys], axis=1, keys=range(len(keys) + 1))
    return table.loc[by.sort_values(list(by.columns), kind="stable").index].reset_index(drop=True)


def _said(number: int, rules: Rules, *, hidden: bool) -> str:
    return NOT_SHOWN if hidden else count(rules.rounded(np.array(float(number))))


def _shared_as_said(n_shared: int, comments: tuple[int, int], rules: Rules, *, left_out: bool) -> str:
    near = np.array([n_shared, *(number - n_shared for number in comments)], dtype=np.float64)
    return _said(n_shared, rules, hidden=left_out or bool(rules.is_small(near).any()))
