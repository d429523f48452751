"""Claims whose sentences tell of few comments, and round numbers in the sentences of the others."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from pipeline.account.intervals import share_interval
from pipeline.account.outlook import ALL, NOT_GIVEN
from pipeline.disclosure.rounding import Rules
from pipeline.disclosure.shares import Ends, as_counts, difference_at, interval_at

LEFT_OUT = "Left out: it would tell of few comments."
"""What stands in the place of a sentence."""

_SHARE_KINDS = ("share", "prominent")
_FIGURES = ("estimate", "low", "high")

_QUOTED = re.compile(r"'.*?'(?=[\s:,.;]|$)")
_COUNT_OF_BASE = re.compile(r"(\d[\d,]*) of (\d[\d,]*)\b")
_SHARES = re.compile(r"(?<![\d.+-])(\d+(?:\.\d+)?) %(?! interval)")
_OF_COLUMN = re.compile(r"in the rest of '(?P<column>.*)'$")
_THERE_ARE = re.compile(r"there are (\d+)\.")
_NUMBERS = re.compile(
    r"(?P<count>\d[\d,]*) of (?P<base>\d[\d,]*)\b|(?P<all>\d[\d,]*)(?= comments)"
    r"|(?<![\d.+-])(?P<share>\d+(?:\.\d+)?)(?= %(?! interval))"
    r"|(?P<difference>-?\d+(?:\.\d)?)(?= percentage points)|(?P<end>[+-]\d+\.\d)"
)
_CONFIDENCE = re.compile(r"(\d+(?:\.\d+)?) % interval")


def protect_claims(
    claims: pd.DataFrame, prevalence: pd.DataFrame, public: Mapping[str, pd.DataFrame], rules: Rules
) -> pd.DataFrame:
    """Blank claims that tell of what is left out, and round what the others quote.

    Parameters
    ----------
    claims : DataFrame
        See `pipeline.account.claims.check_claims`.
    prevalence : DataFrame
        name and n_by_comments of each theme, as counted.
    public : mapping of str to DataFrame
        prevalence, outlook and groups as they will be shown, with `suppressed`.
    rules : Rules
        What is small.

    Returns
    -------
    DataFrame
        With `suppressed` (bool). A left-out claim has no figures, no sentence and the verdict "cannot tell". The
        sentences of the others quote rounded counts and whole percentages of them; a share and its interval are those
        of rounded counts, as in the tables, and a difference is that of two such shares, with an interval that follows
        from theirs (`pipeline.disclosure.shares.difference_at`). The verdict is that of the exact counts.

    Notes
    -----
    Left out is a claim that quotes a small count or base, or one that lacks little to its base; of a facet that is
    not shown in full; of a group that is not; of groups of a column of which no table says what they are, or whose
    comments without a group are left out, since the group and the rest are the whole but for these; and of several
    themes together, where few comments carry more than one of them: of the themes' own counts they are too many.
    """
    hidden = np.array([_tells(row, prevalence, public, rules) for row in claims.to_dict("records")], dtype=bool)
    sentences = [LEFT_OUT] * len(claims)
    figures = np.where(hidden[:, None], np.nan, claims[list(_FIGURES)].to_numpy(dtype=np.float64))
    for place in np.flatnonzero(~hidden):
        claim = claims.iloc[int(place)]
        if claim["kind"] in _SHARE_KINDS:
            figures[place] = _of_rounded(claim, rules)
        elif not np.isnan(figures[place, 0]):
            figures[place] = _difference_of_rounded(claim, rules)
        sentences[place] = _in_round_numbers(str(claim["shown"]), figures[place].tolist(), rules)
    n = np.where(hidden, np.nan, rules.rounded(claims["n"].to_numpy(dtype=np.float64)))
    public_claims = claims.assign(n=as_counts(n, claims), shown=sentences, suppressed=hidden)
    public_claims[list(_FIGURES)] = figures.round(2)
    for name, word in (("verdict", "cannot tell"), ("reason", "")):
        public_claims[name] = claims[name].mask(pd.Series(hidden, index=claims.index), word)
    return public_claims


def _number(text: str) -> float:
    return float(text.replace(",", ""))


def _tells(
    claim: Mapping[Hashable, Any], prevalence: pd.DataFrame, public: Mapping[str, pd.DataFrame], rules: Rules
) -> bool:
    """Say whether a claim's sentence would tell of what is left out."""
    sentence, n = str(claim["shown"]), float(claim["n"])
    words = _QUOTED.sub("", sentence)
    pairs = [(_number(count), _number(base)) for count, base in _COUNT_OF_BASE.findall(words)]
    there_are = _THERE_ARE.search(str(claim["reason"]))
    if n < rules.base_limit or (there_are is not None and float(there_are[1]) < rules.base_limit):
        return True
    facet = claim["facet"]
    if facet == "themes" and claim["kind"] in _SHARE_KINDS:
        named = prevalence.loc[prevalence["name"].isin(_names(sentence)), "n_by_comments"]
        pairs += [(float(named.sum()) - count, np.inf) for count, _ in pairs if len(named) > 1]
    if claim["kind"] == "order":
        pairs += [(round(float(share) * n / 100), n) for share in _SHARES.findall(words.split(" less ")[0])]
    if claim["kind"] not in _SHARE_KINDS and not np.isnan(claim["estimate"]) and len(_compared(sentence, n)) != 2:
        # A name with quotation marks of its own can hide what is compared.
        return True
    if any(rules.is_small(np.array([count, base - count])).any() or base < rules.base_limit for count, base in pairs):
        return True
    if claim["kind"] == "difference":
        return _tells_of_group(claim, public)
    whole = public["prevalence"] if facet == "themes" else public["outlook"]
    if facet != "themes" and len(whole):
        whole = whole[whole["group"] == ALL]
    return bool(whole["suppressed"].any()) if "suppressed" in whole else False


