"""Themes, topics and outlook by group: how often each group's comments carry an entry, and what differs.

A group is compared with the rest: the comments whose group is given and is another. Figures follow from counts by one
function, so that those of rounded counts are made as those of exact ones are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.account.intervals import Numbers, difference_interval, respondent_codes, share_ends
from pipeline.account.outlook import NOT_GIVEN
from pipeline.account.readings import CORRECTED, UNCHECKED, Readings
from pipeline.errors import ConfigError, DataError, did_you_mean
from pipeline.formats.dates import periods_of
from pipeline.tables.schema import empty, made

OTHER = "Other"
"""The group of values that the mapping does not know."""

SMALLER = "Smaller groups"
"""The name that small groups go under."""

Words = Mapping[str, Sequence[str]]
Mappings = Mapping[str, Words | str | None]
"""For each metadata column the mapping of its values into groups, the period that its dates are grouped by, or None
where its values are the groups."""


CHI_SQUARED = "chi-squared"
PERMUTATION = "permutation"

SMALLEST_EXPECTED = 5
"""The chi-squared test holds where every expected count is at least this."""

PERMUTATIONS = 2_000
"""Permutations behind the p-value of a column, where the chi-squared test does not hold."""


def grouped(values: pd.Series[str], mapping: Words | str | None, column: str = "") -> pd.Series[str]:
    """Sort free text, such as job titles, or dates into groups.

    Parameters
    ----------
    values : Series of str
        What respondents wrote; "" or missing where it is not given.
    mapping : mapping of str to sequence of str, str or None
        Words or phrases of each group, or one of `pipeline.formats.dates.PERIODS` where the values are dates. A value
        belongs to the first group one of whose words occurs in it as a whole word, whatever the case and the spacing.
        None leaves the values as they are but for the spacing.
    column : str
        The column's name, for messages about dates.

    Returns
    -------
    Series of str
        The group of each value, with the index of `values`: `OTHER` where no word matches and `NOT_GIVEN` where
        nothing is given.

    Raises
    ------
    ConfigError
        Where a group of the mapping has no words, or an empty one.
    DataError
        Where dates cannot be read.
    """
    if isinstance(mapping, str):
        return periods_of(values.replace(NOT_GIVEN, ""), column, mapping).replace("", NOT_GIVEN)
    patterns = {group: _any_of(words, group) for group, words in (mapping or {}).items()}

    def group_of(value: str) -> str:
        given = " ".join(value.split())
        if not given or given == NOT_GIVEN:
            return NOT_GIVEN
        if mapping is None:
            return given
        folded = given.casefold()
        return next((group for group, pattern in patterns.items() if pattern.search(folded)), OTHER)

    given = values.fillna("").astype(str)
    known = {value: group_of(value) for value in given.unique()}
    return given.map(known).astype(str)


def _any_of(words: Sequence[str], group: str) -> re.Pattern[str]:
    folded = [" ".join(word.casefold().split()) for word in words]
    if isinstance(words, str) or not folded or "" in folded:
        raise ConfigError(
            f"The mapping of groups has no usable words for '{group}': found {words!r}, wanted a list of words.",
            "Give it a list of words or phrases, none of them empty, or remove the group.",
        )
    # Not \b, which would never match beside the sign in a word such as "R&D+".
    return re.compile(r"(?<!\w)(?:" + "|".join(re.escape(word) for word in folded) + r")(?!\w)")


def pooled(groups: pd.Series[str], smallest: int) -> pd.Series[str]:
    """Put small groups under one name, so that nobody is singled out by the name of a group.

    Parameters
    ----------
    groups : Series of str
        The group of each comment.
    smallest : int
        Groups with fewer comments are put together.

    Returns
    -------
    Series of str
        `SMALLER` for comments of small groups. Where these are fewer than `smallest` between them, the next smallest
        group joins them: by subtraction, one could tell them otherwise.
    """
    sizes = groups.value_counts()
    by_size = sorted(sizes.index, key=lambda group: (sizes[group], group))
    together = [group for group in by_size if sizes[group] < smallest]
    while together and sizes[together].sum() < smallest and len(together) < len(by_size):
        together.append(by_size[len(together)])
    return groups.mask(groups.isin(together), SMALLER)


def grouped_columns(metadata: pd.DataFrame, columns: Mappings, *, smallest: int = 0) -> dict[str, pd.Series[str]]:
    """Return the group of each comment by each metadata column.

    Parameters
    ----------
    metadata : DataFrame of str, n_comments rows
        "" where a value is not given.
    columns : mapping of str to mapping or None
        The metadata columns, each with its mapping into groups (see `grouped`), a period, or None.
    smallest : int
        Smaller groups are put together; see `pooled`.

    Returns
    -------
    dict of str to Series of str
        By column, as categories: the mapping's groups in its order, else by name, as periods follow in time; then those
        that are no groups of their own.

    Raises
    ------
    ConfigError
        Where a mapping cannot be used.
    DataError
        Where the metadata lack a column.
    """
    found: dict[str, pd.Series[str]] = {}
    for name, words in columns.items():
        groups = pooled(grouped(_column(metadata, name), words, name), smallest)
        last = (OTHER, SMALLER, NOT_GIVEN)
        present = set(groups.unique())
        is_sorted = words is None or isinstance(words, str)
        named = sorted(present.difference(last)) if is_sorted else [group for group in words or () if group in present]
        order = [*(group for group in named if group not in last), *(group for group in last if group in present)]
        found[name] = groups.astype(pd.CategoricalDtype(order))  # type: ignore[assignment]
    return found


def group_table(
    readings: Readings,
    groups: Mapping[str, pd.Series[str]],
    respondents: pd.Series[str],
    *,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Return how common each entry is in each group, beside the rest.

    Parameters
    ----------
    readings : mapping of str to Reading
        For each facet, how the comments were read.
    groups : mapping of str to Series of str, length n_comments
        The group of each comment by each column; see `grouped_columns`.
    respondents : Series of str, length n_comments
        Who wrote each comment; see `pipeline.account.intervals.share_intervals`.
    confidence : float
        In (0, 1).

    Returns
    -------
    DataFrame
        A row for each column, group, facet and entry; see `with_comparisons` for its figures. A machine's unchecked
        reading has shares and differences alone, without intervals and tests. `NOT_GIVEN` has shares
        alone: its comments may be of any group. The comparison is missing too where no other group has comments.
    """
    rows: list[pd.DataFrame] = []
    for column, group_of in groups.items():
        given = (group_of != NOT_GIVEN).to_numpy()
        for group in group_of.cat.categories:
            chosen = (group_of == group).to_numpy()
            rest = given & ~chosen if group != NOT_GIVEN else np.zeros(len(given), dtype=bool)
            for facet, reading in readings.items():
                kept = ["comments", "count", "share", "effective"]
                of_group = reading.shares(chosen, respondents, confidence=confidence)
                beside = reading.shares(rest, respondents, confidence=confidence)[kept]
                found = of_group[["entry", *kept]].join(beside.add_prefix("rest_")).join(reading.compared(chosen, rest))
                rows.append(found.assign(column=column, group=group, facet=facet, reading=reading.kind))
    if not rows:
        return empty("groups")
    return with_comparisons(pd.concat(rows, ignore_index=True), confidence=confidence)


