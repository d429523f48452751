import math
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.account.article import (
    COLUMNS,
    find_sections,
    landing,
    match_quotations,
    read_article,
    without_phrases,
)
from pipeline.account.quotations import Quotation
from pipeline.codebook.codebook import Codebook, load_codebook
from pipeline.crosswalk.fit import encode_phrases, phrase_fits
from tests.example_survey import CODEBOOK

ROOT = Path(__file__).parents[3]
PRINTED = ROOT.parent / "shared" / "article" / "htn_health_tech_trends.txt"

ARTICLE = """\
Tool libraries: what holds them back

We asked branches. One editor wrote “this is our third survey of branches.”

It surprised nobody that money came first.

A warden said “The budget was cut and the grant ended in March.

“There is no money for tools, and the budget is gone.”

Equipment that works:

One respondent said “The booking computer crashes and the password expired again.”

LEADERSHIP AND STRATEGY

A verger said “Managers do not listen and the leadership changes strategy.” Another respondent said “The computer is
slow and every password expired.”

Thanks to all who answered.
"""


def quoted(text, section="funding", number=1):
    return Quotation(number, section, "", text)


def sections_of(text, codebook):
    return [paragraph.section for paragraph in find_sections(text, codebook).paragraphs]


def dealt(sections, nearest):
    matches = pd.DataFrame({"section": sections, "nearest": nearest}, dtype=object)
    return matches.assign(lands=matches["section"] == matches["nearest"])


@pytest.mark.thorough
def test_the_made_up_article_is_read_as_it_was_written(codebook):
    article = read_article(ARTICLE, codebook)
    assert [(q.number, q.section, q.speaker) for q in article.quotations] == [
        (1, "", "one editor"),
        (2, "funding", "a warden"),
        (3, "equipment", ""),
        (4, "direction", "a verger"),
        (5, "direction", ""),
    ]
    assert article.quotations[1].text.endswith("March. There is no money for tools, and the budget is gone.")
    assert article.quotations[4].text == "The computer is slow and every password expired."
    assert article.notes[0].startswith("'Money' has no heading")
    assert article.notes[1] == "1 of 5 quotations stand under no theme's heading and are not counted."


def test_headings_are_found_whatever_their_case_punctuation_and_spacing(codebook):
    text = "## Money\nfirst\n\n** equipment  THAT-works **\r\nsecond\r\n\r\nLeadership & strategy:\nthird"
    sections = find_sections(text, codebook)
    assert [(p.text, p.section) for p in sections.paragraphs] == [
        ("first", "funding"),
        ("second", "equipment"),
        ("third", "direction"),
    ]
    assert sections.notes == ()


def test_a_line_that_only_holds_a_name_among_other_words_is_no_heading(codebook):
    assert sections_of("Money matters\n\nmore", codebook) == ["", ""]


def test_lines_are_joined_up_to_a_blank_line_and_stand_alone_in_a_text_without_any(codebook):
    assert [p.text for p in find_sections("\ufeffone\ntwo\n\n\nthree", codebook).paragraphs] == ["one two", "three"]
    assert [p.text for p in find_sections("\n\none\ntwo\nthree\n\n", codebook).paragraphs] == ["one", "two", "three"]


def test_an_empty_text_has_no_sections_and_says_so(codebook):
    for text in ("", "\ufeff \n\n"):
        sections = find_sections(text, codebook)
        assert sections.paragraphs == ()
        assert sections.notes == (
            "No heading was found for 'Money', 'Equipment that works', 'Leadership and strategy'; nothing counts as "
            "printed under it.",
        )


def test_the_last_of_several_equal_headings_counts(codebook):
    text = "Money\nEquipment that works\nLeadership and strategy\n\nhello\n\nMoney\n\nfirst"
    sections = find_sections(text + "\n\nEquipment that works\n\nsecond", codebook)
    assert [(p.text, p.section) for p in sections.paragraphs] == [
        ("Money Equipment that works", ""),
        ("hello", "direction"),
        ("first", "funding"),
        ("second", "equipment"),
    ]
    assert [note.split("'")[1] for note in sections.notes] == ["Money", "Equipment that works"]


