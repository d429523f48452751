"""Shares and differences corrected by a random sample of comments that people coded.

The machine reads every comment, and misreads some. People read a simple random sample. What the machine says of all
comments, plus its mean error on the sample, is an unbiased estimate of what people would say of all; its error can be
told from the sample alone, however badly the machine reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.account.intervals import Numbers, difference_interval, respondent_codes, share_ends
from pipeline.contracts import Vectors
from pipeline.crosswalk.comment_themes import probabilities

FEWEST_IN_GROUP = 20
"""A group has an interval where at least this many of its comments, or all, are coded."""

FEWEST_TO_TUNE = 30
"""With fewer coded comments the machine's reading is not used: its weight would be a guess."""

FEWEST_TO_LEARN = 60
"""From this many coded comments on, a model of the codes replaces the machine's own probabilities."""

_FOLDS = 5
_PENALTY = 3.0
_VECTOR_WEIGHT = 3.0
_Chosen = npt.NDArray[np.bool_]


def corrected_estimates(
    codes: pd.DataFrame,
    scores: pd.DataFrame,
    labels: pd.Series[str],
    vectors: Vectors | None,
    respondents: pd.Series[str],
    *,
    beyond: bool,
    seed: int,
    coders: Sequence[pd.DataFrame] = (),
) -> Corrected:
    """Correct the machine's reading of all comments by people's codes of a simple random sample of them.

    Parameters
    ----------
    codes : DataFrame of float, shape (n_comments, n_entries)
        Whether a comment carries an entry, in [0, 1]: 0 or 1, or the mean over coders. NaN throughout the rows that
        nobody coded. The coded rows are a simple random sample without replacement.
    scores : DataFrame of float, shape (n_comments, n_scores)
        The machine's fits; may have no column. Columns are entries where the names are equal.
    labels : Series of str, length n_comments
        The machine's decision about each comment.
    vectors : ndarray of shape (n_comments, n_dimensions), float32, or None
        Vectors of the comments.
    respondents : Series of str, length n_comments
        Who wrote each comment; see `pipeline.account.intervals.share_intervals`.
    beyond : bool
        Whether the comments are themselves a sample, so that the intervals are for those who might have answered.
        Otherwise the intervals are for the share of these comments that people would give the entry.
    seed : int
        How coded comments are dealt into folds.
    coders : sequence of DataFrame of float, shape (n_comments, n_entries)
        The codes of each coder where there are several, NaN where that coder coded nothing. They have the columns of
        `codes`. Their disagreement then widens the intervals.

    Returns
    -------
    Corrected
        What gives shares, differences and p-values.

    Raises
    ------
    ValueError
        Where the parts differ in rows or columns, or a row of `codes` is coded in part.

    Notes
    -----
    The difference estimator (Särndal, Swensson and Wretman 1992, doi:10.1007/978-1-4612-4378-6, chapter 6) with
    predictions of the codes, as in design-based supervised learning (Egami et al., arXiv:2306.04746). The predictions
    come from kernel ridge regression on the machine's standardised scores, its label, its probabilities and the
    vectors. They are cross-fitted in five folds (doi:10.1111/ectj.12097): no code helps to predict itself. An
    entry's predictions are weighted by the slope of its codes on them, in [0, 1], after PPI++
    (arXiv:2311.01453), so that useless predictions count for nothing. With fewer than `FEWEST_TO_LEARN` coded comments
    the predictions are the machine's probabilities, as in prediction-powered inference (doi:10.1126/science.adi6000).
    With fewer than `FEWEST_TO_TUNE` the coded sample stands alone.
    """
    for name, rows in (("scores", scores), ("labels", labels), ("respondents", respondents), ("vectors", vectors)):
        if rows is not None and len(rows) != len(codes):
            raise ValueError(f"{name} has {len(rows)} rows and codes {len(codes)}; give both a row for each comment.")
    if any(one.shape != codes.shape or list(one.columns) != list(codes.columns) for one in coders):
        raise ValueError("The codes of a coder differ in rows or columns from codes; give them the same.")
    values = codes.to_numpy(dtype=np.float64)
    missing = np.isnan(values)
    if (missing.any(axis=1) != missing.all(axis=1)).any():
        raise ValueError("codes has rows that are coded in part; give each row all its entries or none.")
    coded = np.flatnonzero(~missing.any(axis=1))
    if not FEWEST_TO_TUNE <= len(coded) < len(codes):
        predicted = np.zeros(values.shape)
    elif len(coded) >= FEWEST_TO_LEARN:
        predicted = _cross_fitted(_features(scores, labels, vectors), values[coded], coded, seed)
    else:
        predicted = _machine_probabilities(codes.columns, scores, labels)
    return Corrected(
        entries=tuple(map(str, codes.columns)),
        codes=values,
        predicted=predicted * _power_tuned(values[coded], predicted[coded]),
        respondents=respondent_codes(respondents),
        coders=tuple(one.to_numpy(dtype=np.float64) for one in coders),
        beyond=beyond,
    )


