from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from pipeline.comparison.files import comparison_files, disclosed, headlines, sections
from pipeline.comparison.protection import stricter_rules
from pipeline.comparison.runs import Comparison, compare_runs
from pipeline.contracts import OUTLIER, UNMAPPED
from pipeline.disclosure.rules import EXACT, Rules
from tests.unit.comparison.test_runs import side

UNROUNDED = Rules(suppress_below=3, round_to=1, smallest_base=0)


def compared(labels_a, labels_b, *, rules=Rules(), **others) -> Comparison:  # noqa: B008
    """Two runs over the same comments, as they may be shown."""
    others_b = {name.removesuffix("_b"): value for name, value in others.items() if name.endswith("_b")}
    others_a = {name: value for name, value in others.items() if not name.endswith("_b")}
    a, b = side(labels_a, rules=rules, **others_a), side(labels_b, rules=rules, name="b", **others_b)
    return disclosed(compare_runs(a, b))


def of_pair(shown, topic_a, topic_b):
    topics = shown.topics
    return topics[(topics["topic_a"] == topic_a) & (topics["topic_b"] == topic_b)].iloc[0]


# ---------------------------------------------------------------- which rules


def test_the_stricter_rules_hold_part_by_part():
    assert stricter_rules(Rules(8, 5, 10, 12), Rules(4, 10, 20, 5)) == Rules(8, 10, 20, 12)
    assert stricter_rules(Rules(8, 5, 10, 12), EXACT) == Rules(8, 5, 10, 12)


# ---------------------------------------------------------------- what is shown


def test_a_run_beside_itself_has_one_number_for_a_topic_and_what_it_shares():
    labels = [0] * 91 + [1] * 44 + [OUTLIER] * 18
    shown = compared(labels, labels)
    assert shown.topics[["size_a", "size_b", "n_shared"]].to_numpy().tolist() == [[90, 90, 90], [45, 45, 45]]
    assert shown.topics["share_a"].tolist() == pytest.approx([90 / 155, 45 / 155])
    assert shown.topics[["similarity", "moved_from_a", "moved_to_b"]].eq(1).all(axis=None)
    assert (shown.summary["comments_a"], shown.summary["n_shared"]) == ("155", "155")
    assert not shown.topics["suppressed"].any()
    assert "base_a" not in shown.topics


def test_what_is_left_of_a_topic_is_not_its_size_less_what_is_shared():
    # Three of the 91 went elsewhere.
    outside = [OUTLIER] * 20
    shown = compared([0] * 91 + [1] * 60 + outside, [0] * 88 + [OUTLIER] * 3 + [1] * 60 + outside)
    pair = of_pair(shown, 0, 0)
    assert (pair["size_a"], pair["size_b"]) == (90, 90)
    assert pair[["n_shared", "similarity", "moved_from_a", "moved_to_b"]].isna().all()
    assert pair["suppressed"]
    assert pair["what"] == "matched"
    assert of_pair(shown, 1, 1)["n_shared"] == 60


def test_overlaps_follow_from_rounded_counts():
    shown = compared([0] * 91 + [1] * 62, [0] * 62 + [1] * 91)
    row = of_pair(shown, 0, 0)
    assert (row["size_a"], row["size_b"], row["n_shared"]) == (90, 60, 60)
    assert row[["moved_from_a", "moved_to_b", "similarity"]].tolist() == pytest.approx([60 / 90, 1, 60 / 90])


def test_a_topic_that_a_run_leaves_out_itself_is_left_out():
    run = side([0] * 60 + [1] * 40 + [OUTLIER] * 20, rules=Rules())
    hidden = replace(run, topics=run.topics.assign(suppressed=[False, True]))
    shown = disclosed(compare_runs(hidden, hidden))
    assert shown.topics["size_a"].isna().tolist() == [False, True]
    assert "not shown" in sections(shown)[0].rows[1]
    assert not any("fewer than" in cell for row in sections(shown)[0].rows for cell in row)


