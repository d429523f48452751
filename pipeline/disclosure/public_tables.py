"""The public tables: what of a run's results may be published.

Counts are decided all together (`pipeline.disclosure.counts`) and rounded; every share, interval, difference, test and
verdict is then worked out from what is shown, by the functions that work it out from exact counts. So no figure beside
a rounded count can reveal the exact one.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pipeline.account.claims import claim_pairs, judge_claims
from pipeline.account.groups import CHI_SQUARED, corrected, with_comparisons
from pipeline.account.intervals import share_ends
from pipeline.account.outlook import NOT_GIVEN
from pipeline.account.pairs import MORE_OFTEN
from pipeline.account.readings import CORRECTED
from pipeline.codebook.codebook import Codebook
from pipeline.contracts import UNMAPPED, Assessed, Cleaned, Mapped, TopicResult
from pipeline.disclosure.agreement import protect_agreement
from pipeline.disclosure.counts import (
    ANALYSED,
    OUTSIDE,
    RECEIVED,
    THEMES,
    TOPICS,
    Shown,
    claim_key,
    group_key,
    outlook_key,
    shown_counts,
    whole_key,
)  # fmt: skip
from pipeline.disclosure.points import protect_points
from pipeline.disclosure.rules import Flags, Numbers, Rules, as_counts, numbers_of
from pipeline.disclosure.suppression import Key
from pipeline.tables.schema import made

NEARLY_SURE = 0.05
"""The q-value below which a difference is said to be one, where no more may be said."""

_CODES_TO = 50
"""Under rules the number of comments to code is rounded up to a multiple of this: it follows from exact counts."""

_Row = Mapping[Hashable, Any]


@dataclass(frozen=True)
class PublicResults:
    """What of a run may be published.

    Attributes
    ----------
    tables : mapping of str to DataFrame
        topics, coarse_topics, topic_tree, crosswalk, diagnosis, flow, theme_pairs, prevalence, coded, claims,
        claim_pairs, audit, audit_paths, agreement, outlook, groups, group_tests, article (its quotations, without
        their words) and comment_map. None holds a comment or an id.
    shown : Shown
        The counts that a text may say.
    """

    tables: Mapping[str, pd.DataFrame]
    shown: Shown


def public_results(
    cleaned: Cleaned,
    discovered: TopicResult,
    mapped: Mapped,
    assessed: Assessed,
    *,
    codebook: Codebook,
    rules: Rules,
    smallest_base: int,
) -> PublicResults:
    """Return what of a run may be published.

    Parameters
    ----------
    cleaned, discovered, mapped, assessed
        Results of the stages, the topics with their public words; see `pipeline.disclosure.words.public_words`.
    codebook : Codebook
        For the names of themes, and for the account's claims.
    rules : Rules
        What is small.
    smallest_base : int
        With fewer comments in a base a claim is not decided.

    Returns
    -------
    PublicResults
        Under rules, suppressed figures are missing, and tables that hold counts have `suppressed` (bool). Counts are
        rounded, and shares, intervals, differences, p- and q-values and verdicts follow from what is shown; what
        cannot follow from it is coarser (group_tests: whether q is below 0.05; agreement: see `protect_agreement`) or
        missing. Shares by people's codes have no counts. The map is thinned to round numbers of points.
    """
    shown = shown_counts(cleaned, discovered, mapped, assessed, rules)
    topics = _topics(discovered, mapped, shown)
    groups = _groups(assessed.groups, shown)
    claims, pairs = _claims(assessed.claim_counts, codebook, shown, smallest_base)
    audit, audit_paths = _audit(assessed, claims, rules)
    prevalence = _prevalence(assessed.prevalence, shown)
    small = set(topics.loc[topics["suppressed"].to_numpy(dtype=bool), "topic"])
    tables = {
        "topics": topics,
        "coarse_topics": _sized(discovered.coarse_topics, [("coarse", key) for key in
                                discovered.coarse_topics["topic_coarse"]], shown),
        "topic_tree": _tree(discovered, rules),
        "crosswalk": _crosswalk(discovered, mapped, codebook),
        "diagnosis": _diagnosis(mapped.diagnosis, topics, shown),
        "flow": _flow(cleaned, prevalence, shown),
        "theme_pairs": _pairs(assessed.theme_pairs, shown),
        "prevalence": prevalence,
        "coded": _coded(assessed.coded, shown),
        "claims": claims,
        "claim_pairs": pairs,
        "audit": audit,
        "audit_paths": audit_paths,
        "agreement": protect_agreement(assessed.agreement, base=len(cleaned.analysed), rules=rules),
        "outlook": _outlook(assessed, shown),
        "groups": groups,
        "group_tests": _tests(assessed, groups, shown),
        "article": assessed.quotations,
        "comment_map": protect_points(_points(discovered, topics), small, rules),
    }  # fmt: skip
    return PublicResults(tables, shown)


def _shown(keys: Sequence[Key | None], shown: Shown) -> Numbers:
    return np.array([shown.number(key) for key in keys], dtype=np.float64)


def _effective(comments: Numbers, effective: Numbers, shown: Numbers, rules: Rules) -> Numbers:
    """Return the effective number of comments of a rounded base.

    The design effect is taken upwards to one decimal: to more it would reveal the exact counts behind it.
    """
    if rules.exact:
        return effective
    with np.errstate(invalid="ignore", divide="ignore"):
        design = np.where(effective > 0, comments / effective, np.nan)
        return np.asarray(shown / (np.ceil(np.round(10 * design, 6)) / 10), dtype=np.float64)


def _with_shares(
    table: pd.DataFrame, keys: Sequence[Key | None], bases: Sequence[Key], shown: Shown, *, base: Numbers
) -> pd.DataFrame:
    """Return a table with counts as they may be shown, and shares and intervals that follow from them."""
    if shown.rules.exact:
        return table
    n, of = _shown(keys, shown), _shown(bases, shown)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(of > 0, n / of, np.nan)
    low, high = share_ends(share, _effective(base, numbers_of(table["effective"]), of, shown.rules))
    return table.assign(count=as_counts(n, table), share=share, low=low, high=high)


def _estimates(table: pd.DataFrame, comments: Numbers, shown: Shown, *, part: str = "") -> tuple[Flags, Numbers]:
    """Return which shares were estimated from a sample, and these as they may be shown: missing where few have it.

    What an estimate says of the survey is uncertain by more comments than one. It is hidden all the same where it would
    say that few comments have an entry, or lack it, and has two decimals.
    """
    estimated = (table["reading"] == CORRECTED).to_numpy(dtype=bool)
    share = numbers_of(table[f"{part}share"])
    with np.errstate(invalid="ignore"):
        near = np.rint(np.column_stack([share * comments, (1 - share) * comments]))
        hidden = np.isnan(comments) | shown.rules.is_small(np.nan_to_num(near)).any(axis=1)
    return estimated, np.where(hidden, np.nan, np.round(share, 2))


def _with_estimates(public: pd.DataFrame, exact: pd.DataFrame, comments: Numbers, shown: Shown) -> pd.DataFrame:
    """Return a table whose counted rows are as they may be shown with its estimated ones so too."""
    estimated, share = _estimates(exact, comments, shown)
    if shown.rules.exact or not estimated.any():
        return public
    for name in ("share", "low", "high"):
        values = np.where(np.isnan(share), np.nan, np.round(numbers_of(exact[name]), 2))
        public[name] = np.where(estimated, values, numbers_of(public[name]))
    return public


def _sized(topics: pd.DataFrame, keys: Sequence[Key], shown: Shown) -> pd.DataFrame:
    if shown.rules.exact:
        return topics.assign(suppressed=False)
    size = _shown(keys, shown)
    return topics.assign(
        size=as_counts(size, topics), share=size / shown.number(ANALYSED), suppressed=np.isnan(size)
    )  # fmt: skip


def _topics(discovered: TopicResult, mapped: Mapped, shown: Shown) -> pd.DataFrame:
    themed = discovered.topics.merge(mapped.topic_themes, on="topic", validate="one_to_one")
    coarse = dict(zip(discovered.coarse_topics["topic_coarse"], discovered.coarse_topics["label"], strict=True))
    themed.insert(2, "parent_label", themed["parent"].map(coarse).astype(object))
    if not shown.rules.exact:
        # A ratio of comments: to more decimals it would reveal how many.
        themed = themed.assign(**themed[["stability", "repeatability"]].round(2))
        # Of a topic of 15 comments, 93% would reveal that one comment has another main theme.
        themed = themed.drop(columns="own_share")
    return _sized(themed, [("topic", topic) for topic in themed["topic"]], shown)


def _tree(discovered: TopicResult, rules: Rules) -> pd.DataFrame:
    tree = discovered.topic_tree
    # Heights weigh topics by their comments: to more decimals they would say more of how many there are.
    return tree if rules.exact else tree.assign(apart=tree["apart"].round(2))


def _crosswalk(discovered: TopicResult, mapped: Mapped, codebook: Codebook) -> pd.DataFrame:
    crosswalk = mapped.crosswalk.merge(discovered.topics[["topic", "label"]], on="topic")
    crosswalk["theme_name"] = [codebook.name_of(theme) for theme in crosswalk["theme"]]
    return crosswalk


def _points(discovered: TopicResult, topics: pd.DataFrame) -> pd.DataFrame:
    theme_of = dict(zip(topics["topic"], topics["theme"], strict=True))
    points = discovered.layout.merge(discovered.assignments[["comment_id", "topic"]], on="comment_id")
    points = points.assign(theme=[theme_of.get(topic, "") for topic in points["topic"]])
    # Sorted by place: the order of the file would reveal which point is which respondent's.
    return points[["x", "y", "topic", "theme"]].sort_values(["x", "y"]).reset_index(drop=True)


def _diagnosis(diagnosis: pd.DataFrame, topics: pd.DataFrame, shown: Shown) -> pd.DataFrame:
    # Topics have the labels that may be published.
    labels = dict(zip(topics["topic"].astype(str), topics["label"], strict=True))
    named = diagnosis["kind"] == "topic"
    diagnosis = diagnosis.assign(name=diagnosis["name"].where(~named, diagnosis["id"].map(labels)))
    if shown.rules.exact:
        return diagnosis.assign(suppressed=False)
    keys: list[Key | None] = [
        ("topic", int(row["id"])) if row["kind"] == "topic" else ("by topic", row["id"])
        for row in diagnosis.to_dict("records")
    ]
    comments = _shown(keys, shown)
    return diagnosis.assign(comments=as_counts(comments, diagnosis), suppressed=np.isnan(comments))


def _flow(cleaned: Cleaned, prevalence: pd.DataFrame, shown: Shown) -> pd.DataFrame:
    """Return what became of the comments; every number is one that may be shown, or follows from such."""
    received, analysed, outside = (shown.number(key) for key in (RECEIVED, ANALYSED, OUTSIDE))
    reasons = cleaned.summary["dropped"]
    rows = [("received", "", "", received, received)]
    rows += [("set aside", reason, "", shown.number(("set aside", reason)), received) for reason in reasons]
    rows += [("analysed", "", "", analysed, received), ("in a topic", "", "", analysed - outside, analysed)]
    flow = pd.DataFrame(rows, columns=["step", "reason", "reading", "comments", "_of"])
    share = flow["comments"] / flow["_of"].where(flow["_of"] > 0)
    unmapped = prevalence[prevalence["theme"] == UNMAPPED].iloc[0]
    without = float("nan") if pd.isna(unmapped["count"]) else float(unmapped["count"])
    last = {"step": "with a theme", "reason": "", "reading": unmapped["reading"], "comments": analysed - without}
    flow = pd.concat([flow, pd.DataFrame([last])], ignore_index=True)
    lacking = float("nan") if pd.isna(unmapped["share"]) else float(unmapped["share"])
    flow["share"] = [*share, 1 - lacking]
    flow["comments"] = as_counts(numbers_of(flow["comments"]), flow)
    return made("flow", flow, room="public").assign(suppressed=flow["share"].isna())


def _pairs(pairs: pd.DataFrame, shown: Shown) -> pd.DataFrame:
    """Return pairs of themes: under rules whether the two come together more often than chance, and no number.

    A count of both would be a sum of counts that hidden ones are sums of too, by group for example. That a pair is more
    frequent than chance is said where it reveals no count that may be small: both themes and all their groups are
    shown, and none of the counts of both, of one alone and of the other alone is. Elsewhere nothing is said, so that
    nothing follows from what is not said.
    """
    if shown.rules.exact:
        return pairs.assign(suppressed=False)
    hidden = {part for key in shown.suppressed for part in _parts_of(key)}
    limit, said = shown.rules.suppress_below, []
    for row in pairs.to_dict("records"):
        themes = [("theme", row[name]) for name in ("first", "second")]
        is_safe = all(key in shown.ledger for key in themes) and not hidden.intersection((row["first"], row["second"]))
        alone = [shown.ledger.value(key) - row["comments"] for key in themes if is_safe]
        is_safe = is_safe and min(row["comments"], *alone) >= limit
        said.append(MORE_OFTEN if is_safe and row["together"] == MORE_OFTEN else "")
    nothing = np.full(len(pairs), np.nan)
    numbers = dict.fromkeys(("share_of_first", "share_of_second", "p_value", "q_value"), nothing)
    return pairs.assign(comments=as_counts(nothing, pairs), together=said, suppressed=True, **numbers)


def _parts_of(key: Hashable) -> Iterator[Hashable]:
    """Yield everything that the name of a count names; names are made of names."""
    for part in key if isinstance(key, tuple) else (key,):
        yield from _parts_of(part) if isinstance(part, tuple) else (part,)


def _prevalence(prevalence: pd.DataFrame, shown: Shown) -> pd.DataFrame:
    if shown.rules.exact:
        return prevalence.assign(suppressed=False)
    whole, n_rows, themes = shown.number(ANALYSED), len(prevalence), prevalence["theme"]
    keys: list[Key | None] = [("theme", theme) for theme in themes]
    base = np.full(n_rows, shown.ledger.value(ANALYSED))
    public = _with_shares(prevalence, keys, [ANALYSED] * n_rows, shown, base=base)
    public = _with_estimates(public, prevalence, np.full(n_rows, whole), shown)
    for method, kind in (("comments", "matched"), ("topics", "by topic")):
        n = _shown([(kind, theme) for theme in themes], shown)
        public[f"n_by_{method}"], public[f"share_by_{method}"] = as_counts(n, prevalence), n / whole
    said = np.where(prevalence["comments"].notna(), whole, np.nan)
    hidden = [prevalence[name].notna() & public[name].isna() for name in ("share", "n_by_comments", "n_by_topics")]
    return public.assign(comments=as_counts(said, prevalence), suppressed=np.any(hidden, axis=0))


def _coded(coded: pd.DataFrame, shown: Shown) -> pd.DataFrame:
    keys: list[Key | None] = [("coded", row["coder"], row["theme"]) for row in coded.to_dict("records")]
    bases: list[Key] = [("coded", coder) for coder in coded["coder"]]
    public = _with_shares(coded, keys, bases, shown, base=numbers_of(coded["comments"]))
    if not shown.rules.exact:
        # Of counts one could solve how many a person did not code.
        nothing = as_counts(np.full(len(coded), np.nan), coded)
        public = public.assign(comments=nothing, count=nothing)
        for name in ("share", "low", "high"):
            public[name] = public[name].round(2)
    return public.assign(suppressed=public["share"].isna())


def _outlook(assessed: Assessed, shown: Shown) -> pd.DataFrame:
    outlook = assessed.outlook
    facet = next((name for name in assessed.groups["facet"].unique() if name not in (THEMES, TOPICS)), "")
    rows = outlook.to_dict("records")
    bases: list[Key] = [("base", row["column"], row["group"]) if row["column"] else ANALYSED for row in rows]
    keys = [outlook_key(row, facet) for row in rows]
    public = _with_shares(outlook, keys, bases, shown, base=numbers_of(outlook["comments"]))
    if not shown.rules.exact:
        public = _with_estimates(public, outlook, _shown(bases, shown), shown)
        public = public.assign(comments=as_counts(_shown(bases, shown), outlook))
    return public.assign(suppressed=public["share"].isna())


def _groups(groups: pd.DataFrame, shown: Shown) -> pd.DataFrame:
    if not len(groups) or shown.rules.exact:
        return groups.assign(suppressed=False)
    rows = groups.to_dict("records")
    count = _shown([group_key(row) for row in rows], shown)
    comments = _shown([("base", row["column"], row["group"]) for row in rows], shown)
    rest_count, rest_comments = _rest(rows, [row["entry"] for row in rows], count, comments, shown)
    estimated, share = _estimates(groups, comments, shown)
    _, rest_share = _estimates(groups, np.where(np.isnan(share), np.nan, rest_comments), shown, part="rest_")
    public = groups.assign(
        count=as_counts(count, groups), comments=as_counts(comments, groups), rest_count=rest_count,
        rest_comments=rest_comments, share=share, rest_share=rest_share,
        **{name: groups[name].round(2) for name in ("difference_low", "difference_high")},
        effective=_effective(numbers_of(groups["comments"]), numbers_of(groups["effective"]), comments, shown.rules),
        rest_effective=_effective(
            numbers_of(groups["rest_comments"]), numbers_of(groups["rest_effective"]), rest_comments, shown.rules
        ),
    )  # fmt: skip
    public = with_comparisons(public)
    return public.assign(suppressed=np.where(estimated, public["share"].isna(), np.isnan(count)))


def _rest(rows: Sequence[_Row], entries: Sequence[Hashable], count: Numbers, comments: Numbers,
          shown: Shown) -> tuple[Numbers, Numbers]:  # fmt: skip
    """Return count and base of each row's rest, by subtraction from what is shown; NaN where there is none."""
    rest_count, rest_comments = np.full(len(rows), np.nan), np.full(len(rows), np.nan)
    for place, (row, entry) in enumerate(zip(rows, entries, strict=True)):
        column, facet = row["column"], row["facet"]
        if not column or row["group"] == NOT_GIVEN:
            continue
        whole = shown.number(whole_key(str(facet), entry))
        base = shown.number(ANALYSED) - comments[place]
        if ("base", column, NOT_GIVEN) in shown.ledger:
            whole -= shown.number(("in", column, NOT_GIVEN, facet, entry))
            base -= shown.number(("base", column, NOT_GIVEN))
        if base > 0:
            rest_count[place], rest_comments[place] = np.clip(whole - count[place], 0, base), base
    return rest_count, rest_comments