_ROUNDING = 1e-18
"""Squares of comments that are smaller are 0 but for rounding."""


@dataclass(frozen=True, eq=False)
class Corrected:
    """Corrected estimates; made by `corrected_estimates`.

    Attributes
    ----------
    entries : tuple of str
        The entries.
    codes : ndarray of shape (n_comments, n_entries), float64
        People's codes in [0, 1]; NaN in the rows that nobody coded.
    predicted : ndarray of shape (n_comments, n_entries), float64
        Predictions of the codes times the weight that they deserve; 0 where the coded sample stands alone.
    respondents : ndarray of shape (n_comments,), int64
        Equal for comments of one respondent.
    coders : tuple of ndarray of shape (n_comments, n_entries), float64
        The codes of each coder, where there are several.
    beyond : bool
        Whether the comments are themselves a sample.
    """

    entries: tuple[str, ...]
    codes: Numbers
    predicted: Numbers
    respondents: npt.NDArray[np.int64]
    coders: tuple[Numbers, ...]
    beyond: bool

    def shares(self, chosen: _Chosen | None = None, *, confidence: float = 0.95) -> pd.DataFrame:
        """Return the share of comments that people would give each entry.

        Parameters
        ----------
        chosen : ndarray of shape (n_comments,), bool, optional
            The comments that are meant; all where it is not given.
        confidence : float
            In (0, 1).

        Returns
        -------
        DataFrame
            The columns of `pipeline.account.intervals.share_intervals`, and coded: how many of the comments people
            coded. count is share times comments, a float. effective is for 95 % confidence and has the quantile of t
            in it, so that `share_ends` gives the interval; it is infinite where nothing is uncertain. low, high and
            effective are missing with fewer than two coded, and for a group with fewer than `FEWEST_IN_GROUP`, unless
            all are coded. The share is missing where nothing is coded.

        Notes
        -----
        Wilson's interval at the effective number of comments. The variance is (1 - n/N) s2/n of the residuals,
        where s2 has n - 2 degrees of freedom beside predictions. It is taken in proportion to that of the codes, and
        this proportion to hold for the estimated share: an entry never seen in the sample then has the interval of the
        coded sample alone. One comment that the predictions do not help with is added, since a sample may miss the
        few that the machine misreads. t has n - 1 degrees. Where the comments are themselves a sample, what
        `share_intervals` would give if all were coded is added. How alike comments of one respondent are is then
        told from the corrected comments, since their products over two comments have the mean of the codes' own.

        Coders are a sample of those who might have coded. Added are the variance of their means, and that of their
        readings of a comment as the second stage of two-stage sampling (Cochran 1977, Sampling Techniques, chapter
        10). Both come from two-way analysis of variance (doi:10.1037/0033-2909.86.2.420, case 2) of the comments that
        all of them coded, and are nothing where these are fewer than two.
        """
        return self._shares(_Part.of(self, chosen), confidence)

    def _shares(self, part: _Part, confidence: float) -> pd.DataFrame:
        effective = part.effective(confidence)
        low, high = share_ends(part.shares, effective, confidence=confidence)
        return pd.DataFrame(
            {
                "entry": list(self.entries),
                "comments": len(part.codes),
                "count": part.shares * len(part.codes),
                "share": part.shares,
                "low": low,
                "high": high,
                "effective": effective if confidence == 0.95 else part.effective(0.95),
                "coded": part.n_coded,
            }
        )

    def differences(self, in_group: _Chosen, rest: _Chosen | None = None, *, confidence: float = 0.95) -> pd.DataFrame:
        """Return how much more common each entry is in a group than in the rest.

        Parameters
        ----------
        in_group : ndarray of shape (n_comments,), bool
            The comments of the group.
        rest : ndarray of shape (n_comments,), bool, optional
            The comments that it is compared with; all others where it is not given.
        confidence : float
            In (0, 1).

        Returns
        -------
        DataFrame
            The columns of `shares` for the group; rest_comments, rest_count, rest_share, rest_effective, rest_coded;
            difference, difference_low and difference_high (group minus rest, in [-1, 1]).

        Notes
        -----
        Each group is corrected by its own coded comments, so that the two estimates are independent. The interval
        is that of a difference of means, with t at n - 2 degrees for all n coded. In simulations it holds its level
        and is narrower than Newcombe's, which is kept where all comments are coded, as in
        `pipeline.account.intervals.share_difference`. The variance of an entry that no or every coded comment of a
        group has is that of half a comment more, or less.
        """
        from scipy.stats import t

        parts = [_Part.of(self, chosen) for chosen in (in_group, ~in_group if rest is None else rest)]
        group, beside = (self._shares(part, confidence) for part in parts)
        difference = (group["share"] - beside["share"]).to_numpy()
        n_coded = sum(part.n_coded for part in parts)
        if n_coded == sum(len(part.codes) for part in parts):
            low, high = difference_interval(*_ends(group), *_ends(beside), correlation=0.0)
        else:
            half = t.ppf((1 + confidence) / 2, n_coded - 2) * np.sqrt(parts[0].variance + parts[1].variance)
            low, high = np.maximum(difference - half, -1.0), np.minimum(difference + half, 1.0)
        kept = ["comments", "count", "share", "effective", "coded"]
        return group.join(beside[kept].add_prefix("rest_")).assign(
            difference=difference, difference_low=low, difference_high=high
        )

    def p_value(self, in_group: _Chosen, rest: _Chosen | None = None) -> pd.Series[float]:
        """Return the p-value of no difference between a group and the rest, two-sided, by entry.

        Parameters
        ----------
        in_group, rest
            As in `differences`.

        Returns
        -------
        Series of float, length n_entries
            In [0, 1], by entry; missing where one of the two has no interval.

        Notes
        -----
        The score test of two independent shares at their effective numbers, which have the quantile of t in them.
        """
        from scipy.stats import norm

        both = self.differences(in_group, rest).set_index("entry")
        n, m = both["effective"], both["rest_effective"]
        pooled = ((both["share"] / m + both["rest_share"] / n) / (1 / n + 1 / m)).fillna(both["share"])
        error = np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
        apart = both["difference"].abs()
        # Where nothing is uncertain, or no comment carries the entry, the difference speaks for itself.
        p_values = pd.Series(2 * norm.sf(apart / error.where(error > 0)), both.index).where(
            error > 0, 1.0 * (apart == 0)
        )
        return p_values.where(error.notna())

    def pair(self, first: str, second: str, *, confidence: float = 0.95) -> tuple[float, float, float]:
        """Return how much more common one entry is than another; see `pipeline.account.intervals.paired_difference`."""
        found = self.shares(confidence=confidence).set_index("entry")
        one, other = (_ends(found.loc[[name]]) for name in (first, second))
        low, high = difference_interval(*one, *other, correlation=self.correlation(first, second))
        return float(one[0][0] - other[0][0]), float(low[0]), float(high[0])

    def correlation(self, first: str, second: str) -> float:
        """Return the correlation of the errors of two shares, in [-1, 1], as `pair` takes it.

        A positive one has Newcombe's correction; see `pipeline.account.intervals.pair_correlation`.
        """
        part = _Part.of(self, None)
        if not part.n_coded:
            return 0.0
        apart = part.over_people if self.beyond else part.residuals - part.residuals.mean(axis=0)
        apart = apart[:, [self.entries.index(name) for name in (first, second)]]
        spread = float(np.sqrt((apart**2).sum(axis=0).prod()))
        together = float((apart[:, 0] * apart[:, 1]).sum())
        # The correction is of a count: corrected comments weigh as many as they stand for.
        half = 0.5 * (len(part.codes) / part.n_coded) ** 2 if self.beyond else 0.5
        together = max(together - half, 0.0) if together > 0 else together
        # Of one respondent's comments what is left is rounding, and correlates with itself.
        return together / spread if spread > _ROUNDING else 0.0