def test_few_comments_of_one_run_alone_are_not_what_both_hold_less_than_all():
    themes = ["money"] * 60 + ["tools"] * 50 + [UNMAPPED] * 40
    ids = [f"c{row}" for row in range(150)]
    shown = compared(
        [0] * 150, [0] * 150, themes=themes, themes_b=themes, ids_b=[*ids[:-3], "new1", "new2", "new3"],
    )  # fmt: skip
    assert shown.summary["n_shared"] == "not shown"
    said = " ".join(headlines(shown))
    assert "(comments that are the same in both: not shown)" in said
    assert "Themes have no figures here" in said
    # Counts would add up to it, and a share of 0.52 is none of 150.
    figures = [name for name in shown.themes if name.startswith(("comments", "n_", "share", "difference"))]
    assert len(figures) == 13
    assert shown.themes[figures].isna().all(axis=None)
    assert shown.themes["suppressed"].all()


def test_differences_of_themes_are_those_of_rounded_shares():
    labels = [0] * 120
    found = []
    for before, after in ((38, 58), (42, 62), (40, 60)):
        themes = [["money"] * n + ["tools"] * (120 - n) for n in (before, after)]
        found.append(compared(labels, labels, themes=themes[0], themes_b=themes[1]).themes.set_index("theme"))
    for themes in found:
        money = themes.loc["money"]
        assert (money["n_a"], money["n_b"], money["comments_a"]) == (40, 60, 120)
        assert money["difference"] == 0.17
        assert money["difference_low"] < 0.17 < money["difference_high"]
        assert money["share_a"] == pytest.approx(40 / 120)


def test_few_who_went_from_theme_to_theme_are_in_no_number():
    before = ["money"] * 60 + ["tools"] * 60
    after = ["money"] * 57 + ["tools"] * 63
    shown = compared([0] * 120, [0] * 120, themes=before, themes_b=after)
    assert shown.decisions["comments"].isna().all()
    # 60 less 57 would be the three.
    assert shown.themes[["n_a", "n_b"]].isna().any(axis=None)
    page = comparison_files(compare_runs(side([0] * 120, themes=before, rules=Rules()),
                                         side([0] * 120, themes=after, rules=Rules())))  # fmt: skip
    assert "| comments | Money | Tools | not shown |" in page["comparison.md"].decode()


def test_runs_of_the_same_comments_have_figures_of_themes_though_a_topic_is_a_little_larger_than_its_counterpart():
    themes = ["money"] * 60 + ["tools"] * 50 + [UNMAPPED] * 40
    shown = compared([0] * 80 + [1] * 70, [0] * 77 + [OUTLIER] * 3 + [1] * 70, themes=themes, themes_b=themes)
    assert shown.summary["n_shared"] == "150"
    assert shown.themes["n_a"].tolist() == [60, 50, 40]
    assert "with intervals for paired data." in " ".join(headlines(shown))


@pytest.mark.thorough
def test_an_interval_does_not_tell_how_few_went_from_theme_to_theme():
    intervals = set()
    for few in range(1, 8):
        before = ["money"] * 50 + ["tools"] * 50
        after = ["tools"] * few + ["money"] * (50 - few) + ["money"] * few + ["tools"] * (50 - few)
        shown = compared([0] * 100, [0] * 100, themes=before, themes_b=after)
        themes = shown.themes.set_index("theme")
        intervals.add((*themes.loc["money", ["difference_low", "difference_high"]], themes.loc["money", "interval"]))
        assert "the intervals are wider: those for independent data" in " ".join(headlines(shown))
    assert len(intervals) == 1
    assert next(iter(intervals))[2] == "independent"


def test_a_theme_that_a_run_leaves_out_itself_is_left_out():
    themes = ["money"] * 60 + ["tools"] * 40 + [UNMAPPED] * 20
    run = side([0] * 120, themes=themes, rules=Rules(), hidden_themes=frozenset({"tools"}))
    shown = disclosed(compare_runs(run, run)).themes.set_index("theme")
    assert shown.loc["tools", ["n_a", "share_a", "n_b", "share_b", "difference"]].isna().all()
    assert not {"suppressed_a", "suppressed_b"} & set(shown)


