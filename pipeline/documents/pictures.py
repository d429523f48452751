"""The figures of a report, as files and inside its page: drawn, or taken over from the last report."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from pipeline.contracts import Progress
from pipeline.documents.earlier import Earlier
from pipeline.documents.report import Inlined
from pipeline.figures.drawing import Drawn
from pipeline.figures.gallery import PATIENCE, Draw, Rendering, figure_files
from pipeline.figures.made_of import DOTS, LINES, PAGE, made_of
from pipeline.figures.style import JOURNAL, figure_style, load_drawing, save
from pipeline.workers import done_in_order

_WIDE_MM, _NARROW_MM = 180.0, 80.0
_WIDTHS_MM = {"crosswalk": 130.0, "theme_shares": 125.0}
"""Widths at which figures are laid out for the report: on a page, beside the finding, and on a telephone."""
_IN_PAGE = replace(JOURNAL, name="page", endings=("svg",), has_title=True)
_RASTER_DPI = 300
_ENDINGS = {
    LINES: ("pdf", "svg", "csv", "caption.txt", "alt.txt"), DOTS: ("png",), PAGE: ("wide.svg", "narrow.svg"),
}  # fmt: skip
PAGE_FOLDER = "internal/in_page"
"""Where what stands in the report's page alone is kept for the next run."""


@dataclass(frozen=True)
class Pictures:
    """Figures of a report.

    Attributes
    ----------
    files : dict of str to bytes
        By their paths in the run folder. In the report's page there are two of each, which are kept for the next run.
    inlined : dict of str to Inlined
        Each as it stands in the page.
    """

    files: dict[str, bytes]
    inlined: dict[str, Inlined]


def pictures(
    drawings: Mapping[str, Draw],
    rendering: Rendering,
    earlier: Earlier,
    progress: Progress | None = None,
    *,
    room: str = "public",
) -> Pictures:
    """Return figures, of which only that is drawn which differs from the last report's.

    Parameters
    ----------
    drawings : mapping of str to callable
        What draws each; see `pipeline.figures.gallery.gallery`.
    rendering : Rendering
        How their files are laid out and saved.
    earlier : Earlier
        The last report.
    progress : callable, optional
        Told how many figures are done.
    room : str
        The folder of their files: "public" or "internal".
    """
    found, tasks = dict[str, bytes](), []
    for name, draw in drawings.items():
        lacking: list[str] = []
        for part, of in made_of(draw, rendering).items():
            files = earlier.files(f"{name}: {part}", _paths(name, part, room), of=of)
            found |= files or {}
            lacking += [part] if files is None else []
        if lacking:
            tasks.append((name, draw, rendering, tuple(lacking)))
    if tasks:
        load_drawing()
    with contextlib.closing(done_in_order(_figure, tasks, n_jobs=None, patience=PATIENCE)) as done:
        for number, ((name, _, _, parts), drawn) in enumerate(zip(tasks, done, strict=True), start=1):
            found |= {path: drawn[path.rpartition("/")[2]] for part in parts for path in _paths(name, part, room)}
            if progress is not None:
                progress("figures", len(drawings) - len(tasks) + number, len(drawings))
    # In one order, whichever were drawn.
    ordered = {path: found[path] for name in drawings for part in _ENDINGS for path in _paths(name, part, room)}
    return Pictures(ordered, {name: _inlined(name, found, rendering.notice, room) for name in drawings})


def _inlined(name: str, files: Mapping[str, bytes], notice: str, room: str) -> Inlined:
    said = files[f"{room}/figures/{name}.alt.txt"].decode().strip().removesuffix(notice).strip()
    wide, narrow = (files[path] for path in _paths(name, PAGE, room))
    return Inlined(wide, narrow, said)


def _paths(name: str, part: str, room: str) -> tuple[str, ...]:
    """Return where the files of a part of a figure lie in the run folder."""
    folder = PAGE_FOLDER if part == PAGE else f"{room}/figures"
    return tuple(f"{folder}/{name}.{ending}" for ending in _ENDINGS[part])


def _figure(name: str, draw: Draw, rendering: Rendering, parts: Collection[str]) -> dict[str, bytes]:
    """Return the files of parts of a figure, by their names."""
    files: dict[str, bytes] = {}
    if forms := [form for form in rendering.sheet.endings for part in parts if form in _ENDINGS[part]]:
        files |= figure_files(name, draw, replace(rendering, sheet=replace(rendering.sheet, endings=tuple(forms))))
    if PAGE in parts:
        files[f"{name}.wide.svg"] = _svg(draw(_WIDTHS_MM.get(name, _WIDE_MM)))
        files[f"{name}.narrow.svg"] = _svg(draw(_NARROW_MM))
    return files


def _svg(drawn: Drawn) -> bytes:
    with figure_style():
        return save(drawn.figure, png_dpi=_RASTER_DPI, sheet=_IN_PAGE)["svg"]
