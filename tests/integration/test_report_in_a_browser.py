"""The report in headless Chromium, where that is installed."""

import re
import shutil
import subprocess

import pytest

from tests.example_survey import Survey

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")


def opened(path, tmp_path, *options):
    done = subprocess.run(
        [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr",
         f"--user-data-dir={tmp_path / 'profile'}", "--host-resolver-rules=MAP * ~NOTFOUND", *options, f"file://{path}"],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    return done.stdout, done.stderr


@pytest.mark.parametrize("folder", ["public", "internal"])
def test_the_map_is_drawn_and_nothing_is_said_on_the_console(folder, finished: Survey, tmp_path):
    page, said = opened(finished.output / folder / "report.html", tmp_path, "--dump-dom")
    # The script sets the height when it has drawn.
    assert re.search(r'<canvas id="ex-map"[^>]*style="height: \d+px', page)
    assert "CONSOLE" not in said


def test_the_report_asks_for_nothing_else(finished: Survey):
    page = (finished.output / "public" / "report.html").read_text(encoding="utf-8")
    assert re.findall(r'(?:src|href)="(?!#)[^"]*"', page) == []
    assert "url(http" not in page
    assert "@import" not in page
