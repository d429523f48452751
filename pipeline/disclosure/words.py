"""Which words are published: keywords and labels that enough people used, and phrases that no comment holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from itertools import groupby
from operator import itemgetter

import pandas as pd

from pipeline.codebook.codebook import Codebook
from pipeline.contracts import PERSON, Cleaned, TopicResult
from pipeline.disclosure.rules import Rules
from pipeline.discovery.labels import Terms, label_from_keywords
from pipeline.discovery.saying import singular
from pipeline.language.cleaning import fold

_OF_SOMEBODY = 5
"""Words from which on a phrase that a comment holds is somebody's own; shorter ones many people would write."""


def public_words(
    discovered: TopicResult, cleaned: Cleaned, *, respondent: str | None = None, rules: Rules
) -> TopicResult:
    """Suppress the keywords and labels that too few comments use.

    Parameters
    ----------
    discovered : TopicResult
        The topics, with every keyword.
    cleaned : Cleaned
        The comments, whose lemmas and phrases the words are from.
    respondent : str, optional
        The column that says who wrote a comment: of one respondent all comments count as one.
    rules : Rules
        A word needs `suppress_below` distinct comments, of any topic; exact rules change nothing.

    Returns
    -------
    TopicResult
        The topics, fine and coarse, with fewer keywords. A name that a person gave stays. A machine's loses the terms
        that are suppressed; where none is left it becomes the first keywords left, or "Topic" and its number where
        there are none. No two labels of a level are the same.
    """
    if rules.exact:
        return discovered
    enough = _used_by_many(cleaned, respondent, rules)
    topics = discovered.topics
    given = topics[topics["label_by"] == PERSON] if "label_by" in topics else topics[:0]
    public = _public(topics, enough, named=dict(zip(given["topic"], given["label"], strict=True)), taken=())
    if "machine_label" in topics:
        by_machine = _public(topics.assign(label=topics["machine_label"]), enough, named={}, taken=())
        public = public.assign(machine_label=by_machine["label"].where(public["label_by"] == PERSON, public["label"]))
    # A coarse topic of one topic has that one's name.
    alone = ~topics["parent"].duplicated(keep=False)
    coarse = _public(
        discovered.coarse_topics.rename(columns={"topic_coarse": "topic"}), enough,
        named=dict(zip(topics.loc[alone, "parent"], public.loc[alone, "label"], strict=True)),
        taken=public["label"].tolist(),
    )  # fmt: skip
    return replace(discovered, topics=public, coarse_topics=coarse.rename(columns={"topic": "topic_coarse"}))


def without_comments(codebook: Codebook, texts: Iterable[str]) -> Codebook:
    """Return a codebook without the phrases of its themes that some comment holds word for word.

    Parameters
    ----------
    codebook : Codebook
        Whoever wrote it may have taken examples from the comments.
    texts : iterable of str
        All comments, those that were set aside too.

    Returns
    -------
    Codebook
        Its themes have fewer includes, excludes and examples. Phrases of fewer than five words stay.
    """
    held = "\n".join(f" {fold(text)} " for text in texts)

    def kept(phrases: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(
            phrase for phrase in phrases if len(phrase.split()) < _OF_SOMEBODY or f" {fold(phrase)} " not in held
        )

    themes = [
        theme.model_copy(update={name: kept(getattr(theme, name)) for name in ("includes", "excludes", "examples")})
        for theme in codebook.themes
    ]
    return codebook.model_copy(update={"themes": tuple(themes)})


def _used_by_many(cleaned: Cleaned, respondent: str | None, rules: Rules) -> set[str]:
    """Return the lemmas, phrases and adjectives, as they are counted, of enough comments or respondents."""
    distinct, units = cleaned.distinct, cleaned.units
    users = distinct["comment_id"]
    if respondent is not None:
        # A comment without a respondent stands for itself.
        users = distinct[respondent].where(distinct[respondent] != "", "\0" + distinct["comment_id"])
    user_of = dict(zip(distinct["comment_id"], users, strict=True))
    said = zip(
        units["comment_id"].map(user_of), units["lemmas"], units["phrases"], units["qualities"], strict=True
    )  # fmt: skip
    counts: Counter[str] = Counter()
    # One user after another: a table of who says which word would take gigabytes of a million comments.
    for _, texts in groupby(sorted(said, key=itemgetter(0)), key=itemgetter(0)):
        words: set[str] = set()
        for _, lemmas, phrases, qualities in texts:
            words.update(lemmas.split(), map(singular, f"{phrases}|{qualities}".split("|")))
        counts.update(words)
    return {word for word, count in counts.items() if count >= rules.suppress_below}


def _public_label(label: str, enough: set[str]) -> str:
    """Return a label of those of its terms that enough use; "" where no noun is left of one that had any."""
    terms = Terms.of(label)
    nouns, qualities = (
        tuple(term for term in some if term in enough or singular(term) in enough)
        for some in (terms.nouns, terms.qualities)
    )
    named_by = nouns if terms.nouns else qualities
    return str(Terms(nouns, qualities, terms.mixed)) if named_by else ""


def _public(
    topics: pd.DataFrame, enough: set[str], *, named: Mapping[int, str], taken: Collection[str]
) -> pd.DataFrame:
    """Return a level of topics with its public words; `named` have their labels already."""
    keywords = {
        row["topic"]: [word for word in row["keywords"].split(", ") if word in enough]
        for row in topics.to_dict("records")
    }
    labels = dict(zip(topics["topic"], topics["label"], strict=True))
    kept = dict(named)
    in_use = {label.casefold() for label in (*kept.values(), *taken)}
    for topic, label in labels.items():
        public = _public_label(label, enough)
        if topic not in kept and public and public.casefold() not in in_use:
            kept[topic] = public
            in_use.add(public.casefold())
    for topic in [topic for topic in labels if topic not in kept]:
        kept[topic] = label_from_keywords(keywords[topic], in_use, topic)
        in_use.add(kept[topic].casefold())
    return topics.assign(
        label=topics["topic"].map(kept).astype(object),
        keywords=topics["topic"].map({topic: ", ".join(words) for topic, words in keywords.items()}).astype(object),
    )
