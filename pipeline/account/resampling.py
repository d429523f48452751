"""Measures of agreement as functions of totals over comments, and their spread over samples of respondents.

The respondent is what is sampled: a person's comments are alike, so all of them are drawn together or not at
all (the cluster bootstrap, doi:10.1111/j.1467-9868.2007.00593.x).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Interval = tuple[float, float]

CONFIDENCE = 0.95
UNDEFINED: Interval = (float("nan"), float("nan"))

_CELLS = 4_000_000
"""How many numbers a batch of replicates may hold: 32 MB, however many comments there are."""


@dataclass(frozen=True)
class Additive:
    """Measures that follow from totals over comments, so that one matrix product gives them for many samples.

    Attributes
    ----------
    contributions : sparse matrix of shape (n_comments, n_totals), float64
        What each comment adds to each total.
    measures : callable
        Takes totals of shape (n_samples, n_totals) and gives each measure by name, of shape (n_samples,);
        missing (NaN) where a sample does not define it.
    """

    contributions: Any
    measures: Callable[[Numbers], dict[str, Numbers]]

    def values(self) -> dict[str, float]:
        """Return the measures over all comments."""
        return {name: float(value[0]) for name, value in self.measures(_all_of(self.contributions)).items()}


def class_measures(
    reference: Sequence[str], candidate: Sequence[str], classes: Sequence[str], also: Sequence[str] | None = None
) -> Additive:
    """Return accuracy, macro-F1, Cohen's kappa and, where `also` is given, accuracy against either decision.

    Parameters
    ----------
    reference, candidate : sequence of str of length n_comments
        One decision a comment; it may lie outside `classes`.
    classes : sequence of str
        The classes that macro-F1 averages over, each once.
    also : sequence of str of length n_comments, optional
        A second decision of the reference; "" where there is none.

    Returns
    -------
    Additive
        accuracy, macro_f1 and, where `also` is given, accuracy_either (the share that agrees with one of the
        reference's two decisions), each in [0, 1]; cohen_kappa in [-1, 1] (doi:10.1177/001316446002000104).
        A class that nobody used counts as 0 in macro-F1. A class that is used, but by chance not in a resample, has no
        F1 there and is left out of that mean: as a 0 it would pull the interval below the value, since a class with
        one comment is missing from more than a third of all resamples. Kappa is missing where both always decide the
        same, and everything is where there is no comment.
    """
    from scipy.sparse import csr_matrix, hstack

    known = list(dict.fromkeys([*classes, *reference, *candidate]))
    place = {name: number for number, name in enumerate(known)}
    of_reference = np.array([place[name] for name in reference], dtype=np.int64)
    of_candidate = np.array([place[name] for name in candidate], dtype=np.int64)
    hits = of_reference == of_candidate
    seconds = np.zeros(len(hits), dtype=bool) if also is None else np.array(also, dtype=object) == np.array(
        candidate, dtype=object
    )  # fmt: skip
    size, averaged = len(known), len(classes)
    contributions = hstack(
        [
            _indicators(of_reference, size),
            _indicators(of_candidate, size),
            _indicators(np.where(hits, of_reference, -1), size),
            csr_matrix((hits | seconds)[:, None].astype(np.float64)),
        ],
        format="csr",
    )
    overall = _all_of(contributions)[0]
    used = int(np.count_nonzero((overall[:size] + overall[size : 2 * size])[:averaged]))

    def measures(totals: Numbers) -> dict[str, Numbers]:
        rows, columns, both = (totals[:, start * size : (start + 1) * size] for start in range(3))
        n = rows.sum(axis=1)
        f1 = _ratio(2 * both[:, :averaged], (rows + columns)[:, :averaged])
        defined = np.count_nonzero(~np.isnan(f1), axis=1)
        macro = _ratio(np.nansum(f1, axis=1), defined) * (used / averaged) if used else _ratio(np.zeros(len(n)), n)
        found = {"accuracy": _ratio(both.sum(axis=1), n), "macro_f1": macro}
        if also is not None:
            found["accuracy_either"] = _ratio(totals[:, -1], n)
        by_chance = (rows * columns).sum(axis=1)
        found["cohen_kappa"] = _ratio(n * both.sum(axis=1) - by_chance, n * n - by_chance)
        return found

    return Additive(contributions, measures)


def alpha_measure(decisions: Integers, distances: Numbers, *, name: str) -> Additive:
    """Return Krippendorff's alpha (doi:10.1080/19312450709336664) of any number of people.

    Parameters
    ----------
    decisions : ndarray of shape (n_comments, n_people), int64
        The number of the value that each person gave; -1 where none was given.
    distances : ndarray of shape (n_values, n_values), float64
        How far values lie apart: 0 on the diagonal, symmetric; 1 - identity for nominal values.
    name : str
        What the measure is called.

    Returns
    -------
    Additive
        Alpha, at most 1; 0 is what chance gives. Missing where no two people decided on the same comment, or
        where everyone always gave one value: then no disagreement is expected and alpha is 0 / 0.

    Notes
    -----
    The krippendorff package gives the same values (the tests compare them), but it weights no comments and
    holds an array of n_comments x n_values x n_values: gigabytes for some hundred sets of themes.
    """
    from scipy.sparse import csr_matrix, hstack

    given = decisions >= 0
    number = given.sum(axis=1)
    apart = np.zeros(len(decisions))
    for one, other in combinations(range(decisions.shape[1]), 2):
        both = given[:, one] & given[:, other]
        # Each pair counts in both directions, and a comment counts as many values as it has.
        pair = distances[decisions[both, one], decisions[both, other]]
        apart[both] += 2 * pair / (number[both] - 1)
    paired = given & (number >= 2)[:, None]
    comments = np.nonzero(paired)[0]
    counts = csr_matrix((np.ones(len(comments)), (comments, decisions[paired])), shape=(len(decisions), len(distances)))

    def measures(totals: Numbers) -> dict[str, Numbers]:
        observed, values = totals[:, 0], totals[:, 1:]
        expected = ((values @ distances) * values).sum(axis=1)
        return {name: 1 - _ratio((values.sum(axis=1) - 1) * observed, expected)}

    return Additive(hstack([csr_matrix(apart[:, None]), counts], format="csr"), measures)


def jaccard_measure(first: npt.NDArray[np.bool_], second: npt.NDArray[np.bool_]) -> Additive:
    """Return the mean Jaccard similarity of two people's sets.

    Parameters
    ----------
    first, second : ndarray of shape (n_comments, n_themes), bool
        Which themes each gave each comment. Two empty sets are equal: both say that no theme fits.

    Returns
    -------
    Additive
        jaccard in [0, 1]; missing where there is no comment.
    """
    from scipy.sparse import csr_matrix

    union = (first | second).sum(axis=1)
    alike = np.where(union == 0, 1.0, (first & second).sum(axis=1) / np.maximum(union, 1))
    contributions = csr_matrix(np.column_stack([alike, np.ones(len(alike))]))
    return Additive(contributions, lambda totals: {"jaccard": _ratio(totals[:, 0], totals[:, 1])})


def masi_distances(sets: npt.NDArray[np.bool_]) -> Numbers:
    """Return Passonneau's distance between sets (LREC 2006, aclanthology.org/L06-1392).

    Parameters
    ----------
    sets : ndarray of shape (n_sets, n_themes), bool
        The sets; one may be empty.

    Returns
    -------
    ndarray of shape (n_sets, n_sets), float64
        1 - Jaccard similarity x monotonicity, in [0, 1]. Monotonicity is 1 for equal sets, 2/3 where one holds
        the other, 1/3 where they overlap otherwise, 0 where they have nothing in common.
    """
    members = sets.astype(np.float64)
    shared = members @ members.T
    sizes = members.sum(axis=1)
    union = sizes[:, None] + sizes[None, :] - shared
    jaccard = np.where(union == 0, 1.0, shared / np.maximum(union, 1))
    nested = shared == np.minimum(sizes[:, None], sizes[None, :])
    monotonicity = np.select([jaccard == 1.0, nested & (shared > 0), shared > 0], [1.0, 2 / 3, 1 / 3], 0.0)
    distances: Numbers = 1 - jaccard * monotonicity
    return distances


def bootstrap_intervals(
    measured: Additive, respondents: Integers, *, n_bootstrap: int, seed: int
) -> dict[str, Interval]:
    """Return 95 % percentile intervals (doi:10.1214/ss/1177013815), resampling respondents with replacement.

    Parameters
    ----------
    measured : Additive
        The measures.
    respondents : ndarray of shape (n_comments,), int64
        Who wrote each comment. Equal respondents and an equal seed give equal samples, so that measures of the
        same comments are compared over the same samples.
    n_bootstrap : int
        How many samples; 0 for no intervals.
    seed : int
        Which samples.

    Returns
    -------
    dict of str to tuple of float
        Lower and upper end of each measure. Both are missing where fewer than two respondents are to be sampled
        from, where the measure itself is missing, and where more than 5 % of the samples leave it undefined.
        Where the sample agrees wholly, so does every resample, and the interval has no width.

    Notes
    -----
    The interval says how a measure varies between samples of this size. Macro-F1 is lower over few comments of a
    class than over many, so where many classes are rare its interval lies somewhat below the population's value.
    """
    values = measured.values()
    people, rows = np.unique(respondents, return_inverse=True)
    if len(people) < 2 or n_bootstrap < 1:
        return dict.fromkeys(values, UNDEFINED)
    by_person = (_indicators(rows, len(people)).T @ measured.contributions).T.tocsr()
    batches = [
        measured.measures((by_person @ counts.T).T)
        for counts in _samples(len(people), max(by_person.shape), n_bootstrap, seed)
    ]
    return {
        name: UNDEFINED if np.isnan(value) else _percentiles(np.concatenate([batch[name] for batch in batches]))
        for name, value in values.items()
    }


def half_sample_intervals(
    measure: Callable[[Integers], Mapping[str, float]], respondents: Integers, *, n_samples: int, seed: int
) -> dict[str, Interval]:
    """Return 95 % intervals of measures of partitions, from random halves of the respondents.

    Parameters
    ----------
    measure : callable
        Takes the positions of comments and gives the measures over these comments.
    respondents : ndarray of shape (n_comments,), int64
        Who wrote each comment.
    n_samples : int
        How many halves; fewer than two give no intervals.
    seed : int
        Which halves.

    Returns
    -------
    dict of str to tuple of float
        Lower and upper end of each measure; both missing where fewer than four respondents are to be sampled
        from, where the measure is missing, or where more than 5 % of the halves leave it undefined.

    Notes
    -----
    Samples with replacement hold copies of comments. Copies are in one part of both partitions by necessity,
    which measures that count pairs or share information take for agreement. Samples without replacement have no
    copies (Politis and Romano 1994, doi:10.1214/aos/1176325770). The value over b of n respondents, drawn without
    replacement, spreads about the value over all with a variance of (n - b) / b times that of the whole sample
    (the delete-d jackknife, Shao and Wu 1989, doi:10.1214/aos/1176347263): with halves, with the same variance.
    Only the spread is taken from the halves, not their mean, since a measure that is not adjusted for chance is
    larger over fewer comments. The interval is the value plus and minus 1.96 standard deviations: it says how the
    value varies between samples of this size, the topics being given. For measures adjusted for chance, that is
    close to what it says of the whole population, as long as comments are many beside pairs of parts.
    """
    values = measure(np.arange(len(respondents), dtype=np.int64))
    people, rows = np.unique(respondents, return_inverse=True)
    if len(people) < 4 or n_samples < 2:
        return dict.fromkeys(values, UNDEFINED)
    from scipy.stats import norm

    generator = np.random.default_rng(seed)
    half = len(people) // 2
    found: list[Mapping[str, float]] = []
    for _ in range(n_samples):
        drawn = np.zeros(len(people), dtype=bool)
        drawn[generator.permutation(len(people))[:half]] = True
        found.append(measure(np.flatnonzero(drawn[rows])))
    reach = float(norm.ppf((1 + CONFIDENCE) / 2)) * np.sqrt(half / (len(people) - half))
    intervals: dict[str, Interval] = {}
    for name, value in values.items():
        over_halves = _defined(np.array([one[name] for one in found]))
        intervals[name] = UNDEFINED
        if over_halves is not None and not np.isnan(value):
            spread = reach * float(over_halves.std(ddof=1))
            intervals[name] = (value - spread, value + spread)
    return intervals


def _samples(n_people: int, widest: int, n_bootstrap: int, seed: int) -> Iterator[Numbers]:
    """Yield how often each sample drew each respondent, batch by batch, of shape (n_samples, n_people)."""
    generator = np.random.default_rng(seed)
    batch = max(1, _CELLS // widest)
    for start in range(0, n_bootstrap, batch):
        size = min(batch, n_bootstrap - start)
        drawn = generator.integers(n_people, size=(size, n_people)) + n_people * np.arange(size)[:, None]
        yield np.bincount(drawn.ravel(), minlength=size * n_people).reshape(size, n_people).astype(np.float64)


def _percentiles(over_samples: Numbers) -> Interval:
    defined = _defined(over_samples)
    if defined is None:
        return UNDEFINED
    low, high = np.quantile(defined, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return float(low), float(high)


def _defined(over_samples: Numbers) -> Numbers | None:
    """Return the values that are there; None where so many are missing that the ends could lie anywhere."""
    defined = over_samples[~np.isnan(over_samples)]
    return defined if len(defined) >= CONFIDENCE * len(over_samples) else None


def _indicators(numbers: npt.NDArray[np.integer[Any]], size: int) -> Any:
    """Return a sparse row for each number with a 1 in its place; a row of zeros for -1."""
    from scipy.sparse import csr_matrix

    there = np.flatnonzero(numbers >= 0)
    return csr_matrix((np.ones(len(there)), (there, numbers[there])), shape=(len(numbers), size))


def _all_of(contributions: Any) -> Numbers:
    return np.asarray(contributions.sum(axis=0), dtype=np.float64).reshape(1, -1)


def _ratio(numerator: npt.ArrayLike, denominator: npt.ArrayLike) -> Numbers:
    """Divide; missing where the denominator is 0."""
    above, below = np.asarray(numerator, dtype=np.float64), np.asarray(denominator, dtype=np.float64)
    ratio = np.full(np.broadcast_shapes(above.shape, below.shape), np.nan)
    np.divide(above, below, out=ratio, where=below != 0)
    return ratio
