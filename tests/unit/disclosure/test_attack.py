"""An intruder takes everything that is published of made-up surveys and tries to solve the counts that are hidden.

The intruder reads the public CSV files and the counts that texts say, knows the rules, which groups of two columns have
comments in common and how facets work, and is told where no 0 is hidden, but for groups so small that the rules hide
every 0 of theirs. All of it goes into integer programmes: every sensitive count must be able to be 1 and as large as a
small count can be.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import LinearConstraint, milp
from scipy.sparse import coo_array

from pipeline.account.groups import with_comparisons
from pipeline.account.readings import UNCHECKED
from pipeline.disclosure.counts import ANALYSED, DISTINCT, DROPPED, FOLDED, RECEIVED
from pipeline.disclosure.joint_display import joint_display
from pipeline.disclosure.rules import Rules
from pipeline.tables.published import read_public, write_public
from tests.unit.disclosure.random_surveys import CODEBOOK, OUTLOOKS, RandomSurvey, random_survey

RULES = Rules()
SURVEYS_EACH = 68


class Programme:
    """Integer unknowns, what is known of sums of them, and how far one can go."""

    def __init__(self):
        self.places, self.rows, self.low, self.high = {}, [], [], []
        self.lowest, self.found = [], []

    def unknown(self, name, lowest=0):
        if name not in self.places:
            self.places[name] = len(self.places)
            self.lowest.append(lowest)
        return self.places[name]

    def sum_is(self, names, low, high, *, less=()):
        self.rows.append([(self.unknown(name), sign) for sign, part in ((1.0, names), (-1.0, less)) for name in part])
        self.low.append(low)
        self.high.append(high)

    def parts(self):
        """Return the unknowns in parts that no sum ties together."""
        owner = list(range(len(self.places)))

        def root(place):
            while owner[place] != place:
                owner[place] = owner[owner[place]]
                place = owner[place]
            return place

        for row in self.rows:
            for place, _ in row[1:]:
                owner[root(place)] = root(row[0][0])
        found = defaultdict(list)
        for place in range(len(owner)):
            found[root(place)].append(place)
        return {place: members for members in found.values() for place in members}, root

    def named(self, places):
        names = list(self.places)
        return [names[place] for place in places]

    def assert_free(self, sensitive):
        """Hold that each sum of unknowns can be as small and as large as it must, in whole numbers."""
        parts, root = self.parts()
        by_part = defaultdict(list)
        for names, least, most in sensitive:
            by_part[root(self.places[names[0]])].append(([self.places[name] for name in names], least, most))
        rows_of = defaultdict(list)
        for number, row in enumerate(self.rows):
            rows_of[root(row[0][0])].append(number)
        for part, wanted in by_part.items():
            members = parts[part]
            at = {place: number for number, place in enumerate(members)}
            cells = [(line, at[place], value) for line, number in enumerate(rows_of[part])
                     for place, value in self.rows[number]]  # fmt: skip
            lines, columns, values = zip(*cells, strict=True)
            matrix = coo_array((values, (lines, columns)), shape=(len(rows_of[part]), len(members))).tocsr()
            known = LinearConstraint(
                matrix, [self.low[n] for n in rows_of[part]], [self.high[n] for n in rows_of[part]]
            )
            lowest = np.array([self.lowest[place] for place in members], dtype=float)
            tables: list[np.ndarray] = []
            for places, least, most in wanted:
                target = np.zeros(len(members))
                target[[at[place] for place in places]] = 1
                for sign, end in ((1, least), (-1, most)):
                    # A table that was found for another count may do for this one.
                    if any(sign * (target @ table - end) <= 1e-6 for table in tables):
                        continue
                    # The best table of all is often whole; where it is not, whole numbers are asked for.
                    for whole in (0, 1):
                        result = milp(sign * target, constraints=known, integrality=np.full(len(members), whole),
                                      bounds=(lowest, 10_000.0))  # fmt: skip
                        if not result.success or np.abs(result.x - np.rint(result.x)).max() < 1e-6:
                            break
                    assert result.success, (part, result.message)
                    tables.append(result.x)
                    assert sign * (target @ result.x - end) <= 1e-6, (
                        self.named(places),
                        sign * result.fun,
                        least,
                        most,
                    )


def between(shown):
    """Return between which counts a shown one was rounded from."""
    low, high = int(shown) - 2, int(shown) + 2
    return (0, 0) if shown == 0 else (max(low, RULES.suppress_below), high)


def attack(survey: RandomSurvey, *, from_files: bool = True) -> None:  # noqa: C901 - each kind of table is one case
    published = survey.published()
    quoted = pd.DataFrame(columns=["topic", "label", "theme", "quotation"])
    tables = dict(published.tables)
    if from_files:
        with_quotations = {**published.tables, "quotations": quoted}
        with_quotations["joint_display"] = joint_display(with_quotations, CODEBOOK)
        tables = read_public(write_public(with_quotations).__getitem__)
    known = Programme()
    n = len(survey.comments)
    sensitive = []
    groups, columns = tables["groups"], list(survey.groups)
    pairs = pd.DataFrame({name: values.astype(str).to_numpy() for name, values in survey.groups.items()})
    linked = bool(len(survey.assessed.linked_groups))
    combinations = [tuple(row) for row in pairs.drop_duplicates().itertuples(index=False)]
    totals = {"themes": tables["prevalence"].set_index("theme")["count"],
              "outlook": tables["outlook"][tables["outlook"]["group"] == "All"].set_index("entry")["count"],
              "topics": tables["topics"].assign(topic=tables["topics"]["topic"].astype(str)).set_index("topic")["size"],
              }  # fmt: skip
    of_combination = {
        one: (pairs == pd.Series(dict(zip(columns, one, strict=True)))).all(axis=1) for one in combinations
    }
    within = {(column, group): (survey.groups[column] == group).to_numpy()
              for column in columns for group in survey.groups[column].cat.categories}  # fmt: skip
    counts = groups.set_index(["column", "group", "facet", "entry"])["count"].to_dict()
    # The intruder is told where no 0 is hidden, but for groups of which the rules say that every 0 is.
    hidden_zeros = {
        (facet, entry) for (column, group, facet, entry), number in counts.items()
        if pd.isna(number) and not survey.carried[facet][entry].to_numpy()[within[column, group]].any()
        and not _thin(facet, survey.carried[facet], within[column, group])
    }  # fmt: skip
    for facet, entries in survey.carried.items():
        # A comment may be in no topic, and a coder may give it no outlook.
        lacking = facet != "themes" and not entries.any(axis=1).all()
        names = list(entries.columns) + (["-1"] if facet == "topics" or lacking else [])
        for one in combinations:
            for entry in names:
                known.unknown((facet, entry, one))
                if facet == "themes":
                    known.sum_is([(facet, entry, one), ("without", entry, one)], 0, 0, less=[("comments", facet, one)])
            if facet != "themes":
                known.sum_is([(facet, entry, one) for entry in names], 0, 0, less=[("comments", facet, one)])
            if linked:
                # Of a site in a region the intruder knows how many comments there are.
                size = int(of_combination[one].sum())
                known.sum_is([("comments", facet, one)], size, size)
        for place, column in enumerate(columns):
            for group, size in survey.groups[column].value_counts().items():
                inside = [("comments", facet, one) for one in combinations if one[place] == group]
                known.sum_is(inside, int(size), int(size))
        for entry in entries.columns:
            cells = [(facet, entry, one) for one in combinations]
            true = int(entries[entry].sum())
            _say(known, sensitive, cells, totals[facet][entry], true, n)
            # Entries that add up to their base are one table: where a 0 of it is hidden, any hidden count may be 0.
            zeros = any(of == facet and (said == entry or facet != "themes") for of, said in hidden_zeros)
            for column in columns:
                for group in survey.groups[column].cat.categories:
                    inside = [one for one in combinations if one[columns.index(column)] == group]
                    chosen = within[column, group]
                    true = int(entries[entry].to_numpy()[chosen].sum())
                    thin = _thin(facet, entries, chosen)
                    assert not thin or true or pd.isna(counts[column, group, facet, entry])
                    few = 0 < true < RULES.suppress_below
                    holds = _hidden_within(survey, column, chosen, entries[entry]) if few else 1
                    _say(known, sensitive, [(facet, entry, one) for one in inside],
                         counts[column, group, facet, entry], true,
                         int(chosen.sum()), is_whole=False, zeros=zeros or thin,
                         holds=holds)  # fmt: skip
    _say_rest(known, tables, sensitive, survey, published.shown.said, n)
    known.assert_free(sensitive)
    _derived(groups)
    leads = survey.assessed.coded.loc[survey.assessed.coded["leads"], "theme"]
    for row in tables["coded"][tables["coded"]["theme"].isin(leads)].to_dict("records"):
        assert pd.isna(totals["themes"][row["theme"]]) == pd.isna(row["share"])


def _say(known, sensitive, cells, shown, true, base, *, is_whole=True, zeros=False, holds=1):
    if pd.notna(shown):
        known.sum_is(cells, *between(shown))
        assert not 0 < true < RULES.suppress_below
        return
    known.sum_is(cells, 1 if true and not zeros else 0, np.inf)
    if 0 < true < RULES.suppress_below:
        # Who sees two hidden cells that are not 0 knows that their total is 2 or more; more than that nobody may know.
        limit = min(RULES.suppress_below - 1, base)
        sensitive.append((cells, limit - 1 if is_whole else max(holds, 1), limit))


def _thin(facet, entries, chosen):
    """Return whether a group has so few comments that no 0 of it is shown: every entry may have 1, and none 7."""
    return facet != "themes" and int(chosen.sum()) < entries.shape[1] + RULES.suppress_below - 2


def _hidden_within(survey, column, chosen, entry):
    """Return how many groups of other columns are all in these comments and have the entry."""
    return sum(
        entry[(values == group).to_numpy()].any() and chosen[(values == group).to_numpy()].all()
        for other, values in survey.groups.items() if other != column for group in values.cat.categories
    )  # fmt: skip


def _say_rest(known, tables, sensitive, survey, shown, n):
    """Add topics with their coarse topics, themes through topics, the map's points, and what texts say."""
    topics, sizes = tables["topics"], survey.discovered.topics.set_index("topic")["size"]
    for topic in topics["topic"]:
        points = int((tables["comment_map"]["topic"] == topic).sum())
        known.sum_is([("size", topic)], max(points, 1), n)
    known.sum_is([("size", topic) for topic in [*sizes.index, -1]], n, n)
    for row in topics.to_dict("records"):
        _say(known, sensitive, [("size", row["topic"])], row["size"], int(sizes[row["topic"]]), n)
    for row in tables["coarse_topics"].to_dict("records"):
        members = topics.loc[topics["parent"] == row["topic_coarse"], "topic"]
        _say(known, sensitive, [("size", topic) for topic in members], row["size"], int(sizes[members].sum()), n)
    of_theme = topics.set_index("topic")["theme"]
    for row in tables["prevalence"].to_dict("records"):
        members = [-1] if row["theme"] == "outlier" else [topic for topic, found in of_theme.items()
                                                         if row["theme"] == found]  # fmt: skip
        if members:
            true = n - int(sizes.sum()) if row["theme"] == "outlier" else int(sizes[members].sum())
            _say(known, sensitive, [("size", topic) for topic in members], row["n_by_topics"], true, n)
    flow = survey.cleaned.summary
    reasons = [("set aside", reason) for reason in flow["dropped"]]
    parts = {RECEIVED: [ANALYSED, *reasons], DROPPED: reasons, DISTINCT: [DISTINCT], FOLDED: [FOLDED],
             **{reason: [reason] for reason in reasons}}  # fmt: skip
    known.sum_is([ANALYSED], n, n)
    known.sum_is([DISTINCT, FOLDED], n, n)
    true = {
        RECEIVED: flow["received"],
        DROPPED: sum(flow["dropped"].values()),
        DISTINCT: flow["distinct"],
        FOLDED: flow["folded"],
        **{("set aside", reason): number for reason, number in flow["dropped"].items()},
    }
    for key, names in parts.items():
        said = shown.text(key)
        number = pd.NA if said == "not shown" else int(said.replace(",", ""))
        _say(known, sensitive, names, number, int(true[key]), n)


