from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.codebook.codebook import Codebook
from pipeline.comparison.files import comparison_files, disclosed, headlines, sections
from pipeline.comparison.runs import Comparison, Side, compare_runs
from pipeline.comparison.themes import themes_table
from pipeline.comparison.topics import Overlaps, flow_of_shared_comments, flow_of_vectors, relate_topics
from pipeline.contracts import OUTLIER, UNMAPPED
from pipeline.disclosure.rules import Rules
from pipeline.errors import PipelineError

ENCODER = {"model": "fake", "revision": "1", "text": "cleaned"}
CODEBOOK = Codebook.model_validate(
    {
        "title": "Made up",
        "themes": [
            {"id": "money", "name": "Money", "definition": "Too little of it."},
            {"id": "tools", "name": "Tools", "definition": "They break."},
        ],
    }
)


def side(
    labels: list[int],
    *,
    name: str = "a",
    themes: list[str] | None = None,
    ids: list[str] | None = None,
    texts: list[str] | None = None,
    vectors: np.ndarray | None = None,
    topic_themes: dict[int, str] | None = None,
    **others: object,
) -> Side:
    """Return a run with these topics of its comments; none is folded."""
    n = len(labels)
    ids = [f"c{row}" for row in range(n)] if ids is None else ids
    topics = sorted(set(labels) - {OUTLIER})
    sizes = [labels.count(topic) for topic in topics]
    made = Side(
        name=name,
        topics=pd.DataFrame(
            {
                "topic": np.array(topics, dtype=np.int64),
                "label": [f"Label {topic}" for topic in topics],
                "size": np.array(sizes, dtype=np.int64),
                "share": np.array([size / n for size in sizes], dtype=float),
                "theme": [(topic_themes or {}).get(topic, "money") for topic in topics],
                "suppressed": [False] * len(topics),
            }
        ),
        assignments=pd.DataFrame(
            {"comment_id": ids, "topic": labels, "theme_direct": ["money"] * n if themes is None else themes}
        ),
        texts=pd.Series([f"secret {key}" for key in ids] if texts is None else texts, index=ids, dtype=object),
        distinct=tuple(ids),
        vectors=np.zeros((n, 2), dtype=np.float32) if vectors is None else vectors.astype(np.float32),
        encoder=ENCODER,
        settings={"seed": 20},
        codebook=CODEBOOK,
    )
    return replace(made, **others)


def told(comparison: Comparison) -> list[tuple]:
    columns = ["what", "topic_a", "topic_b"]
    return [
        tuple(None if pd.isna(cell) else cell for cell in row)
        for row in comparison.topics[columns].itertuples(index=False)
    ]


# ---------------------------------------------------------------- by shared comments


def test_a_run_beside_itself_has_all_topics_matched_and_nothing_moved():
    labels = [0] * 5 + [1] * 4 + [OUTLIER] * 2
    run = side(labels, themes=["money"] * 6 + ["tools"] * 3 + [UNMAPPED] * 2)
    found = compare_runs(run, run)
    assert told(found) == [("matched", 0, 0), ("matched", 1, 1)]
    assert found.topics["similarity"].tolist() == [1, 1]
    assert found.topics["n_shared"].tolist() == [5, 4]
    assert found.themes["difference"].tolist() == [0, 0, 0]
    assert found.decisions.empty
    assert found.summary["matched_by"] == "shared comments"
    assert found.summary["ami"] == pytest.approx(1)
    assert found.summary["changed"] == []
    assert found.summary["paired"] == 2


def test_renumbered_topics_are_known_again():
    found = compare_runs(side([0, 0, 0, 1, 1, 2, 2]), side([2, 2, 2, 0, 0, 1, 1]))
    assert sorted(told(found)) == [("matched", 0, 2), ("matched", 1, 0), ("matched", 2, 1)]


def test_a_topic_in_two_parts_has_split_and_the_other_way_round_is_merged():
    whole, parts = side([0] * 10 + [1] * 5), side([0] * 6 + [2] * 4 + [1] * 5)
    found = compare_runs(whole, parts)
    assert told(found) == [("matched", 1, 1), ("split", 0, 0), ("split", 0, 2)]
    assert found.topics["moved_from_a"].tolist() == pytest.approx([1, 0.6, 0.4])
    assert found.topics["moved_to_b"].tolist() == [1, 1, 1]
    # The larger part is the topic's pair, the smaller one nobody's.
    assert found.topics["paired"].tolist() == [True, True, False]
    back = compare_runs(parts, whole)
    assert told(back) == [("matched", 1, 1), ("merged", 0, 0), ("merged", 2, 0)]


