"""What each figure of a publication says, and the data it is drawn from."""

import pandas as pd
import pytest
from matplotlib.patches import PathPatch

from pipeline.figures.alluvial import SHOWN, topic_flows
from pipeline.figures.dendrogram import topic_dendrogram
from pipeline.figures.groups import shares_by_group
from pipeline.figures.outlook import outlook_by_group
from pipeline.figures.stability import topic_stability

THEMES = {"a": "Funding", "b": "Basics"}


def topics_of(rows):
    frame = pd.DataFrame(rows, columns=["topic", "label", "size", "theme", "status", "settled"])
    return frame.assign(share=frame["size"] / 100, parent=0, stability=0.5, mapping_robustness=0.9)


def words(drawn):
    return [text.get_text().replace("\u00a0", " ") for axes in drawn.figure.axes for text in axes.texts]


def plain(text):
    return text.replace("\u00a0", " ")


def test_each_topic_flows_into_its_theme_and_doubtful_ones_have_dashed_edges():
    topics = topics_of([(0, "Money", 30, "a", "matched", True), (1, "Logins", 20, "b", "matched", False),
                        (2, "Other", 10, "unmapped", "unmapped", True)])  # fmt: skip
    drawn = topic_flows(topics, THEMES, width_mm=180)
    assert drawn.data[["topic", "theme_name", "comments"]].to_numpy().tolist() == [
        [0, "Funding", 30], [1, "Basics", 20], [2, "No match", 10]
    ]  # fmt: skip
    bands = [patch for patch in drawn.figure.axes[0].patches if isinstance(patch, PathPatch)]
    assert [band.get_linestyle() == "solid" or band.get_linestyle() == "-" for band in bands] == [True, False, True]
    # What hatching says is lost in SVG and PDF.
    assert not any(band.get_hatch() for band in bands)
    # A topic that no theme fits can be doubtful too, and has no match to repeat.
    assert "repeat the decision" in drawn.figure.texts[1].get_text().replace("\n", " ")
    assert plain(drawn.alternative).startswith("2 of 3 topics match a theme; “Funding” has most comments (30%).")
    assert "Basics: 1 topic, 20%; No match: 1 topic, 10%" in plain(drawn.alternative)
    assert {"Money (30)", "Logins (20)", "Funding\n1 topic, 30%"} <= set(words(drawn))


def test_bands_are_as_thick_as_their_comments_are_many():
    topics = topics_of([(0, "Money", 30, "a", "matched", True), (1, "Logins", 10, "a", "matched", True)])
    bands = [
        patch.get_path().vertices
        for patch in topic_flows(topics, THEMES, width_mm=180).figure.axes[0].patches
        if isinstance(patch, PathPatch)
    ]
    thick = [(band[7, 1] - band[0, 1], band[4, 1] - band[3, 1]) for band in bands]
    assert thick[0][0] == pytest.approx(3 * thick[1][0])
    assert thick[0][0] == pytest.approx(thick[0][1])
    # What arrives at a theme is stacked without a gap.
    assert bands[1][3, 1] == pytest.approx(bands[0][4, 1])


def test_topics_beyond_the_largest_twenty_are_pooled_and_none_is_lost():
    rows = [(n, f"t{n}", 100 - n, ("a", "unmapped", "b")[n % 3], "matched", n % 2 == 0) for n in range(SHOWN + 7)]
    drawn = topic_flows(topics_of(rows), THEMES, width_mm=180)
    pooled = drawn.data[drawn.data["topic"] == -1]
    assert set(pooled["label"]) == {"other topics (7)"}
    assert pooled["theme"].drop_duplicates().tolist() == ["a", "b", "unmapped"]
    assert drawn.data["comments"].sum() == sum(row[2] for row in rows)
    assert drawn.data["topics"].sum() == SHOWN + 7


def test_where_no_topic_matches_the_alluvial_says_so():
    drawn = topic_flows(topics_of([(0, "Money", 30, "unmapped", "unmapped", True)]), THEMES, width_mm=88)
    assert drawn.alternative.startswith("No topic matches a published theme")
    assert "Funding: no topic" in drawn.alternative


