"""Topics and themes for new comments, without finding topics again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipeline.config import RunConfig
from pipeline.contracts import OUTLIER, UNMAPPED, Cleaned, Embedded, Encoder, Labels, Mapper, Vectors
from pipeline.discovery.votes import NEIGHBOURS, nearest_voters, voted
from pipeline.errors import DataError
from pipeline.exploring.material import NO_TOPIC, Material
from pipeline.intake.inputs import read_input
from pipeline.language.languages import Detector
from pipeline.stages.clean import clean_comments
from pipeline.stages.embed import embed_comments
from pipeline.stages.ingest import read_comments
from pipeline.stages.map import map_themes

if TYPE_CHECKING:
    from spacy.language import Language

FARTHEST = 5.0
"""Percentile of the run's comments that lie farthest from all others of their topic."""

_MEASURED = 20_000
"""Comments in a topic, evenly spread, whose nearest is looked for: a percentile needs no more."""

_ROWS_AT_ONCE = 1_024

_NEW = "new:"

DICTIONARY = {
    "comment_id": "The comment's id in the new file.",
    "dropped_because": "Why the comment was not analysed; empty where it was.",
    "topic": "The topic of most of its {neighbours} nearest comments of the run, each counting by the square of its "
    "cosine. A text that the run has too takes that comment's topic. -1: in no topic. Most of the nearest are in none, "
    "or the nearest in the topic has a cosine below {cut:.2f}, or the comment says nothing. Empty where it was "
    "not analysed.",
    "label": "The topic's label.",
    "membership": "The topic's share of these votes, from 0 to 1; not the same measure as the run's own membership.",
    "similarity": "Cosine of the comment and the run's nearest comment in this topic; in any topic, where topic is -1.",
    "nearest_comment": "That comment's id in the run.",
    "topic_theme": "The theme that the run matched the topic with; 'unmapped' where none.",
    "theme": "The comment's own main theme, or 'unmapped'. It is read as in the run, with the run's settings, together "
    "with the run's comments.",
    "themes": "All themes that the comment has, separated by '; '.",
    "theme_probability": "The probability of the main theme, from 0 to 1.",
    "text": "The comment as analysed.",
}  # fmt: skip
"""What each column of the table of new comments means."""


@dataclass(frozen=True)
class Assigned:
    """New comments with topics and themes.

    Attributes
    ----------
    comments : DataFrame
        A row for each comment received, in the file's order; `DICTIONARY` has the columns.
    cut : float
        The least cosine to a topic's nearest comment at which a new comment is in it; NaN where the run has no topics.
    """

    comments: pd.DataFrame
    cut: float

    @property
    def dictionary(self) -> pd.DataFrame:
        """column, meaning: what each column says, and by what rule."""
        said = [text.format(neighbours=NEIGHBOURS, cut=self.cut) for text in DICTIONARY.values()]
        return pd.DataFrame({"column": list(DICTIONARY), "meaning": said})


def read_new_comments(
    path: Path,
    config: RunConfig,
    *,
    question: str,
    language: Language,
    wanted: Collection[str] = (),
    detect: Detector | None = None,
    mapper: Mapper | None = None,
) -> Cleaned:
    """Read and clean a file of new comments as a run's own were.

    Parameters
    ----------
    path : pathlib.Path
        The file. Only the columns of ids and comments are read; those of metadata and codes may be missing.
    config : RunConfig
        The run's settings.
    question : str
        The question that respondents answered.
    language : spacy.language.Language
        The run's spaCy pipeline.
    wanted, detect
        The languages that the run analyses, and what tells them apart; see `clean_comments`.
    mapper : Mapper, optional
        Reads parts of the comments; see there.

    Raises
    ------
    DataError
        Where the file cannot be read, or none of its comments can be analysed.
    """
    if not path.is_file():
        raise DataError(f"{path}: there is no such file of comments.", "Give the path of the file of new comments.")
    columns = config.input.columns.model_copy(update={"respondent": None, "metadata": (), "choices": {}, "coders": ()})
    reading = config.input.model_copy(update={"columns": columns})
    received = read_comments(read_input(path), path=path, config=reading)
    return clean_comments(
        received, language=language, config=config.clean, question=question, wanted=wanted, detect=detect,
        mapper=mapper,
    )  # fmt: skip


