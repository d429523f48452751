"""An audit of the article's claims that may stop at any time.

People code comments in a random order that was drawn beforehand. After each comment the audit says of every claim:
confirmed, refuted, or go on. It bets against the opposite of what it is to show; the capital of a fair game seldom
grows large, so that a large capital, the *e-value*, refutes that opposite. The risk holds whenever people stop,
whatever made them stop, and however badly the machine reads: a bad reading costs comments, never truth.

What is audited are the codes that people would give to all N comments, not a larger population behind them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.account.betting import Assertion, comments_until, log_e_values
from pipeline.account.intervals import Numbers
from pipeline.account.outlook import NOT_GIVEN
from pipeline.codebook.codebook import Claim, DifferenceClaim, OrderClaim, ProminentClaim, ShareClaim
from pipeline.tables.schema import made

Tables = Mapping[str, pd.DataFrame]
"""For each facet ("themes" or a facet of the codebook) a row for each comment and a column for each entry."""

Groups = Mapping[str, "pd.Series[str]"]
"""The group of each comment by each metadata column; see `pipeline.account.groups.grouped_columns`."""

Decision = Literal["confirmed", "refuted", "go on"]

RISK = 0.05
"""How often, at most, an audit may say something false of any of its claims."""

_CUT_OFF = 2.0
"""Evidence in the table of paths is at most this."""

_FIRST_LOOK = 1_000
"""Simulated audits are first made on so many comments."""

_MOST_SIMULATED = 100_000
"""Comments that a simulated audit is of, at most: each look at it takes time with their number."""

_FEWEST_TO_PROJECT = 10
"""With fewer coded comments nothing is said of how many more are needed."""


@dataclass(frozen=True)
class Audit:
    """What an audit says.

    Attributes
    ----------
    claims : DataFrame
        A row for each claim that was audited: claim (its id), verdict ("confirmed", "refuted" or "go on"), coded
        (comments coded so far), after (how many of them decided it; missing while it is open), e_value (where it was
        decided: of the verdict, there; while it is open: the larger of the two; infinite where the codes prove it),
        needed (the e-value that decides), more (about how many more comments are needed; missing where the claim is
        decided, fewer than 10 comments are coded, or missing codes leave neither answer in sight).
    paths : DataFrame
        A row for each claim and number of coded comments: claim, coded, log_e_for, log_e_against (natural logarithms
        of the e-values that confirm and that refute it; infinite where the codes prove it).
    """

    claims: pd.DataFrame
    paths: pd.DataFrame


def audit_claims(
    claims: Sequence[Claim], coders: Sequence[Tables], predicted: Tables, groups: Groups, *, risk: float = RISK
) -> Audit:
    """Say of each claim whether people's codes so far confirm or refute it.

    Parameters
    ----------
    claims : sequence of Claim
        The article's claims, fixed before anybody coded. One without a number (a "prominent" claim without `at_least`),
        or whose facet, entries or groups are wanting, is not audited.
    coders : sequence of mapping of str to DataFrame of float, shape (n_coded, n_entries)
        For each coder and facet, which of the comments coded so far has which entry, in the order drawn: 1 or 0, and
        NaN where the coder is unsure or gave no code. The codes that are audited are the mean over coders who gave one.
    predicted : mapping of str to DataFrame of float, shape (n_comments, n_entries)
        The machine's reading of all comments, in the order drawn: 0 or 1, or any score. It may not have been learnt
        from these codes.
    groups : mapping of str to Series of str, length n_comments
        The group of each comment by each metadata column, in the order drawn.
    risk : float
        In (0, 1); the probability of any false verdict in the whole audit, at most.

    Returns
    -------
    Audit
        Verdicts and paths. Where all comments are coded, the codes decide every claim exactly, even against an earlier
        verdict. A comment that no coder was sure of counts against both answers: with too many of them a claim stays
        open even then.

    Notes
    -----
    A claim is confirmed where all its assertions are: its e-value is the least of theirs, since one false assertion is
    enough to make it false (doi:10.1007/978-3-030-54455-3_23). It is refuted where the mean of its complements'
    e-values is large, since all complements are false where it is true, and a mean of e-values is one
    (doi:10.1214/20-AOS2020). Of "the claim is false" and "the claim is true" exactly one holds, so that among K claims
    there are K true nulls: each is tested at risk / K (Bonferroni). Holm's steps would gain nothing, since
    there are still K true nulls when claims are decided. Ville's inequality holds for every path at all times at once,
    and the sum over K of them does too.
    """
    audited = [claim for claim in claims if _is_audited(claim, [*coders, predicted], groups)]
    needed = float(np.log(max(len(audited), 1) / risk))
    rows, paths = [], []
    for claim in audited:
        inquiry = _Inquiry.of(claim, coders, predicted, groups)
        log_for, log_against = inquiry.paths()
        n = len(log_for)
        verdict, after, log_e = _decided(log_for, log_against, needed)
        more = inquiry.more(needed) if verdict == "go on" and n >= _FEWEST_TO_PROJECT else pd.NA
        rows.append((claim.id, verdict, n, after, np.exp(log_e), np.exp(needed), more))
        coded = np.arange(1, n + 1)
        paths.append(
            pd.DataFrame({"claim": claim.id, "coded": coded, "log_e_for": log_for, "log_e_against": log_against})
        )
    columns = ["claim", "verdict", "coded", "after", "e_value", "needed", "more"]
    table = pd.DataFrame(rows, columns=columns).astype({"after": "Int64", "more": "Int64"})
    empty = pd.DataFrame({"claim": [], "coded": [], "log_e_for": [], "log_e_against": []})
    return Audit(table, pd.concat(paths, ignore_index=True) if paths else empty)


def as_tables(audit: Audit) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return an audit as the tables that a run keeps: its verdicts, and its paths.

    Evidence in the paths is the logarithm of an e-value, as a proportion of what decides: 1 decides. What the codes
    prove, and all above 2, is 2.
    """
    needed = {row["claim"]: np.log(row["needed"]) for row in audit.claims.to_dict("records")}
    height = np.array([needed[claim] for claim in audit.paths["claim"]], dtype=np.float64)
    sides = {
        f"evidence_{side}": np.clip(audit.paths[f"log_e_{side}"].to_numpy(dtype=np.float64) / height, None, _CUT_OFF)
        for side in ("for", "against")
    }
    return made("audit", audit.claims), made("audit_paths", audit.paths.assign(**sides))