def test_what_is_left_of_a_size_that_a_runs_own_table_shows_cannot_be_worked_out():
    # A's own table shows 40 and 13 and leaves out 6 and 12. With 39 of the 40 in both runs, whoever holds that table
    # would know that A alone holds one.
    table = {(0, 0): 39, (0, None): 1, (1, 0): 2, (1, OUTLIER): 3, (1, None): 1, (2, 0): 1, (2, OUTLIER): 7,
             (2, None): 5, (3, 0): 5, (3, OUTLIER): 7, (OUTLIER, 0): 7, (OUTLIER, None): 12}  # fmt: skip
    comments = [pair for pair, count in table.items() for _ in range(count)]
    in_b = [(f"c{place}", label) for place, (_, label) in enumerate(comments) if label is not None]
    a = side([label for label, _ in comments], rules=Rules(8, 1, 10))
    b = side([label for _, label in in_b], ids=[key for key, _ in in_b], rules=Rules(8, 1, 10), name="b")
    a = replace(a, topics=a.topics.assign(suppressed=[False, True, False, True]))
    shown = disclosed(compare_runs(a, b))
    assert shown.topics.sort_values("topic_a")["size_a"].isna().tolist() == [False, True, False, True]
    pair = of_pair(shown, 0, 0)
    assert pd.isna(pair["n_shared"]) or pd.isna(pair["moved_from_a"])


def test_of_other_comments_small_parts_of_a_split_are_left_out():
    angles = np.radians([0] * 20 + [40] * 9 + [180] * 30)
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    # The nine are fewer than ten, of which a share is shown; the topic is nothing but the two.
    shown = compared(
        [0] * 29 + [1] * 30, [0] * 20 + [2] * 9 + [1] * 30, vectors=vectors, vectors_b=vectors,
        ids_b=[f"n{row}" for row in range(59)],
    )  # fmt: skip
    parts = shown.topics[shown.topics["what"] == "split"]
    assert parts["size_a"].tolist() == [30, 30]
    assert parts["moved_from_a"].tolist() == pytest.approx([20 / 30, 10 / 30])
    assert parts["moved_to_b"].isna().tolist() == [False, True]
    assert shown.topics["n_shared"].isna().all()


def test_nothing_is_told_of_few_comments_in_all():
    shown = compared([0] * 9, [0] * 9)
    assert shown.topics[["size_a", "n_shared", "similarity"]].isna().all(axis=None)
    assert shown.themes[["n_a", "share_a", "difference"]].isna().all(axis=None)
    assert shown.summary["ami"] is None


def test_the_order_of_rows_tells_nothing_of_what_is_left_out():
    ends = [OUTLIER] * 20
    runs = [0] * 60 + [1] * 50 + ends, [0] * 54 + [OUTLIER] * 6 + [1] * 48 + [OUTLIER] * 2 + ends
    themes = ["money"] * 60 + ["tools"] * 70, ["money"] * 58 + ["tools"] * 2 + ["money"] * 4 + ["tools"] * 66
    exact = compare_runs(*(side(run, rules=Rules(), themes=of_run) for run, of_run in zip(runs, themes, strict=True)))
    shown = disclosed(exact)
    # The most alike and the most moved stand first where they are known.
    assert exact.topics["topic_a"].tolist() == [1, 0]
    assert exact.decisions["theme_a"].tolist() == ["tools", "money"]
    assert shown.topics["n_shared"].isna().all()
    assert shown.decisions["comments"].isna().all()
    assert shown.topics["topic_a"].tolist() == [0, 1]
    assert shown.decisions["theme_a"].tolist() == ["money", "tools"]


def test_without_rules_counts_are_exact():
    shown = compared([0] * 3 + [1], [0] * 3 + [1], rules=EXACT)
    assert shown.topics["n_shared"].tolist() == [3, 1]
    assert not shown.topics["suppressed"].any()


# ---------------------------------------------------------------- what can be worked out


def reach(cell, equations, known, highest, lowest=0):
    """Return the least and the most that a sum of unknown counts can be."""
    ends = []
    for sign in (1, -1):
        found = milp(sign * cell, constraints=LinearConstraint(equations, known, known), bounds=Bounds(lowest, highest))
        assert found.success
        ends.append(sign * found.fun)
    return ends


