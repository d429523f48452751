"""The account's checkable claims beside these data: supported, not supported, or beyond what the data can tell.

What a claim needs is counted first, as data; what the counts say of it follows from them by one function, which works
on rounded counts as it does on exact ones; and the sentences are written last. The rules are stated with the claims, in
`pipeline.codebook.codebook`. Each sets an interval against what was claimed, so that a claim fails only where the data
are sure, and few data say neither.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.account.intervals import FEWEST_PLANNED, comments_to_code, difference_interval, share_ends
from pipeline.account.outlook import NOT_GIVEN
from pipeline.account.readings import CORRECTED, UNCHECKED, Reading, Readings
from pipeline.codebook.codebook import Claim, Codebook, DifferenceClaim, OrderClaim, ProminentClaim, ShareClaim
from pipeline.tables.numbers import percent, percent_range, points, points_range
from pipeline.tables.schema import made

Verdict = Literal["supported", "not supported", "cannot tell", "not checked", "no number"]

SUPPORTED: Verdict = "supported"
NOT_SUPPORTED: Verdict = "not supported"
CANNOT_TELL: Verdict = "cannot tell"
NOT_CHECKED: Verdict = "not checked"
"""Nobody coded comments: a machine's reading decides nothing."""
NO_NUMBER: Verdict = "no number"
"""The claim says that something is common and not how common: its row says up to which share it holds."""

HIDDEN = "Hidden: small counts."
"""What stands in the place of a sentence whose counts may not be shown."""

_ONE_SIDED = 0.9
_HALF_WIDTH, _TENS = 0.05, 10
_Row = Mapping[Hashable, Any]
_Ends = tuple[float, float, float]
_NOTHING: _Ends = (float("nan"),) * 3


def count_for_claims(
    codebook: Codebook,
    readings: Readings,
    groups: Mapping[str, pd.Series[str]],
    respondents: pd.Series[str],
) -> pd.DataFrame:
    """Count what each claim of the codebook needs.

    Parameters
    ----------
    codebook : Codebook
        The account, with its claims and their rules.
    readings : mapping of str to Reading
        For each facet ("themes" or a facet of the codebook), how the comments were read.
    groups : mapping of str to Series of str, length n_comments
        The group of each comment by each metadata column; see `pipeline.account.groups.grouped_columns`.
    respondents : Series of str, length n_comments
        Who wrote each comment; see `pipeline.account.intervals.share_intervals`.

    Returns
    -------
    DataFrame
        A row for each share that a claim needs: claim (its id), facet, reading (its kind), entries (list of ids, any of
        which counts), column and group ("" for all comments), comments (the base), count (missing where the share is
        corrected), share, effective (the effective number of comments), the same of the rest for a difference, to_code
        (missing; the stage fills in how many comments to code), correlations (for an order: with each later entry, list
        of float in [-1, 1]), lacking ("facet", "entries" or "column" where the claim cannot be counted; its entries are
        then those that are wanting).
    """
    rows: list[dict[str, Any]] = []
    for claim in codebook.claims:
        base = {
            "claim": claim.id,
            "facet": claim.facet,
            "reading": "",
            "column": "",
            "group": "",
            "correlations": [],
            "lacking": "",
        }
        lacking, entries = _lacking(claim, readings, groups)
        if lacking:
            rows.append({**base, "entries": entries, "lacking": lacking})
            continue
        reading, everyone = readings[claim.facet], np.ones(len(respondents), dtype=bool)
        base["reading"] = reading.kind
        if isinstance(claim, OrderClaim):
            for place, entry in enumerate(claim.order):
                later = [reading.correlation(entry, other, respondents) for other in claim.order[place + 1 :]]
                rows.append({**base, **_counted(reading, [entry], everyone, respondents), "correlations": later})
        elif isinstance(claim, DifferenceClaim):
            group_of = groups[claim.column].astype(str)
            given = (group_of != NOT_GIVEN).to_numpy()
            chosen = (group_of.map(_folded) == _folded(claim.group)).to_numpy() & given
            found = _counted(reading, claim.entries, chosen, respondents)
            rest = _counted(reading, claim.entries, given & ~chosen, respondents)
            beside = {f"rest_{name}": rest[name] for name in ("comments", "count", "share", "effective")}
            # As the tables of groups write it, so that the two can be known for one.
            name = next(iter(group_of[chosen]), claim.group)
            rows.append({**base, **found, **beside, "column": claim.column, "group": name})
        else:
            rows.append({**base, **_counted(reading, claim.entries, everyone, respondents)})
    return made("claim_counts", rows)