def _derived(groups):
    """Hold that figures beside counts follow from these alone."""
    shares = groups["count"].astype("Float64") / groups["comments"].astype("Float64")
    assert np.allclose(groups["share"].astype("float64"), shares.astype("float64"), atol=1e-6, equal_nan=True)
    unchecked = groups["reading"] == UNCHECKED
    assert groups.loc[unchecked, ["low", "high", "difference_low", "p_value", "q_value"]].isna().all(axis=None)
    again = groups[~unchecked].assign(
        effective=groups["comments"].astype("float64"), rest_comments=np.nan, rest_count=np.nan, rest_effective=np.nan,
        rest_share=np.nan,
    )  # fmt: skip
    for name in ("low", "high"):
        found = with_comparisons(again)[name].astype("float64")
        assert np.allclose(groups.loc[~unchecked, name].astype("float64"), found, atol=1e-6, equal_nan=True)
    assert groups.loc[groups["count"].isna(), ["share", "low", "high", "difference", "p_value"]].isna().all(axis=None)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["one", "two", "nested"])
@pytest.mark.parametrize("part", range(2))
def test_no_hidden_count_is_solved_or_narrowed_down_from_all_that_is_published(kind, part):
    for seed in range(part, SURVEYS_EACH, 2):
        # What is read back from CSV is the same: to write it takes as long as the attack.
        attack(random_survey(seed, kind=kind), from_files=seed < 10)


