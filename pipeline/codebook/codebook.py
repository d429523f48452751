"""The codebook: a published account's themes, in a form that a program can compare with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from pipeline.codebook.phrase_table import read_phrases
from pipeline.errors import CodebookError, did_you_mean, shown
from pipeline.formats.yamlfile import read_yaml, validate
from pipeline.language.cleaning import fold

RESERVED_IDS = ("unmapped", "outlier", "themes")
"""Ids that outputs use for something else."""


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Theme(_Entry):
    """An entry of a codebook: a published theme, or an entry of a facet."""

    id: str = Field(min_length=1, description="A short name for files and tables.")
    name: str = Field(min_length=1, description="The name that readers see.")
    definition: str = Field(description="What it is, in a sentence or three; its name, where it is left out.")
    includes: tuple[str, ...] = Field((), description="What belongs.")
    excludes: tuple[str, ...] = Field((), description="What does not belong; read by people, not matched.")
    examples: tuple[str, ...] = Field((), description="Phrases that a respondent might write.")

    @model_validator(mode="before")
    @classmethod
    def _as_written(cls, content: Any) -> Any:
        if isinstance(content, Mapping) and "codes" in content:
            raise ValueError("codes do not stand in a theme; move them to codes beside themes, each with themes: [id]")
        if isinstance(content, Mapping) and "definition" not in content and "name" in content:
            return {**content, "definition": content["name"]}
        return content

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.definition.strip():
            raise ValueError(f"'{self.id}' has an empty definition; write a sentence that says what belongs to it")
        if not self.name.strip():
            raise ValueError(f"'{self.id}' has an empty name; give the name that readers should see")
        if self.id in RESERVED_IDS:
            raise ValueError(f"the id '{self.id}' has a meaning of its own in the outputs; choose another")
        return self


class Code(_Entry):
    """A finer code, tied to the themes where it belongs."""

    id: str = Field(min_length=1, description="A short name.")
    name: str = Field(min_length=1, description="The name that readers see.")
    definition: str = Field(min_length=1, description="What it is.")
    themes: tuple[str, ...] = Field((), description="Ids of the themes it belongs to; empty for none of them.")
    examples: tuple[str, ...] = Field((), description="Phrases that a respondent might write.")


class FacetEntry(Theme):
    """An entry of a facet."""

    holds_themes: bool = Field(
        False, description="Whether the phrases of themes and codes are phrases of this entry too, as barriers are."
    )
    combines: tuple[str, ...] = Field(
        (), description="Entries of the facet that are both there where this one is, as praise and complaint are."
    )


class Facet(_Entry):
    """A second question asked of the same comments, such as their outlook."""

    id: str = Field(min_length=1, description="A short name.")
    name: str = Field(min_length=1, description="The name that readers see.")
    definition: str = Field(min_length=1, description="What the facet asks.")
    themes: tuple[FacetEntry, ...] = Field(min_length=2, description="Its entries, of the same form as themes.")


class Prominence(_Entry):
    """How prominent the account says its themes are."""

    order: tuple[str, ...] = Field(min_length=1, description="Theme ids, most prominent first.")
    note: str = Field("", description="How the account expresses the order.")


class Source(_Entry):
    """Where the account was published."""

    citation: str = Field(min_length=1, description="How to cite it.")
    note: str = Field("", description="What a reader should know of it.")


class _Claim(_Entry):
    id: str = Field(description="A short name.")
    statement: str = Field(description="What the account says, in a sentence.")
    note: str = Field("", description="What is read into the account here, for readers of the claim.")
    facet: str = Field(description="Id of the facet, or themes.")


class _EntryClaim(_Claim):
    entry: str = Field(description="Id of the entry.")
    also: tuple[str, ...] = Field((), description="Entries counted together with it: a comment with any of them.")

    @property
    def entries(self) -> tuple[str, ...]:
        """Ids of the entries that it names."""
        return (self.entry, *self.also)


class ShareClaim(_EntryClaim):
    """The account says that an entry has a certain share.

    Supported where the whole interval of the share lies within `tolerance` of `value`; not supported where all of
    it lies outside; else the data cannot tell.
    """

    kind: Literal["share"] = Field(description="What is claimed.")
    value: float = Field(ge=0.0, le=1.0, description="The published share, as a proportion.")
    tolerance: float = Field(
        0.05, gt=0.0, lt=1.0, description="How far from the published share still agrees with it, as a proportion."
    )


class DifferenceClaim(_EntryClaim):
    """The account says that an entry is more (or less) common in one group than in the rest.

    Not supported where the whole interval of the difference lies on or past the other side of zero, or within
    `margin` of zero; else supported where it lies wholly on the claimed side of zero; else the data cannot tell.
    """

    kind: Literal["difference"] = Field(description="What is claimed.")
    column: str = Field(description="Metadata column that holds the groups.")
    group: str = Field(description="The group, as it stands in the column.")
    direction: Literal["higher", "lower"] = Field(description="Whether the group has more or less of it than the rest.")
    margin: float = Field(
        0.0,
        ge=0.0,
        lt=1.0,
        description="A difference whose whole interval is no larger than this counts as none, as a proportion.",
    )


class OrderClaim(_Claim):
    """The account says that entries come in this order of frequency.

    Supported where, in every pair of entries, the interval shows the later one to be no more common than the
    earlier one by more than `tolerance`; not supported where the interval of some pair, made wider for the number
    of pairs, shows the reverse; else the data cannot tell.
    """

    kind: Literal["order"] = Field(description="What is claimed.")
    order: tuple[str, ...] = Field(min_length=2, description="Ids of the entries, most common first.")
    tolerance: float = Field(
        0.0,
        ge=0.0,
        lt=1.0,
        description="How much more common a later entry may be than an earlier one, as a proportion.",
    )

    @property
    def entries(self) -> tuple[str, ...]:
        """Ids of the entries that it names."""
        return self.order


class ProminentClaim(_Claim):
    """The account says that an entry is common.

    Supported where the whole interval of the share lies above `at_least`; not supported where all of it lies
    below; else the data cannot tell.
    """

    kind: Literal["prominent"] = Field(description="What is claimed.")
    entry: str = Field(description="Id of the entry.")
    at_least: float | None = Field(
        None,
        ge=0.0,
        lt=1.0,
        description="The share that counts as common, as a proportion; null takes one over the number of entries.",
    )

    @property
    def entries(self) -> tuple[str, ...]:
        """Ids of the entries that it names."""
        return (self.entry,)


Claim = Annotated[ShareClaim | DifferenceClaim | OrderClaim | ProminentClaim, Field(discriminator="kind")]


class Codebook(_Entry):
    """A published account in a form that a program can compare with.

    The ids of themes, codes and facet entries are unique over the whole codebook, since tables name them
    without saying where they stand.
    """

    title: str = Field(min_length=1, description="A short title of the codebook.")
    version: str = Field("1.0", description="The codebook's own version, for citing it.")
    question: str = Field("", description="The question that respondents answered.")
    source: Source | None = None
    themes: tuple[Theme, ...] = Field(min_length=2, description="The published themes; at least two.")
    prominence: Prominence | None = None
    nothing_to_say: tuple[str, ...] = Field(
        (), description="Ways of saying nothing, or that nothing is wrong, in this survey; common ones are known."
    )
    codes: tuple[Code, ...] = Field((), description="Finer codes, each tied to the themes where it belongs.")
    facets: tuple[Facet, ...] = Field((), description="Further questions asked of the same comments.")
    claims: tuple[Claim, ...] = Field((), description="What the account says that data can check.")

    @field_validator("source", mode="before")
    @classmethod
    def _a_text_is_a_citation(cls, content: Any) -> Any:
        return {"citation": content} if isinstance(content, str) else content

    @property
    def theme_ids(self) -> tuple[str, ...]:
        """Ids of the themes, in the codebook's order."""
        return tuple(theme.id for theme in self.themes)

    @property
    def rivals(self) -> tuple[Theme | Code, ...]:
        """Entries that belong to no theme, and may be what a comment says instead of one.

        They are the codes without a theme and, of a facet in which an entry holds the themes, the plain entries that
        do not: who says that all is well names no theme.
        """
        beside = [
            entry
            for facet in self.facets
            if any(one.holds_themes for one in facet.themes)
            for entry in facet.themes
            if not (entry.holds_themes or entry.combines)
        ]
        return (*(code for code in self.codes if not code.themes), *beside)

    def name_of(self, theme_id: str) -> str:
        """Return a theme's name; an id that is no theme's is returned as it is."""
        return next((theme.name for theme in self.themes if theme.id == theme_id), theme_id)

    def facet(self, facet_id: str) -> Facet | None:
        """Return a facet by its id, or None."""
        return next((facet for facet in self.facets if facet.id == facet_id), None)

    def published_rank(self, theme_id: str) -> int | None:
        """Return a theme's place in the account's order of prominence (1 is the most prominent), or None."""
        if self.prominence is None or theme_id not in self.prominence.order:
            return None
        return self.prominence.order.index(theme_id) + 1

    def published_share(self, facet_id: str, entry: str) -> float | None:
        """Return the share that the account claims for an entry of a facet, in [0, 1], or None."""
        for claim in self.claims:
            if isinstance(claim, ShareClaim) and claim.facet == facet_id and claim.entry == entry:
                return claim.value
        return None


