import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import load_run
from pipeline.presentation.published import TABLES, read_public, write_public
from tests.example_survey import Survey


@pytest.fixture
def files(finished: Survey):
    public = finished.output / "public"
    places = [f"{name}.csv" for name in TABLES] + ["figures/comment_map.csv"]
    return {place: (public / place).read_bytes() for place in places}


@pytest.mark.parametrize("notice", ["", "Mind this, and that."])
def test_what_is_read_back_is_written_as_the_same_bytes(files, notice):
    tables = read_public(files.__getitem__)
    again = write_public(tables, notice)
    assert read_public(again.__getitem__).keys() == tables.keys()
    if not notice:
        assert again == files
    assert all("notice" not in table for table in read_public(again.__getitem__).values())


def test_every_column_comes_back_as_what_it_is(finished: Survey, files):
    tables = read_public(files.__getitem__)
    topics, outlook = tables["topics"], tables["outlook"]
    assert topics["size"].dtype == "Int64"
    assert topics["settled"].dtype == bool
    assert topics["fit"].dtype == float
    assert set(map(type, topics["label"])) == {str}
    # A setting of two comments is too small to be shown.
    assert outlook.loc[outlook["suppressed"], "count"].isna().all()
    assert outlook["suppressed"].any()
    numbers = {(name, column) for name, table in tables.items() for column in table.select_dtypes("object")}
    texts_that_are_numbers = {
        (name, column)
        for name, column in numbers
        if len(tables[name]) and pd.to_numeric(tables[name][column], errors="coerce").notna().all()
    }
    assert texts_that_are_numbers <= {("groups", "entry")}
    pd.testing.assert_frame_equal(load_run(finished.output).topics, topics)


LABELS = st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=12)


ODD = st.sampled_from(["None", "nan", "NA", "007", "=1", "'=1", "''-", "-", "a\nb", "\t"])


@given(st.lists(st.one_of(LABELS, ODD)))
def test_a_label_comes_back_letter_for_letter(labels):
    quotations = pd.DataFrame({"topic": range(len(labels)), "label": labels, "theme": "", "quotation": labels})
    tables = dict.fromkeys((*TABLES, "comment_map"), pd.DataFrame({"x": []})) | {"quotations": quotations}
    read = read_public(write_public(tables, "").__getitem__)["quotations"]
    assert read["label"].tolist() == labels
    assert read["quotation"].tolist() == labels
