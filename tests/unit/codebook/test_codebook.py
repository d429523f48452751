import json
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.codebook.codebook import Codebook, find_faults, load_codebook
from pipeline.errors import CodebookError
from tests.example_survey import CODEBOOK

OURS = Path(__file__).parents[3] / "configs" / "codebooks" / "htn_health_tech_trends.yaml"


def changed(**parts):
    return json.loads(json.dumps(CODEBOOK)) | parts


def load(folder, content):
    path = folder / "book.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return load_codebook(path)


def test_the_codebook_of_the_article_has_what_the_article_says():
    codebook = load_codebook(OURS)
    assert codebook.theme_ids == ("funding", "basics", "culture", "engagement")
    assert [codebook.published_rank(theme) for theme in codebook.theme_ids] == [1, 2, 3, 4]
    assert len(codebook.codes) == 7
    assert codebook.published_share("outlook", "positive") == pytest.approx(0.22)
    assert [entry.id for entry in codebook.facet("outlook").themes] == ["positive", "mixed", "negative"]
    assert {claim.kind for claim in codebook.claims} >= {"share", "difference"}
    for theme in codebook.themes:
        assert 5 <= len(theme.examples) <= 10
        assert theme.includes
        assert theme.excludes


def test_ranks_and_shares_that_are_not_published_are_missing(codebook):
    assert codebook.published_rank("unmapped") is None
    assert codebook.published_share("outlook", "mixed") is None
    assert codebook.facet("mood") is None
    assert codebook.name_of("unmapped") == "unmapped"


def test_a_sound_codebook_has_no_faults(codebook):
    assert find_faults(codebook) == []


@pytest.mark.parametrize("reserved", ["unmapped", "outlier", "themes"])
def test_an_id_that_the_outputs_use_is_refused(reserved, tmp_path):
    content = changed()
    content["themes"][0]["id"] = reserved
    with pytest.raises(CodebookError, match=f"the id '{reserved}' has a meaning of its own"):
        load(tmp_path, content)


def test_two_themes_with_one_name_are_refused(tmp_path):
    content = changed()
    content["themes"][1]["name"] = content["themes"][0]["name"].upper()
    with pytest.raises(CodebookError, match="readers need to tell themes apart"):
        load(tmp_path, content)


def test_a_theme_twice_in_the_order_is_refused(tmp_path):
    with pytest.raises(CodebookError, match="a theme is named twice"):
        load(tmp_path, changed(prominence={"order": ["funding", "funding"]}))


def test_all_faults_are_reported_together(tmp_path):
    content = changed(prominence={"order": ["fundin"]})
    content["codes"][0]["themes"] = ["moneys"]
    content["claims"][0]["facet"] = "outlok"
    with pytest.raises(CodebookError) as caught:
        load(tmp_path, content)
    lines = caught.value.message.splitlines()
    assert len(lines) == 3
    assert all(line.startswith(str(tmp_path / "book.yaml")) for line in lines)
    assert "Did you mean 'funding'?" in lines[0]
    assert "there is no facet 'outlok'. Did you mean 'outlook'?" in lines[2]


@pytest.mark.parametrize(
    ("claim", "said"),
    [
        ({"kind": "share", "value": 22}, "claims[1].value must be at most 1.0, found 22. The published share"),
        ({"kind": "share", "vlaue": 0.2}, "claims[1].vlaue is not a setting. Did you mean 'value'?"),
        ({"kind": "order", "order": ["funding"]}, "must hold at least 2 entries"),
        ({"kind": "guess"}, "claims[1]"),
        ({"kind": "difference", "column": "x", "group": "y", "direction": "sideways"}, "must be one of"),
    ],
)
def test_a_claim_that_cannot_be_checked_is_refused(claim, said, tmp_path):
    base = {"id": "c", "statement": "s", "facet": "themes", "entry": "funding"}
    if claim["kind"] == "order":
        del base["entry"]
    with pytest.raises(CodebookError) as caught:
        load(tmp_path, changed(claims=[base | claim]))
    assert said in caught.value.message


@pytest.mark.parametrize("part", ["themes", "codes", "facets"])
def test_a_definition_of_white_space_is_empty(part, tmp_path):
    content = changed()
    content[part][0]["definition"] = " \n "
    with pytest.raises(CodebookError, match="definition"):
        load(tmp_path, content)


LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.floats(allow_nan=False, width=16), st.text(max_size=6),
    st.sampled_from(["funding", "outlook", "share", "order", "themes", "positive"]),
)  # fmt: skip
KEYS = st.sampled_from(
    ["title", "themes", "id", "name", "definition", "examples", "codes", "facets", "claims", "prominence", "order",
     "kind", "facet", "entry", "value", "source", "other"]
)  # fmt: skip
VALUES = st.recursive(
    LEAVES, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=4)), max_leaves=8
)


@pytest.mark.thorough
@given(content=st.dictionaries(KEYS, VALUES, max_size=5), replaced=st.booleans())
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_mapping_is_a_codebook_or_a_codebook_error(content, replaced, tmp_path):
    try:
        codebook = load(tmp_path, changed(**content) if replaced else content)
    except CodebookError as problem:
        assert str(tmp_path / "book.yaml") in problem.message
    else:
        assert isinstance(codebook, Codebook)
        assert len(codebook.themes) >= 2
        assert find_faults(codebook) == []


def test_a_codebook_comes_back_from_the_run_folder_as_it_was(codebook):
    assert Codebook.model_validate_json(codebook.model_dump_json()) == codebook


def test_a_phrase_that_is_repeated_counts_once_whatever_its_marks(tmp_path):
    content = changed()
    content["themes"][0] |= {"includes": ["No money"], "examples": ["no money.", "The grant ended", "The grant ended!"]}
    theme = load(tmp_path, content).themes[0]
    assert (theme.includes, theme.examples) == (("No money",), ("The grant ended",))


def test_a_source_may_be_a_plain_text(tmp_path):
    assert load(tmp_path, changed(source="Author, Title, 2024.")).source.citation == "Author, Title, 2024."


def test_codes_in_a_theme_are_told_where_they_belong(tmp_path):
    content = changed()
    content["themes"][0]["codes"] = [{"id": "a", "name": "A", "definition": "d"}]
    with pytest.raises(CodebookError) as caught:
        load(tmp_path, content)
    assert "codes do not stand in a theme; move them to codes beside themes" in caught.value.message
    assert len(caught.value.message.splitlines()) == 1


def test_an_id_that_is_another_themes_name_is_refused(tmp_path):
    content = changed()
    content["themes"][0]["name"] = content["themes"][1]["id"].upper()
    with pytest.raises(CodebookError, match="is the id of one theme and the name of another"):
        load(tmp_path, content)
