"""The methods text: how a run was made, in the words of a paper, with the run's own numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from pydantic import BaseModel

from pipeline.account.agreement import MACHINE_DIRECT
from pipeline.account.groups import OTHER, PERMUTATIONS, SMALLEST_EXPECTED
from pipeline.config import APART, DEFAULT_ENCODER, MULTILINGUAL_ENCODER, CleanConfig, RunConfig
from pipeline.crosswalk.comment_themes import LOST, TEMPERATURE
from pipeline.crosswalk.matching import OWN_SHARE, SETTLED, SHUFFLED
from pipeline.crosswalk.null import SHUFFLED_BOOKS
from pipeline.crosswalk.pseudo_themes import PSEUDO_THEMES_OF_COMMENTS
from pipeline.disclosure.public_tables import NEARLY_SURE
from pipeline.discovery.layout import FEWEST_FOR_SPECTRAL, MIN_DIST, MOST_BY_COMPONENTS
from pipeline.discovery.rounds import ENOUGH
from pipeline.discovery.stability import DISSOLVED, STABLE
from pipeline.discovery.votes import NEIGHBOURS
from pipeline.documents.checklist import checklists
from pipeline.documents.references import Citations, Reference, account_of
from pipeline.documents.templating import templates

_TUNABLE = ("clean", "embed", "discover", "map", "assess")
_NOT_TUNED = frozenset({"spacy_model", "model", "text", "batch_size", "group_column", "outlook_facet"})
"""Settings that say what is analysed or that the text gives elsewhere."""

_CONSTANTS = {
    "temperature": TEMPERATURE,
    "pseudo_themes_of_comments": PSEUDO_THEMES_OF_COMMENTS,
    "smallest_expected": SMALLEST_EXPECTED,
    "permutations": PERMUTATIONS,
    "other_group": OTHER,
    "nearly_sure": NEARLY_SURE,
    "settled": SETTLED,
    "shuffled": SHUFFLED,
    "shuffled_books": SHUFFLED_BOOKS,
    "own_share": OWN_SHARE,
    "lost": LOST,
    "enough": ENOUGH,
    "voters": NEIGHBOURS,
    "stable": STABLE,
    "dissolved": DISSOLVED,
    "map_min_dist": MIN_DIST,
    "map_fewest_for_spectral": FEWEST_FOR_SPECTRAL,
    "map_most_by_components": MOST_BY_COMPONENTS,
}
"""What no setting changes, each said as the code has it."""

_GAPS = re.compile(r"\n{3,}")


@dataclass(frozen=True)
class Flow:
    """How many comments came how far, as a text may show them.

    Attributes
    ----------
    received, analysed, folded, distinct, dropped_total : str
        Comments received; analysed; repeating another one; distinct; set aside.
    silent, long : str
        Comments analysed that say nothing; distinct ones that are longer than the encoder reads at a time.
    dropped : tuple of (str, str)
        For each reason to set comments aside, the reason and how many.
    redacted : tuple of (str, str), or None
        For each type of what was taken out of comments, the type and from how many; None where redaction is off.
    note : str
        What was done to the counts; "" where they are exact.
    """

    received: str
    analysed: str
    folded: str
    distinct: str
    dropped_total: str
    silent: str
    long: str
    dropped: tuple[tuple[str, str], ...]
    redacted: tuple[tuple[str, str], ...] | None = None
    note: str = ""


@dataclass(frozen=True)
class MethodsText:
    """The methods text.

    Attributes
    ----------
    text : str
        In Markdown. What only the authors know is a blank in square brackets.
    references : tuple of Reference
        What the text cites, in the order of its list.
    """

    text: str
    references: tuple[Reference, ...]


def render_methods(context: Mapping[str, Any]) -> MethodsText:
    """Write the methods text.

    Parameters
    ----------
    context : mapping
        What all documents share; see `pipeline.documents.context.document_context`.

    Returns
    -------
    MethodsText
        Every number in the text is from the context, or a constant of the method.
    """
    cite = Citations(context["versions"], account_of(context["codebook"]))
    settings: RunConfig = context["settings"]
    text = (
        templates(is_markdown=True)
        .get_template("methods.md.j2")
        .render(
            {
                **context,
                "cite": cite,
                "rivals": [entry.name for entry in context["codebook"].rivals],
                "changed": changed_settings(settings),
                "spacy_model": PurePath(context["spacy_model"]).name,
                "default_encoder": DEFAULT_ENCODER,
                "multilingual_encoder": MULTILINGUAL_ENCODER,
                "is_english": {settings.embed.model, settings.clean.spacy_model}
                == {DEFAULT_ENCODER, CleanConfig.model_fields["spacy_model"].default},
                "unit": settings.unit,
                "machine": MACHINE_DIRECT,
                "checklists": checklists(),
                "group_columns": _group_columns(settings),
                "sorted_columns": {
                    column: list(words)
                    for column, words in settings.assess.groups.items()
                    if words and not isinstance(words, str)
                },
                "dated_columns": {
                    column: every for column, every in settings.assess.groups.items() if isinstance(every, str)
                },
                **_CONSTANTS,
            }
        )
    )
    # A number and its unit stay on one line.
    text = _GAPS.sub("\n\n", text).strip().replace(" %", "\u00a0%") + "\n"
    return MethodsText(text=text, references=cite.references)


def changed_settings(settings: RunConfig) -> list[tuple[str, str]]:
    """Return the settings of the method that differ from their defaults, each with its value."""
    changed = []
    for name in _TUNABLE:
        section: BaseModel = getattr(settings, name)
        for field, info in type(section).model_fields.items():
            if field in _NOT_TUNED or f"{name}.{field}" in APART:
                continue
            value = getattr(section, field)
            is_plain = value is None or isinstance(value, (bool, int, float, str, tuple))
            if is_plain and value != info.get_default():
                changed.append((f"{name}.{field}", _said(value)))
    return changed


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "none"
    return "none" if value is None else str(value)


def _group_columns(settings: RunConfig) -> list[str]:
    assess = settings.assess
    return list(dict.fromkeys([*assess.groups, *([assess.group_column] if assess.group_column else [])]))
