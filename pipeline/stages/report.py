"""Make what may be published: tables, figures, the report, the methods text and the reporting checklist."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict

import pandas as pd

from pipeline.account.groups import grouped_columns
from pipeline.codebook.codebook import Codebook
from pipeline.coding.codes import CodedSample, main_codes
from pipeline.config import RunConfig
from pipeline.contracts import Assessed, Cleaned, Embedded, Mapped, Progress, Published, Received, TopicResult
from pipeline.disclosure.joint_display import joint_display
from pipeline.disclosure.public_tables import PublicResults, public_results
from pipeline.disclosure.quotation_review import SHEET, published_quotations
from pipeline.disclosure.rules import Rules
from pipeline.disclosure.said import Said
from pipeline.disclosure.words import public_words, without_comments
from pipeline.documents.candidates import candidate_comments, candidate_entries
from pipeline.documents.context import document_context
from pipeline.documents.earlier import RECORD, Earlier, Kept, nothing_kept
from pipeline.documents.explorer import explorer_context, map_with_comments
from pipeline.documents.fonts import font_faces, letters_in
from pipeline.documents.pictures import PAGE_FOLDER, pictures
from pipeline.documents.quoted import internal_quotations, public_quotations
from pipeline.documents.reading import candidate_themes, missing_themes, representatives, sheet_for_review
from pipeline.documents.report import Inlined, render_report
from pipeline.documents.shown_tables import print_tables, shown_tables
from pipeline.documents.texts import text_files
from pipeline.figures.gallery import Rendering, gallery
from pipeline.figures.map_words import analysed_comments
from pipeline.formats.digests import digest_of
from pipeline.tables.csv_files import to_csv
from pipeline.tables.published import DICTIONARY, read_public, write_dictionary, write_public
from pipeline.tables.schema import published

SAID = "internal/said_counts.json"
"""The counts that texts may say, among the files of the report: for the next report, which may take them over."""

_FONTS = "fonts_{}.css"

_QUOTING = ("quotations", "joint_display")
"""The public tables that follow from what a reviewer marked; the others follow from the stages' results alone."""


