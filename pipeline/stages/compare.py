"""Set the data beside the published account, and beside people's codes where there are any."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import pandas as pd

from pipeline.config import CoderConfig, CompareConfig
from pipeline.contracts import OUTLIER, UNMAPPED, Cleaned, Compared, Mapped
from pipeline.crosswalk.agreement import NO_THEME, class_agreement, codes_to_themes, partition_agreement
from pipeline.crosswalk.codebook import Codebook, Facet
from pipeline.crosswalk.intervals import share_interval

MACHINE_DIRECT = "comments matched directly"
MACHINE_TOPICS = "comments by their topic"
TOPICS = "topics"


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
    comments = cleaned.analysed.merge(mapped.assignments, on="comment_id", validate="one_to_one")
    prevalence = _prevalence(comments, codebook)
    outlook_shares = _outlook(comments, codebook, outlook, config)
    agreement = _agreement(comments, codebook, outlook, coders)
    summary: dict[str, Any] = {"comments": len(comments)}
    if len(agreement):
        first = agreement.iloc[0]["first"]
        headline = agreement[
            (agreement["first"] == first) & (agreement["second"] == MACHINE_DIRECT)
            & (agreement["facet"] == "themes") & (agreement["comments"] == "coded with a theme")
        ]  # fmt: skip
        summary["headline_agreement"] = {
            "coder": first,
            "comments": int(headline["n"].max()) if len(headline) else 0,
            **{row.measure: float(row.value) for row in headline.itertuples()},
        }
    return Compared(prevalence=prevalence, agreement=agreement, outlook=outlook_shares, summary=summary)


def _prevalence(comments: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    total = len(comments)
    rows = []
    for theme in (*codebook.theme_ids, UNMAPPED, "outlier"):
        by_topics = int(
            (comments["topic"] == OUTLIER).sum() if theme == "outlier" else (comments["theme"] == theme).sum()
        )
        # A comment has its best theme or none; only the topic route knows outliers.
        by_comments = None if theme == "outlier" else int((comments["theme_direct"] == theme).sum())
        names = {UNMAPPED: "No theme fits", "outlier": "In no topic"}
        row: dict[str, Any] = {
            "theme": theme,
            "name": names.get(theme) or codebook.name_of(theme),
            "published_rank": codebook.published_rank(theme),
        }
        for route, count in (("topics", by_topics), ("comments", by_comments)):
            low, high = share_interval(count, total) if count is not None else (None, None)
            row |= {
                f"n_by_{route}": count,
                f"share_by_{route}": None if count is None else count / total,
                f"share_by_{route}_low": low,
                f"share_by_{route}_high": high,
            }
        rows.append(row)
    return pd.DataFrame(rows).astype(
        {"published_rank": "Int64", "n_by_topics": "Int64", "n_by_comments": "Int64"}
        | {f"share_by_{route}{end}": float for route in ("topics", "comments") for end in ("", "_low", "_high")}
    )


def _outlook(comments: pd.DataFrame, codebook: Codebook, outlook: Facet | None, config: CompareConfig) -> pd.DataFrame:
    columns = ["group", "entry", "comments", "count", "share", "low", "high", "published_share"]
    if outlook is None:
        return pd.DataFrame(columns=columns)
    groups: list[tuple[str, pd.DataFrame]] = [("All", comments)]
    if config.group_column is not None:
        named = comments[config.group_column].replace("", "(not given)")
        groups += [(str(group), comments[named == group]) for group in sorted(named.unique())]
    together = tuple(config.outlook_positive)
    rows = []
    for group, members in groups:
        entries: list[tuple[tuple[str, ...], str]] = [((entry.id,), entry.id) for entry in outlook.themes]
        if len(together) > 1:
            entries.insert(0, (together, " or ".join(together)))
        for ids, entry in entries:
            count = int(members["outlook_direct"].isin(ids).sum())
            low, high = share_interval(count, len(members))
            published = codebook.published_share(outlook.id, together[0]) if ids == together else None
            if len(together) > 1 and published is None:
                published = codebook.published_share(outlook.id, entry)
            rows.append(
                {
                    "group": group,
                    "entry": entry,
                    "comments": len(members),
                    "count": count,
                    "share": count / len(members),
                    "low": low,
                    "high": high,
                    "published_share": published if group == "All" else None,
                }
            )
    return pd.DataFrame(rows, columns=columns).astype({"published_share": float})


def _agreement(
    comments: pd.DataFrame, codebook: Codebook, outlook: Facet | None, coders: Sequence[CoderConfig]
) -> pd.DataFrame:
    rows: list[dict[str, Any]] = []

    def add(first: str, second: str, facet: str, which: str, n: int, measures: dict[str, float]) -> None:
        rows.extend(
            {"first": first, "second": second, "facet": facet, "comments": which, "measure": m, "value": v, "n": n}
            for m, v in measures.items()
        )

    themes = codebook.theme_ids
    with_none = (*themes, NO_THEME)
    for coder in coders:
        codes = codes_to_themes(comments[coder.theme[0]], codebook.themes)
        second = codes_to_themes(comments[coder.theme[1]], codebook.themes) if len(coder.theme) > 1 else None
        coded, themed = codes != "", codes.isin(themes)
        for which, rows_used, classes, direct in (
            ("coded with a theme", themed, themes, comments["theme_nearest"]),
            ("all coded", coded, with_none, comments["theme_direct"].replace(UNMAPPED, NO_THEME)),
        ):
            if not rows_used.any():
                continue
            also = None if second is None else second[rows_used].tolist()
            n = int(rows_used.sum())
            measures = class_agreement(codes[rows_used].tolist(), direct[rows_used].tolist(), classes, also)
            add(coder.name, MACHINE_DIRECT, "themes", which, n, measures)
            by_topic = comments["theme"].replace({UNMAPPED: NO_THEME, "": NO_THEME})
            measures = class_agreement(codes[rows_used].tolist(), by_topic[rows_used].tolist(), classes, also)
            add(coder.name, MACHINE_TOPICS, "themes", which, n, measures)
        if coded.any():
            raw = comments.loc[coded, coder.theme[0]].tolist()
            measures = partition_agreement(raw, comments.loc[coded, "topic"].tolist())
            add(coder.name, TOPICS, "themes", "all coded", int(coded.sum()), measures)
        if outlook is not None and coder.outlook is not None:
            entries = [entry.id for entry in outlook.themes]
            codes = codes_to_themes(comments[coder.outlook], outlook.themes)
            used = codes.isin(entries)
            if used.any():
                measures = class_agreement(codes[used].tolist(), comments.loc[used, "outlook_direct"].tolist(), entries)
                add(coder.name, MACHINE_DIRECT, outlook.id, "coded with an outlook", int(used.sum()), measures)
    for one, other in combinations(coders, 2):
        first, second = (codes_to_themes(comments[coder.theme[0]], codebook.themes) for coder in (one, other))
        both = (first != "") & (second != "")
        if both.any():
            measures = class_agreement(first[both].tolist(), second[both].tolist(), with_none)
            add(one.name, other.name, "themes", "coded by both", int(both.sum()), measures)
        if outlook is not None and one.outlook and other.outlook:
            first, second = (codes_to_themes(comments[str(c.outlook)], outlook.themes) for c in (one, other))
            both = (first != "") & (second != "")
            if both.any():
                entries = [entry.id for entry in outlook.themes]
                measures = class_agreement(first[both].tolist(), second[both].tolist(), (*entries, NO_THEME))
                add(one.name, other.name, outlook.id, "coded by both", int(both.sum()), measures)
    columns = ["first", "second", "facet", "comments", "measure", "value", "n"]
    return pd.DataFrame(rows, columns=columns)
