"""Codes in the forms in which people have them: several in a cell, paths, finer codes, a column for each theme."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.codebook.codebook import Code, Codebook, Theme
from pipeline.codebook.codes import Coder
from pipeline.config import CoderConfig, ColumnsConfig
from pipeline.errors import DataError, did_you_mean, shown
from pipeline.formats.column_names import folded_name

if TYPE_CHECKING:
    import pandas as pd

_NO_THEME = frozenset({
    "other", "others", "none", "no theme", "no code", "nothing", "n/a", "na", "not applicable", "unmapped", "misc",
    "miscellaneous", "unclear", "uncodable", "outside", "else", "no theme fits",
})  # fmt: skip
"""What people write where no theme fits."""
_YES = frozenset({"1", "yes", "y", "true", "x", "✓", "✔", "checked", "selected", "ticked"})
_NO = frozenset({"0", "no", "n", "false", "-", "", "unchecked", "not selected", "unticked"})
_FIRM, _LOOSE, _STEP = re.compile(r"[;|\n]"), re.compile(r"[,/]"), re.compile(r"\\+|::|\s*[>→]\s*")
_NUMBERED = re.compile(r"^\(?\d+\)?\s*[.):=–-]?\s+(?=\D)")
_BEFORE_NAME = re.compile(r"[\\/>:|_–—-]+")
_NAMED = 5


def _key(text: str) -> str:
    """Return a code without differences of case, white space, underscores and marks around it; & is "and"."""
    words = re.sub(r"[\s_-]+", " ", folded_name(text).replace("&", " and "))
    return " ".join(words.strip(" .\"'“”‘’[]").split())


@dataclass(frozen=True)
class Written:
    """What one cell says: ids of themes in its order, each once, whether it says "no theme", and what nobody knows."""

    themes: tuple[str, ...] = ()
    is_none: bool = False
    unknown: tuple[str, ...] = ()
    finer: tuple[str, ...] = ()


class CodeReader:
    """Reads codes by a codebook.

    Parameters
    ----------
    themes : sequence of Theme
        The themes, or the entries of a facet.
    codes : sequence of Code
        Finer codes; each stands for the themes that it belongs to.
    """

    def __init__(self, themes: Sequence[Theme], codes: Sequence[Code] = ()) -> None:
        self._names = [name for theme in themes for name in (theme.id, theme.name)]
        self._names += [name for code in codes for name in (code.id, code.name)]
        # A theme's own name comes before that of a finer code.
        own = {_key(name) for theme in themes for name in (theme.id, theme.name)}
        self._finer = {_key(name): code.id for code in codes for name in (code.name, code.id) if _key(name) not in own}
        self._known: dict[str, tuple[str, ...]] = dict.fromkeys(_NO_THEME, ())
        self._known |= {_key(name): code.themes for code in codes for name in (code.name, code.id)}
        self._known |= {_key(theme.name): (theme.id,) for theme in themes}
        self._known |= {_key(theme.id): (theme.id,) for theme in themes}

    def near(self, code: str) -> str:
        """Return which code may have been meant, or an empty string."""
        return did_you_mean(code, self._names)

    def knows(self, code: str) -> bool:
        """Return whether the codebook has a code, or it says that no theme fits."""
        return self._place(code) is not None

    def _place(self, code: str) -> str | None:
        for form in (_key(code), _key(_NUMBERED.sub("", code.strip()))):
            if form in self._known:
                return form
        return None

    def _along(self, path: str) -> str | None:
        """Return the code that a path as NVivo has them ends in: the last part that is known."""
        parts = [part for part in _STEP.split(path) if part.strip()]
        return next((found for part in reversed(parts) if (found := self._place(part)) is not None), None)

    def _parts(self, cell: str) -> Iterator[tuple[str, str | None]]:
        """Yield each code of a cell as it is written, with what it is known as."""
        whole = self._along(cell) if not _FIRM.search(cell) else self._place(cell)
        if whole is not None:
            yield cell, whole
            return
        for part in _FIRM.split(cell):
            found = self._along(part)
            pieces = _LOOSE.split(part)
            if found is None and len(pieces) > 1 and any(self._along(piece) is not None for piece in pieces):
                yield from ((piece, self._along(piece)) for piece in pieces if piece.strip())
            elif part.strip():
                yield part, found

    def read(self, cell: str) -> Written:
        """Return what a cell says; a code that stands in the codebook only with others is read where it stands."""
        if not cell.strip():
            return Written()
        parts = [(part.strip(), known) for part, known in self._parts(cell)]
        themes = dict.fromkeys(theme for _, known in parts if known is not None for theme in self._known[known])
        return Written(
            themes=tuple(themes),
            is_none=not themes and any(known is not None for _, known in parts),
            unknown=tuple(part for part, known in parts if known is None),
            finer=tuple(self._finer[known] for _, known in parts if known in self._finer),
        )

    def theme_of_column(self, name: str) -> str | None:
        """Return the theme that a column is named for, such as "Q7: Waiting times", or None."""
        rest = name
        while rest:
            if (known := self._along(rest)) is not None:
                return next(iter(self._known[known]), "")
            *_, rest = _BEFORE_NAME.split(rest, maxsplit=1) if _BEFORE_NAME.search(rest) else ("",)
        return None

    @cached_property
    def takes_ticks(self) -> bool:
        """Whether 1, yes and x can be ticks: the codebook has no codes called so."""
        return not any(_key(tick) in self._known for tick in (_YES | _NO) - {""} if _key(tick))


def is_ticked(columns: Mapping[str, Iterable[str]], reader: CodeReader) -> bool:
    """Return whether columns say yes or no, each for the theme that it is named for."""
    cells = {cell.strip().casefold() for column in columns.values() for cell in set(column)}
    named = any(reader.theme_of_column(name) is not None for name in columns)
    return reader.takes_ticks and named and bool(cells & _YES) and cells <= _YES | _NO


def theme_codes(columns: Mapping[str, pd.Series[str]], reader: CodeReader) -> list[pd.Series[str]]:
    """Return codes as columns of theme ids: the main code, and further ones.

    Parameters
    ----------
    columns : mapping of str to Series of str
        The columns of one coder by name, the one with the main code first.
    reader : CodeReader
        The codebook.

    Returns
    -------
    list of Series of str
        The first has of each comment the first theme that it is coded with, else what is written there, or "" where
        nothing is. The others have further themes, "" where there are no more.
    """
    import pandas as pd

    index = next(iter(columns.values())).index
    rows = zip(*(column.tolist() for column in columns.values()), strict=True)
    if is_ticked(columns, reader):
        wanted = [reader.theme_of_column(name) or name for name in columns]
        said = [_ticked(cells, wanted) for cells in rows]
    else:
        said = [_said(cells, reader) for cells in rows]
    width = max([len(columns) if len(columns) > 1 and not is_ticked(columns, reader) else 1, *map(len, said)])
    filled = [[*one, *[""] * (width - len(one))] for one in said]
    return [pd.Series([one[place] for one in filled], index=index, dtype="str") for place in range(width)]


def _ticked(cells: Sequence[str], wanted: Sequence[str]) -> list[str]:
    ticked = [theme for cell, theme in zip(cells, wanted, strict=True) if cell.strip().casefold() in _YES]
    return list(dict.fromkeys(ticked)) or (["none"] if any(cell.strip() for cell in cells) else [])


def _said(cells: Sequence[str], reader: CodeReader) -> list[str]:
    read = [reader.read(cell) for cell in cells]
    themes = dict.fromkeys(theme for one in read for theme in one.themes)
    # A code of no theme stays as it is: agreement compares codes as they are written.
    return list(themes) or [cell.strip() for cell in cells if cell.strip()][:1]


@dataclass(frozen=True)
class CodedColumn:
    """What was made of one column of codes: numbers of cells, and how often each code came up that nobody knows."""

    name: str
    coded: int
    understood: int
    no_theme: int
    several: int
    finer: Counter[str]
    unknown: Counter[str]
    ticks: str | None = None

    @property
    def is_mostly_unknown(self) -> bool:
        """Whether fewer than half of the coded cells can be read."""
        return 2 * self.understood < self.coded


def read_column(name: str, column: Collection[str], reader: CodeReader) -> CodedColumn:
    """Return what the codebook makes of a column of codes."""
    read = {cell: reader.read(cell) for cell in dict.fromkeys(column)}
    cells = [read[cell] for cell in column if cell.strip()]
    return CodedColumn(
        name=name,
        coded=len(cells),
        understood=sum(bool(cell.themes) or cell.is_none for cell in cells),
        no_theme=sum(cell.is_none for cell in cells),
        several=sum(len(cell.themes) > 1 for cell in cells),
        finer=Counter(code for cell in cells for code in cell.finer),
        unknown=Counter(code for cell in cells for code in cell.unknown),
    )


def coder_of(comments: pd.DataFrame, coder: CoderConfig, codebook: Codebook) -> Coder:
    """Return a coder's codes of comments, as ids of themes where the codebook has them."""
    main, *further = theme_codes({name: comments[name] for name in coder.theme}, reader_of(codebook))
    return Coder(
        name=coder.name,
        main=main,
        further=tuple(further),
        outlook=None if coder.outlook is None else comments[coder.outlook],
        kind=coder.kind,
        sample=coder.sample,
    )


