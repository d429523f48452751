import pytest

from pipeline.codebook.codebook import load_codebook
from pipeline.config import load_config
from pipeline.engine.seal import PLAN, deviations, said_of_plan, seal_plan
from pipeline.engine.store import RunStore
from pipeline.errors import ConfigError
from tests.conftest import Command
from tests.example_survey import Survey
from tests.plain_output import assert_stopped


@pytest.fixture
def planned(survey: Survey):
    survey.write()
    config = load_config(survey.config)
    return config, config.input.path.read_bytes(), load_codebook(config.codebook)


def test_a_plan_is_kept_in_the_manifest_with_the_hash_of_all_its_parts(planned):
    plan = seal_plan(*planned, configuration_file="survey.yaml")
    assert RunStore(planned[0].output).manifest[PLAN] == plan
    assert set(plan["parts"]) == {"the file of comments", "the claims", "the codebook"}
    assert plan["settings"]["seed"] == planned[0].seed
    assert not [name for name in plan["settings"] if name in ("output", "input.path", "report.salt")]
    assert seal_plan(*planned, configuration_file="survey.yaml") == plan


def test_each_thing_that_changes_is_named(planned):
    config, content, codebook = planned
    plan = seal_plan(*planned, configuration_file="survey.yaml")
    assert deviations(plan, config, content, codebook) == []
    claimed = codebook.model_copy(update={"claims": codebook.claims[:0]})
    assert deviations(plan, config, content, claimed) == ["the claims"]
    themes = codebook.model_copy(update={"title": "Another"})
    assert deviations(plan, config, content + b" ", themes) == ["the file of comments", "the codebook"]
    other = config.model_copy(
        update={"seed": config.seed + 1, "discover": config.discover.model_copy(update={"n_keywords": 4})}
    )
    assert deviations(plan, other, content, codebook) == ["seed", "discover.n_keywords"]
    assert "Nothing has changed since." in said_of_plan(plan, config, content, codebook)
    assert said_of_plan(plan, config, content, claimed).endswith("Changed since: the claims.")
    assert said_of_plan(None, config, content, codebook) == "No plan was sealed before the results."


def test_another_plan_is_refused(planned):
    config, content, codebook = planned
    seal_plan(*planned, configuration_file="survey.yaml")
    with pytest.raises(ConfigError, match="another plan was sealed here"):
        seal_plan(config, content + b" ", codebook, configuration_file="survey.yaml")


def test_where_there_are_results_nothing_is_sealed(finished: Survey, command: Command):
    assert_stopped(command("seal", finished.config), "has results already")


@pytest.mark.slow
def test_the_report_says_what_was_sealed_and_what_changed_since(survey: Survey, command: Command):
    sealed = command("seal", survey.config)
    assert sealed.exit_code == 0, sealed.output
    survey.configure({"seed": 7})
    result = command("run", survey.config)
    assert result.exit_code == 0, result.output
    plan = RunStore(survey.output).manifest[PLAN]
    assert plan["sha256"] in sealed.stdout
    report = (survey.output / "public" / "report.html").read_text(encoding="utf-8")
    assert plan["sha256"] in report and "Changed since: seed." in report
