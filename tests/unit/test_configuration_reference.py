import importlib.util
from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel, Field

from pipeline.codebook.codebook import Codebook
from pipeline.config import RunConfig

DOCS = Path(__file__).parents[2] / "docs"


def _generator():
    # The script stands beside the pages, outside any package.
    specification = importlib.util.spec_from_file_location("generate_configuration", DOCS / "generate_configuration.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


reference = _generator()


class Spoon(BaseModel):
    """What one eats with.

    Two lines of it, and a
    broken one.
    """

    length: float = Field(gt=0.5, le=30.0, description="In centimetres | not inches.")
    count: int | None = Field(None, ge=1, lt=10_000, description="How many.")
    kind: Literal["tea", "soup"] = "tea"
    names: tuple[str, ...] = Field((), description="What it is called.")


class Drawer(BaseModel):
    """Where spoons are."""

    best: Spoon = Field(default_factory=lambda: Spoon(length=1.0))
    lost: Spoon | None = None
    others: tuple[Spoon, ...] = Field(min_length=2)
    place: Path = Path("kitchen/left")


def test_a_section_is_a_heading_what_it_is_for_and_a_row_for_each_setting():
    assert reference.section_text("drawer.best", Spoon) == (
        "### `drawer.best`\n"
        "What one eats with.\n\nTwo lines of it, and a broken one.\n\n"
        "| setting | type | range | default | what it does |\n|---|---|---|---|---|\n"
        "| `length` | number | above 0.5, at most 30 | **must be given** | In centimetres \\| not inches. |\n"
        "| `count` | whole number or null | at least 1, below 10,000 | null | How many. |\n"
        '| `kind` | one of `"tea"`, `"soup"` |  | `"tea"` |  |\n'
        "| `names` | list of text |  | `[]` | What it is called. |\n"
    )


def test_a_setting_that_is_a_section_says_what_the_section_is_for():
    rows = reference.section_text("", Drawer).splitlines()[-4:]
    assert rows == [
        "| `best` | section |  | its own defaults | What one eats with. |",
        "| `lost` | section or null |  | null | What one eats with. |",
        "| `others` | list of sections | at least 2 entries | **must be given** | What one eats with. |",
        '| `place` | path |  | `"kitchen/left"` |  |',
    ]


def test_nested_sections_are_named_by_their_place_in_the_file():
    assert list(reference.sections(Drawer)) == [("", Drawer), ("best", Spoon), ("lost", Spoon), ("others[]", Spoon)]


@pytest.mark.parametrize(
    ("annotation", "words"),
    [
        (bool, "true or false"),
        (tuple[int, int], "list of 2: whole number, whole number"),
        (dict[str, tuple[str, ...]], "mapping of text to list of text"),
        (str | int | None, "text or whole number or null"),
    ],
)
def test_types_are_said_in_words(annotation, words):
    assert reference.type_in_words(annotation) == words


def test_a_type_without_words_is_a_defect_and_not_an_empty_cell():
    with pytest.raises(TypeError, match="type_in_words"):
        reference.type_in_words(complex)


def _written(page):
    """Return the settings of each section of a page, in order."""
    found = []
    for line in page.splitlines():
        if line.startswith("### "):
            found.append((line.removeprefix("### "), []))
        elif line.startswith("| `"):
            found[-1][1].append(line.split("`")[1])
    return found


def test_every_setting_of_both_files_is_on_the_page():
    written = _written(reference.configuration_page())
    models = [*reference.sections(RunConfig), *reference.sections(Codebook)]
    assert [names for _, names in written] == [list(model.model_fields) for _, model in models]
    headings = [heading for heading, _ in written]
    assert [f"`{path}`" for path, _ in models if path] == [
        heading.split(" with kind")[0] for heading in headings if heading.startswith("`")
    ]
    # Two sections of one name could not be told apart, nor linked to.
    assert len(set(headings)) == len(headings)


def test_every_setting_of_a_run_says_what_it_does():
    page = reference.configuration_page().split("## The codebook file")[0]
    assert [line for line in page.splitlines() if line.startswith("| `") and line.endswith("|  |")] == []


def test_defaults_and_ranges_on_the_page_are_those_of_the_program():
    page = reference.configuration_page()
    seed = RunConfig.model_fields["seed"].default
    assert f"| `seed` | whole number | at least 0, at most 2,147,483,647 | `{seed}` |" in page
    assert "| `coarse_range` | list of 2: whole number, whole number |  | `[4, 8]` |" in page


def test_the_page_in_the_folder_is_up_to_date():
    assert reference.PAGE.read_text(encoding="utf-8") == reference.configuration_page(), (
        "a setting has changed: run python docs/generate_configuration.py (make docs does)"
    )