def codes_for_claim(
    claim: Claim,
    reading: Tables,
    groups: Groups,
    *,
    correlation: float = 0.5,
    n_claims: int = 1,
    risk: float = RISK,
    n_simulations: int = 20,
    seed: int,
) -> int | None:
    """Return about how many comments people will code until the audit decides a claim, were the machine's shares right.

    Parameters
    ----------
    claim : Claim
        One of the article's claims.
    reading : mapping of str to DataFrame of bool, shape (n_comments, n_entries)
        For each facet, which entries the machine reads in which comment.
    groups : mapping of str to Series of str, length n_comments
        The group of each comment by each metadata column.
    correlation : float
        Of the reading with people's codes over comments, as it is guessed; in [0, 1].
    n_claims : int
        How many claims are audited together.
    risk : float
        As in `audit_claims`.
    n_simulations : int
        How many audits are simulated; at least 1.
    seed : int
        What they follow from.

    Returns
    -------
    int or None
        The median over the simulated audits, at most n_comments; None where the claim is not audited.

    Notes
    -----
    The codes of each simulated audit are the reading itself, of which a share of 1 - `correlation` has changed places
    at random, within groups where the claim is of a group: shares, and so the truth of the claim, stay as read.
    Of more than 100,000 comments the audit of a random 100,000 is simulated. Where it takes at most half of these, it
    would take about as many of all; a claim so close that it takes more would take the same part of all.
    """
    if not _is_audited(claim, [reading], groups):
        return None
    rng = np.random.default_rng(seed)
    table = reading[claim.facet].astype(np.float64)
    n_all = len(table)
    if n_all > _MOST_SIMULATED:
        looked_at = np.sort(rng.choice(n_all, _MOST_SIMULATED, replace=False))
        some = {column: group_of.iloc[looked_at] for column, group_of in groups.items()}
        # A group that nobody of these is in can be audited among all alone.
        if _is_audited(claim, [reading], some):
            table, groups = table.iloc[looked_at], some
    strata = groups[claim.column].astype(str).to_numpy() if isinstance(claim, DifferenceClaim) else np.zeros(len(table))
    needed, counts = float(np.log(n_claims / risk)), []
    for _ in range(n_simulations):
        places = np.arange(len(table))
        moved = rng.random(len(table)) >= correlation
        for stratum in np.unique(strata):
            chosen = np.flatnonzero(moved & (strata == stratum))
            places[chosen] = rng.permutation(chosen)
        order = rng.permutation(len(table))
        drawn = {column: group_of.iloc[order] for column, group_of in groups.items()}
        inquiry = _Inquiry.of(
            claim, [{claim.facet: table.iloc[places[order]]}], {claim.facet: table.iloc[order]}, drawn
        )
        counts.append(inquiry.decided_after(needed))
    count = float(np.median(counts))
    return round(count if count <= len(table) / 2 else count * n_all / len(table))


