"""How positive the comments are, overall and by group, beside the published share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from pipeline.contracts import Labels, Vectors
from pipeline.crosswalk.codebook import Codebook, Facet
from pipeline.crosswalk.fit import Reading, Scores
from pipeline.crosswalk.intervals import share_intervals

ALL = "All"
NOT_GIVEN = "(not given)"
COLUMNS = ("group", "entry", "comments", "count", "share", "low", "high", "published_share")

_EVEN = 0.5


def classify_outlook(
    reading: Reading, facet: Facet, phrases: Sequence[Vectors], theme_phrases: Sequence[Vectors]
) -> Labels:
    """Give each comment an entry of a facet.

    Parameters
    ----------
    reading : Reading
        The comments and their sentences.
    facet : Facet
        The facet.
    phrases : sequence of ndarray of shape (n_phrases, n_dimensions), float32
        Vectors of each entry's phrases.
    theme_phrases : sequence of ndarray of shape (n_phrases, n_dimensions), float32
        Vectors of the phrases of themes and codes: further phrases of an entry that holds the themes.

    Returns
    -------
    ndarray of shape (n_comments,), int64
        The entry of each comment, by its place in the facet.

    Notes
    -----
    A logistic regression learns from the codebook's phrases alone to tell the entries apart. It reads the whole
    comment and each of its sentences; the chance of an entry is the mean of the whole's and of the sentence's
    where it is highest, so that a good word in a long complaint is heard. An entry that combines others is given
    where each of those has a chance of one half or more.
    """
    combining = [place for place, entry in enumerate(facet.themes) if entry.combines]
    plain = [place for place in range(len(facet.themes)) if place not in combining]
    chances = _chances(reading, [_said(facet, place, phrases, theme_phrases) for place in plain])
    decided = np.array(plain)[chances.argmax(axis=1)]
    column = {facet.themes[place].id: number for number, place in enumerate(plain)}
    for place in combining:
        parts = chances[:, [column[part] for part in facet.themes[place].combines]]
        decided[(parts >= _EVEN).all(axis=1)] = place
    return np.asarray(decided, dtype=np.int64)


def _said(facet: Facet, place: int, phrases: Sequence[Vectors], theme_phrases: Sequence[Vectors]) -> Vectors:
    return np.vstack([phrases[place], *theme_phrases]) if facet.themes[place].holds_themes else phrases[place]


def _chances(reading: Reading, phrases: Sequence[Vectors]) -> Scores:
    from sklearn.linear_model import LogisticRegression

    classifier = LogisticRegression(class_weight="balanced", max_iter=1_000)
    classifier.fit(
        np.vstack(phrases).astype(np.float64), np.repeat(np.arange(len(phrases)), [len(said) for said in phrases])
    )
    whole = classifier.predict_proba(reading.comment_vectors.astype(np.float64))
    of_parts = classifier.predict_proba(reading.vectors.astype(np.float64))
    highest = np.zeros_like(whole)
    np.maximum.at(highest, reading.owner, of_parts)
    return np.asarray((whole + highest) / 2)


def outlook_shares(
    outlooks: pd.Series[str],
    groups: pd.Series[str] | None,
    respondents: pd.Series[str],
    *,
    codebook: Codebook,
    outlook: Facet,
    positive: Sequence[str],
) -> pd.DataFrame:
    """Return the share of each outlook.

    Parameters
    ----------
    outlooks : Series of str
        The outlook entry of each analysed comment.
    groups : Series of str or None
        The group of each comment; "" where it is not given.
    respondents : Series of str
        Who wrote each comment; see `pipeline.crosswalk.intervals.share_intervals`.
    codebook : Codebook
        For the published share.
    outlook : Facet
        The outlook facet.
    positive : sequence of str
        Entries that count as positive together; the published share is set beside their sum.

    Returns
    -------
    DataFrame
        See `pipeline.contracts.Compared`; the entries that are positive together come first in each group.
    """
    together = " or ".join(positive)
    carried = pd.DataFrame({entry.id: outlooks == entry.id for entry in outlook.themes})
    if len(positive) > 1:
        carried.insert(0, together, outlooks.isin(list(positive)))
    members = {ALL: pd.Series(True, index=outlooks.index)}
    if groups is not None:
        named = groups.replace("", NOT_GIVEN)
        members |= {str(group): named == group for group in sorted(named.unique()) if group != ALL}
    rows: list[dict[str, Any]] = []
    for group, chosen in members.items():
        for found in share_intervals(carried[chosen], respondents[chosen]).to_dict("records"):
            # The published share stands once: beside what counts as positive.
            is_positive = found["entry"] == together
            published = codebook.published_share(outlook.id, positive[0]) if group == ALL and is_positive else None
            values = (group, found["entry"], found["comments"], found["count"], found["share"], found["low"],
                      found["high"], published)  # fmt: skip
            rows.append(dict(zip(COLUMNS, values, strict=True)))
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"published_share": "float64"})


def no_outlook() -> pd.DataFrame:
    """Return the table of a run whose codebook has no outlook facet."""
    return pd.DataFrame(columns=list(COLUMNS))
