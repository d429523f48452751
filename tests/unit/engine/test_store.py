import errno
import json
import os
from pathlib import Path

import pytest

from pipeline.engine.store import RunStore
from pipeline.errors import StoreError
from pipeline.formats.digests import digest


@pytest.fixture
def store(tmp_path):
    store = RunStore(tmp_path / "run")
    store.prepare(configuration="a.yaml")
    return store


def test_a_written_file_is_there_whole_with_its_hash_and_nothing_beside_it(store):
    assert store.write("internal/x.bin", b"abc") == digest(b"abc")
    assert store.read("internal/x.bin") == b"abc"
    assert [path.name for path in (store.folder / "internal").iterdir()] == ["x.bin"]


@pytest.mark.parametrize("failing", ["fsync", "replace"])
def test_a_failed_write_leaves_what_stood_there_before(failing, store, monkeypatch):
    store.write("x.bin", b"old")

    def refuse(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    if failing == "fsync":
        monkeypatch.setattr(os, "fsync", refuse)
    else:
        monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(StoreError, match="the disk is full") as caught:
        store.write("x.bin", b"new and longer")
    assert "finished stages are kept" in caught.value.hint
    assert store.read("x.bin") == b"old"
    assert list(store.folder.rglob("*.part")) == []


@pytest.mark.parametrize(
    ("number", "said"),
    [(errno.EACCES, "permission denied"), (errno.EROFS, "permission denied"), (errno.EIO, "Input/output error")],
)
def test_what_a_disk_refuses_is_said(number, said, store, monkeypatch):
    def refuse(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(StoreError, match=said) as caught:
        store.write("x.bin", b"new")
    assert str(store.folder / "x.bin") in caught.value.message


def test_half_written_files_of_a_killed_run_are_swept_away(store):
    store.write("internal/x.bin", b"abc")
    half = store.folder / "internal" / ".y.bin.123.part"
    half.write_bytes(b"ab")
    store.write_manifest({"configuration_file": "a.yaml"})
    RunStore(store.folder).prepare(configuration="a.yaml")
    assert not half.exists()
    assert store.read("internal/x.bin") == b"abc"


def test_a_run_killed_before_its_first_manifest_can_go_on(store):
    """The folder is the run's own, though no stage was finished in it."""
    store.write("internal/received.parquet", b"first artefact")
    RunStore(store.folder).prepare(configuration="a.yaml")


def test_holds_only_where_every_file_has_its_hash(store):
    hashes = {"a": store.write("a", b"1"), "b": store.write("b", b"2")}
    assert store.holds(hashes)
    (store.folder / "b").write_bytes(b"3")
    assert not store.holds(hashes)
    (store.folder / "b").unlink()
    assert not store.holds(hashes)


def test_a_missing_file_says_how_to_make_it(store):
    with pytest.raises(StoreError, match="is missing") as caught:
        store.read("internal/none")
    assert "Run the pipeline again" in caught.value.hint


def test_two_runs_cannot_use_a_folder_at_once(store):
    other = RunStore(store.folder)
    with store.locked(), pytest.raises(StoreError, match="another run is using this folder"), other.locked():
        pass
    with other.locked():
        pass


def test_a_lock_left_by_a_dead_process_does_not_lock(store):
    (store.folder / ".lock").write_bytes(b"")
    with store.locked():
        pass


@pytest.mark.parametrize("content", [b"[]", b"{", b"\xff\xfe", b"3"])
def test_a_manifest_that_is_none_is_told(content, store):
    (store.folder / "manifest.json").write_bytes(content)
    with pytest.raises(StoreError, match="not a run's manifest"):
        _ = RunStore(store.folder).manifest


def test_the_manifest_is_json_that_any_reader_takes(store):
    store.write_manifest({"a": "café", "path": Path("x")})
    assert json.loads((store.folder / "manifest.json").read_text(encoding="utf-8")) == {"a": "café", "path": "x"}
    assert RunStore(store.folder).manifest["a"] == "café"


def test_removing_what_is_not_there_is_no_error(store):
    store.write("a", b"1")
    store.remove({"a", "b"})
    assert not (store.folder / "a").exists()
