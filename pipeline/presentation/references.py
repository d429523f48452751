"""Citations in a text, the list of what it cites, and the same as BibTeX."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping

from pipeline.presentation.bibliography import REFERENCES, Reference
from pipeline.presentation.markdown_text import escaped

_OTHERS = "others"
_NAMED = 2
_TEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    **{character: f"\\{character}" for character in "&%$#_"},
}  # fmt: skip
_TEX_LETTERS = {"ß": r"{\ss}", "ø": r"{\o}", "Ø": r"{\O}", "ł": r"{\l}", "Ł": r"{\L}", "æ": r"{\ae}", "–": "--",
                "’": "'", "‘": "`", "“": "``", "”": "''", "\u00a0": "~"}  # fmt: skip
_TEX_ACCENTS = {"\u0300": "`", "\u0301": "'", "\u0302": "^", "\u0303": "~", "\u0308": '"', "\u030a": "r", "\u030c": "v",
                "\u0327": "c"}  # fmt: skip


class Citations:
    """Writes (Author year) citations, and remembers what was cited.

    Parameters
    ----------
    versions : mapping of str to str
        Versions of the program and its libraries in this run, by distribution.
    """

    def __init__(self, versions: Mapping[str, str]) -> None:
        self._versions = versions
        self._cited: set[str] = set()

    def __call__(self, *keys: str, note: str = "") -> str:
        """Cite works between brackets, and a note after them: "(Fred and Jain 2005; Hennig 2007)".

        Raises
        ------
        KeyError
            For a key that the bibliography does not have.
        """
        return f"({'; '.join([*(' '.join(self._cite(key)) for key in keys), *([note] if note else [])])})"

    def by_name(self, key: str) -> str:
        """Cite a work in a sentence: "Hennig (2007)"."""
        authors, year = self._cite(key)
        return f"{authors} ({year})"

    def _cite(self, key: str) -> tuple[str, str]:
        reference = REFERENCES[key]
        self._cited.add(key)
        # A work without a year is told apart by its version.
        return _short(reference.authors), reference.year or f"version {self._versions[reference.package]}"

    @property
    def references(self) -> tuple[Reference, ...]:
        """What was cited so far, in the order of a list of references."""
        cited = (REFERENCES[key] for key in self._cited)
        return tuple(sorted(cited, key=lambda work: ([_sorted(name) for name in work.authors], work.year, work.key)))

    def listed(self) -> list[str]:
        """Return what was cited so far as entries of a list in Markdown."""
        return [as_markdown(reference, self._versions) for reference in self.references]


def as_markdown(reference: Reference, versions: Mapping[str, str]) -> str:
    """Return a reference as a line of a list of references, with the version of the run where it is software."""
    authors = _and([name if name != _OTHERS else "others" for name in reference.authors])
    said = f"{authors} ({reference.year})" if reference.year else f"{authors}."
    where = f"*{escaped(reference.venue)}*"
    if reference.volume:
        where += f" {reference.volume}" + (f"({reference.number})" if reference.number else "")
    where += f", {reference.pages.replace('-', '–')}" if reference.pages else ""
    parts = [f"{escaped(said)} {escaped(reference.title)}", where]
    parts += [f"Version used: {escaped(versions[reference.package])}"] if reference.package else []
    parts += [f"doi:{escaped(reference.doi)}"] if reference.doi else []
    return ". ".join(parts)


def as_bibtex(references: Iterable[Reference], versions: Mapping[str, str]) -> str:
    """Return references as a .bib file in ASCII.

    Parameters
    ----------
    references : iterable of Reference
        In the order in which they are to stand.
    versions : mapping of str to str
        Versions by distribution; a reference that describes one names its version in a note.

    Returns
    -------
    str
        An entry each. Special characters are escaped but in doi, which BibTeX styles take as it stands. Titles keep
        their capitals.
    """
    return "\n".join(_entry(reference, versions) for reference in references)


def _entry(reference: Reference, versions: Mapping[str, str]) -> str:
    venue = {"article": "journal", "inproceedings": "booktitle", "misc": "howpublished"}[reference.kind]
    # A group's name is no first and last name.
    authors = [name if "," in name or name == _OTHERS else f"{{{name}}}" for name in map(_tex, reference.authors)]
    fields = {
        "author": " and ".join(authors),
        "title": f"{{{_tex(reference.title)}}}",
        venue: _tex(reference.venue),
        "year": reference.year[:4],
        "volume": reference.volume,
        "number": reference.number,
        "pages": reference.pages.replace("-", "--"),
        "doi": reference.doi,
        "note": f"Version {_tex(versions[reference.package])}" if reference.package else "",
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@{reference.kind}{{{reference.key},", *lines, "}"]) + "\n"


def _tex(text: str) -> str:
    """Return text in ASCII that LaTeX prints as it stands; a letter it does not know loses its accent."""
    written = []
    for character in text:
        if character in _TEX or character in _TEX_LETTERS:
            written.append(_TEX.get(character) or _TEX_LETTERS[character])
            continue
        base, *marks = list(unicodedata.normalize("NFD", character))
        accent = _TEX_ACCENTS.get(marks[0]) if marks else None
        written.append(f"{{\\{accent}{{{base}}}}}" if accent else base)
    return "".join(written)


def _short(authors: tuple[str, ...]) -> str:
    surnames = [name.split(",")[0] for name in authors]
    if len(surnames) > _NAMED or _OTHERS in surnames:
        return f"{surnames[0]} et al."
    return " and ".join(surnames)


def _and(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _sorted(name: str) -> str:
    plain = "".join(letter for letter in unicodedata.normalize("NFD", name) if not unicodedata.combining(letter))
    return plain.removeprefix("The ").casefold()