@pytest.mark.thorough
def test_that_no_zero_is_shown_of_a_small_group_does_not_tell_that_it_has_none():
    """Ten comments of a site lie in five topics and each has some: known to be so, none could have more than six."""
    survey = random_survey(14, kind="nested", another=True)
    attack(survey, from_files=False)
    shown = survey.published().shown
    reach = shown.ledger.ranges(set(shown.suppressed), RULES)
    assert all(reach["in", "site", "R2-2", "topics", str(topic)][1] >= 7 for topic in range(5))


@pytest.mark.thorough
def test_the_intruder_would_solve_what_primary_suppression_alone_leaves():
    """The attack itself works: with only the small counts hidden it finds them."""
    known, sensitive = Programme(), []
    for seed in range(6):
        survey = random_survey(seed, kind="one")
        for group in survey.groups["region"].cat.categories:
            chosen = (survey.groups["region"] == group).to_numpy()
            counts = survey.carried["outlook"][chosen].sum()
            small = [entry for entry, number in counts.items() if 0 < number < RULES.suppress_below]
            for entry, number in counts.items():
                known.sum_is([(seed, group, entry)], *((1, np.inf) if entry in small else (number, number)))
            known.sum_is([(seed, group, entry) for entry in OUTLOOKS], int(chosen.sum()), int(chosen.sum()))
            if len(small) == 1:
                sensitive.append(([(seed, group, small[0])], 1, 7))
    assert sensitive
    for one in sensitive:
        with pytest.raises(AssertionError):
            known.assert_free([one])
