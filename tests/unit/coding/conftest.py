"""A made-up draw: thirteen comments, two coders, the codebook of the made-up survey."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pytest

from pipeline.codebook.codebook import Codebook
from pipeline.coding.choices import Choices
from pipeline.coding.draw import Record, Sheet, draw, new_record
from pipeline.coding.sheets import coding_sheet
from tests.example_survey import CODEBOOK

TEXTS = {f"q{number:02d}": f"Comment number {number} has words of its own." for number in range(12)} | {
    "q03": "=HYPERLINK(\"http://x\") is what somebody wrote", "007": "+ more money\n- fewer forms", "q05": "@all staff",
}  # fmt: skip


@dataclass(frozen=True)
class Desk:
    """What was drawn, and its sheets."""

    record: Record
    sheets: tuple[Sheet, ...]
    codebook: Codebook
    choices: Choices

    @cached_property
    def contents(self) -> list[bytes]:
        """The workbooks, one a coder."""
        return [coding_sheet(sheet, TEXTS, self.choices, seal=self.record.seal) for sheet in self.sheets]


@pytest.fixture(scope="module")
def desk() -> Desk:
    codebook = Codebook.model_validate(CODEBOOK)
    record, sheets = draw(new_record(TEXTS, 20), TEXTS, n=13, coders=2, overlap=6)
    return Desk(record, sheets, codebook, Choices.of(codebook, codebook.facets[0]))
