import pandas as pd
import pytest

from pipeline.codebook.codebook import Theme
from pipeline.crosswalk.short_names import are_short_names, phrases_said


def named(*names, **parts):
    return [Theme.model_validate({"id": f"t{n}", "name": name, **parts}) for n, name in enumerate(names)]


@pytest.mark.parametrize(
    ("themes", "short"),
    [
        (named("Access", "Staff", "Care received"), True),
        (named("Access", "Staff", examples=["queues", "parking"]), True),
        (named("Access", "Staff", definition="Whether people can get an appointment when they want one."), False),
        (named("Customer does not know what he wants", "Lack of a well-defined process"), False),
    ],
)
def test_names_of_a_word_or_two_are_short(themes, short):
    assert are_short_names(themes) is short


def test_each_comment_gives_one_of_the_nouns_that_it_says():
    comments = pd.DataFrame(
        {
            "text": ["the old laptop and the new phone", "nothing works", "..."],
            "lemmas": ["old laptop new phone", "work", ""],
            "phrases": ["old laptop|laptop|phone", "", ""],
        }
    )
    drawn = [phrases_said(comments, seed=seed) for seed in range(20)]
    assert {one[0] for one in drawn} == {"old laptop", "laptop", "phone"}
    assert {tuple(one[1:]) for one in drawn} == {("work", "...")}
    assert phrases_said(comments, seed=3) == drawn[3]