def assign(material: Material, new: Cleaned, *, encoder: Encoder, mapper: Mapper | None = None) -> Assigned:
    """Give new comments the topics and themes of a run.

    Parameters
    ----------
    material : Material
        The run.
    new : Cleaned
        The new comments, cleaned as the run's were.
    encoder : Encoder
        The run's encoder.
    mapper : Mapper, optional
        Reads sentences against the codebook; see `pipeline.stages.map.map_themes`.

    Returns
    -------
    Assigned
        Their topics and themes.

    Notes
    -----
    A topic is a group of comments that come together, not a ball around a mean: so nearest neighbours say which it is.
    """
    embedded = embed_comments(
        new, encoder=encoder, config=material.config.embed, nothing_to_say=material.codebook.nothing_to_say
    )
    topics = material.discovered.assignments["topic"].to_numpy(dtype=np.int64)
    vectors = material.embedded.comment_vectors
    cut = nearness_cut(vectors, topics)
    found = nearest_topics(embedded.comment_vectors, vectors, topics, cut)
    silent = new.distinct["comment_id"].isin(embedded.nothing_said).to_numpy()
    found.loc[silent, ["topic", "membership"]] = [OUTLIER, 0.0]
    ids = material.cleaned.distinct["comment_id"].to_numpy(dtype=object)
    matched = material.mapped.topic_themes.set_index("topic")["theme"].to_dict()
    distinct = pd.DataFrame(
        {
            "comment_id": new.distinct["comment_id"],
            "topic": found["topic"],
            "label": [material.labels.get(topic, NO_TOPIC) for topic in found["topic"]],
            "membership": found["membership"],
            "similarity": found["similarity"],
            "nearest_comment": [ids[row] if row >= 0 else "" for row in found["nearest"]],
            "topic_theme": [matched.get(topic, "") for topic in found["topic"]],
        }
    ).merge(_themes(material, new, embedded, encoder, mapper), on="comment_id", validate="one_to_one")
    received = new.comments[["comment_id", "dropped_because", "duplicate_of", "text"]]
    twin = received["duplicate_of"].where(received["duplicate_of"] != "", received["comment_id"])
    rows = distinct.set_index("comment_id").reindex(twin).reset_index(drop=True)
    comments = pd.concat([received.reset_index(drop=True), rows], axis=1)
    comments["topic"] = comments["topic"].astype("Int64")
    texts = ["label", "nearest_comment", "topic_theme", "theme", "themes"]
    comments[texts] = comments[texts].fillna("")
    return Assigned(comments[list(DICTIONARY)], cut)