@pytest.mark.parametrize(("moved", "what"), [(2, "matched"), (3, "split")])
def test_three_tenths_make_a_part(moved: int, what: str):
    found = compare_runs(side([0] * 10), side([0] * (10 - moved) + [1] * moved))
    assert found.topics["what"].iloc[0] == what


def test_topics_appear_and_vanish():
    before = side([0] * 6 + [1] * 6 + [OUTLIER] * 6)
    after = side([0] * 6 + [OUTLIER] * 6 + [1] * 6)
    found = compare_runs(before, after)
    assert told(found) == [("matched", 0, 0), ("vanished", 1, None), ("appeared", None, 1)]
    assert found.topics["label_b"].tolist() == ["Label 0", "", "Label 1"]


def test_a_small_overlap_is_no_match():
    # Three of ten are in both, of seventeen in either: an overlap of 0.18.
    before = [0] * 10 + [OUTLIER] * 7
    after = [OUTLIER] * 7 + [0] * 10
    assert told(compare_runs(side(before), side(after))) == [("vanished", 0, None), ("appeared", None, 0)]
    loose = compare_runs(side(before), side(after), overlap_threshold=0.1)
    assert told(loose) == [("matched", 0, 0)]
    assert loose.topics["similarity"].tolist() == pytest.approx([3 / 17])


def test_the_assignment_is_the_best_over_all_pairs():
    """Overlaps 8 and 7 of topic 0; taking the larger first would leave topic 1 without its counterpart."""
    flow = flow_of_shared_comments(
        np.repeat([0, 0, 1, 1], [8, 7, 8, 0]), np.repeat([0, 1, 0, 1], [8, 7, 8, 0]), topics_a=[0, 1], topics_b=[0, 1]
    )
    pairs = {(r.place_a, r.place_b) for r in relate_topics(flow, threshold=0.3) if r.paired}
    assert pairs == {(0, 1), (1, 0)}


def test_likenesses_below_the_threshold_draw_no_topic_from_its_pair():
    similarity = np.array([[0.6, 0.45], [0.45, 0.0]])
    none, bases = np.zeros((2, 2)), np.array([9, 9])
    flow = Overlaps(similarity=similarity, forward=none, backward=none, bases_a=bases, bases_b=bases)
    found = relate_topics(flow, threshold=0.5)
    assert [(r.what, r.place_a, r.place_b) for r in found] == [
        ("matched", 0, 0),
        ("vanished", 1, None),
        ("appeared", None, 1),
    ]


def test_comments_of_one_run_alone_do_not_count():
    before = side([0, 0, 0, 1, 1, 1])
    after = side([0, 0, 0, 1, 1, 1, 1, 1], ids=["c0", "c1", "c2", "c3", "c4", "c5", "new1", "new2"])
    found = compare_runs(before, after)
    assert found.topics["similarity"].tolist() == [1, 1]
    assert found.summary["n_shared"] == 6
    assert found.themes["comments_b"].tolist() == [6, 6, 6]


def test_a_comment_with_another_text_is_another_comment():
    labels = [0, 0, 1, 1]
    two_years = side(labels, texts=["a", "b", "c", "d"]), side(labels, texts=["w", "x", "y", "z"])
    assert compare_runs(*two_years).summary["matched_by"] == "vectors"
    half = side(labels, texts=["a", "b", "y", "z"])
    found = compare_runs(two_years[0], half)
    assert (found.summary["matched_by"], found.summary["n_shared"]) == ("shared comments", 2)
    assert compare_runs(two_years[0], side(labels, texts=["a", "x", "y", "z"])).summary["matched_by"] == "vectors"


def test_runs_without_topics_or_with_one_comment_are_compared():
    none = side([OUTLIER] * 3)
    assert told(compare_runs(none, none)) == []
    assert told(compare_runs(none, side([0, 0, 0]))) == [("appeared", None, 0)]
    assert told(compare_runs(side([0]), side([0]))) == [("matched", 0, 0)]
    empty = side([])
    found = compare_runs(empty, side([0, 0]))
    assert told(found) == [("appeared", None, 0)]
    assert found.themes["share_a"].isna().all()
    assert found.themes["difference"].isna().all()
    assert comparison_files(found).keys() == {"topics.csv", "themes.csv", "decisions.csv", "comparison.md"}


