"""The published account as evidence: whether the responses it quotes land in the themes it prints them under."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from pipeline.account.quotations import (
    Paragraph,
    Quotation,
    find_quotations,
    is_taken_from,
    subject_words,
    words_of,
)
from pipeline.codebook.codebook import Codebook, Theme
from pipeline.contracts import Encoder
from pipeline.crosswalk.fit import Scores, best_two, encode_phrases, phrase_fits
from pipeline.language.sentences import split_sentences

COLUMNS = ("quotation", "section", "speaker", "nearest", "fit", "margin", "lands")

_LINE = re.compile(r"\r\n|[\n\r\v\f\x85\u2028\u2029]")


@dataclass(frozen=True)
class Sections:
    """A text by the themes that it prints its parts under.

    Attributes
    ----------
    paragraphs : tuple of Paragraph
        The text in order, without its headings.
    notes : tuple of str
        Sentences for the user on what was assumed.
    """

    paragraphs: tuple[Paragraph, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Article:
    """What was read in a published account.

    Attributes
    ----------
    quotations : tuple of Quotation
        The quoted responses, those under no theme included.
    notes : tuple of str
        Sentences for the user on what was assumed and what is not counted; none holds words of the text.
    """

    quotations: tuple[Quotation, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Unquoted:
    """A codebook without the phrases that were taken from quotations.

    Attributes
    ----------
    codebook : Codebook
        The codebook, with fewer phrases to its themes.
    removed : tuple of (str, str)
        Theme id and "includes" or "examples" for each phrase that was removed.
    flagged : tuple of (str, str)
        Theme id and "definition" for each definition that quotes; it is kept, since a theme needs one.
    """

    codebook: Codebook
    removed: tuple[tuple[str, str], ...]
    flagged: tuple[tuple[str, str], ...]


def read_article(text: str, codebook: Codebook) -> Article:
    """Find the responses that an account quotes, with the theme under which it prints each.

    Parameters
    ----------
    text : str
        The account as plain text.
    codebook : Codebook
        Its themes.

    Returns
    -------
    Article
        The quotations and notes on how they were read.
    """
    sections = find_sections(text, codebook)
    quotations = find_quotations(sections.paragraphs)
    notes = list(sections.notes)
    outside = sum(not quotation.section for quotation in quotations)
    if outside:
        notes.append(f"{outside} of {len(quotations)} quotations stand under no theme's heading and are not counted.")
    notes += [f"Quotation {quotation.number}: {quotation.note}." for quotation in quotations if quotation.note]
    return Article(quotations, tuple(notes))


def find_sections(text: str, codebook: Codebook) -> Sections:
    """Tell under which theme's heading each paragraph stands.

    Parameters
    ----------
    text : str
        Plain text. Paragraphs are separated by blank lines; in a text without any, each line is one.
    codebook : Codebook
        The themes.

    Returns
    -------
    Sections
        The paragraphs with their sections, and what was assumed.

    Notes
    -----
    A heading is a line that equals a theme's name, but for case, punctuation and spacing. Where a name is such a
    line more than once, the last one is the heading: those before it are lists of contents. A section reaches to
    the next heading, the last one to the end, so that closing remarks belong to it.

    A text that was copied from a page can lose its first heading. Where exactly one theme has no heading, its
    section starts at the first paragraph before the first heading that names it, which is one that has all
    content words of its name, and of no other theme's: a paragraph that names several introduces them. Where
    there is none, that theme has no section.
    """
    lines = [line.strip() for line in _LINE.split(text.removeprefix("\ufeff"))]
    headings, repeated = _find_headings(lines, codebook)
    paragraphs: list[Paragraph] = []
    section = ""
    for block in _blocks(lines, headings):
        section = headings.get(block[0], section)
        words = " ".join(lines[place] for place in block if place not in headings)
        if words:
            paragraphs.append(Paragraph(words, section))
    notes = [f"The heading '{name}' occurs more than once; the last one counts." for name in repeated]
    without = [theme for theme in codebook.themes if theme.id not in headings.values()]
    named = _first_that_names(without[0], paragraphs, codebook) if len(without) == 1 else None
    if named is not None:
        paragraphs = [
            Paragraph(paragraph.text, without[0].id) if place >= named and not paragraph.section else paragraph
            for place, paragraph in enumerate(paragraphs)
        ]
        notes.append(
            f"'{without[0].name}' has no heading; its section is taken to start where the text before the first "
            "heading first names it."
        )
    elif without:
        names = ", ".join(f"'{theme.name}'" for theme in without)
        notes.append(f"No heading was found for {names}; nothing counts as printed under it.")
    return Sections(tuple(paragraphs), tuple(notes))


def without_phrases(codebook: Codebook, quotations: Sequence[Quotation]) -> Unquoted:
    """Remove from the themes the phrases that were taken from quotations.

    Parameters
    ----------
    codebook : Codebook
        The codebook.
    quotations : sequence of Quotation
        The quoted responses.

    Returns
    -------
    Unquoted
        The codebook to match the quotations with, and what was removed.

    Notes
    -----
    `pipeline.account.quotations.is_taken_from` says what counts as taken. Names are kept: they are the account's
    own headings.
    """

    def is_taken(phrase: str) -> bool:
        return any(is_taken_from(phrase, quotation) for quotation in quotations)

    removed: list[tuple[str, str]] = []
    flagged: list[tuple[str, str]] = []
    themes: list[Theme] = []
    for theme in codebook.themes:
        kept: dict[str, tuple[str, ...]] = {}
        for kind, phrases in (("includes", theme.includes), ("examples", theme.examples)):
            kept[kind] = tuple(phrase for phrase in phrases if not is_taken(phrase))
            removed += [(theme.id, kind)] * (len(phrases) - len(kept[kind]))
        if is_taken(theme.definition):
            flagged.append((theme.id, "definition"))
        themes.append(theme.model_copy(update=kept))
    return Unquoted(codebook.model_copy(update={"themes": tuple(themes)}), tuple(removed), tuple(flagged))


def match_quotations(
    quotations: Sequence[Quotation],
    codebook: Codebook,
    *,
    encoder: Encoder,
    nearest_phrases: int,
) -> pd.DataFrame:
    """Find the theme that each quotation fits best.

    Parameters
    ----------
    quotations : sequence of Quotation
        The quoted responses; those in no section are left out.
    codebook : Codebook
        The themes, best without phrases that were taken from the quotations.
    encoder : Encoder
        Encodes quotations and phrases.
    nearest_phrases : int
        How many of a theme's phrases count.

    Returns
    -------
    DataFrame
        A row for each quotation in a section: quotation (int, its number), section, speaker, nearest (theme id),
        fit (cosine in [-1, 1]), margin (to the second best theme, in [0, 2]), lands (bool: nearest is the
        section). It holds nothing of what was said.

    Notes
    -----
    A quotation's fit is the mean over its sentences, as a comment's is; it has no neighbours to be read with.
    """
    placed = [quotation for quotation in quotations if quotation.section]
    best, fit, margin = best_two(_mean_fits([one.text for one in placed], codebook, encoder, nearest_phrases))
    nearest = [codebook.theme_ids[column] for column in best]
    rows = [
        (quotation.number, quotation.section, quotation.speaker, theme, float(score), float(lead))
        for quotation, theme, score, lead in zip(placed, nearest, fit, margin, strict=True)
    ]
    matches = pd.DataFrame(rows, columns=list(COLUMNS[:-1]))
    kinds = {"quotation": "int64", "fit": "float64", "margin": "float64"}
    return matches.astype(kinds).assign(lands=(matches["nearest"] == matches["section"]).astype(bool))


def landing(matches: pd.DataFrame, n_themes: int) -> dict[str, float]:
    """Count the quotations that land in their section, beside chance.

    Parameters
    ----------
    matches : DataFrame
        From `match_quotations`.
    n_themes : int
        How many themes a quotation can land in.

    Returns
    -------
    dict of str to float
        n and landed (counts); share, with low and high, the ends of its exact 95 % interval (Clopper and Pearson,
        doi:10.1093/biomet/26.4.404); chance; chance_equal, 1 / `n_themes`; chance_largest, the share of the
        section with most quotations, which is what always naming that theme would reach; p_value. All but the
        counts are in [0, 1], and missing (NaN) without quotations, apart from chance_equal.

    Notes
    -----
    Chance deals the sections' own labels to the quotations at random. A quotation of section t then gets the
    label t with probability p_t, the section's share of the quotations, so that the expected share that lands is
    the sum of p_t squared. The p-value is the exact binomial probability of at least as many at that chance. The
    quotations' chances differ by section, which spreads the count less than a binomial with their mean does, so
    above chance the p-value is too large rather than too small (Hoeffding 1956, doi:10.1214/aoms/1177728178).
    """
    from scipy.stats import binomtest

    n, landed = len(matches), int(matches["lands"].sum())
    missing = float("nan")
    figures = {"n": n, "landed": landed, "share": missing, "low": missing, "high": missing, "chance": missing}
    figures |= {"chance_equal": 1 / n_themes, "chance_largest": missing, "p_value": missing}
    if n == 0:
        return figures
    sections = matches["section"].value_counts(normalize=True).to_numpy(dtype=np.float64)
    chance = float(min((sections**2).sum(), 1.0))
    interval = binomtest(landed, n).proportion_ci(confidence_level=0.95, method="exact")
    return figures | {
        "share": landed / n,
        "low": float(interval.low),
        "high": float(interval.high),
        "chance": chance,
        "chance_largest": float(sections.max()),
        "p_value": float(binomtest(landed, n, chance, alternative="greater").pvalue),
    }


def _find_headings(lines: Sequence[str], codebook: Codebook) -> tuple[dict[int, str], list[str]]:
    """Return the theme of each line that is a name (the last such line by its id), and the repeated names."""
    keys = Counter(_key(theme.name) for theme in codebook.themes)
    # A key that two themes share, or none, tells nothing.
    themes = {_key(theme.name): theme for theme in codebook.themes if keys[_key(theme.name)] == 1 and _key(theme.name)}
    found = [(place, themes[_key(line)]) for place, line in enumerate(lines) if _key(line) in themes]
    times = Counter(theme.id for _, theme in found)
    last = {theme.id: place for place, theme in found}
    headings = {place: theme.id for place, theme in found if last[theme.id] == place}
    return headings, [theme.name for theme in codebook.themes if times[theme.id] > 1]


def _blocks(lines: Sequence[str], headings: dict[int, str]) -> list[list[int]]:
    """Return the lines of each paragraph, by their place; a heading is alone."""
    filled = [place for place, line in enumerate(lines) if line]
    inner_blank = any(later - earlier > 1 for earlier, later in pairwise(filled))
    blocks: list[list[int]] = []
    for place in filled:
        starts = not blocks or not inner_blank or blocks[-1][-1] != place - 1
        if starts or place in headings or place - 1 in headings:
            blocks.append([])
        blocks[-1].append(place)
    return blocks


def _first_that_names(theme: Theme, paragraphs: Sequence[Paragraph], codebook: Codebook) -> int | None:
    wanted = _content(theme.name)
    others = [_content(other.name) for other in codebook.themes if other.id != theme.id]
    for place, paragraph in enumerate(paragraphs):
        words = set(words_of(paragraph.text))
        if not paragraph.section and wanted <= words and not any(other <= words for other in others):
            return place
    return None


def _content(name: str) -> frozenset[str]:
    words = words_of(name)
    return frozenset(subject_words(words) or words)


def _key(line: str) -> str:
    spelt = unicodedata.normalize("NFKC", line).replace("&", " and ").casefold()
    return "".join(character for character in spelt if character.isalnum())


def _mean_fits(texts: Sequence[str], codebook: Codebook, encoder: Encoder, nearest_phrases: int) -> Scores:
    """Return the mean fit of the sentences of each quotation to each theme."""
    if not texts:
        return np.empty((0, len(codebook.themes)))
    sentences = split_sentences(texts)
    scores = phrase_fits(encoder.encode(sentences.texts), encode_phrases(codebook.themes, encoder), nearest_phrases)
    return np.vstack([scores[sentences.owner == row].mean(axis=0) for row in range(len(texts))])