def _lacking(claim: Claim, readings: Readings, groups: Mapping[str, pd.Series[str]]) -> tuple[str, list[str]]:
    if claim.facet not in readings:
        return "facet", []
    wanting = [entry for entry in claim.entries if entry not in readings[claim.facet].carried]
    if wanting:
        return "entries", wanting
    return ("column" if isinstance(claim, DifferenceClaim) and claim.column not in groups else ""), list(claim.entries)


def _counted(
    reading: Reading, entries: Sequence[str], chosen: npt.NDArray[np.bool_], respondents: pd.Series[str]
) -> dict[str, Any]:
    found = reading.any_of(entries).shares(chosen, respondents).iloc[0]
    return {"entries": list(entries), **{name: found[name] for name in ("comments", "count", "share", "effective")}}


def judge_claims(
    codebook: Codebook, figures: pd.DataFrame, *, confidence: float = 0.95, smallest_base: int = 10
) -> pd.DataFrame:
    """Return what the counts say of each claim of the codebook.

    Parameters
    ----------
    codebook : Codebook
        The account, with its claims and their rules.
    figures : DataFrame
        As `count_for_claims` gives them, with exact or with rounded counts. A claim one of whose counts is missing has
        no figures, no sentence and the verdict "cannot tell". Where a correlation is missing, the lowest that the two
        shares allow is taken, which gives the widest interval.
    confidence : float
        In (0, 1); of the intervals that decide.
    smallest_base : int
        With fewer comments than this in a base (all, the group or the rest), a claim is not decided.

    Returns
    -------
    DataFrame
        A row for each claim: claim (its id), kind, statement, note, facet, reading, claimed (in words), estimate, low,
        high, shown (a sentence), verdict, reason (a sentence: the rule with its numbers, or what is needed), n (the
        comments it was checked on; those of the group where the claim is of a difference). The estimate is a
        share in [0, 1] or a difference of shares in [-1, 1]: the group minus the rest; the earlier entry minus the
        later one, of the pair that the verdict of an order rests on. It is missing where nothing was checked.
    """
    by_claim = {str(claim): rows.to_dict("records") for claim, rows in figures.groupby("claim", sort=False)}
    rows = []
    for claim in codebook.claims:
        said = _Said(codebook, claim, confidence, smallest_base)
        found = _judged(said, by_claim[claim.id])
        rows.append((
            claim.id, claim.kind, claim.statement, claim.note, claim.facet, by_claim[claim.id][0]["reading"],
            said.claimed, *found.interval, found.shown, found.verdict, found.reason, found.n,
        ))  # fmt: skip
    return made("claims", rows, room="public")


@dataclass(frozen=True)
class _Finding:
    verdict: Verdict
    reason: str
    shown: str = "Not checked."
    interval: _Ends = _NOTHING
    n: Any = 0


