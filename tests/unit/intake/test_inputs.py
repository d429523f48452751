from importlib.resources import files
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.errors import DataError
from pipeline.formats.anyfile import read_table
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


def parquet(path: Path, **columns: list[object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path)


def test_a_folder_of_parquet_files_is_read_in_the_order_of_their_names(tmp_path: Path):
    parquet(tmp_path / "set" / "region=South%20West" / "part-1.parquet", comment=["c", "d"], age=[3, None])
    parquet(tmp_path / "set" / "region=North" / "part-2.parquet", comment=["b"], role=["nurse"])
    parquet(tmp_path / "set" / "region=North" / "part-1.parquet", comment=["a"])
    parquet(tmp_path / "set" / "_temporary" / "part-9.parquet", comment=["left out"])
    content = read_input(tmp_path / "set")
    table = read_table(content, tmp_path / "set").frame()
    assert table["comment"].tolist() == ["a", "b", "c", "d"]
    assert table["region"].tolist() == ["North", "North", "South West", "South West"]
    assert table["role"].tolist() == ["", "nurse", "", ""]
    assert table["age"].tolist() == ["", "", "3", ""]
    assert read_input(tmp_path / "set") == content


def test_a_damaged_file_of_a_folder_is_named(tmp_path: Path):
    parquet(tmp_path / "set" / "part-1.parquet", comment=["a"])
    (tmp_path / "set" / "part-2.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(DataError, match=r"part-2\.parquet: this is no Parquet file"):
        read_input(tmp_path / "set")


def test_files_whose_columns_hold_different_things_are_refused(tmp_path: Path):
    parquet(tmp_path / "set" / "part-1.parquet", comment=["a"])
    parquet(tmp_path / "set" / "part-2.parquet", comment=[1])
    with pytest.raises(DataError, match="columns of the same name that hold different things"):
        read_input(tmp_path / "set")


def test_a_folder_without_parquet_files_is_refused(tmp_path: Path):
    (tmp_path / "survey.csv").write_text("comment\na\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"found a folder\. It holds survey\.csv") as caught:
        read_input(tmp_path)
    assert "a folder of Parquet files" in caught.value.hint