def test_a_part_must_be_a_share_of_at_most_half():
    with pytest.raises(ValueError, match=r"part: a share in \(0, 0.5\] is wanted, found 0.6"):
        compare_runs(side([0]), side([0]), part=0.6)


labels_of_two_runs = st.integers(0, 25).flatmap(
    lambda n: st.tuples(*[st.lists(st.integers(-1, 4), min_size=n, max_size=n)] * 2)
)


@given(labels_of_two_runs)
def test_every_topic_is_told_of_and_the_way_back_mirrors_the_way_there(labels: tuple[list[int], list[int]]):
    one, other = (np.array(found, dtype=np.int64) for found in labels)
    topics_a, topics_b = (sorted(set(found) - {OUTLIER}) for found in labels)
    flow = flow_of_shared_comments(one, other, topics_a=topics_a, topics_b=topics_b)
    found = relate_topics(flow, threshold=0.3)
    assert {r.place_a for r in found} - {None} == set(range(len(topics_a)))
    assert {r.place_b for r in found} - {None} == set(range(len(topics_b)))
    pairs = {(r.place_a, r.place_b) for r in found if r.paired}
    assert len({a for a, _ in pairs}) == len({b for _, b in pairs}) == len(pairs)
    assert all(flow.similarity[pair] > 0.3 for pair in pairs)
    back = relate_topics(flow_of_shared_comments(other, one, topics_a=topics_b, topics_b=topics_a), threshold=0.3)
    mirror = {"split": "merged", "merged": "split"}
    for what in ("split", "merged"):
        there = {(r.place_a, r.place_b) for r in found if r.what == what}
        assert there == {(r.place_b, r.place_a) for r in back if r.what == mirror[what]}


# ---------------------------------------------------------------- by vectors


def around(degrees: list[float], each: int = 4) -> np.ndarray:
    """Return unit vectors of the plane, `each` close around every angle."""
    angles = np.radians([angle + 2 * (row - (each - 1) / 2) for angle in degrees for row in range(each)])
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def test_topics_of_other_comments_are_matched_by_their_centroids():
    before = side([0] * 4 + [1] * 4 + [2] * 4, vectors=around([0, 90, 180]))
    after = side([0] * 4 + [1] * 4 + [2] * 4, ids=[f"n{row}" for row in range(12)], vectors=around([95, 10, 270]))
    found = compare_runs(before, after)
    assert found.summary["matched_by"] == "vectors"
    assert found.summary["ami"] is None
    assert told(found) == [("matched", 1, 0), ("matched", 0, 1), ("vanished", 2, None), ("appeared", None, 2)]
    assert found.topics["similarity"].tolist()[:2] == pytest.approx([np.cos(np.radians(5)), np.cos(np.radians(10))])
    assert found.topics["n_shared"].isna().all()


def test_a_topic_splits_by_where_its_comments_are_nearest():
    whole = np.concatenate([around([0, 40]), around([180])])
    before = side([0] * 8 + [1] * 4, vectors=whole)
    after = side([0] * 4 + [1] * 4 + [2] * 4, ids=[f"n{row}" for row in range(12)], vectors=around([0, 40, 180]))
    assert told(compare_runs(before, after)) == [("matched", 1, 2), ("split", 0, 0), ("split", 0, 1)]
    assert told(compare_runs(after, before)) == [("matched", 2, 1), ("merged", 0, 0), ("merged", 1, 0)]


def test_a_topic_without_a_counterpart_has_not_split_into_what_happens_to_be_nearest():
    labels = np.repeat([0, 1], 4)
    lone = around([90], each=8)
    flow = flow_of_vectors(
        lone, np.zeros(8, dtype=np.int64), around([0, 180]), labels, topics_a=[0], topics_b=[0, 1], threshold=0.75
    )
    assert flow.forward.sum() == 0
    assert [r.what for r in relate_topics(flow, threshold=0.75)] == ["vanished", "appeared", "appeared"]


def test_zero_vectors_match_nothing():
    before = side([0, 0], vectors=np.zeros((2, 2)))
    after = side([0, 0], ids=["n0", "n1"], vectors=np.zeros((2, 2)))
    assert told(compare_runs(before, after)) == [("vanished", 0, None), ("appeared", None, 0)]


@pytest.mark.parametrize(
    ("part", "said"),
    [("model", "the encoder: 'fake' in a, 'x' in b"), ("revision", "files: '1' in a"), ("text", "(embed.text)")],
)
def test_vectors_of_another_encoder_are_not_compared(part: str, said: str):
    other = side([0, 0], ids=["n0", "n1"], name="b", encoder={**ENCODER, part: "x"})
    with pytest.raises(PipelineError) as caught:
        compare_runs(side([0, 0]), other)
    assert said in caught.value.message
    assert "Only 0 comments are the same in both" in caught.value.message
    assert "same embed.model" in caught.value.hint
    assert "secret" not in str(caught.value)


