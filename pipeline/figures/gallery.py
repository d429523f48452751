"""Every figure of a report by its name, drawn from the public tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import pandas as pd

from pipeline.codebook.codebook import Codebook
from pipeline.figures.alluvial import topic_flows
from pipeline.figures.audit import audit_paths
from pipeline.figures.claims import claims_forest, drawable_claims
from pipeline.figures.comment_map import comment_map
from pipeline.figures.crosswalk import crosswalk_chart
from pipeline.figures.dendrogram import topic_dendrogram
from pipeline.figures.drawing import Drawn, captioned
from pipeline.figures.flow import comment_flow
from pipeline.figures.groups import shares_by_group
from pipeline.figures.joint_display import joint_display_figure
from pipeline.figures.letters import lettered, lettering_for
from pipeline.figures.map_words import analysed_comments
from pipeline.figures.outlook import outlook_by_group
from pipeline.figures.over_time import themes_over_time, time_column
from pipeline.figures.stability import topic_stability
from pipeline.figures.style import JOURNAL, Sheet, figure_style, save
from pipeline.figures.theme_pairs import themes_together
from pipeline.figures.theme_shares import theme_shares
from pipeline.tables.csv_files import to_csv

FIGURES = (
    "crosswalk", "comment_map", "theme_shares", "flow", "theme_pairs", "over_time", "joint_display", "claims",
    "alluvial", "audit", "outlook", "stability", "themes_by_group", "groups", "hierarchy",
)  # fmt: skip
"""Names of the figures; without quotations, decided claims, audit, outlook, groups or dates there is none of it."""

PATIENCE = 300.0
"""Seconds after which a process that draws a figure is taken to hang; they take about one."""

Draw = Callable[[float], Drawn]


def gallery(
    tables: Mapping[str, pd.DataFrame],
    codebook: Codebook,
    *,
    notice: str,
    round_to: int = 1,
    false_discovery_rate: float = 0.1,
) -> dict[str, Draw]:
    """Return what draws each figure of a run.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        The public tables.
    codebook : Codebook
        For the names of themes.
    notice : str
        A sentence that every figure must carry.
    round_to : int
        What the map's points of each topic were thinned to a multiple of; 1 where they were not.
    false_discovery_rate : float
        What the run was told to match topics with themes by.

    Returns
    -------
    dict of str to callable
        For each figure that the tables allow, a function of its width in millimetres, in the order of `FIGURES`.
    """
    names = {theme.id: theme.name for theme in codebook.themes}
    topics, groups, outlook, prevalence = (tables[name] for name in ("topics", "groups", "outlook", "prevalence"))
    drawings: dict[str, Callable[..., Drawn]] = {
        "crosswalk": partial(
            crosswalk_chart, tables["crosswalk"], topics, names, false_discovery_rate=false_discovery_rate
        ),
        "comment_map": partial(
            comment_map, tables["comment_map"], topics, names, round_to=round_to, comments=analysed_comments(outlook)
        ),
        "theme_shares": partial(theme_shares, prevalence),
        "flow": partial(comment_flow, tables["flow"]),
    }
    pairs = tables["theme_pairs"]
    if (pairs["share_of_first"].notna() | pairs["share_of_second"].notna() | (pairs["together"] != "")).any():
        drawings["theme_pairs"] = partial(themes_together, pairs, names)
    if time_column(groups) is not None:
        drawings["over_time"] = partial(themes_over_time, groups, names)
    if (tables["joint_display"]["quotation_1"] != "").any():
        # Without anybody's words it would show the shares alone, which have a figure.
        drawings["joint_display"] = partial(joint_display_figure, tables["joint_display"])
    if len(drawable_claims(tables["claims"])):
        drawings["claims"] = partial(claims_forest, tables["claims"], {claim.id: claim for claim in codebook.claims})
    drawings["alluvial"] = partial(topic_flows, topics, names)
    if len(tables["audit_paths"]):
        said = {claim.id: claim.statement for claim in codebook.claims}
        drawings["audit"] = partial(audit_paths, tables["audit_paths"], tables["audit"], said)
    if len(outlook):
        drawings["outlook"] = partial(outlook_by_group, outlook)
    drawings["stability"] = partial(topic_stability, topics)
    # What changes over time has a figure of its own.
    by_group = groups[groups["column"] != time_column(groups)]
    if (by_group["facet"] == "themes").any():
        drawings["themes_by_group"] = partial(shares_by_group, by_group, _themes(prevalence, names), what="themes")
    if (by_group["facet"] == "topics").any():
        drawings["groups"] = partial(shares_by_group, by_group, _topics(topics), what="topics")
    drawings["hierarchy"] = partial(topic_dendrogram, topics, tables["topic_tree"])
    fonts = lettering_for(texts_in(tables, codebook, notice)).families
    return {name: partial(_at_width, draw, notice, fonts) for name, draw in drawings.items()}


def _topics(topics: pd.DataFrame) -> pd.DataFrame:
    """Return the topics by size, as entries of a figure by group."""
    by_size = topics.sort_values(["size", "topic"], ascending=[False, True])
    return pd.DataFrame(
        {"entry": by_size["topic"].astype(str), "name": by_size["label"], "share": by_size["share"]}
    ).reset_index(drop=True)


def _themes(prevalence: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Return the themes in the codebook's order, as entries of a figure by group."""
    share = prevalence.set_index("theme")["share"].reindex(list(names))
    return pd.DataFrame({"entry": list(names), "name": list(names.values()), "share": share.to_numpy()})


def texts_in(tables: Mapping[str, pd.DataFrame], codebook: Codebook, notice: str) -> Iterator[str]:
    """Yield all that figures and the brief may write."""
    yield notice
    yield from _texts(codebook.model_dump(mode="json"))
    for table in tables.values():
        for name in table.columns:
            if not pd.api.types.is_numeric_dtype(table[name]):
                yield from (text for value in table[name] for text in _texts(value))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from (text for inner in value.values() for text in _texts(inner))
    elif isinstance(value, list | tuple):
        yield from (text for inner in value for text in _texts(inner))


def _at_width(draw: Callable[..., Drawn], notice: str, fonts: tuple[str, ...], width_mm: float) -> Drawn:
    with lettered(fonts):
        return draw(width_mm=width_mm, notice=notice)


@dataclass(frozen=True)
class Rendering:
    """How figures are laid out and saved.

    Attributes
    ----------
    width_mm : float
        Width at which they are laid out.
    notice : str
        What their data must say as well; may be empty.
    sheet : Sheet
        In which forms, and how much larger than in a journal.
    png_dpi : int or None
        Dots per inch of PNG; None takes the sheet's.
    """

    width_mm: float
    notice: str = ""
    sheet: Sheet = JOURNAL
    png_dpi: int | None = None


def figure_files(name: str, draw: Draw, rendering: Rendering) -> dict[str, bytes]:
    """Return a figure's files by their names: the forms of the style sheet, its data, caption and words for it."""
    sheet = rendering.sheet
    with captioned(is_apart=not sheet.has_title) as caption:
        drawn = draw(rendering.width_mm)
    with figure_style():
        dpi = sheet.png_dpi if rendering.png_dpi is None else rendering.png_dpi
        rendered = save(drawn.figure, png_dpi=dpi, sheet=sheet)
    files = {f"{name}.{ending}": content for ending, content in rendered.items()}
    files[f"{name}.csv"] = to_csv(drawn.data)
    files[f"{name}.caption.txt"] = f"{caption.text}\n".encode()
    files[f"{name}.alt.txt"] = f"{drawn.alternative}\n".encode()
    return files