def test_a_lost_heading_is_replaced_by_the_first_paragraph_that_names_its_theme_alone(codebook):
    rest = "\n\nMoney\n\nthree\n\nEquipment that works\n\nstrategy and leadership"
    both = "Leadership, strategy and money are what it is about."
    alone = "A strategy is wanting, and leadership too."
    assert sections_of(f"{both}\n\none\n\n{alone}\n\ntwo{rest}", codebook) == [
        "", "", "direction", "direction", "funding", "equipment",
    ]  # fmt: skip
    assert sections_of(f"{both}\n\none\n\nA strategy is wanting.{rest}", codebook) == [
        "", "", "", "funding", "equipment",
    ]  # fmt: skip


def test_two_lost_headings_are_not_guessed(codebook):
    sections = find_sections("Money came first.\n\nLeadership and strategy\n\nlast", codebook)
    assert [p.section for p in sections.paragraphs] == ["", "direction"]
    assert "'Money', 'Equipment that works'" in sections.notes[0]


def test_a_name_of_symbols_alone_is_no_heading(codebook):
    themes = (codebook.themes[0].model_copy(update={"name": "***"}), *codebook.themes[1:])
    assert sections_of("one\n\n***\n\ntwo", codebook.model_copy(update={"themes": themes})) == ["", "", ""]


def test_unclosed_quotations_are_noted_by_number_alone(codebook):
    notes = read_article("Money\n\nA warden said “the budget was cut again\n\nend", codebook).notes
    assert notes[-1] == "Quotation 1: not closed; it ends with its paragraph."


LINES = ("Money", "money!", "Equipment that works", "", " ", "it costs money", "leadership; strategy", "“one\u2028two")


@given(lines=st.lists(st.sampled_from(LINES), max_size=12))
def test_every_line_is_a_heading_or_in_a_paragraph_of_its_section(lines):
    codebook = Codebook.model_validate(CODEBOOK)
    text = "\n".join(lines)
    sections = find_sections(text, codebook)
    left = Counter(text.split()) - Counter(" ".join(part.text for part in sections.paragraphs).split())
    headed = {line.strip(" !").casefold() for line in lines} & {"money", "equipment that works"}
    # What no paragraph holds is one heading for each theme that has one.
    expected = sorted(word for heading in headed for word in heading.split())
    assert sorted(word.strip("!").casefold() for word in left.elements()) == expected
    assert {part.section for part in sections.paragraphs} <= {"", *codebook.theme_ids}


def test_phrases_taken_from_quotations_are_removed_and_the_codebook_given_stays(codebook):
    before = codebook.model_copy(deep=True)
    said = "Sadly the budget was cut. The password we have expired. There is no money for tools here."
    unquoted = without_phrases(codebook, [quoted(said)])
    assert unquoted.removed == (("funding", "examples"), ("funding", "examples"), ("equipment", "examples"))
    funding, equipment, direction = unquoted.codebook.themes
    assert funding.examples == ("The grant ended",)
    assert equipment.examples == ("The computer crashes", "The booking system is slow")
    assert (funding.includes, direction) == (codebook.themes[0].includes, codebook.themes[2])
    assert unquoted.flagged == ()
    assert codebook == before


def test_a_definition_that_quotes_is_flagged_and_kept(codebook):
    unquoted = without_phrases(codebook, [quoted("Managers and the leadership lack a strategy, I think.")])
    assert unquoted.flagged == (("direction", "definition"),)
    assert unquoted.codebook.themes[2].definition == codebook.themes[2].definition


def test_without_quotations_nothing_is_removed(codebook):
    assert without_phrases(codebook, []).codebook == codebook


def test_quotations_of_the_made_up_article_are_matched(codebook, encoder):
    quotations = read_article(ARTICLE, codebook).quotations
    matches = match_quotations(quotations, codebook, encoder=encoder, nearest_phrases=2)
    assert tuple(matches.columns) == COLUMNS
    assert matches["quotation"].tolist() == [2, 3, 4, 5]
    assert matches["nearest"].tolist() == ["funding", "equipment", "direction", "equipment"]
    assert matches["lands"].tolist() == [True, True, True, False]
    assert (matches["margin"] > 0).all()
    for quotation in quotations:
        assert not matches.map(lambda value, said=quotation.text: said in str(value)).to_numpy().any()


def test_the_fit_of_a_quotation_is_the_mean_of_its_sentences(codebook, encoder):
    sentences = ["The budget was cut.", "The password expired again.", "Managers do not listen."]
    quotations = [quoted(" ".join(sentences)), quoted("There is no money for tools.", number=2)]
    matches = match_quotations(quotations, codebook, encoder=encoder, nearest_phrases=2)
    phrases = encode_phrases(codebook.themes, encoder)
    fits = phrase_fits(encoder.encode(sentences), phrases, 2).mean(axis=0)
    whole = phrase_fits(encoder.encode([" ".join(sentences)]), phrases, 2)
    assert matches["fit"][0] == pytest.approx(fits.max(), abs=1e-9)
    assert matches["fit"][0] != pytest.approx(whole.max(), abs=0.01)
    assert matches["margin"][0] == pytest.approx(np.sort(fits)[-1] - np.sort(fits)[-2], abs=1e-9)
    assert matches["nearest"][1] == "funding"


