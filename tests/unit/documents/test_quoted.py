from types import SimpleNamespace

import pandas as pd

from pipeline.codebook.codebook import Codebook
from pipeline.codebook.codes import NO_THEME
from pipeline.config import CoderConfig
from pipeline.documents.quoted import MOST, internal_quotations, public_quotations

LONG = " ".join(["word"] * 71)
COMMENTS = pd.DataFrame(
    {"comment_id": ["a", "b", "c", "d", "e", "f", "g"],
     "text": ["The budget was cut again", "There is no money for tools", "The grant has ended for us", LONG, "No money",
              "The computer is slow again today", "We run on very small grants"],
     "role": ["Nurse", "", "Doctor", "Nurse", "Nurse", "Nurse", "Nurse"],
     "setting": ["Ward", "Village", "", "Ward", "Ward", "Ward", "Ward"]}
)  # fmt: skip
MAPPED = SimpleNamespace(
    assignments=pd.DataFrame(
        {"comment_id": list("abcdefg"), "theme_direct": [*["funding"] * 5, "equipment", "funding"],
         "theme_direct_probability": [0.5, 0.9, 0.7, 1.0, 1.0, 0.8, 0.1]}
    )
)  # fmt: skip
CODEBOOK = Codebook.model_validate(
    {"title": "An account", "version": "1", "themes": [
        {"id": theme, "name": name, "definition": f"About {name}.", "examples": [name, "more"]}
        for theme, name in (("funding", "Money"), ("equipment", "Tools"))
    ]}
)  # fmt: skip
DISCOVERED = SimpleNamespace(topics=pd.DataFrame({"topic": [1, 0], "representatives": [["b", "f"], ["d"]]}))


def test_those_are_quoted_for_a_theme_of_which_the_program_is_surest():
    found = internal_quotations(SimpleNamespace(distinct=COMMENTS), DISCOVERED, MAPPED, metadata=["role", "setting"],
                                codebook=CODEBOOK)  # fmt: skip
    said = [(quoted.words, quoted.who) for quoted in found.of_theme["funding"]]
    # Neither the longest nor the shortest, whatever the program thinks of them.
    assert said == [
        ("There is no money for tools", "Village"), ("The grant has ended for us", "Doctor"),
        ("The budget was cut again", "Nurse, Ward"),
    ]  # fmt: skip
    assert len(said) == MOST
    assert [quoted.words for quoted in found.of_topic[1]] == [COMMENTS["text"][1], COMMENTS["text"][5]]
    assert [quoted.words for quoted in found.of_topic[0]] == [LONG]


def test_what_people_coded_is_quoted_for_their_code_before_what_the_machine_read():
    coded = COMMENTS.assign(code=["Money", "Tools", "", "", "", "none", ""])
    coder = CoderConfig(name="ada", theme=("code",))
    found = internal_quotations(SimpleNamespace(distinct=coded), DISCOVERED, MAPPED, metadata=[], codebook=CODEBOOK,
                                coders=[coder])  # fmt: skip
    assert {theme: [quoted.words for quoted in of] for theme, of in found.of_theme.items()} == {
        # The machine is surer of the second, but a person coded the first.
        "funding": ["The budget was cut again", "The grant has ended for us", "We run on very small grants"],
        "equipment": ["There is no money for tools"],
        NO_THEME: ["The computer is slow again today"],
    }


def test_a_code_in_a_sheet_goes_before_the_file_and_the_machine():
    found = internal_quotations(
        SimpleNamespace(distinct=COMMENTS), DISCOVERED, MAPPED, metadata=[], codebook=CODEBOOK,
        in_sheets={"a": "equipment", "b": NO_THEME, "gone": "funding"},
    )  # fmt: skip
    assert {theme: [quoted.words for quoted in of] for theme, of in found.of_theme.items()} == {
        "equipment": ["The budget was cut again", "The computer is slow again today"],
        NO_THEME: ["There is no money for tools"],
        "funding": ["The grant has ended for us", "We run on very small grants"],
    }


def test_without_metadata_nobody_is_named():
    found = internal_quotations(SimpleNamespace(distinct=COMMENTS), DISCOVERED, MAPPED, metadata=[], codebook=CODEBOOK)
    assert {quoted.who for of in found.of_theme.values() for quoted in of} == {""}


def test_in_public_only_the_public_table_is_quoted_by_the_themes_that_it_names():
    money, tools = (theme("funding", "Money"), theme("equipment", "Tools, and things"))
    quotations = pd.DataFrame(
        {"topic": [0, 2, 2], "label": "", "theme": ["Money", "", ""],
         "comment_themes": ["Tools, and things; Money", "Tools, and things", ""],
         "quotation": ["The budget was cut […]", "The computer is slow today", "Nobody listens"],
         "attribution": ["Nurse", "", ""]}
    )  # fmt: skip
    found = public_quotations(quotations, SimpleNamespace(themes=(money, tools, theme("culture", "Culture"))))
    # A comment with one theme shows it best.
    assert {name: [(quoted.words, quoted.who) for quoted in of] for name, of in found.of_theme.items()} == {
        "funding": [("The budget was cut […]", "Nurse")],
        "equipment": [("The computer is slow today", ""), ("The budget was cut […]", "Nurse")],
    }
    assert {topic: len(of) for topic, of in found.of_topic.items()} == {0: 1, 2: 2}


def theme(identity, name):
    return SimpleNamespace(id=identity, name=name)