@dataclass(frozen=True)
class _Said:
    """A claim, and how its parts are written."""

    codebook: Codebook
    claim: Any
    confidence: float
    smallest_base: int

    def name_of(self, entry: str) -> str:
        facet = self.codebook.facet(self.claim.facet)
        named = self.codebook.themes if facet is None else facet.themes
        return f"“{next((theme.name for theme in named if theme.id == entry), entry)}”"

    def names_of(self, entries: Sequence[str]) -> str:
        return " or ".join(map(self.name_of, entries))

    @property
    def claimed(self) -> str:
        claim = self.claim
        if isinstance(claim, OrderClaim):
            return ", then ".join(map(self.name_of, claim.order))
        what = self.names_of(claim.entries)
        if isinstance(claim, ShareClaim):
            return f"{what}: {percent(claim.value)} of comments"
        if isinstance(claim, DifferenceClaim):
            return f"{what}: {claim.direction} in “{claim.group}” than in the rest of “{claim.column}”"
        return f"{what}: {'common' if claim.at_least is None else f'at least {percent(claim.at_least)} of comments'}"

    def interval(self, low: str, confidence: float | None = None) -> str:
        return f"{100 * (confidence or self.confidence):.3g}% interval {low}"


def _judged(said: _Said, figures: Sequence[_Row]) -> _Finding:
    first = figures[0]
    if first["lacking"]:
        return _Finding(CANNOT_TELL, _wanting(said, first))
    if any(pd.isna(row["comments"]) or (pd.isna(_known(row)) and not _is_too_few_coded(row)) for row in figures):
        return _Finding(CANNOT_TELL, "", HIDDEN, n=pd.NA)
    if first["reading"] == UNCHECKED and first["comments"] > 0:
        return _not_checked(said, figures)
    if isinstance(said.claim, DifferenceClaim):
        return _judge_difference(said, first)
    if first["comments"] < said.smallest_base:
        return _Finding(CANNOT_TELL, f"Needed: at least {said.smallest_base} comments.")
    if isinstance(said.claim, OrderClaim):
        return _judge_order(said, figures)
    return _judge_share(said, first)


def _not_checked(said: _Said, figures: Sequence[_Row]) -> _Finding:
    """Return what a machine's reading that nobody has checked says of a claim: shares, and no verdict."""
    shares = [f"{said.names_of(row['entries'])} {percent(row['count'] / row['comments'])}" for row in figures]
    where = f" in “{figures[0]['group']}”" if figures[0]["group"] else ""
    if pd.notna(figures[0]["rest_comments"]) and figures[0]["rest_comments"]:
        shares.append(f"in the rest {percent(figures[0]['rest_count'] / figures[0]['rest_comments'])}")
    shown = f"By the machine’s reading{where}: {', '.join(shares)}."
    return _Finding(NOT_CHECKED, _to_check(said, figures[0]), f"{shown} {_were_it_right(said, figures)}".strip(),
                    n=figures[0]["comments"])  # fmt: skip


def _to_check(said: _Said, figure: _Row) -> str:
    """Return what would check a claim, as sentences: about how many comments one coder must code."""
    nobody, beside = "Nobody has checked this reading.", figure["rest_comments"]
    n = int(figure["comments"]) + (0 if pd.isna(beside) else int(beside))
    if isinstance(said.claim, ProminentClaim) and said.claim.at_least is None:
        wanted = max(FEWEST_PLANNED, comments_to_code(_known(figure), 0.0, _HALF_WIDTH, n))
        wanted = min(n, math.ceil(wanted / _TENS) * _TENS)
        return f"{nobody} Needed: about {wanted:,} coded comments, to know the share to ±{100 * _HALF_WIDTH:g} points."
    if pd.isna(figure.get("to_code")):
        return f"{nobody} Needed: coded comments (pipeline code plan says how many)."
    return f"{nobody} Needed: about {min(int(figure['to_code']), n):,} coded comments, if it is right."


