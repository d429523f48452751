"""The audit of the account's claims by people's codes of the random sample."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from pipeline.account.audit import Audit, audit_claims
from pipeline.account.readings import coded_themes
from pipeline.codebook.codebook import Codebook, Facet
from pipeline.coding.codes import CodedSample, sampled_coders
from pipeline.crosswalk.membership import one_of_each


def audited(
    sample: CodedSample,
    comment_ids: pd.Series[str],
    read: Mapping[str, pd.DataFrame],
    groups: Mapping[str, pd.Series[str]],
    codebook: Codebook,
    outlook: Facet | None,
) -> Audit:
    """Say which claims people's codes of the random sample confirm or refute.

    Parameters
    ----------
    sample : CodedSample
        What people coded.
    comment_ids : Series of str, length n_comments
        The analysed comments.
    read : mapping of str to DataFrame, shape (n_comments, n_entries)
        The machine's reading by facet, row by row as `comment_ids`.
    groups : mapping of str to Series of str, length n_comments
        The group of each comment by each metadata column; see `pipeline.account.groups.grouped_columns`.
    codebook : Codebook
        The account, with its claims.
    outlook : Facet or None
        The outlook facet.

    Returns
    -------
    Audit
        See `pipeline.account.audit.audit_claims`. It is exact, and so internal.
    """
    place = pd.Series(range(len(comment_ids)), index=pd.Index(comment_ids))
    rows = place.loc[list(sample.order)].to_numpy()
    predicted = {facet: table.iloc[rows].astype(float) for facet, table in read.items()}
    drawn = {column: values.iloc[rows] for column, values in groups.items()}
    coders = sampled_coders(sample, pd.Series(sample.complete, dtype=object))
    coded = [{"themes": _given(coded_themes(one, codebook), one.main)} for one in coders]
    if outlook is not None:
        entries = [entry.id for entry in outlook.themes]
        for tables, one in zip(coded, coders, strict=True):
            if one.outlook is not None:
                tables[outlook.id] = _given(one_of_each(one.outlook, entries), one.outlook)
    return audit_claims(codebook.claims, coded, predicted, drawn)


def _given(carried: pd.DataFrame, codes: pd.Series[str]) -> pd.DataFrame:
    """Return what is coded as numbers, missing where the coder gave no code."""
    return carried.astype(float).where(codes != "", axis=0)
