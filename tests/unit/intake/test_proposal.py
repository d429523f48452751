from pathlib import Path

import pandas as pd
import pytest

from pipeline.formats.raw_table import table_of
from pipeline.intake.proposal import propose

TEXTS = [f"The queue at desk {n} was far too long for anybody to wait" for n in range(20)]
COLUMNS = {
    "ResponseId": [f"R_{n}" for n in range(20)],
    "StartDate": [f"2024-01-{n + 1:02d} 09:00:00" for n in range(20)],
    "Email Address": [f"person{n}@example.org" for n in range(20)],
    "Finished": ["TRUE"] * 20,
    "Participant no": [f"P{n % 12}" for n in range(20)],
    "Which site?": ["North", "South"] * 10,
    "Which clinics?": ["Eyes;Ears;", "Eyes;", "Ears;Teeth;", ""] * 5,
    "Age": [str(20 + n) for n in range(20)],
    "What could be better?": TEXTS,
    "Anything else?": ["", *["I liked the tea very much, thank you so much"], *[""] * 17, "The car park is a long way"],
    "theme_code": ["waiting", "parking"] * 10,
    "Empty": [""] * 20,
    "": ["a b c d"] * 20,
}


def roles(columns):
    table = table_of(list(columns), list(map(list, zip(*columns.values(), strict=True))), Path("x"), origin={})
    return {column.name: column for column in propose(table)}


def test_each_column_is_taken_for_what_it_is():
    found = roles(COLUMNS)
    assert {name: column.role for name, column in found.items()} == {
        "ResponseId": "id",
        "StartDate": "date",
        "Email Address": "left out",
        "Finished": "left out",
        "Participant no": "respondent",
        "Which site?": "group",
        "Which clinics?": "choices",
        "Age": "left out",
        "What could be better?": "comments",
        "Anything else?": "another open question",
        "theme_code": "left out",
        "Empty": "left out",
        "": "left out",
    }
    assert found["Which clinics?"].choices == ("Eyes", "Ears", "Teeth")
    assert "2 distinct values, 0% blank" in found["Which site?"].why
    assert "may identify people" in found["Email Address"].why
    assert "coders" in found["theme_code"].why


@pytest.mark.parametrize(
    ("days", "period", "why"),
    [
        (1, "", "dates of one month"),
        (20, "month", "dates over 13 months: by month"),
        (60, "quarter", "dates over 38 months: by quarter"),
        (200, "year", "dates over 125 months: by year"),
    ],
)
def test_dates_are_grouped_by_what_their_span_allows(days, period, why):
    start = pd.Timestamp("2020-01-02")
    written = [f"{start + pd.Timedelta(days=n * days):%Y-%m-%d}" for n in range(20)]
    found = roles({"Sent": written, "Received": written, "Why?": TEXTS})
    assert (found["Sent"].role, found["Sent"].period) == ("date", period)
    assert found["Sent"].why.startswith(why)
    # A tool writes several dates of one answer: only one is grouped by.
    assert (found["Received"].role, found["Received"].period) == ("date", "")


def test_dates_that_are_not_all_dates_are_not_grouped_by():
    written = [f"2024-{n % 12 + 1:02d}-03" for n in range(19)]
    found = roles({"Sent": [*written, "2024-13-45"], "Why?": TEXTS})["Sent"]
    assert (found.role, found.period) == ("date", "")
    assert "written in another way" in found.why


def test_a_box_to_tick_is_no_group_and_a_question_is_kept_as_title():
    columns = {"Q1": ["North", ""] * 10, "Q2": TEXTS}
    rows = list(map(list, zip(*columns.values(), strict=True)))
    found = propose(table_of(list(columns), rows, Path("x"), origin={}, titles=["Which\nsite?", "Why?"]))
    assert [(column.role, column.title) for column in found] == [("left out", "Which site?"), ("comments", "Why?")]
    assert found[0].why.startswith("a box that some ticked; 1 distinct value, 50% blank")


def test_no_reason_has_a_cell_in_it():
    cells = {word for column in COLUMNS.values() for cell in column for word in cell.split() if len(word) > 4}
    said = " ".join(column.why for column in roles(COLUMNS).values()).split()
    assert not cells & set(said)


@pytest.mark.parametrize("texts", [["a"] * 5, [""] * 5])
def test_where_no_column_holds_texts_none_has_the_comments(texts):
    assert all(column.role != "comments" for column in roles({"id": list("12345"), "c": texts}).values())
