"""Which items of the reporting checklists a run answers, and which are left to the authors.

A checklist is a file in checklists/ and its source an entry of references.bib; nothing else knows which there are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from pipeline.documents.references import Citations
from pipeline.documents.templating import templates
from pipeline.errors import PipelineError
from pipeline.formats.yamlfile import read_yaml, validate
from pipeline.tables.numbers import counted

FACTS: dict[str, Callable[[Mapping[str, Any]], bool]] = {
    "question": lambda run: bool(run["question"]),
    "metadata": lambda run: bool(run["settings"].input.columns.kept),
    "respondents": lambda run: run["settings"].input.columns.person is not None,
    "coders": lambda run: bool(run["coders"]),
    "agreement": lambda run: bool(run["agreement_by_pair"]),
    "topics": lambda run: bool(run["discover"]["topics"]),
    "repeatability": lambda run: run["discover"]["repeatability"] is not None,
    "stability": lambda run: run["discover"]["stability"] is not None,
    "decoys": lambda run: bool(run["discover"]["topics"]) and run["map"]["decoy_match_rate"] is not None,
    "groups": lambda run: run["shown"]["groups"],
    "quotations": lambda run: run["shown"]["quotations"],
}
"""What a run may have. A checklist asks for it by has_ or no_ and the name."""

State = Literal["answered", "partly", "left to the authors", "does not apply"]


def _known(condition: str) -> str:
    if condition not in {f"{prefix}_{fact}" for prefix in ("has", "no") for fact in FACTS}:
        raise ValueError(f"'{condition}' is nothing that a run has; known are has_ and no_ with {', '.join(FACTS)}")
    return condition


def _template(text: str) -> str:
    try:
        text.format(coders="")
    except (KeyError, IndexError, ValueError):
        raise ValueError("{coders} is all that a text can have filled in") from None
    return text


def _as_sentence(value: Any) -> Any:
    return {"text": value} if isinstance(value, str) else value


def _listed(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True)


_When = Annotated[tuple[Annotated[str, AfterValidator(_known)], ...], BeforeValidator(_listed)]


class Sentence(_Section):
    """A sentence of an answer, and what a run must have for it to be said."""

    text: Annotated[str, AfterValidator(_template)]
    when: _When = ()


class Answer(_Section):
    """Whether an item is answered, and where or why not."""

    state: State
    where: Annotated[
        tuple[
            Annotated[Sentence, BeforeValidator(lambda said: {"text": said} if isinstance(said, str) else said)], ...
        ],
        BeforeValidator(_listed),
    ] = Field(description="Sections of the methods text in asterisks, files in backticks.")


class _ConditionalAnswer(Answer):
    when: _When


class Item(Answer):
    """An item of a checklist, and its answer where none of the conditional ones holds; of these the first counts."""

    number: str = Field(description="As published.")
    topic: str
    asks: str = Field(description="What a report should say, in our own words.")
    answers: tuple[_ConditionalAnswer, ...] = ()


def _numbered_once(items: tuple[Item, ...]) -> tuple[Item, ...]:
    numbers = [item.number for item in items]
    twice = sorted({number for number in numbers if numbers.count(number) > 1})
    if twice:
        raise ValueError(f"there is more than one item {', '.join(twice)}")
    return items


class Checklist(_Section):
    """A reporting checklist."""

    name: str
    reference: str = Field(description="The key of its source in references.bib.")
    about: str = Field(description="Which studies it is for, as a sentence goes on after its name.")
    items: Annotated[tuple[Item, ...], AfterValidator(_numbered_once)]


@dataclass(frozen=True)
class AnsweredItem:
    """An item as a run answers it: the texts of a row of the table."""

    number: str
    topic: str
    asks: str
    state: State
    where: str


def read_checklist(path: Path) -> Checklist:
    """Read a checklist.

    Raises
    ------
    PipelineError
        Where the file is no checklist, with a line for each problem.
    """
    return validate(Checklist, read_yaml(path, PipelineError, what="checklist"), path, PipelineError)


@cache
def checklists() -> tuple[Checklist, ...]:
    """Read the checklists that come with the program, in the order of their files' names."""
    with as_file(files("pipeline.documents").joinpath("checklists")) as folder:
        return tuple(read_checklist(path) for path in sorted(folder.glob("*.yaml")))


def facts_of(context: Mapping[str, Any]) -> frozenset[str]:
    """Return what holds of a run: has_ or no_ with the name of each of `FACTS`."""
    return frozenset(f"{'has' if holds(context) else 'no'}_{fact}" for fact, holds in FACTS.items())


def counted_coders(coders: Sequence[tuple[str, str]]) -> str:
    """Return how many coded and whether they are people or models, as "2 coders (1 person, 1 language model)"."""
    nouns = {"person": ("person", "people"), "model": ("language model", "language models")}
    kinds = [kind for _, kind in coders]
    said = ", ".join(f"{n} {nouns[kind][n > 1]}" for kind in nouns if (n := kinds.count(kind)))
    return counted(len(coders), "coder") + (f" ({said})" if said else "")


def answered(item: Item, facts: frozenset[str], *, coders: str) -> AnsweredItem:
    """Answer an item for a run of which the facts hold; `coders` is what stands for {coders}."""
    answer: Answer = next((answer for answer in item.answers if facts.issuperset(answer.when)), item)
    said = " ".join(sentence.text for sentence in answer.where if facts.issuperset(sentence.when))
    where = said.format(coders=coders)
    return AnsweredItem(item.number, item.topic, item.asks, answer.state, where)


def render_checklist(context: Mapping[str, Any]) -> str:
    """Write the reporting checklist as Markdown.

    Parameters
    ----------
    context : mapping
        What `pipeline.documents.methods.render_methods` takes.

    Returns
    -------
    str
        A table for each checklist with all its items: what it asks, whether this run answers it, and where or why
        not.
    """
    facts, coders = facts_of(context), counted_coders(context["coders"])
    tables = []
    for checklist in checklists():
        rows = [answered(item, facts, coders=coders) for item in checklist.items]
        counts = [(state, sum(row.state == state for row in rows)) for state in get_args(State)]
        tables.append({"checklist": checklist, "rows": rows, "counts": counts})
    template = templates(is_markdown=True).get_template("checklist.md.j2")
    text = template.render({**context, "cite": Citations(context["versions"]), "tables": tables})
    return text.strip() + "\n"