def main_themes(column: pd.Series[str], codebook: Codebook) -> pd.Series[str]:
    """Return the first theme of each cell of a column of codes; else what stands there."""
    return theme_codes({str(column.name): column}, reader_of(codebook))[0]


def reader_of(codebook: Codebook) -> CodeReader:
    """Return what reads codes of a codebook's themes."""
    return CodeReader(codebook.themes, codebook.codes)


def read_codes(
    comments: Mapping[str, Collection[str]] | pd.DataFrame,
    columns: ColumnsConfig,
    learn_from: Sequence[str],
    codebook: Codebook,
    outlook: str | None = None,
) -> list[CodedColumn]:
    """Return what the codebook makes of every column of codes.

    Parameters
    ----------
    comments : DataFrame of str, or mapping of str to collection of str
        The comments with the coders' columns.
    columns : ColumnsConfig
        Whose codes there are.
    learn_from : sequence of str
        Further columns with codes.
    codebook : Codebook
        The themes.
    outlook : str or None
        The id of the outlook facet, where coders' outlooks are read too.

    Returns
    -------
    list of CodedColumn
        In the order of the configuration, each column once.
    """
    reader = reader_of(codebook)
    found: dict[str, CodedColumn] = {}
    for coder in columns.coders:
        held = {name: comments[name] for name in coder.theme}
        if is_ticked(held, reader):
            found |= {name: _ticks(name, column, reader) for name, column in held.items()}
        else:
            found |= {name: read_column(name, column, reader) for name, column in held.items()}
    found |= {name: read_column(name, comments[name], reader) for name in learn_from if name not in found}
    facet = None if outlook is None else codebook.facet(outlook)
    if facet is not None:
        entries = CodeReader(facet.themes)
        found |= {
            coder.outlook: read_column(coder.outlook, comments[coder.outlook], entries)
            for coder in columns.coders
            if coder.outlook is not None
        }
    return list(found.values())


