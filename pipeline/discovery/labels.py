"""A readable label for each topic: the noun phrase that says best what its comments share."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from pipeline.contracts import OUTLIER, Encoder, Labels, Vectors
from pipeline.discovery.words import stop_words

_CANDIDATES = 40
"""Phrases of a topic that are compared with its vectors; rarer ones are never the best."""

_FEWEST_USERS, _SMALLEST_SHARE = 2, 0.05
"""A phrase speaks for a topic where this many of its comments, and this share of them, use it."""


def label_topics(
    labels: Labels,
    phrases: Sequence[str],
    vectors: Vectors,
    keywords: Mapping[int, Sequence[str]],
    *,
    encoder: Encoder,
    known: Mapping[int, str] | None = None,
    taken: Collection[str] = (),
) -> dict[int, str]:
    """Give each topic a label of two to five words.

    Parameters
    ----------
    labels : ndarray of shape (n_units,), int64
        The topic of each unit; -1 for outliers.
    phrases : sequence of str
        The noun phrases of each unit, separated by "|".
    vectors : ndarray of shape (n_units, n_dimensions), float32
        Unit vectors.
    keywords : mapping of int to sequence of str
        The keywords of each topic, used where no phrase is shared.
    encoder : Encoder
        Encodes phrases.
    known : mapping of int to str, optional
        Labels that topics have already, no two the same: they keep them, and no other topic gets one of them.
    taken : collection of str
        Names of other things, which no topic gets that has none yet.

    Returns
    -------
    dict of int to str
        A label for each topic; no two are the same.

    Notes
    -----
    A phrase scores by its nearness to the topic's centre, by how often the topic's comments use it, and by how
    little others do. A topic without a phrase that enough of its comments share is called by its keywords.
    """
    in_topic, everywhere = _count_phrases(labels, phrases)
    named = dict(known or {})
    in_use = {label.casefold() for label in (*named.values(), *taken)}
    for topic in sorted(set(keywords) - set(named)):
        members = vectors[labels == topic]
        fewest = max(_FEWEST_USERS, math.ceil(_SMALLEST_SHARE * len(members)))
        counts = {
            phrase: n
            for phrase, n in in_topic.get(topic, Counter()).items()
            if n >= fewest and _names_a_keyword(phrase, keywords[topic])
        }
        ranked = _ranked(counts, everywhere, members.mean(axis=0), encoder)
        label = next((phrase for phrase in ranked if phrase.casefold() not in in_use), None)
        named[topic] = _with_capital(label) if label else label_from_keywords(keywords[topic], in_use, topic)
        in_use.add(named[topic].casefold())
    return named


def _names_a_keyword(phrase: str, words: Sequence[str]) -> bool:
    """Return whether a phrase has one of the topic's keywords in it: one that has none is beside the point.

    Phrases stand as written and keywords as lemmas, so the beginnings of words are compared.
    """
    beginnings = tuple(word.casefold()[:5] for word in words)
    return any(word.startswith(beginnings) for word in phrase.casefold().split())


def _count_phrases(labels: Labels, phrases: Sequence[str]) -> tuple[dict[int, Counter[str]], Counter[str]]:
    in_topic: dict[int, Counter[str]] = {}
    everywhere: Counter[str] = Counter()
    for topic, said in zip(labels.tolist(), phrases, strict=True):
        # A comment counts once, however often it repeats a phrase.
        distinct = sorted(set(filter(None, said.split("|"))))
        everywhere.update(distinct)
        if topic != OUTLIER:
            in_topic.setdefault(topic, Counter()).update(distinct)
    return in_topic, everywhere


def _ranked(counts: Mapping[str, int], everywhere: Counter[str], centre: Vectors, encoder: Encoder) -> list[str]:
    strength = {phrase: math.log1p(count) * math.sqrt(count / everywhere[phrase]) for phrase, count in counts.items()}
    candidates = sorted(strength, key=lambda phrase: (-strength[phrase], phrase))[:_CANDIDATES]
    if not candidates:
        return []
    nearness = encoder.encode(candidates) @ centre / max(float(np.linalg.norm(centre)), 1e-12)
    scored = [(float(near) * strength[phrase], phrase) for near, phrase in zip(nearness, candidates, strict=True)]
    return [phrase for score, phrase in sorted(scored, key=lambda item: (-item[0], item[1])) if score > 0]


def label_from_keywords(words: Sequence[str], taken: Collection[str], topic: int) -> str:
    """Call a topic by its keywords.

    Parameters
    ----------
    words : sequence of str
        The topic's keywords, strongest first.
    taken : collection of str
        Labels of other topics, without case.
    topic : int
        The topic's number.

    Returns
    -------
    str
        Its first three keywords, or two or four where that is taken; "Topic" and its number where there are none.
    """
    stop = stop_words()
    usable = [word for word in words if word.lower() not in stop]
    for length in (3, 2, 4):
        chosen = usable[:length]
        label = chosen[0] if len(chosen) == 1 else f"{', '.join(chosen[:-1])} and {chosen[-1]}" if chosen else ""
        if label and label.casefold() not in taken:
            return _with_capital(label)
    return f"Topic {topic}"


def _with_capital(label: str) -> str:
    return label[:1].upper() + label[1:]
