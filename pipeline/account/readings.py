"""What figures rest on: people's codes of all comments, a coded sample that corrects the machine, or the machine alone.

The three are never mixed, and every table says which it is. A machine's reading that nobody has checked has shares but
no interval: how often it errs is not known, and more comments make it no less wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.account.intervals import share_ends, share_intervals
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
        The name of the first coder; "" where nobody coded.
    """

    kind: str
    carried: pd.DataFrame
    others: tuple[pd.DataFrame, ...] = ()
    by: str = ""
    leading: str = ""

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
            As `share_intervals` gives it. A machine's unchecked reading has no interval: low, high and effective are
            missing. Where several coders coded all comments, what divides them makes the effective number smaller.

        Notes
        -----
        Coders are taken as a sample of those who might have coded. The variance of their shares is added to that of
        the respondents, as the variance between clusters is in two-stage sampling (Cochran, Sampling Techniques, 1977,
        chapter 10).
        """
        found = share_intervals(self.carried[chosen], respondents[chosen], confidence=confidence)
        if self.kind == UNCHECKED:
            return found.assign(low=np.nan, high=np.nan, effective=np.nan)
        if not self.others or not chosen.any():
            return found
        by_coder = np.array([one[chosen].mean(axis=0) for one in (self.carried, *self.others)])
        share, effective = found["share"].to_numpy(), found["effective"].to_numpy()
        # Of none or all, as of one more each: a coder who saw one more would make any interval the widest.
        near = (share * effective + 1) / (effective + 2)
        spread = near * (1 - near)
        effective = spread / (spread / effective + by_coder.var(axis=0, ddof=1))
        return _with_ends(found.assign(effective=effective), confidence)

    def any_of(self, entries: Sequence[str]) -> Reading:
        """Return the same for whether a comment carries any of some entries."""
        return self.map(lambda carried: carried[list(entries)].any(axis=1).to_frame("any"))

    def map(self, change: Callable[[pd.DataFrame], pd.DataFrame]) -> Reading:
        """Return the same for what a function makes of who carries what."""
        return replace(self, carried=change(self.carried), others=tuple(map(change, self.others)))


Readings = Mapping[str, Reading]
"""For each facet, "themes" and "topics" among them, how the comments were read."""


def _with_ends(shares: pd.DataFrame, confidence: float) -> pd.DataFrame:
    low, high = share_ends(shares["share"].to_numpy(), shares["effective"].to_numpy(), confidence=confidence)
    return shares.assign(low=low, high=high)


def theme_reading(machine: pd.DataFrame, coders: Sequence[Coder], codebook: Codebook) -> Reading:
    """Return how the comments' themes were read.

    Parameters
    ----------
    machine : DataFrame of bool, shape (n_comments, n_themes)
        Which comment carries which theme by the machine.
    coders : sequence of Coder
        People's codes, row by row as `machine`.
    codebook : Codebook
        The themes.
    """
    complete = [coder for coder in coders if (coder.main.str.strip() != "").all()]
    return _reading(machine, [(coder, coded_themes(coder, codebook)) for coder in complete])


def outlook_reading(machine: pd.DataFrame, coders: Sequence[Coder], outlook: Facet) -> Reading:
    """Return how the comments' outlook was read; parameters as for `theme_reading`."""
    complete = [
        (coder, codes_to_themes(coder.outlook, outlook.themes)) for coder in coders
        if coder.outlook is not None and (coder.outlook.str.strip() != "").all()
    ]  # fmt: skip
    return _reading(machine, [(coder, one_of_each(codes, list(machine.columns))) for coder, codes in complete])


def coded_themes(coder: Coder, codebook: Codebook) -> pd.DataFrame:
    """Return which comments have which theme as main or further code, as a DataFrame of bool."""
    coded = pd.concat([codes_to_themes(codes, codebook.themes) for codes in (coder.main, *coder.further)], axis=1)
    return pd.DataFrame({theme: (coded == theme).any(axis=1) for theme in codebook.theme_ids}, dtype=bool)


def said_of(coders: Sequence[Coder]) -> str:
    """Return who coded, as a text says it, such as "coder_1 and coder_2 (language models)"."""
    names = [coder.name for coder in coders]
    said = " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
    if coders[0].kind == "person":
        return said
    return f"{said} ({'a language model' if len(names) == 1 else 'language models'})"


def _reading(machine: pd.DataFrame, complete: Sequence[tuple[Coder, pd.DataFrame]]) -> Reading:
    """Return the reading by those who coded all comments, people before models; the machine's where there are none."""
    coded = [one for one in complete if one[0].sample == "all"]
    chosen = [one for one in coded if one[0].kind == "person"] or coded
    if not len(machine) or not chosen:
        return Reading(UNCHECKED, machine)
    first, *others = (carried for _, carried in chosen)
    return Reading(CODED, first, tuple(others), said_of([coder for coder, _ in chosen]), chosen[0][0].name)


def reading_of(table: pd.DataFrame) -> tuple[str, str]:
    """Return what the shares of a table of prevalence rest on, and who coded."""
    given = table[table["reading"].fillna("") != ""]
    return (str(given["reading"].iloc[0]), str(given["by"].iloc[0])) if len(given) else (UNCHECKED, "")
