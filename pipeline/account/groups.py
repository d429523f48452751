"""Themes, topics and outlook by group: how often each group's comments carry an entry, and what differs.

A group is compared with the rest: the comments whose group is given and is another. A group's figures are all
here, however small it is; what may be shown is decided where tables are published.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.account.intervals import Numbers, respondent_codes, share_difference, share_intervals
from pipeline.account.outlook import NOT_GIVEN
from pipeline.errors import ConfigError, DataError, did_you_mean
from pipeline.tables.schema import empty

OTHER = "Other"
"""The group of values that the mapping does not know."""

Mappings = Mapping[str, Mapping[str, Sequence[str]] | None]
"""For each metadata column the mapping of its values into groups, or None where its values are the groups."""

GROUP_COLUMNS = (
    "column", "group", "facet", "entry", "comments", "count", "share", "low", "high", "rest_share", "difference",
    "difference_low", "difference_high", "p_value", "q_value",
)  # fmt: skip
TEST_COLUMNS = ("column", "facet", "method", "statistic", "df", "p_value", "q_value")

CHI_SQUARED = "chi-squared"
PERMUTATION = "permutation"

SMALLEST_EXPECTED = 5
"""The chi-squared test holds where every expected count is at least this."""

PERMUTATIONS = 2_000
"""Permutations behind the p-value of a column, where the chi-squared test does not hold."""


def grouped(values: pd.Series[str], mapping: Mapping[str, Sequence[str]] | None) -> pd.Series[str]:
    """Sort free text, such as job titles, into groups.

    Parameters
    ----------
    values : Series of str
        What respondents wrote; "" or missing where it is not given.
    mapping : mapping of str to sequence of str, or None
        Words or phrases of each group. A value belongs to the first group one of whose words occurs in it as a
        whole word, whatever the case and the spacing. None leaves the values as they are but for the spacing.

    Returns
    -------
    Series of str
        The group of each value, with the index of `values`: `OTHER` where no word matches and `NOT_GIVEN` where
        nothing is given.

    Raises
    ------
    ConfigError
        Where a group of the mapping has no words, or an empty one.
    """
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


def group_table(
    carried: Mapping[str, pd.DataFrame],
    metadata: pd.DataFrame,
    respondents: pd.Series[str],
    *,
    columns: Mappings,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Return how common each entry is in each group, beside the rest.

    Parameters
    ----------
    carried : mapping of str to DataFrame of bool, shape (n_comments, n_entries)
        For each facet, which comment carries which entry.
    metadata : DataFrame of str, n_comments rows
        "" where a value is not given.
    respondents : Series of str, length n_comments
        Who wrote each comment; see `pipeline.account.intervals.share_intervals`.
    columns : mapping of str to mapping or None
        The metadata columns, each with its mapping into groups (see `grouped`) or None.
    confidence : float
        In (0, 1).

    Returns
    -------
    DataFrame
        A row for each column, group, facet and entry: column, group, facet, entry, comments (the base), count,
        share, low, high, rest_share (all in [0, 1]), difference, difference_low, difference_high (group less
        rest, in [-1, 1]), p_value, q_value. `NOT_GIVEN` has shares alone: its comments may be of any group. The
        comparison is missing too where no other group has comments.

    Raises
    ------
    ConfigError
        Where a mapping cannot be used.
    DataError
        Where the metadata lack a column.

    Notes
    -----
    p_value is Fisher's exact test, two-sided, of the group against the rest. Where respondents have several
    comments, the counts are first divided by their design effects, after Rao and Scott (doi:10.2307/2532311), and
    rounded. q_value is p_value after Benjamini and Hochberg (doi:10.1111/j.2517-6161.1995.tb02031.x), over all
    tests of the table.
    """
    rows: list[pd.DataFrame] = []
    for column, mapping in columns.items():
        groups = grouped(_column(metadata, column), mapping)
        given = (groups != NOT_GIVEN).to_numpy()
        for group in _in_order(groups, mapping):
            chosen = (groups == group).to_numpy()
            compared = given if group != NOT_GIVEN else chosen
            for facet, entries in carried.items():
                found = _against_rest(entries[compared], chosen[compared], respondents[compared], confidence)
                rows.append(found.assign(column=column, group=group, facet=facet))
    if not rows:
        return empty("groups")
    table = pd.concat(rows, ignore_index=True)
    return table.assign(q_value=corrected(table["p_value"]))[list(GROUP_COLUMNS)]