def _tests(assessed: Assessed, groups: pd.DataFrame, shown: Shown) -> pd.DataFrame:
    """Return the tests of whole columns: from the counts shown where all are, else below 0.05 or not."""
    tests = assessed.group_tests
    below = (tests["q_value"] < NEARLY_SURE).astype("boolean").mask(tests["q_value"].isna())
    if shown.rules.exact or not len(tests):
        return tests.assign(below_0_05=below)
    found = [_chi_squared(row, groups) for row in tests.to_dict("records")]
    public = tests.assign(**{
        name: np.array([values[place] for values in found], dtype=np.float64)
        for place, name in enumerate(("statistic", "df", "p_value"))
    })  # fmt: skip
    public["q_value"] = q_value = corrected(public["p_value"])
    return public.assign(below_0_05=below.where(q_value.isna(), q_value < NEARLY_SURE))


def _chi_squared(test: _Row, groups: pd.DataFrame) -> tuple[float, float, float]:
    from scipy.stats import chi2_contingency

    nothing = (float("nan"),) * 3
    rows = groups[(groups["column"] == test["column"]) & (groups["facet"] == test["facet"])]
    rows = rows[rows["group"] != NOT_GIVEN]
    if test["method"] != CHI_SQUARED or rows["suppressed"].any() or not len(rows):
        return nothing
    table = rows.pivot(index="group", columns="entry", values="count").to_numpy(dtype=np.float64)
    bases = rows.groupby("group")["comments"].first().to_numpy(dtype=np.float64)
    lacking = np.maximum(bases - table.sum(axis=1), 0)
    table = np.column_stack([table, lacking]) if lacking.any() else table
    table = table[:, table.sum(axis=0) > 0]
    if min(table.shape) < 2:
        return nothing
    found = chi2_contingency(table, correction=False)
    return float(found.statistic), float(found.dof), float(found.pvalue)