@dataclass(frozen=True, eq=False)
class _Part:
    """The comments that are meant, of `Corrected`."""

    codes: Numbers
    predicted: Numbers
    respondents: npt.NDArray[np.int64]
    coders: tuple[Numbers, ...]
    beyond: bool
    fewest: int

    @classmethod
    def of(cls, whole: Corrected, chosen: _Chosen | None) -> _Part:
        rows = slice(None) if chosen is None else np.asarray(chosen, dtype=bool)
        respondents = np.unique(whole.respondents[rows], return_inverse=True)[1]
        coders = tuple(one[rows] for one in whole.coders)
        fewest = 2 if chosen is None else FEWEST_IN_GROUP
        codes = whole.codes[rows]
        # Where all are coded predictions add nothing but rounding.
        predicted = whole.predicted[rows] * np.isnan(codes).any()
        return cls(codes, predicted, respondents, coders, whole.beyond, fewest)

    @property
    def coded(self) -> _Chosen:
        return np.asarray(~np.isnan(self.codes).any(axis=1))

    @property
    def n_coded(self) -> int:
        return int(self.coded.sum())

    @property
    def residuals(self) -> Numbers:
        """How far the codes are from the predictions, of the coded comments."""
        return np.asarray((self.codes - self.predicted)[self.coded], dtype=np.float64)

    @property
    def shares(self) -> Numbers:
        if not self.n_coded:
            return np.full(self.codes.shape[1], np.nan)
        return np.asarray(np.clip(self.predicted.mean(axis=0) + self.residuals.mean(axis=0), 0.0, 1.0))

    @property
    def corrected(self) -> Numbers:
        """Corrected comments less their mean: a coded one stands for those like it that are not coded."""
        residuals = np.zeros(self.codes.shape)
        residuals[self.coded] = (self.residuals - self.residuals.mean(axis=0)) * (len(self.codes) / self.n_coded)
        return np.asarray(self.predicted - self.predicted.mean(axis=0) + residuals, dtype=np.float64)

    @property
    def over_people(self) -> Numbers:
        """The sum of the corrected comments of each respondent."""
        sums = np.zeros((self.respondents.max() + 1, self.codes.shape[1]))
        np.add.at(sums, self.respondents, self.corrected)
        return sums

    @property
    def variance(self) -> Numbers:
        """The variance of each share; missing where it has no interval."""
        carried, n = self.codes[self.coded].sum(axis=0), max(self.n_coded, 1)
        seen, likely = carried / n, (carried + 0.5) / (n + 1)
        spread = np.where(seen * (1 - seen) > 0, seen * (1 - seen) * n / max(n - 1, 1), likely * (1 - likely))
        return np.asarray(spread / self.effective(None), dtype=np.float64)

    def effective(self, confidence: float | None) -> Numbers:
        """Return of how many independent comments each share says as much, with the quantile of t if one is given."""
        n, total = self.n_coded, len(self.codes)
        if n < min(self.fewest, total) or not n:
            return np.full(self.codes.shape[1], np.nan)
        seen = self.codes[self.coded].mean(axis=0)
        varies = seen * (1 - seen)
        uncertain = np.zeros(len(varies))
        if n < total:
            freedom = np.where((self.predicted != 0).any(axis=0), n - 2.0, n - 1.0)
            squares = ((self.residuals - self.residuals.mean(axis=0)) ** 2).sum(axis=0)
            residual = _ratio(squares, varies * n / (n - 1), otherwise=freedom)
            worth = (residual + 1) / (freedom + 1)
            uncertain += (1 - n / total) * worth / n * _wider(n - 1, np.inf, confidence)
        uncertain += _ratio(self._of_readings(), varies, otherwise=0.0)
        if self.beyond:
            uncertain += 1 / self._effective_people(confidence)
        return _ratio(np.ones(len(varies)), uncertain, otherwise=np.inf)

    def _of_readings(self) -> Numbers:
        """Return the variance that comes from who coded, and how."""
        given = [~np.isnan(one).any(axis=1) & self.coded for one in self.coders]
        together = np.logical_and.reduce(given) if given else np.zeros(0, dtype=bool)
        if len(given) < 2 or together.sum() < 2:
            return np.zeros(self.codes.shape[1])
        read = np.stack([one[together] for one in self.coders])
        by_coder = read.mean(axis=1)
        apart = read - read.mean(axis=0) - by_coder[:, None] + by_coder.mean(axis=0)
        of_reading = (apart**2).sum(axis=(0, 1)) / ((len(given) - 1) * (together.sum() - 1))
        of_coder = np.maximum(by_coder.var(axis=0, ddof=1) - of_reading / together.sum(), 0.0)
        readings = np.sum(given, axis=0)[self.coded]
        by_whom = np.array([np.mean(one[self.coded] / np.maximum(readings, 1)) for one in given])
        # The first stage has the readings' variance but for the part that the finite population takes off.
        second = of_reading * np.mean(1 / np.maximum(readings, 1)) / len(self.codes)
        return np.asarray(of_coder * (by_whom**2).sum() + second, dtype=np.float64)

    def _effective_people(self, confidence: float | None) -> Numbers:
        """Return the effective number of comments as a sample, as `share_intervals` has it where all are coded."""
        total, sums, shares = len(self.codes), self.over_people, self.shares
        people = len(sums)
        if people in (1, total):
            return np.full(len(shares), float(people))
        factor = people / (people - 1)
        alike = factor * (sums**2).sum(axis=0) / total**2 - (self.corrected**2).sum(axis=0) / (total * (total - 1))
        varies = shares * (1 - shares)
        # Comments of one respondent are at most equal: the product of a few coded ones may say more.
        most = factor * np.bincount(self.respondents).max()
        design = np.clip(1 + _ratio(alike * (total - 1), varies, otherwise=0.0), 1.0, most)
        design = design * _wider(people - 1, total - 1, confidence)
        return np.where(varies > 0, total / design, float(people))


