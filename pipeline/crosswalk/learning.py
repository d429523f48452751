"""Learning from comments that people coded: the codebook's phrases and the coded comments train one classifier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.contracts import Bools, Labels, Vectors
from pipeline.crosswalk.fit import Scores

FEWEST = 20
"""With fewer coded comments there is nothing to learn from and nothing to check it on."""

FEWEST_OF_EACH = 10
"""With fewer coded comments that have a theme, or that have none, the difference is not learned."""

_FOLDS = 5
_CODEBOOK_WEIGHTS = (0.5, 1.0, 2.0)
_REGULARISATION = 10.0
_LEAST_PROBABILITY = 1e-6


@dataclass(frozen=True)
class Learned:
    """What coded comments taught.

    Attributes
    ----------
    probability : ndarray of shape (n_comments, n_themes), float64
        Chance of each theme; rows add up to 1.
    n_coded : int
        Comments learned from.
    codebook_weight : float
        How much the codebook's own probabilities count beside the classifier's, chosen by cross-validation.
    accuracy, macro_f1 : tuple of float
        In [0, 1], of the codebook alone and of what was learned, on the coded comments, each decided by a
        classifier that had not seen it.
    """

    probability: Scores
    n_coded: int
    codebook_weight: float
    accuracy: tuple[float, float]
    macro_f1: tuple[float, float]


def learn_themes(
    vectors: Vectors,
    by_codebook: Scores,
    phrases: Sequence[Vectors],
    coded: Labels,
    themes: Labels,
    *,
    seed: int,
) -> Learned:
    """Train a classifier on the codebook's phrases and on coded comments.

    Parameters
    ----------
    vectors : ndarray of shape (n_comments, n_dimensions), float32
        Unit vectors of the comments.
    by_codebook : ndarray of shape (n_comments, n_themes), float64
        Probabilities by the codebook alone; rows add up to 1.
    phrases : sequence of ndarray of shape (n_phrases, n_dimensions), float32
        Vectors of each theme's phrases: comments that the account's authors made up, as it were.
    coded : ndarray of shape (n_coded,), int64
        Rows of the comments that people coded.
    themes : ndarray of shape (n_coded,), int64
        The theme of each.
    seed : int
        How the coded comments are dealt into folds.

    Returns
    -------
    Learned
        The product of the codebook's probabilities, to a power, and those of a logistic regression over phrases
        and coded comments, scaled to add up to 1. The power is the one under which codes that the classifier had
        not seen are most likely; for the figures of a fold it is chosen on the other folds.
    """
    folds = np.random.default_rng(seed).permutation(len(coded)) % _FOLDS
    unseen = np.empty((len(coded), by_codebook.shape[1]))
    for fold in range(_FOLDS):
        out = folds == fold
        unseen[out] = _train(vectors, phrases, coded[~out], themes[~out], coded[out])
    before = by_codebook[coded]
    held_out = np.empty_like(unseen)
    for fold in range(_FOLDS):
        out = folds == fold
        held_out[out] = _product(before[out], unseen[out], _best_weight(before[~out], unseen[~out], themes[~out]))
    weight = _best_weight(before, unseen, themes)
    learned = _train(vectors, phrases, coded, themes, np.arange(len(vectors)))
    return Learned(
        probability=_product(by_codebook, learned, weight),
        n_coded=len(coded),
        codebook_weight=weight,
        accuracy=(_accuracy(themes, before), _accuracy(themes, held_out)),
        macro_f1=(_macro_f1(themes, before), _macro_f1(themes, held_out)),
    )


def has_enough_of_each(has_theme: Bools) -> bool:
    """Return whether enough coded comments have a theme, and enough have none, to learn the difference."""
    return bool(min(has_theme.sum(), (~has_theme).sum()) >= FEWEST_OF_EACH)


def learn_what_speaks(
    speaks: Scores, vectors: Vectors, coded: Labels, has_theme: Bools, *, seed: int
) -> tuple[Scores, Scores]:
    """Learn how much speaks for any theme in a comment, from comments that people gave a theme or none.

    Parameters
    ----------
    speaks : ndarray of shape (n_comments,), float64
        The same by the codebook alone; see `pipeline.crosswalk.comment_themes.theme_scores`.
    vectors : ndarray of shape (n_comments, n_dimensions), float32
        Unit vectors of the comments.
    coded : ndarray of shape (n_coded,), int64
        Rows of the comments that people coded, with a theme or as having none.
    has_theme : ndarray of shape (n_coded,), bool
        Which of them have a theme.
    seed : int
        How the coded comments are dealt into folds.

    Returns
    -------
    learned : ndarray of shape (n_comments,), float64
        The larger, the likelier is a theme: the log-odds of a logistic regression on the codebook's score and the
        vector. Where fewer than `FEWEST_OF_EACH` comments have a theme, or none, `speaks` as it was.
    unseen : ndarray of shape (n_coded,), float64
        The same for the coded comments, each from a classifier that had not seen it.
    """
    if not has_enough_of_each(has_theme):
        return speaks, speaks[coded]
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    seen = vectors.astype(np.float64)
    if np.isfinite(speaks).all() and speaks.std() > 0:
        seen = np.column_stack([seen, (speaks - speaks.mean()) / speaks.std()])
    classifier = LogisticRegression(max_iter=1_000)
    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=seed)
    unseen = cross_val_predict(classifier, seen[coded], has_theme, cv=folds, method="decision_function")
    learned = classifier.fit(seen[coded], has_theme).decision_function(seen)
    return np.asarray(learned), np.asarray(unseen)


def _best_weight(by_codebook: Scores, learned: Scores, themes: Labels) -> float:
    """Return the codebook's weight with the highest likelihood of codes that the classifier had not seen."""
    rows = np.arange(len(themes))
    likelihood = [np.log(_product(by_codebook, learned, weight)[rows, themes]).sum() for weight in _CODEBOOK_WEIGHTS]
    return _CODEBOOK_WEIGHTS[int(np.argmax(likelihood))]


def _train(vectors: Vectors, phrases: Sequence[Vectors], coded: Labels, themes: Labels, wanted: Labels) -> Scores:
    """Return the classifier's probabilities for the wanted comments."""
    from sklearn.linear_model import LogisticRegression

    examples = np.vstack([*phrases, vectors[coded]])
    labels = np.concatenate([np.repeat(np.arange(len(phrases)), [len(said) for said in phrases]), themes])
    classifier = LogisticRegression(C=_REGULARISATION, class_weight="balanced", max_iter=1_000)
    classifier.fit(examples.astype(np.float64), labels)
    return np.asarray(classifier.predict_proba(vectors[wanted].astype(np.float64)))


def _product(by_codebook: Scores, learned: Scores, weight: float) -> Scores:
    product = np.maximum(by_codebook, _LEAST_PROBABILITY) ** weight * np.maximum(learned, _LEAST_PROBABILITY)
    return np.asarray(product / product.sum(axis=1, keepdims=True))


def _accuracy(themes: Labels, chances: Scores) -> float:
    return float(np.mean(chances.argmax(axis=1) == themes))


def _macro_f1(themes: Labels, chances: Scores) -> float:
    from sklearn.metrics import f1_score

    decided = chances.argmax(axis=1)
    return float(f1_score(themes, decided, labels=np.unique(themes), average="macro", zero_division=0.0))
