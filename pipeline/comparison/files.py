"""The files of a comparison of two runs, and the same for the screen.

Small counts are protected before anything is written or shown, by the stricter of the two runs' rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from pipeline.comparison.protection import protect_comparison
from pipeline.comparison.runs import BY_COMMENTS, Comparison
from pipeline.comparison.themes import INDEPENDENT, INTERNAL_THEME_COLUMNS, OF_TOPIC
from pipeline.comparison.topics import INTERNAL_COLUMNS, MATCHED
from pipeline.contracts import UNMAPPED
from pipeline.tables.csv_files import to_csv
from pipeline.tables.numbers import MISSING, NOT_SHOWN, count, decimal, percent, points_with_range


@dataclass(frozen=True)
class Section:
    """A table to be read: its title, the names of its columns, and its rows as texts."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def disclosed(comparison: Comparison) -> Comparison:
    """Return the comparison as it may be shown.

    Parameters
    ----------
    comparison : Comparison
        As found.

    Returns
    -------
    Comparison
        Each table has a column `suppressed` (bool); suppressed figures are missing. A theme's share in one run can be
        suppressed while that in the other is shown. Under rules counts are rounded. The numbers of comments in the
        summary are texts.
    """
    said = comparison.summary
    shown = protect_comparison(
        comparison.topics, comparison.themes, comparison.decisions, comments=(said["comments_a"], said["comments_b"]),
        n_shared=said["n_shared"], by_comments=said["matched_by"] == BY_COMMENTS, rules=said["rules"],
    )  # fmt: skip
    return Comparison(
        topics=shown.topics.drop(columns=list(INTERNAL_COLUMNS)),
        themes=shown.themes.drop(columns=list(INTERNAL_THEME_COLUMNS)),
        decisions=shown.decisions,
        summary={
            **said,
            "comments_a": shown.comments_a,
            "comments_b": shown.comments_b,
            "n_shared": shown.n_shared,
            "ami": said["ami"] if shown.enough else None,
        },
    )


def headlines(comparison: Comparison) -> list[str]:
    """Return how the runs were compared, a sentence each.

    Parameters
    ----------
    comparison : Comparison
        What was found.
    """
    said = comparison.summary
    by_comments = said["matched_by"] == BY_COMMENTS
    alike = "a Jaccard overlap" if by_comments else "a cosine of their centroids"
    lines = [
        f"A is {said['name_a']} (comments: {said['comments_a']}, topics: {said['topics_a']}). "
        f"B is {said['name_b']} (comments: {said['comments_b']}, topics: {said['topics_b']}).",
        f"Topics were matched by {said['matched_by']} (comments that are the same in both: {said['n_shared']}). "
        f"Matched topics have {alike} above {said['threshold']:g}. "
        f"A part of a split or a merge has at least {percent(said['part'])} of a topic's comments.",
    ]
    if said["ami"] is not None:
        lines.append(
            f"Agreement of the two sets of topics over the shared comments: AMI {decimal(said['ami'])} (1 is perfect)."
        )
    lines.append(_how_themes_are_compared(comparison))
    if not said["same_codebook"]:
        lines.append("The two codebooks differ. Themes can have changed because of that.")
    rules = said["rules"]
    if not rules.exact:
        lines.append(
            f"Counts below {rules.suppress_below} are hidden, and others from which one could work them out. "
            f"Other counts are rounded to {rules.round_to}. Shares and overlaps follow from the rounded counts."
        )
    changed = said["changed"]
    lines.append(f"Settings that differ: {'; '.join(changed)}." if changed else "No setting differs.")
    return lines


def _how_themes_are_compared(comparison: Comparison) -> str:
    if comparison.summary["matched_by"] != BY_COMMENTS:
        return "Themes are compared over all comments, with intervals for independent samples."
    if comparison.summary["n_shared"] == NOT_SHOWN:
        return "Themes have no figures here. They would reveal how few comments are in one run alone."
    lines = ["Themes are compared over the shared comments alone, with intervals for paired data."]
    if INDEPENDENT in set(comparison.themes["interval"]):
        # The paired interval is as narrow as few comments moved.
        lines.append("Where it is hidden how many comments moved, the intervals are wider: those for independent data.")
    return " ".join(lines)


