"""Made-up surveys of a few dozen comments, whose public results an intruder attacks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.account.claims import count_for_claims
from pipeline.account.groups import group_table, grouped_columns, linked_groups, table_tests
from pipeline.account.outlook import outlook_shares
from pipeline.account.pairs import theme_pairs
from pipeline.account.prevalence import coded_prevalence, theme_prevalence
from pipeline.account.readings import CODED, IN_TOPICS, UNCHECKED, Reading
from pipeline.codebook.codebook import Codebook
from pipeline.codebook.codes import Coder
from pipeline.contracts import OUTLIER, UNMAPPED, Assessed, Cleaned, Mapped, TopicResult
from pipeline.crosswalk.diagnosis import diagnose
from pipeline.crosswalk.membership import carried_by_topics, one_of_each
from pipeline.disclosure.public_tables import PublicResults, public_results
from pipeline.disclosure.rules import Rules
from pipeline.tables.schema import empty
from tests.unit.figures.figure_tables import tree_of

THEMES, OUTLOOKS = ("money", "tools", "people"), ("good", "both", "bad")
CODEBOOK = Codebook.model_validate(
    {
        "title": "A made-up account", "version": "1", "question": "What stops you?",
        "themes": [{"id": theme, "name": theme.title(), "definition": f"About {theme}.", "examples": [theme, "more"]}
                   for theme in THEMES],
        "facets": [{"id": "outlook", "name": "Outlook", "definition": "How good it is.", "themes": [
            {"id": entry, "name": entry.title(), "definition": f"It is {entry}.", "examples": [entry, "so"]}
            for entry in OUTLOOKS]}],
        "claims": [
            {"id": "good", "kind": "share", "facet": "outlook", "entry": "good", "also": ["both"], "value": 0.4,
             "statement": "Two in five are good."},
            {"id": "some", "kind": "share", "facet": "themes", "entry": "money", "also": ["tools"], "value": 0.5,
             "statement": "Half of them."},
            {"id": "north", "kind": "difference", "facet": "outlook", "entry": "good", "also": ["both"],
             "column": "region", "group": "R0", "direction": "higher", "statement": "More of them."},
            {"id": "order", "kind": "order", "facet": "themes", "order": list(THEMES), "statement": "In this order."},
            {"id": "money", "kind": "prominent", "facet": "themes", "entry": "money", "statement": "It is common."},
        ],
    }
)  # fmt: skip


@dataclass(frozen=True)
class RandomSurvey:
    """Comments with all that was decided of them, and the results of the stages."""

    comments: pd.DataFrame
    carried: dict[str, pd.DataFrame]
    groups: dict[str, pd.Series]
    cleaned: Cleaned
    discovered: TopicResult
    mapped: Mapped
    assessed: Assessed
    rules: Rules

    def published(self) -> PublicResults:
        return public_results(
            self.cleaned, self.discovered, self.mapped, self.assessed, codebook=CODEBOOK, rules=self.rules,
            smallest_base=10,
        )  # fmt: skip


def random_survey(
    seed: int,
    *,
    kind: str,
    rules: Rules = Rules(),  # noqa: B008
    crowd: bool = False,
    another: bool = False,
) -> RandomSurvey:
    """Make a survey with one metadata column, two that are independent, or two of which one refines the other.

    `another` makes another survey of the same seed.
    """
    rng = np.random.default_rng(seed)
    n = int(rng.integers(40, 130))
    region = rng.choice([f"R{place}" for place in range(int(rng.integers(2, 4)))], n, p=None)
    site = np.array([f"{one}-{rng.integers(0, 3)}" for one in region])
    other = rng.choice([f"J{place}" for place in range(int(rng.integers(2, 5)))], n)
    columns = {"one": {"region": region}, "two": {"region": region, "job": other},
               "nested": {"region": region, "site": site}}[kind]  # fmt: skip
    chance = {one: rng.dirichlet(np.ones(3)) for one in np.unique(region)}
    outlook = np.array([rng.choice(OUTLOOKS, p=chance[one]) for one in region])
    rates = rng.uniform(0.02, 0.5, size=(len(np.unique(region)), 3))
    place = pd.factorize(region, sort=True)[0]
    # A coder may give a comment none of the outlooks; a machine gives one to each.
    unclear = (np.random.default_rng([seed, 1]).random(n) < 0.08) & bool(seed % 2)
    if another:
        rng.random(n)
    has = pd.DataFrame(rng.random((n, 3)) < rates[place], columns=list(THEMES))
    n_topics = int(rng.integers(2, 5))
    topic = rng.choice([OUTLIER, *range(n_topics)], n, p=rng.dirichlet(np.full(n_topics + 1, 2.0)))
    topic = pd.factorize(pd.Series(topic).map(pd.Series(topic).value_counts()).where(topic >= 0, -1) * 1000 + topic)[0]
    sizes = pd.Series(topic).value_counts()
    outsiders = rng.random(n) < rng.choice([0.03, 0.15])
    topic = pd.Series(topic).map({old: new for new, old in enumerate(sizes.index)}).to_numpy()
    topic = np.where(outsiders, OUTLIER, topic)
    comments = pd.DataFrame({"comment_id": [f"c{row}" for row in range(n)], **columns})
    people = [f"p{number}" for number in rng.integers(0, n // 2, n)] if crowd else [""] * n
    respondents = pd.Series(people)
    topics = pd.Series(topic).value_counts()
    topics = topics[topics.index >= 0].sort_index()
    folded = rng.random(n) < rng.choice([0.0, 0.03, 0.2])
    matched = pd.DataFrame(
        [{"topic": one, "theme": theme, "fit": 0.5, "fit_low": 0.4, "fit_high": 0.6, "percentile": 0.9, "p_value": 0.1,
          "q_value": 0.1, "p_shuffled": 0.1, "own_share": 0.5, "matched": bool(rng.random() < 0.3), "replicates": 0.9}
         for one in topics.index for theme in THEMES]
    )  # fmt: skip
    if len(matched):
        # A topic is matched with one theme at most.
        matched["matched"] &= matched["matched"].groupby(matched["topic"]).cumsum() == 1
    found = matched[matched["matched"]].set_index("topic")["theme"].to_dict() if len(matched) else {}
    topic_themes = pd.DataFrame(
        {"topic": topics.index, "theme": [found.get(one, UNMAPPED) for one in topics.index], "nearest_theme": "money",
         "fit": 0.5, "margin": 0.1, "own_share": 0.5, "percentile": 0.9, "q_value": 0.1, "p_shuffled": 0.1, "fails": "",
         "mapping_robustness": 0.9, "settled": True,
         "status": ["matched" if one in found else UNMAPPED for one in topics.index]}
    )  # fmt: skip
    table = pd.DataFrame(
        {"topic": topics.index, "parent": topics.index // 2, "label": [f"about {one}" for one in topics.index],
         "said_in": 0.5, "keywords": "a, b", "size": topics.to_numpy(), "share": topics.to_numpy() / n,
         "stability": 0.5, "repeatability": 0.9}
    )  # fmt: skip
    coarse = table.groupby("parent", as_index=False)[["size", "share"]].sum().rename(columns={"parent": "topic_coarse"})
    distinct = comments.loc[~folded, "comment_id"].reset_index(drop=True)
    assignments = pd.DataFrame({"comment_id": distinct, "topic": topic[~folded]})
    layout = pd.DataFrame({"comment_id": distinct, "x": rng.random(len(distinct)), "y": rng.random(len(distinct))})
    dropped = {"empty": int(rng.integers(0, 30)), "says nothing": int(rng.integers(0, 12)), "echo": 0}
    kept = comments.assign(kept=True, duplicate_of=np.where(folded, "c", ""))
    summary = {"received": n + sum(dropped.values()), "analysed": n, "distinct": len(distinct),
               "folded": int(folded.sum()), "dropped": dropped}  # fmt: skip
    by_topics = carried_by_topics(pd.Series(topic), matched, THEMES) if len(matched) else has & False
    carried = {"themes": has, "outlook": one_of_each(pd.Series(outlook).mask(unclear, ""), OUTLOOKS),
               "topics": one_of_each(pd.Series(topic), [str(one) for one in topics.index])}  # fmt: skip
    # Every other survey was coded, and its machine reads the themes in its own way.
    coder = Coder("ada", pd.Series(np.where(rng.random(n) < 0.9, rng.choice([*THEMES, "none"], n), "")), (), None)
    machine, kind_of, by = has, UNCHECKED, ("", "")
    if seed % 2:
        codes = [pd.Series(np.where(has[theme], theme, "none")) for theme in THEMES]
        coder, machine, kind_of, by = (
            Coder("ada", codes[0], tuple(codes[1:]), None),
            has.sample(frac=1, random_state=seed).reset_index(drop=True),
            CODED,
            ("ada", "ada"),
        )
    readings = {
        name: Reading(IN_TOPICS, one) if name == "topics" else Reading(kind_of, one, (), *by)
        for name, one in carried.items()
    }
    groups = grouped_columns(comments, dict.fromkeys(columns), smallest=rules.smallest_group)
    assessed = Assessed(
        audit=empty("audit"),
        audit_paths=empty("audit_paths"),
        prevalence=theme_prevalence(readings["themes"], by_topics, machine, pd.Series(topic), respondents, CODEBOOK),
        coded=coded_prevalence([coder], respondents, CODEBOOK, leading=readings["themes"].leading),
        agreement=pd.DataFrame(columns=["first", "second", "facet", "comments", "measure", "value", "low", "high", "n",
                                        "cells", "width"]),
        confusions=pd.DataFrame(),
        outlook=outlook_shares(readings["outlook"], groups["region"], respondents, codebook=CODEBOOK,
                               outlook=CODEBOOK.facet("outlook"), positive=("good", "both")),
        claim_counts=count_for_claims(CODEBOOK, {name: readings[name] for name in ("themes", "outlook")}, groups,
                                      respondents),
        groups=group_table(readings, groups, respondents),
        linked_groups=linked_groups(readings, groups),
        group_tests=table_tests(readings, groups, respondents, seed=0, n_permutations=20),
        quotations=pd.DataFrame(columns=["quotation", "section", "speaker", "nearest", "fit", "margin", "lands"]),
        theme_pairs=theme_pairs(readings["themes"], respondents, CODEBOOK),
        summary={"article": None},
    )  # fmt: skip
    discovered = TopicResult(
        assignments, table, coarse.assign(label="coarse", keywords="a"), tree_of(table), layout, pd.DataFrame(),
        {"nothing_said": int(rng.integers(0, (topic < 0).sum() + 1)), "long": int(rng.integers(0, 12)) % len(distinct),
         "low_membership_share": float(rng.random()), "outlier_share": float((topic < 0).mean()),
         "largest_share": float(topics.max() / n) if len(topics) else 0.0},
    )  # fmt: skip
    diagnosis = diagnose(matched, topic_themes, table, CODEBOOK) if len(matched) else pd.DataFrame()
    mapped = Mapped(pd.DataFrame(), pd.DataFrame(), matched, topic_themes, diagnosis, pd.DataFrame(), {})
    return RandomSurvey(comments, carried, groups, Cleaned(kept, summary), discovered, mapped, assessed, rules)
