"""What is looked into: the stored results of a finished run, and its analysed comments in one table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from pipeline.account.groups import grouped
from pipeline.codebook.codebook import Codebook
from pipeline.config import RunConfig
from pipeline.contracts import OF_COMMENTS, OUTLIER, Cleaned, Embedded, Encoder, Labels, Mapped, TopicResult, Vectors
from pipeline.crosswalk.membership import carried_by_comments
from pipeline.errors import DataError, ModelError, did_you_mean

NO_TOPIC = "(in no topic)"
"""Stands in the place of a label for comments in no topic."""


@dataclass(frozen=True)
class Material:
    """The results of a finished run; see `pipeline.contracts`. They hold respondents' words and exact counts."""

    cleaned: Cleaned
    embedded: Embedded
    discovered: TopicResult
    mapped: Mapped
    codebook: Codebook
    config: RunConfig

    @cached_property
    def labels(self) -> dict[int, str]:
        """The label of each topic, largest topic first."""
        topics = self.discovered.topics
        return dict(zip(topics["topic"].astype(int), topics["label"], strict=True))

    @cached_property
    def names(self) -> dict[str, str]:
        """The name of each theme by its id, in the codebook's order."""
        return {theme.id: theme.name for theme in self.codebook.themes}

    @cached_property
    def carried(self) -> pd.DataFrame:
        """The themes that each analysed comment has: a column of bool for each theme id, a row for each comment."""
        ids = self.mapped.assignments["comment_id"]
        return carried_by_comments(ids, self.mapped.comment_themes, self.codebook.theme_ids)

    @cached_property
    def comments(self) -> pd.DataFrame:
        """The analysed comments, a row for each.

        comment_id, topic (-1 for none), label, membership (in [0, 1]), themes (names of the themes that the comment
        has itself, separated by "; "), the metadata, text and lemmas.
        """
        found = self.mapped.assignments[["comment_id", "topic", "membership"]].copy()
        found.insert(2, "label", [self.labels.get(topic, NO_TOPIC) for topic in found["topic"]])
        names = np.array(list(self.names.values()), dtype=object)
        found["themes"] = ["; ".join(names[row]) for row in self.carried.to_numpy()]
        known = self.cleaned.analysed[["comment_id", *self.metadata, "text", "lemmas"]]
        return found.merge(known, on="comment_id", how="left", validate="one_to_one")

    @property
    def metadata(self) -> list[str]:
        """The columns of metadata that the run was given."""
        return list(self.config.input.columns.metadata)

    def column(self, name: str) -> pd.Series[str]:
        """Return a column of the user's file, row by row as `comments`.

        Parameters
        ----------
        name : str
            A metadata column, or another that the configuration names.

        Returns
        -------
        Series of str
            As the file has it; "" where nothing is given.

        Raises
        ------
        DataError
            Where the run has no such column.
        """
        known = [column for column in self.cleaned.comments.columns if column not in OF_COMMENTS]
        if name not in known:
            has = f"It has {', '.join(known)}." if known else "It has none."
            raise DataError(
                f"The run has no column '{name}'.{did_you_mean(name, known)} {has}",
                "Name it under input.columns.metadata in the configuration, and run again.",
            )
        values: pd.Series[str] = self.cleaned.comments.set_index("comment_id")[name]
        return values.loc[self.mapped.assignments["comment_id"]].reset_index(drop=True)

    def group(self, name: str) -> pd.Series[str]:
        """Return the group of each comment by a column, row by row as `comments`.

        Where the configuration sorts the column's values into groups (`assess.groups`), these are the groups.
        """
        return grouped(self.column(name), self.config.assess.grouped_by.get(name), name)

    @cached_property
    def rows(self) -> Labels:
        """For each analysed comment the row of the distinct comment that it is analysed as, shape (n_comments,)."""
        analysed = self.cleaned.analysed.set_index("comment_id").loc[self.mapped.assignments["comment_id"]]
        twin = analysed["duplicate_of"].where(analysed["duplicate_of"] != "", analysed.index.to_series())
        place = pd.Series(np.arange(len(self.cleaned.distinct)), index=self.cleaned.distinct["comment_id"])
        return place.loc[twin].to_numpy(dtype=np.int64)

    @cached_property
    def centroids(self) -> Vectors:
        """Unit vectors of the topics' means, shape (n_topics, n_dimensions), in the order of `labels`.

        Each comment counts by its membership, folded duplicates included.
        """
        vectors = self.embedded.comment_vectors[self.rows].astype(np.float64)
        weights = np.maximum(self.mapped.assignments["membership"].to_numpy(dtype=float), 1e-6)[:, None]
        topics = self.mapped.assignments["topic"].to_numpy()
        sums = [(vectors * weights)[topics == topic].sum(axis=0) for topic in self.labels]
        means = np.array(sums).reshape(len(sums), vectors.shape[1])
        lengths = np.linalg.norm(means, axis=1, keepdims=True)
        return np.asarray(means / np.where(lengths > 0, lengths, 1.0), dtype=np.float32)

    def encoder(self, load: Callable[[], Encoder]) -> Encoder:
        """Return the encoder, where it is the one that made the run's vectors.

        Parameters
        ----------
        load : callable
            Loads the encoder that the configuration names.

        Raises
        ------
        ModelError
            Where it is not installed, or is not the same any more.
        """
        encoder, made_by = load(), self.embedded.summary
        if (encoder.name, encoder.revision) != (made_by["model"], made_by["revision"]):
            raise ModelError(
                f"The run's vectors were made by the encoder '{made_by['model']}'; the one found here is another "
                f"('{encoder.name}', or other weights of the same name).",
                "Install the encoder that made the run, or run the pipeline again.",
            )
        return encoder


def as_topic(material: Material, topic: int) -> int:
    """Return a topic's number, checked.

    Raises
    ------
    DataError
        Where the run has no such topic; the message lists those that it has.
    """
    labels = material.labels
    if topic in labels:
        return int(topic)
    if not labels:
        raise DataError("The run found no topics.", "Read run.notes: they say why.")
    listed = "; ".join(f"{number}: {label}" for number, label in labels.items())
    which = "-1 stands for comments in no topic" if topic == OUTLIER else f"There is no topic {topic!r}"
    raise DataError(f"{which}. The topics are {listed}.", "Give the number of one of them.")