def with_comparisons(counts: pd.DataFrame, *, confidence: float = 0.95) -> pd.DataFrame:
    """Return a table of groups with the figures that follow from its counts, exact or rounded.

    Parameters
    ----------
    counts : DataFrame
        column, group, facet, entry; comments, count and effective (the effective number of comments, see
        `share_intervals`) of the group and, with the prefix rest_, of all other groups that are given; reading (what
        they rest on); where that is corrected share and rest_share, without counts. What is missing gives no figure.
    confidence : float
        In (0, 1).

    Returns
    -------
    DataFrame
        As it came, with share, low, high (in [0, 1]), difference, difference_low, difference_high (group less rest, in
        [-1, 1]), p_value and q_value; in the order of the table of groups.

    Notes
    -----
    p_value is Fisher's exact test, two-sided, of the group against the rest. Where respondents have several
    comments, the counts are first divided by their design effects, after Rao and Scott (doi:10.2307/2532311), and
    rounded. q_value is p_value after Benjamini and Hochberg (doi:10.1111/j.2517-6161.1995.tb02031.x), over all
    tests of the table. The difference has Newcombe's interval for independent shares
    (doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I).
    """
    numbers = {
        name: counts[name].to_numpy(dtype=np.float64, na_value=np.nan)
        for part in ("", "rest_") for name in (f"{part}comments", f"{part}count", f"{part}effective")
    }  # fmt: skip
    with np.errstate(invalid="ignore", divide="ignore"):
        estimated = (counts["reading"] == CORRECTED).to_numpy()
        share, rest = (
            np.where(estimated, counts[f"{part}share"], numbers[f"{part}count"] / numbers[f"{part}comments"])
            for part in ("", "rest_")
        )
        low, high = share_ends(share, numbers["effective"], confidence=confidence)
        rest_low, rest_high = share_ends(rest, numbers["rest_effective"], confidence=confidence)
        below, above = difference_interval(share, low, high, rest, rest_low, rest_high, correlation=0.0)
    tested = zip(share, numbers["effective"], rest, numbers["rest_effective"], strict=True)
    p_values = pd.Series([_fisher(*one) for one in tested], index=counts.index, dtype="float64")
    if estimated.any():
        # Both are corrected by one model, which says more than two shares alone.
        known = ~np.isnan(share + rest)
        own = {name: np.where(known, counts[name], np.nan) for name in ("difference_low", "difference_high", "p_value")}
        below = np.where(estimated, own["difference_low"], below)
        above = np.where(estimated, own["difference_high"], above)
        p_values = p_values.mask(estimated, pd.Series(own["p_value"], index=counts.index))
    table = counts.assign(
        share=share, rest_share=rest, low=low, high=high, difference=share - rest, difference_low=below,
        difference_high=above, p_value=p_values, q_value=corrected(p_values),
    )  # fmt: skip
    return made("groups", table)


