from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pipeline.errors import ConfigError, DataError
from pipeline.exploring.counts import counts_over_time


def with_dates(run, dates):
    """The run as it would be, had its settings been dates."""
    comments = run.comments.assign(setting=[dates[number % len(dates)] for number in range(len(run.comments))])
    return replace(run._material, cleaned=replace(run._cleaned, comments=comments))


def test_every_topic_and_theme_is_counted_in_every_group(run):
    found = run.by("setting")
    sizes = run.comments.loc[run.comments["kept"], "setting"].value_counts()
    assert found.groupby("group")["of"].first().to_dict() == sizes.to_dict()
    topics = found[found["kind"] == "topic"].groupby("id")["comments"].sum()
    sizes = run.assignments["topic"].astype(str).value_counts()
    assert topics.to_dict() == {topic: int(sizes.get(topic, 0)) for topic in [*map(str, run.topics["topic"]), "-1"]}
    themes = found[found["kind"] == "theme"].groupby("id")["comments"].sum()
    carried = run.comment_themes["theme"].value_counts()
    assert themes.to_dict() == {theme: int(carried.get(theme, 0)) for theme in run.codebook.theme_ids}
    assert np.allclose(found["share"], found["comments"] / found["of"])


def test_an_unknown_column_is_refused_with_those_that_there_are(run):
    with pytest.raises(DataError, match=r"no column 'seting'\. Did you mean 'setting'\? It has .*setting"):
        run.by("seting")


@pytest.mark.parametrize("column", ["text", "comment_id", "lemmas"])
def test_comments_and_ids_are_no_groups(run, column):
    with pytest.raises(DataError, match="no column"):
        run.by(column)


def test_topics_and_themes_are_counted_month_by_month_with_empty_months_between(run):
    material = with_dates(run, ["2025-01-31", "2025-03-01 10:30", ""])
    found = counts_over_time(material, "setting")
    assert sorted(found["start"].unique()) == list(pd.to_datetime(["2025-01-01", "2025-02-01", "2025-03-01"]))
    by_month = (
        found[found["kind"] == "topic"].groupby("start")[["comments", "of"]].agg({"comments": "sum", "of": "first"})
    )
    assert by_month["comments"].tolist() == by_month["of"].tolist()
    dated = material.column("setting") != ""
    assert by_month["of"].sum() == dated.sum() < len(dated)
    assert found.loc[found["start"] == pd.Timestamp("2025-02-01"), "share"].isna().all()


@pytest.mark.parametrize(("every", "periods"), [("day", 60), ("week", 9), ("quarter", 1), ("year", 1)])
def test_periods_are_as_long_as_asked_for(run, every, periods):
    found = counts_over_time(with_dates(run, ["01/01/2025", "01/03/2025"]), "setting", every=every)
    assert found["start"].nunique() == periods


def test_another_period_is_refused(run):
    with pytest.raises(ConfigError, match=r"no period 'months'\. Did you mean 'month'"):
        run.over("setting", every="months")


def test_a_column_without_dates_is_refused_without_saying_what_it_holds(run):
    with pytest.raises(DataError, match="62 of 62 rows") as problem:
        run.over("setting")
    assert "Town" not in str(problem.value)
