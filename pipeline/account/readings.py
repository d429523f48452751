"""What figures rest on: people's codes of all comments, a coded sample that corrects the machine, or the machine alone.

The three are never mixed, and every table says which it is. A machine's reading that nobody has checked has shares but
no interval: how often it errs is not known, and more comments make it no less wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.account.estimates import Corrected
from pipeline.account.intervals import pair_correlation, share_ends, share_intervals
from pipeline.codebook.codebook import Codebook, Facet
from pipeline.codebook.codes import Coder, codes_to_themes
from pipeline.crosswalk.membership import one_of_each

CODED = "coded"
"""Every comment was coded."""

CORRECTED = "corrected"
"""A random sample was coded, and corrects the machine's reading of all."""

UNCHECKED = "machine reading, unchecked"
"""Nobody coded, or not all and no random sample."""

IN_TOPICS = "topics"
"""Which topic a comment is in: what the program made, and so no reading that can be wrong."""

_Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Sample:
    """People's codes of a random sample of the comments, and what corrects the machine's reading by them.

    Attributes
    ----------
    codes : DataFrame of float, shape (n_comments, n_entries)
        Whether a comment carries an entry, the mean over its coders; NaN where nobody coded.
    coders : tuple of DataFrame of float
        The same by each coder, where there are several.
    correct : callable
        Takes `codes` and `coders` and returns the corrected estimates.
    """

    codes: pd.DataFrame
    coders: tuple[pd.DataFrame, ...]
    correct: Callable[[pd.DataFrame, tuple[pd.DataFrame, ...]], Corrected]

    @property
    def n_coded(self) -> int:
        """How many comments were coded."""
        return int(self.codes.notna().any(axis=1).sum())

    @cached_property
    def corrected(self) -> Corrected:
        """The corrected estimates."""
        return self.correct(self.codes, self.coders)

    def map(self, change: Callable[[pd.DataFrame], pd.DataFrame]) -> Sample:
        """Return the same for what a function makes of who carries what; see `Reading.map`."""
        own = [_changed(one, change) for one in (self.coders or (self.codes,))]
        return Sample(_mean(own) if self.coders else own[0], tuple(own) if self.coders else (), self.correct)


