"""Figures drawn from the public tables. Each function returns a figure and says in words what it shows."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipeline.contracts import OUTLIER, UNMAPPED
from pipeline.presentation.drawing import LETTER_MM, MARGIN, NOT_MAPPED, add_axes, head, head_height, percent, size_mm
from pipeline.presentation.drawing import Drawn as Drawn
from pipeline.presentation.style import (
    FAINT,
    INK,
    QUIET,
    figure_style,
    new_figure,
    readable_ink,
    theme_colours,
    theme_markers,
)  # fmt: skip

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LABELLED = 40
"""Topics labelled on the map; more would cover the points."""


def comment_map(
    points: pd.DataFrame, topics: pd.DataFrame, theme_names: Mapping[str, str], *, width_mm: float, notice: str = ""
) -> Drawn:
    """Draw the comments in the plane, each topic labelled, coloured by the theme of its topic.

    Parameters
    ----------
    points : DataFrame
        x, y, topic, theme; a row for each distinct comment.
    topics : DataFrame
        The public table of topics.
    theme_names : mapping of str to str
        Names of the themes by id, in the codebook's order.
    width_mm : float
        Width of the figure.
    notice : str
        A sentence that the figure must carry.
    """
    colours, markers = theme_colours(list(theme_names)), theme_markers(list(theme_names))
    in_topics = float((points["topic"] != OUTLIER).mean())
    if len(topics):
        largest = topics.sort_values(["size", "topic"], ascending=[False, True]).to_dict("records")[0]
        title = (
            f"{len(topics)} topics; the largest, “{largest['label']}”, holds {percent(largest['share'])} of comments"
        )
    else:
        title = f"{len(points)} distinct comments, too few or too varied for topics"
    subtitle = (
        f"Each point is a distinct comment (n = {len(points):,}); near points are alike in meaning. "
        f"{percent(in_topics)} are in a topic. Shape and colour: the published theme that fits the topic best."
    )
    top, bottom = head_height(title, subtitle, notice, width_mm)
    with figure_style():
        columns = 3 if width_mm >= 150 else 2 if width_mm >= 110 else 1
        legend_mm = 4.0 * -(-(len(theme_names) + 2) // columns)
        figure = new_figure(width_mm, min(170.0, width_mm * 0.6 + top + bottom + legend_mm))
        head(figure, title, subtitle, notice)
        axes = add_axes(figure, MARGIN, bottom + legend_mm + 1, MARGIN, top)
        axes.set_axis_off()
        size = float(np.clip(4000 / max(len(points), 1), 0.5, 9))
        groups = [("", "In no topic", FAINT, "."), (UNMAPPED, NOT_MAPPED, QUIET, "x")]
        groups += [(theme, name, colours[theme], markers[theme]) for theme, name in theme_names.items()]
        for theme, name, colour, marker in groups:
            members = points[points["theme"] == theme]
            if len(members):
                axes.scatter(
                    members["x"], members["y"], s=size, c=colour, marker=marker, linewidths=0.5 if marker == "x" else 0,
                    label=name, alpha=0.9, rasterized=len(points) > 20_000,
                )  # fmt: skip
        _label_topics(axes, points, topics)
        handles, names = axes.get_legend_handles_labels()
        if handles:
            figure.legend(
                handles, names, loc="lower left", ncols=columns, markerscale=2.2, handletextpad=0.3, columnspacing=1.2,
                borderaxespad=0, bbox_to_anchor=(MARGIN / width_mm, bottom / size_mm(figure)[1]),
            )  # fmt: skip
    shares = ", ".join(
        f"{row['label']} ({percent(row['share'])})"
        for row in topics.sort_values("size", ascending=False).head(5).to_dict("records")
    )
    alternative = f"{title}. {percent(in_topics)} of the distinct comments are in a topic." + (
        f" The largest topics are {shares}." if shares else ""
    )
    return Drawn(figure, f"{alternative} {notice}".strip(), points)


def _label_topics(axes: Axes, points: pd.DataFrame, topics: pd.DataFrame) -> None:
    from adjustText import adjust_text
    from matplotlib.patheffects import withStroke

    texts, anchors_x, anchors_y = [], [], []
    for row in topics.sort_values(["size", "topic"], ascending=[False, True]).head(_LABELLED).itertuples():
        members = points[points["topic"] == row.topic]
        if members.empty:
            # A topic too small to be shown has no points.
            continue
        x, y = float(members["x"].median()), float(members["y"].median())
        texts.append(
            axes.text(
                x, y, textwrap.fill(str(row.label), 18), fontsize=6, ha="center", va="center", color=INK, zorder=5,
                path_effects=[withStroke(linewidth=1.6, foreground="white")],
            )
        )  # fmt: skip
        anchors_x.append(x)
        anchors_y.append(y)
    if len(texts) > 1:
        # A limit of steps, not of time: a slow machine must draw the same figure.
        adjust_text(
            texts, target_x=anchors_x, target_y=anchors_y, ax=axes, iter_lim=300, expand=(1.08, 1.25),
            arrowprops={"arrowstyle": "-", "color": QUIET, "lw": 0.4}, min_arrow_len=8,
        )  # fmt: skip


def crosswalk_heatmap(
    crosswalk: pd.DataFrame, topics: pd.DataFrame, theme_names: Mapping[str, str], *, width_mm: float, notice: str = ""
) -> Drawn:
    """Draw topics against themes: the darker a cell, the better the fit; a frame marks a match.

    Parameters
    ----------
    crosswalk, topics : DataFrame
        The public tables.
    theme_names : mapping of str to str
        Names of the themes by id, in the codebook's order.
    width_mm : float
        Width of the figure.
    notice : str
        A sentence that the figure must carry.
    """
    themes = list(theme_names)
    place = {theme: number for number, theme in enumerate(themes)}
    rows = topics.assign(_place=[place.get(theme, len(themes)) for theme in topics["theme"]])
    rows = rows.sort_values(["_place", "size", "topic"], ascending=[True, False, True])
    order = rows["topic"].tolist()
    fits = crosswalk.pivot(index="topic", columns="theme", values="fit").reindex(index=order, columns=themes)
    counts = crosswalk.loc[crosswalk["matched"], "theme"].value_counts()
    missing = [theme_names[theme] for theme in themes if theme not in counts.index]
    title = f"{int((rows['status'] != 'unmapped').sum())} of {len(rows)} topics match a published theme"
    title += f"; no topic matches {', '.join(missing)}" if missing and len(rows) else ""
    subtitle = (
        "Fit: mean similarity (cosine) of a topic's comments to the theme's nearest phrases. ■ marks a match, "
        "□ one that fewer than 80 % of replicates repeat."
    )
    top, bottom = head_height(title, subtitle, notice, width_mm)
    left = min(75.0, width_mm * 0.42)
    cell_mm = (width_mm - left - MARGIN) / len(themes)
    names, upright = _column_heads([theme_names[theme] for theme in themes], cell_mm)
    lines = [len(line) * LETTER_MM for name in names for line in name.split("\n")]
    heads = 1.15 * max(lines) + 2 if upright else 2.9 * max(name.count("\n") + 1 for name in names) + 2
    with figure_style():
        figure = new_figure(width_mm, top + heads + 4.6 * max(len(rows), 2) + bottom + 2)
        head(figure, title, subtitle, notice)
        axes = add_axes(figure, left, bottom + 1, MARGIN, top + heads)
        if len(rows):
            marks = _marks(crosswalk, rows).reindex(index=order, columns=themes).to_numpy()
            _draw_fits(axes, fits.to_numpy(dtype=float), marks, with_values=cell_mm >= 8)
            letters = int((left - MARGIN) / LETTER_MM)
            axes.set_yticks(np.arange(len(rows)) + 0.5, [_sized_label(topic, letters) for _, topic in rows.iterrows()])
            axes.set_xticks(np.arange(len(themes)) + 0.5, names, rotation=90 if upright else 0)
        else:
            axes.set_axis_off()
            axes.text(0.5, 0.5, "No topics", ha="center", transform=axes.transAxes)
    said = "; ".join(
        f"{theme_names[theme]}: {counts.get(theme, 0)} topic{'s' if counts.get(theme, 0) != 1 else ''}"
        for theme in themes
    )
    alternative = f"{title}. {said}; unmapped: {int((rows['status'] == 'unmapped').sum())}. {notice}".strip()
    return Drawn(figure, alternative, crosswalk)


def _column_heads(names: list[str], cell_mm: float) -> tuple[list[str], bool]:
    """Wrap names to a column, or set them upright where a word is wider than the column."""
    letters = int(cell_mm / LETTER_MM)
    if max(len(word) for name in names for word in name.split()) <= letters:
        return [textwrap.fill(name, letters) for name in names], False
    return [
        textwrap.fill(textwrap.shorten(name, 60, placeholder="…"), 30 if cell_mm >= 7 else 60) for name in names
    ], True


def _sized_label(topic: pd.Series, letters: int) -> str:
    size = "" if pd.isna(topic["size"]) else f" ({topic['size']})"
    label = str(topic["label"])
    room = max(letters - len(size), 8)
    return (label if len(label) <= room else f"{label[: room - 1].rstrip()}…") + size


def _marks(crosswalk: pd.DataFrame, topics: pd.DataFrame) -> pd.DataFrame:
    """Return topic by theme what marks each cell: a full square for a settled match, an open one, or nothing."""
    settled = set(topics.loc[topics["settled"], "topic"])
    signs = np.where(crosswalk["topic"].isin(settled), "■", "□")
    marked = crosswalk.assign(mark=np.where(crosswalk["matched"], signs, ""))
    return marked.pivot(index="topic", columns="theme", values="mark")


def _draw_fits(axes: Axes, fits: np.ndarray, marks: np.ndarray, *, with_values: bool) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    blues = LinearSegmentedColormap.from_list("fit", ["#ffffff", "#12436D"])
    low, high = float(np.nanmin(fits)) - 0.02, float(np.nanmax(fits))
    if high <= low:
        high = low + 1.0
    axes.pcolormesh(fits, cmap=blues, vmin=low, vmax=high, edgecolors="white", linewidth=0.8)
    axes.invert_yaxis()
    for row, column in np.ndindex(*fits.shape):
        value, mark = float(fits[row, column]), str(marks[row, column])
        ink = readable_ink(blues((value - low) / (high - low)))
        said = f"{mark} {value:.2f}".strip() if with_values else mark
        axes.text(
            column + 0.5, row + 0.5, said, ha="center", va="center", fontsize=6, color=ink,
            fontweight="bold" if mark else "normal",
        )  # fmt: skip
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    for side in axes.spines.values():
        side.set_visible(False)


def _ranked_name(theme: pd.Series) -> str:
    rank = theme["published_rank"]
    return str(theme["name"]) if pd.isna(rank) else f"{rank}. {theme['name']}"


def theme_shares(prevalence: pd.DataFrame, *, width_mm: float, notice: str = "") -> Drawn:
    """Draw the share of each theme by both routes, with 95 % intervals, in the account's order.

    Parameters
    ----------
    prevalence : DataFrame
        The public table.
    width_mm : float
        Width of the figure.
    notice : str
        A sentence that the figure must carry.
    """
    shown = prevalence[(prevalence["share_by_topics"].fillna(0) > 0) | prevalence["published_rank"].notna()
                       | (prevalence["share_by_comments"].fillna(0) > 0)].reset_index(drop=True)  # fmt: skip
    themes = prevalence[~prevalence["theme"].isin([UNMAPPED, "outlier"])]
    first = themes.sort_values("share_by_comments", ascending=False).iloc[0]
    title = f"“{first['name']}” is the most frequent theme: {percent(first['share_by_comments'])} of comments"
    subtitle = (
        "Share of analysed comments with 95 % interval (Wilson). "
        "Numbers before names: the account's order of prominence."
    )
    routes = (("share_by_comments", "each comment matched directly", "#12436D", "o", -0.16),
              ("share_by_topics", "through the comment's topic", "#F46A25", "s", 0.16))  # fmt: skip
    top, bottom = head_height(title, subtitle, notice, width_mm)
    left = min(62.0, width_mm * 0.4)
    legend_mm = 5.0 if width_mm >= 120 else 9.0
    with figure_style():
        figure = new_figure(width_mm, top + legend_mm + 9.0 * len(shown) + 10 + bottom)
        head(figure, title, subtitle, notice)
        axes = add_axes(figure, left, bottom + 9, 6, top + legend_mm)
        for name, label, colour, marker, shift in routes:
            share = shown[name].to_numpy(dtype=float)
            low, high = (shown[f"{name}_{end}"].to_numpy(dtype=float) for end in ("low", "high"))
            position = np.arange(len(shown)) + shift
            axes.errorbar(
                100 * share, position, xerr=100 * np.vstack([share - low, high - share]).clip(0), fmt=marker,
                color=colour, markersize=4, elinewidth=1, capsize=2, label=label,
            )  # fmt: skip
        axes.set_yticks(np.arange(len(shown)))
        letters = int((left - MARGIN - 2) / LETTER_MM)
        axes.set_yticklabels([textwrap.fill(_ranked_name(row), letters) for _, row in shown.iterrows()])
        axes.set_ylim(len(shown) - 0.5, -0.5)
        axes.set_xlim(left=0)
        axes.set_xlabel("% of analysed comments")
        axes.grid(axis="x", color="#e4e4e4", linewidth=0.5)
        axes.set_axisbelow(True)
        axes.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2 if width_mm >= 120 else 1, handletextpad=0.3)
    said = "; ".join(
        f"{row['name']}: {percent(row['share_by_comments'])} directly, {percent(row['share_by_topics'])} by topics"
        for _, row in shown.iterrows()
    )
    return Drawn(figure, f"{title}. {said}. {notice}".strip(), shown)
