import csv
from pathlib import Path

import pytest

from pipeline.config import LanguagesConfig
from pipeline.errors import DataError
from pipeline.language.languages import (
    common_words,
    insist_on_language,
    insist_on_languages,
    is_foreign,
    is_mostly_foreign,
    languages_of,
    share_of_common_words,
)
from pipeline.language.model_files import languages_wanted

SENTENCES = Path(__file__).parents[2] / "other_languages.csv"
"""Eight comments that say the same in English, Welsh, Polish, French, German and Urdu."""


def written_for_this():
    with SENTENCES.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def detector(likely):
    def detect(texts):
        return [likely.get(text, {"en": 0.9, "cy": 0.1}) for text in texts]

    return detect


def test_a_comment_in_another_language_is_told_by_its_letters_and_by_how_sure_the_detector_is():
    welsh, short, doubtful = "Mae rhestrau aros yn rhy hir", "Mae'n araf", "Somebody wrote this somehow"
    detect = detector(
        {welsh: {"cy": 0.9, "en": 0.01}, short: {"cy": 0.9, "en": 0.01}, doubtful: {"nl": 0.5, "en": 0.2}}
    )
    assert languages_of([welsh, short, doubtful, "Fine words"], detect, ("en",)) == ["cy", "unknown", "unknown", "en"]


def test_a_comment_with_a_sentence_that_can_be_read_is_in_several_languages():
    text = "Systemau gwahanol a neb yn siarad. Different systems."
    detect = detector({text: {"cy": 0.99}, "Systemau gwahanol a neb yn siarad.": {"cy": 0.99}})
    assert languages_of([text], detect, ("en",)) == ["several"]


def test_what_is_written_in_another_script_may_be_short():
    assert languages_of(["انتظار"], detector({"انتظار": {"ur": 0.8}}), ("en",)) == ["ur"]
    assert languages_of(["?!", "123"], detector({"?!": {}, "123": {}}), ("en",)) == ["unknown", "unknown"]


def test_where_all_languages_are_analysed_none_is_foreign():
    assert not is_foreign("cy", ())
    assert is_foreign("cy", ("en",))
    assert not any(is_foreign(language, ("en",)) for language in ("en", "unknown", "several", ""))


@pytest.mark.parametrize("language", ["cy", "pl", "fr", "de", "ur"])
def test_a_survey_in_another_language_is_refused_without_a_detector(language):
    texts = [row["comment"] for row in written_for_this() if row["language"] == language] * 2
    with pytest.raises(DataError, match="language that is not analysed"):
        insist_on_language(texts, ("en",))


def test_a_survey_in_english_and_one_too_short_to_tell_are_not_refused():
    english = [row["comment"] for row in written_for_this() if row["language"] == "en"] * 2
    assert share_of_common_words(english, common_words(["en"])) > 0.5
    insist_on_language(english, ("en",))
    insist_on_language(["Budget", "Waiting times", "Wifi"] * 50, ("en",))
    insist_on_language(["👍", "🙂"] * 50, ("en",))
    listed = "old kit, staff shortages, funding, training\nwifi; procurement - culture (leadership)"
    insist_on_language([listed] * 50, ("en",))


def test_a_language_whose_common_words_cannot_be_counted_is_not_judged():
    assert common_words(["zh"]) == common_words(["xx-none"]) == frozenset()
    assert not is_mostly_foreign(["whatever is written here by them"] * 20, common_words(["zh"]))


def test_most_of_ten_comments_must_be_in_a_language_that_is_analysed():
    insist_on_languages(["cy"] * 5 + ["en"] * 5 + ["unknown"] * 90, ("en",))
    insist_on_languages(["cy"] * 9 + ["unknown"] * 90, ("en",))
    insist_on_languages(["cy"] * 90, ("en", "cy"))
    with pytest.raises(DataError, match="cy 5, pl 2 of 11 whose language is known"):
        insist_on_languages(["cy"] * 5 + ["pl"] * 2 + ["en"] * 3 + ["several"], ("en",))


def test_which_languages_are_analysed_follows_from_the_encoder_unless_it_is_said():
    def wanted(encoder, **settings):
        config = LanguagesConfig.model_validate(settings)
        return languages_wanted(config, encoder=encoder, spacy_model="en_core_web_sm")

    assert wanted("all-MiniLM-L6-v2") == wanted("sentence-transformers/all-MiniLM-L6-v2") == ("en",)
    assert wanted("multilingual-e5-small") == wanted("all-MiniLM-L6-v2", keep="all") == ()
    assert wanted("somebody/model") == ("en",)
    assert wanted("all-MiniLM-L6-v2", keep=["en", "cy"]) == ("en", "cy")


@pytest.mark.slow
def test_lingua_tells_the_sentences_written_for_it_apart():
    pytest.importorskip("lingua")
    from pipeline.language.detector import detect, known_languages

    assert {"en", "cy", "ur"} <= known_languages().keys()
    rows = written_for_this()
    found = languages_of([row["comment"] for row in rows], detect, ("en",))
    told = [row["language"] == language for row, language in zip(rows, found, strict=True)]
    foreign = [row["language"] != "en" for row in rows]
    assert sum(is_foreign(language, ("en",)) for language in found) >= 34
    assert not any(is_foreign(one, ("en",)) for one, other in zip(found, foreign, strict=True) if not other)
    assert sum(told) >= 40
