"""The words that a reader of the report may not know, each with its meaning."""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file, files

from pydantic import BaseModel, ConfigDict, Field

from pipeline.errors import PipelineError
from pipeline.formats.yamlfile import read_yaml, validate


class Term(BaseModel):
    """A word with its meaning."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern="^[a-z]+$", description="A short name, of which the page makes an id.")
    word: str = Field(min_length=1, description="The word as the list of words has it.")
    meaning: str = Field(min_length=1, description="What it means, in one or two sentences.")


class _Glossary(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    terms: tuple[Term, ...] = Field(min_length=1, description="In the order in which readers meet them.")


@cache
def glossary() -> dict[str, Term]:
    """Return the terms of templates/glossary.yaml by their ids, in the file's order."""
    with as_file(files("pipeline.documents") / "templates" / "glossary.yaml") as path:
        read = validate(_Glossary, read_yaml(path, PipelineError, what="glossary"), path, PipelineError)
    return {term.id: term for term in read.terms}