def _wider(freedom: int, beside: float, confidence: float | None) -> float:
    """Return what a variance with fewer degrees of freedom counts as beside one with more."""
    from scipy.stats import t

    if confidence is None:
        return 1.0
    few, many = t.ppf((1 + confidence) / 2, [freedom, beside])
    return float(few / many) ** 2


def _ratio(above: Numbers, below: Numbers, *, otherwise: Numbers | float) -> Numbers:
    return np.asarray(np.divide(above, below, out=np.zeros(len(below)) + otherwise, where=below > 0))


def _ends(shares: pd.DataFrame) -> tuple[Numbers, Numbers, Numbers]:
    share, low, high = (shares[name].to_numpy(dtype=np.float64) for name in ("share", "low", "high"))
    return share, low, high


def _features(scores: pd.DataFrame, labels: pd.Series[str], vectors: Vectors | None) -> Numbers:
    """Return what the codes are predicted from, scaled so that products of rows are the kernel."""
    fits = scores.to_numpy(dtype=np.float64)
    spread = fits.std(axis=0)
    standardised = (fits - fits.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    labelled = pd.get_dummies(labels.astype(str)).to_numpy(dtype=np.float64)
    read: Numbers = np.hstack([standardised, 2 * labelled, 2 * _chances(scores)]) / np.sqrt(fits.shape[1] + 2)
    if vectors is None:
        return read
    centred = vectors.astype(np.float64) - vectors.mean(axis=0, dtype=np.float64)
    return np.asarray(np.hstack([read, np.sqrt(_VECTOR_WEIGHT) * centred]))


def _cross_fitted(features: Numbers, codes: Numbers, coded: npt.NDArray[np.intp], seed: int) -> Numbers:
    """Predict the codes of all comments by kernel ridge regression; a coded one by the folds without it.

    Comments are dealt at random, whoever wrote them. Then a coded comment is predicted from a sample of the others as
    one that is not coded is: were respondents kept together, the sample's errors would be larger than the others'.
    """
    folds = np.random.default_rng(seed).permutation(len(coded)) % _FOLDS
    kernel = features @ features[coded].T
    predicted, unseen = np.zeros((len(features), codes.shape[1])), np.empty(codes.shape)
    for fold in range(_FOLDS):
        out = folds == fold
        mean = codes[~out].mean(axis=0)
        among = kernel[np.ix_(coded[~out], ~out)]
        slopes = np.linalg.solve(among + _PENALTY * np.eye(len(among)), codes[~out] - mean)
        found = mean + kernel[:, ~out] @ slopes
        unseen[out] = found[coded[out]]
        predicted += found * out.mean()
    predicted[coded] = unseen
    return predicted


def _machine_probabilities(entries: pd.Index[str], scores: pd.DataFrame, labels: pd.Series[str]) -> Numbers:
    """Return the machine's probability of each entry, or whether it is the label where it has no score."""
    chances = dict(zip(scores.columns, _chances(scores).T, strict=True))
    by_label = ((labels == entry).to_numpy(dtype=np.float64) for entry in entries)
    return np.column_stack([chances.get(entry, said) for entry, said in zip(entries, by_label, strict=True)])


def _chances(scores: pd.DataFrame) -> Numbers:
    fits = scores.to_numpy(dtype=np.float64)
    return probabilities(fits) if fits.shape[1] else fits


def _power_tuned(codes: Numbers, predicted: Numbers) -> Numbers:
    """Return the weight of each entry's predictions: the slope of the codes on them, in [0, 1]."""
    if not len(codes):
        return np.zeros(codes.shape[1])
    apart = predicted - predicted.mean(axis=0)
    slopes = _ratio((apart * codes).sum(axis=0), (apart**2).sum(axis=0), otherwise=0.0)
    return np.asarray(np.clip(slopes, 0.0, 1.0))
