import re
import struct

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from pipeline.presentation.figures import comment_map, crosswalk_heatmap, theme_shares
from pipeline.presentation.style import MARKERS, figure_style, save, theme_colours, theme_markers

THEMES = {"a": "Investment and funding", "b": "Get the basics right", "c": "Culture & <leadership>", "d": "Nobody's"}
LONG = "The quite remarkably long and winding label of topic number"


def tables(count, *, label=None, themes=("a", "b", "c", "unmapped")):
    random = np.random.default_rng(count)
    topics = pd.DataFrame(
        {
            "topic": np.arange(count),
            "label": [f"{LONG} {n:03d}"[:60] if label is None else f"{label} {n}" for n in range(count)],
            "size": np.arange(count, 0, -1) + 7,
            "theme": [themes[n % len(themes)] for n in range(count)],
        }
    )
    topics["share"] = topics["size"] / max(topics["size"].sum(), 1)
    topics["status"] = np.where(topics["theme"] == "unmapped", "unmapped", "matched")
    topics["settled"] = topics["topic"] % 3 != 1
    taken = dict(zip(topics["topic"], topics["theme"], strict=True))
    crosswalk = pd.DataFrame(
        [
            {"topic": topic, "theme": theme, "fit": random.uniform(0, 0.6), "matched": taken[topic] == theme}
            for topic in range(count)
            for theme in THEMES
        ],
        columns=["topic", "theme", "fit", "matched"],
    ).astype({"matched": bool})
    n_points = max(5, int(topics["size"].sum()))
    labels = np.repeat(topics["topic"], topics["size"]).tolist() if count else [-1] * n_points
    points = pd.DataFrame({"topic": labels})
    points["x"], points["y"] = random.normal(size=(2, len(points)))
    points["theme"] = [dict(zip(topics["topic"], topics["theme"], strict=True)).get(topic, "") for topic in labels]
    return topics, crosswalk, points


def prevalence(shares=(0.5, 0.3, 0.15, 0.0)):
    rows = [
        {"theme": theme, "name": name, "published_rank": rank, "share_by_comments": share, "share_by_topics": share / 2}
        for rank, ((theme, name), share) in enumerate(zip(THEMES.items(), shares, strict=True), start=1)
    ]
    rows += [
        {"theme": "unmapped", "name": "No theme fits", "share_by_comments": 0.05, "share_by_topics": 0.2},
        {"theme": "outlier", "name": "In no topic", "share_by_comments": None, "share_by_topics": 0.3},
    ]
    frame = pd.DataFrame(rows)
    for route in ("comments", "topics"):
        share = frame[f"share_by_{route}"] = frame[f"share_by_{route}"].astype(float)
        frame[f"share_by_{route}_low"], frame[f"share_by_{route}_high"] = share * 0.8, share * 1.2
    return frame.astype({"published_rank": "Int64"})


def draw(name, count=4, *, width_mm=180.0, notice="", label=None, themes=("a", "b", "c", "unmapped")):
    topics, crosswalk, points = tables(count, label=label, themes=themes)
    if name == "crosswalk":
        return crosswalk_heatmap(crosswalk, topics, THEMES, width_mm=width_mm, notice=notice)
    if name == "comment_map":
        return comment_map(points, topics, THEMES, width_mm=width_mm, notice=notice)
    return theme_shares(prevalence(), width_mm=width_mm, notice=notice)


NAMES = ("crosswalk", "comment_map", "theme_shares")


@pytest.mark.parametrize("name", ["crosswalk", "comment_map"])
@pytest.mark.parametrize("count", [0, 1, 4, 12, 40])
def test_figures_are_drawn_for_any_number_of_topics_with_long_labels(name, count):
    drawn = draw(name, count)
    with figure_style():
        rendered = save(drawn.figure, png_dpi=72)
    assert rendered["png"].startswith(b"\x89PNG")
    assert drawn.alternative


