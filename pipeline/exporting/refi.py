"""A run as REFI-QDA: a codebook of themes and topics, and a project in which the comments are coded with them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipeline import __version__
from pipeline.codebook.codebook import Theme
from pipeline.codebook.codes import NO_THEME
from pipeline.contracts import OUTLIER
from pipeline.exporting.material import Material
from pipeline.formats.plain_text import plain_text
from pipeline.formats.refi_qda import Code, Project, Selection, Source, User, Variable
from pipeline.formats.typed_columns import kind_of

ORIGIN = f"Theme Crosswalk {__version__}"
"""The program, as it is called among those who coded."""

_KINDS = {"text": "Text", "whole": "Integer", "number": "Float"}


def codes_of(material: Material) -> tuple[Code, ...]:
    """Return the codes: themes with the topics that they match beneath them, topics without a theme, and outlook.

    Names of topics have their number before them, so that no topic is taken for a theme of the same name.
    """
    topics = material.topics.topics.merge(material.mapped.topic_themes[["topic", "theme"]], on="topic")
    beneath: dict[str, list[Code]] = {}
    for row in topics.to_dict("records"):
        said = f"A topic, found by {ORIGIN}. Keywords: {row['keywords']}."
        description = f"{row['definition']}\n{said}" if row["definition"] else said
        code = Code(material.guid("topic", row["topic"]), f"Topic {row['topic']}: {row['label']}", description)
        beneath.setdefault(row["theme"], []).append(code)
    codes = [
        Code(material.guid("theme", theme.id), theme.name, _described(theme), codes=tuple(beneath.pop(theme.id, ())))
        for theme in material.codebook.themes
    ]
    if any((coder.main == NO_THEME).any() for coder in material.coders):
        codes.append(Code(material.guid("no theme"), "No theme", "A person found that no theme fits."))
    left = tuple(code for others in beneath.values() for code in others)
    if left:
        about = "Topics that match no theme of the published account."
        codes.append(Code(material.guid("heading", "topics"), "Topics without a theme", about, False, left))
    if material.outlook is not None:
        entries = tuple(
            Code(material.guid("outlook", entry.id), f"{material.outlook.name}: {entry.name}", _described(entry))
            for entry in material.outlook.themes
        )
        facet = material.outlook
        codes.append(Code(material.guid("heading", "outlook"), facet.name, facet.definition, False, entries))
    return tuple(codes)


def _described(theme: Theme) -> str:
    sides = (("Includes", theme.includes), ("Excludes", theme.excludes))
    return "\n".join([theme.definition, *(f"{title}: {'; '.join(said)}" for title, said in sides if said)])


def project_of(material: Material) -> Project:
    """Return the project: each analysed comment as a text and a case, coded by the program and by people.

    A comment is coded from its first character to its last, since topics and themes are those of whole comments. The
    codings of one user are one selection.
    """
    users = [User(material.guid("user", "program"), ORIGIN)]
    users += [User(material.guid("user", place), coder.name) for place, coder in enumerate(material.coders)]
    given = dict(material.file_columns())
    variables = {
        name: Variable(material.guid("variable", name), name, _KINDS[kind_of(values)])  # type: ignore[arg-type]
        for name, values in given.items()
    }
    sources = []
    for comment_id in material.assignments.index:
        text = plain_text(str(material.comments.at[comment_id, "text"]))
        selections = (
            Selection(material.guid("selection", comment_id, user), user, 0, len(text), tuple(
                (material.guid("coding", comment_id, user, code), code) for code in codes
            ))
            for user, codes in _codings(material, comment_id, [user.guid for user in users])
            if codes and text
        )  # fmt: skip
        values = ((variables[name].guid, value[comment_id]) for name, value in given.items())
        sources.append(
            Source(
                guid=material.guid("source", comment_id),
                case=material.guid("case", comment_id),
                name=comment_id,
                text=text,
                selections=tuple(selections),
                values=tuple((guid, value) for guid, value in values if value),
            )
        )
    return Project(
        name=material.codebook.title,
        origin=ORIGIN,
        made=material.made,
        description=material.notice,
        users=tuple(users),
        codes=codes_of(material),
        variables=tuple(variables.values()),
        sources=tuple(sources),
    )


def _codings(material: Material, comment_id: str, users: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield who coded a comment, and with which codes."""
    found: Any = material.assignments.loc[comment_id]
    codes = [material.guid("topic", found["topic"])] if found["topic"] != OUTLIER else []
    has_theme: Any = material.carried.loc[comment_id]
    codes += [material.guid("theme", theme) for theme in material.codebook.theme_ids if has_theme[theme]]
    if material.outlook is not None and found["outlook_direct"]:
        codes.append(material.guid("outlook", found["outlook_direct"]))
    yield users[0], codes
    for user, coder in zip(users[1:], material.coders, strict=True):
        themes = dict.fromkeys([coder.main[comment_id], *(further[comment_id] for further in coder.further)])
        codes = [
            material.guid("no theme") if theme == NO_THEME else material.guid("theme", theme)
            for theme in themes
            if theme
        ]
        if coder.outlook is not None and coder.outlook[comment_id] not in ("", NO_THEME):
            codes.append(material.guid("outlook", coder.outlook[comment_id]))
        yield user, codes
