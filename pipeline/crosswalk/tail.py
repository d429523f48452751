"""The upper tail of a null distribution: what chance a value has that no draw, or few, reach."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from pipeline.crosswalk.fit import Scores

_TAIL = 0.1
_FEW = 10
_LEAST_P = 1e-6
_NO_SPREAD = 1e-9
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Tail:
    """The upper tail of a null distribution, smooth beyond what the draws resolve.

    Attributes
    ----------
    draws : ndarray of shape (n_draws,), float64
        In ascending order.
    threshold, shape, scale : float
        A generalised Pareto distribution of what exceeds the threshold, a tenth of the draws; shape is at least 0,
        and scale is 0 where that tenth is all of one value, so that nothing can be said beyond it.
    """

    draws: Scores
    threshold: float
    shape: float
    scale: float

    @classmethod
    def of(cls, draws: Scores) -> Tail:
        """Fit the tail of some draws, at least one.

        The tail is never shorter than an exponential one. Half a hundred draws often suggest a tail that ends, and
        beyond its end every value would be as significant as can be: in simulations from a normal distribution
        a value came below 0.0001 ten times as often as that, and matrices of noise had a match three times as often
        as the rate that was asked for.
        """
        return _tail_of(np.sort(draws).tobytes())

    def p_values(self, values: Scores) -> Scores:
        """Return for each value the chance of a draw at least as large, in [1e-6, 1].

        Where fewer than ten draws reach a value, the chance is read from the fitted tail (Knijnenburg et al.
        2009, doi:10.1093/bioinformatics/btp211): 500 draws alone could show none below 0.002.
        """
        n = len(self.draws)
        reached = n - np.searchsorted(self.draws, values, side="left")
        counted = (1.0 + reached) / (1.0 + n)
        if self.scale > 0:
            from scipy.stats import genpareto

            beyond = _TAIL * genpareto.sf(values - self.threshold, self.shape, loc=0.0, scale=self.scale)
            read = (reached < _FEW) & (values >= self.threshold)
            counted = np.where(read, np.minimum(beyond, counted), counted)
        return np.asarray(np.clip(counted, _LEAST_P, 1.0))

    def value_at(self, p: float) -> float:
        """Return the least value whose `p_values`, but for rounding, is at most `p`; infinite where none is."""
        allowed = int(np.floor(p * (1 + len(self.draws)) + _ROUNDING)) - 1
        least = self._above(allowed)
        if self.scale > 0:
            from scipy.stats import genpareto

            fitted = self.threshold + genpareto.isf(min(p / _TAIL, 1.0), self.shape, loc=0.0, scale=self.scale)
            least = min(least, max(float(fitted), self._above(_FEW - 1)))
        return least

    def _above(self, reached: int) -> float:
        """Return the least value that at most so many draws reach."""
        if reached < 0:
            return float("inf")
        if reached >= len(self.draws):
            return float("-inf")
        return float(np.nextafter(self.draws[-1 - reached], np.inf))


# The codebook and each decoy are held against the same draws, those of all topics in turn: fewer places than there are
# topics would keep none of them.
@lru_cache(maxsize=4_096)
def _tail_of(ordered: bytes) -> Tail:
    from scipy.stats import genpareto

    draws = np.frombuffer(ordered, dtype=np.float64)
    count = max(int(_TAIL * len(draws)), 1)
    threshold = float(draws[-count - 1 :][:2].mean())
    beyond = draws[-count:] - threshold
    if beyond.max() <= _NO_SPREAD:
        return Tail(draws, threshold, 0.0, 0.0)
    shape, _, scale = genpareto.fit(beyond, floc=0.0)
    if shape < 0:
        shape, scale = 0.0, beyond.mean()
    return Tail(draws, threshold, float(shape), float(scale))