def _were_it_right(said: _Said, figures: Sequence[_Row]) -> str:
    """Return whether a claim would hold if the machine read every comment as people would, as a sentence."""
    claim, shares = said.claim, [_known(row) for row in figures]
    if isinstance(claim, OrderClaim):
        holds = all(one >= other - claim.tolerance for one, other in combinations(shares, 2))
    elif isinstance(claim, DifferenceClaim):
        rest = figures[0]["rest_comments"]
        if pd.isna(rest) or not rest or pd.isna(figures[0]["rest_count"]):
            return ""
        difference = shares[0] - figures[0]["rest_count"] / rest
        holds = (difference if claim.direction == "higher" else -difference) > claim.margin
    elif isinstance(claim, ShareClaim):
        holds = abs(shares[0] - claim.value) <= claim.tolerance
    elif claim.at_least is None:
        return ""
    else:
        holds = shares[0] >= claim.at_least
    return f"Were it right, the claim would {'hold' if holds else 'not hold'}."


def _wanting(said: _Said, figure: _Row) -> str:
    """Return what is needed to check the claim at all, as a sentence."""
    claim = said.claim
    if figure["lacking"] == "facet":
        return f"Needed: comments matched with the facet “{claim.facet}”."
    if figure["lacking"] == "entries":
        return f"Needed: comments matched with {said.names_of(figure['entries'])} of “{claim.facet}”."
    return f"Needed: groups by the column “{claim.column}”, with “{claim.group}” as one of them (assess.groups)."


def _judge_share(said: _Said, figure: _Row) -> _Finding:
    claim = said.claim
    share, low, high = interval = _share(figure, said.confidence)
    counted = "" if figure["reading"] == CORRECTED else f"{figure['count']:,} of {figure['comments']:,} comments, "
    shown = (
        f"{said.names_of(figure['entries'])}: {counted}{percent(share)} ({said.interval(percent_range(low, high))})."
    )
    if isinstance(claim, ProminentClaim):
        return _Finding(*_common(claim, figure, interval), shown, interval, figure["comments"])
    least, most = claim.value - claim.tolerance, claim.value + claim.tolerance
    band = f"{_points(claim.tolerance)} of the claimed {percent(claim.value)}"
    if least <= low and high <= most:
        verdict, reason = SUPPORTED, f"The whole interval is within {band}."
    elif high < least or most < low:
        verdict, reason = NOT_SUPPORTED, f"No part of the interval is within {band}."
    else:
        verdict, reason = CANNOT_TELL, f"Only part of the interval is within {band}. Needed: more comments."
    return _Finding(verdict, reason, shown, interval, figure["comments"])


def _common(claim: ProminentClaim, figure: _Row, interval: _Ends) -> tuple[Verdict, str]:
    """Return the verdict on something that the article calls common, and its reason."""
    _, low, high = interval
    if claim.at_least is None:
        # An interval of 90% has a lower end that the share is above with 95% confidence.
        least = _share(figure, _ONE_SIDED)[1]
        return NO_NUMBER, f"The article gives no number. The share is at least {percent(least)}, with 95% confidence."
    wanted = percent(claim.at_least)
    if low > claim.at_least:
        return SUPPORTED, f"The whole interval is above {wanted}."
    if high < claim.at_least:
        return NOT_SUPPORTED, f"The whole interval is below {wanted}."
    return CANNOT_TELL, f"The interval includes {wanted}. Needed: more comments."


