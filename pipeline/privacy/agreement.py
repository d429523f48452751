"""Measures of agreement over few comments."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.privacy.rounding import Rules
from pipeline.privacy.shares import as_counts


def protect_agreement(agreement: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Protect the measures of agreement: those over few comments are left out.

    Parameters
    ----------
    agreement : DataFrame
        measure, value, low, high, n (comments); see `pipeline.crosswalk.agreement.agreement_table`.
    rules : Rules
        What is small.

    Returns
    -------
    DataFrame
        With `suppressed` (bool). A left-out row has no value, interval nor n; the n of the others is rounded.
    """
    n = agreement["n"].to_numpy(dtype=np.float64)
    hidden = n < rules.base_limit
    public = agreement.assign(n=as_counts(np.where(hidden, np.nan, rules.rounded(n)), agreement), suppressed=hidden)
    for name in ("value", "low", "high"):
        public[name] = public[name].mask(pd.Series(hidden, index=public.index))
    return public
