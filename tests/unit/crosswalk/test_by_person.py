import numpy as np
import pandas as pd
import pytest

from pipeline.crosswalk.by_person import matches_none, with_persons_themes


@pytest.fixture
def decided():
    crosswalk = pd.DataFrame(
        {"topic": [0, 0, 1, 1, 2, 2], "theme": ["a", "b"] * 3, "matched": [True, False, False, False, False, True]}
    )
    topics = pd.DataFrame(
        {
            "topic": [0, 1, 2], "theme": ["a", "unmapped", "b"], "mapping_robustness": [0.9, 0.7, 0.8],
            "settled": [True, False, True], "status": ["matched", "leaning", "matched"], "fails": ["", "re-runs", ""],
            "fit": [0.5, 0.3, 0.4],
        }
    )  # fmt: skip
    return crosswalk, topics


def test_a_persons_theme_counts_and_the_machines_stands_beside_it(decided):
    crosswalk, topics = with_persons_themes(*decided, {0: "b", 1: "a"})
    assert crosswalk["matched"].tolist() == [False, True, True, False, False, True]
    assert topics["theme"].tolist() == ["b", "a", "b"]
    assert topics["status"].tolist() == ["by a person", "by a person", "matched"]
    assert topics["machine_theme"].tolist() == ["a", "unmapped", "b"]
    assert topics["machine_status"].tolist() == ["matched", "leaning", "matched"]
    assert topics["fails"].tolist() == ["", "", ""]
    assert np.isnan(topics["mapping_robustness"]).tolist() == [True, True, False]
    assert topics["settled"].all()
    assert topics["fit"].tolist() == [0.5, 0.3, 0.4]
    assert not matches_none(topics).any()


def test_a_topic_that_a_person_gave_no_theme_matches_none(decided):
    crosswalk, topics = with_persons_themes(*decided, {0: "unmapped"})
    assert crosswalk["matched"].tolist() == [False, False, False, False, False, True]
    # A topic that leans counts for no theme, and is no candidate for a new one.
    assert matches_none(topics).tolist() == [True, False, False]


def test_without_a_person_nothing_changes(decided):
    crosswalk, topics = with_persons_themes(*decided, {})
    pd.testing.assert_frame_equal(crosswalk, decided[0])
    pd.testing.assert_frame_equal(topics[decided[1].columns], decided[1])
    assert not matches_none(topics).any()
