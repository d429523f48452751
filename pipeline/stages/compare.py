"""Set the data beside the published account, and beside people's codes where there are any."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd

from pipeline.config import CoderConfig, CompareConfig
from pipeline.contracts import Cleaned, Compared, Mapped
from pipeline.crosswalk.agreement import CODED_WITH_THEME, MACHINE_DIRECT, Coder, agreement_table
from pipeline.crosswalk.codebook import Codebook, Facet
from pipeline.crosswalk.outlook import no_outlook, outlook_shares
from pipeline.crosswalk.prevalence import theme_prevalence


def compare_with_account(
    cleaned: Cleaned,
    mapped: Mapped,
    *,
    codebook: Codebook,
    outlook: Facet | None,
    coders: Sequence[CoderConfig],
    config: CompareConfig,
) -> Compared:
    """Compare prevalence, outlook and codes.

    Parameters
    ----------
    cleaned : Cleaned
        The comments, with metadata and coders' columns.
    mapped : Mapped
        The themes of topics and comments.
    codebook : Codebook
        The published account.
    outlook : Facet or None
        The facet that says how positive a comment is.
    coders : sequence of CoderConfig
        Whose codes there are.
    config : CompareConfig
        Groups, and what counts as positive.

    Returns
    -------
    Compared
        Tables and the figures that a text quotes.
    """
    comments, assignments = cleaned.analysed, mapped.assignments
    group = config.group_column
    shares = (
        no_outlook()
        if outlook is None
        else outlook_shares(
            assignments["outlook_direct"],
            None if group is None else comments[group],
            codebook=codebook,
            outlook=outlook,
            positive=config.outlook_positive,
        )
    )
    codes = [_coder(comments, coder) for coder in coders]
    agreement = agreement_table(codes, assignments, codebook=codebook, outlook=outlook)
    summary: dict[str, Any] = {"comments": len(comments)}
    if codes:
        summary["headline_agreement"] = _headline(agreement, codes[0].name)
    return Compared(
        prevalence=theme_prevalence(assignments, codebook), agreement=agreement, outlook=shares, summary=summary
    )


def _coder(comments: pd.DataFrame, coder: CoderConfig) -> Coder:
    return Coder(
        name=coder.name,
        main=comments[coder.theme[0]],
        further=tuple(comments[column] for column in coder.theme[1:]),
        outlook=None if coder.outlook is None else comments[coder.outlook],
    )


def _headline(agreement: pd.DataFrame, coder: str) -> dict[str, Any] | None:
    """Return the figures that the screen and the methods text quote, or None where nothing was coded."""
    chosen = agreement[
        (agreement["first"] == coder)
        & (agreement["second"] == MACHINE_DIRECT)
        & (agreement["facet"] == "themes")
        & (agreement["comments"] == CODED_WITH_THEME)
    ]
    if chosen.empty:
        return None
    values = {str(row["measure"]): float(row["value"]) for row in chosen.to_dict("records")}
    return {
        "coder": coder,
        "comments": int(chosen["n"].iloc[0]),
        **{name: None if math.isnan(value) else value for name, value in values.items()},
    }
