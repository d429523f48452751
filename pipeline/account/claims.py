"""The account's checkable claims beside these data: supported, not supported, or beyond what the data can tell.

The rules are stated with the claims, in `pipeline.codebook.codebook`. Each sets an interval against what was
claimed, so that a claim fails only where the data are sure, and few data say neither.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Literal

import numpy as np
import pandas as pd

from pipeline.account.intervals import Numbers, paired_difference, share_difference, share_intervals
from pipeline.account.outlook import NOT_GIVEN
from pipeline.codebook.codebook import Claim, Codebook, DifferenceClaim, OrderClaim, ProminentClaim, ShareClaim

Verdict = Literal["supported", "not supported", "cannot tell"]

SUPPORTED: Verdict = "supported"
NOT_SUPPORTED: Verdict = "not supported"
CANNOT_TELL: Verdict = "cannot tell"

COLUMNS = (
    "claim", "kind", "statement", "note", "facet", "claimed", "estimate", "low", "high", "shown", "verdict", "reason",
    "n",
)  # fmt: skip


def check_claims(
    codebook: Codebook,
    carried: Mapping[str, pd.DataFrame],
    metadata: pd.DataFrame,
    respondents: pd.Series[str],
    *,
    confidence: float = 0.95,
    smallest_base: int = 10,
) -> pd.DataFrame:
    """Return what these data show of each claim of the codebook.

    Parameters
    ----------
    codebook : Codebook
        The account, with its claims and their rules.
    carried : mapping of str to DataFrame of bool, shape (n_comments, n_entries)
        For each facet ("themes" or a facet of the codebook), which comment carries which entry.
    metadata : DataFrame of str, n_comments rows
        What is known of each comment; "" where it is not given. Free text is given after
        `pipeline.account.groups.grouped`.
    respondents : Series of str, length n_comments
        Who wrote each comment; see `pipeline.account.intervals.share_intervals`.
    confidence : float
        In (0, 1); of the intervals that decide.
    smallest_base : int
        With fewer comments than this in a base (all, the group or the rest), a claim is not decided.

    Returns
    -------
    DataFrame
        A row for each claim: claim (its id), kind, statement, note, facet, claimed (in words), estimate, low, high,
        shown (a sentence), verdict, reason (a sentence: the rule with its numbers, or what is needed), n (the
        comments it was checked on; those of the group where the claim is of a difference). The estimate is a
        share in [0, 1] or a difference of shares in [-1, 1]: the group less the rest; the earlier entry less the
        later one, of the pair that the verdict of an order rests on. It is missing where nothing was checked.
    """
    evidence = _Evidence(codebook, carried, metadata, respondents, confidence, smallest_base)
    rows = []
    for claim in codebook.claims:
        found = _check(claim, evidence)
        values = (
            claim.id, claim.kind, claim.statement, claim.note, claim.facet, _claimed(claim, evidence), *found.interval,
            found.shown, found.verdict, found.reason, found.n,
        )  # fmt: skip
        rows.append(dict(zip(COLUMNS, values, strict=True)))
    claims = pd.DataFrame(rows, columns=list(COLUMNS))
    return claims.astype({"estimate": "float64", "low": "float64", "high": "float64", "n": "int64"})


@dataclass(frozen=True)
class _Evidence:
    codebook: Codebook
    carried: Mapping[str, pd.DataFrame]
    metadata: pd.DataFrame
    respondents: pd.Series[str]
    confidence: float
    smallest_base: int

    def any_of(self, facet: str, entries: Sequence[str]) -> pd.DataFrame:
        """Return one column: which comment carries any of the entries."""
        return self.carried[facet][list(entries)].any(axis=1).to_frame("any")

    def entry_ids(self, facet_id: str) -> tuple[str, ...]:
        facet = self.codebook.facet(facet_id)
        return self.codebook.theme_ids if facet is None else tuple(entry.id for entry in facet.themes)

    def name_of(self, facet_id: str, entry: str) -> str:
        facet = self.codebook.facet(facet_id)
        named = self.codebook.themes if facet is None else facet.themes
        return next((theme.name for theme in named if theme.id == entry), entry)

    def names_of(self, facet_id: str, entries: Sequence[str]) -> str:
        return " or ".join(f"'{self.name_of(facet_id, entry)}'" for entry in entries)

    @property
    def certainty(self) -> str:
        return f"{100 * self.confidence:g} % interval"


@dataclass(frozen=True)
class _Finding:
    verdict: Verdict
    reason: str
    shown: str = "Not checked."
    interval: tuple[float, float, float] = field(default=(float("nan"),) * 3)
    n: int = 0


def _check(claim: Claim, evidence: _Evidence) -> _Finding:
    needed = _needed(claim, evidence)
    if needed:
        return _Finding(CANNOT_TELL, needed)
    if isinstance(claim, ShareClaim):
        return _check_share(claim, evidence)
    if isinstance(claim, DifferenceClaim):
        return _check_difference(claim, evidence)
    if isinstance(claim, OrderClaim):
        return _check_order(claim, evidence)
    return _check_prominent(claim, evidence)


def _needed(claim: Claim, evidence: _Evidence) -> str:
    """Return what is wanting to check the claim at all, as a sentence, or ""."""
    if claim.facet not in evidence.carried:
        return f"Needed: comments matched with the facet '{claim.facet}'."
    entries = evidence.carried[claim.facet]
    lacking = [entry for entry in claim.entries if entry not in entries]
    if lacking:
        return f"Needed: comments matched with {evidence.names_of(claim.facet, lacking)} of '{claim.facet}'."
    if isinstance(claim, DifferenceClaim) and claim.column not in evidence.metadata:
        return f"Needed: a column '{claim.column}' among the metadata, with '{claim.group}' as one of its values."
    return _too_few(len(entries), "comments", evidence)


def _too_few(found: int, what: str, evidence: _Evidence) -> str:
    if found >= evidence.smallest_base:
        return ""
    return f"Needed: at least {evidence.smallest_base} {what}; there are {found}."


def _claimed(claim: Claim, evidence: _Evidence) -> str:
    if isinstance(claim, OrderClaim):
        return ", then ".join(f"'{evidence.name_of(claim.facet, entry)}'" for entry in claim.order)
    what = evidence.names_of(claim.facet, claim.entries)
    if isinstance(claim, ShareClaim):
        return f"{what}: {_percent(claim.value)} of comments"
    if isinstance(claim, DifferenceClaim):
        return f"{what}: {claim.direction} in '{claim.group}' than in the rest of '{claim.column}'"
    return f"{what}: at least {_percent(_common(claim, evidence))} of comments"


def _common(claim: ProminentClaim, evidence: _Evidence) -> float:
    if claim.at_least is not None:
        return claim.at_least
    return 1 / len(evidence.entry_ids(claim.facet))


def _share_of(claim: ShareClaim | ProminentClaim, evidence: _Evidence) -> tuple[tuple[float, float, float], str, int]:
    carried = evidence.any_of(claim.facet, claim.entries)
    row = share_intervals(carried, evidence.respondents, confidence=evidence.confidence).iloc[0]
    share, low, high = (float(row[column]) for column in ("share", "low", "high"))
    shown = (
        f"{evidence.names_of(claim.facet, claim.entries)}: {row['count']} of {len(carried)} comments, "
        f"{_percent(share)} ({evidence.certainty} {_percent(low)} to {_percent(high)})."
    )
    return (share, low, high), shown, len(carried)


def _check_share(claim: ShareClaim, evidence: _Evidence) -> _Finding:
    interval, shown, n = _share_of(claim, evidence)
    _, low, high = interval
    least, most = claim.value - claim.tolerance, claim.value + claim.tolerance
    band = f"{_points(claim.tolerance)} of the claimed {_percent(claim.value)}"
    if least <= low and high <= most:
        verdict, reason = SUPPORTED, f"The whole interval lies within {band}."
    elif high < least or most < low:
        verdict, reason = NOT_SUPPORTED, f"No part of the interval lies within {band}."
    else:
        verdict, reason = CANNOT_TELL, f"Only part of the interval lies within {band}. Needed: more comments."
    return _Finding(verdict, reason, shown, interval, n)


def _check_prominent(claim: ProminentClaim, evidence: _Evidence) -> _Finding:
    interval, shown, n = _share_of(claim, evidence)
    _, low, high = interval
    common = _common(claim, evidence)
    wanted = _percent(common)
    if claim.at_least is None:
        wanted += f" (one in {len(evidence.entry_ids(claim.facet))} entries; the claim gives no number)"
    if low > common:
        return _Finding(SUPPORTED, f"The whole interval lies above {wanted}.", shown, interval, n)
    if high < common:
        return _Finding(NOT_SUPPORTED, f"The whole interval lies below {wanted}.", shown, interval, n)
    return _Finding(CANNOT_TELL, f"The interval includes {wanted}. Needed: more comments.", shown, interval, n)


def _check_difference(claim: DifferenceClaim, evidence: _Evidence) -> _Finding:
    groups = evidence.metadata[claim.column].fillna("").map(_folded)
    given = ~groups.isin(["", NOT_GIVEN])
    chosen = groups == _folded(claim.group)
    n_group, n_rest = int(chosen.sum()), int((given & ~chosen).sum())
    needed = _too_few(n_group, f"comments with '{claim.group}' in '{claim.column}'", evidence)
    needed = needed or _too_few(
        n_rest, f"comments with another value than '{claim.group}' in '{claim.column}'", evidence
    )
    if needed:
        return _Finding(CANNOT_TELL, needed, n=n_group)
    used = given.to_numpy()
    carried = evidence.any_of(claim.facet, claim.entries)
    row = share_difference(
        carried[used], chosen[used], evidence.respondents[used], confidence=evidence.confidence
    ).iloc[0]
    interval = tuple(float(row[column]) for column in ("difference", "difference_low", "difference_high"))
    difference, low, high = interval
    shown = (
        f"{evidence.names_of(claim.facet, claim.entries)}: {row['count']} of {n_group} comments in '{claim.group}' "
        f"({_percent(row['share'])}), {row['rest_count']} of {n_rest} in the rest ({_percent(row['rest_share'])}); "
        f"a difference of {_points(difference)} ({evidence.certainty} {_signed(low)} to {_signed(high)})."
    )
    # Turned so that the claimed side is the positive one.
    least, most = (low, high) if claim.direction == "higher" else (-high, -low)
    if most <= 0:
        verdict, reason = NOT_SUPPORTED, f"The whole interval lies on the side of zero that is not '{claim.direction}'."
    elif -claim.margin <= least and most <= claim.margin:
        verdict, reason = NOT_SUPPORTED, f"The whole interval lies within {_points(claim.margin)} of zero."
    elif least > 0:
        verdict, reason = SUPPORTED, f"The whole interval lies on the side of zero that is '{claim.direction}'."
    else:
        verdict, reason = CANNOT_TELL, "The interval includes zero. Needed: more comments."
    return _Finding(verdict, reason, shown, (difference, low, high), n_group)


def _check_order(claim: OrderClaim, evidence: _Evidence) -> _Finding:
    pairs = list(combinations(claim.order, 2))
    # Support needs every pair, so that one interval each is enough. One pair is enough against the claim, and
    # among many pairs one looks reversed by chance: those intervals are wider (Bonferroni).
    wider = 1 - (1 - evidence.confidence) / len(pairs)
    differences = _pair_differences(claim, evidence, evidence.confidence)
    reversed_at = _pair_differences(claim, evidence, wider)
    certainty = evidence.certainty
    at = int(differences[:, 1].argmin())
    slack = f" by more than {_points(claim.tolerance)}" if claim.tolerance else ""
    if reversed_at[:, 2].min() < -claim.tolerance:
        differences, at = reversed_at, int(reversed_at[:, 2].argmin())
        certainty = f"{100 * wider:.3g} % interval, as one of {len(pairs)} pairs"
        verdict = NOT_SUPPORTED
    else:
        verdict = SUPPORTED if differences[at, 1] >= -claim.tolerance else CANNOT_TELL
    earlier, later = (f"'{evidence.name_of(claim.facet, entry)}'" for entry in pairs[at])
    reason = {
        NOT_SUPPORTED: f"The whole interval has {later} more common{slack} than {earlier}, which the claim has first.",
        SUPPORTED: f"In no pair does the interval allow that the later entry is more common{slack}.",
        CANNOT_TELL: f"The interval allows that {later} is more common{slack} than {earlier}. Needed: more comments.",
    }[verdict]
    carried = evidence.carried[claim.facet]
    shares = ", ".join(
        f"'{evidence.name_of(claim.facet, entry)}' {_percent(carried[entry].mean())}" for entry in claim.order
    )
    difference, low, high = (float(value) for value in differences[at])
    shown = (
        f"Of {len(carried)} comments: {shares}. {earlier} less {later}: {_points(difference)} "
        f"({certainty} {_signed(low)} to {_signed(high)})."
    )
    return _Finding(verdict, reason, shown, (difference, low, high), len(carried))


def _pair_differences(claim: OrderClaim, evidence: _Evidence, confidence: float) -> Numbers:
    """Return how much more common the earlier entry of each pair is, with the interval, shape (n_pairs, 3)."""
    carried = evidence.carried[claim.facet]
    return np.array(
        [
            paired_difference(carried, earlier, later, evidence.respondents, confidence=confidence)
            for earlier, later in combinations(claim.order, 2)
        ]
    )


def _folded(value: str) -> str:
    return " ".join(value.casefold().split())


def _percent(share: float) -> str:
    return f"{100 * share:.1f}".removesuffix(".0") + " %"


def _signed(difference: float) -> str:
    return f"{100 * difference:+z.1f}"


def _points(difference: float) -> str:
    return f"{100 * difference:z.1f}".removesuffix(".0") + " percentage points"
