"""Claims whose sentences tell of few comments, and round numbers in the sentences of the others."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping

import numpy as np
import pandas as pd

from pipeline.crosswalk.outlook import ALL
from pipeline.privacy.rounding import Rules
from pipeline.privacy.shares import as_counts

_QUOTED = re.compile(r"'.*?'(?=[\s:,.;]|$)")
_COUNT_OF_BASE = re.compile(r"(\d[\d,]*) of (\d[\d,]*)\b")
_SHARES = re.compile(r"(?<![\d.+-])(\d+(?:\.\d+)?) %(?! interval)")
_IN_NUMBERS = re.compile(
    r"(?P<base>\d[\d,]*)(?= comments| of |\sin the rest)|(?P<exact>[+-]?\d+\.\d)(?!\d| % interval)"
)


def protect_claims(claims: pd.DataFrame, public: Mapping[str, pd.DataFrame], rules: Rules) -> pd.DataFrame:
    """Blank claims that tell of what is left out, and round what the others quote.

    Parameters
    ----------
    claims : DataFrame
        See `pipeline.crosswalk.claims.check_claims`.
    public : mapping of str to DataFrame
        prevalence, outlook and groups as they will be shown, with `suppressed`.
    rules : Rules
        What is small.

    Returns
    -------
    DataFrame
        With `suppressed` (bool). A left-out claim has no figures, no sentence and the verdict "cannot tell"; the
        others have figures to two decimals and sentences with rounded counts and whole percentages.
    """
    hidden = np.array([_tells(row, public, rules) for row in claims.to_dict("records")], dtype=bool)
    n = np.where(hidden, np.nan, rules.rounded(claims["n"].to_numpy(dtype=np.float64)))
    shown = [
        "Left out: it would tell of few comments." if gone else _in_round_numbers(sentence, rules)
        for sentence, gone in zip(claims["shown"], hidden, strict=True)
    ]
    blank = pd.Series(hidden, index=claims.index)
    figures = {name: claims[name].mask(blank).round(2) for name in ("estimate", "low", "high")}
    said = {name: claims[name].mask(blank, word) for name, word in (("verdict", "cannot tell"), ("reason", ""))}
    return claims.assign(n=as_counts(n, claims), shown=shown, suppressed=hidden, **figures, **said)


def _tells(claim: Mapping[Hashable, object], public: Mapping[str, pd.DataFrame], rules: Rules) -> bool:
    """Say whether a claim's sentence would tell of what is left out."""
    sentence, n = str(claim["shown"]), float(str(claim["n"]))
    words = _QUOTED.sub("", sentence)
    pairs = [tuple(float(number.replace(",", "")) for number in pair) for pair in _COUNT_OF_BASE.findall(words)]
    if claim["kind"] == "order":
        pairs += [(round(float(share) * n / 100), n) for share in _SHARES.findall(words.split(" less ")[0])]
    few = any(rules.is_small(np.array([a, b - a])).any() or b < rules.base_limit for a, b in pairs)
    if few or n < rules.base_limit:
        return True
    facet = claim["facet"]
    if claim["kind"] == "difference":
        rows = public["groups"]
        of_facet = [rows[rows["facet"] == facet]] + ([public["outlook"]] if facet != "themes" else [])
        return any(
            bool(part.get("suppressed", False)) and f"in '{part['group']}'".casefold() in sentence.casefold()
            for rows in of_facet
            for part in rows.to_dict("records")
        )
    whole = public["prevalence"] if facet == "themes" else public["outlook"]
    if facet != "themes" and len(whole):
        whole = whole[whole["group"] == ALL]
    return bool(whole["suppressed"].any()) if "suppressed" in whole else False


def _in_round_numbers(sentence: str, rules: Rules) -> str:
    """Round counts to `rules.round_to` and percentages to whole ones, outside of quoted names."""

    def rounded(found: re.Match[str]) -> str:
        if found["base"]:
            return f"{int(rules.rounded(np.array(float(found['base'].replace(',', ''))))):d}"
        sign = "+" if found["exact"].startswith("+") else ""
        return f"{sign if round(float(found['exact'])) >= 0 else ''}{round(float(found['exact'])):d}"

    parts: list[str] = []
    at = 0
    for name in _QUOTED.finditer(sentence):
        parts += [_IN_NUMBERS.sub(rounded, sentence[at : name.start()]), name.group()]
        at = name.end()
    return "".join([*parts, _IN_NUMBERS.sub(rounded, sentence[at:])])
