import pandas as pd

from pipeline.crosswalk.membership import carried_by_comments, carried_by_topics, one_of_each

THEMES = ("funding", "tools", "people")


def test_a_comment_carries_each_of_its_themes_or_none():
    ids = pd.Series(["a", "b", "c"], index=[5, 6, 7])
    said = pd.DataFrame({"comment_id": ["a", "a", "c"], "theme": ["funding", "tools", "tools"]})
    carried = carried_by_comments(ids, said, THEMES)
    assert carried.to_numpy().tolist() == [[True, True, False], [False, False, False], [False, True, False]]
    assert (carried.index.tolist(), tuple(carried.columns)) == ([5, 6, 7], THEMES)
    assert set(carried.dtypes.astype(str)) == {"bool"}


def test_where_no_comment_carries_a_theme_all_is_no():
    nothing = pd.DataFrame({"comment_id": pd.Series(dtype=object), "theme": pd.Series(dtype=object)})
    carried = carried_by_comments(pd.Series(["a"]), nothing, THEMES)
    assert carried.to_numpy().tolist() == [[False] * 3]
    assert carried_by_comments(pd.Series([], dtype=object), nothing, THEMES).shape == (0, 3)


def test_a_comment_carries_the_themes_of_its_topic_and_an_outlier_none():
    crosswalk = pd.DataFrame(
        {
            "topic": [0, 0, 1, 1],
            "theme": ["funding", "tools", "funding", "tools"],
            "matched": [True, True, False, True],
        }
    )
    carried = carried_by_topics(pd.Series([0, 1, -1, 2], index=list("wxyz")), crosswalk, THEMES)
    assert carried.loc["w"].tolist() == [True, True, False]
    assert carried.loc["x"].tolist() == [False, True, False]
    assert not carried.loc[["y", "z"]].any(axis=None)


def test_without_topics_no_comment_carries_a_theme_through_one():
    crosswalk = pd.DataFrame({"topic": [], "theme": [], "matched": []}).astype({"topic": "int64", "matched": "bool"})
    carried = carried_by_topics(pd.Series([-1, -1]), crosswalk, THEMES)
    assert carried.shape == (2, 3)
    assert not carried.any(axis=None)


def test_a_value_is_one_of_the_entries_or_none_of_them():
    found = one_of_each(pd.Series([0, 1, -1], index=[3, 4, 5]), ["0", "1"])
    assert found.to_numpy().tolist() == [[True, False], [False, True], [False, False]]
    assert found.index.tolist() == [3, 4, 5]
