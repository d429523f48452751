"""What measures of agreement are called, in words that a reader knows."""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file, files

from pydantic import BaseModel, ConfigDict

from pipeline.errors import PipelineError
from pipeline.formats.yamlfile import read_yaml


class Measure(BaseModel):
    """A measure's name, as a heading has it, and what it says in a sentence."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    meaning: str


@cache
def measures() -> dict[str, Measure]:
    """Read the measures that tables show, in the order in which they show them, by the names that files have."""
    with as_file(files("pipeline.tables").joinpath("measures.yaml")) as path:
        content = read_yaml(path, PipelineError, what="measures")
    return {measure: Measure.model_validate(said) for measure, said in content.items()}


def name_of(measure: str) -> str:
    """Return what a measure is called: "Macro-F1" for macro_f1.

    Raises
    ------
    KeyError
        For a measure that measures.yaml does not have.
    """
    return measures()[measure].name
