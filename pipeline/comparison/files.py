"""What a comparison of two runs leaves: tables, a page of text, and the same for the screen.

A comparison is there to be shown, so that its counts are protected before anything is written or shown: by the stricter
of the two runs' rules for small counts. Where neither run has rules, counts below the smallest group, but for 0, are
blanked, and with them what could be worked out from the rest: the shares and differences of a hidden count, a second
theme where the total would tell the first, and the comments that went to or from a theme that is hidden.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from pipeline.comparison.protection import protect_comparison
from pipeline.comparison.runs import BY_COMMENTS, Comparison
from pipeline.comparison.themes import INDEPENDENT, INTERNAL_THEME_COLUMNS, OF_TOPIC
from pipeline.comparison.topics import INTERNAL_COLUMNS, MATCHED
from pipeline.contracts import UNMAPPED
from pipeline.disclosure.numbers import NOT_SHOWN
from pipeline.disclosure.rounding import Rules
from pipeline.tables.csv_files import to_csv

_NOTHING = "–"


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
        Each table has a column `suppressed` (bool); what is blanked is missing. A theme's share in one run can
        be hidden while that in the other is shown. Under rules counts are rounded, and the numbers of comments in
        the summary are texts.
    """
    rules = comparison.summary["rules"]
    if rules is not None:
        return _under_rules(comparison, rules)
    smallest = int(comparison.summary["smallest_group"])
    topics = comparison.topics.drop(columns=list(INTERNAL_COLUMNS)).assign(suppressed=False)
    for end in ("a", "b"):
        topics = _blank(topics, _is_small(topics[f"size_{end}"], smallest), (f"size_{end}", f"share_{end}"))
    # A share of a topic's comments is a count once the topic's size is known.
    overlap = ("similarity", "moved_from_a", "moved_to_b", "n_shared")
    topics = _blank(topics, _is_small(topics["n_shared"], smallest), overlap)
    themes = comparison.themes.drop(columns=list(INTERNAL_THEME_COLUMNS)).assign(suppressed=False)
    hidden: set[str] = set()
    for end in ("a", "b"):
        is_small = _with_second(themes[f"n_{end}"], smallest)
        hidden |= set(themes.loc[is_small, "theme"])
        figures = (f"n_{end}", *(f"share_{end}{part}" for part in ("", "_low", "_high")))
        themes = _blank(themes, is_small, (*figures, "difference", "difference_low", "difference_high"))
    decisions = comparison.decisions.assign(suppressed=False)
    of_topic = decisions["what"] == OF_TOPIC
    touches = decisions["theme_a"].isin(hidden) | decisions["theme_b"].isin(hidden)
    is_small = _is_small(decisions["comments"], smallest)
    decisions = _blank(decisions, is_small | (~of_topic & touches), ("comments",))
    return replace(comparison, topics=topics, themes=themes, decisions=decisions)


