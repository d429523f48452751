"""A plan sealed before results are seen: what was to be done, by hashes, and what has changed since."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pipeline.codebook.codebook import Codebook
from pipeline.config import APART, RunConfig, flat_settings
from pipeline.engine.store import RunStore
from pipeline.errors import ConfigError
from pipeline.formats.digests import digest, digest_of

PLAN = "plan"
"""Where the manifest keeps the sealed plan."""


def seal_plan(config: RunConfig, content: bytes, codebook: Codebook, *, configuration_file: str) -> dict[str, Any]:
    """Seal the plan of a configuration in its run folder.

    Parameters
    ----------
    config : RunConfig
        The settings.
    content : bytes
        The file of comments.
    codebook : Codebook
        The account, with its claims.
    configuration_file : str
        Name of the file that the settings come from.

    Returns
    -------
    dict
        sealed (when, in ISO 8601, UTC), parts (the SHA-256 of each part), settings (by dotted name) and sha256 (of
        the parts and settings together).

    Raises
    ------
    ConfigError
        Where results are there already, or another plan was sealed.
    """
    store = RunStore(config.output)
    with store.locked():
        store.prepare(configuration=configuration_file)
        plan = _plan(config, content, codebook)
        before = store.manifest.get(PLAN)
        if before is not None:
            if before["sha256"] == plan["sha256"]:
                return dict(before)
            raise ConfigError(
                f"{config.output}: another plan was sealed here on {before['sealed']}.",
                "Run it: the report lists what has changed. For a new plan set output to a new folder.",
            )
        if store.manifest.get("stages"):
            raise ConfigError(
                f"{config.output}: this folder has results already. A plan sealed now could follow from them.",
                "Seal the plan before the first run, or set output to a new folder.",
            )
        sealed = {"sealed": datetime.now(UTC).isoformat(timespec="seconds"), **plan}
        store.write_manifest({**store.manifest, PLAN: sealed})
    return sealed


def deviations(plan: Mapping[str, Any], config: RunConfig, content: bytes, codebook: Codebook) -> list[str]:
    """Return what differs from a sealed plan: parts and settings by name, in order."""
    now = _plan(config, content, codebook)
    parts = [name for name, value in now["parts"].items() if plan["parts"].get(name) != value]
    names = dict.fromkeys([*plan["settings"], *now["settings"]])
    absent = object()
    settings = [
        name for name in names if plan["settings"].get(name, absent) != now["settings"].get(name, absent)
    ]  # fmt: skip
    return parts + settings


def said_of_plan(plan: Mapping[str, Any] | None, config: RunConfig, content: bytes, codebook: Codebook) -> str:
    """Return what the report says of the plan."""
    if plan is None:
        return "No plan was sealed before the results."
    changed = deviations(plan, config, content, codebook)
    since = f"Changed since: {', '.join(changed)}." if changed else "Nothing has changed since."
    return f"Sealed {plan['sealed']}, SHA-256 {plan['sha256']}. {since}"


def _plan(config: RunConfig, content: bytes, codebook: Codebook) -> dict[str, Any]:
    book = codebook.model_dump(mode="json")
    parts = {
        "the file of comments": digest(content),
        "the claims": digest_of(book.pop("claims")),
        "the codebook": digest_of(book),
    }
    settings = flat_settings("", config.kept())
    # What says where files are, and the secret, are no part of a plan.
    settings = {name: value for name, value in settings.items() if name not in APART}
    return {"parts": parts, "settings": settings, "sha256": digest_of([parts, settings])}
