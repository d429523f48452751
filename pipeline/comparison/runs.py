"""Two runs side by side: this year's survey and last year's, or one survey under two settings.

Topics have no names of their own from run to run, so the first question is which topic of one run, A, is which
of the other, B. Where the runs hold the same comments these say it; otherwise the topics' centroids do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pipeline.account.measures import partition_agreement
from pipeline.codebook.codebook import Codebook
from pipeline.comparison.protection import stricter_rules
from pipeline.comparison.themes import decisions_table, themes_table
from pipeline.comparison.topics import Overlaps, flow_of_shared_comments, flow_of_vectors, relate_topics, topics_table
from pipeline.config import APART
from pipeline.contracts import Labels, Vectors
from pipeline.disclosure.rules import EXACT, Rules
from pipeline.errors import PipelineError

BY_COMMENTS, BY_VECTORS = "shared comments", "vectors"

_PLACES = APART | {"input.notice"}
"""Settings that say where files lie or what is said of them; they change no topic and no theme."""

_SHOWN = 60
"""Longer values of settings are cut."""


@dataclass(frozen=True)
class Side:
    """What of a finished run is compared.

    Attributes
    ----------
    name : str
        What the run is called.
    topics : DataFrame
        A row for each topic, with its exact size: topic, label, size, share, theme, suppressed (bool: whether the
        run's own public table leaves the size out).
    assignments : DataFrame
        A row for each analysed comment: comment_id, topic, theme_direct.
    texts : Series of str
        The analysed text of each analysed comment, by comment_id. Compared for equality, never shown.
    distinct : tuple of str
        comment_id of the comments that were embedded.
    vectors : ndarray of shape (n_distinct, n_dimensions), float32
        Their unit vectors.
    encoder : mapping
        model, revision, and the text that was embedded.
    settings : mapping of str to Any
        The configuration by dotted names.
    codebook : Codebook
        The themes.
    notice : str
        What everything made from the run must say; may be empty.
    rules : Rules
        What is small.
    hidden_themes : frozenset of str
        Themes of which the run's own public table does not say how many comments carry them.
    """

    name: str
    topics: pd.DataFrame
    assignments: pd.DataFrame
    texts: pd.Series[str]
    distinct: tuple[str, ...]
    vectors: Vectors
    encoder: Mapping[str, Any]
    settings: Mapping[str, Any]
    codebook: Codebook
    notice: str = ""
    rules: Rules = EXACT
    hidden_themes: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Comparison:
    """What differs between two runs, A and B, in exact counts; `comparison_files.disclosed` says what may be shown.

    Attributes
    ----------
    topics : DataFrame
        A row for each relation between topics: what ("matched", "split", "merged", "appeared" or "vanished"),
        topic, label, size, share (of the run's analysed comments, in [0, 1]) and theme of A's topic (_a) and of
        B's (_b), similarity (Jaccard overlap in [0, 1], or cosine in [-1, 1]), moved_from_a (the share of A's
        topic that lies in B's), moved_to_b (the share of B's topic that comes from A's), n_shared (comments in
        both; missing where the runs share none), paired (bool: the two were assigned to one another), base_a and
        base_b (how many comments of A's and of B's topic the shares that moved are of), suppressed_a and suppressed_b
        (bool: whether the run's own table leaves the size out). A topic
        that split has a row for each part; one that is merged, for each source. What has no counterpart is
        missing, or "" where it is text.
    themes : DataFrame
        A row for each theme of either codebook, and for "unmapped": theme, name, and by direct matching
        comments_a (the base), n_a, share_a with _low and _high, the same of B, difference (B less A, in [-1, 1])
        with _low and _high, interval ("paired", "independent", or "" where there is no difference). Figures are
        missing where a codebook lacks the theme. Where comments are shared, these alone are counted, in both.
        suppressed_a and suppressed_b (bool): whether the run's own table leaves the theme's comments out.
    decisions : DataFrame
        Theme decisions that changed: what ("topic" or "comments"), topic and label of paired topics (missing or
        "" for comments), theme_a, theme_b, comments (size of B's topic, or how many comments went from theme to
        theme).
    summary : mapping
        name_a, name_b, matched_by ("shared comments" or "vectors"), threshold, part, comments_a, comments_b,
        n_shared (analysed comments that both hold with the same text), ami (adjusted mutual information of the
        two partitions over shared comments, outliers one part; None where matched by vectors, or where a run
        has all shared comments in one part), topics_a, topics_b, paired (pairs of topics), changed (settings that
        differ, as "discover.n_neighbors 15 -> 10"), same_codebook (bool), notices (list of str), rules (the stricter
        of the two).
    """

    topics: pd.DataFrame
    themes: pd.DataFrame
    decisions: pd.DataFrame
    summary: Mapping[str, Any]


def compare_runs(
    a: Side, b: Side, *, overlap_threshold: float = 0.3, cosine_threshold: float = 0.75, part: float = 0.3
) -> Comparison:
    """Compare two runs.

    Parameters
    ----------
    a, b : Side
        The runs; differences are B less A.
    overlap_threshold : float
        In [0, 1): where comments are shared, topics are paired above this Jaccard overlap.
    cosine_threshold : float
        In [-1, 1): otherwise, topics are paired above this cosine of their centroids.
    part : float
        In (0, 0.5]: the share of a topic's comments that makes a part of a split or a source of a merge.

    Returns
    -------
    Comparison
        See there.

    Raises
    ------
    PipelineError
        Where the runs share too few comments, and their vectors cannot be compared.

    Notes
    -----
    Comments are shared where comment_id and analysed text are equal; they are used where they are at least half
    of the smaller run's distinct comments. Two topics with an overlap above 0.3 have more than 0.3 of each in
    the other, the share that makes a part of a split: so a pair is never looser than a part. The cosine is for
    the encoder that comes with the program: on its illustrative comments, different topics of a run reached 0.72
    (99 of 100 pairs) and random halves of one topic 0.83 to 0.89 (median); another encoder may want another.
    """
    shared = _shared(a, b)
    by_comments = _enough(shared, a, b)
    threshold = overlap_threshold if by_comments else cosine_threshold
    if by_comments:
        rows_a, rows_b = _rows(a, shared), _rows(b, shared)
        flow = flow_of_shared_comments(
            _topics_of(rows_a),
            _topics_of(rows_b),
            topics_a=a.topics["topic"].tolist(),
            topics_b=b.topics["topic"].tolist(),
        )
    else:
        rows_a, rows_b = a.assignments, b.assignments
        flow = _flow_by_vectors(a, b, len(shared), threshold)
    topics = topics_table(relate_topics(flow, threshold=threshold, part=part), flow, a.topics, b.topics)
    themes_a, themes_b = rows_a["theme_direct"], rows_b["theme_direct"]
    themes = themes_table(themes_a, themes_b, names_a=_names(a), names_b=_names(b), paired=by_comments)
    themes = themes.assign(
        suppressed_a=themes["theme"].isin(a.hidden_themes), suppressed_b=themes["theme"].isin(b.hidden_themes)
    )
    decisions = decisions_table(topics, themes_a if by_comments else None, themes_b if by_comments else None)
    return Comparison(
        topics=topics,
        themes=themes,
        decisions=decisions,
        summary={
            "name_a": a.name,
            "name_b": b.name,
            "matched_by": BY_COMMENTS if by_comments else BY_VECTORS,
            "threshold": threshold,
            "part": part,
            "comments_a": len(a.assignments),
            "comments_b": len(b.assignments),
            "n_shared": len(shared),
            "ami": _agreement(rows_a, rows_b) if by_comments else None,
            "topics_a": len(a.topics),
            "topics_b": len(b.topics),
            "paired": len(topics[topics["paired"]].drop_duplicates(["topic_a", "topic_b"])),
            "changed": changed_settings(a, b),
            "same_codebook": a.codebook == b.codebook,
            "notices": list(dict.fromkeys(notice for notice in (a.notice, b.notice) if notice)),
            "rules": stricter_rules(a.rules, b.rules),
        },
    )


def _shared(a: Side, b: Side) -> tuple[str, ...]:
    """Return the ids of the analysed comments that both runs hold with the same text, in A's order."""
    texts_b = dict(b.texts.items())
    return tuple(str(comment_id) for comment_id, text in a.texts.items() if texts_b.get(comment_id) == text)


def _enough(shared: tuple[str, ...], a: Side, b: Side) -> bool:
    distinct = len(set(shared) & set(a.distinct) & set(b.distinct))
    return distinct > 0 and 2 * distinct >= min(len(a.distinct), len(b.distinct))


def _rows(side: Side, comment_ids: tuple[str, ...]) -> pd.DataFrame:
    return side.assignments.set_index("comment_id").loc[list(comment_ids)].reset_index()


def _topics_of(rows: pd.DataFrame) -> Labels:
    return rows["topic"].to_numpy(dtype=np.int64)


def _names(side: Side) -> dict[str, str]:
    return {theme.id: theme.name for theme in side.codebook.themes}


def _agreement(rows_a: pd.DataFrame, rows_b: pd.DataFrame) -> float | None:
    ami = partition_agreement([str(topic) for topic in rows_a["topic"]], rows_b["topic"].tolist())["ami"]
    return None if np.isnan(ami) else ami


def _flow_by_vectors(a: Side, b: Side, n_shared: int, threshold: float) -> Overlaps:
    differing = [part for part in ("model", "revision", "text") if a.encoder[part] != b.encoder[part]]
    if differing:
        said = {"model": "the encoder", "revision": "the encoder's files", "text": "the text embedded (embed.text)"}
        found = "; ".join(
            f"{said[part]}: '{_cut(a.encoder[part])}' in {a.name}, '{_cut(b.encoder[part])}' in {b.name}"
            for part in differing
        )
        raise PipelineError(
            f"{a.name} and {b.name}: the topics cannot be matched. Only {n_shared} comments are the same in both "
            f"(half of the smaller run's are wanted), and the vectors cannot be compared, since they differ in "
            f"{found}.",
            "Run both with the same embed.model and embed.text, then compare them again.",
        )
    return flow_of_vectors(
        a.vectors, _topics_of(_rows(a, a.distinct)), b.vectors, _topics_of(_rows(b, b.distinct)),
        topics_a=a.topics["topic"].tolist(), topics_b=b.topics["topic"].tolist(), threshold=threshold,
    )  # fmt: skip


def changed_settings(a: Side, b: Side) -> list[str]:
    """Return the settings that differ, as "name before -> after"; where files lie is left out.

    Parameters
    ----------
    a, b : Side
        The runs.

    Returns
    -------
    list of str
        In the order of their names, the files of the encoder last; long values are cut.
    """
    names = sorted({*a.settings, *b.settings} - _PLACES)
    changed = [
        f"{name} {_cut(a.settings.get(name))} -> {_cut(b.settings.get(name))}"
        for name in names
        if a.settings.get(name) != b.settings.get(name)
    ]
    if a.encoder["revision"] != b.encoder["revision"]:
        changed.append(f"the encoder's files {_cut(a.encoder['revision'])} -> {_cut(b.encoder['revision'])}")
    return changed


def _cut(value: object) -> str:
    text = "none" if value is None else str(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
