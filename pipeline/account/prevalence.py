"""How common each theme is: by comments matched directly, through their topics, and by people's codes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from pipeline.account.intervals import paired_difference, share_intervals
from pipeline.codebook.codebook import Codebook
from pipeline.codebook.codes import Coder, codes_to_themes
from pipeline.contracts import OUTLIER, UNMAPPED
from pipeline.tables.schema import empty, made

IN_NO_TOPIC = "outlier"
"""The row of comments in no topic; only the topic route has it."""

_NAMES = {UNMAPPED: "No theme fits", IN_NO_TOPIC: "In no topic"}
_ENDS = ("", "_low", "_high")


def theme_prevalence(
    by_topics: pd.DataFrame,
    by_comments: pd.DataFrame,
    topics: pd.Series[int],
    respondents: pd.Series[str],
    codebook: Codebook,
) -> pd.DataFrame:
    """Return the share of each theme beside its published rank.

    Parameters
    ----------
    by_topics, by_comments : DataFrame of bool, shape (n_comments, n_themes)
        Which comment carries which theme, through its topic and by itself. A comment may carry several, so that
        shares can add up to more than 1.
    topics : Series of int, length n_comments
        Topic of each comment, -1 for none.
    respondents : Series of str, length n_comments
        Who wrote each comment; see `pipeline.account.intervals.share_intervals`.
    codebook : Codebook
        The themes and the account's order of prominence.

    Returns
    -------
    DataFrame
        See `pipeline.contracts.Assessed`. The routes disagree where the interval of their difference, over the
        same comments, leaves out zero.
    """
    none = (topics != OUTLIER) & ~by_topics.any(axis=1)
    through_topics = by_topics.assign(**{UNMAPPED: none, IN_NO_TOPIC: topics == OUTLIER})
    directly = by_comments.assign(**{UNMAPPED: ~by_comments.any(axis=1)})
    routes = {
        "topics": share_intervals(through_topics, respondents).set_index("entry"),
        "comments": share_intervals(directly, respondents).set_index("entry"),
    }
    rows = []
    for theme in (*codebook.theme_ids, UNMAPPED, IN_NO_TOPIC):
        row: dict[str, Any] = {
            "theme": theme,
            "name": _NAMES.get(theme) or codebook.name_of(theme),
            "published_rank": codebook.published_rank(theme),
        }
        for route, shares in routes.items():
            found = shares.loc[theme] if theme in shares.index else None
            row[f"n_by_{route}"] = None if found is None else found["count"]
            row[f"effective_by_{route}"] = None if found is None else found["effective"]
            for end in _ENDS:
                value = None if found is None else found[end.removeprefix("_") or "share"]
                row[f"share_by_{route}{end}"] = value
        if theme in directly:
            both = pd.DataFrame({"topics": through_topics[theme], "comments": directly[theme]})
            difference, low, high = paired_difference(both, "topics", "comments", respondents)
            row |= {"route_difference": difference, "route_low": low, "route_high": high}
        row["routes_disagree"] = bool(row.get("route_low", 0) > 0 or row.get("route_high", 0) < 0)
        rows.append(row)
    return made("prevalence", rows)


def coded_prevalence(coders: Sequence[Coder], respondents: pd.Series[str], codebook: Codebook) -> pd.DataFrame:
    """Return the share of each theme by each coder's codes.

    Parameters
    ----------
    coders : sequence of Coder
        People's codes, row by row as the respondents.
    respondents : Series of str, length n_comments
        Who wrote each comment; see `pipeline.account.intervals.share_intervals`.
    codebook : Codebook
        The themes.

    Returns
    -------
    DataFrame
        A row for each coder and theme, and one for "unmapped", no theme: coder, theme, name, comments (that the coder
        coded), count (of these, with the theme as main or further code), share, low, high (in [0, 1]; missing where
        nothing was coded).
    """
    tables = []
    for coder in coders:
        columns = [codes_to_themes(codes, codebook.themes) for codes in (coder.main, *coder.further)]
        given = (columns[0] != "").to_numpy()
        coded = pd.concat(columns, axis=1)
        carried = pd.DataFrame({theme: (coded == theme).any(axis=1) for theme in codebook.theme_ids})
        carried[UNMAPPED] = ~carried.any(axis=1)
        found = share_intervals(carried[given], respondents[given]).rename(columns={"entry": "theme"})
        names = [_NAMES.get(theme) or codebook.name_of(theme) for theme in found["theme"]]
        tables.append(made("coded", found.assign(coder=coder.name, name=names)))
    return pd.concat(tables, ignore_index=True) if tables else empty("coded")
