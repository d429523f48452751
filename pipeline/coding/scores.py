"""How well people agree with one another, and the machine with people, theme by theme."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from pipeline.account.agreement import ALL_CODED, CODED_BY_BOTH, CODED_WITH_OUTLOOK, MACHINE_DIRECT, agreement_table
from pipeline.account.intervals import share_intervals
from pipeline.codebook.codebook import Codebook, Facet
from pipeline.coding.codes import as_coders, counting

USABLE, WEAK, TOO_FEW = "usable", "weak", "too few"
FEWEST_POSITIVES = 15
"""People must give a theme to so many comments before the machine's reading of it is judged."""
LEAST = 0.5
"""The machine's reading of a theme is usable where precision and recall are shown to be at least this."""

_MEASURES = {"krippendorff_alpha": "alpha", "cohen_kappa": "kappa", "accuracy": "accuracy"}


def agreement_of(
    codes: pd.DataFrame,
    assignments: pd.DataFrame,
    *,
    codebook: Codebook,
    outlook: Facet | None,
    respondents: pd.Series[str],
    n_bootstrap: int,
    seed: int,
) -> pd.DataFrame:
    """Return the agreement of coders with one another, and of the machine with each, over all coded comments.

    Parameters
    ----------
    codes : DataFrame
        The columns of `pipeline.coding.codes.CODES`.
    assignments : DataFrame
        The machine's reading of each analysed comment; see `pipeline.contracts.Mapped`.
    codebook : Codebook
        The themes.
    outlook : Facet or None
        The outlook facet.
    respondents : Series of str
        Who wrote each comment, row by row as the assignments.
    n_bootstrap, seed : int
        Samples of respondents behind the intervals, and what they follow from.

    Returns
    -------
    DataFrame
        first, second (a coder, or the machine's direct reading), facet, comments (how many), and alpha, kappa and
        accuracy, each with _low and _high (95 %; missing where they cannot be had). "no theme" is a class of its own.
        Coders are compared as they coded, before any adjudication.
    """
    coders = as_coders(codes, assignments["comment_id"])
    table = agreement_table(
        coders, assignments, codebook=codebook, outlook=outlook, respondents=respondents, n_bootstrap=n_bootstrap,
        seed=seed,
    )  # fmt: skip
    with_machine = (table["second"] == MACHINE_DIRECT) & table["comments"].isin([ALL_CODED, CODED_WITH_OUTLOOK])
    wanted = table[(with_machine | (table["comments"] == CODED_BY_BOTH)) & table["measure"].isin(_MEASURES)]
    rows: dict[tuple[str, str, str], dict[str, object]] = {}
    for row in wanted.to_dict("records"):
        pair = {"first": row["first"], "second": row["second"], "facet": row["facet"]}
        found = rows.setdefault(tuple(pair.values()), {**pair, "comments": row["n"]})
        name = _MEASURES[row["measure"]]
        found |= {name: row["value"], f"{name}_low": row["low"], f"{name}_high": row["high"]}
    ends = [f"{name}{end}" for name in _MEASURES.values() for end in ("", "_low", "_high")]
    return pd.DataFrame(list(rows.values()), columns=["first", "second", "facet", "comments", *ends])


def machine_by_theme(
    codes: pd.DataFrame, carried: pd.DataFrame, respondents: pd.Series[str], codebook: Codebook
) -> pd.DataFrame:
    """Return for each theme how far the machine's direct reading can be relied on.

    Parameters
    ----------
    codes : DataFrame
        The columns of `pipeline.coding.codes.CODES`. An adjudicated code counts in the place of the coders'; where
        coders disagree and nobody has adjudicated, each coder's code counts.
    carried : DataFrame of bool, shape (n_comments, n_themes)
        The themes that the machine gives each analysed comment; the index is comment_id.
    respondents : Series of str
        Who wrote each comment, by comment_id; "" where nobody knows.
    codebook : Codebook
        The themes.

    Returns
    -------
    DataFrame
        theme, name, positives (comments that people gave the theme, as main or further), found (comments that the
        machine gave it), precision (of what the machine gave, the share that people gave too) and recall (of what
        people gave, the share that the machine gave too), in [0, 1], each with _low and _high (95 %; missing where
        there is nothing to count), and verdict: "too few" under `FEWEST_POSITIVES` positives, "usable" where both
        intervals lie at or above `LEAST`, else "weak".

    Notes
    -----
    Intervals are those of `pipeline.account.intervals.share_intervals`: Wilson's, wider where a respondent has several
    comments, or a comment several codes. A reading whose precision or recall is below `LEAST` is called usable in at
    most one of 20 samples.
    """
    counted = counting(codes).reset_index(drop=True)
    given = [{main, *further} for main, further in zip(counted["main"], counted["further"], strict=True)]
    machine = carried.loc[counted["comment_id"]].reset_index(drop=True)
    writers = counted["comment_id"].map(respondents)
    # Two coders' codes of one comment are no two comments, whether or not somebody is known to have written it.
    clusters = ("respondent " + writers).where(writers != "", "comment " + counted["comment_id"])
    rows = []
    for theme in codebook.theme_ids:
        people = pd.Series([theme in themes for themes in given], dtype=bool)
        both = pd.DataFrame({theme: people & machine[theme]})
        row: dict[str, Any] = {"theme": theme, "name": codebook.name_of(theme)}
        for count, measure, base in (("found", "precision", machine[theme]), ("positives", "recall", people)):
            of_base = share_intervals(both[base], clusters[base]).iloc[0]
            row[count] = counted.loc[base, "comment_id"].nunique()
            row |= {measure: of_base["share"], f"{measure}_low": of_base["low"], f"{measure}_high": of_base["high"]}
        is_shown = all(row[f"{measure}_low"] >= LEAST for measure in ("precision", "recall"))
        row["verdict"] = TOO_FEW if row["positives"] < FEWEST_POSITIVES else USABLE if is_shown else WEAK
        rows.append(row)
    return pd.DataFrame(rows, columns=list(_columns()))


def _columns() -> Sequence[str]:
    ends = [f"{name}{end}" for name in ("precision", "recall") for end in ("", "_low", "_high")]
    return "theme", "name", "positives", "found", *ends, "verdict"
