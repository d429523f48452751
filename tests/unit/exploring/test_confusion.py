from dataclasses import replace

import pandas as pd
import pytest

from pipeline.codebook.codes import NO_THEME
from pipeline.errors import DataError
from pipeline.exploring.confusion import confusion_of


def test_the_table_has_the_counts_of_the_run(run):
    stored = run.confusions
    stored = stored[(stored["first"] == "Ada") & (stored["second"] == "comments matched directly")]
    names = {theme.id: theme.name for theme in run.codebook.themes}
    table = run.confusion("Ada").table
    assert table.to_numpy().sum() == stored["n"].sum() == 60
    for row in stored.to_dict("records"):
        assert table.loc[names.get(row["reference"], NO_THEME), names.get(row["candidate"], NO_THEME)] == row["n"]


def test_the_comments_behind_every_number_are_as_many_as_it_says(run):
    found = run.confusion()
    assert found.coder == "Ada"
    for coded in found.names:
        for machine in found.names:
            assert len(found.comments(coded, machine)) == found.table.loc[coded, machine]


def test_a_theme_is_named_by_name_or_by_id(run):
    found = run.confusion()
    assert len(found.comments("funding", "funding")) > 0
    assert found.comments("funding", "funding").equals(found.comments("Money", "Money"))
    with pytest.raises(DataError, match="Did you mean 'funding'"):
        found.comments("fundin", "Money")


def test_another_coder_is_chosen_by_name(run):
    assert run.confusion("Ben").coder == "Ben"
    with pytest.raises(DataError, match=r"no coder 'Benn'\. Did you mean 'Ben'"):
        run.confusion("Benn")


def test_codes_of_sheets_count_too(run):
    ids = run.assignments["comment_id"]
    sheet = pd.Series(["funding" if number == 0 else "" for number in range(len(ids))])
    assert confusion_of(run._material, "Cat", {"Cat": sheet}).coded["comment_id"].tolist() == [ids.iloc[0]]


def test_a_run_without_codes_says_so(run):
    columns = run.config.input.columns.model_copy(update={"coders": ()})
    config = run.config.model_copy(update={"input": run.config.input.model_copy(update={"columns": columns})})
    with pytest.raises(DataError, match="no people's codes"):
        confusion_of(replace(run._material, config=config), None, {})


def test_comments_that_were_learned_from_are_not_counted(run):
    mapped = run._mapped
    learned = mapped.assignments.assign(learned_from=mapped.assignments["comment_id"] == "m01")
    found = confusion_of(replace(run._material, mapped=replace(mapped, assignments=learned)), "Ada", {})
    assert "m01" not in set(found.coded["comment_id"])
    assert len(found.coded) == 59


def test_names_of_themes_are_text_in_a_notebook(run):
    found = run.confusion()
    names = tuple(f"<b>{name}" if name == "Money" else name for name in found.names)
    coded = found.coded.replace({"coded": {"Money": "<b>Money"}, "machine": {"Money": "<b>Money"}})
    assert "<b>" not in replace(found, coded=coded, names=names)._repr_html_()