def _names(sentence: str) -> list[str]:
    """Return the names before the first count, which the count is of."""
    before = sentence[: found.start()] if (found := _COUNT_OF_BASE.search(sentence)) else sentence
    return [name.group()[1:-1] for name in _QUOTED.finditer(before)]


def _tells_of_group(claim: Mapping[Hashable, Any], public: Mapping[str, pd.DataFrame]) -> bool:
    column = _OF_COLUMN.search(str(claim["claimed"]))
    groups = public["groups"]
    rows = groups[(groups["column"] == (column and column["column"])) & (groups["facet"] == claim["facet"])]
    if not len(rows):
        return True
    sentence = str(claim["shown"]).casefold()
    is_named = [f"in '{group}'".casefold() in sentence for group in rows["group"]]
    return bool(rows.loc[np.array(is_named) | (rows["group"] == NOT_GIVEN).to_numpy(), "suppressed"].any())


def _of_rounded(claim: pd.Series[Any], rules: Rules) -> tuple[float, float, float]:
    """Return share and interval of a claim's rounded counts."""
    given = [np.array([float(claim[name])]) for name in _FIGURES]
    n = np.array([float(claim["n"])])
    whole = rules.rounded(n)
    share = rules.rounded(np.rint(given[0] * n)) / whole
    low, high = interval_at(share, (given[0], given[1], given[2]), n / whole)
    return float(share[0]), float(low[0]), float(high[0])


def _difference_of_rounded(claim: pd.Series[Any], rules: Rules) -> tuple[float, float, float]:
    """Return difference and interval of the rounded counts that a claim compares."""
    sentence = str(claim["shown"])
    stated = _CONFIDENCE.search(sentence)
    confidence = float(stated[1]) / 100 if stated else 0.95
    counts, bases = np.array(_compared(sentence, float(claim["n"]))).T
    exact = [_wilson(int(count), int(base), confidence) for count, base in zip(counts, bases, strict=True)]
    rounded = [
        _wilson(int(count), int(base), confidence)
        for count, base in zip(rules.rounded(counts), rules.rounded(bases), strict=True)
    ]
    one, low, high = (np.array([float(claim[name])]) for name in _FIGURES)
    # Of the same comments, or of groups whose respondents have several: the interval given tells how it is made.
    found = difference_at(rounded[0], rounded[1], (exact[0], exact[1], (one, low, high)), paired=True)
    return float(found[0][0]), float(found[1][0]), float(found[2][0])


def _compared(sentence: str, n: float) -> list[tuple[float, float]]:
    """Return the two counts that a sentence takes the difference of, each with its base; fewer where it is not read."""
    pairs = [(_number(count), _number(base)) for count, base in _COUNT_OF_BASE.findall(_QUOTED.sub("", sentence))]
    if pairs:
        return pairs
    names = list(_QUOTED.finditer(sentence))
    shares = {name.group(): _SHARES.search(sentence, name.end()) for name in names[:-2]}
    found = [shares.get(name.group()) for name in names[-2:]]
    return [(round(float(share[1]) * n / 100), n) for share in found if share is not None]


def _wilson(count: int, base: int, confidence: float) -> Ends:
    low, high = share_interval(count, base, confidence=confidence)
    return np.array([count / base]), np.array([low]), np.array([high])


def _in_round_numbers(sentence: str, figures: Sequence[float], rules: Rules) -> str:
    """Round counts, write shares as whole percentages of rounded counts, and differences as whole points.

    Names in quotation marks stay as they are. A percentage belongs to the count before it, or, where a sentence
    begins with what all are of, to that; what comes after a count's are the ends of its interval, from the figures.
    Points are a difference and then its ends, from the figures too.
    """
    counted: tuple[float, float] | None = None
    whole: float | None = None
    ends, points = iter(figures[1:]), iter(figures)

    def to_step(count: float) -> float:
        return float(rules.rounded(np.array(count)))

    def rounded(found: re.Match[str]) -> str:
        nonlocal counted, whole
        if found["count"]:
            counted = to_step(_number(found["count"])), to_step(_number(found["base"]))
            return f"{counted[0]:.0f} of {counted[1]:.0f}"
        if found["all"]:
            whole = _number(found["all"])
            return f"{to_step(whole):.0f}"
        if found["share"]:
            if counted is not None:
                share, counted = counted[0] / counted[1], None
            elif whole is not None:
                share = to_step(round(float(found["share"]) * whole / 100)) / to_step(whole)
            else:
                share = next(ends, _number(found["share"]) / 100)
            return f"{100 * share:.0f}"
        said = round(100 * next(points, float(found["difference"] or found["end"]) / 100))
        return f"{said:d}" if found["difference"] else f"{said:+d}"

    parts: list[str] = []
    at = 0
    for name in _QUOTED.finditer(sentence):
        parts += [_NUMBERS.sub(rounded, sentence[at : name.start()]), name.group()]
        at = name.end()
    return "".join([*parts, _NUMBERS.sub(rounded, sentence[at:])])