def find_faults(codebook: Codebook) -> list[str]:
    """Return a sentence for each reference or id that does not hold.

    Parameters
    ----------
    codebook : Codebook
        The codebook.

    Returns
    -------
    list of str
        Each names the entry and the mend; empty where all is well.
    """
    faults: list[str] = []
    entries = {facet.id: {theme.id for theme in facet.themes} for facet in codebook.facets}
    entries["themes"] = set(codebook.theme_ids)
    ids = [*codebook.theme_ids, *(code.id for code in codebook.codes)]
    ids += [theme.id for facet in codebook.facets for theme in facet.themes]
    faults += [
        f"the id '{twice}' is used {count} times; ids must be unique over themes, codes and facets."
        for twice, count in Counter(ids).items()
        if count > 1
    ]
    for what, found in (("facets", [f.id for f in codebook.facets]), ("claims", [c.id for c in codebook.claims])):
        faults += [
            f"{what}: the id '{twice}' is used {count} times; give each its own."
            for twice, count in Counter(found).items()
            if count > 1
        ]
    faults += _faults_of_names(codebook.themes)

    def check(where: str, references: tuple[str, ...], facet: str = "themes") -> None:
        if facet not in entries:
            faults.append(f"{where}: there is no facet '{facet}'.{did_you_mean(facet, entries)}")
            return
        for reference in references:
            if reference not in entries[facet]:
                near = did_you_mean(reference, entries[facet])
                faults.append(f"{where}: {shown(reference)} is not an id of {facet}.{near}")

    if codebook.prominence is not None:
        check("prominence.order", codebook.prominence.order)
        if len(set(codebook.prominence.order)) < len(codebook.prominence.order):
            faults.append("prominence.order: a theme is named twice; name each once.")
    for facet in codebook.facets:
        faults += _faults_of_combining(facet)
    for code in codebook.codes:
        check(f"codes: '{code.id}'", code.themes)
    for claim in codebook.claims:
        check(f"claims: '{claim.id}'", claim.entries, claim.facet)
        faults += [
            f"claims: '{claim.id}' names '{twice}' {count} times; name each entry once."
            for twice, count in Counter(claim.entries).items()
            if count > 1
        ]
    return faults


