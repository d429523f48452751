import pytest

from pipeline import load_run
from pipeline.errors import StoreError
from tests.conftest import Command
from tests.example_survey import Survey


def test_a_finished_run_gives_its_tables_by_name(finished: Survey):
    run = load_run(str(finished.output))
    assert len(run.comments) == 67
    assert len(run.assignments) == 62
    assert run.embeddings.shape[0] == len(run.layout) == 60
    assert len(run.topics) >= 2
    assert len(run.crosswalk) == len(run.topics) * len(run.codebook.themes)
    assert set(run.agreement["first"]) == {"Ada", "Ben", "all coders", "all coders and the machine"}
    assert run.coarse_topics["size"].sum() == run.topics["size"].sum()
    assert run.config.discover.n_seeds == 3
    assert str(len(run.topics)) in repr(run)


def test_a_topic_alone_in_its_coarse_topic_has_one_name(finished: Survey):
    run = load_run(finished.output)
    alone = run.topics[~run.topics["parent"].duplicated(keep=False)]
    assert len(alone) > 0
    assert alone["parent_label"].tolist() == alone["label"].tolist()
    assert run.coarse_topics["label"].is_unique


def test_small_groups_have_no_name_of_their_own_in_what_a_notebook_shows(finished: Survey):
    run = load_run(finished.output)
    assert "Lighthouse" in set(run.comments["setting"])
    for table in (run.outlook, run.groups):
        assert "Lighthouse" not in set(table["group"])
        assert "Smaller groups" in set(table["group"])


def test_representatives_come_with_their_comments(finished: Survey):
    run = load_run(finished.output)
    representatives = run.representatives
    assert set(representatives["topic"]) == set(run.topics["topic"])
    texts = run.comments.set_index("comment_id")["text"]
    assert (representatives["comment"] == representatives["comment_id"].map(texts)).all()


@pytest.mark.thorough
@pytest.mark.parametrize("name", ["crosswalk", "comment_map", "theme_shares"])
def test_figures_are_redrawn_at_another_width(name, finished: Survey):
    run = load_run(finished.output)
    assert run.figure(name, width_mm=88).get_size_inches()[0] * 25.4 == pytest.approx(88)
    assert run.figure(name).get_size_inches()[0] * 25.4 == pytest.approx(183)


def test_a_figure_that_is_none_is_told_with_the_nearest_one(finished: Survey):
    with pytest.raises(ValueError, match="Did you mean 'crosswalk'"):
        load_run(finished.output).draw("croswalk")


def test_a_folder_without_a_run_is_told(tmp_path):
    with pytest.raises(StoreError, match="there is no finished run in this folder"):
        load_run(tmp_path)


def test_a_run_that_did_not_finish_is_told(tmp_path):
    (tmp_path / "manifest.json").write_text('{"stages": {"ingest": {}}}', encoding="utf-8")
    with pytest.raises(StoreError, match="the run did not finish"):
        load_run(tmp_path)


@pytest.mark.slow
def test_rules_for_small_counts_hold_for_the_coarse_topics_too(finished: Survey, command: Command):
    finished.configure({"disclosure": {"suppress_below": 8, "round_to": 5, "smallest_base": 10}})
    assert command("run", finished.config).exit_code == 0
    run = load_run(finished.output)
    assert (run.coarse_topics["size"].dropna() % 5 == 0).all()
    # The map says that its points were thinned, whoever draws it.
    report = (finished.output / "public/report.html").read_text(encoding="utf-8")
    alternative = (finished.output / "public/figures/comment_map.alt.txt").read_text(encoding="utf-8")
    for said in (report, alternative, run.draw("comment_map").alternative):
        assert "To protect respondents" in said
    # What is compared with another run is counted, not read from what may be shown.
    counted = run.counted_topics
    sizes = run.assignments["topic"].value_counts()
    assert counted["size"].tolist() == [sizes[topic] for topic in counted["topic"]]
    assert counted["suppressed"].tolist() == run.topics["size"].isna().tolist()
