"""Themes that a person gave to topics, beside what the machine decided."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from pipeline.contracts import UNMAPPED

BY_PERSON = "by a person"
"""The status of a topic whose theme a person set."""


def matches_none(topic_themes: pd.DataFrame) -> pd.Series[bool]:
    """Return which topics match no theme and lean to none, or have none because a person said so."""
    by_person = topic_themes["status"] == BY_PERSON
    return (topic_themes["status"] == UNMAPPED) | (by_person & (topic_themes["theme"] == UNMAPPED))


def with_persons_themes(
    crosswalk: pd.DataFrame, topic_themes: pd.DataFrame, given: Mapping[int, str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Put a person's decisions in the place of the machine's, and keep these beside them.

    Parameters
    ----------
    crosswalk, topic_themes : DataFrame
        As the machine decided; see `pipeline.contracts.Mapped`.
    given : mapping of int to str
        The theme of each topic that a person gave one, "unmapped" for none.

    Returns
    -------
    crosswalk, topic_themes : DataFrame
        With the person's decisions. What was measured stays: fit, q-value and the like are of the topic's nearest
        theme. topic_themes has machine_theme and machine_status too.
    """
    topics = topic_themes["topic"]
    theme, is_given = topics.map(given), topics.isin(list(given))
    decided = topic_themes.assign(
        theme=topic_themes["theme"].mask(is_given, theme),
        mapping_robustness=topic_themes["mapping_robustness"].mask(is_given, np.nan),
        settled=topic_themes["settled"] | is_given,
        status=topic_themes["status"].mask(is_given, BY_PERSON),
        fails=topic_themes["fails"].mask(is_given, ""),
        machine_theme=topic_themes["theme"],
        machine_status=topic_themes["status"],
    )
    by_person = crosswalk["topic"].isin(list(given))
    matched = crosswalk["matched"].mask(by_person, crosswalk["theme"] == crosswalk["topic"].map(given))
    return crosswalk.assign(matched=matched.astype(bool)), decided
