"""What is planted in comments is in no file of a run but the comments as received."""

import io
import json
import zipfile

import pandas as pd
import pytest

from tests.conftest import Command
from tests.example_survey import Survey, comment_rows

PLANTED = {"Ostrowick": "PERSON", "01632 960417": "PHONE", "943 476 5919": "NHS_NUMBER"}


def everything_in(path):
    """Return the bytes of a file, and those of what is packed in it."""
    content = path.read_bytes()
    yield content
    if path.suffix == ".parquet":
        yield pd.read_parquet(path).to_csv().encode()
    elif zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            yield from map(packed.read, packed.namelist())


@pytest.mark.slow
def test_a_planted_name_and_numbers_are_only_in_the_comments_as_received(survey: Survey, command: Command):
    rows = comment_rows()
    rows[0]["comment"] += " Ask Janine Ostrowick on 01632 960417 about NHS number 943 476 5919."
    rows[20]["comment"] += " ostrowick knows."
    survey.write(rows=rows, changes={"quotations": {"review": True}})
    result = command("run", survey.config)
    assert result.exit_code == 0, result.output
    files = [path for path in survey.output.rglob("*") if path.is_file()]
    for said, kind in PLANTED.items():
        holding = {
            path.relative_to(survey.output).as_posix()
            for path in files
            if any(said.lower().encode() in content.lower() for content in everything_in(path))
        }
        assert holding == {"internal/received.parquet"}, said
        assert said not in result.output
        redactions = pd.read_csv(survey.output / "internal" / "redactions.csv")
        assert kind in set(redactions["type"])
    assert list(redactions) == ["comment_id", "type", "count"]
    methods = (survey.output / "public" / "methods.md").read_text(encoding="utf-8")
    assert "put a mark such as `<PERSON>` in its place" in methods


@pytest.mark.slow
@pytest.mark.usefixtures("sketched")
def test_redaction_can_be_switched_off(survey: Survey, command: Command):
    rows = comment_rows()
    rows[0]["comment"] += " Ring 01632 960417."
    survey.write(rows=rows, changes={"clean": {"redaction": None}})
    assert command("run", survey.config).exit_code == 0
    comments = pd.read_parquet(survey.output / "internal" / "comments.parquet")
    assert comments["text"].str.contains("01632 960417").sum() == 1
    assert not (survey.output / "internal" / "redactions.csv").exists()
    manifest = json.loads((survey.output / "manifest.json").read_text(encoding="utf-8"))
    assert "redacted" not in manifest["stages"]["clean"]["summary"]
    methods = (survey.output / "public" / "methods.md").read_text(encoding="utf-8")
    assert "were not redacted" in methods