def sections(comparison: Comparison) -> list[Section]:
    """Return the tables to be read.

    Parameters
    ----------
    comparison : Comparison
        As `disclosed` gives it: what is missing is shown as a dash or as not shown.

    Returns
    -------
    list of Section
        Matched topics; what split, merged, appeared and vanished; themes; decisions. Empty ones are omitted.
    """
    themes = comparison.themes
    names = {**dict(zip(themes["theme"], themes["name"], strict=True)), UNMAPPED: "no theme fits", "": MISSING}
    is_matched = comparison.topics["what"] == MATCHED
    paired = [
        (
            _topic(row, "a"), count(row["size_a"]), percent(row["share_a"]),
            _topic(row, "b"), count(row["size_b"]), percent(row["share_b"]), decimal(row["similarity"]),
        )
        for row in comparison.topics[is_matched].to_dict("records")
    ]  # fmt: skip
    others = [
        (
            str(row["what"]), _topic(row, "a"), _topic(row, "b"),
            percent(row["moved_from_a"]), percent(row["moved_to_b"]), decimal(row["similarity"]),
        )
        for row in comparison.topics[~is_matched].to_dict("records")
    ]  # fmt: skip
    moved = [
        (str(row["name"]), percent(row["share_a"]), percent(row["share_b"]), _difference(row))
        for row in themes.to_dict("records")
    ]
    changed = [
        (
            f"{_topic(row, 'a')} / {_topic(row, 'b')}" if row["what"] == OF_TOPIC else "comments",
            names.get(row["theme_a"], row["theme_a"]), names.get(row["theme_b"], row["theme_b"]),
            count(row["comments"]),
        )
        for row in comparison.decisions.to_dict("records")
    ]  # fmt: skip
    found = [
        Section(
            "Matched topics",
            ("Topic of A", "Comments", "Share", "Topic of B", "Comments", "Share", "Similarity"),
            tuple(paired),
        ),
        Section(
            "Topics that split, merged, vanished or appeared",
            ("What", "Topic of A", "Topic of B", "Of A's comments", "Of B's comments", "Similarity"),
            tuple(others),
        ),
        Section("Shares of themes", ("Theme", "A", "B", "B minus A, points (95% interval)"), tuple(moved)),
        Section("Decisions that changed", ("Of", "Theme in A", "Theme in B", "Comments"), tuple(changed)),
    ]
    return [section for section in found if section.rows]


def comparison_files(comparison: Comparison) -> dict[str, bytes]:
    """Return the files of a comparison by name.

    Parameters
    ----------
    comparison : Comparison
        As found; small counts are suppressed here.

    Returns
    -------
    dict of str to bytes
        topics.csv, themes.csv, decisions.csv, and comparison.md with the notices of the runs. None holds a comment or
        an id.
    """
    shown = disclosed(comparison)
    files = {f"{name}.csv": to_csv(getattr(shown, name)) for name in ("topics", "themes", "decisions")}
    return {**files, "comparison.md": _markdown(shown).encode()}


FILE_NAMES = ("topics.csv", "themes.csv", "decisions.csv", "comparison.md")


def _markdown(shown: Comparison) -> str:
    parts = [f"# {_escaped(shown.summary['name_a'])} and {_escaped(shown.summary['name_b'])} compared"]
    parts += [f"> {_escaped(notice)}" for notice in shown.summary["notices"]]
    parts += [_escaped(line) for line in headlines(shown)]
    for section in sections(shown):
        lines = [section.header, ("---",) * len(section.header), *section.rows]
        table = "\n".join(f"| {' | '.join(_escaped(cell) for cell in line)} |" for line in lines)
        parts.append(f"## {section.title}\n\n{table}")
    return "\n\n".join(parts) + "\n"


def _escaped(text: str) -> str:
    flat = " ".join(text.split())
    return flat.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")


def _topic(row: Any, end: str) -> str:
    return MISSING if pd.isna(row[f"topic_{end}"]) else f"{row[f'topic_{end}']}: {row[f'label_{end}']}"


def _difference(row: Any) -> str:
    return points_with_range(row["difference"], row["difference_low"], row["difference_high"])
