"""Which analysed comment carries which theme, outlook and topic, as tables of yes and no."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd


def carried_by_comments(
    comment_ids: pd.Series[str], comment_themes: pd.DataFrame, themes: Sequence[str]
) -> pd.DataFrame:
    """Return the themes that comments carry themselves.

    Parameters
    ----------
    comment_ids : Series of str, length n_comments
        The analysed comments.
    comment_themes : DataFrame
        comment_id, theme: a row for each theme that a comment carries.
    themes : sequence of str
        Theme ids, in the codebook's order.

    Returns
    -------
    DataFrame of bool, shape (n_comments, n_themes)
        A comment may carry several themes, or none; the index is that of `comment_ids`.
    """
    carriers = comment_themes.groupby("theme")["comment_id"].agg(set).to_dict()
    return pd.DataFrame({theme: comment_ids.isin(carriers.get(theme, set())) for theme in themes}, dtype=bool)


def carried_by_topics(topics: pd.Series[int], crosswalk: pd.DataFrame, themes: Sequence[str]) -> pd.DataFrame:
    """Return the themes that comments carry through their topic.

    Parameters
    ----------
    topics : Series of int, length n_comments
        Topic of each analysed comment, -1 for none.
    crosswalk : DataFrame
        topic, theme, matched (bool).
    themes : sequence of str
        Theme ids, in the codebook's order.

    Returns
    -------
    DataFrame of bool, shape (n_comments, n_themes)
        The index is that of `topics`.
    """
    pairs = crosswalk[crosswalk["matched"]]
    matched = {theme: set(pairs.loc[pairs["theme"] == theme, "topic"]) for theme in themes}
    return pd.DataFrame({theme: topics.isin(matched[theme]) for theme in themes}, dtype=bool)


def one_of_each(values: pd.Series, entries: Sequence[str]) -> pd.DataFrame:
    """Return which of the entries each value is, as a DataFrame of bool with a column for each entry."""
    said = values.astype(str)
    return pd.DataFrame({entry: said == entry for entry in entries}, index=values.index, dtype=bool)
