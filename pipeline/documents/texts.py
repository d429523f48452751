"""The texts that go with a paper: methods, references and reporting checklist, as Markdown, Word and BibTeX."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.documents.checklist import render_checklist
from pipeline.documents.earlier import Made, made_anew
from pipeline.documents.methods import render_methods
from pipeline.documents.references import as_bibtex
from pipeline.documents.word_text import text_as_word


def text_files(context: Mapping[str, Any], made: Made = made_anew) -> dict[str, bytes]:
    """Return the texts by file name.

    Parameters
    ----------
    context : mapping
        What `pipeline.documents.methods.render_methods` takes.
    made : callable
        Returns a Word document by its name; see `pipeline.documents.earlier.Made`.

    Returns
    -------
    dict of str to bytes
        methods.md, methods.docx, references.bib, reporting_checklist.md and reporting_checklist.docx; the same
        context gives the same bytes.
    """
    methods, checklist = render_methods(context), render_checklist(context)
    return {
        "methods.md": methods.text.encode(),
        "methods.docx": made("methods.docx", methods.text, lambda: text_as_word(methods.text)),
        "references.bib": as_bibtex(methods.references, context["versions"]).encode(),
        "reporting_checklist.md": checklist.encode(),
        "reporting_checklist.docx": made(
            "reporting_checklist.docx", checklist, lambda: text_as_word(checklist, is_wide=True)
        ),
    }
