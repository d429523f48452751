"""Few comments, sentences as units, and tuning, by the real command."""

from __future__ import annotations

import json
import warnings
from itertools import product

import numpy as np
import pandas as pd
import pytest
import yaml

from pipeline import load_run
from pipeline.discovery.consensus import SMALLEST_CLUSTERED
from pipeline.discovery.replay import replay
from pipeline.stages.discover import discover_topics
from tests.conftest import Command
from tests.example_survey import Survey, comment_rows
from tests.fake_encoder import FakeEncoder

SUBJECTS = ["printer", "password", "budget", "training", "consultant", "laptop", "contract", "referral"]
TROUBLES = ["never works on our ward", "takes far too long", "was cut again this year", "needs a new leader",
            "is old and slow", "has no plan behind it", "is not shared with community"]  # fmt: skip
PLACES = ["today", "since spring", "in clinic", "at night"]


def rows(count: int) -> list[dict[str, str]]:
    said = [f"The {subject} {trouble} {place}" for subject, trouble, place in product(SUBJECTS, TROUBLES, PLACES)]
    blank = dict.fromkeys(comment_rows()[0], "")
    return [{**blank, "comment_id": f"n{place}", "comment": said[place]} for place in range(count)]


@pytest.mark.slow
@pytest.mark.parametrize("count", [1, 2, 19, 20, 50, 100, 200])
def test_any_number_of_comments_runs_through_without_a_warning(count: int, survey: Survey, command: Command):
    survey.write(rows=rows(count))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        # What numba and the like say at their import is no concern of a run.
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        warnings.filterwarnings("ignore", message="A test tried to use socket")
        result = command("run", survey.config)
    assert result.exit_code == 0, result.output
    assert [str(warning.message) for warning in caught] == []
    assert "Warning" not in result.output
    run = load_run(survey.output)
    assert len(run.assignments) == count
    if count < SMALLEST_CLUSTERED:
        assert len(run.topics) == 0
        assert "No topics were looked for" in result.output
        assert "No topics were looked for" in (survey.output / "public" / "report.html").read_text(encoding="utf-8")
    elif count < 100:
        assert any("fewer than 100" in note or "No topic" in note for note in run.notes)
    else:
        assert run.notes == []


def test_topics_replay_from_what_is_stored(finished: Survey):
    run = load_run(finished.output)
    units = pd.read_parquet(finished.output / "internal" / "discovered.parquet")
    assert run.replay().tolist() == units["topic"].tolist()


def test_topics_that_a_sample_gave_are_said_to_be_and_replay(finished: Survey):
    run = load_run(finished.output)
    config = run.config.discover.model_copy(update={"fit_on": 45})
    found = discover_topics(run._cleaned, run._embedded, encoder=FakeEncoder(), config=config, seed=1)
    assert found.summary["fitted"] == 45
    said = "Topics were found on 45 of the distinct comments"
    assert [note for note in found.summary["notes"] if note.startswith(said)]
    topics = found.assignments["topic"]
    assert len(topics) > 45
    assert topics.max() >= 1
    clustered = ~found.assignments["comment_id"].isin(run._embedded.nothing_said)
    assert replay(found.evidence, found.summary["rules"]).tolist() == topics[clustered].tolist()
    assert len(found.topic_tree) == len(found.topics) - 1
    places = found.layout[["x", "y"]].to_numpy()
    assert np.isfinite(places).all()
    # Those that said nothing, of which topics know no neighbours, stand where others are.
    low, high = places[clustered].min(axis=0), places[clustered].max(axis=0)
    assert ((places >= low) & (places <= high)).all()


@pytest.mark.slow
@pytest.mark.usefixtures("sketched")
def test_sentences_give_a_comment_several_topics(survey: Survey, command: Command):
    comments = comment_rows()[:60]
    joined = [
        {
            **one,
            "comment_id": f"{one['comment_id']}-joined",
            "comment": f"{one['comment'].rstrip('.')}. {other['comment'].rstrip('.')}.",
        }
        for one, other in zip(comments[:30], comments[30:], strict=True)
    ]
    survey.write(rows=[*joined, *comments], changes={"unit": "sentence"})
    result = command("run", survey.config)
    assert result.exit_code == 0, result.output
    run = load_run(survey.output)
    shares = run.topic_shares
    assert shares.groupby("comment_id")["share"].sum().round(9).eq(1).all()
    in_topics = shares[shares["topic"] >= 0].groupby("comment_id").size()
    assert (in_topics > 1).any()
    assert len(run.assignments) == len(run.comments[run.comments["kept"]])
    assert len(run.embeddings) == len(run.layout)
    sentences = json.loads((survey.output / "internal" / "embeddings.json").read_text(encoding="utf-8"))["unit_ids"]
    assert len(sentences) > len(run.layout)


@pytest.mark.slow
def test_tuning_writes_settings_that_a_run_takes(survey: Survey, command: Command):
    survey.configure({"discover.n_seeds": 2, "discover.n_bootstrap": 0})
    result = command("tune", survey.config)
    assert result.exit_code == 0, result.output
    folder = survey.output / "tuning"
    names = {path.name for path in folder.iterdir()}
    assert {"candidates.csv", "chosen.yaml", "trade_off.pdf", "trade_off.png", "trade_off.alt.txt"} <= names
    assert pd.read_csv(folder / "candidates.csv")["chosen"].sum() == 1
    chosen = yaml.safe_load((folder / "chosen.yaml").read_text(encoding="utf-8"))["discover"]
    survey.configure({f"discover.{name}": value for name, value in chosen.items()})
    assert command("check", survey.config).exit_code == 0


def test_too_few_comments_cannot_be_tuned_on(survey: Survey, command: Command):
    survey.write(rows=rows(12))
    result = command("tune", survey.config)
    assert result.exit_code == 2
    assert "12 distinct comments are too few to tune on" in result.output