@dataclass(frozen=True)
class Reading:
    """How the comments were read by one question, such as that of their themes.

    Attributes
    ----------
    kind : str
        `CODED`, `CORRECTED`, `UNCHECKED` or `IN_TOPICS`.
    carried : DataFrame of bool, shape (n_comments, n_entries)
        Which comment carries which entry: by the first coder's codes where it is coded, else by the machine.
    others : tuple of DataFrame of bool
        The same by each further coder who coded all comments.
    by : str
        Who coded, as a text says it; "" where nobody did.
    leading : str
        The name of the first coder who coded all comments; "" where nobody did.
    sample : Sample or None
        Where the machine's reading is corrected, by what.
    together : ndarray of bool, shape (n_comments,), or None
        Where coders shared the comments out, those that each of them coded: what divides the coders shows there. None
        where each coded all.
    """

    kind: str
    carried: pd.DataFrame
    others: tuple[pd.DataFrame, ...] = ()
    by: str = ""
    leading: str = ""
    sample: Sample | None = None
    together: _Flags | None = None

    @property
    def n_coded(self) -> int:
        """How many comments people coded of those that the figures rest on."""
        if self.sample is not None:
            return self.sample.n_coded
        return len(self.carried) if self.kind == CODED else 0

    def shares(self, chosen: _Flags, respondents: pd.Series[str], *, confidence: float = 0.95) -> pd.DataFrame:
        """Return the share of each entry among some of the comments.

        Parameters
        ----------
        chosen : ndarray of bool, shape (n_comments,)
            Which comments.
        respondents : Series of str, length n_comments
            Who wrote each comment; see `pipeline.account.intervals.share_intervals`.
        confidence : float
            In (0, 1).

        Returns
        -------
        DataFrame
            As `share_intervals` gives it. Where the share is corrected, count is missing; where too few comments were
            coded for an interval, so is the share. A machine's unchecked reading has no interval: low, high and
            effective are missing. Where several coders coded all comments, what divides them makes the effective number
            smaller.

        Notes
        -----
        Coders are taken as a sample of those who might have coded. The variance of their shares is added to that of
        the respondents, as the variance between clusters is in two-stage sampling (Cochran, Sampling Techniques, 1977,
        chapter 10).
        """
        if self.sample is not None:
            found = self.sample.corrected.shares(chosen, confidence=confidence).drop(columns="coded")
            # Of a group with a handful of codes an estimate may be anything: without an interval it says nothing.
            known = found["share"].where(found["low"].notna())
            return found.assign(share=known, count=pd.array([pd.NA] * len(found), dtype="Int64"))
        found = share_intervals(self.carried[chosen], respondents[chosen], confidence=confidence)
        if self.kind == UNCHECKED:
            return found.assign(low=np.nan, high=np.nan, effective=np.nan)
        by_all = chosen if self.together is None else chosen & self.together
        if not self.others or not by_all.any():
            return found
        by_coder = np.array([one[by_all].mean(axis=0) for one in (self.carried, *self.others)])
        share, effective = found["share"].to_numpy(), found["effective"].to_numpy()
        # Of none or all, as of one more each: a coder who saw one more would make any interval the widest.
        near = (share * effective + 1) / (effective + 2)
        spread = near * (1 - near)
        effective = spread / (spread / effective + by_coder.var(axis=0, ddof=1))
        return _with_ends(found.assign(effective=effective), confidence)

    def compared(self, chosen: _Flags, rest: _Flags) -> pd.DataFrame:
        """Return how corrected shares of some comments differ from those of others; no columns where nothing is.

        Parameters
        ----------
        chosen, rest : ndarray of bool, shape (n_comments,)
            Which comments are compared with which.

        Returns
        -------
        DataFrame
            difference_low, difference_high and p_value of each entry.
        """
        if self.sample is None:
            return pd.DataFrame(index=range(self.carried.shape[1]))
        found = self.sample.corrected.differences(chosen, rest)[["difference_low", "difference_high"]]
        return found.assign(p_value=self.sample.corrected.p_value(chosen, rest).to_numpy())

    def any_of(self, entries: Sequence[str]) -> Reading:
        """Return the same for whether a comment carries any of some entries."""
        return self.map(lambda carried: carried[list(entries)].any(axis=1).to_frame("any"))

    def map(self, change: Callable[[pd.DataFrame], pd.DataFrame]) -> Reading:
        """Return the same for what a function makes of who carries what."""
        sample = None if self.sample is None else self.sample.map(change)
        return replace(self, carried=change(self.carried), others=tuple(map(change, self.others)), sample=sample)

    def correlation(self, first: str, second: str, respondents: pd.Series[str]) -> float:
        """Return how far two shares go together, in [-1, 1]; see `pipeline.account.intervals.pair_correlation`."""
        if self.sample is not None:
            return self.sample.corrected.correlation(first, second)
        return pair_correlation(self.carried, first, second, respondents)


Readings = Mapping[str, Reading]
"""For each facet, "themes" and "topics" among them, how the comments were read."""


def _with_ends(shares: pd.DataFrame, confidence: float) -> pd.DataFrame:
    low, high = share_ends(shares["share"].to_numpy(), shares["effective"].to_numpy(), confidence=confidence)
    return shares.assign(low=low, high=high)


def theme_reading(
    machine: pd.DataFrame, coders: Sequence[Coder], codebook: Codebook, correct: Correct | None = None
) -> Reading:
    """Return how the comments' themes were read.

    Parameters
    ----------
    machine : DataFrame of bool, shape (n_comments, n_themes)
        Which comment carries which theme by the machine.
    coders : sequence of Coder
        People's codes, row by row as `machine`.
    codebook : Codebook
        The themes.
    correct : callable, optional
        Makes corrected estimates of a coded sample; without it a sample corrects nothing.
    """
    given = [(coder, coded_themes(coder, codebook), coder.main.str.strip() != "") for coder in coders]
    return _reading(machine, given, correct)


def outlook_reading(
    machine: pd.DataFrame, coders: Sequence[Coder], outlook: Facet, correct: Correct | None = None
) -> Reading:
    """Return how the comments' outlook was read; parameters as for `theme_reading`."""
    codes = [(coder, codes_to_themes(coder.outlook, outlook.themes)) for coder in coders if coder.outlook is not None]
    given = [(coder, one_of_each(said, list(machine.columns)), said != "") for coder, said in codes]
    return _reading(machine, given, correct)


