"""Made-up tables of any size with names as long as names get, and every figure drawn from them."""

import numpy as np
import pandas as pd
from pydantic import TypeAdapter

from pipeline.codebook.codebook import Claim
from pipeline.disclosure.points import SMALL_TOPICS
from pipeline.figures.alluvial import topic_flows
from pipeline.figures.audit import audit_paths
from pipeline.figures.claims import claims_forest
from pipeline.figures.comment_map import comment_map
from pipeline.figures.crosswalk import crosswalk_chart
from pipeline.figures.dendrogram import topic_dendrogram
from pipeline.figures.flow import comment_flow
from pipeline.figures.groups import shares_by_group
from pipeline.figures.joint_display import joint_display_figure
from pipeline.figures.outlook import outlook_by_group
from pipeline.figures.over_time import themes_over_time
from pipeline.figures.stability import topic_stability
from pipeline.figures.theme_pairs import themes_together
from pipeline.figures.theme_shares import theme_shares

LONG = "A remarkably long and winding label of topics and groups"
LONG_THEME = "Another quite as long and winding name of a published theme"
NOTICE = "Illustrative data: made up for a test. " * 3


def themes_of(count, name=LONG_THEME):
    return {f"theme_{n}": f"{name[:57]} {n:02d}" for n in range(count)}


