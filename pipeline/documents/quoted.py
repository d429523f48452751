"""The comments that a report quotes, by topic and by theme, and whose words they are where that may be said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from pipeline.codebook.codebook import Codebook
from pipeline.codebook.codes import Coder, codes_to_themes
from pipeline.codebook.written_codes import coder_of
from pipeline.config import CoderConfig
from pipeline.contracts import Cleaned, Mapped, TopicResult
from pipeline.disclosure.joint_display import quotations_of

MOST = 3
"""Quotations for each theme."""
_SHORTEST, _LONGEST = 5, 70
"""Words of the comments that are quoted for a theme."""


@dataclass(frozen=True)
class Quoted:
    """A quotation, and whose words it is: a role and a setting, or "" where that must not be said."""

    words: str
    who: str = ""


@dataclass(frozen=True)
class Quotations:
    """What a report quotes.

    Attributes
    ----------
    of_theme : mapping of str to sequence of Quoted
        By the theme's id, at most `MOST` each; in public those of comments with no other theme first, else those first
        that people coded with it, and then those that the program is surest of.
    of_topic : mapping of int to sequence of Quoted
        By the topic's number.
    """

    of_theme: Mapping[str, Sequence[Quoted]] = field(default_factory=dict)
    of_topic: Mapping[int, Sequence[Quoted]] = field(default_factory=dict)


def public_quotations(quotations: pd.DataFrame, codebook: Codebook) -> Quotations:
    """Return what the public report quotes.

    Parameters
    ----------
    quotations : DataFrame
        The public table; nothing else is looked at, so that the report can reveal nothing that the table does not.
    codebook : Codebook
        The themes.
    """
    of_theme = {
        theme.id: [Quoted(row["quotation"], row["attribution"]) for row in found[:MOST]]
        for theme in codebook.themes
        if (found := quotations_of(quotations, theme.name))
    }
    return Quotations(
        of_theme, _by_topic(quotations.assign(words=quotations["quotation"], who=quotations["attribution"]))
    )


def internal_quotations(
    cleaned: Cleaned,
    discovered: TopicResult,
    mapped: Mapped,
    *,
    metadata: Sequence[str],
    codebook: Codebook,
    coders: Sequence[CoderConfig] = (),
    in_sheets: Mapping[str, str] | None = None,
) -> Quotations:
    """Return what the internal report quotes, with what the file says of who wrote it.

    Parameters
    ----------
    cleaned, discovered, mapped
        Results of the stages.
    metadata : sequence of str
        The columns that say who wrote a comment.
    codebook : Codebook
        The themes that were coded.
    coders : sequence of CoderConfig
        Whose codes the file of comments has. A comment that somebody coded is quoted for its main code alone, by the
        first coder who coded it, and before any that the machine read.
    in_sheets : mapping of str to str, optional
        The main codes that people gave comments in the sheets drawn for them, by comment_id, `NO_THEME` for none of the
        themes. They go before the codes in the file.
    """
    comments = cleaned.distinct
    said = comments[list(metadata)].apply(lambda row: ", ".join(filter(None, row)), axis=1) if metadata else ""
    rows = comments[["comment_id"]].assign(words=comments["text"], who=said)
    chosen = [
        (topic["topic"], comment_id)
        for topic in discovered.topics.to_dict("records")
        for comment_id in topic["representatives"]
    ]
    of_topics = pd.DataFrame(chosen, columns=["topic", "comment_id"]).merge(rows, on="comment_id")
    sheets = dict(in_sheets or {})
    of_sheets = comments["comment_id"].map(lambda comment_id: sheets.get(comment_id, "")).astype(object)
    coded = _main_codes(of_sheets, [coder_of(comments, coder, codebook) for coder in coders], codebook)
    return Quotations(_by_theme(rows.assign(coded=coded), mapped), _by_topic(of_topics))


def _main_codes(codes: pd.Series[str], coders: Sequence[Coder], codebook: Codebook) -> pd.Series[str]:
    """Return the theme that people gave each comment, `NO_THEME` for none of them, and "" where nobody coded it.

    `codes` has those that go before the coders'.
    """
    for coder in coders:
        codes = codes.where(codes != "", codes_to_themes(coder.main, codebook.themes))
    return codes


def _by_theme(rows: pd.DataFrame, mapped: Mapped) -> dict[str, list[Quoted]]:
    """Return the comments of each main theme: those that people coded first, then by how sure the program is of it."""
    read = mapped.assignments[["comment_id", "theme_direct", "theme_direct_probability"]]
    length = rows["words"].map(lambda words: len(words.split()))
    read = rows[length.between(_SHORTEST, _LONGEST)].merge(read, on="comment_id")
    is_coded, machine = read["coded"] != "", read["theme_direct"]
    # Of a theme that the machine did not read in a comment it is not sure at all.
    sure = read["theme_direct_probability"].where(~is_coded | (read["coded"] == machine), 0.0)
    read = read.assign(theme=read["coded"].where(is_coded, machine), is_coded=is_coded, sure=sure)
    read = read.sort_values(["is_coded", "sure"], ascending=False, kind="stable")
    return {str(theme): _quoted(of_theme.head(MOST)) for theme, of_theme in read.groupby("theme")}


def _by_topic(rows: pd.DataFrame) -> dict[int, list[Quoted]]:
    return {int(topic): _quoted(rows[rows["topic"] == topic]) for topic in rows["topic"].unique()}


def _quoted(rows: pd.DataFrame) -> list[Quoted]:
    return [Quoted(str(words), str(who)) for words, who in zip(rows["words"], rows["who"], strict=True)]