def coded_themes(coder: Coder, codebook: Codebook) -> pd.DataFrame:
    """Return which comments have which theme as main or further code, as a DataFrame of bool."""
    coded = pd.concat([codes_to_themes(codes, codebook.themes) for codes in (coder.main, *coder.further)], axis=1)
    return pd.DataFrame({theme: (coded == theme).any(axis=1) for theme in codebook.theme_ids}, dtype=bool)


Correct = Callable[[pd.DataFrame, tuple[pd.DataFrame, ...]], Corrected]
_Given = tuple[Coder, pd.DataFrame, "pd.Series[bool]"]
"""A coder, what the coder's codes say of each comment, and which comments the coder coded."""

_FEWEST = 2
_HALF = 0.5


def said_of(coders: Sequence[Coder]) -> str:
    """Return who coded, as a text says it, such as "coder_1 and coder_2 (language models)"."""
    names = [coder.name for coder in coders]
    said = " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
    if coders[0].kind == "person":
        return said
    return f"{said} ({'a language model' if len(names) == 1 else 'language models'})"


def _reading(machine: pd.DataFrame, given: Sequence[_Given], correct: Correct | None) -> Reading:
    """Return the best reading that there is: people's before models', of all comments before that of a sample."""
    for kind in ("person", "model"):
        of_kind = [one for one in given if one[0].kind == kind and one[2].any()]
        complete = [one for one in of_kind if one[2].all()]
        if complete:
            first, *others = (carried for _, carried, _ in complete)
            coders = [coder for coder, *_ in complete]
            return Reading(CODED, first, tuple(others), said_of(coders), coders[0].name)
        drawn = [one for one in of_kind if one[0].sample == "random"]
        if drawn and np.any([coded for *_, coded in drawn], axis=0).all():
            return _shared_out(drawn)
        if drawn and correct is not None:
            frames = [carried.astype(float).where(coded, axis=0) for _, carried, coded in drawn]
            codes = _mean(frames)
            if codes.notna().any(axis=1).sum() >= _FEWEST:
                own = tuple(frames) if len(frames) > 1 else ()
                return Reading(CORRECTED, machine, (), said_of([one[0] for one in drawn]), "",
                               Sample(codes, own, correct))  # fmt: skip
    return Reading(UNCHECKED, machine)


def _shared_out(drawn: Sequence[_Given]) -> Reading:
    """Return the reading of coders who coded all comments between them: of each comment that of the first who did."""
    codes = [carried.astype(float).where(coded, axis=0) for _, carried, coded in drawn]
    by_all = np.all([coded for *_, coded in drawn], axis=0)

    def led_by(place: int) -> pd.DataFrame:
        filled = codes[place]
        for one in codes:
            filled = filled.fillna(one)
        return filled > _HALF

    others = tuple(led_by(place) for place in range(1, len(drawn))) if by_all.sum() >= _FEWEST else ()
    return Reading(CODED, led_by(0), others, said_of([one[0] for one in drawn]), together=by_all if others else None)


def _changed(codes: pd.DataFrame, change: Callable[[pd.DataFrame], pd.DataFrame]) -> pd.DataFrame:
    coded = codes.notna().any(axis=1)
    return change(codes[coded] > _HALF).astype(float).reindex(codes.index)


def _mean(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the mean over those who coded a comment; NaN where nobody did."""
    stacked = np.array([one.to_numpy(dtype=np.float64) for one in frames])
    n = (~np.isnan(stacked)).sum(axis=0)
    with np.errstate(invalid="ignore"):
        return pd.DataFrame(np.where(n > 0, np.nansum(stacked, axis=0) / n, np.nan), frames[0].index, frames[0].columns)


def unused_codes(readings: Iterable[Reading], coders: Sequence[Coder]) -> list[str]:
    """Return a sentence for each coder whose codes no figure rests on, though all comments were to be coded."""
    if all(one.kind != UNCHECKED for one in readings):
        return []
    return [
        # How many were left out may be a small count.
        f"{coder.name} left some comments without a code, so that no figure rests on these codes. It would where every "
        "comment had a code, or where the coded comments were drawn at random (sample: random)."
        for coder in coders
        if coder.sample == "all" and (coder.main.str.strip() == "").any() and (coder.main.str.strip() != "").any()
    ]


def reading_of(table: pd.DataFrame) -> tuple[str, str]:
    """Return what the shares of a table of prevalence rest on, and who coded."""
    given = table[table["reading"].fillna("") != ""]
    return (str(given["reading"].iloc[0]), str(given["by"].iloc[0])) if len(given) else (UNCHECKED, "")
