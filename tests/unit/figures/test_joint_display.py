import pytest

from pipeline.figures.joint_display import joint_display_figure
from tests.unit.figures.figure_tables import joint_display_of, prevalence_of, themes_of


@pytest.fixture
def display():
    return joint_display_of(prevalence_of(themes_of(3, "A theme")), words=60)


def words_of(drawn):
    return " ".join(text.get_text().replace("\n", " ") for text in drawn.figure.texts)


def test_a_wide_display_has_definitions_and_claims_and_a_narrow_one_neither(display):
    wide, narrow = (words_of(joint_display_figure(display, width_mm=width)) for width in (180.0, 88.0))
    for said in ("It covers respondents", "Supported", "It claims respondents"):
        assert said in wide
        assert said not in narrow
    for said in ("“First respondents", "“Second respondents", "– a nurse"):
        assert said in wide
        assert said in narrow


def test_what_is_cut_in_the_figure_is_whole_in_its_words(display):
    drawn = joint_display_figure(display, width_mm=88.0)
    assert display["quotation_1"][0] not in words_of(drawn)
    for cell in ("quotation_1", "quotation_2", "claims"):
        assert display[cell][0] in drawn.alternative


def test_themes_that_the_page_has_no_room_for_are_counted():
    display = joint_display_of(prevalence_of(themes_of(30, "A theme")))
    drawn = joint_display_figure(display, width_mm=180.0)
    assert "of 30 themes are drawn." in words_of(drawn)
    assert len(drawn.data) == 30


def test_a_share_that_may_not_be_shown_is_not_drawn(display):
    names = ["share", "low", "high", "share_by_comments", "share_by_topics"]
    drawn = joint_display_figure(display.assign(**dict.fromkeys(names, float("nan"))), width_mm=180.0)
    assert "Small counts are hidden." in words_of(drawn)
    assert "no share shown" in drawn.alternative
