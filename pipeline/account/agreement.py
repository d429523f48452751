"""Agreement between the machine and people, and between people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.account.intervals import respondent_codes
from pipeline.account.measures import confusion_table, partition_agreement
from pipeline.account.resampling import (
    Additive,
    Integers,
    Interval,
    alpha_measure,
    bootstrap_intervals,
    class_measures,
    half_sample_intervals,
    jaccard_measure,
    masi_distances,
)
from pipeline.codebook.codebook import Codebook, Facet
from pipeline.codebook.codes import NO_THEME, Coder, codes_to_themes
from pipeline.contracts import UNMAPPED
from pipeline.tables.numbers import count
from pipeline.tables.schema import empty, made

MACHINE_DIRECT = "comments matched directly"
MACHINE_BY_TOPIC = "comments by their topic"
TOPICS = "topics"
ALL_CODERS = "all coders"
ALL_AND_MACHINE = "all coders and the machine"

CODED_WITH_THEME = "forced choice among the themes"
"""Over the comments that a coder gave a theme, the machine is made to choose one, whatever its fit."""
ALL_CODED = "all coded"
CODED_WITH_OUTLOOK = "coded with an outlook"
CODED_BY_BOTH = "coded by both"

HALF_SAMPLES = 100
"""How many halves the intervals of AMI, ARI and V-measure rest on; a standard deviation needs no more."""

_Flags = npt.NDArray[np.bool_]
_Names = npt.NDArray[np.object_]
_Measured = tuple[Any, ...]
"""A row of the table of agreement."""


def by_both(one: str, other: str, *, what: str = CODED_WITH_THEME) -> str:
    """Return how the comments that two coders coded are called, where the machine is set beside the two."""
    return f"{what} by {one} and {other}"


def by_several(what: str) -> str:
    """Return how the comments that at least two coders coded are called."""
    return f"{what} by two or more"


def confusions(coders: Sequence[Coder], assignments: pd.DataFrame, *, codebook: Codebook) -> pd.DataFrame:
    """Count which themes the machine and people, and people among themselves, take for one another.

    Parameters
    ----------
    coders : sequence of Coder
        People's codes, row by row as the assignments.
    assignments : DataFrame
        theme and theme_direct of each analysed comment.
    codebook : Codebook
        The themes.

    Returns
    -------
    DataFrame
        first (whose decision is the reference), second, reference, candidate (theme ids or "no theme"), n: a row
        for each pair of decisions that occurs, over the comments that both coded; in the codebook's order.
    """
    classes = (*codebook.theme_ids, NO_THEME)
    people = [_theme_decisions(coder, codebook) for coder in coders]
    machine = [
        _Decisions(MACHINE_DIRECT, _or_no_theme(assignments["theme_direct"])),
        _Decisions(MACHINE_BY_TOPIC, _or_no_theme(assignments["theme"])),
    ]
    tables = []
    for first, second in (*((one, how) for one in people for how in machine), *combinations(people, 2)):
        both = first.given & second.given
        cells = confusion_table(first.main[both].tolist(), second.main[both].tolist(), classes)
        tables.append(cells[cells["n"] > 0].assign(first=first.name, second=second.name))
    none = empty("confusions")
    return pd.concat(tables, ignore_index=True)[none.columns.tolist()] if tables else none


def agreement_table(
    coders: Sequence[Coder],
    assignments: pd.DataFrame,
    *,
    codebook: Codebook,
    outlook: Facet | None,
    respondents: pd.Series[str],
    n_bootstrap: int,
    seed: int,
    carried: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Compare the machine with each coder, and the coders with one another.

    Parameters
    ----------
    coders : sequence of Coder
        People's codes, row by row as the assignments.
    assignments : DataFrame
        topic, theme, theme_direct, theme_nearest and outlook_direct of each analysed comment.
    codebook : Codebook
        The themes.
    outlook : Facet or None
        The outlook facet.
    respondents : Series of str
        Who wrote each comment, row by row; a comment without a respondent ("") stands for itself.
    n_bootstrap : int
        How many samples of respondents the intervals rest on; 0 for no intervals.
    seed : int
        What these samples follow from.
    carried : DataFrame of shape (n_comments, n_themes), bool, optional
        All the themes that the machine gives each comment, row by row; the columns are theme ids.

    Returns
    -------
    DataFrame
        first, second (who is compared), facet, comments (which ones), measure, value, low, high (a 95 % interval;
        missing where it cannot be had: `pipeline.account.resampling`), n (comments), cells (how many comments one
        and the other decided alike or not, row by row; empty for several coders together), width (columns of these).

        "all coded" are all that have a code, and "no theme" is a class of its own: this is the assignment that makes
        the machine's shares. "forced choice among the themes" are the comments whose main code is a theme of the
        codebook: there the machine's best theme counts, whatever its fit. "coded by both" is "all coded" for two
        coders. "forced choice among the themes by A and B" has rows of A with B,
        and of the machine with A and with B, over the same comments and the same samples of respondents, so that
        the machine's agreement with people can be read beside the agreement among people.

        Measures of the main decision: accuracy, macro_f1, accuracy_either, cohen_kappa (`class_measures`) and
        krippendorff_alpha (nominal; also over all coders together, with and without the machine, over comments
        that at least two coders coded). Where a coder or the machine may give several themes, jaccard and
        krippendorff_alpha_masi compare the sets. ami, ari and v_measure compare partitions
        (`partition_agreement`); a code outside the codebook is a part of its own there.

    Raises
    ------
    ValueError
        If coders, respondents or carried themes are not as many as the assignments, or `carried` lacks a theme.
    """
    _check_rows(coders, assignments, respondents, carried, codebook)
    sampling = _Sampling(respondent_codes(respondents), n_bootstrap, seed)
    people = [_theme_decisions(coder, codebook) for coder in coders]
    themes = _Asked("themes", codebook.theme_ids, CODED_WITH_THEME, people, *_machine(assignments, codebook, carried))
    rows = _answers(themes, sampling) + _as_partitions(coders, people, codebook, assignments["topic"], sampling)
    if outlook is not None:
        rows += _answers(_asked_of_outlook(coders, assignments, outlook), sampling)
    return made("agreement", rows)


