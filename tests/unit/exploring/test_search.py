import pytest

from pipeline.errors import ConfigError, ModelError
from tests.fake_encoder import FakeEncoder


def test_a_word_is_found_in_any_form(run, fake_models):
    found = run.search("MANAGER", n=100)
    said = run.comments[run.comments["kept"] & run.comments["text"].str.contains("manager", case=False)]
    assert set(found["comment_id"]) == set(said["comment_id"]) != set()
    assert set(run.search("managers", n=100)["comment_id"]) == set(found["comment_id"])


def test_comments_that_say_more_of_the_words_come_first(run, fake_models):
    found = run.search("printer password", n=100)
    assert found["words"].is_monotonic_decreasing
    assert set(found["words"]) == {1, 2}
    first = found["text"].iloc[0].casefold()
    assert "printer" in first
    assert "password" in first


def test_part_of_a_word_is_not_found(run, fake_models):
    assert len(run.search("mana")) == 0


def test_by_meaning_the_nearest_comments_are_found(run, fake_models):
    found = run.search("the booking computer is slow", by="meaning", n=5)
    assert len(found) == 5
    assert found["similarity"].is_monotonic_decreasing
    assert found["text"].str.contains("computer|booking", case=False).all()


def test_a_comment_itself_is_its_own_nearest_and_so_is_its_repeat(run, fake_models):
    text = run.comments.set_index("comment_id").loc["m01", "text"]
    found = run.search(text, by="meaning", n=2)
    assert set(found["comment_id"]) == {"m01", "d01"}
    assert found["similarity"].tolist() == pytest.approx([1, 1])


def test_another_encoder_is_refused(run, fake_models, monkeypatch):
    monkeypatch.setattr("pipeline.language.models.load_encoder", lambda *_, **__: FakeEncoder(revision="other"))
    with pytest.raises(ModelError, match="made by the encoder 'fake-encoder'"):
        run.search("money", by="meaning")


def test_by_words_no_encoder_is_loaded(run, fake_models, monkeypatch):
    monkeypatch.setattr("pipeline.language.models.load_encoder", lambda *_, **__: pytest.fail("it was loaded"))
    assert len(run.search("money")) > 0


@pytest.mark.parametrize(("query", "how"), [("", {}), ("?!", {}), ("money", {"by": "letters"}), ("money", {"n": 0})])
def test_what_cannot_be_looked_for_is_refused(run, fake_models, query, how):
    with pytest.raises(ConfigError):
        run.search(query, **how)