def _judge_difference(said: _Said, figure: _Row) -> _Finding:
    claim: DifferenceClaim = said.claim
    for part, which in (("comments", "with"), ("rest_comments", "with another value than")):
        if pd.isna(figure[part]):
            return _Finding(CANNOT_TELL, "", HIDDEN, n=pd.NA)
        if figure[part] < said.smallest_base:
            needed = f"Needed: at least {said.smallest_base} comments {which} “{claim.group}” in “{claim.column}”."
            return _Finding(CANNOT_TELL, needed)
    beside: dict[Hashable, Any] = {part: figure[f"rest_{part}"] for part in ("count", "comments", "share", "effective")}
    beside["reading"] = figure["reading"]
    if pd.isna(_known(beside)) and not _is_too_few_coded(beside):
        return _Finding(CANNOT_TELL, "", HIDDEN, n=pd.NA)
    if _is_too_few_coded(figure) or _is_too_few_coded(beside):
        return _Finding(CANNOT_TELL, f"Needed: more coded comments with “{claim.group}” in “{claim.column}”.")
    one, rest = _share(figure, said.confidence), _share(beside, said.confidence)
    difference, low, high = interval = _difference(one, rest, 0.0)
    here, there = f"{percent(one[0])} in “{figure['group']}”", f"{percent(rest[0])} in the rest"
    if figure["reading"] != CORRECTED:
        here = f"{figure['count']:,} of {figure['comments']:,} comments in “{figure['group']}” ({percent(one[0])})"
        there = f"{beside['count']:,} of {beside['comments']:,} in the rest ({percent(rest[0])})"
    shown = (
        f"{said.names_of(figure['entries'])}: {here}, {there}; a difference of {points(difference)} percentage points "
        f"({said.interval(points_range(low, high))})."
    )
    # Turned so that the claimed side is the positive one.
    least, most = (low, high) if claim.direction == "higher" else (-high, -low)
    if most <= 0:
        verdict, reason = NOT_SUPPORTED, f"The whole interval is on the side of zero that is not “{claim.direction}”."
    elif -claim.margin <= least and most <= claim.margin:
        verdict, reason = NOT_SUPPORTED, f"The whole interval is within {_points(claim.margin)} of zero."
    elif least > 0:
        verdict, reason = SUPPORTED, f"The whole interval is on the side of zero that is “{claim.direction}”."
    else:
        verdict, reason = CANNOT_TELL, "The interval includes zero. Needed: more comments."
    return _Finding(verdict, reason, shown, interval, figure["comments"])


def _judge_order(said: _Said, figures: Sequence[_Row]) -> _Finding:
    claim: OrderClaim = said.claim
    pairs = list(combinations(range(len(figures)), 2))
    # Support needs every pair, so that one interval each is enough. One pair is enough against the claim, and
    # among many pairs one looks reversed by chance: those intervals are wider (Bonferroni).
    wider = 1 - (1 - said.confidence) / len(pairs)
    differences = np.array([_pair(figures, pair, said.confidence) for pair in pairs])
    reversed_at = np.array([_pair(figures, pair, wider) for pair in pairs])
    at, confidence, among = int(differences[:, 1].argmin()), said.confidence, ""
    slack = f" by more than {_points(claim.tolerance)}" if claim.tolerance else ""
    if reversed_at[:, 2].min() < -claim.tolerance:
        differences, at, confidence = reversed_at, int(reversed_at[:, 2].argmin()), wider
        verdict, among = NOT_SUPPORTED, f", as one of {len(pairs)} pairs"
    else:
        verdict = SUPPORTED if differences[at, 1] >= -claim.tolerance else CANNOT_TELL
    earlier, later = (said.name_of(claim.order[place]) for place in pairs[at])
    reason = {
        NOT_SUPPORTED: f"The whole interval has {later} more common{slack} than {earlier}, which the claim has first.",
        SUPPORTED: f"In no pair does the interval allow that the later entry is more common{slack}.",
        CANNOT_TELL: f"The interval allows that {later} is more common{slack} than {earlier}. Needed: more comments.",
    }[verdict]
    comments = figures[0]["comments"]
    shares = ", ".join(
        f"{said.name_of(entry)} {percent(_known(row))}" for entry, row in zip(claim.order, figures, strict=True)
    )
    difference, low, high = (float(value) for value in differences[at])
    shown = (
        f"Of {comments:,} comments: {shares}. {earlier} minus {later}: {points(difference)} percentage points "
        f"({said.interval(points_range(low, high), confidence)}{among})."
    )
    return _Finding(verdict, reason, shown, (difference, low, high), comments)


