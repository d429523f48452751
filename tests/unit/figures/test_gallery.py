"""Which figures a run has, and the files that a figure becomes."""

import re
import struct

import pandas as pd
import pytest

from pipeline.figures.gallery import FIGURES, Rendering, figure_files, gallery
from pipeline.figures.style import JOURNAL, WEB
from tests.unit.figures.figure_tables import (
    audit_of,
    claims_of,
    crosswalk_of,
    flow_of,
    group_names,
    groups_of,
    joint_display_of,
    outlook_of,
    pairs_of,
    periods_of_themes,
    points_of,
    prevalence_of,
    topics_of,
    tree_of,
)  # fmt: skip

NOTICE = "Illustrative data"


@pytest.fixture
def codebook(codebook):
    return codebook.model_copy(update={"claims": tuple(claims_of(4)[1].values())})


@pytest.fixture
def tables(codebook):
    themes = {theme.id: theme.name for theme in codebook.themes}
    topics, groups = topics_of(4, label="Topic", themes=tuple(themes)), group_names(3, "Group")
    paths, audit = audit_of(3)
    prevalence = prevalence_of(themes)
    return {
        "claims": claims_of(4)[0], "joint_display": joint_display_of(prevalence),
        "audit_paths": paths, "audit": audit, "topics": topics, "topic_tree": tree_of(topics),
        "crosswalk": crosswalk_of(topics, themes), "comment_map": points_of(topics),
        "flow": flow_of(), "theme_pairs": pairs_of(themes), "prevalence": prevalence, "outlook": outlook_of(groups),
        "groups": pd.concat(
            [groups_of(groups, topics), groups_of(groups, pd.DataFrame({"topic": list(themes)}), "themes"),
             periods_of_themes(4, themes)], ignore_index=True,
        ),
    }  # fmt: skip


def test_a_run_with_an_audit_an_outlook_and_groups_has_every_figure(tables, codebook):
    assert tuple(gallery(tables, codebook, notice="")) == FIGURES


@pytest.mark.parametrize(("table", "name"), [("outlook", "outlook"), ("groups", "groups"), ("audit_paths", "audit")])
def test_a_run_without_an_audit_an_outlook_or_groups_has_no_figure_of_it(tables, codebook, table, name):
    without = tables | {table: tables[table][:0]}
    gone = {"groups": ("themes_by_group", "groups", "over_time")}.get(name, (name,))
    assert tuple(gallery(without, codebook, notice="")) == tuple(figure for figure in FIGURES if figure not in gone)


def test_a_run_that_quotes_nobody_has_no_joint_display_and_without_a_decided_claim_there_is_no_figure(tables, codebook):
    quiet = tables["joint_display"].assign(quotation_1="")
    unchecked = tables["claims"].assign(estimate=None, low=None, high=None)
    found = tuple(gallery(tables | {"joint_display": quiet, "claims": unchecked}, codebook, notice=""))
    assert found == tuple(figure for figure in FIGURES if figure not in ("joint_display", "claims"))


@pytest.mark.parametrize(("facet", "name"), [("themes", "themes_by_group"), ("topics", "groups")])
def test_themes_and_topics_by_group_have_a_figure_each(tables, codebook, facet, name):
    groups = tables["groups"]
    of_one = groups[(groups["column"] != "sent") & (groups["facet"] == facet)]
    found = gallery(tables | {"groups": of_one}, codebook, notice="")
    assert [figure for figure in found if figure in ("themes_by_group", "groups")] == [name]


def test_what_changes_over_time_is_not_drawn_as_groups_too(tables, codebook):
    periods = tables["groups"][tables["groups"]["column"] == "sent"]
    found = gallery(tables | {"groups": periods}, codebook, notice="")
    assert [name for name in ("over_time", "themes_by_group", "groups") if name in found] == ["over_time"]


def test_a_figure_has_the_width_asked_for_the_codebooks_names_and_the_notice(tables, codebook):
    drawn = gallery(tables, codebook, notice=NOTICE)["crosswalk"](120.0)
    assert drawn.figure.get_size_inches()[0] * 25.4 == pytest.approx(120.0)
    assert codebook.themes[0].name in drawn.alternative
    assert drawn.alternative.endswith(NOTICE)


@pytest.mark.thorough
@pytest.mark.parametrize("sheet", [JOURNAL, WEB], ids=lambda sheet: sheet.name)
def test_a_figure_becomes_the_forms_of_its_sheet_its_data_and_its_words(tables, codebook, sheet):
    draw = gallery(tables, codebook, notice=NOTICE)["alluvial"]
    files = figure_files("flows", draw, Rendering(88.0, NOTICE, sheet, png_dpi=72))
    assert set(files) == {
        *(f"flows.{ending}" for ending in sheet.endings),
        "flows.csv",
        "flows.caption.txt",
        "flows.alt.txt",
    }
    assert files["flows.alt.txt"].decode() == f"{draw(88.0).alternative}\n"
    caption = files["flows.caption.txt"].decode()
    assert "Dashed edges: doubtful" in caption
    assert caption.endswith(f"{NOTICE}\n")
    # A journal wants no title in a figure, and a picture may be passed on without its caption.
    svg = files["flows.svg"].decode()
    assert ("Thickness shows" in svg) is (sheet is WEB)
    assert NOTICE in svg
    rows = files["flows.csv"].decode("utf-8-sig").splitlines()
    assert len(rows) == len(draw(88.0).data) + 1


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("rendering", "dots"),
    [
        (Rendering(88.0, png_dpi=72), 72),
        (Rendering(88.0), JOURNAL.png_dpi),
        # A web page shows everything larger.
        (Rendering(88.0, sheet=WEB, png_dpi=72), 72 * WEB.scale),
    ],
)
def test_a_png_has_the_dots_asked_for_or_else_those_of_its_sheet(tables, codebook, rendering, dots):
    files = figure_files("s", gallery(tables, codebook, notice="")["stability"], rendering)
    width, _ = struct.unpack(">II", files["s.png"][16:24])
    assert width == pytest.approx(88.0 / 25.4 * dots, abs=1)


@pytest.mark.thorough
def test_drawing_leaves_the_tables_as_they_were(tables, codebook):
    before = {name: table.copy(deep=True) for name, table in tables.items()}
    for draw in gallery(tables, codebook, notice="").values():
        draw(88.0)
    for name, table in tables.items():
        pd.testing.assert_frame_equal(table, before[name])


@pytest.mark.thorough
def test_letters_of_a_journals_figures_have_five_to_seven_points_of_a_font_that_the_file_holds(tables, codebook):
    for name, draw in gallery(tables, codebook, notice=NOTICE).items():
        files = figure_files(name, draw, Rendering(JOURNAL.single_mm, NOTICE, JOURNAL, png_dpi=72))
        svg = files[f"{name}.svg"].decode()
        sizes = [float(size) for size in re.findall(r"font(?:-size)?: (?:[a-z]+ )?([\d.]+)px", svg)]
        assert sizes, name
        assert min(sizes) >= 5, name
        assert max(sizes) <= 7, name
        assert b"/FontFile2" in files[f"{name}.pdf"]
        assert struct.unpack(">I", files[f"{name}.png"][16:20])[0] == pytest.approx(89 / 25.4 * 72, abs=1)