def _claims(
    counts: pd.DataFrame, codebook: Codebook, shown: Shown, smallest_base: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the claims and the pairs of their orders."""
    if shown.rules.exact:
        claims = judge_claims(codebook, counts, smallest_base=smallest_base).assign(suppressed=False)
        return claims, claim_pairs(codebook, counts, smallest_base=smallest_base)
    rows = counts.to_dict("records")
    keys = [claim_key(row) for row in rows]
    count = _shown(keys, shown)
    comments = _shown(
        [("base", row["column"], row["group"]) if row["column"] else ANALYSED for row in rows], shown
    )  # fmt: skip
    rest_count, rest_comments = _rest(rows, [key[-1] if key else "" for key in keys], count, comments, shown)
    _, share = _estimates(counts, comments, shown)
    _, rest_share = _estimates(counts, np.where(np.isnan(share), np.nan, rest_comments), shown, part="rest_")
    rounded = counts.assign(
        share=share, rest_share=rest_share, count=as_counts(count, counts), comments=as_counts(comments, counts),
        rest_count=as_counts(rest_count, counts),
        to_code=as_counts(np.ceil(numbers_of(counts["to_code"]) / _CODES_TO) * _CODES_TO, counts),
        rest_comments=as_counts(rest_comments, counts),
        effective=_effective(numbers_of(counts["comments"]), numbers_of(counts["effective"]), comments, shown.rules),
        rest_effective=_effective(
            numbers_of(counts["rest_comments"]), numbers_of(counts["rest_effective"]), rest_comments, shown.rules
        ),
        # How far two shares go together is a count of comments too.
        correlations=pd.Series([[None] * len(row["correlations"]) for row in rows], index=counts.index, dtype=object),
    )  # fmt: skip
    public = judge_claims(codebook, rounded, smallest_base=smallest_base)
    pairs = claim_pairs(codebook, rounded, smallest_base=smallest_base)
    for table, names in ((public, ("estimate", "low", "high")), (pairs, ("difference", "low", "high"))):
        for name in names:
            table[name] = table[name].round(2) + 0.0
    return public.assign(suppressed=public["n"].isna()), pairs


def _audit(assessed: Assessed, claims: pd.DataFrame, rules: Rules) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the audit's verdicts and paths as they may be shown.

    Evidence changes with every code, and the order of drawing follows from the seed: a path would reveal the code of
    each comment. What decided a claim is rounded up, and a claim whose counts are hidden has no verdict.
    """
    audit = assessed.audit
    if rules.exact:
        return audit.assign(suppressed=False), assessed.audit_paths
    hidden = audit["claim"].isin(claims.loc[claims["suppressed"].to_numpy(dtype=bool), "claim"]).to_numpy(dtype=bool)
    coded, after = numbers_of(audit["coded"]), numbers_of(audit["after"])
    after = np.where(hidden, np.nan, np.minimum(np.ceil(after / rules.round_to) * rules.round_to, coded))
    nothing = as_counts(np.full(len(audit), np.nan), audit)
    public = audit.assign(
        verdict=audit["verdict"].mask(hidden, ""), after=as_counts(after, audit), more=nothing, suppressed=hidden
    )
    return public, assessed.audit_paths.iloc[:0]
