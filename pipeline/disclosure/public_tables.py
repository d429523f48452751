"""The public tables: what of a result may be published."""

from __future__ import annotations

import pandas as pd

from pipeline.codebook.codebook import Codebook
from pipeline.contracts import Assessed, Mapped, TopicResult
from pipeline.disclosure.protection import protect_public
from pipeline.disclosure.rounding import Rules
from pipeline.disclosure.small_groups import hide_groups, hide_outlook


def public_tables(
    discovered: TopicResult,
    mapped: Mapped,
    assessed: Assessed,
    *,
    codebook: Codebook,
    smallest_group: int,
    rules: Rules | None = None,
) -> dict[str, pd.DataFrame]:
    """Return the tables of the public folder by name.

    Parameters
    ----------
    discovered, mapped, assessed
        Results of the stages, the topics with their public words; see `pipeline.disclosure.words.public_words`.
    codebook : Codebook
        For the names of themes.
    smallest_group : int
        Groups with fewer comments are suppressed.
    rules : Rules, optional
        Rules for small counts, in the place of `smallest_group`: counts are then rounded and small ones left out in
        every table.

    Returns
    -------
    dict of str to DataFrame
        topics, coarse_topics, crosswalk, diagnosis, prevalence, coded, claims, agreement, outlook, groups, group_tests,
        article (its quotations, without their words) and comment_map. None holds a comment or an id.
    """
    if rules is not None:
        whole = public_tables(discovered, mapped, assessed, codebook=codebook, smallest_group=1)
        return protect_public(whole, rules)
    themed = discovered.topics.merge(mapped.topic_themes, on="topic", validate="one_to_one")
    coarse = dict(zip(discovered.coarse_topics["topic_coarse"], discovered.coarse_topics["label"], strict=True))
    themed.insert(2, "parent_label", themed["parent"].map(coarse).astype(object))
    topics = themed[
        ["topic", "parent", "parent_label", "label", "keywords", "size", "share", "stability", "theme", "themes",
         "nearest_theme", "fit", "margin", "percentile", "q_value", "mapping_robustness", "settled", "status"]
    ]  # fmt: skip
    crosswalk = mapped.crosswalk.merge(discovered.topics[["topic", "label"]], on="topic")
    crosswalk["theme_name"] = [codebook.name_of(theme) for theme in crosswalk["theme"]]
    diagnosis, labels = mapped.diagnosis.copy(), dict(zip(topics["topic"].astype(str), topics["label"], strict=True))
    of_topics = diagnosis["kind"] == "topic"
    diagnosis.loc[of_topics, "name"] = diagnosis.loc[of_topics, "id"].map(labels)
    outlook = hide_outlook(assessed.outlook, smallest=smallest_group)
    theme_of = dict(zip(topics["topic"], topics["theme"], strict=True))
    points = discovered.layout.merge(discovered.assignments[["comment_id", "topic"]], on="comment_id")
    points = points.assign(theme=[theme_of.get(topic, "") for topic in points["topic"]])
    # Sorted by place: the order of the file would tell which point is which respondent's.
    points = points[["x", "y", "topic", "theme"]].sort_values(["x", "y"]).reset_index(drop=True)
    return {
        "topics": topics,
        "coarse_topics": discovered.coarse_topics,
        "crosswalk": crosswalk[
            [
                "topic",
                "label",
                "theme",
                "theme_name",
                "fit",
                "fit_low",
                "fit_high",
                "percentile",
                "p_value",
                "q_value",
                "matched",
                "replicates",
            ]
        ],
        "diagnosis": diagnosis,
        "prevalence": assessed.prevalence,
        "coded": assessed.coded,
        "claims": assessed.claims,
        "agreement": assessed.agreement,
        "outlook": outlook,
        "groups": hide_groups(assessed.groups, smallest=smallest_group),
        "group_tests": assessed.group_tests,
        "article": assessed.quotations,
        "comment_map": points,
    }
