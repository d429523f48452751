"""What the texts of a run are made from."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline import load_run
from pipeline.disclosure.quotation_review import no_marks
from pipeline.stages import report
from tests.conftest import Printed
from tests.example_survey import Survey


@pytest.fixture(scope="session")
def _context_once(_finished_once: tuple[Survey, Printed]) -> dict[str, Any]:
    run = load_run(_finished_once[0].output)
    given: dict[str, Any] = {}

    def note(context: dict[str, Any], _: object) -> dict[str, bytes]:
        given.update(context)
        return {"methods.md": b""}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(report, "text_files", note)
        patch.setattr(report, "gallery", lambda *_, **__: {})
        patch.setattr(report, "render_report", lambda *_, **__: "")
        report.publish(
            received=run._received, cleaned=run._cleaned, embedded=run._embedded,
            discovered=run._discovered, mapped=run._mapped, assessed=run._assessed,
            codebook=run.codebook, config=run.config, notice="", marks=no_marks(), provenance={},
            versions=run.manifest["environment"]["libraries"] | {"theme-crosswalk": "0.1.0"},
            made_from={},
        )  # fmt: skip
    return given


@pytest.fixture
def context(_context_once: dict[str, Any]) -> dict[str, Any]:
    """What the stage of the report gives the texts, of the finished run; a test may change it."""
    return dict(_context_once)
