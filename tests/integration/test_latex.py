"""The tables of a paper, compiled by a TeX where one is installed."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from pipeline.documents.topic_tables import crosswalk_table
from pipeline.tables.latex import as_latex
from tests.example_survey import Survey
from tests.unit.figures.figure_tables import crosswalk_of, themes_of, topics_of

TEX = next((name for name in ("pdflatex", "xelatex", "lualatex") if shutil.which(name)), None)
PAGE = r"""\documentclass[a4paper]{article}
\usepackage{booktabs,longtable,pdflscape}
\begin{document}
%s
\end{document}
"""
NEARLY_PT = 10.0
"""A letter or two beyond the line are not seen; a column would be."""

pytestmark = pytest.mark.skipif(TEX is None, reason="no TeX is installed: texlive-latex-recommended has what is needed")


def compiled(tables: list[Path], folder: Path) -> str:
    """Return what TeX said of a document that holds the tables, each on a page of its own."""
    (folder / "all.tex").write_text(
        PAGE % "\n".join(rf"\input{{{table.as_posix()}}}\clearpage" for table in tables), encoding="utf-8"
    )
    # A longtable takes its widths from the run before.
    for _ in range(2):
        done = subprocess.run(
            [str(TEX), "-interaction=nonstopmode", "-halt-on-error", "all.tex"],
            cwd=folder, capture_output=True, text=True, errors="replace", timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout[-2000:]
    assert (folder / "all.pdf").stat().st_size > 1000
    return done.stdout


def test_every_table_of_a_run_compiles_and_stays_on_its_page(finished: Survey, tmp_path: Path):
    tables = sorted((finished.output / "public" / "tables").glob("*.tex"))
    assert len(tables) >= 5
    said = compiled(tables, tmp_path)
    assert [beyond for beyond in re.findall(r"Overfull \\hbox \(([\d.]+)pt", said) if float(beyond) > NEARLY_PT] == []
    assert "undefined" not in said


def test_a_crosswalk_of_forty_themes_compiles_in_parts_that_stay_on_their_page(codebook, tmp_path: Path):
    themes = themes_of(40, "Long name of a published theme")
    first = codebook.themes[0]
    book = codebook.model_copy(
        update={"themes": tuple(first.model_copy(update={"id": key, "name": name}) for key, name in themes.items())}
    )
    topics = topics_of(18, label="Laptops and passwords", themes=(*list(themes)[:6], "unmapped"))
    table = crosswalk_table(crosswalk_of(topics, themes), topics, book)
    (tmp_path / "crosswalk.tex").write_bytes(as_latex(table))
    said = compiled([tmp_path / "crosswalk.tex"], tmp_path)
    assert as_latex(table).decode().count(r"\begin{longtable}") > 1
    assert [beyond for beyond in re.findall(r"Overfull \\hbox \(([\d.]+)pt", said) if float(beyond) > NEARLY_PT] == []
