"""Which themes are said by the same comment, and which of them more often than chance."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pandas as pd

from pipeline.account.groups import corrected
from pipeline.account.readings import CODED, UNCHECKED, Reading
from pipeline.codebook.codebook import Codebook
from pipeline.tables.schema import made

MORE_OFTEN, LESS_OFTEN = "more often than chance", "less often than chance"
_ALPHA = 0.05


def theme_pairs(reading: Reading, respondents: pd.Series[str], codebook: Codebook) -> pd.DataFrame:
    """Return how many comments say two themes at once.

    Parameters
    ----------
    reading : Reading
        How the comments' themes were read. Where a coded sample corrects the machine, pairs are the machine's: a pair
        is too rare for a sample.
    respondents : Series of str, length n_comments
        Who wrote each comment; "" where that is not known.
    codebook : Codebook
        For names, and for the order.

    Returns
    -------
    DataFrame
        A row for each pair: first, second (ids), first_name, second_name, reading, comments (that have both),
        share_of_first, share_of_second (their share of the comments with either theme, in [0, 1]; missing where there
        are none), p_value, q_value (in [0, 1]) and together (`MORE_OFTEN`, `LESS_OFTEN`, or "" where q is 0.05 or more
        or missing).

    Notes
    -----
    p_value is Fisher's exact test, two-sided; q_value is after Benjamini and Hochberg
    (doi:10.1111/j.2517-6161.1995.tb02031.x). Neither is there for what a machine read, which may mistake one theme for
    two, nor where respondents have several comments, which are not independent.
    """
    from scipy.stats import fisher_exact

    carried, known = reading.carried, respondents[respondents != ""]
    is_tested = reading.kind == CODED and not known.duplicated().any()
    sizes = carried.sum()
    rows: list[dict[str, Any]] = []
    for first, second in combinations(codebook.theme_ids, 2):
        both = int((carried[first] & carried[second]).sum())
        of_first, of_second = int(sizes[first]), int(sizes[second])
        table = [[both, of_first - both], [of_second - both, len(carried) - of_first - of_second + both]]
        rows.append(
            {
                "first": first, "second": second, "first_name": codebook.name_of(first),
                "second_name": codebook.name_of(second), "reading": CODED if reading.kind == CODED else UNCHECKED,
                "comments": both, "share_of_first": both / of_first if of_first else None,
                "share_of_second": both / of_second if of_second else None,
                "p_value": float(fisher_exact(table).pvalue) if is_tested and of_first and of_second else None,
                "is_more": both * len(carried) > of_first * of_second,
            }
        )  # fmt: skip
    pairs = pd.DataFrame(rows)
    if not len(pairs):
        return made("theme_pairs", [])
    q_value = corrected(pairs["p_value"].astype(float))
    said = pairs["is_more"].map({True: MORE_OFTEN, False: LESS_OFTEN}).where(q_value < _ALPHA, "")
    return made("theme_pairs", pairs.assign(q_value=q_value, together=said))