@dataclass(frozen=True)
class _Inquiry:
    """The assertions of a claim, and which of all comments, in the order drawn, they are about."""

    assertions: list[Assertion]
    about: npt.NDArray[np.bool_]
    n_coded: int

    @classmethod
    def of(cls, claim: Claim, coders: Sequence[Tables], predicted: Tables, groups: Groups) -> _Inquiry:
        def coded(entries: Sequence[str], than: Sequence[str] = ()) -> Numbers:
            by_coder = [_any_of(tables[claim.facet], entries) for tables in coders]
            if than:
                by_coder = [
                    one - _any_of(tables[claim.facet], than) for one, tables in zip(by_coder, coders, strict=True)
                ]
            return _mean_of_given(np.stack(by_coder))

        def read(*entries: str) -> Numbers:
            return _any_of(predicted[claim.facet], entries)

        total = len(predicted[claim.facet])
        zeros, ones = np.zeros(total), np.ones(total)
        about = np.ones(total, dtype=bool)
        if isinstance(claim, OrderClaim):
            assertions = [
                Assertion(coded([a], than=[b]), np.column_stack([read(a), read(b)]), -ones, ones, -claim.tolerance)
                for a, b in combinations(claim.order, 2)
            ]
        elif isinstance(claim, DifferenceClaim):
            inside, about = _inside(claim, groups)
            weights = np.where(inside, about.sum() / inside.sum(), -about.sum() / (about & ~inside).sum())
            weights = (weights if claim.direction == "higher" else -weights)[about]
            values = coded(claim.entries)
            values = values[about[: len(values)]]
            columns = np.column_stack([weights, weights * read(*claim.entries)[about]])
            ends = np.minimum(weights, 0.0), np.maximum(weights, 0.0)
            assertions = [Assertion(values * weights[: len(values)], columns, *ends, claim.margin, strict=True)]
        else:
            values, columns = coded(claim.entries), read(*claim.entries)[:, None]
            least, most = _bounds(claim)
            assertions = [Assertion(values, columns, zeros, ones, least)]
            if most is not None:
                assertions.append(Assertion(-values, columns, -ones, zeros, -most))
        return cls(assertions, about, len(coders[0][claim.facet]))

    def paths(self) -> tuple[Numbers, Numbers]:
        """Return the logarithms of the e-values that confirm and that refute, after 1, 2, … n_coded comments."""
        from scipy.special import logsumexp

        confirm = np.min([log_e_values(one) for one in self.assertions], axis=0)
        refute = logsumexp([log_e_values(one.complement) for one in self.assertions], axis=0)
        # Comments that the claim is not about leave the capital as it was.
        at = np.cumsum(self.about)[: self.n_coded]
        parts = (confirm, refute - np.log(len(self.assertions)))
        one, other = (np.concatenate([[0.0], part])[at] for part in parts)
        return one, other

    def decided_after(self, needed: float) -> int:
        """Return after how many comments the true answer is given, where all are coded."""
        truth = 0 if all(one.proven[-1] for one in self.assertions) else 1
        n = 0
        while n < self.n_coded:
            # Most audits end early, and the paths of the first comments are the same however many follow.
            n = min(max(4 * n, _FIRST_LOOK), self.n_coded)
            about = int(self.about[:n].sum())
            path = replace(self, assertions=[one.first(about) for one in self.assertions], n_coded=n).paths()[truth]
            if (path >= needed).any():
                return int(np.argmax(path >= needed)) + 1
        return self.n_coded

    def more(self, needed: float) -> object:
        """Return about how many more comments decide the claim, or NA where neither answer is in sight."""
        several = float(np.log(len(self.assertions)))
        confirm = max(comments_until(one, needed) for one in self.assertions)
        refute = min(comments_until(one.complement, needed + several) for one in self.assertions)
        nearest = min(confirm, refute)
        left = len(self.about) - self.n_coded
        return pd.NA if np.isinf(nearest) else min(int(np.ceil(nearest / self.about.mean())), left)


