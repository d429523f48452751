from pathlib import Path

from pipeline.formats.anyfile import read_table

IDS = '"{""ImportId"":""a""}","{""ImportId"":""b"",""timeZone"":""Z""}"'


def read(text):
    return read_table(text.encode(), Path("a.csv"))


def test_the_header_rows_of_qualtrics_are_no_answers():
    table = read(f'ResponseId,Q5\nResponse ID,"What, and\nwhy?"\n{IDS}\nR_1,a\nR_2,b\n')
    assert table.rows == [["R_1", "a"], ["R_2", "b"]]
    assert table.numbers == [1, 2]
    assert table.titles == ("Response ID", "What, and\nwhy?")
    assert table.notes == ["This is a Qualtrics export. The 2 header rows below the first were left out."]


def test_a_header_row_that_somebody_deleted_does_not_hide_the_other():
    assert read(f"ResponseId,Q5\n{IDS}\nR_1,a\n").rows == [["R_1", "a"]]
    assert read("StartDate,ResponseId,Q5\nStart Date,Response ID,Why?\nd,R_1,a\n").rows == [["d", "R_1", "a"]]


def test_an_answer_that_speaks_of_import_ids_is_an_answer():
    assert len(read('id,comment\n1,"{""ImportId"":""x""} is what I see"\n2,b\n').rows) == 2


def test_the_second_header_row_of_survey_monkey_names_the_parts_of_a_question():
    table = read(
        "Respondent ID,Collector ID,What is bad?,Which sites?,\n,,Open-Ended Response,North,South\n1,9,Parking,North,\n"
    )
    assert table.header == (
        "Respondent ID",
        "Collector ID",
        "What is bad?",
        "Which sites? - North",
        "Which sites? - South",
    )
    assert table.rows == [["1", "9", "Parking", "North", ""]]
    assert "SurveyMonkey" in table.notes[0]


def test_rows_that_say_the_header_again_are_left_out():
    table = read("id,comment\n1,a\nid,comment\n2,b\n")
    assert table.rows == [["1", "a"], ["2", "b"]]
    assert table.notes == ["1 row that repeats the header was left out."]
    assert read("comment\ncomment\n").rows == [["comment"]]
