import importlib.util
from pathlib import Path

import pandas as pd
import pytest

from pipeline import contracts, load_run
from pipeline.tables import schema
from tests.example_survey import Survey

DOCS = Path(__file__).parents[3] / "docs"


def test_every_frame_of_a_result_is_defined_and_no_other():
    """A result's frames are the fields whose type is a DataFrame, or one that may be absent."""
    for contract in (
        contracts.Received,
        contracts.Cleaned,
        contracts.TopicResult,
        contracts.Mapped,
        contracts.Assessed,
    ):
        fields = contract.__dataclass_fields__
        frames = {name for name, field in fields.items() if str(field.type).startswith("pd.DataFrame")}
        assert set(schema.kept_in(contract.__name__)) == frames
    owners = {table.kept.partition(".")[0] for table in schema.tables().values() if table.kept}
    assert owners <= set(vars(contracts))


def test_every_column_that_is_measured_says_in_what():
    columns = [(name, column, defined) for name, table in schema.tables().items()
               for column, defined in table.columns.items()]  # fmt: skip
    assert [(name, column) for name, column, defined in columns
            if defined.kind not in ("text", "list") and not defined.measured_in] == []  # fmt: skip
    assert [(name, column) for name, column, defined in columns if not defined.meaning.endswith(".")] == []
    assert max(len(defined.meaning.split()) for *_, defined in columns) <= 20


@pytest.mark.parametrize("name", list(schema.tables()))
def test_an_empty_table_passes_its_check_and_holds_the_columns_inside(name):
    frame = schema.empty(name)
    assert len(frame) == 0
    assert list(frame) == list(schema.tables()[name].of("internal"))
    schema.check(name, frame)


@pytest.mark.parametrize(
    ("column", "values", "said"),
    [
        ("share", [1, 2], "Table coded: the column share is int64, not of kind share."),
        ("count", [1.0, 2.0], "Table coded: the column count is float64, not of kind count."),
        ("coder", ["secret", 3], "Table coded: the column coder is object, not of kind text."),
        ("theme", None, "Table coded: the column theme is missing."),
    ],
)
def test_a_column_that_is_missing_or_of_another_kind_is_a_defect_that_names_no_value(column, values, said):
    row = {"coder": "a", "kind": "person", "leads": True, "theme": "b", "name": "B", "comments": 2, "count": 1,
           "effective": 2.0, "share": 0.5, "low": 0.1, "high": 0.9}  # fmt: skip
    frame = pd.DataFrame([row, row])
    schema.check("coded", frame)
    changed = frame.drop(columns=column) if values is None else frame.assign(**{column: pd.Series(values)})
    with pytest.raises(ValueError, match="Table coded") as raised:
        schema.check("coded", changed)
    assert str(raised.value) == said


def test_what_is_public_of_a_table_is_its_public_columns_in_order():
    frame = schema.empty("groups").assign(suppressed=pd.Series(dtype=bool), further=1)
    shown = schema.public("groups", frame[frame.columns[::-1]])
    assert list(shown)[-3:] == ["p_value", "q_value", "suppressed"]
    assert not {"rest_share", "further"} & set(shown)
    assert "suppressed" not in schema.public("groups", schema.empty("groups"))


def test_the_tables_of_a_run_are_those_that_are_defined(finished: Survey):
    run = load_run(finished.output)
    for name, frame in run._public.items():
        schema.check(name, frame, room="public")
    inside = {path.stem for path in (finished.output / "internal").glob("*.parquet")}
    kept = {name: table.optional for name, table in schema.tables().items() if table.kept}
    assert {name for name, is_optional in kept.items() if not is_optional} <= inside <= set(kept)


def test_the_page_in_the_folder_is_up_to_date():
    # The script stands beside the pages, outside any package.
    found = importlib.util.spec_from_file_location("generate_data_dictionary", DOCS / "generate_data_dictionary.py")
    generator = importlib.util.module_from_spec(found)
    found.loader.exec_module(generator)
    assert generator.PAGE.read_text(encoding="utf-8") == generator.dictionary_page(), (
        "a table has changed: run python docs/generate_data_dictionary.py (make docs does)"
    )
