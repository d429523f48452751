"""Bets on what people will code: evidence, after each comment, that a mean over all comments passes a bound."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.account.intervals import Numbers

_EFFECTS = np.array([0.1, 0.2, 0.3, 0.4, 0.5])
"""Distances from the bound, in standard deviations of what the machine leaves unexplained, that are each bet on."""

_LARGEST_STAKE = 0.9
"""The share of the capital that a bet may lose at once."""

_PENALTY = 5.0
"""How many comments the slopes of the prediction must outweigh to leave zero."""

_PRIOR_COMMENTS = 2.0
"""How many comments the first guess of the variance counts for."""


_CELLS = 1_000_000
"""Numbers that are worked out at a time."""


@dataclass(frozen=True)
class Assertion:
    """That the mean of a value over all N comments is at least a bound, or above it.

    Attributes
    ----------
    values : ndarray of shape (n_coded,), float64
        The value of each comment coded so far, in the order drawn; NaN where coders gave none. A missing value counts
        as the comment's lowest one, and in the complement as its highest: it never helps.
    predictors : ndarray of shape (n_comments, n_predictors), float64
        What was known of every comment before anybody coded, in the order drawn.
    lower, upper : ndarray of shape (n_comments,), float64
        The lowest and the highest value that each comment can have.
    bound : float
        What the mean is compared with, in the unit of the values.
    strict : bool
        Whether the mean has to be above the bound, not at it.
    """

    values: Numbers
    predictors: Numbers
    lower: Numbers
    upper: Numbers
    bound: float
    strict: bool = False

    def __post_init__(self) -> None:
        n = len(self.values)
        if n > len(self.predictors) or not np.isfinite(self.predictors).all():
            raise ValueError("An assertion needs finite predictors of every comment, coded or not.")
        if np.any(self.values < self.lower[:n]) or np.any(self.values > self.upper[:n]):
            raise ValueError("A value of an assertion lies outside its comment's lowest and highest value.")

    @property
    def complement(self) -> Assertion:
        """The assertion that is true where this one is false."""
        return replace(
            self, values=-self.values, lower=-self.upper, upper=-self.lower, bound=-self.bound, strict=not self.strict
        )

    @property
    def filled(self) -> Numbers:
        """The values, with the comment's lowest one where there is none."""
        return np.where(np.isnan(self.values), self.lower[: len(self.values)], self.values)

    @property
    def proven(self) -> npt.NDArray[np.bool_]:
        """After which of the comments coded, shape (n_coded,), it is true whatever those left would be coded as."""
        n, total = len(self.values), len(self.predictors)
        least = np.cumsum(self.filled) + self.lower.sum() - np.cumsum(self.lower[:n])
        rounding = 1e-9 * total * float((self.upper - self.lower).max(initial=0.0))
        return np.asarray(least > total * self.bound + (rounding if self.strict else -rounding))

    def first(self, n: int) -> Assertion:
        """Return the same after the first n comments were coded."""
        return replace(self, values=self.values[:n])

    @property
    def design(self) -> Numbers:
        """The standardised predictors behind a column of ones, of shape (n_comments, 1 + n_predictors)."""
        spread = self.predictors.std(axis=0)
        standardised = (self.predictors - self.predictors.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
        return np.column_stack([np.ones(len(self.predictors)), standardised])

    def coefficients(self) -> Numbers:
        """Return ridge coefficients after 0, 1, … n_coded comments, of shape (1 + n_coded, 1 + n_predictors)."""
        design, values = self.design[: len(self.values)], self.filled
        width = design.shape[1]
        start = np.eye(1, width)[0] * self.bound
        penalty = np.diag([1.0] + [_PENALTY] * (width - 1))
        products = np.cumsum([penalty, *(design[:, :, None] * design[:, None, :])], axis=0)
        moments = np.cumsum([start, *(design * values[:, None])], axis=0)
        return np.asarray(np.linalg.solve(products, moments[..., None])[..., 0], dtype=np.float64)

    def variances(self, residuals: Numbers) -> Numbers:
        """Return the variance of residuals after 0, 1, … n_coded comments, of shape (1 + n_coded,)."""
        largest = float((((self.upper - self.lower) / 2) ** 2).mean())
        sums = np.cumsum([_PRIOR_COMMENTS * largest, *residuals**2])
        return np.asarray(sums / (_PRIOR_COMMENTS + np.arange(len(sums))), dtype=np.float64)


def log_e_values(assertion: Assertion) -> Numbers:
    """Return the evidence for an assertion after each coded comment.

    Parameters
    ----------
    assertion : Assertion
        What is to be shown. The order of its comments has to be random, drawn before anybody coded.

    Returns
    -------
    ndarray of shape (n_coded,), float64
        Natural logarithms of e-values against "the assertion is false"; infinite from where the codes alone prove the
        assertion, whatever the comments left would be coded as. Where the assertion is false, the e-value ever reaches
        1 / risk with a probability of at most `risk`.

    Notes
    -----
    A betting martingale for sampling without replacement. Were the assertion just false, the mean of the comments left
    would follow from the sum of those coded; each bet is on the next value against that mean. What the machine's
    reading predicts of the value, less the mean of that prediction over the comments left, is subtracted: it is known
    to be zero on average, so that it takes away variance and cannot mislead. The prediction is a ridge regression on
    the comments coded before, and each stake follows from these alone. The capital is the mean over stakes that are
    best for several distances between mean and bound (Kelly's, to second order), and none may lose it all.
    With one bet and no prediction it is a martingale of RiLACS; SHANGRLA has the assertions; ALPHA the stakes that
    learn. Prediction as control variate follows the weighted financial audits of Shekhar et al., with equal weights.

    References
    ----------
    Waudby-Smith and Ramdas, betting: doi:10.1093/jrsssb/qkad009; without replacement: arXiv:2006.04347.
    Waudby-Smith, Stark and Ramdas, RiLACS: doi:10.1007/978-3-030-86942-7_9.
    Stark, SHANGRLA: doi:10.1007/978-3-030-54455-3_23; ALPHA: doi:10.1214/22-AOAS1646.
    Shekhar, Xu, Lipton, Liang and Ramdas, financial audits: arXiv:2305.06884.
    """
    n, total = len(assertion.values), len(assertion.predictors)
    values, lower, design = assertion.filled, assertion.lower, assertion.design
    left = total - np.arange(n)
    coefficients = assertion.coefficients()[:n]
    predicted = (design[:n] * coefficients).sum(axis=1)
    ahead = np.cumsum(design[::-1], axis=0)[::-1][:n] / left[:, None]
    sums = np.cumsum(values)
    null = (total * assertion.bound - (sums - values)) / left
    shift = (ahead * coefficients).sum(axis=1) - null
    # A stake may not follow from which comment comes next, only from which comments are left.
    worst = shift + _least_of_left(lower, design, coefficients)
    deviation = np.sqrt(assertion.variances(values - predicted)[:n])
    effects = _EFFECTS[:, None] * total / left
    stakes = np.minimum(effects / (1 + effects**2) / deviation, _LARGEST_STAKE / np.maximum(-worst, 1e-12))
    capital = np.cumsum(np.log1p(stakes * (values - predicted + shift)), axis=1)
    largest = capital.max(axis=0)
    log_e = largest + np.log(np.exp(capital - largest).mean(axis=0))
    return np.where(assertion.proven, np.inf, log_e)


def _least_of_left(lower: Numbers, design: Numbers, coefficients: Numbers) -> Numbers:
    """Return for each t the least of `lower` less the prediction by `coefficients[t]` over the comments from t on."""
    # Comments of one kind have one value: few kinds stand for very many comments.
    read = np.column_stack([lower, design])
    kind_of = _kinds(read)
    last = np.zeros(kind_of.max(initial=-1) + 1, dtype=np.int64)
    # In order, so that the last of a kind is what stays.
    last[kind_of] = np.arange(len(read))
    kinds = read[last]
    least = np.empty(len(coefficients))
    rows = max(_CELLS // len(kinds), 1)
    for first in range(0, len(coefficients), rows):
        at = np.arange(first, min(first + rows, len(coefficients)))
        gaps = kinds[:, 0] - coefficients[at] @ kinds[:, 1:].T
        least[at] = np.where(at[:, None] <= last, gaps, np.inf).min(axis=1)
    return least


def _kinds(read: Numbers) -> npt.NDArray[np.int64]:
    """Return the number of each row's kind, from 0: rows that are alike are of one kind."""
    # By hashing, since of many comments sorting them for each claim takes minutes.
    kinds = pd.DataFrame(read).groupby(list(range(read.shape[1])), sort=False)
    return np.asarray(kinds.ngroup(), dtype=np.int64)


def comments_until(assertion: Assertion, needed: float) -> float:
    """Return about how many more comments prove an assertion, were the present estimate right.

    Parameters
    ----------
    assertion : Assertion
        With the comments coded so far.
    needed : float
        The natural logarithm of the e-value that decides.

    Returns
    -------
    float
        At most the number of comments left; infinite where the estimate is not on the assertion's side.

    Notes
    -----
    The estimate is the mean of the codes and of the predictions of the comments left. A comment adds about half of
    log(1 + d²) to the logarithm, where d is the distance of the mean of those left from what the null has it at, in
    standard deviations of the residuals. The logarithm of a good bet varies by twice what it gains: as a Brownian
    motion it reaches a height at a time whose distribution is inverse Gaussian, of which the median is taken.
    """
    from scipy.stats import invgauss

    n, total = len(assertion.values), len(assertion.predictors)
    log_e = float(log_e_values(assertion)[-1]) if n else 0.0
    if log_e >= needed:
        return 0.0
    coefficients, design = assertion.coefficients(), assertion.design
    residuals = assertion.filled - (design[:n] * coefficients[:n]).sum(axis=1)
    estimate = (assertion.filled.sum() + (design[n:] @ coefficients[n]).sum()) / total
    if estimate <= assertion.bound:
        return float("inf")
    left = total - n - np.arange(total - n)
    distance = (estimate - assertion.bound) / np.sqrt(assertion.variances(residuals)[n]) * total / left
    height = needed - log_e
    reached = np.cumsum(np.log1p(distance**2) / 2) >= invgauss.median(2 / height, scale=height**2 / 2)
    return float(np.argmax(reached)) + 1 if reached.any() else float(total - n)
