from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.config import InputConfig
from pipeline.errors import DataError
from pipeline.formats.digests import HashedSet
from pipeline.stages.ingest import read_comments

PATH = Path("answers.csv")


def read(content, **settings):
    columns = settings.pop("columns", {"id": "id", "comment": "comment"})
    config = InputConfig.model_validate({"path": "answers.csv", "columns": columns} | settings)
    return read_comments(content if isinstance(content, bytes) else content.encode(), path=PATH, config=config)


@pytest.mark.parametrize(
    ("encoding", "said"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8 with a byte order mark"), ("cp1252", "cp1252"), ("utf-16", "utf-16")],
)
def test_encodings_are_told_apart(encoding, said):
    received = read("id,comment\n1,Café – £5\n".encode(encoding))
    assert received.comments["text"].tolist() == ["Café – £5"]
    assert received.summary["encoding"] == said
    assert bool(received.summary["notes"]) is (said in ("cp1252", "utf-16"))


def test_a_named_encoding_is_taken_even_where_utf_8_would_do():
    assert read("id,comment\n1,é\n", encoding="cp1252").comments["text"].tolist() == ["Ã©"]


def test_a_byte_order_mark_does_not_spoil_the_first_column_where_utf_8_is_named():
    assert read("id,comment\n1,a\n".encode("utf-8-sig"), encoding="utf-8").comments["comment_id"].tolist() == ["1"]


@pytest.mark.parametrize("encoding", ["klingon", "hex"])
def test_an_encoding_that_is_none_is_told(encoding):
    with pytest.raises(DataError, match=r"input\.encoding '.*' is not an encoding that is known"):
        read("id,comment\n1,a\n", encoding=encoding)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_found_in_the_header(separator):
    others = "".join({",", ";", "\t", "|"} - {separator})
    received = read(f"id{separator}comment\n1{separator}one{others}two{others}three\n")
    assert received.summary["separator"] == {"\t": "tab"}.get(separator, separator)
    assert received.comments["comment_id"].tolist() == ["1"]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_system_are_read(line_end):
    received = read(line_end.join(["id,comment", "1,a", "2,b", ""]))
    assert received.comments["text"].tolist() == ["a", "b"]


def test_a_quoted_comment_keeps_its_commas_quotation_marks_and_line_breaks():
    received = read('id,comment\n1,"a, ""b""\nc"\n')
    assert received.comments["text"].tolist() == ['a, "b"\nc']


@pytest.mark.parametrize("word", ["NA", "null", "None", "nan", "-", "1.0", "007", "TRUE"])
def test_cells_stay_as_they_are_written(word):
    received = read(f"id,comment\n{word},{word}\n")
    assert received.comments["text"].tolist() == [word]
    assert received.comments["comment_id"].tolist() == [word]


def test_metadata_and_codes_are_kept_under_their_names_in_the_files_order():
    columns = {"id": "id", "comment": "c", "metadata": ["ward"], "coders": [{"name": "A", "theme": ["t1", "t2"]}]}
    received = read("ward,t2,id,unused,c,t1\nw,,2,u,x,b\nv,d,1,u,y,a\n", columns=columns)
    assert received.comments.columns.tolist() == ["comment_id", "text", "ward", "t1", "t2"]
    assert received.comments["comment_id"].tolist() == ["2", "1"]
    assert received.comments["t2"].tolist() == ["", "d"]


def test_rows_are_numbered_where_there_is_no_id():
    received = read("comment\na\nb\n", columns={"id": None, "comment": "comment"})
    assert received.comments["comment_id"].tolist() == ["r0001", "r0002"]


def test_white_space_around_names_and_ids_is_no_part_of_them():
    received = read(" id , comment \n 1 ,a\n2,b\n")
    assert received.comments["comment_id"].tolist() == ["1", "2"]
    with pytest.raises(DataError, match="repeat an earlier 'id'"):
        read("id,comment\n1,a\n 1 ,b\n")


def test_a_row_that_ends_early_is_refused_since_nobody_knows_which_cell_is_missing():
    columns = {"id": "id", "comment": "comment", "metadata": ["ward"]}
    with pytest.raises(DataError, match=r"line 3: 3 columns are wanted, found 2\. 2 more rows .*line 4, 6"):
        read("id,comment,ward\n1,a,w\n2,b\nand more,w\n3,a,b\n4\n", columns=columns)


def test_blank_rows_are_counted_and_rows_keep_their_numbers():
    received = read("comment,ward\na,w\n\n , \nb,w\n", columns={"id": None, "comment": "comment"})
    assert received.comments["comment_id"].tolist() == ["r0001", "r0004"]
    assert received.summary["notes"] == ["2 blank rows were left out."]


def test_in_a_single_column_a_blank_line_is_an_empty_answer():
    received = read("comment\na\n\nb\n\n", columns={"id": None, "comment": "comment"})
    assert received.comments["text"].tolist() == ["a", "", "b", ""]


def test_columns_are_found_whatever_their_white_space_and_case_and_keep_the_configured_name():
    columns = {"id": "ID", "comment": "What could we do better?", "metadata": ["Care  Setting"]}
    received = read('id,"What\u00a0could we\r\ndo better? ",\ufeffcare setting\r\n1,a,w\r\n', columns=columns)
    assert received.comments.to_dict("records") == [{"comment_id": "1", "text": "a", "Care  Setting": "w"}]


def test_two_names_for_one_column_are_told():
    with pytest.raises(DataError, match="'Comment' and 'comment ' are one column of the file, number 2"):
        read("id,comment\n1,a\n", columns={"id": "id", "comment": "Comment", "metadata": ["comment "]})


def test_a_question_may_be_named_by_its_text_below_the_header():
    content = 'ResponseId,Q5\nResponse ID,What could be better?\n"{""ImportId"":""a""}","{""ImportId"":""b""}"\nR_1,x\n'
    received = read(content, columns={"id": "ResponseId", "comment": "What could be better?"})
    assert received.comments.to_dict("records") == [{"comment_id": "R_1", "text": "x"}]


def test_groups_that_differ_in_case_and_white_space_become_one_on_request():
    content = "id,comment,ward\n1,a,North\n2,b,north \n3,c,North\n4,d,\n"
    columns = {"id": "id", "comment": "comment", "metadata": ["ward"]}
    assert read(content, columns=columns).comments["ward"].nunique() == 3
    folded = read(content, columns=columns | {"fold_groups": True})
    assert folded.comments["ward"].tolist() == ["North", "North", "North", ""]
    assert "made one, in 1 row" in folded.summary["notes"][0]


def test_numbers_that_stand_for_codes_are_read_by_their_labels():
    coder = {"name": "A", "theme": ["code"], "labels": {1: "waiting", 2: "staff"}}
    columns = {"id": "id", "comment": "comment", "coders": [coder]}
    received = read("id,comment,code\n1,a,1\n2,b,2.0\n3,c,1;2\n4,d,3\n5,e,\n", columns=columns)
    assert received.comments["code"].tolist() == ["waiting", "staff", "waiting;staff", "3", ""]


def test_choices_in_one_cell_become_columns_of_their_own():
    content = 'id,comment,site\n1,a,North;South;\n2,b,south\n3,c,\n4,d,"North, West"\n'
    columns = {"id": "id", "comment": "comment", "choices": {"site": ["North", "South"]}}
    comments = read(content, columns=columns).comments
    assert comments["site: North"].tolist() == ["yes", "no", "", "yes"]
    assert comments["site: South"].tolist() == ["yes", "yes", "", "no"]
    with pytest.raises(DataError, match="nobody chose 'Est' in the column 'site'"):
        read(content, columns=columns | {"choices": {"site": ["Est"]}})


@pytest.mark.parametrize("row", ["1,a,b", "1,a,b\n2,c,d"])
def test_a_row_with_more_columns_is_placed(row):
    with pytest.raises(DataError, match="line 2: 2 columns are wanted, found 3"):
        read(f"id,comment\n{row}\n")


def test_a_column_that_stands_twice_is_told():
    with pytest.raises(DataError, match="the column 'comment' stands 2 times in the header"):
        read("id,comment,comment\n1,a,b\n")


def test_a_metadata_column_with_a_name_of_the_outputs_is_told():
    with pytest.raises(DataError, match="the column 'lemmas' has a name that the outputs use"):
        read("id,comment,lemmas\n1,a,b\n", columns={"id": "id", "comment": "comment", "metadata": ["lemmas"]})


HEADS = st.sampled_from(["", "id,comment\n", "id,comment\r\n", 'id,"comment"\n', "\ufeffid,comment\n", "id;comment\r"])
CELLS = st.text(alphabet="ab1 ,;|\t\"'\n\r\x0b\x1c\u2028\u00a0é\x00", max_size=40)


@given(content=st.one_of(
    st.binary(max_size=80),
    st.builds(lambda head, tail: (head + tail).encode(), HEADS, CELLS),
    st.builds(lambda head, tail: head.encode() + tail, HEADS, st.binary(max_size=40)),
    st.builds(lambda head, tail: (head + tail).encode("utf-16"), HEADS, CELLS),
))  # fmt: skip
@settings(max_examples=150)
def test_any_bytes_are_comments_or_a_data_error(content):
    try:
        received = read(content)
    except DataError as problem:
        assert str(PATH) in problem.message
    else:
        assert len(received.comments) >= 1
        assert received.comments["comment_id"].is_unique
        assert all(isinstance(text, str) for text in received.comments["text"])


@pytest.mark.parametrize(
    ("columns", "forgotten", "left"),
    [
        ({"id": "id"}, ("id", "2"), ["1", "3", "4"]),
        ({"id": "id", "respondent": "who"}, ("respondent", "ann"), ["2", "4"]),
        # The number of a row is no name of a comment.
        ({"id": None}, ("id", "r0002"), ["r0001", "r0002", "r0003", "r0004"]),
        ({"id": None}, ("words", "No tea."), ["r0001", "r0003", "r0004"]),
        ({"id": "id"}, ("words", "No tea."), ["1", "2", "3", "4"]),
    ],
)
def test_what_was_forgotten_is_left_out_and_the_others_keep_their_ids(columns, forgotten, left):
    content = b"id,comment,who\n1,Yes,ann\n2,No  tea.,bob\n3,Yes, ann \n4,Perhaps,\n"
    config = InputConfig.model_validate({"path": "x.csv", "columns": columns})
    found = read_comments(content, path=Path("x.csv"), config=config, forgotten=HashedSet("salt").joined([forgotten]))
    assert found.comments["comment_id"].tolist() == left
    assert found.comments.index.tolist() == list(range(len(left)))
    assert found.summary.get("forgotten", 0) == 4 - len(left)
    assert found.summary["rows"] == len(left)


def test_a_file_of_which_all_is_forgotten_is_told():
    config = InputConfig.model_validate({"path": "x.csv", "columns": {"id": "id"}})
    with pytest.raises(DataError, match="all comments were forgotten"):
        read_comments(
            b"id,comment\n1,Yes\n", path=Path("x.csv"), config=config,
            forgotten=HashedSet("salt").joined([("id", "1")]),
        )  # fmt: skip


POOLED = b"id,why,else,site\n1,No tea.,And no cake.,North\n2, ,Nothing else.,South\n3,,,South\n4,Too loud.,,North\n"


def pooled(**columns):
    settings = {"id": "id", "comment": ["why", "else"], "metadata": ["site"], **columns}
    config = InputConfig.model_validate({"path": "x.csv", "columns": settings})
    return config, read_comments(POOLED, path=Path("x.csv"), config=config)


def test_answers_to_several_questions_are_comments_of_their_own():
    config, received = pooled()
    assert received.comments.to_dict("list") == {
        "comment_id": ["1-q1", "1-q2", "2-q2", "4-q1"],
        "text": ["No tea.", "And no cake.", "Nothing else.", "Too loud."],
        "site": ["North", "North", "South", "North"],
        "respondent": ["1", "1", "2", "4"],
        "question": ["why", "else", "else", "why"],
    }
    assert config.columns.person == "respondent"
    assert config.columns.kept == ("site", "question")
    assert received.summary["rows"] == 4
    assert "Answers to 2 questions were pooled: each is a comment of its own." in received.summary["notes"]


@pytest.mark.parametrize(
    ("columns", "people"),
    [
        ({"respondent": "site", "metadata": []}, ["North", "North", "South", "North"]),
        ({"respondent": "id"}, ["1", "1", "2", "4"]),
        ({"id": None}, ["r0001", "r0001", "r0002", "r0004"]),
    ],
)
def test_pooled_answers_say_whose_they_are(columns, people):
    config, received = pooled(**columns)
    assert received.comments[config.columns.person].tolist() == people
    assert received.comments["comment_id"].is_unique


def test_an_id_column_may_be_called_as_ours_is():
    content = POOLED.replace(b"id,", b"comment_id,", 1)
    columns = {"id": "comment_id", "comment": ["why", "else"]}
    config = InputConfig.model_validate({"path": "x.csv", "columns": columns})
    received = read_comments(content, path=Path("x.csv"), config=config)
    assert received.comments["respondent"].tolist() == ["1", "1", "2", "4"]


def test_pooled_columns_without_an_answer_are_told():
    config = InputConfig.model_validate({"path": "x.csv", "columns": {"id": "id", "comment": ["a", "b"]}})
    with pytest.raises(DataError, match="all cells of the pooled columns are empty"):
        read_comments(b"id,a,b\n1,,\n2, ,\n", path=Path("x.csv"), config=config)


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"comment": ["why"]}, "a list of one column"),
        ({"comment": ["why", "why"]}, "named for two purposes"),
        ({"comment": ["why", "else"], "metadata": ["question"]}, "which question was answered"),
        ({"comment": ["why", "else"], "metadata": ["respondent"]}, "who answered"),
        ({"comment": ["why", "else"], "coders": [{"name": "Ada", "theme": ["code"]}]}, "make a run for each"),
    ],
)
def test_what_cannot_be_pooled_is_told(columns, said):
    with pytest.raises(ValueError, match=said):
        InputConfig.model_validate({"path": "x.csv", "columns": columns})