def table_tests(
    readings: Readings,
    groups: Mapping[str, pd.Series[str]],
    respondents: pd.Series[str],
    *,
    seed: int,
    n_permutations: int = PERMUTATIONS,
) -> pd.DataFrame:
    """Test for each column and facet whether the entries are spread alike over the groups.

    Parameters
    ----------
    readings, groups, respondents
        As in `group_table`.
    seed : int
        What the permutations follow from.
    n_permutations : int
        How many permutations; at least 1.

    Returns
    -------
    DataFrame
        A row for each column and facet: column, facet, method (`CHI_SQUARED`, `PERMUTATION`, or "" where no test
        can be made: fewer than two groups, no entry that some comments carry and others do not, or a machine's reading
        that not all comments' codes have replaced), statistic,
        df (missing for a permutation test), p_value, q_value (Benjamini and Hochberg over the rows).

    Notes
    -----
    Comments whose group is not given are left out. Pearson's chi-squared test of group by entry ("no entry" being
    one more) is used where it holds: no comment carries two entries, no respondent has two comments, and every
    expected count is at least 5. Elsewhere the statistic is the sum over entries of the chi-squared of group by
    "carries it or not", as Agresti and Liu (doi:10.1111/j.0006-341X.1999.00936.x) discuss for answers of which
    several may be chosen, and its distribution is that under permutation: respondents with as many comments as
    one another exchange their groups, so that comments of one respondent stay together. The p-value counts the
    data as one of the permutations (doi:10.2202/1544-6115.1585) and is never 0.
    """
    rows: list[tuple[Any, ...]] = []
    for column, group_of in groups.items():
        given = (group_of != NOT_GIVEN).to_numpy()
        labels = pd.factorize(group_of[given])[0].astype(np.int64)
        people = respondent_codes(respondents[given])
        for facet, reading in readings.items():
            values = reading.carried[given].to_numpy(dtype=np.float64)
            # A machine that errs differently in each group would make differences where there are none.
            values = values[:, :0] if reading.kind in (UNCHECKED, CORRECTED) else values
            tested = _whole_table(values, labels, people, seed=seed, n_permutations=n_permutations)
            rows.append((column, facet, *tested, np.nan))
    tests = made("group_tests", rows)
    return tests.assign(q_value=corrected(tests["p_value"]))


def linked_groups(readings: Readings, groups: Mapping[str, pd.Series[str]]) -> pd.DataFrame:
    """Count comments by the groups of two columns at once, where one can be subtracted from the other.

    Parameters
    ----------
    readings, groups
        As in `group_table`.

    Returns
    -------
    DataFrame
        first_column, first_group, second_column, second_group, facet, entry, comments and count: a row for each pair
        of groups that have comments in common, of columns in which a group of one lies within a group of the other,
        such as a site in its region.
    """
    tables = []
    for (one, first), (other, second) in combinations(groups.items(), 2):
        crossed = pd.crosstab(first, second).to_numpy() > 0
        if min(crossed.shape) < 2 or (crossed.sum(axis=0).min() > 1 and crossed.sum(axis=1).min() > 1):
            continue
        for facet, reading in readings.items():
            by = reading.carried.assign(first_group=first.to_numpy(), second_group=second.to_numpy())
            found = by.groupby(["first_group", "second_group"], sort=True).agg("sum")
            found["comments"] = by.groupby(["first_group", "second_group"], sort=True).size()
            long = found.reset_index().melt(
                ["first_group", "second_group", "comments"], var_name="entry", value_name="count"
            )
            tables.append(long.assign(first_column=one, second_column=other, facet=facet))
    return made("linked_groups", pd.concat(tables, ignore_index=True)) if tables else empty("linked_groups")


