"""A made-up survey: sixty comments in four groups, a codebook and a configuration, written into a folder."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

MARKER = "zyxquark17"
"""A word that nobody writes. It stands in comments of three groups, too rarely to be a keyword."""

QUESTION = "What stops your branch from lending more tools?"

GROUPS: dict[str, tuple[str, ...]] = {
    "money": (
        "The budget for new tools was cut again and there is no money left for repairs.",
        "No money in the budget, so broken tools stay broken until the next grant arrives.",
        "Our grant ended in March and the council has no budget to replace the money.",
        "Every year the budget shrinks and the money for tools goes to the roof instead.",
        f"We asked for a grant twice ({MARKER}) and were told the budget holds no money for tools.",
        "Cost is everything: the money is spent before the budget year is half over.",
        "There is a grant for buildings, but no budget line and no money for tools.",
        "The budget covers rent and heating; money for anything else depends on a grant.",
        "Without a grant the branch has no money, and the budget is frozen until spring.",
        "A bigger budget would help, yet the money always goes to the main branch first.",
        "Costs have doubled while the grant and the budget stayed where they were.",
        "The treasurer says no: the budget is gone, the money is gone, ask for a grant.",
        "Insurance eats the budget and leaves little money for tools or their repair.",
        "We run on small grants and bake sales because the council budget has no money for us.",
        "Money, money, money: a drill costs more than our monthly budget allows.",
    ),
    "computers": (
        "The booking computer crashes daily and the password has to be reset by the printer room.",
        "Logging in takes ten minutes, the computer is slow and the password expires every week.",
        "Two booking systems that do not talk, each with its own password and its own slow computer.",
        "Our computer is so old that the booking screen freezes before the password is typed.",
        f"The printer, the computer and the scanner all need a different password, even for {MARKER} loans.",
        "Wifi drops out, the computer forgets the password and bookings are kept on paper.",
        "A slow computer and a password nobody remembers: bookings wait until the volunteer returns.",
        "The booking system logs us out, asks for the password and loses the booking.",
        "Bookings are typed twice because the computer at the desk cannot reach the booking system.",
        "Slow logins, crashed screens, lost bookings; the computer should have been replaced years ago.",
        "The password policy locks the only computer every Monday, so no booking can be made.",
        "The new booking system is slower than paper and the computer crashes when it prints.",
        "Nothing syncs: the computer shows one booking, the system another, the password a third.",
        "Half of the day goes on passwords, logins and a computer that will not start.",
        "The computer has no updates, the booking system no support and the password no owner.",
    ),
    "leaders": (
        "Managers do not listen, and the leadership has no strategy for lending anything.",
        "The leadership changes every year and each manager brings a new strategy.",
        "Our managers fear change; the leadership talks of strategy and decides nothing.",
        "There is a strategy on paper, but no manager follows it and the leadership forgot it.",
        "Leadership wants quiet, managers want forms, and nobody owns the strategy.",
        f"A manager told us that {MARKER} is not in the strategy, and the leadership agreed.",
        "Decisions take months because every manager waits for the leadership to decide first.",
        "The culture is to say no: managers protect themselves and the leadership protects managers.",
        "Staff have ideas, managers shelve them, and the leadership never hears of the strategy.",
        "Without a clear strategy from the leadership, managers each do as they please.",
        "Leadership by committee: six managers, no decision and a strategy that nobody has read.",
        "The managers are stuck in old ways and the leadership rewards them for it.",
        "What is missing is a leadership that trusts staff and managers who follow a strategy.",
        "Our culture is cautious, the managers more so, and the leadership asks for one more strategy.",
        "The leadership praises change in speeches while managers block it in meetings.",
    ),
    "people": (
        "We have too few volunteers and none of them was trained on the workshop machines.",
        "Volunteers leave as soon as they are trained, and training new volunteers takes weeks.",
        "Nobody has time for training, so volunteers are afraid of the bigger machines.",
        "Training happens once a year and half of the volunteers are on holiday that week.",
        "Older volunteers retire and the young ones want training that we cannot offer.",
        "No trained volunteers on Saturdays, so the machines stay locked when people want them.",
        "Training is a leaflet; volunteers learn the machines by watching somebody else.",
        "We need volunteers with skills and training for those who have none yet.",
        "The volunteers are keen, but without training on the machines they may not lend them.",
        "Skills are thin: two trained volunteers for eleven machines and a queue outside.",
        "Safety training lapsed, so the volunteers cannot hand out the machines.",
        "Recruiting volunteers is hard and training them on evenings is harder still.",
        "Volunteers get no thanks, no training and no time with the machines.",
        "There is nobody to train the trainers, so the volunteers make it up as they go.",
        "A rota with three volunteers and one training day cannot cover all machines.",
    ),
}
"""Fifteen comments of each group; the groups share few words."""

EXTRA: tuple[tuple[str, str], ...] = (
    ("d01", "THE BUDGET FOR NEW TOOLS WAS CUT AGAIN, and there is no money left for repairs!!"),
    ("d02", "The booking computer crashes daily and the password has to be reset by the printer room"),
    ("x01", "n/a"),
    ("x02", ""),
    ("x03", "-"),
    ("x04", "see above"),
    ("x05", QUESTION),
)
"""Two that repeat an earlier comment but for case and punctuation, and five that say nothing."""

TWINS = {"d01": "m01", "d02": "c01"}
SET_ASIDE = ("x01", "x02", "x03", "x04", "x05")
CODES = {"money": "funding", "computers": "Equipment that works", "leaders": "direction", "people": "other"}
"""What coder Ada writes: an id, a name, an id, and a code outside the codebook."""

CODEBOOK: dict[str, Any] = {
    "title": "Tool libraries: what holds them back",
    "version": "2.1",
    "question": QUESTION,
    "source": {"citation": "A made-up magazine, issue 3."},
    "themes": [
        {
            "id": "funding",
            "name": "Money",
            "definition": "Too little money or budget.",
            "includes": ["no money in the budget", "grants that end"],
            "excludes": ["computers that cost too much: equipment"],
            "examples": ["The budget was cut", "There is no money for tools", "The grant ended"],
        },
        {
            "id": "equipment",
            "name": "Equipment that works",
            "definition": "The booking computer, its passwords and its systems fail.",
            "includes": ["slow computer", "password trouble"],
            "examples": ["The computer crashes", "The password expired", "The booking system is slow"],
        },
        {
            "id": "direction",
            "name": "Leadership and strategy",
            "definition": "Managers and the leadership lack a strategy.",
            "includes": ["managers who block change", "no strategy"],
            "examples": ["The leadership has no strategy", "Managers do not listen"],
        },
    ],
    "prominence": {"order": ["equipment", "funding", "direction"], "note": "By the order of its sections."},
    "codes": [{"id": "repair", "name": "Repairs", "definition": "Mending what broke.", "themes": ["funding"]}],
    "facets": [
        {
            "id": "outlook",
            "name": "Outlook",
            "definition": "How hopeful the comment is.",
            "themes": [
                {"id": "positive", "name": "Positive", "definition": "All goes well.", "examples": ["keen and happy"]},
                {"id": "mixed", "name": "Mixed", "definition": "Some goes well.", "examples": ["keen, but stuck"]},
                {"id": "negative", "name": "Negative", "definition": "Nothing goes well.", "examples": ["no", "never"]},
            ],
        }
    ],
    "claims": [
        {
            "id": "hopeful", "kind": "share", "statement": "A fifth were hopeful.", "facet": "outlook",
            "entry": "positive", "value": 0.2,
        }
    ],
}  # fmt: skip

COLUMNS = ("comment_id", "setting", "comment", "ada_theme", "ada_outlook", "ben_theme")


def comment_rows() -> list[dict[str, str]]:
    """Return the rows of the survey: sixty comments, two repeats of them and five that say nothing."""
    rows = []
    for group, comments in GROUPS.items():
        for number, comment in enumerate(comments, start=1):
            rows.append(
                {
                    "comment_id": f"{group[0]}{number:02d}",
                    # Two comments come from a setting too small to be shown.
                    "setting": "Lighthouse" if (group, number) in (("money", 3), ("people", 4)) else
                    ("Town" if number % 2 else "Village"),
                    "comment": comment,
                    "ada_theme": CODES[group],
                    "ada_outlook": "negative" if number % 5 else "mixed",
                    "ben_theme": CODES[group] if number % 4 else "funding",
                }
            )  # fmt: skip
    for comment_id, comment in EXTRA:
        rows.append(dict.fromkeys(COLUMNS, "") | {"comment_id": comment_id, "setting": "Town", "comment": comment})
    return rows


def without_codebook(text: str) -> str:
    """Return a text without what the codebook says: it is published, and uses words that comments and articles use."""
    for theme in CODEBOOK["themes"]:
        for phrase in (theme["definition"], *theme["includes"], *theme.get("excludes", ()), *theme["examples"]):
            text = text.replace(phrase, "")
    return text


def as_csv(rows: Iterable[Mapping[str, str]], columns: Sequence[str] = COLUMNS) -> bytes:
    """Return rows as the bytes of a CSV file."""
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue().encode()


def settings() -> dict[str, Any]:
    """Return the content of a configuration file for the survey: small and quick."""
    return {
        "input": {
            "path": "survey.csv",
            "columns": {
                "id": "comment_id",
                "comment": "comment",
                "metadata": ["setting"],
                "coders": [
                    {"name": "Ada", "theme": ["ada_theme"], "outlook": "ada_outlook"},
                    {"name": "Ben", "theme": ["ben_theme"]},
                ],
            },
            "notice": "",
        },
        "codebook": "codebook.yaml",
        "output": "run",
        "embed": {"cache": "vectors.sqlite"},
        "discover": {
            "n_neighbors": 8,
            "n_components": 3,
            "n_seeds": 3,
            "min_samples": 3,
            "min_topic_size": 6,
            "n_keywords": 6,
            "n_bootstrap": 2,
        },
        "map": {"n_pseudo_themes": 100, "n_replicates": 50},
        "assess": {"group_column": "setting", "smallest_group": 5, "n_bootstrap": 100},
        # Sixty comments would be left out nearly whole.
        "disclosure": None,
        "report": {"png_dpi": 72},
    }


@dataclass(frozen=True)
class Survey:
    """A folder with comments, a codebook and a configuration."""

    folder: Path

    @property
    def config(self) -> Path:
        """The configuration file."""
        return self.folder / "survey.yaml"

    @property
    def comments(self) -> Path:
        """The file of comments."""
        return self.folder / "survey.csv"

    @property
    def codebook(self) -> Path:
        """The codebook."""
        return self.folder / "codebook.yaml"

    @property
    def output(self) -> Path:
        """The run folder that the configuration names."""
        return self.folder / "run"

    def write(
        self,
        *,
        rows: Iterable[Mapping[str, str]] | None = None,
        content: bytes | None = None,
        codebook: Mapping[str, Any] | None = None,
        changes: Mapping[str, Any] | None = None,
    ) -> Survey:
        """Write the three files; `changes` maps dotted names of settings to values."""
        self.comments.write_bytes(as_csv(comment_rows() if rows is None else rows) if content is None else content)
        self.codebook.write_text(yaml.safe_dump(dict(CODEBOOK if codebook is None else codebook)), encoding="utf-8")
        self.configure(changes or {})
        return self

    def configure(self, changes: Mapping[str, Any]) -> None:
        """Write the configuration with some settings changed."""
        content = settings()
        for name, value in changes.items():
            *sections, last = name.split(".")
            section = content
            for part in sections:
                section = section.setdefault(part, {})
            section[last] = value
        self.config.write_text(yaml.safe_dump(content), encoding="utf-8")


def few_rows(count: int) -> list[dict[str, str]]:
    """Return rows of the survey from all groups in turn, without repeats and non-answers."""
    rows = comment_rows()[:60]
    return [rows[15 * (place % 4) + place // 4] for place in range(count)]
