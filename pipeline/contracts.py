"""What stages hand to one another.

Frames are named for their rows. A *comment* is one answer, a *unit* what is embedded, a *topic* a cluster that
the machine made, a *theme* an entry of a codebook, a *code* a person's decision. Topic and theme are never used
for one another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    Vectors = npt.NDArray[np.float32]
    Labels = npt.NDArray[np.int64]
    Bools = npt.NDArray[np.bool_]
else:
    # Names for types alone: whoever reads a file of comments loads neither library.
    Vectors = Labels = Bools = Any

OF_COMMENTS = (
    "comment_id",
    "text",
    "lemmas",
    "phrases",
    "qualities",
    "kept",
    "dropped_because",
    "duplicate_of",
    "found_language",
)
"""Columns that cleaned comments have of their own, in order; their metadata follow."""

OUTLIER = -1
"""The topic of a comment that is in no topic."""

UNMAPPED = "unmapped"
"""The theme of a topic that matches none of the codebook, and of a comment that none fits."""

MACHINE, PERSON = "machine", "person"
"""Who named a topic, or decided on its theme."""


class Encoder(Protocol):
    """Turns texts into vectors."""

    @property
    def name(self) -> str:
        """The model's name, as the configuration gives it."""

    @property
    def revision(self) -> str:
        """What tells this model's weights from others: a SHA-256 or a revision."""

    @property
    def device(self) -> str:
        """What it works on: "cpu", "cuda" or "mps"."""

    @property
    def variant(self) -> str:
        """What tells its vectors from those of the model on PyTorch, such as "openvino"; "" where nothing does."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Encode texts.

        Parameters
        ----------
        texts : sequence of str
            May hold equal texts and be empty.

        Returns
        -------
        ndarray of shape (n_texts, n_dimensions), float32
            Unit vectors, row by row; a text without content may have a zero vector. A text that is longer than the
            model reads is encoded in parts.
        """

    def count_long(self, texts: Sequence[str]) -> int:
        """Return how many texts are longer than the model reads at a time."""


Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is."""


class Mapper(Protocol):
    """Does one piece of work on every part of something long: here, or on other processes and machines."""

    def __call__(self, work: Callable[..., Any], parts: Sequence[Any]) -> Iterator[tuple[int, Any]]:
        """Work on all parts.

        Parameters
        ----------
        work : callable
            A function of a module, or such a function with further arguments bound to it by `functools.partial`. It is
            handed what the mapper holds, such as a model, and a part. What it returns depends on nothing else.
        parts : sequence
            Texts, lists of texts, or arrays of what texts became.

        Yields
        ------
        tuple of int and object
            The place of a part, and what became of it, in the order in which they are done.
        """


@dataclass(frozen=True)
class Received:
    """What ingest read.

    Attributes
    ----------
    comments : DataFrame
        A row for each comment in the file's order: comment_id, text (as received), then the metadata and the
        coders' columns under their own names; all text, with "" where the file has nothing.
    summary : mapping
        How the file was read: encoding, separator, rows, columns, notes (sentences for the user).
    """

    comments: pd.DataFrame
    summary: Mapping[str, Any]


@dataclass(frozen=True)
class Cleaned:
    """What clean made of the comments.

    Attributes
    ----------
    comments : DataFrame
        A row for each comment received: comment_id, metadata and coders' columns, text (as analysed), lemmas
        (separated by spaces), phrases (noun phrases as written, separated by "|"), qualities (adjectives as written,
        separated by "|"), kept (bool), dropped_because ("" where kept), duplicate_of (comment_id of the twin that
        stands for it, "" where it stands for itself), found_language (two letters, "several", "unknown", or "" where
        it was not looked for).
    summary : mapping
        Counts: received, analysed, distinct, folded, dropped by reason, redacted (comments by the type of what was
        taken out of them; missing where redaction is off), languages (comments by language) and languages_analysed
        (empty for all); both missing where the language of each was not looked for.
    sentences : DataFrame or None
        Where the unit is the sentence, a row for each sentence of the distinct comments: unit_id, comment_id,
        text, lemmas, phrases, qualities.
    redactions : DataFrame or None
        A row for each comment and type of what was taken out of it: comment_id, type, count. None where redaction is
        off.
    """

    comments: pd.DataFrame
    summary: Mapping[str, Any]
    sentences: pd.DataFrame | None = None
    redactions: pd.DataFrame | None = None

    @property
    def units(self) -> pd.DataFrame:
        """What is embedded: unit_id, comment_id, text, lemmas, phrases and qualities of each unit."""
        if self.sentences is not None:
            return self.sentences
        distinct = self.distinct
        return distinct[["comment_id", "text", "lemmas", "phrases", "qualities"]].assign(unit_id=distinct["comment_id"])

    @property
    def distinct(self) -> pd.DataFrame:
        """The comments that are embedded and clustered: kept, and standing for themselves."""
        return self.comments[self.comments["kept"] & (self.comments["duplicate_of"] == "")].reset_index(drop=True)

    @property
    def analysed(self) -> pd.DataFrame:
        """The kept comments, folded duplicates included."""
        return self.comments[self.comments["kept"]].reset_index(drop=True)


@dataclass(frozen=True)
class Embedded:
    """Vectors of the units, and of the distinct comments.

    Attributes
    ----------
    unit_ids : tuple of str
        unit_id of each row: the comment_id where the unit is the comment.
    vectors : ndarray of shape (n_units, n_dimensions), float32
        Unit vectors.
    summary : mapping
        Model, revision, dimensions, which text was embedded.
    whole : ndarray of shape (n_distinct_comments, n_dimensions), float32, or None
        Where the unit is the sentence, unit vectors of the whole comments.
    nothing_said : tuple of str
        comment_id of the distinct comments that say nothing. They are in no topic and have no theme.
    """

    unit_ids: tuple[str, ...]
    vectors: Vectors
    summary: Mapping[str, Any]
    whole: Vectors | None = None
    nothing_said: tuple[str, ...] = ()

    @property
    def comment_vectors(self) -> Vectors:
        """Unit vectors of the distinct comments, in their order."""
        return self.vectors if self.whole is None else self.whole


@dataclass(frozen=True)
class TopicResult:
    """The topics discovered.

    Attributes
    ----------
    assignments : DataFrame
        A row for each distinct comment: comment_id, topic (int, -1 for an outlier), membership (float in
        [0, 1]: how firmly the comment belongs to its topic; to its nearest topic where it is an outlier),
        nearest_topic (int), topic_coarse (int, -1 for an outlier).
    topics : DataFrame
        A row for each topic, largest first: topic (int), parent (int, its coarse topic), label, keywords
        (words separated by ", "), size (comments, folded duplicates included), share (of analysed comments,
        in [0, 1]), stability and repeatability (floats in [0, 1], how reliably the topic comes back from other samples
        of the comments, and from other seeds; missing where it was not measured, or a person merged or split the
        topic), representatives (list of comment_id, most central first), machine_label (the name that the machine
        gives), label_by ("machine" or "person"), definition (a person's, or "").
    coarse_topics : DataFrame
        A row for each coarse topic: topic_coarse, label, keywords, size, share.
    topic_tree : DataFrame
        Where the branches of the tree of topics meet, nearest first: first, second, apart; see
        `pipeline.discovery.topic_tree.tree_table`. Coarse topics are a cut of it.
    layout : DataFrame
        comment_id, x, y: two-dimensional coordinates for drawing, without a unit.
    shares : DataFrame
        comment_id, topic, share: how a distinct comment's units spread over topics, -1 for those in none; the
        shares of a comment add up to 1. Where the unit is the comment, each has one row.
    summary : mapping
        How they were found: regime, topics, outlier share, stability of the whole in [0, 1], settings, rules,
        notes.
    evidence : mapping of str to ndarray
        What the topics of the units follow from on any machine; see `pipeline.discovery.replay`. Empty where
        nothing was clustered.
    """

    assignments: pd.DataFrame
    topics: pd.DataFrame
    coarse_topics: pd.DataFrame
    topic_tree: pd.DataFrame
    layout: pd.DataFrame
    shares: pd.DataFrame
    summary: Mapping[str, Any]
    evidence: Mapping[str, npt.NDArray[Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Mapped:
    """Topics and comments against the codebook.

    Attributes
    ----------
    assignments : DataFrame
        A row for each analysed comment, folded duplicates included: comment_id, topic, membership,
        topic_coarse, theme (of its topic; "unmapped" for a topic that no theme fits, "" for an outlier),
        theme_direct (its own main theme, or "unmapped"), theme_direct_score (its fit, cosine),
        theme_direct_probability (in [0, 1]), theme_direct_margin (of fit, to the second best), theme_nearest (its
        main theme even where none fits), outlook_direct ("" where the codebook has no outlook facet),
        says_nothing (bool: whether it says nothing, or that nothing is wrong; it is in no topic and has no theme),
        learned_from (bool: whether a person's code of it was learned from).
    comment_themes : DataFrame
        comment_id, theme, fit, probability: a row for each theme that an analysed comment carries; a comment that
        no theme fits has none.
    crosswalk : DataFrame
        Topic by theme, long form: topic, theme, fit (cosine in [-1, 1]), fit_low, fit_high (95 % of replicates),
        percentile (share of pseudo-themes that it beats), p_value, q_value (missing for themes that are not the
        topic's nearest), p_shuffled, own_share, matched (bool), replicates (share of replicates in which it is matched,
        in [0, 1]). What cannot be measured is missing. See `pipeline.crosswalk.matching.Matches`.
    topic_themes : DataFrame
        A row for each topic: topic, theme (the one that it is matched with, or "unmapped"), nearest_theme (the main
        one of most of its comments), fit (of the nearest theme), margin (to the best other fit, negative where that
        is better), own_share, percentile, q_value, p_shuffled, mapping_robustness (share of replicates that decide
        alike; missing where a person decided), settled (bool), status ("matched", "leaning", "unmapped" or
        "by a person"), fails (of a leaning topic), machine_theme and machine_status (what the machine decided).
    diagnosis : DataFrame
        See `pipeline.crosswalk.diagnosis.diagnose`.
    nearest_comments : DataFrame
        theme, comment_id, fit: for each theme that no topic is matched with, the comments nearest to it.
    summary : mapping
        Settings, counts, the measured false-match rate on decoy codebooks, what was learned, notes.
    theme_fits : DataFrame or None
        comment_id, theme, fit: how well each theme fits each distinct comment; what corrects the machine's reading
        where people code a sample.
    reviewed_topics, reviewed_coarse_topics, reviewed_topic_tree : DataFrame or None
        What a person's review made of the topics, as the fields of `TopicResult` without "reviewed_"; None where there
        is no review. See `pipeline.review.changes`.
    reviewed_assignments, reviewed_shares : DataFrame or None
        The same of `TopicResult.assignments` and `TopicResult.shares`.
    """

    assignments: pd.DataFrame
    comment_themes: pd.DataFrame
    crosswalk: pd.DataFrame
    topic_themes: pd.DataFrame
    diagnosis: pd.DataFrame
    nearest_comments: pd.DataFrame
    summary: Mapping[str, Any]
    theme_fits: pd.DataFrame | None = None
    reviewed_topics: pd.DataFrame | None = None
    reviewed_coarse_topics: pd.DataFrame | None = None
    reviewed_topic_tree: pd.DataFrame | None = None
    reviewed_assignments: pd.DataFrame | None = None
    reviewed_shares: pd.DataFrame | None = None


@dataclass(frozen=True)
class Assessed:
    """The data beside the published account and beside people's codes.

    Attributes
    ----------
    prevalence : DataFrame
        A row for each theme and one for "unmapped": theme, name, published_rank (missing where there is none),
        reading (what the share rests on; see `pipeline.account.readings`), by (who coded), comments, count, share, low,
        high, effective; share_by_comments and share_by_topics (the machine's) with their counts; shares in [0, 1].
    coded : DataFrame
        The shares of themes by people's codes; see `pipeline.account.prevalence.coded_prevalence`. Empty where there
        are no codes.
    agreement : DataFrame
        Long form: first, second (who is compared), facet, comments (which were compared), measure, value, low,
        high, n. Empty where there are no codes.
    confusions : DataFrame
        first, second, reference, candidate, n.
    outlook : DataFrame
        group, entry, comments, count, share, low, high, published_share (missing where there is none), column
        ("" for all comments), combines (list of the entries that an entry combines), effective. Empty without an
        outlook facet.
    claim_counts : DataFrame
        What the account's claims need; see `pipeline.account.claims.count_for_claims`.
    audit, audit_paths : DataFrame
        See `pipeline.account.audit.as_tables`. Empty where no drawn comments were coded.
    groups, linked_groups, group_tests : DataFrame
        See `pipeline.account.groups`.
    quotations : DataFrame
        quotation, section, speaker, nearest, fit, margin, lands: the article's quotations, without their words.
    theme_pairs : DataFrame
        Which themes are said by the same comment; see `pipeline.account.pairs.theme_pairs`.
    summary : mapping
        The figures that the text of a report quotes.
    """

    prevalence: pd.DataFrame
    coded: pd.DataFrame
    agreement: pd.DataFrame
    confusions: pd.DataFrame
    outlook: pd.DataFrame
    claim_counts: pd.DataFrame
    audit: pd.DataFrame
    audit_paths: pd.DataFrame
    groups: pd.DataFrame
    linked_groups: pd.DataFrame
    group_tests: pd.DataFrame
    quotations: pd.DataFrame
    theme_pairs: pd.DataFrame
    summary: Mapping[str, Any]


@dataclass(frozen=True)
class Published:
    """What the report stage makes: files by their path in the run folder."""

    files: Mapping[str, bytes]
    summary: Mapping[str, Any] = field(default_factory=dict)