def quoted_agreement(agreement: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the agreement on main themes that texts quote: each coder with the machine, and coders with one another.

    Parameters
    ----------
    agreement : DataFrame
        As `agreement_table` gives it, or what may be shown of it.

    Returns
    -------
    list of dict
        first, second, comments (how many were compared, as a text) and, for each measure that is shown, its value and
        its ends, `NAME_low` and `NAME_high` (None where there is no interval).
    """
    pairs: dict[tuple[str, str], dict[str, Any]] = {}
    for row in agreement[(agreement["facet"] == "themes") & agreement["value"].notna()].to_dict("records"):
        first, second = str(row["first"]), str(row["second"])
        if row["comments"] != (ALL_CODED if second == MACHINE_DIRECT else CODED_BY_BOTH):
            continue
        pair = pairs.setdefault((first, second), {"first": first, "second": second, "comments": count(row["n"])})
        for name, column in (("", "value"), ("_low", "low"), ("_high", "high")):
            pair[f"{row['measure']}{name}"] = None if pd.isna(row[column]) else float(row[column])
    return list(pairs.values())


@dataclass(frozen=True)
class _Sampling:
    """Whose comments are drawn together, how often, and from which seed."""

    respondents: Integers
    n_bootstrap: int
    seed: int


@dataclass(frozen=True)
class _Decisions:
    """What a person or the machine decided of each comment: an id, `NO_THEME`, or "" where nothing was decided."""

    name: str
    main: _Names
    also: _Names | None = None
    sets: _Flags | None = None
    several: bool = False

    @property
    def given(self) -> _Flags:
        return np.asarray(self.main != "", dtype=bool)

    def within(self, classes: Sequence[str]) -> _Flags:
        return np.isin(self.main.astype(str), list(classes))


@dataclass(frozen=True)
class _Asked:
    """A question that people and the machine answered: which theme, or which outlook."""

    id: str
    classes: Sequence[str]
    coded: str
    people: Sequence[_Decisions]
    nearest: Sequence[_Decisions]
    """The machine's, for comments that people gave one of the classes."""
    direct: Sequence[_Decisions] = ()
    """The machine's, for all coded comments; none where the machine always gives one of the classes."""


def _check_rows(
    coders: Sequence[Coder],
    assignments: pd.DataFrame,
    respondents: pd.Series[str],
    carried: pd.DataFrame | None,
    codebook: Codebook,
) -> None:
    wanted = len(assignments)
    found = {"respondents": len(respondents)} | {f"codes of {coder.name}": len(coder.main) for coder in coders}
    if carried is not None:
        found["carried"] = len(carried)
        missing = [theme for theme in codebook.theme_ids if theme not in carried.columns]
        if missing:
            raise ValueError(f"carried: {len(missing)} themes have no column, first '{missing[0]}'; add one for each")
    for what, rows in found.items():
        if rows != wanted:
            raise ValueError(f"{what}: {rows} rows beside {wanted} assignments; give one for each, in their order")


def _objects(names: pd.Series[str]) -> _Names:
    return names.to_numpy(dtype=object)


def _or_no_theme(decided: pd.Series[str]) -> _Names:
    return _objects(decided.replace({UNMAPPED: NO_THEME, "": NO_THEME}))


def _members(decided: Sequence[_Names], themes: Sequence[str]) -> _Flags:
    """Return which themes each comment was given, of shape (n_comments, n_themes)."""
    ids = np.array(themes, dtype=object)
    return np.asarray(np.any([names[:, None] == ids[None, :] for names in decided], axis=0), dtype=bool)


def _theme_decisions(coder: Coder, codebook: Codebook) -> _Decisions:
    columns = [_objects(codes_to_themes(codes, codebook.themes)) for codes in (coder.main, *coder.further)]
    sets = _members(columns, codebook.theme_ids)
    return _Decisions(coder.name, columns[0], columns[1] if coder.further else None, sets, bool(coder.further))


def _machine(
    assignments: pd.DataFrame, codebook: Codebook, carried: pd.DataFrame | None
) -> Iterator[tuple[_Decisions, _Decisions]]:
    """Yield the machine's decisions, direct and by topic: first whatever the fit, then with "no theme"."""
    by_topic = _Decisions(MACHINE_BY_TOPIC, _or_no_theme(assignments["theme"]))
    for column in ("theme_nearest", "theme_direct"):
        main = _or_no_theme(assignments[column])
        one_each = _members([main], codebook.theme_ids)
        sets = one_each if carried is None else carried[list(codebook.theme_ids)].to_numpy(dtype=bool)
        yield _Decisions(MACHINE_DIRECT, main, sets=sets, several=carried is not None), by_topic


def _asked_of_outlook(coders: Sequence[Coder], assignments: pd.DataFrame, outlook: Facet) -> _Asked:
    people = [
        _Decisions(coder.name, _objects(codes_to_themes(coder.outlook, outlook.themes)))
        for coder in coders
        if coder.outlook is not None
    ]
    machine = _Decisions(MACHINE_DIRECT, _objects(assignments["outlook_direct"]))
    return _Asked(outlook.id, [entry.id for entry in outlook.themes], CODED_WITH_OUTLOOK, people, [machine])


def _answers(asked: _Asked, sampling: _Sampling) -> list[_Measured]:
    with_none = (*asked.classes, NO_THEME)
    rows: list[_Measured] = []
    for one in asked.people:
        for how in asked.nearest:
            rows += _compare(one, how, one.within(asked.classes), asked.classes, (asked.id, asked.coded), sampling)
        for how in asked.direct:
            rows += _compare(one, how, one.given, with_none, (asked.id, ALL_CODED), sampling)
    for one, other in combinations(asked.people, 2):
        rows += _compare(one, other, one.given & other.given, with_none, (asked.id, CODED_BY_BOTH), sampling)
        both = one.within(asked.classes) & other.within(asked.classes)
        where = (asked.id, by_both(one.name, other.name, what=asked.coded))
        for first, second in ((one, other), *((person, how) for how in asked.nearest for person in (one, other))):
            rows += _compare(first, second, both, asked.classes, where, sampling)
    rows += _together(asked.people, asked.nearest[0], asked.classes, (asked.id, by_several(asked.coded)), sampling)
    if asked.direct:
        rows += _together(asked.people, asked.direct[0], with_none, (asked.id, by_several(ALL_CODED)), sampling)
    return rows


def _compare(
    first: _Decisions,
    second: _Decisions,
    used: _Flags,
    classes: Sequence[str],
    where: tuple[str, str],
    sampling: _Sampling,
) -> list[_Measured]:
    if not used.any():
        return []
    reference, candidate = first.main[used].tolist(), second.main[used].tolist()
    # Between people, the sets say what a second code says: neither of the two is the reference.
    of_machine = second.name in (MACHINE_DIRECT, MACHINE_BY_TOPIC)
    also = first.also[used].tolist() if first.also is not None and of_machine else None
    measured = [class_measures(reference, candidate, classes, also), *_alphas((first, second), used)]
    if first.sets is not None and second.sets is not None and (first.several or second.several):
        measured.append(jaccard_measure(first.sets[used], second.sets[used]))
    return _rows((first.name, second.name), where, used, measured, sampling, _cells(reference, candidate))


def _cells(reference: Sequence[str], candidate: Sequence[str]) -> tuple[list[int], int]:
    """Return how many comments have each pair of decisions, row by row, and how many columns a row has."""
    classes = sorted({*reference, *candidate})
    counted = confusion_table(reference, candidate, classes)["n"]
    return counted.tolist(), len(classes)


def _together(
    people: Sequence[_Decisions],
    machine: _Decisions,
    classes: Sequence[str],
    where: tuple[str, str],
    sampling: _Sampling,
) -> list[_Measured]:
    used = np.sum([one.within(classes) for one in people], axis=0) >= 2 if people else np.zeros(0, dtype=bool)
    if not used.any():
        return []
    return [
        row
        for name, who in ((ALL_CODERS, people), (ALL_AND_MACHINE, (*people, machine)))
        for row in _rows((name, ""), where, used, _alphas(who, used, classes), sampling)
    ]


def _alphas(who: Sequence[_Decisions], used: _Flags, classes: Sequence[str] | None = None) -> list[Additive]:
    """Return alpha over main decisions and, where someone may give several, over sets of themes.

    Where `classes` are given, any other decision counts as none.
    """
    given = np.column_stack([one.given[used] if classes is None else one.within(classes)[used] for one in who])
    main = np.column_stack([one.main[used] for one in who])
    numbers, names = pd.factorize(main.ravel())
    decided = np.where(given, numbers.reshape(main.shape), -1)
    alphas = [alpha_measure(decided, 1 - np.eye(len(names)), name="krippendorff_alpha")]
    sets = [one.sets[used] for one in who if one.sets is not None]
    if len(sets) == len(who) and any(one.several for one in who):
        different, which = np.unique(np.concatenate(sets), axis=0, return_inverse=True)
        decided = np.where(given, which.reshape(len(who), -1).T, -1)
        alphas.append(alpha_measure(decided, masi_distances(different), name="krippendorff_alpha_masi"))
    return alphas


def _rows(
    names: tuple[str, str], where: tuple[str, str], used: _Flags, measured: Sequence[Additive], sampling: _Sampling,
    cells: tuple[list[int], int] = ([], 0),
) -> list[_Measured]:  # fmt: skip
    respondents = sampling.respondents[used]
    rows = []
    for one in measured:
        intervals = bootstrap_intervals(one, respondents, n_bootstrap=sampling.n_bootstrap, seed=sampling.seed)
        for measure, value in one.values().items():
            rows.append(_row(names, where, measure, value, intervals[measure], len(respondents), cells))
    return rows


def _row(
    names: tuple[str, str], where: tuple[str, str], measure: str, value: float, interval: Interval, n: int,
    cells: tuple[list[int], int],
) -> _Measured:  # fmt: skip
    return (*names, *where, measure, value, *interval, n, *cells)


def _as_partitions(
    coders: Sequence[Coder],
    people: Sequence[_Decisions],
    codebook: Codebook,
    topics: pd.Series[int],
    sampling: _Sampling,
) -> list[_Measured]:
    of_topics: Integers = np.asarray(topics, dtype=np.int64)
    parts = [_parts(coder, decisions) for coder, decisions in zip(coders, people, strict=True)]
    rows: list[_Measured] = []
    for one, codes in zip(people, parts, strict=True):
        rows += _partitions((one.name, TOPICS), (codes, of_topics), one.given, ALL_CODED, sampling)
    for (one, codes), (other, others) in combinations(zip(people, parts, strict=True), 2):
        both, which = one.within(codebook.theme_ids) & other.within(codebook.theme_ids), by_both(one.name, other.name)
        rows += _partitions((one.name, other.name), (codes, others), both, which, sampling)
        rows += _partitions((one.name, TOPICS), (codes, of_topics), both, which, sampling)
        rows += _partitions((other.name, TOPICS), (others, of_topics), both, which, sampling)
    return rows


def _parts(coder: Coder, decisions: _Decisions) -> Integers:
    """Return the part of each comment: its theme, or its code where that is no theme, however it is spelt."""
    codes = _objects(coder.main.str.strip().str.casefold())
    # A code that spelt a theme's id would have been taken for the theme, so the two cannot meet.
    return pd.factorize(np.where(decisions.main == NO_THEME, codes, decisions.main))[0].astype(np.int64)


def _partitions(
    names: tuple[str, str], parts: tuple[Integers, Integers], used: _Flags, which: str, sampling: _Sampling
) -> list[_Measured]:
    if not used.any():
        return []
    first, second = parts[0][used], parts[1][used]
    intervals = half_sample_intervals(
        lambda drawn: partition_agreement(first[drawn], second[drawn]),
        sampling.respondents[used],
        n_samples=min(sampling.n_bootstrap, HALF_SAMPLES),
        seed=sampling.seed,
    )
    lowest = {"ami": -1.0, "ari": -1.0, "v_measure": 0.0}
    counted = pd.crosstab(first, second).to_numpy()
    cells = (counted.ravel().tolist(), counted.shape[1])
    rows = []
    for measure, value in partition_agreement(first, second).items():
        low, high = np.clip(intervals[measure], lowest[measure], 1.0)
        rows.append(_row(names, ("themes", which), measure, value, (float(low), float(high)), len(first), cells))
    return rows
