import re
from collections import Counter
from pathlib import Path

import pytest

from pipeline.codebook import decoy_books
from pipeline.codebook.codebook import find_faults, load_codebook
from pipeline.codebook.decoy_books import load_decoys
from pipeline.crosswalk.fit import phrases_of
from pipeline.errors import CodebookError

OURS = Path(__file__).parents[3] / "configs" / "codebooks" / "htn_health_tech_trends.yaml"

# A comment of any survey may truly be about these, so a match with them would be no mistake.
SHARED_BY_ALL_SURVEYS = re.compile(
    r"\b(costs?|costly|money|prices?|budgets?|expensive|staff\w*|communicat\w*|wait|waits|waiting|queue[sd]?|train(s|ed|ing)|"
    r"times?|leaders?|leadership|manage(r|rs|ment)|technolog\w*|parking|book(ed|ings?)|customers?|services?|teams?|"
    r"teamwork|change[sd]?|plan|plans|planning|priorit\w*|decisions?)\b",
    re.IGNORECASE,
)

# Words that mean one thing here and another in a hospital, an office or a bank.
MEANS_SOMETHING_ELSE_ELSEWHERE = re.compile(
    r"\b(systems?|accounts?|transfers?|logs?|logged|networks?|support\w*|appointments?|cultures?|clouds?|cloudy|"
    r"migrat\w*|migrants?|beds?|records?|screens?|virus\w*|bugs?|mouse|windows?|servers?|software|data|digital|computers?|"
    r"online|web|apps?|passwords?|paper\w*|print\w*|access|links?|links|calls?|patients?|nurses?|nursery|doctors?|wards?|"
    r"hospitals?|operations?|theatres?|injur\w*|treat(ed|ment|ments)|test|tests|trials?|pilots?|charts?|primary|"
    r"secondary|yellow cards?|banks?|loans?)\b",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def decoys():
    return load_decoys()


@pytest.fixture(scope="module")
def themes(decoys):
    return [theme for decoy in decoys for theme in decoy.themes]


def words(phrase):
    return len(phrase.split())


def test_there_are_five_fields_of_eight_themes_in_the_order_of_their_files(decoys):
    assert [decoy.title for decoy in decoys] == [
        "Decoy: allotment gardening",
        "Decoy: amateur astronomy",
        "Decoy: amateur football",
        "Decoy: birdwatching",
        "Decoy: home baking",
    ]
    assert [len(decoy.themes) for decoy in decoys] == [8] * 5


def test_a_decoy_claims_nothing_and_has_no_source(decoys):
    for decoy in decoys:
        assert decoy.question.endswith("?")
        assert decoy.source is None
        assert decoy.prominence is None
        assert (decoy.facets, decoy.codes, decoy.claims) == ((), (), ())


def test_references_and_ids_hold(decoys, themes):
    assert [find_faults(decoy) for decoy in decoys] == [[]] * 5
    for decoy in decoys:
        for theme in decoy.themes:
            belongs = {line.rpartition(": ")[2] for line in theme.excludes}
            assert belongs <= set(decoy.theme_ids) - {theme.id}
    assert len({theme.id for theme in themes}) == 40
    assert len({theme.name for theme in themes}) == 40


def test_no_id_or_name_is_one_of_the_codebook_of_the_article(themes):
    ours = load_codebook(OURS)
    entries = [*ours.themes, *ours.codes, *(entry for facet in ours.facets for entry in facet.themes)]
    assert not {theme.id for theme in themes} & {entry.id for entry in entries}
    assert not {theme.name for theme in themes} & {entry.name for entry in entries}


def test_every_theme_is_as_fully_described_as_those_of_a_real_account(themes):
    for theme in themes:
        assert len(re.findall(r"\.(?:\s|$)", theme.definition)) == 2, theme.id
        assert 5 <= len(theme.includes) <= 7, theme.id
        assert len(theme.examples) == 10, theme.id


def test_examples_are_as_uneven_in_length_as_answers_are(themes):
    for theme in themes:
        lengths = sorted(words(example) for example in theme.examples)
        assert lengths[1] <= 4, theme.id
        assert 20 <= lengths[-1] <= 30, theme.id
        assert sum(5 <= length <= 19 for length in lengths) >= 4, theme.id


def test_the_lengths_of_examples_are_near_those_of_the_codebook_of_the_article(themes):
    decoy = [words(example) for theme in themes for example in theme.examples]
    ours = [words(example) for theme in load_codebook(OURS).themes for example in theme.examples]
    assert sum(decoy) / len(decoy) == pytest.approx(sum(ours) / len(ours), abs=2.0)


def test_no_phrase_is_given_twice_over_all_books(themes):
    given = Counter(phrase.casefold().rstrip(".!?") for theme in themes for phrase in phrases_of(theme))
    assert [phrase for phrase, count in given.items() if count > 1] == []


@pytest.mark.parametrize("generic", [SHARED_BY_ALL_SURVEYS, MEANS_SOMETHING_ELSE_ELSEWHERE])
def test_no_phrase_has_a_word_that_other_surveys_use_in_earnest(themes, generic):
    found = {
        (theme.id, match.group().casefold())
        for theme in themes
        for phrase in phrases_of(theme)
        for match in generic.finditer(phrase)
    }
    assert found == set()


def test_the_check_for_words_of_other_surveys_can_fail():
    ours = [phrase for theme in load_codebook(OURS).themes for phrase in phrases_of(theme)]
    assert sum(bool(SHARED_BY_ALL_SURVEYS.search(phrase)) for phrase in ours) > 10
    assert sum(bool(MEANS_SOMETHING_ELSE_ELSEWHERE.search(phrase)) for phrase in ours) > 10


def test_an_altered_decoy_is_an_error_that_names_the_file(tmp_path, monkeypatch):
    (tmp_path / "altered.yaml").write_text("title: A decoy without themes\n", encoding="utf-8")
    monkeypatch.setattr(decoy_books, "files", lambda package: tmp_path)
    with pytest.raises(CodebookError, match=r"altered\.yaml: themes is required"):
        load_decoys()


def test_files_that_are_no_codebooks_are_passed_over(tmp_path, monkeypatch):
    (tmp_path / "__init__.py").write_text("", encoding="utf-8")
    (tmp_path / "__pycache__").mkdir()
    monkeypatch.setattr(decoy_books, "files", lambda package: tmp_path)
    assert load_decoys() == ()
