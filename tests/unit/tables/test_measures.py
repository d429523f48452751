import re
from pathlib import Path

import pytest

from pipeline.tables.measures import measures, name_of

DOCS = Path(__file__).parents[3] / "docs"


def test_every_measure_that_the_docs_explain_has_a_name_and_a_sentence():
    text = (DOCS / "reading-the-results.md").read_text(encoding="utf-8")
    section = text.split("## `agreement.csv`")[1].split("##")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    assert list(measures()) == re.findall(r"`(\w+)`", " ".join(rows))
    for said in measures().values():
        assert said.name[0].isupper()
        assert re.fullmatch(r"[A-Z].+\.", said.meaning)
        assert len(said.meaning.split()) <= 24


def test_a_measure_is_called_by_its_name():
    assert name_of("macro_f1") == "Macro-F1"
    with pytest.raises(KeyError):
        name_of("f1")
