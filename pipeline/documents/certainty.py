"""How sure a run's results are: the numbers that the report says of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from pipeline.account.agreement import MACHINE_DIRECT
from pipeline.account.readings import reading_of
from pipeline.tables.numbers import decimal, percent


@dataclass(frozen=True)
class Certainty:
    """How sure the results are.

    Attributes
    ----------
    kind, by : str
        What the shares rest on, and who coded; `by` is "" where nobody did.
    coded : str
        How many comments were coded, as it may be said; "" where that is not said.
    n_topics, n_doubtful : int
        Topics, and those of which few re-runs decide alike.
    agreements : tuple of str
        How far coders agree with the program and with one another, each in a sentence.
    """

    kind: str
    by: str
    coded: str
    n_topics: int
    n_doubtful: int
    agreements: tuple[str, ...]


def certainty(tables: Mapping[str, pd.DataFrame], pairs: Sequence[Mapping[str, Any]]) -> Certainty:
    """Return how sure the results are.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        The public tables.
    pairs : sequence of mapping
        See `pipeline.account.agreement.quoted_agreement`.
    """
    prevalence, topics = tables["prevalence"], tables["topics"]
    kind, by = reading_of(prevalence)
    coded = prevalence["coded"].dropna()
    return Certainty(
        kind=kind,
        by=by,
        coded=f"{int(coded.max()):,}" if len(coded) else "",
        n_topics=len(topics),
        n_doubtful=int((~topics["settled"].fillna(False).astype(bool)).sum()),
        agreements=tuple(filter(None, map(_agreed, pairs))),
    )


def _agreed(pair: Mapping[str, Any]) -> str:
    """Say how far two agree on the main themes of comments; "" where nothing may be said."""
    who = f"{pair['first']} and {'the program' if pair['second'] == MACHINE_DIRECT else pair['second']}"
    measures = [
        f"{name} {decimal(pair[measure])}"
        for measure, name in (("macro_f1", "macro-F1"), ("cohen_kappa", "kappa"))
        if pair.get(measure) is not None
    ]
    if pair.get("accuracy") is not None:
        said = f"{who} give {percent(pair['accuracy'])} of comments the same main theme"
        return f"{said} ({', '.join(measures)})." if measures else f"{said}."
    return f"{who} agree on the main themes of comments: {', '.join(measures)}." if measures else ""
