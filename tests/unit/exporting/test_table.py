from __future__ import annotations

from pipeline.exporting.material import Material
from pipeline.exporting.table import dictionary_of, table_of
from pipeline.formats.typed_columns import as_frame


def test_a_row_for_each_comment_with_nothing_where_it_has_nothing(material: Material):
    table = as_frame(table_of(material)).set_index("comment_id").astype(object)
    table = table.where(table.notna(), None)
    assert table["topic"].tolist() == [0, 1, None, None]
    assert table["topic_label"].tolist() == ["grant", "Money", "", ""]
    assert table["membership"].tolist() == [0.9, 0.5, None, None]
    assert table["topic_theme"].tolist() == ["Money", "", "", ""]
    assert table["theme_funding"].tolist() == [1, 0, 0, None]
    assert table["main_theme"].tolist() == ["Money", "Equipment that works", "", ""]
    assert table["outlook"].tolist() == ["Negative", "Mixed", "Positive", ""]
    assert table["set_aside"].tolist() == ["", "", "", "empty"]
    assert table["text"].tolist()[0] == "😀 No money\nleft ]]> here"


def test_peoples_codes_stand_in_columns_of_their_own(material: Material):
    table = as_frame(table_of(material))
    assert table["Ada (a model)_main"].tolist() == ["Money", "None of these", "", ""]
    assert table["coder_1_main"].tolist() == ["Money", "None of these", "", ""]
    assert table["coder_1_further"].tolist() == ["Leadership and strategy", "", "", ""]
    assert table["adjudicated codes_outlook"].tolist() == ["", "Mixed", "", ""]


def test_a_column_of_the_file_keeps_clear_of_ours(material: Material):
    table = as_frame(table_of(material))
    assert table.columns.is_unique
    assert table["topic_in_file"].tolist() == ["North", "South", "", "North"]
    assert table["age"].tolist()[::2] == [31, 44]


def test_every_column_is_explained_and_the_notice_stands_last(material: Material):
    columns = table_of(material)
    meanings = dictionary_of(columns, material.notice)
    assert meanings["column"].tolist() == [*as_frame(columns).columns, "notice"]
    assert meanings["meaning"].iloc[-1] == "Made up."
    assert (meanings["meaning"] != "").all()
