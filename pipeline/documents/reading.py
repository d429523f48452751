"""Tables of comments for reading inside: who stands for a topic, what may be a new theme, what a theme lacks."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pandas as pd

from pipeline.codebook.codebook import Codebook
from pipeline.contracts import UNMAPPED, Cleaned, Mapped, TopicResult
from pipeline.crosswalk.by_person import matches_none
from pipeline.disclosure.quotation_review import quotation_sheet
from pipeline.discovery.representatives import WITH_ONE_THAT_DIFFERS

CENTRAL, DIFFERS = "central", "differs"


def representatives(cleaned: Cleaned, discovered: TopicResult, metadata: Sequence[str] = ()) -> pd.DataFrame:
    """List the comments that stand for each topic.

    Its columns are topic, label, comment_id, comment, shows ("central", or "differs": how far the topic goes), said_by
    (how many gave this answer, folded duplicates included), and the columns of `metadata`.
    """
    ours = ["topic", "label", "comment_id", "comment", "shows", "said_by"]
    own = beside_ours(metadata, ours)
    comments = cleaned.comments.set_index("comment_id")
    said_by = 1 + cleaned.analysed["duplicate_of"].value_counts().reindex(comments.index, fill_value=0)
    rows = [
        (
            topic["topic"], topic["label"], comment_id, comments.at[comment_id, "text"],
            DIFFERS if WITH_ONE_THAT_DIFFERS <= place == len(topic["representatives"]) else CENTRAL,
            said_by[comment_id], *comments.loc[comment_id, list(metadata)],
        )
        for topic in discovered.topics.to_dict("records")
        for place, comment_id in enumerate(topic["representatives"], start=1)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=[*ours, *own])


def beside_ours(names: Sequence[str], ours: Collection[str]) -> list[str]:
    """Return what columns of the user's file are called in a table that has columns of its own."""
    return [f"{name} (in the file)" if name in ours else name for name in names]


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
