"""What every message of the program must be: clear, one of its kind, and without a respondent's words."""

from __future__ import annotations

from collections.abc import Iterable

from typer.testing import Result

_WINDOW = 4
"""So many words in a row of a comment are a quotation of it."""


def quotations(text: str, comments: Iterable[str]) -> list[str]:
    """Return the runs of words that a text takes from comments."""
    flat = " ".join(text.split())
    found = []
    for comment in comments:
        words = comment.split()
        windows = [" ".join(words[start : start + _WINDOW]) for start in range(len(words) - _WINDOW + 1)]
        found += [window for window in windows if window in flat]
    return found


def assert_stopped(result: Result, *says: str, comments: Iterable[str] = ()) -> None:
    """Hold that a command stopped with exit status 2 and one clear message that says all of `says`."""
    assert result.exit_code == 2, f"exit {result.exit_code}: {result.output}"
    assert "Traceback" not in result.output
    assert "defect" not in result.output
    flat = " ".join(result.stderr.split())
    for said in says:
        assert said in flat, f"{said!r} is not in:\n{result.stderr}"
    errors = [line for line in result.stderr.splitlines() if line.startswith("Error: ")]
    assert errors, result.stderr
    # Each line once: a second handler must not repeat the message.
    for line in errors:
        assert result.stderr.count(line.removeprefix("Error: ")) == 1, result.stderr
    # `check` shows the codebook's phrases, which may have a comment's words.
    shown = "\n".join(line for line in result.output.splitlines() if " phrases: " not in line)
    assert quotations(shown, comments) == []
