"""Topics and themes by group, and over time."""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from pipeline.contracts import OUTLIER
from pipeline.errors import ConfigError, did_you_mean
from pipeline.exploring.material import NO_TOPIC, Material
from pipeline.formats.dates import read_dates

Every = Literal["day", "week", "month", "quarter", "year"]
_PERIODS = {"day": "D", "week": "W", "month": "M", "quarter": "Q", "year": "Y"}


def counts_by(material: Material, groups: pd.Series[Any]) -> pd.DataFrame:
    """Count the comments of each topic and each theme in groups of comments.

    Parameters
    ----------
    material : Material
        The run.
    groups : Series
        The group of each analysed comment, row by row as `material.comments`; a missing value is in no group. The
        categories of a categorical are all listed, in their order.

    Returns
    -------
    DataFrame
        kind ("topic" or "theme"), id, name, group, comments, of (all comments of the group), share (in [0, 1];
        missing for a group without comments): a row for each topic, for the comments in none, and for each theme, in
        each group. A comment has every theme that a part of it shows, so that shares of themes do not add up to 1.
    """
    kept = groups.notna().to_numpy()
    order = groups.cat.categories if isinstance(groups.dtype, pd.CategoricalDtype) else sorted(groups[kept].unique())
    of = groups[kept].value_counts().reindex(order, fill_value=0).to_numpy(dtype=np.int64)
    topics = material.comments["topic"].to_numpy()
    entries = [("topic", str(topic), label, topics == topic) for topic, label in material.labels.items()]
    entries.append(("topic", str(OUTLIER), NO_TOPIC, topics == OUTLIER))
    entries += [("theme", theme, name, material.carried[theme].to_numpy()) for theme, name in material.names.items()]
    tables = []
    for kind, entry, name, has in entries:
        n = groups[kept & has].value_counts().reindex(order, fill_value=0).to_numpy(dtype=np.int64)
        table = pd.DataFrame({"group": order, "comments": n, "of": of, "share": n / np.where(of > 0, of, np.nan)})
        tables.append(table.assign(kind=kind, id=entry, name=name))
    return pd.concat(tables, ignore_index=True)[["kind", "id", "name", "group", "comments", "of", "share"]]


def counts_over_time(material: Material, column: str, *, every: str = "month") -> pd.DataFrame:
    """Count the comments of each topic and each theme over time.

    Parameters
    ----------
    material : Material
        The run.
    column : str
        The column that holds dates.
    every : {"day", "week", "month", "quarter", "year"}
        How long a period is.

    Returns
    -------
    DataFrame
        As `counts_by` gives it, with start (the period's first moment) in the place of group. Periods without comments
        are there from the first to the last; comments without a date are not counted.

    Raises
    ------
    ConfigError
        For another kind of period.
    DataError
        Where the run has no such column, or not all of it can be read as dates.
    """
    if every not in _PERIODS:
        raise ConfigError(
            f"every: there is no period '{every}'.{did_you_mean(every, _PERIODS)}", f"Use {', '.join(get_args(Every))}."
        )
    dates = read_dates(material.column(column), column)
    periods = dates.dt.to_period(_PERIODS[every])
    known = periods.dropna()
    span = pd.period_range(known.min(), known.max(), freq=_PERIODS[every])
    starts = periods.dt.start_time.astype(pd.CategoricalDtype(list(span.start_time)))
    found = counts_by(material, starts).rename(columns={"group": "start"})
    return found.assign(start=pd.to_datetime(found["start"]))
