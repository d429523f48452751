"""The Word files of a run, opened by LibreOffice where it is installed and looked at as pages."""

from __future__ import annotations

import re
import subprocess
from importlib.util import find_spec
from pathlib import Path
from shutil import which

import pytest
from docx import Document

from tests.example_survey import Survey

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        which("lowriter") is None or find_spec("pypdfium2") is None,
        reason="LibreOffice Writer or pypdfium2 is not installed",
    ),
]


def pages_of(path: Path) -> list[str]:
    """Return the text of each page of a PDF."""
    from pypdfium2 import PdfDocument

    document = PdfDocument(path)
    return [page.get_textpage().get_text_range() for page in document]


def without_spaces(text: str) -> str:
    return re.sub(r"\s", "", text)


def test_every_word_file_opens_with_all_its_text_and_no_interval_is_torn(finished: Survey, tmp_path: Path):
    public = finished.output / "public"
    files = [*public.glob("*.docx"), *(public / "tables").glob("*.docx")]
    assert {"methods", "reporting_checklist", "topics", "joint_display", "claims"} <= {file.stem for file in files}
    subprocess.run(
        ["soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/profile", "--convert-to", "pdf", "--outdir",
         str(tmp_path), *map(str, files)],
        check=True, capture_output=True, timeout=240,
    )  # fmt: skip
    for file in files:
        pages = pages_of(tmp_path / f"{file.stem}.pdf")
        shown, document = without_spaces("".join(pages)), Document(str(file))
        assert all(page.strip() for page in pages), file.stem
        for paragraph in document.paragraphs:
            assert without_spaces(paragraph.text)[:40] in shown, (file.stem, paragraph.text)
        if file.parent.name == "tables":
            said = "\n".join(pages)
            assert not re.search(r"\d%?–\s*[\r\n]+\d", said), file.stem
            cells = {cell.text for row in document.tables[0].rows for cell in row.cells if len(cell.text) < 12}
            assert {cell for cell in cells if without_spaces(cell) not in shown} == set(), file.stem
