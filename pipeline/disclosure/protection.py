"""What must not be published: cells so small that they may tell of a person.

How a reader attacks a table, and what is done about it:

- *Looking.* "3 of the 40 comments in role R are hopeful" tells colleagues of R about three people. Counts below
  `Rules.suppress_below` are left out, and all figures of a base below `Rules.smallest_base`.
- *Complements.* "38 of 40" tells of the 2 others. A count is left out where what it lacks to its base is small.
- *Differencing.* With 45 hopeful comments in all and 42 in the other roles, R's 3 are back. Cells of other groups
  are left out beside it until every small number is possible (`pipeline.disclosure.rounding.hide_more`). What is left
  out is safe even if all that is shown were known to the last comment: rounding is a second wall, not the first.
- *Adding up.* Where a total is left out, so that a smaller one beside it cannot be worked out, its counts of all
  groups would add up to it: no group has a count of it.
- *Totals.* Entries of which each comment has one add up to the base, entries that combine others to their parts,
  groups to the whole, topics to their coarse topic. All these sums are among what the reader is taken to know.
- *Folding.* Groups left out can be put together as one: the whole less the shown. Together they are a group too,
  and must be neither small nor have small counts that can be worked out.
- *Percentages.* 7.0 % of 43 is 3. Shares and intervals follow from the rounded counts.
- *Counting.* A map has a point for each distinct comment. Points are thinned (`pipeline.disclosure.points`).

Not covered: two runs over nearly the same comments, both published, can be differenced; publish one.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from pipeline.disclosure.agreement import protect_agreement
from pipeline.disclosure.claims import protect_claims
from pipeline.disclosure.groups import protect_groups, protect_outlook
from pipeline.disclosure.linked_cells import entries_to_hide
from pipeline.disclosure.points import protect_points
from pipeline.disclosure.rounding import Rules
from pipeline.disclosure.shares import written_coarsely
from pipeline.disclosure.topics import (
    protect_coded,
    protect_diagnosis,
    protect_prevalence,
    protect_topics,
    without_topics,
)


def protect_public(tables: Mapping[str, pd.DataFrame], rules: Rules) -> dict[str, pd.DataFrame]:
    """Protect all public tables together.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        As `pipeline.disclosure.public_tables.public_tables` gives them with no group left out (`smallest_group=1`).
    rules : Rules
        What is small.

    Returns
    -------
    dict of str to DataFrame
        The same tables. Figures that hold no counts (crosswalk, article) are as they were. A claim whose counts,
        base or group are left out elsewhere has no figures, no sentence and the verdict "cannot tell"; the others
        quote rounded counts and whole percentages. Agreement over few comments is blank; the statistic of a test over
        groups is blank, since it could be solved for a count, and the stability of a topic has two decimals, since it
        is a ratio of comments. Where a topic is left out, so are the shares of themes by topics and the topic's
        counts in groups; where a theme is, so are its counts in groups. The map is thinned to round numbers of
        points. Shares by people's codes have no counts.

    Raises
    ------
    ValueError
        Where groups were left out before, or the number of comments analysed cannot be told from the tables.
    """
    if rules.idle:
        return {name: table.copy() for name, table in tables.items()}
    base = _analysed(tables)
    public = {name: table.copy() for name, table in tables.items()}
    public["topics"], public["coarse_topics"] = protect_topics(
        tables["topics"], tables["coarse_topics"], base=base, rules=rules
    )
    public["topics"]["stability"] = public["topics"]["stability"].round(2)
    public["prevalence"] = protect_prevalence(tables["prevalence"], base=base, rules=rules)
    public["coded"] = protect_coded(tables["coded"], rules=rules)
    public["outlook"] = protect_outlook(tables["outlook"], rules=rules)
    decided = tables["outlook"].assign(suppressed=public["outlook"]["suppressed"])
    public["groups"] = protect_groups(
        tables["groups"], rules=rules, outlook=decided, left_out=_left_out(tables, public, base=base, rules=rules)
    )
    public["group_tests"] = written_coarsely(
        tables["group_tests"].assign(statistic=np.nan),
        ["p_value", "q_value"],
        np.zeros(len(tables["group_tests"]), dtype=np.bool_),
    )
    small = set(public["topics"].loc[public["topics"]["suppressed"].to_numpy(dtype=bool), "topic"])
    if small:
        # Counts by topics are sums of topics' sizes, of which some are left out.
        public["prevalence"] = without_topics(public["prevalence"])
    public["diagnosis"] = protect_diagnosis(tables["diagnosis"], small, rules)
    public["agreement"] = protect_agreement(tables["agreement"], base=base, rules=rules)
    public["claims"] = protect_claims(tables["claims"], tables["prevalence"], public, rules)
    public["comment_map"] = protect_points(tables["comment_map"], small, rules)
    return public


def _left_out(
    tables: Mapping[str, pd.DataFrame], public: Mapping[str, pd.DataFrame], *, base: int, rules: Rules
) -> dict[str, set[str]]:
    """Return for themes and for topics the entries whose counts of all groups together are left out."""
    prevalence, topics = tables["prevalence"], public["topics"]
    # A theme may be left out for the sake of its topics alone: then its comments are no secret.
    themes = prevalence.loc[entries_to_hide(prevalence, "theme", "n_by_comments", base, rules), "theme"]
    small = topics.loc[topics["suppressed"].to_numpy(dtype=bool), "topic"]
    return {"themes": set(themes), "topics": {str(topic) for topic in small}}


def _analysed(tables: Mapping[str, pd.DataFrame]) -> int:
    """Return how many comments were analysed: a count over its share, where the count is largest."""
    routes = [(tables["prevalence"], f"n_by_{route}", f"share_by_{route}") for route in ("comments", "topics")]
    for rows, count, share in (*routes, (tables["topics"], "size", "share")):
        used = rows[rows[count].fillna(0) > 0]
        if len(used):
            counts = used[count].to_numpy(dtype=np.float64)
            largest = int(counts.argmax())
            return round(float(counts[largest]) / float(used[share].to_numpy(dtype=np.float64)[largest]))
    if any(len(tables[name]) for name in ("prevalence", "topics")):
        raise ValueError("prevalence: no theme has a comment, so that the comments analysed cannot be counted.")
    return 0
