"""Public tables of few rows, as they come to be protected."""

import numpy as np
import pandas as pd
from pipeline.disclosure.rounding import Rules

from pipeline.account.intervals import share_interval

IDLE = Rules(suppress_below=1, round_to=1, smallest_base=0)


def group_rows(sizes, counts):
    rows = [
        {"column": "setting", "group": group, "facet": "outlook", "entry": entry, "comments": sizes[group],
         "count": n, "share": n / sizes[group], "low": 0.0, "high": 1.0, "rest_share": 0.1, "difference": 0.1234,
         "difference_low": 0.0, "difference_high": 0.2, "p_value": 0.01234, "q_value": 0.0234}
        for group, of_group in counts.items() for entry, n in of_group.items()
    ]  # fmt: skip
    return pd.DataFrame(rows).assign(suppressed=False)


SIZES = {"A": 100, "B": 90, "C": 80}
COUNTS = {"A": {"up": 60, "down": 40}, "B": {"up": 87, "down": 3}, "C": {"up": 30, "down": 50}}


def outlook_rows():
    groups = group_rows(SIZES, COUNTS)[["group", "entry", "comments", "count", "share", "low", "high"]]
    whole = groups.groupby("entry", as_index=False)[["comments", "count"]].sum()
    whole = whole.assign(group="All", share=whole["count"] / whole["comments"], low=0.0, high=1.0)
    return pd.concat([whole, groups], ignore_index=True).assign(published_share=np.nan)


def topics_of(sizes, parents, base=200):
    topics = pd.DataFrame({"topic": range(len(sizes)), "parent": parents, "size": sizes})
    topics["share"] = topics["size"] / base
    coarse = topics.groupby("parent", as_index=False)["size"].sum().rename(columns={"parent": "topic_coarse"})
    return topics, coarse.assign(share=coarse["size"] / base)


def points_of(numbers, seed=0):
    """Points of topics: how many of each."""
    topics = [topic for topic, number in numbers.items() for _ in range(number)]
    x, y = np.random.default_rng(seed).normal(size=(2, len(topics)))
    themes = ["" if topic < 0 else "a" for topic in topics]
    return pd.DataFrame({"x": x, "y": y, "topic": np.array(topics, dtype=int), "theme": np.array(themes, dtype=object)})


def coded_rows(counts, base=200, coder="ada"):
    return pd.DataFrame(
        [{"coder": coder, "theme": theme, "name": theme, "comments": base, "count": n, "share": n / base,
          "low": share_interval(n, base)[0], "high": share_interval(n, base)[1]} for theme, n in counts.items()]
    )  # fmt: skip


def claim(
    kind="share", facet="themes", n=200, shown="'A': 41 of 203 comments, 20.2 % (95 % interval 15.2 % to 26.3 %)."
):
    return {"claim": "c", "kind": kind, "statement": "s", "facet": facet, "claimed": "", "estimate": 0.2021,
            "low": 0.152, "high": 0.263, "shown": shown, "verdict": "supported", "reason": "r", "n": n}  # fmt: skip


def agreement_rows(*rows):
    """Measures of a coder with the machine: coder, measure, value, n."""
    made = pd.DataFrame(rows, columns=["first", "measure", "value", "n"])
    where = {"second": "comments matched directly", "facet": "themes", "comments": "coded with a theme"}
    return made.assign(**where, low=0.1234, high=0.9876)


def public(claims=(), sizes=(90, 50, 30)):
    topics, coarse = topics_of(list(sizes), [0, 1, 1], base=200)
    topics["stability"] = [11 / 13, 0.5, 0.25]
    prevalence = pd.DataFrame({"theme": ["a", "unmapped"], "name": ["A", "none"]})
    for route, counts in (("topics", [120, 80]), ("comments", [41, 159])):
        prevalence[f"n_by_{route}"] = pd.array(counts, dtype="Int64")
        prevalence[f"share_by_{route}"] = [n / 200 for n in counts]
        for end, at in (("low", 0), ("high", 1)):
            prevalence[f"share_by_{route}_{end}"] = [share_interval(n, 200)[at] for n in counts]
    prevalence = prevalence.assign(route_difference=0.1, route_low=0.0, route_high=0.2, routes_disagree=False)
    diagnosis = pd.DataFrame({"kind": ["theme", "topic", "topic", "topic"], "id": ["a", "0", "1", "2"],
                              "with": ["1; 2", "", "a", "a"], "comments": [sizes[1] + sizes[2], *sizes]})  # fmt: skip
    agreement = agreement_rows(("A", "macro_f1", 0.5, 9), ("B", "macro_f1", 0.6, 153))
    return {
        "topics": topics, "coarse_topics": coarse, "crosswalk": pd.DataFrame({"fit": [0.1]}), "diagnosis": diagnosis,
        "prevalence": prevalence, "coded": coded_rows({"a": 41, "unmapped": 159}),
        "claims": pd.DataFrame(list(claims) or [claim()]), "agreement": agreement,
        "outlook": outlook_rows(), "groups": group_rows(SIZES, COUNTS), "article": pd.DataFrame({"fit": [0.2]}),
        "group_tests": pd.DataFrame({"statistic": [12.3], "p_value": [0.00001], "q_value": [0.2]}),
        "comment_map": points_of(dict(enumerate(sizes)) | {-1: 30}),
    }  # fmt: skip
