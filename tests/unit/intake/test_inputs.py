from importlib.resources import files

import pytest

from pipeline.errors import DataError
from pipeline.intake.inputs import ILLUSTRATIVE_NOTICE, notice_for, read_input


def test_the_illustrative_comments_are_known_by_their_content():
    corpus = (files("pipeline.corpora") / "illustrative_comments.csv").read_bytes()
    assert "Illustrative data" in ILLUSTRATIVE_NOTICE
    assert notice_for(corpus, "") == ILLUSTRATIVE_NOTICE
    assert notice_for(corpus, "Ours.") == f"{ILLUSTRATIVE_NOTICE} Ours."
    assert notice_for(corpus + b"\n", "Ours.") == "Ours."


def test_line_ends_of_another_system_do_not_lose_the_notice():
    """Git on Windows turns line ends; the comments are the same ones."""
    corpus = (files("pipeline.corpora") / "illustrative_comments.csv").read_bytes().replace(b"\r\n", b"\n")
    assert notice_for(corpus.replace(b"\n", b"\r\n"), "") == ILLUSTRATIVE_NOTICE


def test_a_missing_file_in_a_missing_folder_is_told(tmp_path):
    with pytest.raises(DataError, match="there is no such file of comments"):
        read_input(tmp_path / "none" / "a.csv")


def test_a_folder_says_which_tables_it_holds(tmp_path):
    (tmp_path / "b.csv").write_bytes(b"x")
    with pytest.raises(DataError, match=r"found a folder\. It holds b\.csv"):
        read_input(tmp_path)


def test_the_bytes_are_read_as_they_are(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"\xff\x00\r\n")
    assert read_input(tmp_path / "a.csv") == b"\xff\x00\r\n"


def test_a_file_too_large_for_the_memory_is_not_read(tmp_path, monkeypatch):
    (tmp_path / "a.csv").write_bytes(b"x" * 3_000_000)
    monkeypatch.setattr("pipeline.intake.inputs.LARGEST_INPUT", 2_000_000)
    with pytest.raises(DataError, match="the file has 3 MB, at most 2 MB are read"):
        read_input(tmp_path / "a.csv")