def claim_pairs(
    codebook: Codebook, figures: pd.DataFrame, *, confidence: float = 0.95, smallest_base: int = 10
) -> pd.DataFrame:
    """Return each pair of entries of each order that the codebook claims.

    Parameters
    ----------
    codebook, figures, confidence, smallest_base
        As for `judge_claims`.

    Returns
    -------
    DataFrame
        A row for each pair: claim (its id), earlier, later (ids), difference (the earlier minus the later, in [-1, 1]),
        low, high (of a pair that is reversed the wider interval, which allows for the number of pairs), verdict. What
        may not be shown or is not measured is missing.
    """
    by_claim = {str(claim): rows.to_dict("records") for claim, rows in figures.groupby("claim", sort=False)}
    rows: list[tuple[Any, ...]] = []
    for claim in codebook.claims:
        found = by_claim[claim.id]
        if not isinstance(claim, OrderClaim) or found[0]["lacking"]:
            continue
        pairs = list(combinations(range(len(claim.order)), 2))
        wider = 1 - (1 - confidence) / len(pairs)
        for pair in pairs:
            named = (claim.id, *(claim.order[place] for place in pair))
            if any(pd.isna(_known(found[place])) for place in pair) or found[0]["comments"] < smallest_base:
                rows.append((*named, *_NOTHING, CANNOT_TELL))
                continue
            usual, cautious = (_pair(found, pair, level) for level in (confidence, wider))
            if found[0]["reading"] == UNCHECKED:
                rows.append((*named, *usual, NOT_CHECKED))
            elif cautious[2] < -claim.tolerance:
                rows.append((*named, *cautious, NOT_SUPPORTED))
            else:
                rows.append((*named, *usual, SUPPORTED if usual[1] >= -claim.tolerance else CANNOT_TELL))
    return made("claim_pairs", rows)


def _known(figure: _Row) -> float:
    """Return a share: of counts, which may be rounded, or as it was estimated; NaN where it may not be shown."""
    if figure["reading"] == CORRECTED:
        return float(figure["share"])
    if pd.isna(figure["count"]):
        return float("nan")
    return float(figure["count"] / figure["comments"]) if figure["comments"] else 0.0


def _is_too_few_coded(figure: _Row) -> bool:
    """Return whether too few comments were coded for a corrected share."""
    return bool(figure["reading"] == CORRECTED and pd.isna(figure["effective"]))


def _share(figure: _Row, confidence: float) -> _Ends:
    share = np.array([_known(figure)], dtype=np.float64)
    low, high = share_ends(share, np.array([figure["effective"]], dtype=np.float64), confidence=confidence)
    return float(share[0]), float(low[0]), float(high[0])


def _difference(first: _Ends, second: _Ends, correlation: float) -> _Ends:
    one, other = (tuple(np.array([value]) for value in ends) for ends in (first, second))
    low, high = difference_interval(*one, *other, correlation=correlation)
    return first[0] - second[0], float(low[0]), float(high[0])


def _pair(figures: Sequence[_Row], pair: tuple[int, int], confidence: float) -> _Ends:
    """Return how much more common the earlier entry of a pair is than the later one."""
    earlier, later = (_share(figures[place], confidence) for place in pair)
    correlations = figures[pair[0]]["correlations"]
    correlation = correlations[pair[1] - pair[0] - 1] if len(correlations) else None
    return _difference(earlier, later, _lowest(earlier[0], later[0]) if pd.isna(correlation) else float(correlation))


def _lowest(first: float, second: float) -> float:
    """Return the lowest correlation that two shares of the same comments can have: that of as few in both as can be."""
    both = max(0.0, first + second - 1)
    spread = np.sqrt(first * (1 - first) * second * (1 - second))
    return float((both - first * second) / spread) if spread > 0 else 0.0


def _folded(value: str) -> str:
    return " ".join(value.casefold().split())


def _points(difference: float) -> str:
    return f"{100 * difference:z.1f}".removesuffix(".0") + " percentage points"