def topics_of(count, *, label=LONG, themes=("theme_0", "theme_1", "theme_2", "unmapped")):
    random = np.random.default_rng(count)
    topics = pd.DataFrame({"topic": np.arange(count), "label": [f"{label} {n:03d}" for n in range(count)]})
    topics["size"] = [8 + 600 // (n + 1) for n in range(count)]
    topics["share"] = topics["size"] / max(topics["size"].sum() * 1.4, 1)
    topics["parent"] = topics["topic"] // 3
    topics["theme"] = [themes[n % len(themes)] for n in range(count)]
    topics["status"] = ["unmapped" if theme == "unmapped" else "matched" for theme in topics["theme"]]
    topics["nearest_theme"] = [themes[0] if theme == "unmapped" else theme for theme in topics["theme"]]
    topics["settled"] = topics["topic"] % 3 != 1
    topics["stability"], topics["mapping_robustness"] = random.uniform(size=(2, count))
    topics.loc[topics["topic"] % 5 == 4, "stability"] = None
    topics["q_value"], topics["p_shuffled"], topics["own_share"] = random.uniform(size=(3, count))
    return topics


def crosswalk_of(topics, themes):
    random = np.random.default_rng(len(topics))
    return pd.DataFrame(
        [
            {"topic": topic, "theme": theme, "fit": random.uniform(0, 0.6), "matched": taken == theme,
             "replicates": random.uniform()}
            for topic, taken in zip(topics["topic"], topics["theme"], strict=True)
            for theme in themes
        ],
        columns=["topic", "theme", "fit", "matched", "replicates"],
    ).astype({"matched": bool})  # fmt: skip


def points_of(topics, *, outliers=60):
    """Return points in a cloud for each topic, the clouds strewn over the plane and partly over one another."""
    random = np.random.default_rng(len(topics))
    clouds = []
    for row in topics.itertuples():
        middle = random.uniform(0, 10, size=2)
        places = random.normal(middle, 0.5, size=(int(row.size), 2))
        clouds.append(pd.DataFrame(places, columns=["x", "y"]).assign(topic=row.topic, theme=row.theme))
    strewn = pd.DataFrame(random.uniform(-1, 11, size=(outliers, 2)), columns=["x", "y"])
    return pd.concat([*clouds, strewn.assign(topic=-1, theme="")], ignore_index=True)


def prevalence_of(themes, *, none_matched=False, kind="coded"):
    rows = [
        {"theme": theme, "name": name, "published_rank": rank, "share_by_comments": 0.0 if none_matched else 0.6 / rank,
         "share_by_topics": 0.3 / rank}
        for rank, (theme, name) in enumerate(themes.items(), start=1)
    ]  # fmt: skip
    rows += [
        {"theme": "unmapped", "name": "No theme fits", "share_by_comments": 0.05, "share_by_topics": 0.2},
        {"theme": "outlier", "name": "In no topic", "share_by_comments": None, "share_by_topics": 0.3},
    ]
    frame = pd.DataFrame(rows)
    for route in ("comments", "topics"):
        frame[f"share_by_{route}"] = frame[f"share_by_{route}"].astype(float)
    is_coded = kind == "coded"
    share = frame["share_by_comments"] * (0.5 if is_coded else 1)
    has_share = frame["theme"] != "outlier"
    frame = frame.assign(
        share=share, low=share * 0.8 if is_coded else np.nan, high=share * 1.2 if is_coded else np.nan,
        reading=np.where(has_share, kind, ""), by=np.where(has_share & is_coded, "ada", ""),
    )  # fmt: skip
    return frame.astype({"published_rank": "Int64"})


def audit_of(count, n_coded=120):
    """Return the audit of so many claims, and its paths."""
    random, claims = np.random.default_rng(count), [f"claim_{n}" for n in range(count)]
    verdicts = [("confirmed", "refuted", "go on")[n % 3] for n in range(count)]
    after = pd.array([None if verdict == "go on" else 60 for verdict in verdicts], dtype="Int64")
    audit = pd.DataFrame({"claim": claims, "verdict": verdicts, "coded": n_coded, "after": after})
    steps = random.normal(0.01, 0.05, size=(2, count, n_coded)).cumsum(axis=2)
    paths = pd.DataFrame({"claim": np.repeat(claims, n_coded), "coded": np.tile(np.arange(1, n_coded + 1), count)})
    paths["evidence_for"], paths["evidence_against"] = steps.reshape(2, -1).clip(max=2.0)
    return paths, audit


def group_names(count, label=LONG):
    """Return names of groups, and whether each is too small to be shown."""
    return [(f"{label} {n:03d}", n % 4 == 3) for n in range(count)]


def outlook_of(names):
    outlook = pd.DataFrame(
        [
            {"group": group, "entry": entry, "comments": 100 + n, "share": share, "low": share / 2,
             "high": (1 + share) / 2, "reading": "coded", "suppressed": hidden,
             "published_share": 0.22 if group == "All" else None}
            for n, (group, hidden) in enumerate([("All", False), *names])
            for entry, share in (("positive", n / (len(names) + 1)), ("negative", 0.9))
        ]
    )  # fmt: skip
    outlook.loc[outlook["suppressed"], ["comments", "share", "low", "high"]] = None
    return outlook


def flow_of(received=120):
    """Return what became of so many comments."""
    rows = [
        ("received", "", "", received, 1.0), ("set aside", "empty", "", 8, 8 / received),
        ("set aside", LONG, "", 0, 0.0),
        ("analysed", "", "", received - 8, 1 - 8 / received), ("in a topic", "", "", received - 30, 0.8),
        ("with a theme", "", "coded", received - 20, 0.9),
    ]  # fmt: skip
    flow = pd.DataFrame(rows, columns=["step", "reason", "reading", "comments", "share"])
    return flow.astype({"comments": "Int64"}).assign(suppressed=False)


def pairs_of(themes):
    """Return pairs of themes, some of which come together more often than chance and some less often."""
    random = np.random.default_rng(len(themes))
    rows = [
        {"first": first, "second": second, "first_name": themes[first], "second_name": themes[second],
         "reading": "coded", "comments": 10, "share_of_first": random.uniform(0, 0.4),
         "share_of_second": random.uniform(0, 0.4),
         "together": ("more often than chance", "less often than chance", "")[(n + place) % 3]}
        for n, first in enumerate(themes) for place, second in enumerate(themes) if place > n
    ]  # fmt: skip
    names = ("first", "second", "first_name", "second_name", "reading", "comments", "share_of_first", "share_of_second",
             "together")  # fmt: skip
    shares = dict.fromkeys(("share_of_first", "share_of_second"), float)
    return pd.DataFrame(rows, columns=names).astype(shares).assign(suppressed=False)


def periods_of_themes(count, themes):
    """Return the rows of so many quarters in the table of groups."""
    random = np.random.default_rng(count)
    rows = [
        {"column": "sent", "group": f"{2020 + n // 4} Q{n % 4 + 1}", "facet": "themes", "entry": theme,
         "reading": "coded", "comments": 100, "share": share, "low": 0.8 * share, "high": 1.2 * share,
         "difference": share - 0.2, "q_value": random.uniform(0, 0.2), "suppressed": False}
        for n in range(count) for theme in themes for share in (random.uniform(0, 0.4),)
    ]  # fmt: skip
    names = ("column", "group", "facet", "entry", "reading", "comments", "share", "low", "high", "difference",
             "q_value", "suppressed")  # fmt: skip
    return pd.DataFrame(rows, columns=names)


def tree_of(topics):
    """Return a tree in which each topic joins those before it."""
    numbers = topics["topic"].astype(str).tolist()
    rows = [(", ".join(numbers[:row]), numbers[row], row / (len(numbers) - 1)) for row in range(1, len(numbers))]
    return pd.DataFrame(rows, columns=["first", "second", "apart"])


def entries_of(topics):
    """Return topics as entries of a figure by group."""
    return pd.DataFrame({"entry": topics["topic"].astype(str), "name": topics["label"], "share": topics["share"]})


def groups_of(names, topics, facet="topics"):
    """Return the shares of groups of two columns; every seventh is of the second."""
    random = np.random.default_rng(len(topics))
    groups = pd.DataFrame(
        [
            {"column": "role" if n % 7 == 6 else "care_setting", "group": group, "facet": facet, "entry": str(topic),
             "reading": "coded", "comments": 100 + n, "share": share, "low": 0.8 * share, "high": 1.2 * share,
             "q_value": random.uniform(0, 0.2), "suppressed": hidden}
            for n, (group, hidden) in enumerate(names)
            for topic in topics["topic"]
            for share in (random.uniform(0, 0.4),)
        ],
        columns=["column", "group", "facet", "entry", "reading", "comments", "share", "low", "high", "q_value",
                 "suppressed"],
    )  # fmt: skip
    groups = groups.astype({"comments": "Int64", "suppressed": bool})
    groups = groups.astype(dict.fromkeys(("share", "low", "high", "q_value"), "Float64"))
    groups.loc[groups["suppressed"], ["comments", "share", "low", "high", "q_value"]] = pd.NA
    return groups


def joint_display_of(prevalence, *, words=12):
    """Return a joint display of themes with as many words in each cell."""
    themes = prevalence[~prevalence["theme"].isin(["unmapped", "outlier"])].reset_index(drop=True)
    said = " ".join(["respondents"] * words)
    return themes[["theme", "name", "reading", "share", "low", "high", "share_by_comments", "share_by_topics"]].assign(
        definition=f"It covers {said}.", coders="ann 20% | ben 17%", quotation_1=f"First {said}",
        attribution_1="a nurse", quotation_2=f"Second {said}", attribution_2="",
        claims=f"Supported: It claims {said}. | Cannot tell: It also claims {said}.", suppressed=False,
    )  # fmt: skip


def claims_of(count, label=LONG):
    """Return claims of all kinds, as the codebook has them and as they were judged; the last has no estimate."""
    written, rows = [], []
    for n in range(count):
        kind = ("share", "difference", "order", "prominent")[n % 4]
        how = {
            "share": {"entry": "theme_0", "value": 0.2}, "prominent": {"entry": "theme_0", "at_least": 0.3},
            "order": {"order": ["theme_0", "theme_1"]},
            "difference": {"entry": "theme_0", "column": "c", "group": "g", "direction": "higher", "margin": 0.02},
        }[kind]  # fmt: skip
        written.append({"id": f"claim_{n}", "kind": kind, "statement": f"{label} {n}.", "facet": "themes", **how})
        verdict = ("supported", "not supported", "cannot tell", "no number")[n % 4]
        share = 0.1 + 0.02 * n if n + 1 < count or count == 1 else None
        rows.append(
            {"claim": f"claim_{n}", "kind": kind, "statement": f"{label} {n}.", "estimate": share, "verdict": verdict,
             "low": share and share - 0.05, "high": share and share + 0.07,
             "reading": "corrected" if n % 2 else "coded", "suppressed": False}
        )  # fmt: skip
    names = ("claim", "kind", "statement", "estimate", "verdict", "low", "high", "reading", "suppressed")
    claims = pd.DataFrame(rows, columns=names).astype(dict.fromkeys(("estimate", "low", "high"), float))
    return claims, {one["id"]: TypeAdapter(Claim).validate_python(one) for one in written}


def without_numbers(rows, names, *, every=3):
    """Return a table in which one row in so many has no number, the first included."""
    gone = np.arange(len(rows)) % every == 0
    return rows.assign(**{name: rows[name].astype("Float64").mask(gone) for name in names})


def draw(name, count=4, *, width_mm=180.0, notice=NOTICE, label=LONG, n_groups=8, n_themes=4, theme=LONG_THEME,
         hidden=False):  # fmt: skip
    """Draw a figure from made-up tables of so many topics, groups and themes; some may have numbers not shown."""
    themes = themes_of(n_themes, theme)
    topics = topics_of(count, label=label, themes=(*list(themes)[: max(n_themes - 1, 1)], "unmapped"))
    prevalence = prevalence_of(themes)
    themes_as_topics = pd.DataFrame({"topic": list(themes), "label": list(themes.values()), "share": 0.2})
    claims, written = claims_of(count, label)
    points = points_of(topics) if name == "comment_map" else points_of(topics[:0])
    flow, pairs, periods = flow_of(), pairs_of(themes), periods_of_themes(max(count, 2), themes)
    if hidden:
        flow.loc[flow["step"] == "with a theme", ["comments", "share"]] = pd.NA
        pairs = pairs.assign(share_of_first=np.nan, share_of_second=np.nan)
        periods = without_numbers(periods, ("share", "low", "high", "q_value"), every=5)
        topics = without_numbers(topics, ("size", "share"))
        shares = [column for column in prevalence if column.startswith("share")]
        prevalence = without_numbers(prevalence, [*shares, "low", "high"])
        claims = without_numbers(claims, ("estimate", "low", "high"))
        claims["suppressed"] = claims["estimate"].isna()
        is_small = points["topic"].isin(topics.loc[topics["size"].isna(), "topic"])
        points = points.assign(
            topic=points["topic"].mask(is_small, SMALL_TOPICS), theme=points["theme"].mask(is_small, "")
        )
    names, how = group_names(n_groups, label), {"width_mm": width_mm, "notice": notice}
    drawings = {
        "crosswalk": lambda: crosswalk_chart(crosswalk_of(topics, themes), topics, themes, **how),
        "comment_map": lambda: comment_map(points, topics, themes, **how),
        "theme_shares": lambda: theme_shares(prevalence, **how),
        "flow": lambda: comment_flow(flow, **how),
        "theme_pairs": lambda: themes_together(pairs, themes, **how),
        "over_time": lambda: themes_over_time(periods, themes, **how),
        "joint_display": lambda: joint_display_figure(joint_display_of(prevalence), **how),
        "claims": lambda: claims_forest(claims, written, **how),
        "alluvial": lambda: topic_flows(topics, themes, **how),
        "audit": lambda: audit_paths(*audit_of(count), {f"claim_{n}": f"{label} {n}." for n in range(count)}, **how),
        "outlook": lambda: outlook_by_group(outlook_of(names), **how),
        "stability": lambda: topic_stability(topics, **how),
        "themes_by_group": lambda: shares_by_group(
            groups_of(names, themes_as_topics, "themes"), entries_of(themes_as_topics), what="themes", **how
        ),
        "groups": lambda: shares_by_group(groups_of(names, topics), entries_of(topics), what="topics", **how),
        "hierarchy": lambda: topic_dendrogram(topics, tree_of(topics), **how),
    }
    return drawings[name]()
