"""Charts of rows: as many rows as fit, labels that fit, and a head that says what is not drawn."""

import pandas as pd
import pytest

from pipeline.figures.drawing import text_width
from pipeline.figures.rows_chart import Label, Rows, label_room, note_of_part, rows_chart, rows_for
from tests.unit.figures.figure_tables import LONG


def chart(count, *, sizes=None, **how):
    labels = [Label(f"Row {n}", f"({n})") for n in range(count)]
    return rows_chart(labels, "Title", "Subtitle.", "Notice", width_mm=88.0, what="topics", sizes=sizes, **how)


def test_rows_are_roomy_where_they_can_be_and_fewer_where_they_must_be():
    assert rows_for(["short"] * 4, width_mm=40, room_mm=120).lines == 1
    assert rows_for([LONG] * 4, width_mm=40, room_mm=120).lines == 2
    dense = rows_for([LONG] * 40, width_mm=40, room_mm=120)
    assert (dense.count, dense.lines) == (40, 1)
    assert rows_for([LONG] * 90, width_mm=40, room_mm=120).count == 46


def test_rows_have_as_many_lines_as_the_longest_label_needs_and_no_more():
    rooms = ((5, 15.0, 6.5), (4, 12.0, 6.5), (3, 9.0, 6.5), (2, 6.2, 6.5), (1, 3.4, 6.5))
    needs_two = rows_for([LONG], width_mm=50, room_mm=120, rooms=rooms)
    assert (needs_two.lines, needs_two.height) == (2, 6.2)
    assert rows_for([LONG], width_mm=20, room_mm=120, rooms=rooms).lines == 4
    assert rows_for([LONG] * 12, width_mm=20, room_mm=120, rooms=rooms).lines == 3


def test_a_column_of_labels_is_as_wide_as_its_widest_but_no_wider_than_half_a_page():
    assert label_room([Label("short"), Label("s")], 88.0) == text_width("short", 6.5) + 0.5
    assert label_room([Label(LONG)], 88.0) == pytest.approx(0.46 * 88 - 6)
    assert label_room([Label(LONG[:20], is_bold=True)], 180.0) > label_room([Label(LONG[:20])], 180.0)


def test_a_part_of_rows_is_the_largest_only_where_all_sizes_are_known():
    sizes = pd.Series([30, 20, 10])
    assert note_of_part(2, 3, "topics", sizes) == " The 2 largest of 3 topics are drawn."
    hidden = sizes.astype("Int64").mask(sizes == 30)
    assert note_of_part(2, 3, "topics", hidden) == " 2 of 3 topics are drawn."
    assert note_of_part(2, 3, "bars") == " 2 of 3 bars are drawn."


def test_a_name_is_cut_where_there_is_no_room_for_it_and_what_follows_it():
    rows = Rows(1, 3.4, 1, 6.5)
    assert Label("A long name that ends", "(n = 30)").fitted(20.0, rows).endswith("… (n\u00a0=\u00a030)")
    assert Label("Short").fitted(20.0, rows) == "Short"


def test_where_all_rows_fit_nothing_is_said_of_them():
    laid_out = chart(5, sizes=pd.Series(range(5)))
    assert (laid_out.rows.count, laid_out.subtitle) == (5, "Subtitle.")


def test_where_rows_must_go_the_subtitle_counts_those_that_stay():
    laid_out = chart(200, sizes=pd.Series(range(200)))
    assert laid_out.subtitle == f"Subtitle. The {laid_out.rows.count} largest of 200 topics are drawn."
    lower = chart(200, above_mm=20.0)
    assert lower.rows.count < laid_out.rows.count < 200
    assert lower.subtitle == f"Subtitle. {lower.rows.count} of 200 topics are drawn."


def test_a_chart_is_as_high_as_its_rows_and_what_is_around_them():
    with chart(4).drawn() as (small, _):
        pass
    with chart(6, above_mm=10.0).drawn() as (large, axes):
        chart(6).label(axes, [Label(f"Row {n}", is_bold=n == 0) for n in range(6)])
    height = (large.get_size_inches()[1] - small.get_size_inches()[1]) * 25.4
    assert height == pytest.approx(2 * 4.6 + 10)
    assert [tick.get_text() for tick in axes.get_yticklabels()] == [f"Row {n}" for n in range(6)]
    assert [tick.get_fontweight() for tick in axes.get_yticklabels()] == ["bold"] + ["normal"] * 5


def test_what_a_chart_says_has_its_title_and_its_notice_and_no_empty_sentence():
    assert chart(1).said("One.", "", "Two.") == "Title. One. Two. Notice"
