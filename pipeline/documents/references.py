"""Citations in a text, the list of what it cites, and the same as BibTeX; what can be cited is in references.bib."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from pipeline.codebook.codebook import Codebook
from pipeline.formats.markdown_text import escaped

ACCOUNT = "account"
"""The key of the published account, which each codebook has its own of."""

_VENUE = {"article": "journal", "inproceedings": "booktitle", "misc": "howpublished"}
_OTHERS = "others"
_NAMED = 2
_YEAR = re.compile(r"\b(?:19|20)\d\d[a-z]?\b")
_ADDRESS = re.compile(r"https?://|\bwww\.|\bdoi\b|\b10\.\d{4,}/", re.IGNORECASE)
_TEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    **{character: f"\\{character}" for character in "&%$#_"},
}  # fmt: skip
_TEX_LETTERS = {"ß": r"{\ss}", "ø": r"{\o}", "Ø": r"{\O}", "ł": r"{\l}", "Ł": r"{\L}", "æ": r"{\ae}", "–": "--",
                "’": "'", "‘": "`", "“": "``", "”": "''", "\u00a0": "~"}  # fmt: skip
_TEX_ACCENTS = {"\u0300": "`", "\u0301": "'", "\u0302": "^", "\u0303": "~", "\u0308": '"', "\u030a": "r", "\u030c": "v",
                "\u0327": "c"}  # fmt: skip


@dataclass(frozen=True)
class Reference:
    """A work that can be cited.

    Attributes
    ----------
    key : str
        Its name in the texts and in references.bib.
    kind : str
        The BibTeX type: article, inproceedings or misc.
    authors : tuple of str
        "Surname, initials", or a group's name without a comma; "others" at the end stands for further ones. Empty
        where they are not known by themselves: the title then says them.
    title : str
        In sentence case; of the article, how its codebook cites it, and empty where it does not.
    year : str
        With a letter where an author has two works of a year; empty where it is not known.
    venue : str
        The journal, the proceedings or the publisher; empty where it is not known.
    volume, number, pages, doi : str
        As BibTeX has them; empty where there are none.
    package : str
        The distribution that the work describes, whose version of the run is cited with it; empty for a method.
    """

    key: str
    kind: str
    authors: tuple[str, ...]
    title: str
    year: str = ""
    venue: str = ""
    volume: str = ""
    number: str = ""
    pages: str = ""
    doi: str = ""
    package: str = ""


@cache
def bibliography() -> dict[str, Reference]:
    """Read references.bib, all that the texts can cite, by key."""
    from pybtex.database import parse_string

    text = files("pipeline.documents").joinpath("references.bib").read_text(encoding="utf-8")
    found = {}
    for key, entry in parse_string(text, "bibtex").entries.items():
        authors = tuple(str(person).strip("{}") for person in entry.persons["author"])
        fields = {name: value for name, value in entry.fields.items() if name != _VENUE[entry.type]}
        found[key] = Reference(key, entry.type, authors, venue=entry.fields[_VENUE[entry.type]], **fields)
    return found


class Citations:
    """Writes (Author year) citations, and remembers what was cited.

    Parameters
    ----------
    versions : mapping of str to str
        Versions of the program and its libraries in this run, by distribution.
    account : Reference, optional
        The published account (see `account_of`), for a text that cites it.
    """

    def __init__(self, versions: Mapping[str, str], account: Reference | None = None) -> None:
        self._versions = versions
        self._works = bibliography() | ({ACCOUNT: account} if account else {})
        self._cited: set[str] = set()

    def __call__(self, *keys: str, note: str = "") -> str:
        """Cite works between brackets, and a note after them: "(Fred and Jain 2005; Hennig 2007)".

        Raises
        ------
        KeyError
            For a key that the bibliography does not have.
        """
        cited = (" ".join(filter(None, self._cite(key))) for key in keys)
        return f"({'; '.join([*cited, *([note] if note else [])])})"

    def by_name(self, key: str) -> str:
        """Cite a work in a sentence: "Hennig (2007)"."""
        authors, year = self._cite(key)
        return f"{authors} ({year})"

    def _cite(self, key: str) -> tuple[str, str]:
        reference = self._works[key]
        self._cited.add(key)
        return _short(reference.authors) if reference.authors else _title(reference), _year(reference)

    @property
    def references(self) -> tuple[Reference, ...]:
        """What was cited so far, in the order of a list of references."""
        cited = (self._works[key] for key in self._cited)
        return tuple(
            sorted(cited, key=lambda work: ([*map(_sorted, work.authors or (work.title,))], work.year, work.key))
        )

    def listed(self) -> list[str]:
        """Return what was cited so far as entries of a list in Markdown."""
        return [as_markdown(reference, self._versions) for reference in self.references]


def account_of(codebook: Codebook) -> Reference:
    """Return the published account as a work to cite; what its codebook does not say is left empty."""
    citation = "" if codebook.source is None else codebook.source.citation.rstrip(".")
    return Reference(ACCOUNT, "misc", (), citation)


def as_markdown(reference: Reference, versions: Mapping[str, str]) -> str:
    """Return a reference as a line of a list of references, with the version of the run where it is software.

    A work without authors begins with its title. What is not known is a blank in square brackets.
    """
    year = _year(reference)
    said = [escaped(_and(list(reference.authors))) if reference.authors else _title(reference)]
    said += [f"({year})"] if year else []
    said += [escaped(reference.title)] if reference.authors else []
    where = f"*{escaped(reference.venue)}*" if reference.venue else _missing_address(reference)
    if reference.volume:
        where += f" {reference.volume}" + (f"({reference.number})" if reference.number else "")
    where += f", {reference.pages.replace('--', '–')}" if reference.pages else ""
    parts = [" ".join(said), *([where] if where else [])]
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
        their capitals. What is not known is a blank in square brackets.
    """
    return "\n".join(_entry(reference, versions) for reference in references)


def _entry(reference: Reference, versions: Mapping[str, str]) -> str:
    # A group's name is no first and last name.
    authors = [name if "," in name or name == _OTHERS else f"{{{name}}}" for name in map(_tex, reference.authors)]
    fields = {
        "author": " and ".join(authors) or "{[author]}",
        "title": f"{{{_tex(reference.title) or '[title]'}}}",
        _VENUE[reference.kind]: _tex(reference.venue) or _missing_address(reference),
        "year": reference.year[:4] or _year(reference),
        "volume": reference.volume,
        "number": reference.number,
        "pages": reference.pages,
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


def _title(reference: Reference) -> str:
    return escaped(reference.title) or "[author and title]"


def _year(reference: Reference) -> str:
    """Return the year, a blank where it is not known, or nothing where the title says it."""
    return reference.year or ("" if _YEAR.search(reference.title) else "[year]")


def _missing_address(reference: Reference) -> str:
    """Return a blank for the address of a work, or nothing where its title says where it is."""
    return "" if _ADDRESS.search(reference.title) else "[URL]"


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
