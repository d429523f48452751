from __future__ import annotations

import pytest

from pipeline import load_run
from pipeline.results import Run


@pytest.fixture
def run(_finished_once) -> Run:
    """The finished run of the made-up survey, to look into and not to change."""
    return load_run(_finished_once[0].output)
