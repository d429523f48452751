from __future__ import annotations

from dataclasses import replace

from pipeline.exporting.material import Material
from pipeline.exporting.refi import ORIGIN, codes_of, project_of
from pipeline.formats.plain_text import plain_text
from pipeline.formats.refi_qda import Code
from tests.unit.exporting.conftest import TEXTS


def names(material: Material) -> dict[str, str]:
    """The name of each code by its GUID."""

    def below(codes: tuple[Code, ...]) -> dict[str, str]:
        return {code.guid: code.name for code in codes} | {k: v for code in codes for k, v in below(code.codes).items()}

    return below(codes_of(material))


def codings(material: Material) -> dict[tuple[str, str], list[str]]:
    """The names of the codes that each user gave each comment."""
    project, named = project_of(material), names(material)
    users = {user.guid: user.name for user in project.users}
    return {
        (source.name, users[part.user]): [named[code] for _, code in part.codings]
        for source in project.sources
        for part in source.selections
    }


def test_topics_stand_beneath_the_theme_that_they_match(material: Material):
    codes = {code.name: code for code in codes_of(material)}
    assert [code.name for code in codes["Money"].codes] == ["Topic 0: grant"]
    # A topic that is called as a theme is not taken for it.
    assert [code.name for code in codes["Topics without a theme"].codes] == ["Topic 1: Money"]
    assert [code.is_codable for code in codes.values()] == [True, True, True, True, False, False]
    assert len(set(names(material).values())) == len(names(material))


def test_the_program_and_each_person_code_for_themselves(material: Material):
    assert codings(material) == {
        ("a", ORIGIN): ["Topic 0: grant", "Money", "Leadership and strategy", "Outlook: Negative"],
        ("a", "Ada (a model)"): ["Money"],
        ("a", "coder_1"): ["Money", "Leadership and strategy", "Outlook: Negative"],
        ("b", ORIGIN): ["Topic 1: Money", "Equipment that works", "Outlook: Mixed"],
        ("b", "Ada (a model)"): ["No theme"],
        ("b", "coder_1"): ["No theme"],
        ("b", "adjudicated codes"): ["Equipment that works", "Outlook: Mixed"],
        ("c", ORIGIN): ["Outlook: Positive"],
    }


def test_a_whole_comment_is_coded_whatever_it_holds(material: Material):
    sources = {source.name: source for source in project_of(material).sources}
    assert set(sources) == {"a", "b", "c"}
    for name, source in sources.items():
        for part in source.selections:
            assert plain_text(source.text)[part.start : part.end] == plain_text(TEXTS[name])


def test_identifiers_are_those_of_the_run(material: Material):
    project = project_of(material)
    assert project_of(material) == project
    renamed = material.topics.topics.assign(label="another")
    reviewed = project_of(replace(material, topics=replace(material.topics, topics=renamed)))
    assert [source.guid for source in reviewed.sources] == [source.guid for source in project.sources]
    other = project_of(replace(material, made_from={"ingest": {"a": "2"}}))
    assert not {source.guid for source in other.sources} & {source.guid for source in project.sources}


def test_metadata_are_variables_of_each_case(material: Material):
    project = project_of(material)
    assert [(variable.name, variable.kind) for variable in project.variables] == [("topic", "Text"), ("age", "Integer")]
    assert [[value for _, value in source.values] for source in project.sources] == [["North", "31"], ["South"], ["44"]]