def test_the_alluvial_ranks_only_the_topics_that_it_shows():
    topics = topics_of([(0, "Money", 30, "a", "matched", True), (1, "Logins", 20, "b", "matched", True),
                        (2, "Other", 10, "unmapped", "unmapped", True)])  # fmt: skip
    topics = topics.astype({"size": "Int64", "share": "Float64"})
    topics.loc[0, ["size", "share"]] = pd.NA
    drawn = topic_flows(topics, THEMES, width_mm=180)
    said = plain(drawn.alternative)
    assert said.startswith(
        "1 of 2 topics shown matches a theme; “Basics” has most comments (20%). "
        "Funding: no topic shown; Basics: 1 topic, 20%"
    )
    assert said.endswith("Small counts are hidden: 1 topic.")
    subtitle = plain(drawn.figure.texts[1].get_text()).replace("\n", " ")
    assert "30% of those analysed are in a topic shown here" in subtitle
    unmapped = topic_flows(topics.drop(index=1), THEMES, width_mm=180)
    assert unmapped.alternative.startswith("No topic shown matches a published theme")


def outlook_of(rows, published=0.25):
    return pd.DataFrame(
        [
            {"group": group, "entry": entry, "comments": None if share is None else 50, "share": share,
             "low": None if share is None else share - 0.05, "high": None if share is None else share + 0.05,
             "reading": "coded", "published_share": published if group == "All" else None, "suppressed": share is None}
            for group, share in rows
            for entry in ("positive", "negative")
        ]
    )  # fmt: skip


def test_groups_stand_by_share_below_the_whole_and_small_ones_are_only_named():
    drawn = outlook_by_group(
        hidden_with_a_base("Tiny", [("All", 0.2), ("Low", 0.1), ("High", 0.4), ("Tiny", None), ("Wee", None)]),
        width_mm=180,
    )
    axes = drawn.figure.axes[0]
    assert [plain(label.get_text()) for label in axes.get_yticklabels()] == [
        "All (n = 50)", "High (n = 50)", "Low (n = 50)"
    ]  # fmt: skip
    assert plain(drawn.alternative).startswith(
        "20% of comments are positive (article: 25%); groups shown: 10% (Low) to 40% (High)."
    )
    named = "Small counts are hidden to protect respondents: Tiny (n = 30), Wee."
    assert named in {plain(text.get_text()) for text in drawn.figure.texts}
    assert plain(drawn.alternative).endswith(named)
    assert "40% (35–45%)" in words(drawn)
    assert "published: 25%" in words(drawn)
    assert len(drawn.data) == 5


def hidden_with_a_base(group, rows):
    outlook = outlook_of(rows)
    return outlook.assign(comments=outlook["comments"].mask(outlook["group"] == group, 30))


def test_without_a_published_share_no_line_is_drawn():
    drawn = outlook_by_group(outlook_of([("All", 0.2), ("One", 0.3)], published=None), width_mm=88)
    assert not any("published" in word for word in words(drawn))
    assert "article" not in drawn.alternative
    assert "20% of comments are positive; groups: 30% (One)" in plain(drawn.alternative)


def test_an_outlook_of_which_nothing_may_be_shown_says_so():
    hidden = outlook_by_group(outlook_of([("All", None)]), width_mm=88)
    assert hidden.alternative.startswith("Too few comments to show their outlook")
    nothing = outlook_by_group(outlook_of([]).reindex(columns=outlook_of([("All", 0.1)]).columns), width_mm=88)
    assert nothing.alternative.startswith("The outlook of comments was not asked for")


def test_stable_and_dissolved_topics_and_doubtful_mappings_are_counted():
    topics = topics_of([(n, f"t{n}", 30 - n, "a", "matched", True) for n in range(4)])
    topics["stability"] = [0.75, 0.74, None, 0.49]
    topics["mapping_robustness"] = [0.1, 0.2, 0.3, 0.79]
    drawn = topic_stability(topics, width_mm=180)
    assert drawn.alternative.startswith(
        "1 of 4 topics is stable; 4 of 4 mappings are doubtful. 1 stable (0.75 or more), 1 dissolved (below 0.5). "
        "Stability runs from 0.49 to 0.75, median 0.74. Mapping robustness runs from 0.10 to 0.79, median 0.25."
    )
    assert drawn.data["label"].tolist() == ["t0", "t1", "t3", "t2"]
    assert "not measured" in words(drawn)
    topics["stability"], topics["mapping_robustness"] = 0.8, 0.8
    assert topic_stability(topics, width_mm=180).alternative.startswith(
        "4 of 4 topics are stable; none of 4 mappings is doubtful. "
    )
    topics.loc[:2, "stability"] = 0.49
    assert topic_stability(topics, width_mm=180).alternative.startswith(
        "Most topics would change with another sample of comments; none of 4 mappings is doubtful."
    )


