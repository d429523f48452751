"""What the figure of themes' shares says."""

import pandas as pd

from pipeline.account.readings import UNCHECKED
from pipeline.figures.theme_shares import theme_shares
from tests.unit.figures.figure_tables import prevalence_of, themes_of

THEMES = {"a": "Investment and funding", "b": "Get the basics right"}


def plain(text):
    return text.replace("\u00a0", " ")


def rows(drawn):
    return [plain(label.get_text()) for label in drawn.figure.axes[0].get_yticklabels()]


def test_the_text_alternative_names_the_leading_theme_and_what_it_rests_on():
    said = plain(theme_shares(prevalence_of(THEMES), width_mm=180).alternative)
    assert said.startswith("“Investment and funding” is the most frequent theme: 30% of comments, coded.")
    assert "Get the basics right: 15% (12–18%) coded, 30% by comment, 15% by topic; No theme fits" in said


def test_a_reading_that_nobody_checked_is_called_so_and_has_hollow_marks_alone():
    drawn = theme_shares(prevalence_of(THEMES, kind=UNCHECKED), width_mm=180)
    said = plain(drawn.alternative)
    assert said.startswith(
        "“Investment and funding” is the most frequent theme by the machine’s unchecked reading: 60% of comments"
    )
    assert "Get the basics right: 30% by comment, 15% by topic; No theme fits: 5% by comment, 20% by topic" in said
    subtitle = drawn.figure.texts[1].get_text().replace("\n", " ")
    assert "interval" in subtitle and "95%" not in subtitle
    assert not drawn.figure.axes[0].collections
    assert {line.get_markerfacecolor() for line in drawn.figure.axes[0].lines} == {"white"}
    assert theme_shares(prevalence_of(THEMES), width_mm=180).figure.axes[0].collections


def test_the_finding_names_both_themes_where_the_methods_name_different_ones_first():
    table = prevalence_of(THEMES, kind=UNCHECKED)
    table.loc[table["theme"] == "b", "share_by_topics"] = 0.9
    said = plain(theme_shares(table, width_mm=180).alternative)
    assert said.startswith(
        "Unchecked: by comment “Investment and funding” is most frequent (60%), by topic “Get the basics right” (90%)."
    )


def test_themes_stand_in_the_articles_order_with_its_ranks():
    table = prevalence_of(THEMES)
    assert rows(theme_shares(table, width_mm=180)) == [
        "1. Investment and funding", "2. Get the basics right", "No theme fits", "In no topic"
    ]  # fmt: skip
    unranked = theme_shares(table.assign(published_rank=pd.array([pd.NA] * 4, dtype="Int64")), width_mm=180)
    assert rows(unranked)[0] == "Investment and funding"
    assert "article" not in unranked.figure.texts[1].get_text()


def test_where_not_all_fit_the_most_frequent_are_drawn_and_all_are_in_the_data():
    drawn = theme_shares(prevalence_of(themes_of(60, "Theme")), width_mm=88)
    shown = rows(drawn)
    assert f"The {len(shown)} largest of 62 rows are drawn" in drawn.figure.texts[1].get_text().replace("\n", " ")
    assert shown[0] == "1. Theme 00"
    assert {"No theme fits", "In no topic"} <= set(shown)
    assert "60. Theme 59" not in shown
    assert len(drawn.data) == 62


def test_shares_too_small_to_show_have_no_mark_and_a_table_of_them_alone_says_so():
    table = prevalence_of(THEMES).convert_dtypes()
    shares = [name for name in table.columns if name.startswith("share")]
    table.loc[0, shares] = pd.NA
    drawn = theme_shares(table, width_mm=180)
    said = plain(drawn.alternative)
    assert said.startswith(
        "“Get the basics right” is the most frequent theme shown: 15% of comments, coded. Get the basics"
    )
    assert said.endswith(
        "In no topic: 30% by topic. Small counts are hidden to protect respondents: Investment and funding."
    )
    assert "Small counts are hidden." in drawn.figure.texts[1].get_text().replace("\n", " ")
    table.loc[:, shares] = pd.NA
    assert theme_shares(table, width_mm=180).alternative.startswith("Too few comments to show the shares of themes.")


def test_where_no_comment_fits_the_themes_shown_others_may_still_lead():
    table = prevalence_of(THEMES, none_matched=True).convert_dtypes()
    table.loc[0, [name for name in table.columns if name.startswith("share")]] = pd.NA
    said = theme_shares(table, width_mm=180).alternative
    assert said.startswith("No comment fits a theme whose share is shown.")


def test_where_not_all_fit_those_without_a_share_are_the_first_to_go():
    table = prevalence_of(themes_of(60, "Theme")).convert_dtypes()
    table.loc[:29, [name for name in table.columns if name.startswith("share")]] = pd.NA
    drawn = theme_shares(table, width_mm=88)
    shown = rows(drawn)
    said = drawn.figure.texts[1].get_text().replace("\n", " ")
    assert f"{len(shown)} of 62 rows are drawn" in said
    assert {f"{n + 1}. Theme {n}" for n in range(30, 60)} <= set(shown)


def test_where_no_comment_fits_a_theme_no_theme_leads():
    drawn = theme_shares(prevalence_of(THEMES, none_matched=True), width_mm=88)
    assert drawn.alternative.startswith("No comment fits a published theme")
