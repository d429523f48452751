from importlib.resources import files

import pytest

from pipeline.formats.wordlist import word_list

LISTS = [
    ("pipeline.discovery", "empty_nouns.txt"), ("pipeline.discovery", "empty_qualities.txt"),
    ("pipeline.discovery", "stop_words.txt"),
    ("pipeline.language", "empty_adjectives.txt"), ("pipeline.language", "fillers.txt"),
    ("pipeline.language", "first_names.txt"), ("pipeline.language", "html_tags.txt"),
    ("pipeline.language", "negations.txt"), ("pipeline.language", "non_answers.txt"),
    ("pipeline.language", "not_names.txt"), ("pipeline.language", "nothing_said.txt"),
    ("pipeline.language", "own_lemmas.txt"), ("pipeline.language", "usual_sentences.txt"),
]  # fmt: skip

WHOLE_SENTENCES = ("usual_sentences.txt",)
"""What is encoded as it stands."""


@pytest.mark.parametrize(("package", "name"), LISTS)
def test_entries_are_in_small_letters_and_once(package, name):
    lines = [line for line in files(package).joinpath(name).read_text(encoding="utf-8").splitlines() if line[0] != "#"]
    lowered = [line if name in WHOLE_SENTENCES else line.lower() for line in lines]
    assert lines == [line.strip() for line in lowered]
    assert len(lines) == len(word_list(package, name)) > 5


def test_every_list_of_the_program_is_looked_at():
    root = files("pipeline")
    assert sorted((f"pipeline.{room.name}", file.name) for room in root.iterdir() if room.is_dir()
                  for file in room.iterdir() if file.name.endswith(".txt")) == LISTS  # fmt: skip


def test_comments_and_blank_lines_are_no_entries(tmp_path, monkeypatch):
    (tmp_path / "listed").mkdir()
    (tmp_path / "listed" / "__init__.py").touch()
    (tmp_path / "listed" / "words.txt").write_text("# about\n\n café \nnot at all\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    assert word_list("listed", "words.txt") == {"café", "not at all"}