def publish(
    *,
    received: Received,
    cleaned: Cleaned,
    embedded: Embedded,
    discovered: TopicResult,
    mapped: Mapped,
    assessed: Assessed,
    codebook: Codebook,
    config: RunConfig,
    notice: str,
    marks: pd.DataFrame,
    provenance: Mapping[str, str],
    versions: Mapping[str, str],
    made_from: Mapping[str, str],
    progress: Progress | None = None,
    coding: CodedSample | None = None,
    kept: Kept = nothing_kept,
) -> Published:
    """Make the files of the public folder.

    Parameters
    ----------
    received, cleaned, embedded, discovered, mapped, assessed
        Results of the stages.
    codebook : Codebook
        The published account.
    config : RunConfig
        The settings, for figures and for the methods text.
    notice : str
        What every output must say; may be empty.
    marks : DataFrame
        The quotations that a reviewer has marked; see `pipeline.disclosure.quotation_review.read_marks`.
    provenance : mapping of str to str
        What the run was made from and on, as the report says it.
    versions : mapping of str to str
        Versions of the program and its libraries.
    made_from : mapping of str to str
        Hashes of the results that public tables are made from, by stage. Tables are taken over from the last report
        where these, the codebook and the rules are the same.
    progress : callable, optional
        Told how many figures are drawn.
    coding : CodedSample, optional
        What people coded in the sheets drawn for them: the internal report quotes those comments by their codes.
    kept : callable, optional
        The files of the last report; see `pipeline.documents.earlier.Kept`. Public tables, figures and Word documents
        that would be the same are taken from there.

    Returns
    -------
    Published
        In public/: CSV tables, the same for print as CSV, LaTeX, Word and HTML, figures in three formats with their
        data and a text alternative each, report.html, the methods text and the reporting checklist as Markdown and
        Word, and references.bib; none holds a comment. In internal/: the report with the comments on its map; tables
        of those that stand for topics, of those of candidates for new themes, and of those nearest to themes that no
        topic shows; and the start of a codebook entry for each candidate.
    """
    rules = Rules.of(config.disclosure, config.assess.smallest_group)
    named = public_words(discovered, cleaned, respondent=config.input.columns.person, rules=rules)
    earlier = Earlier(kept)
    decided_by = [
        dict(made_from), codebook.model_dump(mode="json"), asdict(rules), config.assess.smallest_group,
        config.input.columns.person,
    ]  # fmt: skip
    written, said = _counted(
        earlier,
        digest_of(decided_by),
        rules,
        lambda: public_results(
            cleaned, named, mapped, assessed, codebook=codebook, rules=rules, smallest_base=config.assess.smallest_group
        ),
    )
    # Whatever is quoted, drawn or said below is so by the files that may be shown.
    tables = read_public(written.__getitem__, [name for name in published() if name not in _QUOTING])
    sheet = _sheet(cleaned, named, mapped, codebook, marks, config, tables["prevalence"], rules)
    written |= write_public({"quotations": published_quotations(sheet, review=config.quotations.review)})
    tables |= read_public(written.__getitem__, ["quotations"])
    written |= write_public({"joint_display": joint_display(tables, codebook)})
    written = {place: written[place] for place in published().values()} | {DICTIONARY: write_dictionary(notice)}
    tables |= read_public(written.__getitem__, ["joint_display"])
    tables = {name: tables[name] for name in published()}
    files = {f"public/{place}": content for place, content in written.items()}
    files[SAID] = said.as_json()
    round_to = rules.round_to
    rate = config.map.false_discovery_rate
    drawings = gallery(tables, codebook, notice=notice, round_to=round_to, false_discovery_rate=rate)
    rendering = Rendering(config.report.figure_width_mm, notice, png_dpi=config.report.png_dpi)
    figures = pictures(drawings, rendering, earlier, progress)
    # What may not be shown is drawn for those who may read the comments.
    kept_inside = {"audit": assessed.audit, "audit_paths": assessed.audit_paths, "theme_pairs": assessed.theme_pairs}
    exact = gallery({**tables, **kept_inside}, codebook, notice=notice, false_discovery_rate=rate)
    exact = {name: draw for name, draw in exact.items() if name not in drawings}
    inside = pictures(exact, rendering, earlier, room="internal")
    files |= figures.files | inside.files
    context = document_context(
        received=received, cleaned=cleaned, embedded=embedded, discovered=discovered, mapped=mapped, assessed=assessed,
        tables=tables, codebook=codebook, config=config, shown=said, notice=notice, provenance=provenance,
        versions=versions,
    )  # fmt: skip
    printable = without_comments(codebook, cleaned.comments["text"])
    shown = shown_tables(tables, codebook, analysed=context["flow"].analysed, printable=printable)
    printed = print_tables(shown, codebook, notice=notice, made=earlier.below("public/tables"))
    files |= {f"public/tables/{name}": content for name, content in printed.items()}
    texts = text_files(context, earlier.below("public"))
    files |= {f"public/{name}": content for name, content in texts.items()}
    names = {theme.id: theme.name for theme in codebook.themes}
    maps = {
        "public": explorer_context(
            tables["comment_map"],
            tables["topics"],
            names,
            round_to=round_to,
            comments=analysed_comments(tables["outlook"]),
        ),
        # By the names that the page's tables have, which leave out rare words.
        "internal": map_with_comments(cleaned, named, mapped, names),
    }
    for name, table in (
        ("internal/representative_comments.csv", representatives(cleaned, discovered, config.input.columns.kept)),
        ("internal/candidate_themes.csv", candidate_themes(cleaned, discovered, mapped)),
        (
            "internal/candidates_comments.csv",
            candidate_comments(cleaned, discovered, mapped, metadata=config.input.columns.kept),
        ),
        ("internal/missing_themes.csv", missing_themes(cleaned, mapped)),
        ("internal/redactions.csv", cleaned.redactions),
        (SHEET, sheet),
    ):
        if table is not None:
            files[name] = to_csv(table)
    files["internal/candidates_codebook.yaml"] = candidate_entries(named, mapped, codebook)
    quoted = {
        "public": public_quotations(tables["quotations"], codebook),
        "internal": internal_quotations(
            cleaned,
            discovered,
            mapped,
            metadata=config.input.columns.kept,
            codebook=codebook,
            coders=config.input.columns.coders,
            in_sheets=main_codes(coding),
        ),
    }
    inlined = {"public": figures.inlined, "internal": figures.inlined | inside.inlined}
    fonts = {room: _fonts(earlier, room, of_room) for room, of_room in inlined.items()}
    files |= {f"{PAGE_FOLDER}/{_FONTS.format(room)}": rules for room, rules in fonts.items()}
    files[RECORD] = earlier.record
    # The reports link to the files beside them, and so come last.
    for room, explorer in maps.items():
        files[f"{room}/report.html"] = render_report(
            context, figures=inlined[room], fonts=fonts[room].decode(), tables=tables, shown=shown, codebook=codebook,
            quotations=quoted[room], files=tuple(files),
            methods=texts["methods.md"].decode(), explorer=explorer if len(discovered.layout) else None,
            is_internal=room == "internal",
        ).encode()  # fmt: skip
    return Published(files=files, summary={"files": len(files)})


def _counted(
    earlier: Earlier, of: str, rules: Rules, make: Callable[[], PublicResults]
) -> tuple[dict[str, bytes], Said]:
    """Return the public tables as files, but for those that quote, and the counts that texts may say."""
    counted = {name: place for name, place in published().items() if name not in _QUOTING}
    found = earlier.files("public tables", [SAID, *(f"public/{place}" for place in counted.values())], of=of)
    if found is None:
        public = make()
        return write_public({name: public.tables[name] for name in counted}), public.shown.said
    return {place: found[f"public/{place}"] for place in counted.values()}, Said.from_json(found[SAID], rules)


def _fonts(earlier: Earlier, room: str, figures: Mapping[str, Inlined]) -> bytes:
    """Return style rules that hold the font of the figures in a report's page."""
    letters = letters_in(svg.decode() for one in figures.values() for svg in (one.wide, one.narrow))
    return earlier.below(PAGE_FOLDER)(_FONTS.format(room), letters, lambda: font_faces(letters).encode())


def _sheet(
    cleaned: Cleaned,
    named: TopicResult,
    mapped: Mapped,
    codebook: Codebook,
    marks: pd.DataFrame,
    config: RunConfig,
    prevalence: pd.DataFrame,
    rules: Rules,
) -> pd.DataFrame:
    """Return the sheet on which a reviewer marks what may be quoted."""
    groups = grouped_columns(cleaned.analysed, config.assess.grouped_by, smallest=rules.smallest_group)
    return sheet_for_review(
        cleaned, named, mapped, codebook, marks, coders=config.input.columns.coders, groups=groups,
        themes=set(prevalence.loc[~prevalence["suppressed"].to_numpy(dtype=bool), "theme"]),
    )  # fmt: skip