def _column(metadata: pd.DataFrame, column: str) -> pd.Series[str]:
    if column not in metadata:
        near = did_you_mean(column, [str(name) for name in metadata.columns])
        raise DataError(
            f"There is no metadata column '{column}' to group comments by.{near}",
            "Name a column that is kept beside the comments, or leave it out of the columns to compare.",
        )
    return metadata[column]


def _fisher(share: float, effective: float, rest_share: float, rest_effective: float) -> float:
    """Return the p-value of Fisher's test at effective counts, which are the counts where respondents are single."""
    from scipy.stats import fisher_exact

    if np.isnan([share, effective, rest_share, rest_effective]).any():
        return float("nan")
    table = []
    for part, total in ((share, round(effective)), (rest_share, round(rest_effective))):
        count = round(part * total)
        table.append([count, total - count])
    if 0 in np.sum(table, axis=1):
        return float("nan")
    return float(fisher_exact(table).pvalue)


def _whole_table(
    carried: Numbers,
    labels: npt.NDArray[np.int64],
    people: npt.NDArray[np.int64],
    *,
    seed: int,
    n_permutations: int,
) -> tuple[str, float, float, float]:
    """Return method, statistic, df and p-value of one column and facet."""
    from scipy.sparse import csr_array
    from scipy.stats import chi2_contingency
    from scipy.stats.contingency import expected_freq

    if len(np.unique(labels)) < 2:
        return "", float("nan"), float("nan"), float("nan")
    varied = carried[:, (carried.mean(axis=0) > 0) & (carried.mean(axis=0) < 1)]
    if not varied.shape[1]:
        return "", float("nan"), float("nan"), float("nan")
    in_group = np.eye(labels.max() + 1)[labels]
    single = len(np.unique(people)) == len(people) and carried.sum(axis=1).max() <= 1
    if single:
        table = in_group.T @ np.column_stack([varied, 1 - varied.sum(axis=1)])
        table = table[:, table.sum(axis=0) > 0]
        if expected_freq(table).min() >= SMALLEST_EXPECTED:
            result = chi2_contingency(table, correction=False)
            return CHI_SQUARED, float(result.statistic), float(result.dof), float(result.pvalue)
    expected = np.outer(in_group.sum(axis=0), varied.mean(axis=0))
    variance = expected * (1 - varied.mean(axis=0))

    # Of many topics a comment carries few, and most products would be of zeros.
    carrying = csr_array(varied.T)

    def statistic(rows: npt.NDArray[np.int64]) -> float:
        return float((((carrying @ in_group[rows]).T - expected) ** 2 / variance).sum())

    observed = statistic(np.arange(len(labels)))
    rng = np.random.default_rng(seed)
    blocks = _blocks(people)
    drawn = np.array([statistic(_exchanged(blocks, len(people), rng)) for _ in range(n_permutations)])
    # A permutation that gives the table itself may differ from it in the last digits.
    as_large = int((drawn >= observed * (1 - 1e-9)).sum())
    return PERMUTATION, observed, float("nan"), (1 + as_large) / (1 + n_permutations)


def _blocks(people: npt.NDArray[np.int64]) -> list[npt.NDArray[np.int64]]:
    """Return for each number of comments the rows of the respondents who have it, (n_respondents, n_comments)."""
    order = np.argsort(people, kind="stable")
    sizes = np.bincount(people)
    size_of_row = np.repeat(sizes, sizes)
    return [order[size_of_row == size].reshape(-1, size) for size in np.unique(sizes)]


def _exchanged(blocks: list[npt.NDArray[np.int64]], n_comments: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Return for each comment the row whose group it is given."""
    rows = np.empty(n_comments, dtype=np.int64)
    for block in blocks:
        rows[block] = block[rng.permutation(len(block))]
    return rows


def corrected(p_values: pd.Series[float]) -> pd.Series[float]:
    """Return q-values: p-values corrected for how many there are.

    Parameters
    ----------
    p_values : Series of float64
        In [0, 1]; missing where nothing was tested, which counts for nothing here.

    Returns
    -------
    Series of float64
        After Benjamini and Hochberg (doi:10.1111/j.2517-6161.1995.tb02031.x); missing where there is no p-value.
    """
    from scipy.stats import false_discovery_control

    q_values = pd.Series(np.nan, index=p_values.index, dtype="float64")
    tested = p_values.notna()
    if tested.any():
        q_values[tested] = false_discovery_control(p_values[tested].to_numpy(dtype=np.float64), method="bh")
    return q_values