@pytest.mark.parametrize("quotations", [[], [quoted("words that stand in no section", section="")]])
def test_without_quotations_in_sections_the_table_is_empty_and_typed(quotations, codebook, encoder):
    matches = match_quotations(quotations, codebook, encoder=encoder, nearest_phrases=2)
    assert tuple(matches.columns) == COLUMNS
    assert len(matches) == 0
    assert (matches["lands"].dtype, matches["fit"].dtype) == (bool, np.float64)
    figures = landing(matches, 4)
    assert (figures["n"], figures["landed"], figures["chance_equal"]) == (0, 0, 0.25)
    assert all(math.isnan(figures[name]) for name in ("share", "low", "high", "chance", "chance_largest", "p_value"))


def test_the_exact_interval_is_the_textbooks():
    # 8 of 10: 0.4439 to 0.9748, as tables of Clopper and Pearson have it.
    figures = landing(dealt(["a"] * 5 + ["b"] * 5, ["a"] * 5 + ["b"] * 3 + ["a"] * 2), 2)
    assert (figures["n"], figures["landed"], figures["share"]) == (10, 8, 0.8)
    assert figures["low"] == pytest.approx(0.4439, abs=5e-5)
    assert figures["high"] == pytest.approx(0.9748, abs=5e-5)
    # Chance is 1/4 + 1/4; at least 8 of 10 tosses: (45 + 10 + 1) / 1024.
    assert figures["chance"] == pytest.approx(0.5)
    assert figures["p_value"] == pytest.approx(56 / 1024)


def test_chance_is_that_of_the_sections_frequencies():
    figures = landing(dealt(["a", "b", "b", "b"], ["b"] * 4), 4)
    assert figures["chance"] == pytest.approx((1 / 4) ** 2 + (3 / 4) ** 2)
    assert (figures["chance_equal"], figures["chance_largest"]) == (0.25, 0.75)
    assert figures["share"] == 0.75


def test_with_one_section_landing_tells_nothing():
    figures = landing(dealt(["a"], ["a"]), 3)
    assert (figures["chance"], figures["p_value"], figures["high"]) == (1.0, 1.0, 1.0)


@given(deal=st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1, max_size=12))
def test_landing_is_sound_and_its_p_value_not_too_small(deal):
    sections = [section for section, _ in deal]
    figures = landing(dealt(sections, [nearest for _, nearest in deal]), 3)
    assert 0 <= figures["low"] <= figures["share"] <= figures["high"] <= 1
    assert 1 / len(set(sections)) - 1e-12 <= figures["chance"] <= figures["chance_largest"] + 1e-12
    # The distribution that the docstring bounds: each quotation lands with its own section's share.
    exact = np.ones(1)
    for section in sections:
        share = sections.count(section) / len(sections)
        exact = np.convolve(exact, [1 - share, share])
    if figures["landed"] >= len(deal) * figures["chance"] + 1:
        assert figures["p_value"] >= exact[int(figures["landed"]) :].sum() - 1e-9


@pytest.mark.skipif(not PRINTED.is_file(), reason="the published article is not beside the project")
def test_the_published_article_is_read_as_it_is_printed():
    codebook = load_codebook(ROOT / "configs" / "codebooks" / "htn_health_tech_trends.yaml")
    article = read_article(PRINTED.read_text(encoding="utf-8"), codebook)
    sections = [quotation.section for quotation in article.quotations]
    assert sections == ["funding", "basics", *["culture"] * 5, *["engagement"] * 5]
    roles = ["surgeon", "CIO", "Director of IT", "Informatics", "Nursing", "Surgeon", "Analyst"]
    said = [quotation.speaker for quotation in article.quotations if quotation.speaker]
    assert len(said) == len(roles)
    assert all(role in speaker for role, speaker in zip(roles, said, strict=True))
    # Three paragraphs of one speaker.
    assert max(len(quotation.text.split()) for quotation in article.quotations) == 144
    assert len(article.notes) == 1
    assert without_phrases(codebook, article.quotations).removed == ()
