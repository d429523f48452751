"""Fonts in a PDF hold what is needed to show it, and nothing else changes."""

from contextlib import nullcontext
from importlib.util import find_spec

import numpy as np
import pytest
from fontTools import subset

from pipeline.figures import lean_fonts, style
from pipeline.figures.style import figure_style, new_figure, save

DEFAULT = subset.Options._drop_tables_default


def pdf_of(text):
    with figure_style():
        figure = new_figure(60, 20)
        figure.text(0.1, 0.6, text, fontsize=9)
        figure.text(0.1, 0.2, text, fontsize=7, weight="bold")
        return save(figure, png_dpi=72)["pdf"]


def as_matplotlib_writes_it(text, monkeypatch):
    monkeypatch.setattr(style, "outlines_alone", nullcontext)
    return pdf_of(text)


def test_fonts_are_smaller_and_what_fonttools_does_elsewhere_stays(monkeypatch):
    assert len(pdf_of("Waiting, “fi” AV")) < len(as_matplotlib_writes_it("Waiting, “fi” AV", monkeypatch))
    assert subset.Options._drop_tables_default is DEFAULT


def test_where_fonttools_has_changed_fonts_are_written_as_matplotlib_does_it(monkeypatch):
    monkeypatch.setattr(lean_fonts, "_DEFAULT", "_another_name")
    written = pdf_of("Waiting")
    assert written == as_matplotlib_writes_it("Waiting", monkeypatch)


@pytest.mark.skipif(find_spec("pypdfium2") is None, reason="PDF is rendered by pypdfium2")
@pytest.mark.parametrize("text", ["Waiting, “fi” AV To", "Łódź – €5 ½ é", "Ελληνικά, нет денег"])
def test_a_page_looks_the_same_and_its_text_can_be_copied(text, monkeypatch):
    import pypdfium2

    written = pdf_of(text), as_matplotlib_writes_it(text, monkeypatch)
    pages = [pypdfium2.PdfDocument(content)[0] for content in written]
    lean, whole = (np.asarray(page.render(scale=4).to_pil()) for page in pages)
    assert lean.min() < 100
    np.testing.assert_array_equal(lean, whole)
    assert len({page.get_textpage().get_text_range() for page in pages}) == 1
