"""Match topics and comments with the themes of the codebook."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.config import MapConfig
from pipeline.contracts import UNMAPPED, Cleaned, Embedded, Encoder, Mapped, TopicResult
from pipeline.crosswalk.codebook import Codebook, Facet
from pipeline.crosswalk.fit import Scores, best_two, fit_to_themes


def map_themes(
    cleaned: Cleaned,
    embedded: Embedded,
    discovered: TopicResult,
    *,
    codebook: Codebook,
    outlook: Facet | None,
    encoder: Encoder,
    config: MapConfig,
) -> Mapped:
    """Match every topic and every comment with the codebook.

    A comment's fit to a theme is the mean similarity of the theme's nearest phrases; a topic's fit is the mean
    of its comments' fits. The best theme is taken where its fit reaches the threshold; otherwise the topic, or
    the comment, is unmapped.

    Parameters
    ----------
    cleaned : Cleaned
        The comments.
    embedded : Embedded
        Vectors of the distinct comments.
    discovered : TopicResult
        The topics.
    codebook : Codebook
        The published themes.
    outlook : Facet or None
        The facet that says how positive a comment is.
    encoder : Encoder
        The encoder that made the vectors.
    config : MapConfig
        Thresholds.

    Returns
    -------
    Mapped
        Fits and decisions.
    """
    scores = fit_to_themes(
        embedded.comment_vectors, codebook.themes, encoder=encoder, nearest_phrases=config.nearest_phrases
    )
    crosswalk, topic_themes = _map_topics(scores, discovered, codebook, config)
    comments = _map_comments(scores, discovered, codebook, config)
    comments["outlook_direct"] = ""
    if outlook is not None:
        outlook_scores = fit_to_themes(
            embedded.comment_vectors, outlook.themes, encoder=encoder, nearest_phrases=config.nearest_phrases
        )
        for column, entry in enumerate(outlook.themes):
            if entry.holds_themes:
                outlook_scores[:, column] = np.maximum(outlook_scores[:, column], scores.max(axis=1))
        comments["outlook_direct"] = [outlook.themes[best].id for best in best_two(outlook_scores)[0]]
    theme_of = dict(zip(topic_themes["topic"], topic_themes["theme"], strict=True))
    comments["theme"] = [theme_of.get(topic, "") for topic in comments["topic"]]
    assignments = _with_folded_duplicates(comments, cleaned)
    mapped = assignments["theme_direct"] != UNMAPPED
    summary = {
        "topics_matched": int((topic_themes["status"] == "matched").sum()),
        "topics_unmapped": int((topic_themes["status"] == "unmapped").sum()),
        "comments_with_theme": int(mapped.sum()),
        "comments_without_theme": int((~mapped).sum()),
        "topic_threshold": config.topic_threshold,
        "comment_threshold": config.comment_threshold,
        "nearest_phrases": config.nearest_phrases,
    }
    return Mapped(assignments=assignments, crosswalk=crosswalk, topic_themes=topic_themes, summary=summary)


def _map_topics(
    scores: Scores, discovered: TopicResult, codebook: Codebook, config: MapConfig
) -> tuple[pd.DataFrame, pd.DataFrame]:
    labels = discovered.assignments["topic"].to_numpy()
    topics = discovered.topics["topic"].tolist()
    fits = np.array([scores[labels == topic].mean(axis=0) for topic in topics]).reshape(len(topics), scores.shape[1])
    ids = codebook.theme_ids
    best, fit, margin = best_two(fits) if topics else (np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0))
    is_matched = fit >= config.topic_threshold
    crosswalk = pd.DataFrame(
        {
            "topic": np.repeat(np.array(topics, dtype=np.int64), len(ids)),
            "theme": list(ids) * len(topics),
            "fit": fits.ravel(),
            "matched": [
                bool(is_matched[row] and best[row] == column)
                for row in range(len(topics))
                for column in range(len(ids))
            ],
        }
    )
    nearest = [ids[column] for column in best]
    topic_themes = pd.DataFrame(
        {
            "topic": np.array(topics, dtype=np.int64),
            "theme": [theme if hit else UNMAPPED for theme, hit in zip(nearest, is_matched, strict=True)],
            "nearest_theme": nearest,
            "fit": fit,
            "margin": margin,
            "status": ["matched" if hit else "unmapped" for hit in is_matched],
        }
    )
    return crosswalk, topic_themes


def _map_comments(scores: Scores, discovered: TopicResult, codebook: Codebook, config: MapConfig) -> pd.DataFrame:
    best, fit, margin = best_two(scores)
    nearest = [codebook.theme_ids[column] for column in best]
    comments = discovered.assignments[["comment_id", "topic", "membership", "topic_coarse"]].copy()
    comments["theme_direct"] = [
        theme if score >= config.comment_threshold else UNMAPPED for theme, score in zip(nearest, fit, strict=True)
    ]
    comments["theme_direct_score"] = fit
    comments["theme_direct_margin"] = margin
    comments["theme_nearest"] = nearest
    return comments


def _with_folded_duplicates(comments: pd.DataFrame, cleaned: Cleaned) -> pd.DataFrame:
    """Give every analysed comment a row; a folded duplicate takes its twin's."""
    analysed = cleaned.analysed
    stands_for = analysed["duplicate_of"].where(analysed["duplicate_of"] != "", analysed["comment_id"])
    rows = comments.set_index("comment_id").loc[stands_for].reset_index(drop=True)
    rows.insert(0, "comment_id", analysed["comment_id"].to_numpy())
    order = ["comment_id", "topic", "membership", "topic_coarse", "theme", "theme_direct", "theme_direct_score",
             "theme_direct_margin", "theme_nearest", "outlook_direct"]  # fmt: skip
    return rows[order]
