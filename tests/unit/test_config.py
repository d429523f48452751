from pathlib import Path

import pytest
import yaml

from pipeline.config import RunConfig, load_config
from pipeline.errors import ConfigError
from tests.example_survey import settings

SECTIONS = ("clean", "embed", "discover", "map", "assess", "reference", "report")
DEFAULT = Path(__file__).parents[2] / "configs" / "default.yaml"


def write(folder: Path, content: object) -> Path:
    path = folder / "a.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


def minimal() -> dict:
    return {"input": {"path": "a.csv"}, "codebook": "b.yaml", "output": "run"}


def test_paths_are_relative_to_the_file_and_not_to_the_working_folder(tmp_path, monkeypatch):
    (tmp_path / "inner").mkdir()
    monkeypatch.chdir("/")
    config = load_config(write(tmp_path / "inner", minimal() | {"output": "../out"}))
    assert config.input.path == tmp_path / "inner" / "a.csv"
    assert config.codebook == tmp_path / "inner" / "b.yaml"
    assert config.output == tmp_path / "out"
    assert config.embed.cache.is_absolute()


def test_absolute_paths_stay(tmp_path):
    config = load_config(write(tmp_path, minimal() | {"output": "/elsewhere/run"}))
    assert config.output == Path("/elsewhere/run")


def test_what_a_run_keeps_does_not_name_the_users_own_folder_and_leads_back_to_it(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "jqsmythe"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "jqsmythe"))
    given = minimal() | {"output": str(tmp_path / "run"), "embed": {"model": "~/model", "cache": "~/c.sqlite"}}
    given["input"] = given["input"] | {"path": "~/survey/a.csv"}
    folder = tmp_path / "jqsmythe" / "survey"
    folder.mkdir(parents=True)
    config = load_config(write(folder, given))
    assert config.input.path == tmp_path / "jqsmythe" / "survey" / "a.csv"
    kept = config.kept()
    assert "jqsmythe" not in str(kept)
    assert (kept["embed"]["cache"], kept["output"]) == ("~/c.sqlite", str(tmp_path / "run"))
    assert RunConfig.model_validate(kept).resolved(tmp_path / "elsewhere") == config


def test_a_relative_model_folder_is_found_from_the_file_and_a_hub_name_is_left(tmp_path):
    config = load_config(write(tmp_path, minimal() | {"embed": {"model": "./models/mine", "cache": None}}))
    assert config.embed.model == str(tmp_path / "models" / "mine")
    assert config.embed.cache is None
    assert load_config(write(tmp_path, minimal() | {"embed": {"model": "a/b"}})).embed.model == "a/b"


def test_settings_cannot_be_changed_after_loading(tmp_path):
    config = load_config(write(tmp_path, minimal()))
    with pytest.raises(ValueError, match="frozen"):
        config.seed = 3


def test_the_default_file_says_every_setting_and_its_default():
    """A reader copies configs/default.yaml: what it shows must be what leaving it out gives."""
    said = yaml.safe_load(DEFAULT.read_text(encoding="utf-8"))
    defaults = RunConfig.model_validate(minimal()).model_dump(mode="json")
    for section in SECTIONS:
        assert set(said[section]) == set(defaults[section]), section
    # Its example breaks everything down by two columns of the survey that it is about.
    chosen = {"assess.group_column", "assess.groups"}
    different = [
        f"{section}.{name}"
        for section in SECTIONS
        for name, value in said[section].items()
        if value != defaults[section][name] and f"{section}.{name}" not in chosen
    ]
    assert different == []
    assert said["seed"] == defaults["seed"]