def rests(topic_a, topic_b, cells):
    """Return the sizes of two related topics, what they share, and what each has besides that."""
    asked = [cells(row=topic_a)] if pd.notna(topic_a) else []
    asked += [cells(column=topic_b)] if pd.notna(topic_b) else []
    if len(asked) < 2:
        return asked
    pair = cells(row=topic_a, column=topic_b)
    wholes = [*asked, cells(row=topic_a, shared=True), cells(column=topic_b, shared=True)]
    return [*asked, pair, *(whole - pair for whole in wholes)]


def labels_of_two_runs(names, fewest, most, to):
    """Labels in A; what becomes of each in B (most stay where they were); comments that B lacks."""
    return st.integers(fewest, most).flatmap(
        lambda n: st.tuples(
            st.lists(st.sampled_from(names), min_size=n, max_size=n),
            st.lists(st.sampled_from([None] * 4 * len(to) + to), min_size=n, max_size=n),
            st.integers(0, 6),
        )
    )


few_topics = labels_of_two_runs([0, 0, 0, 1, 1, 2, OUTLIER], 20, 40, [0, 1])
many_topics = labels_of_two_runs([*range(10), OUTLIER], 50, 90, [*range(8), 20, 21, OUTLIER])


@pytest.mark.thorough
@settings(max_examples=8)
@given(few_topics)
@example(([0] * 11 + [1] * 3 + [2, 2, 0, 0, 0, 2], [0] * 16 + [1] * 4, 0))
@example(([0] * 13 + [1, 2, 2, 0, 0, 0, 2], [0] * 16 + [1] * 4, 0))
@example(([0] * 13 + [OUTLIER] + [0] * 3 + [1] * 3, [None] * 13 + [0] + [None] * 6, 0))
def test_no_small_rest_of_a_topic_can_be_worked_out(made):
    """From all that is shown, exact as it is here, each rest can be all that sizes and totals let it be."""
    labels_a, changes, n_new = made
    labels_b = [label if change is None else change for label, change in zip(labels_a, changes, strict=True)]
    n = len(labels_a)
    ids_b = [f"c{row}" if row >= n_new else f"new{row}" for row in range(n)]
    exact = compare_runs(side(labels_a, rules=UNROUNDED), side(labels_b, ids=ids_b, rules=UNROUNDED, name="b"))
    if exact.summary["matched_by"] != "shared comments":
        return
    shown = disclosed(exact)
    rows = [*sorted(set(labels_a) - {OUTLIER}), OUTLIER, "not in A"]
    columns = [*sorted(set(labels_b) - {OUTLIER}), OUTLIER, "not in B"]
    true = np.zeros((len(rows), len(columns)))
    b_of = dict(zip(ids_b, labels_b, strict=True))
    for place, label in enumerate(labels_a):
        true[rows.index(label), columns.index(b_of.get(f"c{place}", "not in B"))] += 1
    for key in ids_b[:n_new]:
        true[-1, columns.index(b_of[key])] += 1
    names = np.zeros(true.shape)

    def cells(row=None, column=None, *, shared=False):
        chosen = names.copy()
        across = slice(None) if column is None else columns.index(column)
        chosen[slice(None) if row is None else rows.index(row), across] = 1
        if shared:
            chosen[-1], chosen[:, -1] = 0, 0
        return chosen

    # What the runs' own tables show, and that topics which are named together share a comment.
    sizes = [cells() - cells(row="not in A"), cells() - cells(column="not in B")]
    sizes.append(cells(row="not in A") * cells(column="not in B"))
    outside = [cells(row=OUTLIER), cells(column=OUTLIER)]
    sizes += [group for group in outside if not 0 < (group * true).sum() < UNROUNDED.suppress_below]
    sizes += [cells(shared=True)] if shown.summary["n_shared"] != "not shown" else []
    told, at_least_one = list[np.ndarray](), names.copy()
    for row in shown.topics.to_dict("records"):
        a, b = row["topic_a"], row["topic_b"]
        if pd.notna(a) and pd.notna(b):
            at_least_one += cells(row=a, column=b)
        sizes += [cells(row=a)] if pd.notna(row["size_a"]) else []
        sizes += [cells(column=b)] if pd.notna(row["size_b"]) else []
        told += [cells(row=a, column=b)] if pd.notna(row["n_shared"]) else []
        told += [cells(row=a, shared=True)] if pd.notna(row["moved_from_a"]) else []
        told += [cells(column=b, shared=True)] if pd.notna(row["moved_to_b"]) else []
    equations = np.array([chosen.ravel() for chosen in [*sizes, *told]])
    from_sizes = equations[: len(sizes)]
    known, known_sizes = equations @ true.ravel(), from_sizes @ true.ravel()
    lowest = np.minimum(at_least_one, 1).ravel()
    for row in exact.topics.to_dict("records"):
        a, b = row["topic_a"], row["topic_b"]
        for cell in rests(a, b, cells):
            count = float((cell * true).sum())
            if 0 < count < UNROUNDED.suppress_below:
                least, most = reach(cell.ravel(), equations, known, 2 * n, lowest)
                if least <= 1 + 1e-6 and most >= UNROUNDED.suppress_below - 1 - 1e-6:
                    continue
                at_least, at_most = reach(cell.ravel(), from_sizes, known_sizes, 2 * n, lowest)
                assert least <= max(at_least, 1) + 1e-6, (row, count)
                assert most >= min(at_most, UNROUNDED.suppress_below - 1) - 1e-6, (row, count)


