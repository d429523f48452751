from collections import Counter

from pipeline.codebook.codebook import Codebook
from pipeline.codebook.written_codes import CodedColumn
from pipeline.engine.findings import said_of_codebook, said_of_column, said_of_groups


def book(*phrases):
    themes = [{"id": f"t{place}", "name": f"Theme {place}", "definition": "d", "examples": list(said)}
              for place, said in enumerate(phrases)]  # fmt: skip
    return Codebook.model_validate({"title": "T", "themes": themes})


def test_the_phrases_of_each_theme_are_shown_and_repeats_are_counted():
    said = said_of_codebook(book(["Too dear", "too dear!", "b c", "d e", "f g"], []))
    assert said[0] == "Theme 0: 4 phrases: 'Too dear', 'b c', 'd e' …"
    assert said[1].startswith("Theme 1: no phrases.")
    assert said[2] == "Note: Theme 0 repeats 1 of its phrases; each counts once."


def test_themes_that_share_phrases_or_nearly_copy_one_another_are_named():
    said = said_of_codebook(book(["Nowhere to park", "a b", "c d"], ["nowhere to park.", "e f", "g h"]))
    assert "Note: Theme 0 and Theme 1 share 1 phrase: 'Nowhere to park'. Such a comment fits both alike." in said
    assert not any("nearly copies" in line for line in said)
    near = said_of_codebook(book(["I had to wait a long time", "No seats free"], ["I had to wait a very long time"]))
    assert any("Theme 0 and Theme 1 are nearly copies" in line for line in near)
    assert not any("share" in line for line in near)


def test_what_was_made_of_a_column_of_codes_is_said():
    column = CodedColumn("fine", 60, 51, 10, 5, Counter({"kindness": 15}), Counter({"leters": 9}))
    assert said_of_column(column, lambda code: " Did you mean 'letters'?" if code == "leters" else "") == (
        "'fine': 51 of 60 codes are the codebook's. 5 cells hold several; the first counts as the main one. "
        "Finer codes went to their themes: 'kindness' (15). 10 say that no theme fits. "
        "Not in the codebook, counted as no theme: "
        "'leters' (9; did you mean 'letters'?)."
    )


def test_codes_that_stand_once_are_counted_since_the_column_may_be_another():
    ids = CodedColumn("id", 9, 0, 0, 0, Counter(), Counter({"c0041": 1, "No money at all.": 1, "waits": 2}))
    said = said_of_column(ids, lambda _: "")
    assert said.endswith("Not in the codebook, counted as no theme: 'waits' (2) and 2 that stand once.")
    ids.unknown.pop("waits")
    assert said_of_column(ids, lambda _: "").endswith("counted as no theme: 2 that stand once.")


def test_groups_that_differ_in_case_or_white_space_alone_are_named():
    said = said_of_groups("site", ["North", "North", "north ", "South", "", " "])
    assert len(said) == 1
    assert "'site' has groups that differ in case or white space alone: 'North' (2), 'north' (1)." in said[0]
    assert said_of_groups("site", ["North", "South"]) == []
    words = "She shouts at us all day, every day, and more"
    assert said_of_groups("site", [words, words.lower()]) == []
