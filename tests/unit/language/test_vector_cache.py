import os
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import StoreError
from pipeline.language import vector_cache
from pipeline.language.vector_cache import CachedEncoder, empty_cache
from tests.fake_encoder import FakeEncoder


def test_vectors_are_those_of_the_encoder_in_the_order_asked_for(tmp_path):
    texts = ["long text about tools", "short", "middle sized", "short"]
    cached = CachedEncoder(FakeEncoder(), tmp_path / "v.sqlite")
    np.testing.assert_array_equal(cached.encode(texts), FakeEncoder().encode(texts))
    np.testing.assert_array_equal(cached.encode(texts[::-1]), FakeEncoder().encode(texts[::-1]))


def test_ten_new_texts_cost_ten_encodings(tmp_path):
    old = [f"old {number}" for number in range(600)]
    CachedEncoder(FakeEncoder(), tmp_path / "v.sqlite").encode(old)
    encoder = FakeEncoder()
    cached = CachedEncoder(encoder, tmp_path / "v.sqlite")
    cached.encode([*old, *(f"new {number}" for number in range(10)), *old])
    assert sorted(encoder.encoded) == sorted(f"new {number}" for number in range(10))
    assert cached.encoded == 10


@pytest.mark.parametrize("change", ["name", "revision"])
def test_another_model_gets_none_of_the_old_vectors(change, tmp_path):
    CachedEncoder(FakeEncoder(), tmp_path / "v.sqlite").encode(["a text"])
    other = FakeEncoder()
    setattr(other, change, "other")
    CachedEncoder(other, tmp_path / "v.sqlite").encode(["a text"])
    assert other.encoded == ["a text"]


def test_the_file_holds_no_text(tmp_path):
    CachedEncoder(FakeEncoder(), tmp_path / "v.sqlite").encode(["a very private sentence"])
    assert b"private" not in (tmp_path / "v.sqlite").read_bytes()


def test_without_a_file_a_text_is_still_encoded_once():
    encoder = FakeEncoder()
    cached = CachedEncoder(encoder, None)
    cached.encode(["a", "b"])
    cached.encode(["b", "a"])
    assert sorted(encoder.encoded) == ["a", "b"]


def test_no_texts_are_no_error(tmp_path):
    assert len(CachedEncoder(FakeEncoder(), tmp_path / "v.sqlite").encode([])) == 0


@pytest.fixture
def small_chunks(monkeypatch):
    monkeypatch.setattr(vector_cache, "_CHUNK", 256)


@pytest.mark.usefixtures("small_chunks")
def test_what_was_encoded_before_a_failure_is_kept(tmp_path):
    class Breaks(FakeEncoder):
        def encode(self, texts):
            if len(self.encoded) >= 256:
                raise KeyboardInterrupt
            return super().encode(texts)

    texts = [f"text {number:04d}" for number in range(400)]
    with pytest.raises(KeyboardInterrupt):
        CachedEncoder(Breaks(), tmp_path / "v.sqlite").encode(texts)
    encoder = FakeEncoder()
    CachedEncoder(encoder, tmp_path / "v.sqlite").encode(texts)
    assert len(encoder.encoded) == 400 - 256


@pytest.mark.usefixtures("small_chunks")
def test_progress_ends_at_the_number_of_new_texts(tmp_path):
    told = []
    cached = CachedEncoder(FakeEncoder(), tmp_path / "v.sqlite", lambda *said: told.append(said))
    cached.encode([f"text {number}" for number in range(300)])
    assert told == [("vectors", 256, 300), ("vectors", 300, 300)]


def test_a_file_that_is_no_cache_is_told(tmp_path):
    (tmp_path / "v.sqlite").write_bytes(b"no database at all, though long enough to look like one " * 20)
    with pytest.raises(StoreError, match="the cache of vectors cannot be used"):
        CachedEncoder(FakeEncoder(), tmp_path / "v.sqlite").encode(["a"])


def test_a_full_disk_is_told(tmp_path, monkeypatch):
    cached = CachedEncoder(FakeEncoder(), tmp_path / "v.sqlite")

    def full(new):
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(cached, "_store", full)
    with pytest.raises(StoreError, match="disk is full"):
        cached.encode(["a"])


@pytest.mark.parametrize("harm", ["cut short", "a byte less", "emptied", "not finite", "no bytes", "another length"])
def test_a_damaged_vector_is_made_anew(harm, tmp_path):
    texts = [f"text {number}" for number in range(5)]
    CachedEncoder(FakeEncoder(), tmp_path / "v.sqlite").encode(texts)
    whole = FakeEncoder().encode(texts)
    vector = {
        "cut short": whole[0, :10].tobytes(), "a byte less": whole[0].tobytes()[:-1], "emptied": bytes(4 * 48),
        "not finite": np.full(48, np.nan, dtype=np.float32).tobytes(), "no bytes": None,
        "another length": np.full(4, 0.5, dtype=np.float32).tobytes(),
    }[harm]  # fmt: skip
    with closing(sqlite3.connect(tmp_path / "v.sqlite")) as connection, connection:
        connection.execute("UPDATE vectors SET vector = ? WHERE key = (SELECT min(key) FROM vectors)", (vector,))
    encoder = FakeEncoder()
    np.testing.assert_array_equal(CachedEncoder(encoder, tmp_path / "v.sqlite").encode(texts), whole)
    assert len(encoder.encoded) == 1
    assert CachedEncoder(again := FakeEncoder(), tmp_path / "v.sqlite").encode(texts).shape == (5, 48)
    assert again.encoded == []


