import pytest

from pipeline.formats.disk import without_home


@pytest.fixture(autouse=True)
def _at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/j.smith")
    monkeypatch.setenv("USERPROFILE", "/home/j.smith")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("/home/j.smith/survey.csv: missing", "~/survey.csv: missing"),
        ("('/home/j.smith')", "('~')"),
        ("/home/j.smith2/survey.csv", "/home/j.smith2/survey.csv"),
        ("/mnt/home/j.smith/survey.csv", "/mnt/home/j.smith/survey.csv"),
        ("/home/jxsmith/survey.csv", "/home/jxsmith/survey.csv"),
        ("a /home/j.smith/x and /home/j.smith/y", "a ~/x and ~/y"),
    ],
)
def test_the_users_own_folder_has_no_name(text: str, said: str):
    assert without_home(text) == said


def test_a_service_whose_home_is_the_root_keeps_its_paths(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOME", "/")
    assert without_home("/data/survey.csv") == "/data/survey.csv"
