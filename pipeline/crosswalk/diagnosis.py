"""How topics and themes correspond: what is resolved, repeated, missing or new.

After Chuang, Gupta, Manning and Heer (2013), "Topic model diagnostics: assessing domain relevance via topical
alignment", Proceedings of ICML, PMLR 28(3), 612-620, with a codebook in the place of an expert's concepts.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from pipeline.codebook.codebook import Codebook
from pipeline.contracts import UNMAPPED
from pipeline.crosswalk.by_person import BY_PERSON
from pipeline.tables.schema import made

RESOLVED, REPEATED, MISSING = "resolved", "repeated", "missing"


def diagnose(
    crosswalk: pd.DataFrame, topic_themes: pd.DataFrame, topics: pd.DataFrame, codebook: Codebook
) -> pd.DataFrame:
    """Say of each theme and each topic how it corresponds.

    Parameters
    ----------
    crosswalk : DataFrame
        topic, theme, matched.
    topic_themes : DataFrame
        topic, nearest_theme, settled, status.
    topics : DataFrame
        topic, label, size.
    codebook : Codebook
        The themes.

    Returns
    -------
    DataFrame
        A row for each theme, then for each topic: kind ("theme" or "topic"), id, name, verdict (a theme is
        resolved by one topic, repeated by several, or missing; a topic is matched with a theme, leaning to one,
        unmapped, or decided by a person), with (ids of the other side, separated by "; "), comments (in the topics
        concerned, folded duplicates included), settled (bool: whether all decisions it rests on are; False where
        there are no topics, since nothing was decided).
    """
    pairs = crosswalk[crosswalk["matched"]]
    sizes = dict(zip(topics["topic"], topics["size"], strict=True))
    settled = dict(zip(topic_themes["topic"], topic_themes["settled"], strict=True))
    rows: list[tuple[Any, ...]] = []
    for theme in codebook.themes:
        found = pairs.loc[pairs["theme"] == theme.id, "topic"].tolist()
        verdict = MISSING if not found else RESOLVED if len(found) == 1 else REPEATED
        # A theme is missing because no topic was matched with it: that rests on every topic.
        rests_on = found or list(settled)
        is_settled = bool(rests_on) and all(settled[topic] for topic in rests_on)
        comments = sum(sizes[topic] for topic in found)
        rows.append(("theme", theme.id, theme.name, verdict, "; ".join(map(str, found)), comments, is_settled))
    decided = topic_themes.set_index("topic")
    for topic in topics.to_dict("records"):
        number, size = topic["topic"], topic["size"]
        verdict = str(decided.at[number, "status"])
        named = str(decided.at[number, "theme" if verdict == BY_PERSON else "nearest_theme"])
        beside = "" if UNMAPPED in (verdict, named) else named
        rows.append(("topic", str(number), topic["label"], verdict, beside, size, settled[number]))
    return made("diagnosis", rows)
