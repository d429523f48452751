r"""Tables for a paper as LaTeX, on booktabs and longtable, and pdflscape for wide ones."""

from __future__ import annotations

import re
from collections.abc import Callable

from pipeline.formats.scripts import scripts_of
from pipeline.tables.record import Heading, TableRecord

_UPRIGHT = (r"\footnotesize", 100)
_LYING = ((r"\footnotesize", 146), (r"\scriptsize", 170), (r"\tiny", 205))
"""Sizes of letters, and how many a line holds: one of 15 cm on a page upright, one of 22 cm on a page lying."""
_IN_PARTS = _LYING[1]
"""The same for a table that stands in parts."""

_NO_BREAK = "\u00a0"
# Commands of the LaTeX kernel alone, each right in the encodings OT1, T1 and TU.
_WRITTEN = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\char34{}",
    "`": r"\textasciigrave{}",
    # After the end of a row, these would be read as its options.
    "[": "{[}",
    "]": "{]}",
    "*": "{*}",
    "“": r"\textquotedblleft{}",
    "”": r"\textquotedblright{}",
    # The empty group before keeps "?" and the quotation mark from becoming a Spanish one.
    "‘": r"{}\textquoteleft{}",
    "’": r"\textquoteright{}",
    "–": r"\textendash{}",
    "—": r"\textemdash{}",
    "…": r"\ldots{}",
    "−": r"$-$",
    "≤": r"$\leq$",
    "≥": r"$\geq$",
    "×": r"$\times$",
    "†": r"\textdagger{}",
    "‡": r"\textdaggerdbl{}",
    "\u00a0": "~",
}
_SPECIAL = re.compile(
    # A hyphen, apostrophe or comma before another would join with it into a dash or a quotation mark.
    "|".join(map(re.escape, _WRITTEN)) + r"|-(?=-)|'(?=')|,(?=,)"
)


def as_latex(table: TableRecord) -> bytes:
    r"""Return a table as LaTeX, in UTF-8, for `\input`.

    Parameters
    ----------
    table : TableRecord
        With at least one column.

    Returns
    -------
    bytes
        A longtable with caption, label ("tab:" and the table's name), a head that repeats on every page, and notes
        below. Columns share the width of the line. A table whose words or numbers an upright page would break, or
        whose texts it would set in many short lines, has a page of its own that lies, in the largest letters that
        break none there; one that no page can hold stands in parts, each a longtable under the same number. All text
        is escaped; letters outside the Latin script are left to the engine.
    """
    needed = sum(table.least_letters)
    is_wide = needed > _UPRIGHT[1] or table.has_long_cells
    ways = _LYING if is_wide else (_UPRIGHT,)
    size, letters = next((one for one in ways if needed <= one[1]), _LYING[-1])
    if table.keys and needed > letters:
        size, letters = _IN_PARTS
    packages = "booktabs,longtable,pdflscape" if is_wide else "booktabs,longtable"
    lines = [
        rf"% Needs \usepackage{{{packages}}}. {_engine_for(table)}",
        *([r"\begin{landscape}"] if is_wide else []),
        rf"{{{size}\setlength{{\tabcolsep}}{{3pt}}\setlength{{\LTpost}}{{2pt}}%",
        *(line for place, part in enumerate(table.parts(letters)) for line in _longtable(part, letters, place)),
        *[rf"\noindent {escaped(note)}\par" for note in table.notes],
        "}",
        *([r"\end{landscape}"] if is_wide else []),
    ]
    return ("\n".join(lines) + "\n").encode()


def _engine_for(table: TableRecord) -> str:
    texts = [table.caption, *(heading.text for heading in table.headings), *table.notes]
    texts += [cell for row in table.rows for cell in row]
    others = [script for script in scripts_of("".join(texts)) if script not in ("Latin", "Combining", "Modifier")]
    if not others:
        return "Letters outside the Latin script need XeLaTeX or LuaLaTeX."
    return (
        rf"It has letters of: {', '.join(others)}. Use XeLaTeX or LuaLaTeX, and \setmainfont with a font that has them."
    )


def _longtable(table: TableRecord, letters: float, place: int) -> list[str]:
    """Return the lines of a table, or of one of its parts; the first alone has the label and counts as a table."""
    columns = "\n".join(
        rf"  p{{\dimexpr {width:.4f}\linewidth-2\tabcolsep\relax}}%" for width in table.widths(letters)
    )  # fmt: skip
    head = _row([heading.text for heading in table.headings], table.headings)
    label = rf"\label{{tab:{table.name}}}" if place == 0 else ""
    again = r"\addtocounter{table}{-1}%" if place else ""
    return [
        *([again] if again else []),
        rf"\begin{{longtable}}{{@{{}}%{chr(10)}{columns}{chr(10)}@{{}}}}",
        rf"\caption{{{escaped(table.caption)}}}{label}\tabularnewline",
        *[r"\toprule", head, r"\midrule", r"\endfirsthead"],
        *[r"\toprule", head, r"\midrule", r"\endhead"],
        *[r"\bottomrule", r"\endfoot"],
        *[_row(row, table.headings, form=whole_number) for row in table.rows],
        r"\end{longtable}",
    ]


def _row(cells: tuple[str, ...] | list[str], headings: tuple[Heading, ...], *, form: Callable[[str], str] = str) -> str:
    """Return a row; `form` makes of a number what is written."""
    # Not \\, which \raggedright takes for the end of a line within the cell.
    set_flush = [
        r"\raggedleft " + escaped(form(cell)) if heading.is_number else r"\raggedright " + escaped(cell)
        for cell, heading in zip(cells, headings, strict=True)
    ]
    return " & ".join(set_flush) + r" \tabularnewline"


def whole_number(number: str) -> str:
    """Return a number at whose spaces no line ends, but for that before its interval."""
    return number.replace(" ", _NO_BREAK).replace(f"{_NO_BREAK}(", " (")


def escaped(text: str) -> str:
    r"""Return a text that LaTeX prints as it stands.

    Parameters
    ----------
    text : str
        One line.

    Returns
    -------
    str
        With commands for the characters that mean something to LaTeX, and for dashes, quotation marks and signs that
        not every encoding has. Characters are kept from joining into others, as "--" would.
    """
    return _SPECIAL.sub(lambda found: _WRITTEN.get(found[0], found[0] + "{}"), text)