def _under_rules(comparison: Comparison, rules: Rules) -> Comparison:
    said = comparison.summary
    shown = protect_comparison(
        comparison.topics, comparison.themes, comparison.decisions, comments=(said["comments_a"], said["comments_b"]),
        n_shared=said["n_shared"], by_comments=said["matched_by"] == BY_COMMENTS, rules=rules,
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


def _with_second(counts: pd.Series[int], smallest: int) -> pd.Series[bool]:
    """Say which counts to hide: the small ones, and further ones where the total would tell what is hidden."""
    hidden = _is_small(counts, smallest)
    for row in counts[(counts > 0) & ~hidden].sort_values(kind="stable").index:
        if not hidden.any() or (hidden.sum() > 1 and counts[hidden].sum() >= smallest):
            break
        hidden.loc[row] = True
    return hidden


def _is_small(counts: pd.Series[int], smallest: int) -> pd.Series[bool]:
    # None at all tells of nobody.
    return counts.between(1, smallest - 1).fillna(False).astype(bool)


def _blank(table: pd.DataFrame, rows: pd.Series[bool], columns: Sequence[str]) -> pd.DataFrame:
    blanked = {column: table[column].mask(rows) for column in columns}
    return table.assign(suppressed=table["suppressed"] | rows, **blanked)


def headlines(comparison: Comparison) -> list[str]:
    """Return how the runs were compared, a sentence each.

    Parameters
    ----------
    comparison : Comparison
        What was found.
    """
    said = comparison.summary
    alike = "Jaccard overlap" if said["matched_by"] == BY_COMMENTS else "cosine of their centroids"
    lines = [
        f"A is {said['name_a']} (comments: {said['comments_a']}, topics: {said['topics_a']}); "
        f"B is {said['name_b']} (comments: {said['comments_b']}, topics: {said['topics_b']}).",
        f"Topics were matched by {said['matched_by']} (comments that are the same in both: {said['n_shared']}). "
        f"Pairs have a {alike} above {said['threshold']:g}; a part of a split or a merge holds at least "
        f"{100 * said['part']:.0f} % of a topic's comments.",
    ]
    if said["ami"] is not None:
        # Chance agreement can come out a hair below zero; nobody should read of -0.00.
        ami = round(said["ami"], 2) + 0.0
        lines.append(f"Agreement of the two partitions over the shared comments: AMI {ami:.2f} (1 is perfect).")
    lines.append(_how_themes_are_compared(comparison))
    if not said["same_codebook"]:
        lines.append("The two codebooks differ: changes of themes can come from the codebook.")
    rules = said["rules"]
    if rules is not None and not rules.idle:
        lines.append(
            f"Counts of fewer than {rules.suppress_below} comments are not shown, nor what would give them away; the "
            f"others are rounded to {rules.round_to}, and shares and overlaps follow from the rounded counts."
        )
    changed = said["changed"]
    lines.append(f"Settings that differ: {'; '.join(changed)}." if changed else "No setting differs.")
    return lines


def _how_themes_are_compared(comparison: Comparison) -> str:
    if comparison.summary["matched_by"] != BY_COMMENTS:
        return "Themes are compared over all comments, with intervals for independent samples."
    if comparison.summary["n_shared"] == NOT_SHOWN:
        return (
            "Themes have no figures here: they would tell how many comments are the same in both runs, and so how few "
            "are in one alone."
        )
    line = "Themes are compared over the shared comments alone, with intervals for paired data"
    if INDEPENDENT in set(comparison.themes["interval"]):
        # The paired interval is as narrow as few comments moved.
        line += "; where it must not be told how many comments moved, with the wider ones of independent samples"
    return f"{line}."


def sections(comparison: Comparison) -> list[Section]:
    """Return the tables to be read.

    Parameters
    ----------
    comparison : Comparison
        As `disclosed` gives it: what is missing is shown as a dash, as not shown or, where there are no rules, as fewer
        than the smallest group.

    Returns
    -------
    list of Section
        Matched topics; what split, merged, appeared and vanished; themes; decisions. Empty ones are left out.
    """
    # Under rules large counts are left out as well, for what they would tell.
    has_rules = comparison.summary["rules"] is not None
    few = NOT_SHOWN if has_rules else f"fewer than {comparison.summary['smallest_group']}"
    themes = comparison.themes
    names = {**dict(zip(themes["theme"], themes["name"], strict=True)), UNMAPPED: "no theme fits", "": _NOTHING}
    is_matched = comparison.topics["what"] == MATCHED
    paired = [
        (
            _topic(row, "a"), _count(row["size_a"], few), _percent(row["share_a"]),
            _topic(row, "b"), _count(row["size_b"], few), _percent(row["share_b"]), _decimal(row["similarity"]),
        )
        for row in comparison.topics[is_matched].to_dict("records")
    ]  # fmt: skip
    others = [
        (
            str(row["what"]), _topic(row, "a"), _topic(row, "b"),
            _percent(row["moved_from_a"]), _percent(row["moved_to_b"]), _decimal(row["similarity"]),
        )
        for row in comparison.topics[~is_matched].to_dict("records")
    ]  # fmt: skip
    moved = [
        (str(row["name"]), _percent(row["share_a"]), _percent(row["share_b"]), _difference(row))
        for row in themes.to_dict("records")
    ]
    changed = [
        (
            f"{_topic(row, 'a')} / {_topic(row, 'b')}" if row["what"] == OF_TOPIC else "comments",
            names.get(row["theme_a"], row["theme_a"]), names.get(row["theme_b"], row["theme_b"]),
            _count(row["comments"], few),
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
        Section("Shares of themes", ("Theme", "A", "B", "B less A, points (95 % interval)"), tuple(moved)),
        Section("Decisions that changed", ("Of", "Theme in A", "Theme in B", "Comments"), tuple(changed)),
    ]
    return [section for section in found if section.rows]


def comparison_files(comparison: Comparison) -> dict[str, bytes]:
    """Return the files of a comparison by name.

    Parameters
    ----------
    comparison : Comparison
        As found; small counts are blanked here.

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
    return _NOTHING if pd.isna(row[f"topic_{end}"]) else f"{row[f'topic_{end}']}: {row[f'label_{end}']}"


def _count(value: Any, few: str) -> str:
    return few if pd.isna(value) else str(value)


def _percent(share: Any) -> str:
    return _NOTHING if pd.isna(share) else f"{100 * share:.1f} %"


def _decimal(value: Any) -> str:
    return _NOTHING if pd.isna(value) else f"{value:.2f}"


def _difference(row: Any) -> str:
    if pd.isna(row["difference"]):
        return _NOTHING
    points = (100 * row[f"difference{end}"] for end in ("", "_low", "_high"))
    difference, low, high = (f"{value:+.1f}" for value in points)
    return f"{difference} ({low} to {high})"
