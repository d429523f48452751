"""A clusterer that gives the same topics again: the consensus of many layouts and granularities."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClusterMixin

from pipeline.discovery.consensus_settings import (
    SMALLEST_CLUSTERED,
    check_settings,
    default_min_topic_size,
    default_n_seeds,
)

if TYPE_CHECKING:
    from pipeline.contracts import Progress
    from pipeline.discovery.ensemble import LayoutPlan
    from pipeline.discovery.partition import PartitionRules
    from pipeline.discovery.votes import Voters

_GRANULARITIES = (0.8, 1.2, 1.8, 2.7)
_SEEDS_PER_SAMPLE = 10
_ROWS_AT_ONCE = 16_384


class ConsensusClusterer(ClusterMixin, BaseEstimator):
    """Topics on which UMAP under many seeds and HDBSCAN at several granularities agree.

    One UMAP layout read by one HDBSCAN is a draw: another seed gives other topics. This estimator
    makes one neighbour graph, lays it out under many seeds, reads every layout at several
    granularities, counts how often comments come together (their co-association), and cuts the tree
    of that count at the coarsest level that agrees nearly as well as the best with all its members.

    Parameters
    ----------
    n_neighbors : int, default 10
        Neighbours of the graph, the comment itself among them; at most a fifth of the comments, but
        at least 5, are used.
    n_components : int, default 5
        Dimensions of a layout.
    n_seeds : int or None, default None
        Layouts. None makes at most 70,000 / n, at least 20 and at most 100, and stops where more would
        change nothing: see `pipeline.discovery.rounds.grow`.
    n_epochs : int, default 100
        Passes of UMAP's optimiser. Twice the layouts at half the passes vary less together.
    granularities : tuple of int or None, default None
        HDBSCAN's ``min_cluster_size``, a partition for each. None takes 0.8, 1.2, 1.8 and 2.7 times
        the smallest topic (8, 12, 18, 27 for 10).
    min_samples : int, default 5
        HDBSCAN's ``min_samples``.
    min_topic_size : int or None, default None
        Smaller topics are dissolved and their comments offered to the others. None: see
        `default_min_topic_size`.
    max_topic_share : float, default 0.2
        A topic with a larger share of the comments is split where it has parts, in (0, 1].
    cut : {"coarsest", "agreement", "majority"}, default "coarsest"
        How the level of the consensus tree is chosen.
    membership_floor : float, default 0.1
        A comment whose best membership is lower is an outlier, in [0, 1].
    own_weight : float, default 0.3
        What a comment counts in its own membership; its neighbours in the graph count the rest. In
        (0, 1].
    coarse_range : tuple of int, default (4, 8)
        Fewest and most coarse topics; half of the topics within them.
    n_bootstrap : int, default 10
        Bootstrap samples of the comments for the topics' stability; 0 for none.
    fit_on : int or None, default None
        Where there are more comments, topics are found on a sample of so many, drawn from every region
        of the vectors; the others have the topic of their nearest neighbours in it. Sizes shrink in
        proportion. None clusters all.
    dense_below : int, default 4000
        Up to this many comments all pairs are compared, beyond only neighbours.
    random_state : int, default 0
        Seed of the whole, at least 0.
    copy : bool, default True
        False scales the vectors that are fitted where they are, if they are float32: of a million of them a copy is a
        gigabyte.
    device : {"cpu", "cuda"}, default "cpu"
        What lays out and reads layouts: the processor, or an NVIDIA GPU by cuML, which gives other topics, as
        another seed does. See `pipeline.discovery.on_gpu`.
    n_jobs : int or None, default None
        Processes; None for one per core. The result does not depend on it. On a GPU layouts are made in one.
    progress : callable or None, default None
        Called with what is done, how much of it, and how much there is: layouts, whose number falls where fewer
        are needed, and the comments that are not clustered.

    Attributes
    ----------
    labels_ : ndarray of shape (n,), int64
        Topics from 0 by descending size; -1 for outliers.
    nearest_label_ : ndarray of shape (n,), int64
        The topic, or for an outlier the one it comes with most often; -1 if there is no topic.
    probabilities_ : ndarray of shape (n,), float64
        Membership in `nearest_label_`, in [0, 1]: the mean co-association of the comment, and of its
        neighbours, with the topic's comments. An outlier's is below `membership_floor`, unless
        its topic was too small to keep.
    coarse_labels_ : ndarray of shape (n,), int64
        Coarse topics from 0 by descending size; -1 for outliers.
    topic_parents_ : ndarray of shape (n_topics,), int64
        The coarse topic of each topic.
    repeatability_, stability_ : ndarray of shape (n_topics,), float64
        Over two disjoint halves of the seeds, and over bootstrap samples of the comments (NaN
        without samples).
    agreement_of_halves_ : float
        Adjusted mutual information between the topics of two disjoint halves of the seeds. Each
        half has half the layouts, so two whole fits agree more than this. NaN if nothing was
        clustered.
    agreement_of_samples_ : float
        Mean adjusted mutual information with the topics of bootstrap samples; NaN without samples.
    cut_level_ : float
        Co-association at which the tree was cut; NaN if nothing was clustered.
    min_topic_size_, n_seeds_ : int
        The smallest topic, and how many layouts were made.
    granularities_ : tuple of int
        The values used.
    clustered_ : bool
        False for fewer than 20 comments: a density cannot be told from so few, all are outliers.
    fitted_ : ndarray of shape (n_fitted,), int64
        The comments that were clustered, in ascending order.
    voters_ : pipeline.discovery.votes.Voters or None
        The nearest of them of each other comment; None where all were clustered.
    graph_, partitions_, rules_
        Of the clustered comments the neighbour graph, the partitions of all layouts, ndarray of shape
        (n_partitions, n_fitted), int32, and how they became topics; only where something was clustered.
        See `pipeline.discovery.replay`.
    n_features_in_ : int
        Dimensions of the vectors.

    Notes
    -----
    The level of the cut is the coarsest one whose partition agrees nearly as well as the best with the members, by
    their mean adjusted Rand index (Strehl and Ghosh 2002): `pipeline.discovery.cut.coarsest_level` says how. The level
    that agrees best gave a fifth to a third more topics on the illustrative comments and nhs_feedback, of which fewer
    came back in samples. The longest lifetime (Fred and Jain 2005) takes whichever gap is widest: with the seeds its
    level wandered between 0.03 and 0.9. Excess of mass on the consensus tree gave a seventh to a half more topics. A
    fixed level is as repeatable, but which one suits differs between corpora.

    Three things keep a result from turning with the seeds: clusters larger than
    `max_topic_share` are split in the members (HDBSCAN's selection can otherwise fall from twenty
    clusters to two), many short layouts are made rather than few long ones, and the comments at the
    edges, which HDBSCAN calls outliers by chance, are given to topics by their mean co-association
    and that of their neighbours.

    References
    ----------
    Fred, A. L. N. and Jain, A. K. (2005). Combining multiple clusterings using evidence
    accumulation. IEEE Transactions on Pattern Analysis and Machine Intelligence 27, 835-850.
    doi:10.1109/TPAMI.2005.113

    Strehl, A. and Ghosh, J. (2002). Cluster ensembles: a knowledge reuse framework for combining
    multiple partitions. Journal of Machine Learning Research 3, 583-617.
    doi:10.1162/153244303321897735

    Monti, S., Tamayo, P., Mesirov, J. and Golub, T. (2003). Consensus clustering: a resampling-based
    method for class discovery. Machine Learning 52, 91-118. doi:10.1023/A:1023949509487

    Hennig, C. (2007). Cluster-wise assessment of cluster stability. Computational Statistics and
    Data Analysis 52, 258-271. doi:10.1016/j.csda.2006.11.025
    """

    def __init__(
        self,
        *,
        n_neighbors: int = 10,
        n_components: int = 5,
        n_seeds: int | None = None,
        n_epochs: int = 100,
        granularities: tuple[int, ...] | None = None,
        min_samples: int = 5,
        min_topic_size: int | None = None,
        max_topic_share: float = 0.2,
        cut: str = "coarsest",
        membership_floor: float = 0.1,
        own_weight: float = 0.3,
        coarse_range: tuple[int, int] = (4, 8),
        n_bootstrap: int = 10,
        fit_on: int | None = None,
        dense_below: int = 4_000,
        random_state: int = 0,
        copy: bool = True,
        device: str = "cpu",
        n_jobs: int | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.n_neighbors = n_neighbors
        self.n_components = n_components
        self.n_seeds = n_seeds
        self.n_epochs = n_epochs
        self.granularities = granularities
        self.min_samples = min_samples
        self.min_topic_size = min_topic_size
        self.max_topic_share = max_topic_share
        self.cut = cut
        self.membership_floor = membership_floor
        self.own_weight = own_weight
        self.coarse_range = coarse_range
        self.n_bootstrap = n_bootstrap
        self.fit_on = fit_on
        self.dense_below = dense_below
        self.random_state = random_state
        self.copy = copy
        self.device = device
        self.n_jobs = n_jobs
        self.progress = progress

    def fit(self, X: NDArray[Any], y: object = None) -> Self:  # noqa: ARG002 - scikit-learn's interface
        """Find the topics of comments.

        Parameters
        ----------
        X : ndarray of shape (n, d)
            One vector per comment; only directions count.
        y : object
            Ignored; scikit-learn's interface.

        Returns
        -------
        ConsensusClusterer
            Itself.

        Raises
        ------
        ValueError
            If `X` is not a finite two-dimensional array, or a parameter is out of range.
        """
        from pipeline.discovery.ensemble import member_seeds
        from pipeline.discovery.partition import find_partition
        from pipeline.discovery.rounds import ensemble_of, grow
        from pipeline.discovery.stability import bootstrap_rows, measure_stability
        from pipeline.discovery.topic_tree import coarse_topics, topic_tree
        from pipeline.discovery.votes import given_to_all

        check_settings(self.get_params(deep=False))
        vectors = _unit_vectors(X, copy=self.copy)
        n = len(vectors)
        self.n_features_in_ = int(vectors.shape[1])
        self._fit_vectors = vectors
        self._start_empty(n)
        if not self.clustered_:
            return self
        self._choose_rows(vectors)
        chosen = vectors[self.fitted_]
        plan, rules = self._plan(chosen, n)
        samples = bootstrap_rows(len(chosen), self.n_bootstrap, self.random_state)
        # Topics of a sample are smaller in proportion, and a sample too small is no test.
        samples = [rows for rows in samples if len(rows) >= SMALLEST_CLUSTERED // 2]
        most = self.n_seeds or default_n_seeds(len(chosen))
        grown = grow(
            plan, member_seeds(self.random_state, most), rules, all_of_them=self.n_seeds is not None,
            n_jobs=self.n_jobs, on_step=self._told(0, most + _SEEDS_PER_SAMPLE * len(samples)),
        )  # fmt: skip
        self.n_seeds_ = len(grown.members)
        self.graph_, self.partitions_, self.rules_ = plan.graph, np.concatenate(grown.members), rules
        found = find_partition(ensemble_of(grown.members), plan.graph, rules)
        self.cut_level_ = found.level
        if self.voters_ is not None:
            found = given_to_all(found, self.fitted_, self.voters_)
        self.labels_, self.nearest_label_, self.probabilities_ = found.labels, found.nearest, found.membership
        sizes = np.bincount(self.labels_[self.labels_ >= 0])
        self.topic_parents_ = coarse_topics(topic_tree(vectors, self.labels_, len(sizes)), sizes, self.coarse_range)
        if len(self.topic_parents_):
            parents = self.topic_parents_[np.maximum(self.labels_, 0)]
            self.coarse_labels_ = np.where(self.labels_ >= 0, parents, -1)
        returned = self._topics_of_samples(chosen, samples, n)
        stability = measure_stability(self.labels_[self.fitted_], grown.halves, returned)
        self.repeatability_, self.stability_ = stability.over_seeds, stability.over_samples
        self.agreement_of_halves_, self.agreement_of_samples_ = stability.of_halves, stability.of_samples
        return self

    def _choose_rows(self, vectors: NDArray[np.float32]) -> None:
        """Choose the comments that are clustered, and find whose neighbours the others are."""
        from pipeline.discovery.sampling import stratified_rows
        from pipeline.discovery.votes import nearest_voters

        n = len(vectors)
        if self.fit_on is not None and n > self.fit_on:
            self.fitted_ = stratified_rows(vectors, self.fit_on, seed=self.random_state)
            others = np.setdiff1d(np.arange(n), self.fitted_, assume_unique=True)
            self.voters_: Voters | None = nearest_voters(
                vectors, vectors[self.fitted_], of=others, n_jobs=self.n_jobs, progress=self.progress
            )

    def _topics_of_samples(
        self, vectors: NDArray[np.float32], samples: list[NDArray[np.int64]], n_all: int
    ) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """Find the topics of each sample of the clustered comments alone."""
        from pipeline.discovery.ensemble import member_seeds, members_in_order
        from pipeline.discovery.partition import find_partition
        from pipeline.discovery.rounds import ensemble_of

        planned = [self._plan(vectors[rows], n_all) for rows in samples]
        seeds = member_seeds(self.random_state, _SEEDS_PER_SAMPLE * len(samples), stream=1)
        tasks = [(planned[i // _SEEDS_PER_SAMPLE][0], seed) for i, seed in enumerate(seeds)]
        tell = self._told(self.n_seeds_, self.n_seeds_ + len(tasks))
        returned: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []
        members: list[NDArray[np.int32]] = []
        # Closed here and now: after Ctrl-C, workers must not wait for a garbage collection to be ended.
        with contextlib.closing(members_in_order(tasks, n_jobs=self.n_jobs)) as made:
            for done, member in enumerate(made, start=1):
                members.append(member)
                tell(done)
                if len(members) == _SEEDS_PER_SAMPLE:
                    plan, rules = planned[len(returned)]
                    labels = find_partition(ensemble_of(members), plan.graph, rules).labels
                    returned.append((samples[len(returned)], labels))
                    members = []
        return returned

    def _told(self, before: int, total: int) -> Callable[[int], None]:
        """Return a function that tells how many layouts are done, those before among them."""

        def tell(done: int) -> None:
            if self.progress is not None:
                self.progress("layouts", before + done, total)

        return tell

    def predict(self, X: NDArray[Any]) -> NDArray[np.int64]:
        """Give new comments the topic that most of their nearest fitted comments have.

        Parameters
        ----------
        X : ndarray of shape (m, d)
            One vector per comment.

        Returns
        -------
        ndarray of shape (m,), int64
            Topics; -1 for outliers. Ties go to the larger topic, and to any topic before -1.

        Raises
        ------
        ValueError
            If `X` has another number of dimensions than the fitted vectors.
        """
        from sklearn.utils.validation import check_is_fitted

        check_is_fitted(self, "labels_")
        vectors = _unit_vectors(X)
        if vectors.shape[1] != self.n_features_in_:
            raise ValueError(
                f"X must have {self.n_features_in_} columns like the fitted vectors, found {vectors.shape[1]}."
            )
        gaps = np.round(1.0 - vectors @ self._fit_vectors.T, 6)
        nearest = np.argsort(gaps, axis=1, kind="stable")[:, : self.n_neighbors]
        votes = np.zeros((len(vectors), int(self.labels_.max(initial=-1)) + 2), dtype=np.int64)
        for labels in self.labels_[nearest].T:
            votes[np.arange(len(vectors)), labels] += 1
        topics = votes[:, :-1]
        if topics.shape[1] == 0:
            return np.full(len(vectors), -1, dtype=np.int64)
        return np.where(topics.max(axis=1) >= votes[:, -1], topics.argmax(axis=1), -1).astype(np.int64)

    def _start_empty(self, n: int) -> None:
        """Set every fitted attribute as it is when nothing is found."""
        self.clustered_ = n >= SMALLEST_CLUSTERED
        self.min_topic_size_ = self.min_topic_size or default_min_topic_size(n)
        self.n_seeds_ = 0
        self.granularities_ = self.granularities or tuple(
            max(2, round(self.min_topic_size_ * factor)) for factor in _GRANULARITIES
        )
        self.fitted_ = np.arange(n)
        self.voters_ = None
        self.labels_ = np.full(n, -1, dtype=np.int64)
        self.nearest_label_ = self.labels_.copy()
        self.coarse_labels_ = self.labels_.copy()
        self.probabilities_ = np.zeros(n)
        self.topic_parents_ = np.zeros(0, dtype=np.int64)
        self.repeatability_ = self.stability_ = np.zeros(0)
        self.agreement_of_halves_ = self.agreement_of_samples_ = self.cut_level_ = float("nan")

    def _plan(self, vectors: NDArray[np.float32], n_all: int) -> tuple[LayoutPlan, PartitionRules]:
        """Plan the layouts of all comments or of a sample, whose sizes shrink in proportion."""
        from pipeline.discovery.ensemble import LayoutPlan
        from pipeline.discovery.neighbours import fuzzy_graph, nearest_neighbours, starting_positions
        from pipeline.discovery.partition import PartitionRules

        n = len(vectors)
        k = min(self.n_neighbors, max(5, n // 5), n)
        graph = fuzzy_graph(nearest_neighbours(vectors, k, seed=self.random_state))
        max_size = max(2, int(n * self.max_topic_share))

        def scaled(size: int) -> int:
            return max(2, round(size * n / n_all))

        plan = LayoutPlan(
            graph=graph,
            start=starting_positions(vectors, self.n_components),
            n_epochs=self.n_epochs,
            granularities=tuple(scaled(size) for size in self.granularities_),
            min_samples=self.min_samples,
            max_cluster_size=max_size,
            device=self.device,
        )
        rules = PartitionRules(
            cut=self.cut,
            min_size=scaled(self.min_topic_size_),
            max_size=max_size,
            floor=self.membership_floor,
            own_weight=self.own_weight,
            dense_below=self.dense_below,
        )
        return plan, rules


def _unit_vectors(X: NDArray[Any], *, copy: bool = True) -> NDArray[np.float32]:
    """Check vectors and scale them to unit length; vectors of length 0 stay as they are."""
    vectors = np.array(X, dtype=np.float32, order="C", copy=True if copy else None)
    if vectors.ndim != 2 or vectors.shape[1] == 0:
        raise ValueError(f"X must have a row per comment and a column per dimension, found shape {vectors.shape}.")
    # Some at a time: what comes between would take as much memory as the vectors again.
    for first in range(0, len(vectors), _ROWS_AT_ONCE):
        some = vectors[first : first + _ROWS_AT_ONCE]
        if not np.isfinite(some).all():
            raise ValueError("X must be finite, found NaN or infinity.")
        lengths = np.linalg.norm(some, axis=1, keepdims=True)
        some /= np.where(lengths > 0, lengths, 1.0)
    return vectors
