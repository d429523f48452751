"""Make what may be published: tables, figures, the report, the methods text and the reporting checklist."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from pipeline.config import RunConfig
from pipeline.contracts import Cleaned, Compared, Embedded, Mapped, Progress, Published, Received, TopicResult
from pipeline.crosswalk.codebook import Codebook
from pipeline.presentation.documents import render_report
from pipeline.presentation.explorer import explorer_context
from pipeline.presentation.gallery import figure_files, gallery
from pipeline.presentation.methods import exact_flow, exactly
from pipeline.presentation.print_tables import print_tables
from pipeline.presentation.published import read_public, write_public
from pipeline.presentation.tables import public_tables, to_csv
from pipeline.presentation.texts import text_files
from pipeline.privacy.quotation_review import SHEET, published_quotations, quotation_sheet
from pipeline.privacy.rounding import Rules

_FILTER_VALUES = 40
"""A metadata column with more values than this is no filter."""

_EMBEDDED = {
    "cleaned": "the cleaned text",
    "lemmas": "the lemmas",
    "both": "the mean of the vectors of the cleaned text and of its lemmas",
}


def publish(
    *,
    received: Received,
    cleaned: Cleaned,
    embedded: Embedded,
    discovered: TopicResult,
    mapped: Mapped,
    compared: Compared,
    codebook: Codebook,
    config: RunConfig,
    notice: str,
    marks: pd.DataFrame,
    versions: Mapping[str, str],
    progress: Progress | None = None,
) -> Published:
    """Make the files of the public folder.

    Parameters
    ----------
    received, cleaned, embedded, discovered, mapped, compared
        Results of the stages.
    codebook : Codebook
        The published account.
    config : RunConfig
        The settings, for figures and for the methods text.
    notice : str
        What every output must say; may be empty.
    marks : DataFrame
        The quotations that a reviewer has marked; see `pipeline.privacy.quotation_review.read_marks`.
    versions : mapping of str to str
        Versions of the program and its libraries.
    progress : callable, optional
        Told how many figures are drawn.

    Returns
    -------
    Published
        In public/: CSV tables, the same for print as CSV, LaTeX, Word and HTML, figures in three formats with their
        data and a text alternative each, report.html, the methods text and the reporting checklist as Markdown and
        Word, and references.bib; none holds a comment. In internal/: the report with the comments on its map, and
        tables of those that stand for topics and for candidate new themes, and of those nearest to themes that no
        topic shows.
    """
    made = public_tables(
        discovered,
        mapped,
        compared,
        codebook=codebook,
        smallest_group=config.compare.smallest_group,
        rules=None if config.disclosure is None else Rules(**config.disclosure.model_dump()),
    )
    sheet = _sheet(cleaned, discovered, mapped, codebook, marks)
    made["quotations"] = published_quotations(sheet, review=config.quotations.review)
    written = write_public(made, notice)
    # Whatever is drawn or said below is drawn and said from the files that may be shown.
    tables = read_public(written.__getitem__)
    files = {f"public/{place}": content for place, content in written.items()}
    files |= {
        f"public/tables/{name}": content for name, content in print_tables(tables, codebook, notice=notice).items()
    }
    svgs, alternatives = {}, {}
    drawings = gallery(tables, codebook, notice=notice)
    for done, (name, draw) in enumerate(drawings.items(), start=1):
        drawn = draw(config.report.figure_width_mm)
        rendered = figure_files(name, drawn, png_dpi=config.report.png_dpi, notice=notice)
        files |= {f"public/figures/{file}": content for file, content in rendered.items()}
        svgs[name], alternatives[name] = rendered[f"{name}.svg"], drawn.alternative
        if progress is not None:
            progress("figures", done, len(drawings))
    context = {
        "title": config.report.title or codebook.question or codebook.title,
        "question": codebook.question,
        "notice": notice,
        "codebook": codebook,
        "settings": config,
        "seed": config.seed,
        "versions": versions,
        "spacy_model": config.clean.spacy_model,
        "embedded_text": _EMBEDDED[config.embed.text],
        "clean": cleaned.summary,
        "flow": exact_flow(cleaned.summary),
        "counted": exactly,
        "embed": embedded.summary,
        "discover": discovered.summary,
        "map": mapped.summary,
        "landed": compared.summary["article"],
        "agreement_by_pair": compared.summary.get("agreement_by_pair", []),
        "shown": {name: len(tables[name]) > 0 for name in tables},
        "notes": [*discovered.summary["notes"], *mapped.summary["notes"]],
        "ingest_notes": received.summary["notes"],
        "numbers": _numbers(cleaned, discovered, compared),
    }
    names = {theme.id: theme.name for theme in codebook.themes}
    public_map = explorer_context(tables["comment_map"], tables["topics"], names)
    internal_map = _internal_map(cleaned, discovered, mapped, discovered.topics, names)
    for name, explorer in (("public", public_map), ("internal", internal_map)):
        report = render_report(
            context, svgs=svgs, alternatives=alternatives, tables=tables, codebook=codebook,
            explorer=explorer if len(discovered.layout) else None, is_internal=name == "internal",
        )  # fmt: skip
        files[f"{name}/report.html"] = report.encode()
    files |= {f"public/{name}": content for name, content in text_files(context).items()}
    files["internal/representative_comments.csv"] = to_csv(_representatives(cleaned, discovered), notice)
    files[SHEET] = to_csv(sheet, notice)
    files["internal/candidate_themes.csv"] = to_csv(_candidates(cleaned, discovered, mapped), notice)
    files["internal/missing_themes.csv"] = to_csv(_nearest_to_missing(cleaned, mapped), notice)
    return Published(files=files, summary={"files": len(files)})


def _internal_map(
    cleaned: Cleaned, discovered: TopicResult, mapped: Mapped, topics: pd.DataFrame, names: Mapping[str, str]
) -> dict[str, Any]:
    """Return the map with the comments themselves, and a filter for each short metadata column."""
    points = discovered.layout.merge(mapped.assignments[["comment_id", "topic", "theme"]], on="comment_id")
    comments = cleaned.comments.set_index("comment_id").loc[points["comment_id"]]
    known = comments.drop(columns=["text", "lemmas", "phrases", "kept", "dropped_because", "duplicate_of"])
    short = [name for name in known.columns if known[name].nunique() <= _FILTER_VALUES]
    return explorer_context(points, topics, names, texts=comments["text"], metadata=known[short])


def _representatives(cleaned: Cleaned, discovered: TopicResult) -> pd.DataFrame:
    texts = cleaned.comments.set_index("comment_id")["text"]
    rows = [
        {"topic": topic["topic"], "label": topic["label"], "comment_id": comment_id, "comment": texts[comment_id]}
        for topic in discovered.topics.to_dict("records")
        for comment_id in topic["representatives"]
    ]
    return pd.DataFrame(rows, columns=["topic", "label", "comment_id", "comment"])


def _sheet(
    cleaned: Cleaned, discovered: TopicResult, mapped: Mapped, codebook: Codebook, marks: pd.DataFrame
) -> pd.DataFrame:
    """Return the sheet on which a reviewer marks what may be quoted."""
    labels = dict(zip(discovered.topics["topic"], discovered.topics["label"], strict=True))
    themes = {
        row["topic"]: " and ".join(codebook.name_of(theme) for theme in row["themes"].split("; ") if theme)
        for row in mapped.topic_themes.to_dict("records")
    }
    analysed = cleaned.analysed[["comment_id", "text"]].merge(mapped.assignments[["comment_id", "topic"]])
    analysed["label"] = [labels.get(topic, "") for topic in analysed["topic"]]
    return quotation_sheet(_representatives(cleaned, discovered), analysed, marks, themes)


def _candidates(cleaned: Cleaned, discovered: TopicResult, mapped: Mapped) -> pd.DataFrame:
    """List the topics that no theme fits, with the comments that stand for them: candidates for new themes."""
    unmapped = mapped.topic_themes.loc[mapped.topic_themes["status"] == "unmapped"]
    measured = ["topic", "size", "stability"]
    chosen = discovered.topics[measured].merge(unmapped[["topic", "nearest_theme", "fit", "mapping_robustness"]])
    return chosen.merge(_representatives(cleaned, discovered), on="topic")


def _nearest_to_missing(cleaned: Cleaned, mapped: Mapped) -> pd.DataFrame:
    """List the comments nearest to themes that no topic is matched with."""
    texts = cleaned.comments.set_index("comment_id")["text"]
    nearest = mapped.nearest_comments
    return nearest.assign(comment=nearest["comment_id"].map(texts).astype(object))


def _numbers(cleaned: Cleaned, discovered: TopicResult, compared: Compared) -> list[tuple[str, str]]:
    numbers = [
        ("Comments received", f"{cleaned.summary['received']:,}"),
        ("Analysed", f"{cleaned.summary['analysed']:,}"),
        ("Topics", str(discovered.summary["topics"])),
        ("In no topic", f"{100 * discovered.summary['outlier_share']:.0f} %"),
    ]
    if discovered.summary["stability"] is not None:
        numbers.append(("Stability", f"{discovered.summary['stability']:.2f}"))
    headline = compared.summary.get("headline_agreement")
    if headline and "macro_f1" in headline:
        numbers.append(("Macro-F1 with " + headline["coder"], f"{headline['macro_f1']:.2f}"))
    return numbers