def test_shared_comments_need_no_common_encoder():
    other = side([0, 0], encoder={**ENCODER, "revision": "2"})
    found = compare_runs(side([0, 0]), other)
    assert told(found) == [("matched", 0, 0)]
    assert found.summary["changed"] == ["the encoder's files 1 -> 2"]


# ---------------------------------------------------------------- themes and decisions


def carried(count: int, total: int) -> pd.Series[str]:
    return pd.Series(["money"] * count + ["tools"] * (total - count), dtype=object)


NAMES = {"money": "Money", "tools": "Tools"}


def test_independent_differences_are_newcombes():
    """Newcombe 1998 (doi above SIM779), table II: 56/70 and 48/80 give 0.0524 to 0.3339."""
    found = themes_table(carried(48, 80), carried(56, 70), names_a=NAMES, names_b=NAMES, paired=False)
    row = found.set_index("theme").loc["money"]
    assert (row["n_a"], row["comments_a"], row["n_b"], row["comments_b"]) == (48, 80, 56, 70)
    assert row["difference"] == pytest.approx(0.2)
    assert (row["difference_low"], row["difference_high"]) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert row["interval"] == "independent"


def test_paired_differences_are_surer_than_independent_ones():
    before, after = carried(40, 100), carried(45, 100)
    paired, independent = (
        themes_table(before, after, names_a=NAMES, names_b=NAMES, paired=is_paired).set_index("theme").loc["money"]
        for is_paired in (True, False)
    )
    assert paired["difference"] == independent["difference"] == pytest.approx(0.05)
    assert paired["difference_low"] > independent["difference_low"]
    assert paired["difference_low"] > 0 > independent["difference_low"]


def test_a_theme_of_one_codebook_alone_has_no_difference():
    found = themes_table(carried(3, 5), carried(3, 5), names_a={"money": "Money"}, names_b=NAMES, paired=False)
    tools = found.set_index("theme").loc["tools"]
    assert pd.isna(tools["n_a"])
    assert pd.isna(tools["difference"])
    assert tools["interval"] == ""
    assert tools["n_b"] == 2
    assert found["theme"].tolist() == ["money", "tools", UNMAPPED]


def test_changed_decisions_are_counted():
    labels = [0] * 4 + [1] * 4
    before = side(labels, themes=["money"] * 8, topic_themes={1: "money"})
    after = side(labels, themes=["tools"] * 3 + [UNMAPPED] + ["money"] * 4, topic_themes={0: "tools"})
    found = compare_runs(before, after).decisions
    assert found[["what", "theme_a", "theme_b", "comments"]].to_numpy().tolist() == [
        ["topic", "money", "tools", 4],
        ["comments", "money", "tools", 3],
        ["comments", "money", UNMAPPED, 1],
    ]
    assert found["topic_a"].tolist()[0] == 0
    assert "comment_id" not in found


def test_settings_that_differ_are_named_but_not_where_files_lie():
    before = side([0], settings={"discover.n_neighbors": 15, "output": "/x", "codebook": "/y", "long": "a"})
    after = side([0], settings={"discover.n_neighbors": 10, "output": "/z", "codebook": "/w", "long": "b" * 99})
    changed = compare_runs(before, after).summary["changed"]
    assert changed[0] == "discover.n_neighbors 15 -> 10"
    assert len(changed) == 2
    assert changed[1].endswith("b…")


# ---------------------------------------------------------------- what is shown


