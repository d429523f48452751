"""How common each theme is: by comments matched directly, through their topics, and by people's codes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from pipeline.account.intervals import share_intervals
from pipeline.account.readings import Reading, coded_themes
from pipeline.codebook.codebook import Codebook
from pipeline.codebook.codes import Coder
from pipeline.contracts import OUTLIER, UNMAPPED
from pipeline.tables.schema import empty, made

IN_NO_TOPIC = "outlier"
"""The row of comments in no topic; only the method by topics has it."""

_NAMES = {UNMAPPED: "No theme fits", IN_NO_TOPIC: "In no topic"}


def theme_prevalence(
    reading: Reading,
    by_topics: pd.DataFrame,
    by_comments: pd.DataFrame,
    topics: pd.Series[int],
    respondents: pd.Series[str],
    codebook: Codebook,
) -> pd.DataFrame:
    """Return the share of each theme beside its published rank.

    Parameters
    ----------
    reading : Reading
        How the comments' themes were read: what the shares rest on.
    by_topics, by_comments : DataFrame of bool, shape (n_comments, n_themes)
        Which comment carries which theme by the machine, through its topic and by itself. A comment may carry several,
        so that shares can add up to more than 1.
    topics : Series of int, length n_comments
        Topic of each comment, -1 for none.
    respondents : Series of str, length n_comments
        Who wrote each comment; see `pipeline.account.intervals.share_intervals`.
    codebook : Codebook
        The themes and the account's order of prominence.

    Returns
    -------
    DataFrame
        See `pipeline.contracts.Assessed`.
    """
    none = (topics != OUTLIER) & ~by_topics.any(axis=1)
    through_topics = by_topics.assign(**{UNMAPPED: none, IN_NO_TOPIC: topics == OUTLIER})
    directly = with_unmapped(by_comments)
    shares = reading.map(with_unmapped).shares(np.ones(len(topics), dtype=bool), respondents).set_index("entry")
    rows = []
    for theme in (*codebook.theme_ids, UNMAPPED, IN_NO_TOPIC):
        row: dict[str, Any] = {
            "theme": theme,
            "name": _NAMES.get(theme) or codebook.name_of(theme),
            "published_rank": codebook.published_rank(theme),
            "reading": "",
            "by": "",
            "n_by_topics": int(through_topics[theme].sum()),
            "share_by_topics": through_topics[theme].mean(),
        }
        if theme in directly:
            row |= {"n_by_comments": int(directly[theme].sum()), "share_by_comments": directly[theme].mean()}
            row |= {**shares.loc[theme], "reading": reading.kind, "by": reading.by, "coded": reading.n_coded}
        rows.append(row)
    return made("prevalence", rows)


def with_unmapped(carried: pd.DataFrame) -> pd.DataFrame:
    """Return which comment carries which theme, with a column more for those that carry none."""
    return carried.assign(**{UNMAPPED: ~carried.any(axis=1)})


def coded_prevalence(
    coders: Sequence[Coder], respondents: pd.Series[str], codebook: Codebook, *, leading: str
) -> pd.DataFrame:
    """Return the share of each theme by each coder's codes.

    Parameters
    ----------
    coders : sequence of Coder
        People's codes, row by row as the respondents.
    respondents : Series of str, length n_comments
        Who wrote each comment; see `pipeline.account.intervals.share_intervals`.
    codebook : Codebook
        The themes.
    leading : str
        The coder whose codes the shares of themes rest on; "" where they rest on nobody's.

    Returns
    -------
    DataFrame
        A row for each coder and theme, and one for "unmapped", no theme: coder, kind ("person" or "model"), theme,
        name, comments (that the coder
        coded), count (of these, with the theme as main or further code), share, low, high (in [0, 1]; missing where
        nothing was coded), leads (bool: whether the shares of themes rest on this coder).
    """
    tables = []
    for coder in coders:
        given = (coder.main.str.strip() != "").to_numpy()
        carried = with_unmapped(coded_themes(coder, codebook))
        found = share_intervals(carried[given], respondents[given]).rename(columns={"entry": "theme"})
        names = [_NAMES.get(theme) or codebook.name_of(theme) for theme in found["theme"]]
        tables.append(
            made("coded", found.assign(coder=coder.name, kind=coder.kind, name=names, leads=coder.name == leading))
        )
    return pd.concat(tables, ignore_index=True) if tables else empty("coded")