def insist_on_known_codes(columns: Sequence[CodedColumn], codebook: Codebook, path: Path) -> None:
    """Refuse columns most of whose codes name nothing in the codebook: agreement over the others would say nothing.

    Raises
    ------
    DataError
        For all such columns together.
    """
    refused = [column for column in columns if column.is_mostly_unknown]
    if refused:
        raise DataError.from_problems(
            [_refusal(column, reader_of(codebook), path) for column in refused],
            "Use the ids or names of the codebook's themes or codes. Where a code is a number, say what it stands for "
            "under labels of the coder, such as labels: {1: waiting}.",
        )


def _ticks(name: str, column: Collection[str], reader: CodeReader) -> CodedColumn:
    theme = reader.theme_of_column(name)
    ticked = sum(cell.strip().casefold() in _YES for cell in column)
    return CodedColumn(
        name, ticked, ticked if theme is not None else 0, 0, 0, Counter(),
        Counter({} if theme is not None or not ticked else {name: ticked}), ticks=theme or "no theme",
    )  # fmt: skip


def _refusal(column: CodedColumn, reader: CodeReader, path: Path) -> str:
    named = [
        f"{shown(code)} ({n}){reader.near(code).replace('?', '?)').replace(' Did', ' (did')}"
        for code, n in column.unknown.most_common(_NAMED)
        # What stands once may be an id, where the wrong column was named.
        if (n > 1 and shown(code) == f"'{code}'") or reader.near(code)
    ]
    which = f": {', '.join(named)}" if named else ""
    return (
        f"{path}: {column.coded - column.understood} of {column.coded} codes in the column '{column.name}' name no "
        f"theme of the codebook{which}."
    )
