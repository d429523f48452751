"""A run as one table: a row for each comment received, with its topic, its themes, and people's codes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from pipeline.codebook.codebook import Theme
from pipeline.codebook.codes import NO_THEME, Coder
from pipeline.contracts import OUTLIER, UNMAPPED
from pipeline.exporting.material import Material
from pipeline.formats.typed_columns import Column, column_of_file, flat, text_column


def table_of(material: Material) -> list[Column]:
    """Return the table.

    Parameters
    ----------
    material : Material
        The run.

    Returns
    -------
    list of Column
        comment_id, who wrote it where the file says so, text (as analysed), set_aside (why; "" where the comment was
        analysed), the metadata under their own names, topic, topic_theme, membership (in [0, 1]), coarse_topic, a
        column theme_ID for each theme, main_theme, outlook, and main, further and outlook for each coder. A comment in
        no topic, without a theme or set aside has no value there.

    Notes
    -----
    A column of the file whose name is taken here gets "_in_file" behind its own.
    """
    comments = material.comments
    ours = [
        text_column("comment_id", "Id of the comment", comments["comment_id"]),
        text_column("text", "The comment, as analysed", comments["text"]),
        text_column(
            "set_aside", "Why the comment was set aside; empty where it was analysed", comments["dropped_because"]
        ),
    ]
    theirs = [
        column_of_file(name, f"{name}, as in the file", values.tolist()) for name, values in material.file_columns()
    ]
    found = [*_topics(material), *_themes(material)]
    for coder in material.coders:
        found += _codes(material, coder)
    return _with_own_names([*ours, *theirs, *found], theirs)


def _each(material: Material, values: pd.Series[Any]) -> tuple[Any, ...]:
    """Return a value for each comment received, of values by comment_id; None for those without one."""
    known = dict(zip(values.index, values.tolist(), strict=True))
    return tuple(known.get(comment_id) for comment_id in material.comments.index)


def _topics(material: Material) -> list[Column]:
    found, topics = material.assignments, material.topics
    inside = found[found["topic"] != OUTLIER]
    labels = {
        int(topic): str(label) for topic, label in zip(topics.topics["topic"], topics.topics["label"], strict=True)
    }
    coarse = topics.coarse_topics
    coarse_labels = {int(t): str(label) for t, label in zip(coarse["topic_coarse"], coarse["label"], strict=True)}
    in_coarse = found.loc[found["topic_coarse"] != OUTLIER, "topic_coarse"]
    return [
        _choice(
            "topic", "Topic, found by the program", _each(material, inside["topic"]), labels, True
        ),
        Column(
            "membership",
            "How firmly the comment belongs to its topic, 0 to 1",
            "share",
            _each(material, inside["membership"]),
        ),
        _choice("coarse_topic", "Group of topics near one another", _each(material, in_coarse), coarse_labels, True),
        _theme_choice(
            "topic_theme", "Theme that the topic matches", _each(material, inside["theme"]),
            material.codebook.themes,
        ),
    ]  # fmt: skip


def _themes(material: Material) -> list[Column]:
    found, themes = material.assignments, material.codebook.themes
    columns = [
        Column(
            f"theme_{theme.id}",
            f"Whether the comment has the theme {theme.name}",
            "yes_no",
            _each(material, material.carried[theme.id]),
        )
        for theme in themes
    ]
    main = _each(material, found["theme_direct"])
    columns.append(_theme_choice("main_theme", "Main theme of the comment, by the program", main, themes))
    if material.outlook is not None:
        said = _each(material, found["outlook_direct"])
        title = f"{material.outlook.name}, by the program"
        columns.append(_theme_choice(material.outlook.id, title, said, material.outlook.themes))
    return columns


def _codes(material: Material, coder: Coder) -> list[Column]:
    names = {theme.id: theme.name for theme in material.codebook.themes}
    main = _each(material, coder.main)
    columns = [
        _theme_choice(f"{coder.name}_main", f"Main theme, coded by {coder.name}", main, material.codebook.themes, True)
    ]
    if coder.further:
        rows = zip(*(codes.tolist() for codes in coder.further), strict=True)
        said = ["; ".join(names[theme] for theme in dict.fromkeys(row) if theme) for row in rows]
        further = _each(material, pd.Series(said, index=coder.main.index, dtype=object))
        title = f"Further themes, coded by {coder.name}"
        columns.append(text_column(f"{coder.name}_further", title, [value or "" for value in further]))
    if coder.outlook is not None and material.outlook is not None:
        title = f"{material.outlook.name}, coded by {coder.name}"
        said_outlook = _each(material, coder.outlook)
        name = f"{coder.name}_{material.outlook.id}"
        columns.append(_theme_choice(name, title, said_outlook, material.outlook.themes, True))
    return columns


def _choice(name: str, title: str, values: tuple[Any, ...], labels: Mapping[int, str], numbered: bool) -> Column:
    return Column(name, title, "choice", values, labels, numbered)


def _theme_choice(
    name: str, title: str, ids: Iterable[str | None], themes: Sequence[Theme], by_person: bool = False
) -> Column:
    """Return themes as numbers from 1 in the codebook's order; 0 where a person found that none fits."""
    numbers = {theme.id: number for number, theme in enumerate(themes, start=1)}
    labels = {number: theme.name for number, theme in enumerate(themes, start=1)}
    if by_person:
        numbers[NO_THEME], labels = 0, {0: "None of these", **labels}
    return _choice(name, title, tuple(numbers.get(one or UNMAPPED) for one in ids), labels, False)


def _with_own_names(columns: list[Column], theirs: list[Column]) -> list[Column]:
    """Return columns no two of which have the same name, in any file: case is not told apart by SPSS."""
    taken = {column.name.casefold() for one in columns if one not in theirs for column in flat([one])}
    found: list[Column] = []
    for column in columns:
        name = column.name
        while column in theirs and name.casefold() in taken:
            name = f"{name}_in_file"
        taken.add(name.casefold())
        found.append(replace(column, name=name))
    return found


def dictionary_of(columns: Sequence[Column], notice: str) -> pd.DataFrame:
    """Return what each column of the flat table means: column and meaning; a notice is the last row."""
    rows = [(column.name, column.title) for column in flat(columns)]
    return pd.DataFrame([*rows, *([("notice", notice)] if notice else [])], columns=["column", "meaning"])