def test_what_was_never_measured_is_said_not_to_be():
    topics = topics_of([(0, "t", 30, "a", "matched", True)]).assign(stability=None, mapping_robustness=float("nan"))
    assert topic_stability(topics, width_mm=88).alternative == (
        "Topic stability was not measured; no mapping was re-run."
    )


def groups_of(cells):
    frame = pd.DataFrame(cells, columns=["column", "group", "entry", "share", "q_value"])
    frame = frame.assign(facet="topics", comments=50, reading="topics", low=frame["share"], high=frame["share"])
    return frame.astype(dict.fromkeys(("share", "low", "high", "q_value"), "Float64"))


def by_group(groups, names, what="topics", **how):
    entries = pd.DataFrame({"entry": list(names), "name": list(names.values()), "share": 0.25})
    return shares_by_group(groups, entries, what=what, **{"width_mm": 180, **how})


def dots(axes):
    """Return place, row and marker of every dot of a panel."""
    return [
        (round(x, 6), y, line.get_marker())
        for line in axes.lines
        if line.get_marker() in ("o", "D")
        for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True)
    ]


def test_each_topic_has_a_dot_for_each_group_and_those_that_are_suppressed_stay_away():
    groups = groups_of([("role", "Nurses", "0", 0.1, 0.5), ("role", "Nurses", "1", 0.4, 0.01),
                        ("role", "Few", "0", None, None), ("role", "Few", "1", None, None),
                        ("role", "Doctors", "0", 0.2, 0.5), ("role", "Doctors", "1", None, None),
                        ("place", "North", "0", 0.9, 0.5), ("place", "North", "1", 0.3, 0.5)])  # fmt: skip
    drawn = by_group(groups, {"0": "Money", "1": "Logins"})
    money, logins = drawn.figure.axes
    assert [axes.get_title(loc="left") for axes in (money, logins)] == ["Money", "Logins"]
    assert [plain(label.get_text()) for label in money.get_yticklabels()] == [
        "Role", "Nurses (50)", "Doctors (50)", "Place", "North (50)"
    ]  # fmt: skip
    assert dots(money) == [(10, 1, "o"), (20, 2, "o"), (90, 4, "o")]
    assert sorted(dots(logins)) == [(30, 4, "o"), (40, 1, "D")]
    # All panels have one scale, and a line at the share of all comments.
    assert money.get_xlim() == logins.get_xlim()
    assert [[25, 25] in [list(line.get_xdata()) for line in axes.lines] for axes in (money, logins)] == [True, True]
    said = plain(drawn.alternative)
    assert said.startswith("1 of 5 shares shown differs clearly: “Logins”, 40% of comments of Nurses.")
    assert "Few: not shown" in said
    assert said.endswith("Small counts are hidden to protect respondents.")
    assert "groups without a share are not drawn" in drawn.figure.texts[1].get_text().replace("\n", " ")
    assert len(drawn.data) == 8


def test_groups_of_one_column_can_be_asked_for_and_then_have_no_heading():
    groups = groups_of([("role", "Nurses", "0", 0.1, 0.5), ("place", "North", "0", 0.9, 0.5)])
    drawn = by_group(groups, {"0": "Money"}, column="place")
    assert [plain(label.get_text()) for label in drawn.figure.axes[0].get_yticklabels()] == ["North (50)"]
    assert set(drawn.data["column"]) == {"place"}


def test_a_share_that_nobody_checked_has_a_hollow_dot_and_no_interval():
    groups = groups_of([("role", "Nurses", "a", 0.1, None), ("role", "Doctors", "a", 0.3, None)])
    groups = groups.assign(facet="themes", reading="machine reading, unchecked", low=pd.NA, high=pd.NA)
    drawn = by_group(groups.astype({"low": "Float64", "high": "Float64"}), {"a": "Funding"}, "themes")
    (line,) = [line for line in drawn.figure.axes[0].lines if line.get_marker() == "o"]
    assert line.get_markerfacecolor() == "white"
    said = drawn.figure.texts[1].get_text().replace("\n", " ")
    assert "machine reading, unchecked" in said
    assert "interval" not in said