def test_the_default_file_loads():
    config = load_config(DEFAULT)
    assert config.input.path.is_file()
    assert config.codebook.is_file()


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"id": "a", "comment": "a"}, "the column 'a' is named for two purposes"),
        ({"metadata": ["b", "b"]}, "the column 'b' is named for two purposes"),
        ({"coders": [{"name": "x", "theme": ["c"]}, {"name": "x", "theme": ["d"]}]}, "two coders have the same name"),
        ({"coders": [{"name": "x", "theme": []}]}, "input.columns.coders[1].theme must hold at least 1 entry"),
    ],
)
def test_columns_that_contradict_one_another_are_told(columns, said, tmp_path):
    with pytest.raises(ConfigError) as caught:
        load_config(write(tmp_path, minimal() | {"input": {"path": "a.csv", "columns": columns}}))
    assert said in caught.value.message
    assert str(tmp_path / "a.yaml") in caught.value.message


def test_every_column_is_wanted_once(tmp_path):
    config = RunConfig.model_validate(settings())
    assert config.input.columns.all_columns() == (
        "comment_id", "comment", "setting", "ada_theme", "ada_outlook", "ben_theme"
    )  # fmt: skip


def test_choices_are_metadata_columns_that_everything_may_be_broken_down_by(tmp_path):
    columns = {"metadata": ["ward"], "choices": {"site": ["North", "South"]}}
    content = minimal() | {"input": {"path": "a.csv", "columns": columns}}
    config = load_config(write(tmp_path, content | {"assess": {"groups": {"site: North": None}}}))
    assert config.input.columns.kept == ("ward", "site: North", "site: South")
    assert "site" in config.input.columns.all_columns()
    with pytest.raises(ConfigError, match="'site: West', which must be among"):
        load_config(write(tmp_path, content | {"assess": {"groups": {"site: West": None}}}))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (
            {"assess": {"groups": {"role": "weekly"}}},
            "assess.groups.role: 'weekly' cannot stand here. Metadata",
        ),
        ({"assess": {"groups": {"role": {"a": 5}}}}, "assess.groups.role: a section with names cannot stand here."),
        ({"clean": {"languages": {"keep": "english"}}}, "clean.languages.keep: 'english' cannot stand here. The"),
        ({"clean": {"languages": {"keep": ["english"]}}}, "clean.languages.keep: a list of 1 cannot stand here. The"),
    ],
)
def test_a_value_of_none_of_the_kinds_it_may_be_of_is_one_problem_with_what_is_wanted(changed, said, tmp_path):
    with pytest.raises(ConfigError) as caught:
        load_config(write(tmp_path, minimal() | changed))
    assert said in str(caught.value)
    assert str(caught.value).count("cannot stand here") == len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("missing", ["input", "codebook", "output"])
def test_what_a_run_cannot_do_without_is_required(missing, tmp_path):
    content = minimal()
    del content[missing]
    with pytest.raises(ConfigError, match=f"{missing} is required"):
        load_config(write(tmp_path, content))


@pytest.mark.parametrize("name", ["second_theme_share", "second_theme_probability"])
def test_a_setting_that_was_taken_away_is_named_with_what_took_its_place(name, tmp_path):
    with pytest.raises(ConfigError, match=rf"map: there is no {name} any more: .*part_lead.*Leave it out"):
        load_config(write(tmp_path, minimal() | {"map": {name: 0.3}}))


def test_the_old_name_of_a_section_is_taken_and_not_beside_the_new_one(tmp_path):
    content = minimal() | {"compare": {"n_bootstrap": 100}}
    assert load_config(write(tmp_path, content)).assess.n_bootstrap == 100
    with pytest.raises(ConfigError, match="'compare' is the old name of the section 'assess', and both are there"):
        load_config(write(tmp_path, content | {"assess": {"n_bootstrap": 200}}))


def test_a_coarse_precision_is_openvinos_alone(tmp_path):
    coarse = minimal() | {"embed": {"precision": "bfloat16"}}
    with pytest.raises(ConfigError, match="precision bfloat16 is for backend openvino alone"):
        load_config(write(tmp_path, coarse))
    coarse["embed"]["backend"] = "openvino"
    assert load_config(write(tmp_path, coarse)).embed.precision == "bfloat16"