@pytest.mark.parametrize("name", NAMES)
def test_a_second_render_is_the_same_bytes(name):
    with figure_style():
        first, second = (save(draw(name, 12).figure, png_dpi=72) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width_mm", [88.0, 180.0])
def test_every_form_has_the_width_asked_for_to_a_tenth_of_a_millimetre(name, width_mm):
    with figure_style():
        rendered = save(draw(name, 4, width_mm=width_mm).figure, png_dpi=300)
    svg = re.search(rb'<svg[^>]* width="([\d.]+)pt"', rendered["svg"], re.DOTALL)
    pdf = re.search(rb"/MediaBox \[ 0 0 ([\d.]+) ", rendered["pdf"])
    pixels, _ = struct.unpack(">II", rendered["png"][16:24])
    assert float(svg[1]) / 72 * 25.4 == pytest.approx(width_mm, abs=0.1)
    assert float(pdf[1]) / 72 * 25.4 == pytest.approx(width_mm, abs=0.1)
    assert pixels / 300 * 25.4 == pytest.approx(width_mm, abs=0.1)


@pytest.mark.parametrize("name", NAMES)
def test_no_date_is_in_a_file(name):
    with figure_style():
        rendered = save(draw(name).figure, png_dpi=72)
    for content in rendered.values():
        assert b"CreationDate" not in content
        assert b"<dc:date>" not in content


def texts_of(figure):
    from matplotlib.text import Text

    return [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("width_mm", "count"), [(180.0, 12), (88.0, 4)])
def test_nothing_stands_outside_the_figure(name, width_mm, count):
    drawn = draw(name, count, width_mm=width_mm, notice="Illustrative data: made up for a test. " * 2)
    with figure_style():
        canvas = FigureCanvasAgg(drawn.figure)
        canvas.draw()
        drawn_in = drawn.figure.get_tightbbox(canvas.get_renderer())
    width, height = drawn.figure.get_size_inches()
    assert min(drawn_in.x0, drawn_in.y0) >= -0.01
    assert drawn_in.x1 <= width + 0.01
    assert drawn_in.y1 <= height + 0.01


def test_the_text_alternative_of_the_heat_map_names_matches_and_gaps():
    said = draw("crosswalk", 8).alternative
    assert "6 of 8 topics match a published theme" in said
    assert "no topic matches Nobody's" in said
    assert "Investment and funding: 2 topics" in said
    assert "unmapped: 2" in said


@pytest.mark.parametrize(("width_mm", "with_values"), [(180.0, True), (60.0, False)])
def test_a_match_is_marked_and_an_unsettled_one_by_an_open_square(width_mm, with_values):
    topics, crosswalk, _ = tables(3, themes=("a", "b", "unmapped"))
    # The first topic fuses two themes; the second topic's match is not settled; the third has none.
    crosswalk.loc[(crosswalk["topic"] == 0) & (crosswalk["theme"] == "c"), "matched"] = True
    drawn = crosswalk_heatmap(crosswalk, topics, THEMES, width_mm=width_mm)
    cells = [text.get_text() for text in texts_of(drawn.figure)]
    marks = [cell[0] for cell in cells if cell[0] in "■□" and len(cell) <= 6]
    assert sorted(marks) == sorted("■■□")
    assert any(len(cell) > 1 and cell[0] == "■" for cell in cells if len(cell) <= 6) == with_values
    assert "2 of 3 topics match a published theme; no topic matches Nobody's" in drawn.alternative
    assert "Culture & <leadership>: 1 topic;" in drawn.alternative


def test_the_text_alternative_of_the_map_names_the_largest_topic():
    said = draw("comment_map", 4, label="Topic").alternative.replace("\u00a0", " ")
    assert "4 topics; the largest, “Topic 0”" in said
    assert "100 % of the distinct comments are in a topic" in said


def test_the_text_alternative_of_shares_names_the_leading_theme():
    said = draw("theme_shares").alternative.replace("\u00a0", " ")
    assert "“Investment and funding” is the most frequent theme: 50 % of comments" in said
    assert "Get the basics right: 30 % directly, 15 % by topics" in said


@pytest.mark.parametrize("name", NAMES)
def test_the_notice_is_on_the_figure_and_in_its_text_alternative(name):
    drawn = draw(name, notice="Illustrative data")
    assert any("Illustrative data" in text.get_text() for text in texts_of(drawn.figure))
    assert drawn.alternative.endswith("Illustrative data")


def test_the_map_tells_themes_apart_by_shape_as_well_as_by_colour():
    assert len(set(theme_markers(list(THEMES)).values())) == len(THEMES)
    assert len(set(theme_colours(list(THEMES)).values())) == len(THEMES)
    assert len(theme_markers([str(n) for n in range(9)])) == 9
    assert len(set(MARKERS)) == len(MARKERS)


def test_the_data_of_a_figure_is_what_it_shows():
    topics, crosswalk, points = tables(4)
    assert comment_map(points, topics, THEMES, width_mm=180).data is points
    assert crosswalk_heatmap(crosswalk, topics, THEMES, width_mm=180).data is crosswalk
    shown = theme_shares(prevalence(), width_mm=180).data
    assert "outlier" in set(shown["theme"])


def test_drawing_leaves_the_users_settings_of_matplotlib_alone():
    import matplotlib as mpl

    def chosen():
        # The backend is settled by whoever draws first.
        return {name: value for name, value in mpl.rcParams.items() if name != "backend"}

    before = chosen()
    draw("crosswalk")
    assert chosen() == before


def test_equal_fits_are_drawn_without_a_division_by_zero(recwarn):
    topics, crosswalk, _ = tables(4)
    drawn = crosswalk_heatmap(crosswalk.assign(fit=0.3), topics, THEMES, width_mm=180)
    with figure_style():
        save(drawn.figure, png_dpi=72)
    assert [str(w.message) for w in recwarn if issubclass(w.category, RuntimeWarning)] == []
