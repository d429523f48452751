from __future__ import annotations

import os
import stat

import pytest

from pipeline.errors import StoreError
from pipeline.exporting.folder import RECORD, write_export

needs_posix = pytest.mark.skipif(os.name != "posix", reason="rights as POSIX has them")


@needs_posix
def test_a_folder_that_is_there_keeps_its_rights_and_its_files_are_closed(tmp_path):
    shared = tmp_path / "shared"
    shared.mkdir(mode=0o755)
    (path,) = write_export(tmp_path / "run", shared, {"a.csv": b"words"}, force=False)
    assert stat.S_IMODE(shared.stat().st_mode) == 0o755
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    (path,) = write_export(tmp_path / "run", tmp_path / "new", {"a.csv": b"words"}, force=False)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@needs_posix
def test_what_a_link_leads_to_is_left_alone(tmp_path):
    theirs, folder = tmp_path / "theirs", tmp_path / "export"
    theirs.write_text("theirs", encoding="utf-8")
    folder.mkdir()
    (folder / "a.csv").symlink_to(theirs)
    with pytest.raises(StoreError, match="there already"):
        write_export(tmp_path / "run", folder, {"a.csv": b"words"}, force=False)
    write_export(tmp_path / "run", folder, {"a.csv": b"words"}, force=True)
    assert theirs.read_text(encoding="utf-8") == "theirs"
    assert (folder / "a.csv").read_bytes() == b"words"


@needs_posix
def test_a_link_that_leads_into_the_public_folder_is_refused(tmp_path):
    (tmp_path / "run" / "public").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "run" / "public")
    with pytest.raises(StoreError, match="public"):
        write_export(tmp_path / "run", tmp_path / "link", {"a.csv": b"words"}, force=True)
    assert not list((tmp_path / "run" / "public").iterdir())


def test_the_public_folder_of_another_run_is_refused_and_one_of_that_name_is_not(tmp_path):
    other = tmp_path / "other" / "public" / "tables"
    other.mkdir(parents=True)
    write_export(tmp_path / "run", other, {"a.csv": b"words"}, force=False)
    (tmp_path / "other" / "manifest.json").write_text("{}", encoding="utf-8")
    with pytest.raises(StoreError, match="public"):
        write_export(tmp_path / "run", other, {"a.csv": b"words"}, force=False)


def test_a_damaged_record_makes_nobody_elses_files_ours(tmp_path):
    (tmp_path / RECORD).write_text("[1", encoding="utf-8")
    (tmp_path / "a.csv").write_bytes(b"theirs")
    with pytest.raises(StoreError, match="there already"):
        write_export(tmp_path / "run", tmp_path, {"a.csv": b"words", "b.csv": b"words"}, force=False)
    assert not (tmp_path / "b.csv").exists()


def test_a_file_in_the_place_of_the_folder_is_said(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreError, match="cannot be written"):
        write_export(tmp_path / "run", tmp_path / "file", {"a.csv": b"words"}, force=False)