def _faults_of_names(themes: tuple[Theme, ...]) -> list[str]:
    names = Counter(theme.name.casefold() for theme in themes)
    faults = [
        f"themes: the name '{name}' is used {n} times; readers need to tell themes apart."
        for name, n in names.items()
        if n > 1
    ]

    for theme in themes:
        others = [other for other in themes if other is not theme]
        if any(theme.id.casefold() == other.name.casefold() for other in others):
            faults.append(f"themes: '{theme.id}' is the id of one theme and the name of another; rename one of them.")
        if any(theme.id != other.id and theme.id.casefold() == other.id.casefold() for other in others):
            faults.append(f"themes: the id '{theme.id}' differs from another in case alone; rename one of them.")
    return faults


def _faults_of_combining(facet: Facet) -> list[str]:
    combining = {entry.id for entry in facet.themes if entry.combines}
    plain = {entry.id for entry in facet.themes} - combining
    faults = [
        f"facets: '{entry.id}' combines '{part}', which is no plain entry of '{facet.id}'.{did_you_mean(part, plain)}"
        for entry in facet.themes
        for part in entry.combines
        if part not in plain
    ]
    if len(plain) < 2:
        faults.append(
            f"facets: '{facet.id}' has fewer than two plain entries; what combines others cannot stand alone."
        )
    return faults


def load_codebook(path: Path) -> Codebook:
    """Read and check a codebook.

    Parameters
    ----------
    path : pathlib.Path
        A YAML file, or a spreadsheet with a row for each phrase.

    Returns
    -------
    Codebook
        The codebook.

    Raises
    ------
    CodebookError
        Where the file cannot be read, or for all faults in it together; each names the entry and the mend.

    Notes
    -----
    A phrase that an entry has twice counts once; see `without_repeats`.
    """
    return without_repeats(read_codebook(path))


def read_codebook(path: Path) -> Codebook:
    """Read and check a codebook as `load_codebook` does, and leave phrases that are repeated in it.

    Raises
    ------
    CodebookError
        As for `load_codebook`.
    """
    is_table = path.suffix.lower() not in ("", ".yaml", ".yml", ".json")
    content = read_phrases(path) if is_table else read_yaml(path, CodebookError, what="codebook")
    codebook = validate(Codebook, content, path, CodebookError)
    faults = find_faults(codebook)
    if faults:
        raise CodebookError.from_problems([f"{path}: {fault}" for fault in faults])
    return codebook


_WithPhrases = TypeVar("_WithPhrases", Theme, Code, FacetEntry)


def without_repeats(codebook: Codebook) -> Codebook:
    """Return a codebook in which each entry has each of its phrases once, however case and marks differ.

    A phrase that stands there twice would count twice in the mean of the nearest ones.
    """

    def once(entry: _WithPhrases) -> _WithPhrases:
        seen: set[str] = set()
        lists: dict[str, tuple[str, ...]] = {}
        for name in ("includes", "examples"):
            phrases = getattr(entry, name, ())
            kept = []
            for phrase in phrases:
                if fold(phrase) not in seen:
                    kept.append(phrase)
                seen.add(fold(phrase))
            lists |= {name: tuple(kept)} if len(kept) < len(phrases) else {}
        return entry.model_copy(update=lists) if lists else entry

    return codebook.model_copy(
        update={
            "themes": tuple(map(once, codebook.themes)),
            "codes": tuple(map(once, codebook.codes)),
            "facets": tuple(
                facet.model_copy(update={"themes": tuple(map(once, facet.themes))}) for facet in codebook.facets
            ),
        }
    )