def table_tests(
    carried: Mapping[str, pd.DataFrame],
    metadata: pd.DataFrame,
    respondents: pd.Series[str],
    *,
    columns: Mappings,
    seed: int,
    n_permutations: int = PERMUTATIONS,
) -> pd.DataFrame:
    """Test for each column and facet whether the entries are spread alike over the groups.

    Parameters
    ----------
    carried, metadata, respondents, columns
        As in `group_table`.
    seed : int
        What the permutations follow from.
    n_permutations : int
        How many permutations; at least 1.

    Returns
    -------
    DataFrame
        A row for each column and facet: column, facet, method (`CHI_SQUARED`, `PERMUTATION`, or "" where no test
        can be made: fewer than two groups, or no entry that some comments carry and others do not), statistic,
        df (missing for a permutation test), p_value, q_value (Benjamini and Hochberg over the rows).

    Raises
    ------
    ConfigError, DataError
        As in `group_table`.

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
    rows: list[dict[str, Any]] = []
    for column, mapping in columns.items():
        groups = grouped(_column(metadata, column), mapping)
        given = (groups != NOT_GIVEN).to_numpy()
        labels = pd.factorize(groups[given])[0].astype(np.int64)
        people = respondent_codes(respondents[given])
        for facet, entries in carried.items():
            values = entries[given].to_numpy(dtype=np.float64)
            tested = _whole_table(values, labels, people, seed=seed, n_permutations=n_permutations)
            rows.append(dict(zip(TEST_COLUMNS, (column, facet, *tested, np.nan), strict=True)))
    tests = pd.DataFrame(rows, columns=list(TEST_COLUMNS))
    tests = tests.astype(dict.fromkeys(TEST_COLUMNS[3:], "float64"))
    return tests.assign(q_value=corrected(tests["p_value"]))


def _column(metadata: pd.DataFrame, column: str) -> pd.Series[str]:
    if column not in metadata:
        near = did_you_mean(column, [str(name) for name in metadata.columns])
        raise DataError(
            f"There is no metadata column '{column}' to group comments by.{near}",
            "Name a column that is kept beside the comments, or leave it out of the columns to compare.",
        )
    return metadata[column]


def _in_order(groups: pd.Series[str], mapping: Mapping[str, Sequence[str]] | None) -> list[str]:
    """Return the groups that occur: the mapping's in its order, else by name; then `OTHER` and `NOT_GIVEN`."""
    found = set(groups.unique())
    last = [name for name in (OTHER, NOT_GIVEN) if name in found]
    named = sorted(found) if mapping is None else [name for name in mapping if name in found]
    return [*(name for name in named if name not in last), *last]


def _against_rest(
    entries: pd.DataFrame, chosen: npt.NDArray[np.bool_], respondents: pd.Series[str], confidence: float
) -> pd.DataFrame:
    if chosen.all():
        shares = share_intervals(entries, respondents, confidence=confidence)
        return shares.reindex(columns=list(GROUP_COLUMNS)).astype(dict.fromkeys(GROUP_COLUMNS[9:], "float64"))
    in_group = pd.Series(chosen, index=entries.index)
    compared = share_difference(entries, in_group, respondents, confidence=confidence)
    p_values = [
        _fisher(share, effective, rest_share, rest_effective)
        for share, effective, rest_share, rest_effective in zip(
            compared["share"],
            compared["effective"],
            compared["rest_share"],
            compared["rest_effective"],
            strict=True,
        )
    ]
    return compared.assign(p_value=np.asarray(p_values, dtype=np.float64))


def _fisher(share: float, effective: float, rest_share: float, rest_effective: float) -> float:
    """Return the p-value of Fisher's test at effective counts, which are the counts where respondents are single."""
    from scipy.stats import fisher_exact

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