test_no_small_rest_of_a_topic_of_many_can_be_worked_out = pytest.mark.slow(
    settings(max_examples=100)(
        given(few_topics | many_topics)(test_no_small_rest_of_a_topic_can_be_worked_out.hypothesis.inner_test)
    )
)


decisions = st.tuples(*[st.sampled_from(["money", "money", "money", "tools", "tools", UNMAPPED])] * 2)
many_decisions = st.lists(decisions, min_size=8, max_size=40), st.integers(0, 3)


@pytest.mark.thorough
@settings(max_examples=8)
@given(*many_decisions)
def test_no_small_move_between_themes_can_be_worked_out(moves, every):
    moves = [(before, before if place % 4 > every else after) for place, (before, after) in enumerate(moves)]
    before, after = ([move[end] for move in moves] for end in (0, 1))
    shown = compared([0] * len(moves), [0] * len(moves), themes=before, themes_b=after, rules=UNROUNDED)
    names = ["money", "tools", UNMAPPED]
    true = np.zeros((3, 3))
    for one, other in moves:
        true[names.index(one), names.index(other)] += 1

    def cells(row=slice(None), column=slice(None)):
        chosen = np.zeros((3, 3))
        chosen[row, column] = 1
        return chosen

    told = [cells()]
    for row in shown.themes.to_dict("records"):
        place = names.index(row["theme"])
        told += [cells(row=place)] if pd.notna(row["n_a"]) else []
        told += [cells(column=place)] if pd.notna(row["n_b"]) else []
    listed = set()
    for row in shown.decisions[shown.decisions["what"] == "comments"].to_dict("records"):
        pair = names.index(row["theme_a"]), names.index(row["theme_b"])
        listed.add(pair)
        told += [cells(*pair)] if pd.notna(row["comments"]) else []
    # A move that is not listed was made by nobody.
    told += [cells(i, j) for i in range(3) for j in range(3) if i != j and (i, j) not in listed]
    equations = np.array([chosen.ravel() for chosen in told])
    known = equations @ true.ravel()
    asked = [cells(i, j) for i in range(3) for j in range(3)]
    asked += [cells(row=i) for i in range(3)] + [cells(column=i) for i in range(3)]
    for cell in asked:
        count = float((cell * true).sum())
        if 0 < count < UNROUNDED.suppress_below:
            least, most = reach(cell.ravel(), equations, known, len(moves))
            assert least <= 1 + 1e-6
            assert most >= UNROUNDED.suppress_below - 1 - 1e-6


test_no_small_move_between_themes_can_be_worked_out_in_many = pytest.mark.slow(
    settings(max_examples=100)(
        given(*many_decisions)(test_no_small_move_between_themes_can_be_worked_out.hypothesis.inner_test)
    )
)
