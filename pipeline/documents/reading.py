"""Tables of comments for reading inside: who stands for a topic, what may be a new theme, what a theme lacks."""

from __future__ import annotations

import pandas as pd

from pipeline.codebook.codebook import Codebook
from pipeline.contracts import UNMAPPED, Cleaned, Mapped, TopicResult
from pipeline.crosswalk.by_person import matches_none
from pipeline.disclosure.quotation_review import quotation_sheet


def representatives(cleaned: Cleaned, discovered: TopicResult) -> pd.DataFrame:
    """List the comments that stand for each topic: topic, label, comment_id, comment."""
    texts = cleaned.comments.set_index("comment_id")["text"]
    rows = [
        {"topic": topic["topic"], "label": topic["label"], "comment_id": comment_id, "comment": texts[comment_id]}
        for topic in discovered.topics.to_dict("records")
        for comment_id in topic["representatives"]
    ]
    return pd.DataFrame(rows, columns=["topic", "label", "comment_id", "comment"])


def candidate_themes(cleaned: Cleaned, discovered: TopicResult, mapped: Mapped) -> pd.DataFrame:
    """List the topics that match no theme and lean to none, with the comments that stand for them."""
    unmapped = mapped.topic_themes.loc[matches_none(mapped.topic_themes)]
    measured = ["topic", "size", "stability"]
    chosen = discovered.topics[measured].merge(unmapped[["topic", "nearest_theme", "fit", "mapping_robustness"]])
    return chosen.merge(representatives(cleaned, discovered), on="topic")


def missing_themes(cleaned: Cleaned, mapped: Mapped) -> pd.DataFrame:
    """List the comments nearest to themes that no topic is matched with: theme, comment_id, fit, comment."""
    texts = cleaned.comments.set_index("comment_id")["text"]
    nearest = mapped.nearest_comments
    return nearest.assign(comment=nearest["comment_id"].map(texts).astype(object))


def sheet_for_review(
    cleaned: Cleaned, discovered: TopicResult, mapped: Mapped, codebook: Codebook, marks: pd.DataFrame
) -> pd.DataFrame:
    """Return the sheet on which a reviewer marks what may be quoted; see `quotation_sheet`."""
    labels = dict(zip(discovered.topics["topic"], discovered.topics["label"], strict=True))
    themes = {
        row["topic"]: "" if row["theme"] == UNMAPPED else codebook.name_of(row["theme"])
        for row in mapped.topic_themes.to_dict("records")
    }
    analysed = cleaned.analysed[["comment_id", "text"]].merge(mapped.assignments[["comment_id", "topic"]])
    analysed["label"] = [labels.get(topic, "") for topic in analysed["topic"]]
    return quotation_sheet(representatives(cleaned, discovered), analysed, marks, themes)
