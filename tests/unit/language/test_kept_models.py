"""Models that are kept between runs, whole or not at all."""

import pytest

from pipeline.errors import StoreError
from pipeline.language.kept_models import made_once


def maker(calls):
    def make(place):
        calls.append(place)
        (place / "weights").write_bytes(b"all of it")

    return make


def read(folder, calls):
    with made_once(folder, "one", maker(calls)) as place:
        return (place / "weights").read_bytes()


def test_a_model_is_made_once(tmp_path):
    calls = []
    assert [read(tmp_path / "new" / "models", calls) for _ in range(2)] == [b"all of it"] * 2
    assert len(calls) == 1
    assert [one.name for one in (tmp_path / "new" / "models").iterdir()] == ["one"]


@pytest.mark.parametrize("harm", ["cut short", "missing", "added", "no list", "spoilt list"])
def test_a_damaged_one_is_made_anew(harm, tmp_path):
    calls = []
    read(tmp_path, calls)
    place = tmp_path / "one"
    if harm == "missing":
        (place / "weights").unlink()
    elif harm == "no list":
        (place / "files.json").unlink()
    else:
        name = {"cut short": "weights", "added": "more", "spoilt list": "files.json"}[harm]
        (place / name).write_bytes(b"all")
    assert read(tmp_path, calls) == b"all of it"
    assert len(calls) == 2
    assert read(tmp_path, calls) == b"all of it"
    assert len(calls) == 2


def test_nothing_is_left_of_one_that_was_not_finished(tmp_path):
    def stopped(place):
        (place / "weights").write_bytes(b"half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), made_once(tmp_path, "one", stopped):
        pass
    assert list(tmp_path.iterdir()) == []
    assert read(tmp_path, []) == b"all of it"


def test_where_another_process_was_faster_its_model_is_taken(tmp_path):
    def slow(place):
        assert read(tmp_path, []) == b"all of it"
        (place / "weights").write_bytes(b"mine")
        raise OSError(39, "Directory not empty")

    with made_once(tmp_path, "one", slow) as place:
        assert (place / "weights").read_bytes() == b"all of it"


def test_without_a_place_to_keep_it_a_model_is_there_for_the_block_alone():
    calls = []
    with made_once(None, "one", maker(calls)) as place:
        assert (place / "weights").is_file()
    assert not place.exists()


def test_a_place_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "models").write_bytes(b"a file")
    with pytest.raises(StoreError, match="a model cannot be kept there") as problem:
        read(tmp_path / "models", [])
    assert "embed.cache" in problem.value.hint
