"""How figures look, and how they are saved so that two renders are the same bytes."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.figures.lean_fonts import outlines_alone
from pipeline.figures.letters import families

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MM = 1 / 25.4
INK = "#1b1b1b"
QUIET = "#595959"
FAINT = "#868686"
"""Marks of lesser weight: 3.7:1 on white, where 3:1 is the least that a mark may have."""
GRID = "#e4e4e4"
"""Lines that help the eye along; nothing is lost to whoever does not see them."""
PALETTE = ("#12436D", "#28A197", "#F46A25", "#A285D1", "#480030", "#604800")
"""Colours of themes: each at least 3:1 on white, any two at least 15 apart in CAM02-UCS.

That holds for normal vision and for protanopia, deuteranopia and tritanopia as Machado, Oliveira and Fernandes (2009,
doi:10.1109/TVCG.2009.113) simulate them; the nearest are the second and the fourth under deuteranopia, 15.4 apart.
More themes than colours share them in turn: shapes and names at the marks tell all themes apart besides, and
tell the greys of what fits no theme or is in no topic from all of them.
"""
MARKERS = ("o", "s", "^", "D", "v", "P")

# Compression that looks for runs of one colour alone, which is what figures are made of, takes two thirds of the time.
_PNG = {"compress_level": 6, "compress_type": 3}

_SETTINGS: dict[Any, Any] = {
    "font.size": 7,
    "axes.titlesize": 8,
    "axes.labelsize": 7,
    "axes.edgecolor": QUIET,
    "axes.linewidth": 0.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "text.color": INK,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 6.5,
    "ytick.labelsize": 6.5,
    "xtick.major.width": 0.5,
    "ytick.major.width": 0.5,
    "legend.frameon": False,
    "legend.fontsize": 6.5,
    # Letters fitted to pixels are up to a tenth wider than what is measured, and than those of PDF and SVG.
    "text.hinting": "none",
    # A dollar in a name is a letter.
    "text.parse_math": False,
    "pdf.fonttype": 42,
    # matplotlib takes from here how many signs a font of a PDF holds: by default quotation marks need another font.
    "ps.fonttype": 42,
    "svg.fonttype": "none",
    "svg.hashsalt": "theme-crosswalk",
}


_PIXEL_MM = 25.4 / 96
"""A pixel of a web page."""


@dataclass(frozen=True)
class Sheet:
    """A style sheet: for which medium figures are saved.

    Figures are laid out once, in the millimetres and points of a journal; a sheet says how much larger they are shown.

    Attributes
    ----------
    name : str
        As the command line calls it.
    scale : float
        How many times larger than in a journal everything is, letters included.
    single_mm, double_mm : float
        Widths at which a figure is laid out for one column and for two; shown, they are `scale` times as wide.
    endings : tuple of str
        The forms that figures are saved in.
    png_dpi : int
        Dots per inch of what is shown.
    has_title : bool
        Whether title and subtitle stand in the figure; the caption beside it has them either way.
    """

    name: str
    scale: float
    single_mm: float
    double_mm: float
    endings: tuple[str, ...]
    png_dpi: int
    has_title: bool = True

    @property
    def widths_mm(self) -> dict[str, float]:
        """The widths by the names that the command line has for them."""
        return {"single": self.single_mm, "double": self.double_mm}


_WEB_SCALE = 2.2
JOURNAL = Sheet("journal", 1.0, 89.0, 183.0, ("pdf", "svg", "png"), 600, has_title=False)
"""Letters of 5.5 to 7 points at the widths of a journal's columns, without a title, which goes into the caption."""
WEB = Sheet("web", _WEB_SCALE, 720 * _PIXEL_MM / _WEB_SCALE, 1440 * _PIXEL_MM / _WEB_SCALE, ("svg", "png"), 192)
"""Letters of 12 to 18 points on 720 or 1,440 pixels; PNG have two dots a pixel, for sharp screens."""
SHEETS = (JOURNAL, WEB)


@contextmanager
def figure_style() -> Iterator[None]:
    """Apply the style for as long as figures are drawn and saved."""
    import numpy as np
    from matplotlib import rc_context

    # Names within an SVG are made of printed numbers, and libraries in the same notebook change how numpy prints them.
    with rc_context({**_SETTINGS, "font.family": list(families())}), np.printoptions(legacy=False):
        yield


def load_drawing() -> None:
    """Load what figures are drawn and saved with: processes that are forked afterwards need not load it each."""
    from importlib import import_module

    for name in (
        "fontTools.subset", "matplotlib.axes", "matplotlib.backends.backend_agg", "matplotlib.backends.backend_pdf",
        "matplotlib.backends.backend_svg", "matplotlib.font_manager", "matplotlib.textpath",
    ):  # fmt: skip
        import_module(name)


def new_figure(width_mm: float, height_mm: float) -> Figure:
    """Return an empty figure of an exact size, in millimetres."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width_mm * MM, height_mm * MM), facecolor="white")


def theme_colours(themes: Sequence[str]) -> dict[str, str]:
    """Return a colour for each theme, in the codebook's order; more than six share colours in turn."""
    return {theme: PALETTE[place % len(PALETTE)] for place, theme in enumerate(themes)}


def theme_markers(themes: Sequence[str], shapes: Sequence[str] = MARKERS) -> dict[str, str]:
    """Return a shape for each theme, so that colour is never alone.

    Where the colours begin again the shapes are moved on by one: up to 36 themes have a pair of their own.
    """
    return {theme: shapes[(place + place // len(PALETTE)) % len(shapes)] for place, theme in enumerate(themes)}


def readable_ink(background: tuple[float, ...]) -> str:
    """Return black or white, whichever stands out more from a background (WCAG 2 contrast, at least 4.5:1)."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in background[:3]]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#ffffff" if 1.05 / (luminance + 0.05) > (luminance + 0.05) / 0.05 else "#000000"


def save(figure: Figure, *, png_dpi: int, sheet: Sheet = JOURNAL) -> dict[str, bytes]:
    """Render a figure without dates, by file ending.

    Parameters
    ----------
    figure : Figure
        Laid out in the sizes of a journal.
    png_dpi : int
        Dots per inch of the PNG as it is shown.
    sheet : Sheet
        In which forms, and how much larger.

    Returns
    -------
    dict of str to bytes
        The same figure gives the same bytes.
    """
    metadata: dict[str, dict[str, str | None]] = {
        "pdf": {"CreationDate": None, "Producer": None, "Creator": None},
        "svg": {"Date": None, "Creator": None},
        "png": {"Software": None},
    }
    rendered = {}
    for ending in sheet.endings:
        buffer = io.BytesIO()
        options: dict[str, Any] = {"pil_kwargs": _PNG} if ending == "png" else {}
        with outlines_alone() if ending == "pdf" else nullcontext():
            figure.savefig(buffer, format=ending, dpi=png_dpi * sheet.scale, metadata=metadata[ending], **options)
        rendered[ending] = buffer.getvalue()
    if "svg" in rendered:
        rendered["svg"] = _enlarged(rendered["svg"], sheet.scale)
    return rendered


def _enlarged(svg: bytes, scale: float) -> bytes:
    """Return a drawing that is shown larger; what is in it stays as it is."""

    def larger(size: re.Match[bytes]) -> bytes:
        return b'%s="%.6gpt"' % (size[1], float(size[2]) * scale)

    head, rest = svg[: svg.index(b"viewBox")], svg[svg.index(b"viewBox") :]
    return (head if scale == 1 else re.sub(rb'(width|height)="([\d.]+)pt"', larger, head)) + rest
