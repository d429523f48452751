"""What is exported: the stored results of a finished run, with a person's review, and people's codes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pandas as pd

from pipeline.codebook.codebook import Codebook, Facet
from pipeline.codebook.codes import NO_THEME, Coder, codes_to_themes
from pipeline.codebook.written_codes import coder_of
from pipeline.coding.codes import CodedSample, as_coders
from pipeline.coding.draw import ADJUDICATED
from pipeline.config import ColumnsConfig
from pipeline.contracts import Cleaned, Mapped, TopicResult
from pipeline.crosswalk.membership import carried_by_comments
from pipeline.formats.digests import digest_of


@dataclass(frozen=True)
class Material:
    """The results of a finished run; see `pipeline.contracts`. They hold respondents' words.

    Attributes
    ----------
    cleaned, topics, mapped : Cleaned, TopicResult, Mapped
        Comments, topics (as a person changed them, where one did) and themes.
    codebook, outlook : Codebook, Facet or None
        The themes, and the facet that says how positive a comment is.
    columns : ColumnsConfig
        Which column of the file is what.
    sample : CodedSample or None
        What people coded in sheets.
    made_from : mapping
        The files of the run by their hashes; equal runs have equal GUIDs.
    made : datetime
        When the run was made, with its time zone.
    notice : str
        What everything made from the run must say; may be empty.
    """

    cleaned: Cleaned
    topics: TopicResult
    mapped: Mapped
    codebook: Codebook
    outlook: Facet | None
    columns: ColumnsConfig
    sample: CodedSample | None
    made_from: Mapping[str, Any]
    made: datetime
    notice: str

    def guid(self, kind: str, *ids: object) -> str:
        """Return the GUID of something in this run: the same in each export, and another in each other run."""
        return str(uuid5(self._namespace, "\n".join((kind, *map(str, ids)))))

    @cached_property
    def _namespace(self) -> Any:
        return uuid5(NAMESPACE_URL, f"theme-crosswalk:{digest_of(self.made_from)}")

    @cached_property
    def comments(self) -> pd.DataFrame:
        """Every comment received, indexed by comment_id; see `pipeline.contracts.Cleaned`."""
        return self.cleaned.comments.set_index("comment_id", drop=False)

    @cached_property
    def assignments(self) -> pd.DataFrame:
        """Topic, themes and outlook of each analysed comment, indexed by comment_id."""
        return self.mapped.assignments.set_index("comment_id", drop=False)

    @cached_property
    def carried(self) -> pd.DataFrame:
        """The themes that each analysed comment has: a column of bool for each theme id, indexed by comment_id."""
        ids = self.mapped.assignments["comment_id"]
        return carried_by_comments(ids, self.mapped.comment_themes, self.codebook.theme_ids).set_axis(ids)

    @cached_property
    def coders(self) -> list[Coder]:
        """Who coded, each with codes of the analysed comments by comment_id.

        `main` is the id of a theme, `NO_THEME`, or "" where nothing was coded; `further` are ids of themes or "";
        `outlook` is the id of an entry, `NO_THEME`, or "". A coder that is a model says so in its name.
        """
        analysed = self.comments.loc[self.assignments.index]
        found = [coder_of(analysed, coder, self.codebook) for coder in self.columns.coders]
        if self.sample is not None:
            # Adjudicated codes are somebody's decision too.
            names = self.sample.codes["coder"].replace(ADJUDICATED, f"{ADJUDICATED} codes")
            codes = self.sample.codes.assign(coder=names)
            in_sheets = as_coders(codes, pd.Series(analysed.index, index=analysed.index))
            found += [replace(coder, kind=self.sample.kind) for coder in in_sheets]
        return [self._in_ids(coder) for coder in found]

    def _in_ids(self, coder: Coder) -> Coder:
        themes, outlook = self.codebook.themes, coder.outlook
        further = tuple(codes_to_themes(codes, themes).replace(NO_THEME, "") for codes in coder.further)
        return replace(
            coder,
            name=f"{coder.name} (a model)" if coder.kind == "model" else coder.name,
            main=codes_to_themes(coder.main, themes),
            further=further,
            outlook=None if outlook is None or self.outlook is None else codes_to_themes(outlook, self.outlook.themes),
        )

    def file_columns(self) -> Iterator[tuple[str, pd.Series[str]]]:
        """Yield who wrote each comment, where the file says so, and its metadata; by comment_id, "" where not given."""
        respondent = self.columns.person
        names = dict.fromkeys((*((respondent,) if respondent else ()), *self.columns.kept))
        for name in names:
            if name in self.comments and name != "comment_id":
                yield name, self.comments[name]