def _decided(log_for: Numbers, log_against: Numbers, needed: float) -> tuple[Decision, int | None, float]:
    """Return the verdict, after how many comments it fell, and the logarithm of its e-value there."""
    verdicts: tuple[Decision, Decision] = ("confirmed", "refuted")
    found = []
    for verdict, path in zip(verdicts, (log_for, log_against), strict=True):
        if (path >= needed).any():
            at = int(np.argmax(path >= needed))
            # What the codes prove outweighs what was only likely, and came sooner.
            found.append((not np.isinf(path[-1]), at, verdict, float(path[at])))
    if found:
        _, at, verdict, log_e = min(found)
        return verdict, at + 1, log_e
    return "go on", None, float(max([*log_for[-1:], *log_against[-1:]], default=0.0))


def _is_audited(claim: Claim, tables: Sequence[Tables], groups: Groups) -> bool:
    if isinstance(claim, ProminentClaim) and claim.at_least is None:
        return False
    if any(entry not in table.get(claim.facet, pd.DataFrame()) for table in tables for entry in claim.entries):
        return False
    if not isinstance(claim, DifferenceClaim):
        return True
    if claim.column not in groups:
        return False
    inside, about = _inside(claim, groups)
    return bool(inside.any() and (about & ~inside).any())


def _inside(claim: DifferenceClaim, groups: Groups) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Return which comments are of the claim's group, and which have any group."""
    group_of = groups[claim.column].astype(str)
    about = (group_of != NOT_GIVEN).to_numpy()
    folded = group_of.str.split().str.join(" ").str.casefold()
    return (folded == " ".join(claim.group.split()).casefold()).to_numpy() & about, about


def _bounds(claim: ShareClaim | ProminentClaim) -> tuple[float, float | None]:
    """Return the least and the largest share that the claim allows."""
    if isinstance(claim, ShareClaim):
        return claim.value - claim.tolerance, claim.value + claim.tolerance
    return float(claim.at_least or 0.0), None


def _mean_of_given(values: Numbers) -> Numbers:
    """Return the mean of each column over the rows that give a value; missing where none does."""
    given = ~np.isnan(values)
    count = given.sum(axis=0)
    total = np.where(given, values, 0.0).sum(axis=0)
    return np.asarray(np.divide(total, count, out=np.full(len(count), np.nan), where=count > 0))


def _any_of(table: pd.DataFrame, entries: Sequence[str]) -> Numbers:
    """Return the largest value over entries, missing where any is."""
    return np.asarray(table[list(entries)].to_numpy(dtype=np.float64).max(axis=1), dtype=np.float64)