@pytest.mark.skipif(os.name != "posix", reason="Windows has other rights")
def test_the_cache_is_its_owners_alone_and_leaves_other_folders_open(tmp_path):
    for place in ("cache/v.sqlite", "w.sqlite"):
        CachedEncoder(FakeEncoder(), tmp_path / place).encode(["a"])
        assert (tmp_path / place).stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "cache").stat().st_mode & 0o777 == 0o700
    (tmp_path / "cache").chmod(0o755)
    tmp_path.chmod(0o755)
    (tmp_path / "cache/v.sqlite").chmod(0o644)
    for place in ("cache/v.sqlite", "w.sqlite"):
        CachedEncoder(FakeEncoder(), tmp_path / place).encode(["a"])
        assert (tmp_path / place).stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "cache").stat().st_mode & 0o777 == 0o700
    assert tmp_path.stat().st_mode & 0o777 == 0o755


def test_an_emptied_cache_has_no_byte_of_a_vector(tmp_path: Path):
    path = tmp_path / "vectors.sqlite"
    encoder = FakeEncoder()
    texts = [f"comment number {number}" for number in range(300)]
    vectors = CachedEncoder(encoder, path).encode(texts)
    assert any(vector.tobytes() in path.read_bytes() for vector in vectors)
    assert empty_cache(path) == 300
    assert not any(vector.tobytes() in path.read_bytes() for vector in vectors)
    assert [one.name for one in tmp_path.iterdir()] == ["vectors.sqlite"]
    assert CachedEncoder(encoder, path).encode(texts).tolist() == vectors.tolist()


def test_what_is_no_cache_is_not_emptied(tmp_path: Path):
    assert empty_cache(tmp_path / "none.sqlite") == 0
    assert not (tmp_path / "none.sqlite").exists()
    other = tmp_path / "thesis.docx"
    other.write_bytes(b"ten years of work")
    with pytest.raises(StoreError, match=r"thesis\.docx: the cache of vectors cannot be emptied"):
        empty_cache(other)
    assert other.read_bytes() == b"ten years of work"


def test_vectors_of_another_device_are_not_taken(tmp_path):
    CachedEncoder(FakeEncoder(), tmp_path / "v.sqlite").encode(["a text"])
    other = FakeEncoder()
    other.device = "cuda"
    CachedEncoder(other, tmp_path / "v.sqlite").encode(["a text"])
    assert other.encoded == ["a text"]


def test_vectors_of_another_backend_are_not_taken(tmp_path):
    CachedEncoder(FakeEncoder(), tmp_path / "v.sqlite").encode(["a text"])
    for variant in ("openvino", "openvino in bfloat16", "static"):
        other = FakeEncoder()
        other.variant = variant
        cached = CachedEncoder(other, tmp_path / "v.sqlite")
        cached.encode(["a text"])
        assert other.encoded == ["a text"]
        assert cached.variant == variant


@pytest.mark.parametrize("has_file", [True, False])
def test_what_a_file_has_too_does_not_fill_the_memory(has_file, tmp_path, monkeypatch):
    monkeypatch.setattr(vector_cache, "_MOST_IN_MEMORY", 3)
    encoder = FakeEncoder()
    cached = CachedEncoder(encoder, tmp_path / "v.sqlite" if has_file else None)
    texts = ["a", "b", "c", "d", "b"]
    first = cached.encode(texts)
    assert len(cached._known) <= (3 if has_file else 4)
    np.testing.assert_array_equal(cached.encode(texts), first)
    assert len(encoder.encoded) == 4
    cached.encode(texts[:2])
    assert len(cached._known) <= (3 if has_file else 4)


def test_many_texts_are_encoded_some_at_a_time_as_they_would_be_together(tmp_path, monkeypatch):
    texts = [f"text {number % 9} of some" for number in range(25)]
    together = CachedEncoder(FakeEncoder(), tmp_path / "one.sqlite").encode(texts)
    monkeypatch.setattr(vector_cache, "_MOST_IN_MEMORY", 4)
    told, encoder = [], FakeEncoder()
    cached = CachedEncoder(encoder, tmp_path / "v.sqlite", lambda *said: told.append(said))
    np.testing.assert_array_equal(cached.encode(texts), together)
    assert sorted(encoder.encoded) == sorted(set(texts))
    assert len(cached._known) <= 4
    done = [number for _, number, _ in told]
    assert done == sorted(done)
    assert all(number <= total <= len(texts) for _, number, total in told)


@pytest.mark.parametrize("harmed", [[1, 5], [4, 5, 6, 7], [0, 1, 2], [0, 1, 2, 4, 5, 6]])
def test_damaged_vectors_among_many_texts_are_made_anew(harmed, tmp_path, monkeypatch):
    texts = [f"text {number}" for number in range(12)]
    together = CachedEncoder(FakeEncoder(), tmp_path / "v.sqlite").encode(texts)
    monkeypatch.setattr(vector_cache, "_MOST_IN_MEMORY", 4)
    encoder = FakeEncoder()
    cached = CachedEncoder(encoder, tmp_path / "v.sqlite")
    damaged = [texts[place] for place in harmed]
    keys = [(np.ones(1, dtype=np.float32).tobytes(), cached._key(text)) for text in damaged]
    with closing(sqlite3.connect(tmp_path / "v.sqlite")) as connection, connection:
        connection.executemany("UPDATE vectors SET vector = ? WHERE key = ?", keys)
    np.testing.assert_array_equal(cached.encode(texts), together)
    assert set(encoder.encoded) >= set(damaged)
