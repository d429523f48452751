"""What `check` says of codes and groups, in sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from itertools import combinations

from pipeline.codebook.codebook import Codebook, Theme, without_repeats
from pipeline.codebook.written_codes import CodedColumn
from pipeline.formats.column_names import folded_name
from pipeline.language.cleaning import fold

_NAMED = 6
_LONGEST = 40


def counted(found: Counter[str], near: Callable[[str], str] = lambda _: "") -> str:
    """Return what was found with how often, the most frequent first, and how many kinds more there are.

    `near` says what may have been meant, as `did_you_mean` does.
    """
    named = [f"'{_short(name)}' ({n}{near(name).replace(' D', '; d')})" for name, n in found.most_common(_NAMED)]
    more = len(found) - len(named)
    return ", ".join(named) + (f" and {more} more" if more else "")


def _short(name: str) -> str:
    one_line = " ".join(name.split())
    return one_line if len(one_line) <= _LONGEST else f"{one_line[: _LONGEST - 1]}…"


def said_of_column(column: CodedColumn, near: Callable[[str], str]) -> str:
    """Return what was made of a column of codes; `near` says what an unknown one may have meant."""
    if column.ticks is not None:
        return f"'{column.name}' has {column.coded} ticks for {column.ticks}."
    said = [f"'{column.name}': {column.understood} of {column.coded} codes are the codebook's."]
    if column.several:
        said.append(f"{column.several} cells hold several; the first counts as the main one.")
    if column.finer:
        said.append(f"Finer codes went to their themes: {counted(column.finer)}.")
    if column.no_theme:
        said.append(f"{column.no_theme} say that no theme fits.")
    if column.unknown:
        said.append(f"Not in the codebook, counted as no theme: {_said_of_unknown(column.unknown, near)}.")
    return " ".join(said)


def _said_of_unknown(unknown: Counter[str], near: Callable[[str], str]) -> str:
    """Return unknown codes; what stands once is only counted, since it may be a comment or an id of another column."""
    named = Counter({code: n for code, n in unknown.items() if n > 1 or near(code)})
    once = len(unknown) - len(named)
    return " and ".join(filter(None, (counted(named, near), f"{once} that stand once" if once else "")))


_PHRASES_SHOWN = 3
_ALIKE = 0.8
"""The share of words in common from which two phrases say the same."""


def said_of_codebook(written: Codebook) -> list[str]:
    """Return what a codebook matches by: the phrases of each theme, and which themes are hard to tell apart.

    Parameters
    ----------
    written : Codebook
        The codebook as it is written, with phrases that are repeated.

    Returns
    -------
    list of str
        A sentence or two for each theme, then notes.
    """
    codebook, said, notes = without_repeats(written), [], []
    for theme, before in zip(codebook.themes, written.themes, strict=True):
        phrases = _phrases(theme)
        shown = ", ".join(f"'{_short(phrase)}'" for phrase in phrases[:_PHRASES_SHOWN])
        dots = " …" if len(phrases) > _PHRASES_SHOWN else ""
        s = "" if len(phrases) == 1 else "s"
        said.append(
            f"{theme.name}: {len(phrases)} phrase{s}: {shown}{dots}"
            if phrases
            else f"{theme.name}: no phrases. Only its name and definition are matched, which does far worse."
        )
        repeated = len(_phrases(before)) - len(phrases)
        if repeated:
            notes.append(f"{theme.name} repeats {repeated} of its phrases; each counts once.")
    for one, other in combinations(codebook.themes, 2):
        notes += _likeness(one, other)
    return said + [f"Note: {note}" for note in notes]


def _phrases(theme: Theme) -> tuple[str, ...]:
    return (*theme.includes, *theme.examples)


def _likeness(one: Theme, other: Theme) -> list[str]:
    """Return a sentence where two themes share phrases, and one where a theme is nearly the other."""
    folded = {fold(phrase): phrase for phrase in _phrases(one)}
    shared = [folded[fold(phrase)] for phrase in _phrases(other) if fold(phrase) in folded]
    notes = []
    if shared:
        named = ", ".join(f"'{_short(phrase)}'" for phrase in shared[:_PHRASES_SHOWN])
        s = "" if len(shared) == 1 else "s"
        notes.append(
            f"{one.name} and {other.name} share {len(shared)} phrase{s}: {named}. Such a comment fits both alike."
        )
    few, many = sorted(([set(fold(p).split()) for p in _phrases(theme)] for theme in (one, other)), key=len)
    near = sum(any(_overlap(words, others) >= _ALIKE for others in many) for words in few)
    if few and 2 * near > len(few):
        notes.append(f"{one.name} and {other.name} are nearly copies: comments will not tell them apart.")
    return notes


def _overlap(one: set[str], other: set[str]) -> float:
    return len(one & other) / max(1, len(one | other))


def said_of_groups(name: str, values: Iterable[str]) -> list[str]:
    """Return a sentence where values of a metadata column differ in case or white space alone."""
    spellings: dict[str, Counter[str]] = {}
    # What is longer is no name of a group, and may be a respondent's words.
    for value in (one for one in values if one.strip() and len(one) <= _LONGEST):
        spellings.setdefault(folded_name(value), Counter())[value] += 1
    alike = [found for found in spellings.values() if len(found) > 1]
    if not alike:
        return []
    named = "; ".join(counted(found) for found in alike[:_PHRASES_SHOWN]) + (
        " …" if len(alike) > _PHRASES_SHOWN else ""
    )
    return [
        f"'{name}' has groups that differ in case or white space alone: {named}. To make them one, set "
        "input.columns.fold_groups to true."
    ]
