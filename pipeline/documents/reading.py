"""Tables of comments for reading inside: who stands for a topic, what may be a new theme, what a theme lacks."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import pandas as pd

from pipeline.account.groups import OTHER, SMALLER
from pipeline.account.outlook import NOT_GIVEN
from pipeline.account.readings import theme_reading
from pipeline.codebook.codebook import Codebook
from pipeline.codebook.written_codes import coder_of
from pipeline.config import CoderConfig
from pipeline.contracts import UNMAPPED, Cleaned, Mapped, TopicResult
from pipeline.crosswalk.by_person import matches_none
from pipeline.crosswalk.membership import carried_by_comments
from pipeline.disclosure.quotation_review import quotation_sheet
from pipeline.discovery.representatives import WITH_ONE_THAT_DIFFERS

CENTRAL, DIFFERS = "central", "differs"
_FEWEST_OF_THEME = 3
"""Comments with a theme that a reviewer can choose from; those that fit it best are added to the topics' own."""


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
    cleaned: Cleaned,
    discovered: TopicResult,
    mapped: Mapped,
    codebook: Codebook,
    marks: pd.DataFrame,
    *,
    coders: Sequence[CoderConfig],
    groups: Mapping[str, pd.Series[str]],
    themes: Collection[str],
) -> pd.DataFrame:
    """Return the sheet on which a reviewer marks what may be quoted; see `quotation_sheet`.

    Parameters
    ----------
    cleaned, discovered, mapped, codebook
        Results of the stages, the topics with their public words; the published account.
    marks : DataFrame
        What was marked before.
    coders : sequence of CoderConfig
        Whose codes the file of comments has: they say which themes a comment has, before the machine does.
    groups : mapping of str to Series of str, length n_comments
        The group of each analysed comment by each metadata column.
    themes : collection of str
        Ids of the themes that may be said of a comment: those whose counts are shown.
    """
    labels = dict(zip(discovered.topics["topic"], discovered.topics["label"], strict=True))
    theme_of = {
        row["topic"]: "" if row["theme"] == UNMAPPED else codebook.name_of(row["theme"])
        for row in mapped.topic_themes.to_dict("records")
    }
    analysed = cleaned.analysed
    machine = carried_by_comments(mapped.assignments["comment_id"], mapped.comment_themes, codebook.theme_ids)
    carried = theme_reading(machine, [coder_of(analysed, coder, codebook) for coder in coders], codebook).carried
    named = analysed[["comment_id", "text"]].assign(
        topic=mapped.assignments["topic"].to_numpy(),
        comment_themes=[
            "; ".join(codebook.name_of(theme) for theme in codebook.theme_ids if row[theme] and theme in themes)
            for row in carried.to_dict("records")
        ],
        groups=[_attributed(row) for row in zip(*groups.values(), strict=True)] if groups else "",
    )
    named["label"] = [labels.get(topic, "") for topic in named["topic"]]
    of_topics = representatives(cleaned, discovered)[["topic", "label", "comment_id"]]
    of_themes = _of_themes(carried & machine, mapped, named, of_topics["comment_id"].tolist())
    return quotation_sheet(pd.concat([of_topics, of_themes]), named, marks, theme_of)


def _attributed(groups: Sequence[str]) -> str:
    """Return whom groups describe, such as "Doctors, Primary care"; those that describe nobody are left out."""
    return ", ".join(group for group in groups if group not in (NOT_GIVEN, OTHER, SMALLER))


def _of_themes(carried: pd.DataFrame, mapped: Mapped, comments: pd.DataFrame, chosen: Sequence[str]) -> pd.DataFrame:
    """Return further candidates for themes that few of the chosen comments have: those that fit a theme best."""
    has = dict(zip(comments["comment_id"], carried.to_dict("records"), strict=True))
    text_of = dict(zip(comments["comment_id"], comments["text"], strict=True))
    found, texts = [*chosen], {text_of[comment] for comment in chosen}
    best = mapped.comment_themes.sort_values("fit", ascending=False, kind="stable")
    for theme in carried.columns:
        wanted = _FEWEST_OF_THEME - sum(has[comment][theme] for comment in found)
        for comment in best.loc[best["theme"] == theme, "comment_id"]:
            if wanted <= 0:
                break
            # Of answers that are the same one is enough.
            if has[comment][theme] and text_of[comment] not in texts:
                found.append(comment)
                texts.add(text_of[comment])
                wanted -= 1
    further = comments.set_index("comment_id").loc[found[len(chosen) :], ["topic", "label"]]
    return further.reset_index()
