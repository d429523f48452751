"""Themes of one run beside those of another: how their shares moved, and which decisions changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from pipeline.account.intervals import paired_difference, share_difference, share_intervals
from pipeline.contracts import UNMAPPED

THEME_COLUMNS = (
    "theme", "name", "comments_a", "n_a", "share_a", "share_a_low", "share_a_high", "comments_b", "n_b", "share_b",
    "share_b_low", "share_b_high", "difference", "difference_low", "difference_high", "interval",
)  # fmt: skip
INTERNAL_THEME_COLUMNS = ("suppressed_a", "suppressed_b")
"""What is needed to tell what may be shown, and is no part of it."""
DECISION_COLUMNS = (
    "what", "topic_a", "label_a", "theme_a", "topic_b", "label_b", "theme_b", "comments",
)  # fmt: skip

PAIRED, INDEPENDENT = "paired", "independent"
OF_TOPIC, OF_COMMENTS = "topic", "comments"


def themes_table(
    themes_a: pd.Series[str],
    themes_b: pd.Series[str],
    *,
    names_a: Mapping[str, str],
    names_b: Mapping[str, str],
    paired: bool,
) -> pd.DataFrame:
    """Return how the share of each theme moved.

    Parameters
    ----------
    themes_a, themes_b : Series of str
        The theme that each comment was matched with directly, or "unmapped"; row by row the same comments where
        `paired`.
    names_a, names_b : mapping of str to str
        Names of the codebooks' themes by id, in their order.
    paired : bool
        Whether the comments are the same ones.

    Returns
    -------
    DataFrame
        See `pipeline.comparison.runs.Comparison`.

    Notes
    -----
    Differences are B less A, with Newcombe's score intervals: those for paired data where the comments are the
    same, else those for independent samples; see `pipeline.account.intervals`. A comment counts as a
    respondent of its own.
    """
    names = {**names_b, **{theme: name for theme, name in names_a.items() if theme not in names_b}}
    names[UNMAPPED] = "No theme fits"
    rows = []
    for theme, name in names.items():
        row: dict[str, object] = {"theme": theme, "name": name}
        known = {"a": theme in names_a or theme == UNMAPPED, "b": theme in names_b or theme == UNMAPPED}
        for end, themes in (("a", themes_a), ("b", themes_b)):
            row[f"comments_{end}"] = len(themes)
            if known[end]:
                row |= _share(themes == theme, end)
        if all(known.values()) and len(themes_a) and len(themes_b):
            difference, low, high = _difference(themes_a == theme, themes_b == theme, paired=paired)
            row |= {"difference": difference, "difference_low": low, "difference_high": high}
            row["interval"] = PAIRED if paired else INDEPENDENT
        rows.append(row)
    table = pd.DataFrame(rows, columns=list(THEME_COLUMNS))
    texts, whole = ("theme", "name", "interval"), ("comments_a", "n_a", "comments_b", "n_b")
    kinds = {column: "Int64" if column in whole else "float64" for column in THEME_COLUMNS if column not in texts}
    return table.astype(kinds).assign(interval=_texts(table["interval"]))


def _share(carried: pd.Series[bool], end: str) -> dict[str, object]:
    found = share_intervals(carried.to_frame("theme"), _own_respondents(len(carried))).iloc[0]
    return {
        f"n_{end}": int(found["count"]),
        f"share_{end}": found["share"],
        f"share_{end}_low": found["low"],
        f"share_{end}_high": found["high"],
    }


def _difference(in_a: pd.Series[bool], in_b: pd.Series[bool], *, paired: bool) -> tuple[float, float, float]:
    if paired:
        both = pd.DataFrame({"a": in_a.to_numpy(dtype=bool), "b": in_b.to_numpy(dtype=bool)})
        return paired_difference(both, "b", "a", _own_respondents(len(both)))
    carried = pd.concat([in_a, in_b], ignore_index=True).astype(bool).to_frame("theme")
    is_b = pd.Series([False] * len(in_a) + [True] * len(in_b))
    found = share_difference(carried, is_b, _own_respondents(len(carried))).iloc[0]
    return float(found["difference"]), float(found["difference_low"]), float(found["difference_high"])


def _own_respondents(count: int) -> pd.Series[str]:
    return pd.Series([""] * count, dtype=object)


def decisions_table(
    topics: pd.DataFrame, themes_a: pd.Series[str] | None, themes_b: pd.Series[str] | None
) -> pd.DataFrame:
    """Return the theme decisions that changed.

    Parameters
    ----------
    topics : DataFrame
        What became of the topics; see `pipeline.comparison.runs.Comparison`.
    themes_a, themes_b : Series of str, or None
        The theme of each shared comment, row by row; None where the runs share no comments.

    Returns
    -------
    DataFrame
        See `pipeline.comparison.runs.Comparison`: first the paired topics whose theme changed, then how many comments
        went from which theme to which, most first.
    """
    pairs = topics[topics["paired"] & (topics["theme_a"] != topics["theme_b"])]
    pairs = pairs.drop_duplicates(["topic_a", "topic_b"])
    rows: list[Any] = [
        {"what": OF_TOPIC, **{name: row[name] for name in DECISION_COLUMNS[1:-1]}, "comments": row["size_b"]}
        for row in pairs.to_dict("records")
    ]
    if themes_a is not None and themes_b is not None:
        moves = pd.DataFrame({"theme_a": themes_a.to_numpy(), "theme_b": themes_b.to_numpy()})
        moves = moves[moves["theme_a"] != moves["theme_b"]]
        counts = moves.value_counts().rename("comments").reset_index()
        counts = counts.sort_values(["comments", "theme_a", "theme_b"], ascending=[False, True, True])
        rows += counts.assign(what=OF_COMMENTS).to_dict("records")
    table = pd.DataFrame(rows, columns=list(DECISION_COLUMNS))
    table = table.astype(dict.fromkeys(("topic_a", "topic_b", "comments"), "Int64"))
    return table.assign(label_a=_texts(table["label_a"]), label_b=_texts(table["label_b"]))


def _texts(column: pd.Series[str]) -> pd.Series[str]:
    return column.astype(object).where(column.notna(), "")
