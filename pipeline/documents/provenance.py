"""What a report is made from and on, as tables of the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Any

from pipeline.config import APART, RunConfig
from pipeline.tables.html import as_html
from pipeline.tables.record import Heading, record


def provenance_table(provenance: Mapping[str, str], versions: Mapping[str, str], seed: int) -> str:
    """Return what made the run as an HTML table: its files by their hashes, its seed, and versions."""
    rows = [[name, said] for name, said in provenance.items()]
    rows += [["Seed", str(seed)], ["Libraries", ", ".join(f"{name} {version}" for name, version in versions.items())]]
    caption = "From the run’s manifest.json, which also lists the hash of every file that the run made."
    return as_html(record("provenance", caption, [Heading("What"), Heading("Which")], rows))


def settings_table(config: RunConfig) -> str:
    """Return every setting that a result depends on as an HTML table."""
    settings = _flat("", config.model_dump(mode="json"))
    rows = [[name, _said(name, value)] for name, value in settings if name not in APART]
    caption = "Every setting of the run. The documentation explains each."
    return as_html(record("settings", caption, [Heading("Setting"), Heading("Value")], rows))


def _flat(section: str, values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(f"{section}{name}.", value)
        else:
            yield f"{section}{name}", value


def _said(name: str, value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_said(name, one) for one in value) or "none"
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {_said(name, one)}" for key, one in value.items()) or "none"
    if name == "embed.model":
        return PurePath(str(value)).name
    return {None: "null", True: "true", False: "false"}.get(value, str(value)) if not isinstance(value, str) else value
