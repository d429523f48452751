"""Reading comments a part at a time, so that parts can be read in different places."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from pipeline.contracts import Mapper, Progress
from pipeline.language.lemmas import Analysed, analyse
from pipeline.language.names import NameFinder

if TYPE_CHECKING:
    from spacy.language import Language

PART = 512
"""Texts in a part. spaCy reads 256 at a time: a multiple of it, so that it reads the same ones together whatever reads
the parts, and its sums have the same last digits."""


def in_parts(texts: Sequence[str], size: int = PART) -> list[list[str]]:
    """Return texts in lists of `size`, in order; the last may be shorter."""
    return [list(texts[start : start + size]) for start in range(0, len(texts), size)]


def read_part(
    language: Language,
    texts: Sequence[str],
    *,
    abbreviations: tuple[str, ...],
    sentences: bool,
    no_names: tuple[str, ...] | None,
) -> dict[str, Any]:
    """Analyse some texts.

    Parameters
    ----------
    language : spacy.language.Language
        See `pipeline.language.lemmas.analyse`.
    texts : sequence of str
        A part of the texts.
    abbreviations : tuple of str
        See there.
    sentences : bool
        Whether to split.
    no_names : tuple of str or None
        Words that name nobody; None looks for no names.

    Returns
    -------
    dict
        As JSON can hold it: what each text consists of, and how its words are used.
    """
    read = partial(analyse, texts, language, abbreviations=abbreviations, sentences=sentences)
    if no_names is None:
        return {"analysed": list(map(_row, read())), "uses": None}
    people = NameFinder(language, no_names)
    return {"analysed": list(map(_row, read(on_the_way=people.read))), "uses": people.uses()}


def analyse_in_parts(
    texts: Iterable[str],
    mapper: Mapper,
    *,
    abbreviations: Iterable[str],
    sentences: bool,
    people: NameFinder | None = None,
    no_names: Iterable[str] = (),
    progress: Progress | None = None,
) -> Iterator[Analysed]:
    """Analyse texts in parts; see `pipeline.language.lemmas.analyse`.

    Parameters
    ----------
    texts : iterable of str
        All texts.
    mapper : Mapper
        Holds the spaCy pipeline.
    abbreviations, sentences
        See there.
    people : NameFinder, optional
        Is told how words are used, in the order of the texts; without one no names are looked for.
    no_names : iterable of str
        Words that name nobody.
    progress : callable, optional
        Told how many texts are done.

    Yields
    ------
    Analysed
        One for each text, in order.
    """
    parts = in_parts(list(texts))
    work = partial(
        read_part, abbreviations=tuple(abbreviations), sentences=sentences,
        no_names=None if people is None else tuple(sorted(no_names)),
    )  # fmt: skip
    found: dict[int, dict[str, Any]] = {}
    done, total = 0, sum(map(len, parts))
    for place, result in mapper(work, parts):
        found[place] = result
        done += len(parts[place])
        if progress is not None:
            progress("lemmas", done, total)
    for place, part in enumerate(parts):
        result = found.pop(place)
        if people is not None:
            people.add(result["uses"])
        for text, (lemmas, phrases, qualities, split) in zip(part, result["analysed"], strict=True):
            yield Analysed(text, lemmas, phrases, qualities, tuple(Analysed(*sentence) for sentence in split))


def _row(one: Analysed) -> list[Any]:
    split = [[part.text, part.lemmas, part.phrases, part.qualities] for part in one.sentences]
    return [one.lemmas, one.phrases, one.qualities, split]