def nearness_cut(vectors: Vectors, topics: Labels) -> float:
    """Return how similar a comment must be to the nearest of a topic, as those that are in it are.

    Parameters
    ----------
    vectors : ndarray of shape (n, n_dimensions), float32
        Unit vectors of the run's comments.
    topics : ndarray of shape (n,), int64
        Their topics; -1 for none.

    Returns
    -------
    float
        The `FARTHEST` percentile of the cosine of each comment in a topic to the nearest other one of the topic; NaN
        without topics. Of more than 20,000 comments in topics, as many evenly spread ones are measured, each against
        all of its topic.
    """
    in_topics = np.flatnonzero(topics != OUTLIER)
    measured = in_topics[:: -(-len(in_topics) // _MEASURED) or 1]
    nearest = []
    for topic in np.unique(topics[in_topics]):
        members = np.flatnonzero(topics == topic)
        inside = vectors[members].astype(np.float64)
        places = np.flatnonzero(np.isin(members, measured))
        for first in range(0, len(places), _ROWS_AT_ONCE):
            some = places[first : first + _ROWS_AT_ONCE]
            likeness = inside[some] @ inside.T
            likeness[np.arange(len(some)), some] = -1.0
            nearest.append(likeness.max(axis=1))
    return float(np.percentile(np.concatenate(nearest), FARTHEST)) if nearest else float("nan")


def nearest_topics(new: Vectors, vectors: Vectors, topics: Labels, cut: float) -> pd.DataFrame:
    """Return the topic of each new comment by its nearest neighbours.

    Parameters
    ----------
    new, vectors : ndarray of shape (n, n_dimensions), float32
        Unit vectors of the new comments, and of the run's.
    topics : ndarray of shape (n,), int64
        Topics of the run's comments; -1 for none.
    cut : float
        See `nearness_cut`.

    Returns
    -------
    DataFrame
        topic (-1 for none), membership (the topic's share of the votes, in [0, 1]), similarity (cosine to the nearest
        comment in the topic; in any, where it is in none), nearest (that comment's row; -1 without topics): a row for
        each new comment.
    """
    voters = nearest_voters(new, vectors)
    cosines = np.round(voters.cosines.astype(np.float64), 6)
    topic, share = voted(voters, topics)
    # Some of the voters are in the topic, and the first of them is the nearest of all that are.
    first = (topics[voters.rows] == topic[:, None]).argmax(axis=1)
    every = np.arange(len(new))
    similarity, nearest = cosines[every, first], voters.rows[every, first].astype(np.int64)
    is_in = (topic != OUTLIER) & ~(similarity < cut)
    share = np.where(is_in | (topic == OUTLIER), share, 0.0)
    inside = np.flatnonzero(topics != OUTLIER)
    in_topics = vectors[inside]
    for row in np.flatnonzero(~is_in):
        similarity[row], nearest[row] = float("nan"), -1
        if len(inside):
            near = np.round((in_topics @ new[row]).astype(np.float64), 6)
            similarity[row], nearest[row] = near.max(), inside[near.argmax()]
    return pd.DataFrame(
        {
            "topic": np.where(is_in, topic, OUTLIER),
            "membership": share,
            "similarity": similarity,
            "nearest": nearest,
        }
    )


def _themes(
    material: Material, new: Cleaned, embedded: Embedded, encoder: Encoder, mapper: Mapper | None
) -> pd.DataFrame:
    """Read the new comments against the codebook as the run's were, and together with them.

    A comment is read beside its neighbours, and themes are set against what chance gives in the corpus: new comments
    alone, perhaps a handful, would be read otherwise than the run's.
    """
    distinct = new.distinct.assign(comment_id=_NEW + new.distinct["comment_id"])
    columns = material.cleaned.comments.columns
    # Nobody has coded the new comments: where codes teach the machine, they are the run's.
    added = distinct.reindex(columns=columns).astype(object).fillna("").assign(kept=True, duplicate_of="")
    together = replace(
        material.cleaned, comments=pd.concat([material.cleaned.distinct, added], ignore_index=True), sentences=None
    )
    vectors = np.vstack([material.embedded.comment_vectors, embedded.comment_vectors])
    n, discovered = len(vectors), material.discovered
    mapped = map_themes(
        together,
        Embedded(
            tuple(together.distinct["comment_id"]),
            vectors,
            material.embedded.summary,
            nothing_said=(*material.embedded.nothing_said, *(_NEW + comment for comment in embedded.nothing_said)),
        ),
        # Only themes of comments are wanted, so there are no topics to match.
        replace(
            discovered,
            topics=discovered.topics.iloc[:0],
            assignments=pd.DataFrame(
                {
                    "comment_id": together.distinct["comment_id"],
                    "topic": np.full(n, OUTLIER, dtype=np.int64),
                    "membership": np.zeros(n),
                    "topic_coarse": np.full(n, OUTLIER, dtype=np.int64),
                }
            ),
        ),
        codebook=material.codebook,
        outlook=None,
        encoder=encoder,
        config=material.config.map,
        seed=material.config.seed,
        mapper=mapper,
    )
    found = mapped.assignments[mapped.assignments["comment_id"].isin(distinct["comment_id"])]
    carried = mapped.comment_themes.groupby("comment_id", sort=False)["theme"].agg("; ".join)
    return pd.DataFrame(
        {
            "comment_id": found["comment_id"].str.removeprefix(_NEW),
            "theme": found["theme_direct"],
            "themes": found["comment_id"].map(carried).fillna(""),
            "theme_probability": found["theme_direct_probability"].where(found["theme_direct"] != UNMAPPED),
        }
    )