def test_small_counts_and_what_tells_them_are_blank():
    themes = ["money"] * 12 + ["tools"] * 7 + [UNMAPPED] * 2
    before = side([0] * 15 + [1] * 6, themes=themes, rules=Rules(5, 1, 5))
    after = side([0] * 15 + [1] * 3 + [2] * 3, themes=["tools"] * 6 + themes[6:], rules=Rules(4, 1, 4))
    found = compare_runs(before, after)
    assert found.summary["rules"] == Rules(5, 1, 5)
    shown = disclosed(found)
    money, tools, unmapped = (shown.themes.set_index("theme").loc[theme] for theme in ("money", "tools", UNMAPPED))
    assert (money["n_a"], tools["n_b"]) == (12, 13)
    assert pd.isna(unmapped["n_a"])
    assert pd.isna(unmapped["share_b_high"])
    # The total would tell the two that no theme fits, so a second theme is hidden with them.
    assert pd.isna(tools["n_a"])
    assert pd.isna(money["n_b"])
    assert shown.themes["difference"].isna().all()
    assert shown.themes["suppressed"].all()
    small = shown.topics[shown.topics["topic_b"].isin([1, 2])]
    assert small["size_b"].isna().all()
    assert small["similarity"].isna().all()
    assert small["suppressed"].all()
    assert shown.topics.loc[shown.topics["topic_b"] == 0, "size_b"].tolist() == [15]
    # Six comments went from a theme that is hidden in one of the runs.
    assert shown.decisions.loc[shown.decisions["what"] == "comments", "comments"].isna().all()
    assert found.themes["n_a"].notna().all()


def test_nobody_is_behind_a_theme_that_nobody_named():
    run = side([0] * 20, themes=["money"] * 12 + ["tools"] * 8, rules=Rules(5, 1, 5))
    shown = disclosed(compare_runs(run, run)).themes.set_index("theme")
    assert shown["n_a"].tolist() == [12, 8, 0]
    assert not shown["suppressed"].any()


few_themes = st.lists(st.sampled_from(["money", "tools", UNMAPPED]), min_size=1, max_size=30), st.integers(2, 8)


@pytest.mark.thorough
@settings(max_examples=8)
@given(*few_themes)
def test_no_small_count_of_a_theme_can_be_read_or_worked_out(themes: list[str], smallest: int):
    run = side([0] * len(themes), themes=themes, rules=Rules(smallest, 1, smallest))
    shown = disclosed(compare_runs(run, run)).themes
    left = len(themes) - int(shown["n_a"].sum())
    assert shown["n_a"].dropna().between(1, smallest - 1).sum() == 0
    # What is hidden is not small together either, unless there is nothing left to hide it with.
    assert left == 0 or left >= smallest or (shown["n_a"].dropna() == 0).all()
    assert shown["n_a"].isna().sum() != 1 or (shown["n_a"].dropna() == 0).all()


test_no_small_count_can_be_worked_out_in_many = pytest.mark.slow(
    settings(max_examples=100)(
        given(*few_themes)(test_no_small_count_of_a_theme_can_be_read_or_worked_out.hypothesis.inner_test)
    )
)


def test_files_carry_the_notices_and_no_text():
    before = side([0] * 5 + [1] * 5, notice="Made-up data.", themes=["money"] * 10)
    after = side([0] * 10, name="b|b", notice="Made-up data.", themes=["tools"] * 10)
    found = compare_runs(before, after)
    files = {name: content.decode("utf-8-sig") for name, content in comparison_files(found).items()}
    for name, text in files.items():
        assert "secret" not in text
        assert (name == "comparison.md") == ("Made-up data." in text), name
    page = files["comparison.md"]
    assert page.startswith("# a and b\\|b compared\n\n> Made-up data.\n")
    assert "| merged | 0: Label 0 | 0: Label 0 | 100% | 50% | 0.50 |" in page
    assert "intervals for paired data" in page
    assert "| Money | 100% | 0% | −100 (" in page
    assert "| comments | Money | Tools | 10 |" in page
    assert [section.title for section in sections(disclosed(found))] == [
        "Topics that split, merged, vanished or appeared", "Shares of themes", "Decisions that changed",
    ]  # fmt: skip


def test_the_agreement_of_the_partitions_is_that_of_chance_for_topics_that_have_nothing_in_common():
    crossed = compare_runs(side([0, 0, 1, 1]), side([0, 1, 0, 1]))
    assert crossed.summary["ami"] == pytest.approx(-0.5)
    assert "AMI −0.50 (1 is perfect)" in " ".join(headlines(crossed))


def test_headlines_say_how_runs_were_matched_and_whether_the_codebook_is_the_same():
    other = CODEBOOK.model_copy(update={"version": "2.0"})
    said = " ".join(headlines(compare_runs(side([0, 0]), side([0, 0], codebook=other))))
    assert "Topics were matched by shared comments (comments that are the same in both: 2)." in said
    assert "a Jaccard overlap above 0.3" in said
    assert "The two codebooks differ" in said
    apart = " ".join(headlines(compare_runs(side([0, 0]), side([0, 0], ids=["n0", "n1"]))))
    assert "matched by vectors (comments that are the same in both: 0)" in apart
    assert "a cosine of their centroids above 0.75" in apart
    assert "codebooks" not in apart
