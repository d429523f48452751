"""The files that `new` writes: a configuration with comments, and a codebook to fill in."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence

from pipeline.formats.workbook import write_text
from pipeline.intake.proposal import Column

REPLACE = "Replace this"
"""How what must be filled in begins; `check` reminds of it."""

_THEMES = (
    ("First theme", ("a phrase that a respondent might write", "another way to say it")),
    ("Second theme", ("what somebody might write about this", "the same in other words")),
)


def quoted(text: str) -> str:
    """Return a text as YAML reads it back, whatever is in it."""
    return json.dumps(text, ensure_ascii=False)


def open_questions(columns: Sequence[Column]) -> tuple[Column, ...]:
    """Return the columns with answers to open questions, that with most words first."""
    first = [column for column in columns if column.role == "comments"]
    return (*first, *(column for column in columns if column.role == "another open question"))


def configuration_text(
    columns: Sequence[Column],
    *,
    questions: Sequence[Column],
    path: str,
    codebook: str,
    output: str,
    cache: str,
    sheet: str | None,
) -> str:
    """Return a configuration file with comments.

    Parameters
    ----------
    columns : sequence of Column
        What each column is.
    questions : sequence of Column
        The columns with the comments; several are pooled.
    path, codebook, output, cache : str
        Files and folders, relative to the configuration.
    sheet : str or None
        The sheet of a workbook.

    Returns
    -------
    str
        YAML.
    """
    by_role: dict[str, list[Column]] = {}
    for column in columns:
        by_role.setdefault(column.role, []).append(column)

    def one(role: str, without: str) -> str:
        found = by_role.get(role)
        return f"{quoted(found[0].name)}   # {_said(found[0])}" if found else f"null   # {without}"

    alone = "each comment is taken for another person"
    groups, choices = by_role.get("group", []), by_role.get("choices", [])
    dated = [column for column in columns if column.period]
    chosen = {column.name: f"{column.name}: {column.choices[0]}" for column in choices}
    lines = [
        "# Written by: theme-crosswalk new. Change what is wrong; what is left out takes its default.",
        "# Every setting is explained in docs/configuration.md. Paths are relative to this file.",
        "input:",
        f"  path: {quoted(path)}",
        *([f"  sheet: {quoted(sheet)}"] if sheet else []),
        "  columns:",
        f"    id: {one('id', 'the rows are numbered')}",
        *_comments(questions),
        f"    respondent: {one('respondent', alone if len(questions) == 1 else 'the answers of a row are one person')}",
        "    metadata:" + ("" if groups or dated else " []"),
        *(f"      - {quoted(column.name)}   # {_said(column)}" for column in [*groups, *dated]),
        *(["    choices:"] if choices else []),
        *(f"      {quoted(c.name)}: [{', '.join(map(quoted, c.choices))}]   # {c.why}" for c in choices),
        "    fold_groups: true   # 'North' and 'north ' are one group",
        "    # People's codes, if there are any: theme ids or names of the codebook.",
        "    coders: []",
        "    #  - name: Ada",
        "    #    theme: [column_with_codes]",
        f"codebook: {quoted(codebook)}",
        f"output: {quoted(output)}   # internal/ holds respondents' words, public/ what may be shown",
        "# With the extra languages, comments in other languages are found and set aside:",
        "# clean: {languages: {find: comment}}",
        "embed:",
        f"  cache: {quoted(cache)}   # keeps vectors between runs; treat it like the comments",
        "assess:",
        "  outlook_facet: null",
        "  # Everything is broken down by these columns; take out those that say nothing.",
        "  groups:" + ("" if groups or choices or dated else " {}"),
        *(f"    {quoted(name)}: null" for name in [*(c.name for c in groups), *chosen.values()]),
        *(f"    {quoted(column.name)}: {column.period}   # {column.why}" for column in dated),
        *_title(columns, questions),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _comments(questions: Sequence[Column]) -> list[str]:
    if len(questions) == 1:
        return [f"    comment: {quoted(questions[0].name)}   # {_said(questions[0])}"]
    return [
        "    comment:   # each answer is a comment of its own",
        *(f"      - {quoted(column.name)}   # {_said(column)}" for column in questions),
    ]


def _title(columns: Sequence[Column], questions: Sequence[Column]) -> list[str]:
    """Return the report's title where the file has several questions, so that their reports can be told apart."""
    if len(open_questions(columns)) == 1 or len(questions) > 1:
        return []
    (question,) = questions
    return ["report:", f"  title: {quoted(question.title or question.name)}"]


def _said(column: Column) -> str:
    return f"{quoted(column.title)}: {column.why}" if column.title and column.title != column.name else column.why


def codebook_text() -> str:
    """Return a codebook in YAML, to be filled in."""
    lines = [
        "# The published account's themes. Write them before you look at the comments.",
        "# Put a text with a colon, a comma or a # in quotation marks.",
        f'title: "{REPLACE} title of the account"',
        'question: ""   # the question that respondents answered',
        "themes:",
    ]
    for number, (name, phrases) in enumerate(_THEMES, start=1):
        lines += [
            f"  - id: theme_{number}",
            f'    name: "{name}"',
            f'    definition: "{REPLACE} with a sentence that says what belongs to the theme."',
            "    examples:   # five to ten phrases, as respondents would write them",
            *(f'      - "{phrase}"' for phrase in phrases),
        ]
    return "\n".join(lines) + "\n"


def codebook_workbook() -> bytes:
    """Return a codebook as a workbook (XLSX), a row for each phrase, to be filled in."""
    from openpyxl import Workbook

    workbook = Workbook()
    sheet = workbook.active
    sheet.title = "Codebook"
    rows = [("theme", "phrase", "definition")]
    for name, phrases in _THEMES:
        definition = f"{REPLACE} with a sentence that says what belongs to the theme."
        rows += [(name, phrase, definition if place == 0 else "") for place, phrase in enumerate(phrases)]
    for number, row in enumerate(rows, start=1):
        for place, text in enumerate(row, start=1):
            write_text(sheet.cell(number, place), text)
    for letter, width in (("A", 28), ("B", 60), ("C", 60)):
        sheet.column_dimensions[letter].width = width
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()