@pytest.mark.thorough
def test_where_not_all_topics_or_groups_fit_the_largest_are_drawn_and_it_is_said():
    names = {str(n): f"Topic {n:02d}" for n in range(30)}
    rows = [("role", f"Group {group:02d}", topic, 0.3, 0.5) for group in range(70) for topic in names]
    groups = groups_of(rows).assign(comments=[100 + int(group[-2:]) for _, group, *_ in rows])
    drawn = by_group(groups, names, width_mm=88)
    rows_drawn = [plain(label.get_text()) for label in drawn.figure.axes[0].get_yticklabels()]
    said = drawn.figure.texts[1].get_text().replace("\n", " ")
    assert f"The {len(drawn.figure.axes)} largest of 30 topics are drawn." in said
    assert f"The {len(rows_drawn)} largest of 70 groups are drawn." in said
    assert rows_drawn == [f"Group {n:02d} ({100 + n})" for n in range(70 - len(rows_drawn), 70)]


def test_what_a_group_raises_most_is_of_the_shares_shown_and_equal_shares_are_equal():
    names = {str(n): f"t{n}" for n in range(3)}
    groups = groups_of([("role", "Whole", "0", 0.1, 0.5), ("role", "Whole", "1", 0.4, 0.5),
                        ("role", "Whole", "2", 0.4, 0.5), ("role", "Part", "0", 0.1, 0.5),
                        ("role", "Part", "1", None, None), ("role", "Part", "2", 0.05, 0.5),
                        ("role", "None", "0", 0.0, None), ("role", "None", "1", 0.0, None),
                        ("role", "None", "2", None, None)])  # fmt: skip
    said = plain(by_group(groups, names).alternative)
    assert said.startswith("Of the shares shown, no topic is clearly more or less frequent in any group.")
    assert (
        "Whole: most often t1, t2 (40% each); Part: of those shown most often t0 (10%); None: no comment in what is "
        "shown."
    ) in said
    whole = groups.dropna(subset="share").query("group == 'Whole'").assign(q_value=0.01).astype({"q_value": "Float64"})
    drawn = by_group(whole, names)
    assert plain(drawn.alternative).startswith("3 of 3 shares differ clearly; the largest: “t1”, 40% of comments of")
    said = (drawn.alternative + drawn.figure.texts[1].get_text()).lower()
    assert "not shown" not in said
    assert "hidden" not in said


def test_groups_that_do_not_differ_and_groups_all_hidden_have_their_own_finding():
    alike = by_group(groups_of([("role", "Nurses", "0", 0.1, 0.5)]), {"0": "Money"}, width_mm=88)
    assert alike.alternative.startswith("No topic is clearly more or less frequent")
    hidden = by_group(groups_of([("role", "Nurses", "0", None, None)]), {"0": "Money"}, width_mm=88)
    assert hidden.alternative.startswith("Too few comments to show shares of topics by group.")
    nothing = by_group(groups_of([]), {"0": "Money"}, width_mm=88)
    assert nothing.alternative.startswith("No groups were asked for")


def test_tables_are_left_as_they_were():
    topics = topics_of([(0, "Money", 30, "a", "matched", True), (1, "Logins", 20, "b", "matched", True)])
    before = topics.copy(deep=True)
    topic_flows(topics, THEMES, width_mm=88)
    topic_stability(topics, width_mm=88)
    pd.testing.assert_frame_equal(topics, before)


def test_topics_too_small_to_show_have_no_number_in_any_figure():
    topics = topics_of([(0, "Money", 30, "a", "matched", True), (1, "Logins", 20, "b", "matched", True)])
    topics = topics.astype({"size": "Int64", "share": "Float64", "stability": "Float64"})
    topics.loc[1, ["size", "share"]] = pd.NA
    flows = topic_flows(topics, THEMES, width_mm=180)
    assert flows.data["label"].tolist() == ["Money"]
    assert any("Small counts are hidden: 1 topic." in text.get_text().replace("\n", " ") for text in flows.figure.texts)
    none_left = topic_flows(topics.assign(size=pd.array([pd.NA, pd.NA], dtype="Int64")), THEMES, width_mm=180)
    assert none_left.alternative.startswith("Too few comments to show the sizes of topics")
    tree = pd.DataFrame({"first": ["0"], "second": ["1"], "apart": [1.0]})
    for drawn in (topic_dendrogram(topics, tree, width_mm=180), topic_stability(topics, width_mm=180)):
        labels = drawn.figure.axes[0].get_yticklabels()
        assert {plain(label.get_text()) for label in labels} == {"Money (30)", "Logins (not shown)"}
        assert "Small counts are hidden." in drawn.figure.texts[1].get_text().replace("\n", " ")
