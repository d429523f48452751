import errno
import json
import os
from pathlib import Path

import pytest

from pipeline.engine.fingerprint import result_digest
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


def test_a_folder_with_peoples_coding_is_a_runs(store):
    store.write("coding/draws.json", b"{}")
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


ENTRY = {
    "depends_on": {"code": "c", "settings": {}, "inputs": {}, "libraries": {}},
    "artefacts": {"internal/a.parquet": "h"},
    "summary": {"rows": 1},
}


def edited(**parts):
    stages = parts.pop("stages", {"ingest": {**ENTRY, "seal": result_digest(ENTRY), **parts}})
    return json.dumps({"configuration_file": "a.yaml", "stages": stages}).encode()


def test_a_manifest_comes_back_with_its_stages(store):
    store.write_manifest({"configuration_file": "a.yaml", "stages": {"ingest": ENTRY}})
    again = RunStore(store.folder)
    assert again.manifest["stages"]["ingest"]["summary"] == {"rows": 1}
    assert not again.is_broken


@pytest.mark.parametrize("content", [
    b"[]", b"{", b"\xff\xfe", b"3", b"[" * 100_000, b"9" * 5000, edited(stages=[]), edited(stages={"compare": ENTRY}),
    edited(depends_on=None), edited(depends_on={}), edited(artefacts=[]), edited(artefacts={"internal/a.parquet": 3}),
    edited(summary=[]), edited(summary={"rows": 2}), edited(seal="x"),
])  # fmt: skip
def test_a_manifest_that_was_damaged_is_as_good_as_none(content, store):
    (store.folder / "manifest.json").write_bytes(content)
    again = RunStore(store.folder)
    assert again.manifest == {}
    assert again.is_broken
    again.prepare(configuration="a.yaml")


OUTSIDE = ["../a.txt", "/etc/passwd", "internal/../../a.txt", "C:a.txt", "C:\\a.txt", "..\\a.txt", "link/a.txt", "",
           ".", "internal//a", "a\0b", "a\ud800"]  # fmt: skip


@pytest.mark.parametrize("name", OUTSIDE)
def test_a_name_that_leaves_the_folder_is_refused(name, store, tmp_path):
    victim = tmp_path / "a.txt"
    victim.write_bytes(b"mine")
    (store.folder / "link").symlink_to(tmp_path, target_is_directory=True)
    for use in (lambda: store.remove({name}), lambda: store.write(name, b"x"), lambda: store.read(name),
                lambda: store.holds({name: digest(b"mine")})):  # fmt: skip
        with pytest.raises(StoreError, match="would lie outside this folder"):
            use()
    entry = {**ENTRY, "artefacts": {name: digest(b"mine")}}
    if "\ud800" not in name:
        (store.folder / "manifest.json").write_bytes(edited(**entry, seal=result_digest(entry)))
        assert RunStore(store.folder).manifest == {}
    assert victim.read_bytes() == b"mine"


def test_a_broken_manifest_does_not_make_a_run_of_somebodys_folder(tmp_path):
    (tmp_path / "manifest.json").write_bytes(b'{"name": "my web page"}')
    (tmp_path / "index.html").write_bytes(b"x")
    with pytest.raises(StoreError, match="files that are no run's"):
        RunStore(tmp_path).prepare(configuration="a.yaml")


@pytest.mark.skipif(os.name != "posix", reason="Windows has other rights")
@pytest.mark.parametrize("umask", [0, 0o077, 0o277])
def test_rights_do_not_depend_on_the_umask(umask, store):
    before = os.umask(umask)
    try:
        for name in ("internal/a", "manifest.json", "public/a"):
            store.write(name, b"x")
    finally:
        os.umask(before)
    rights = {
        name: (store.folder / name).stat().st_mode & 0o777 for name in ("internal", "internal/a", "manifest.json")
    }
    assert rights == {"internal": 0o700, "internal/a": 0o600, "manifest.json": 0o600}
    assert (store.folder / "public/a").stat().st_mode & 0o777 == 0o666 & ~umask


@pytest.mark.skipif(os.name != "posix", reason="Windows has other rights")
def test_what_an_older_run_left_open_is_closed(store):
    store.write("internal/a", b"x")
    (store.folder / "internal").chmod(0o755)
    (store.folder / "manifest.json").chmod(0o644)
    RunStore(store.folder).prepare(configuration="a.yaml")
    assert (store.folder / "internal").stat().st_mode & 0o077 == 0
    assert (store.folder / "manifest.json").stat().st_mode & 0o077 == 0


def test_the_manifest_is_json_that_any_reader_takes(store):
    store.write_manifest({"a": "café", "path": Path("x")})
    assert json.loads((store.folder / "manifest.json").read_text(encoding="utf-8")) == {"a": "café", "path": "x"}
    assert RunStore(store.folder).manifest["a"] == "café"


def test_removing_what_is_not_there_is_no_error(store):
    store.write("a", b"1")
    store.remove({"a", "b"})
    assert not (store.folder / "a").exists()


def test_a_cleared_folder_keeps_what_is_named_and_what_links_lead_to(store, tmp_path):
    for name in ("internal/a.parquet", "internal/export/b.csv", "internal/kept.csv"):
        store.write(name, b"words")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "theirs.csv").write_bytes(b"words")
    (store.folder / "internal" / "link").symlink_to(elsewhere)
    assert store.clear("internal", keep={"internal/kept.csv"}) == 3
    assert [path.name for path in (store.folder / "internal").rglob("*")] == ["kept.csv"]
    assert (elsewhere / "theirs.csv").exists()
    assert store.clear("public") == 0


def test_a_folder_that_is_a_link_to_somewhere_else_is_not_cleared(store, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "theirs.csv").write_bytes(b"words")
    (store.folder / "public").symlink_to(elsewhere)
    with pytest.raises(StoreError):
        store.clear("public")
    assert (elsewhere / "theirs.csv").exists()
