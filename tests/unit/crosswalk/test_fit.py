import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pipeline.crosswalk.codebook import Theme
from pipeline.crosswalk.fit import best_two, fit_to_themes, phrases_of


def theme(**parts):
    return Theme(**({"id": "a", "name": "Money", "definition": "Too little of it."} | parts))


def test_a_theme_is_matched_by_what_belongs_and_not_by_what_does_not():
    phrases = phrases_of(theme(includes=("grants",), excludes=("computers",), examples=("no  cash\n",)))
    assert phrases == ("Money", "Money: Too little of it.", "grants", "no cash")


def test_equal_phrases_count_once():
    assert phrases_of(theme(includes=("Money", "cash"), examples=("cash",))).count("cash") == 1


def test_a_fit_is_the_mean_of_the_nearest_phrases(encoder):
    themes = [theme(examples=("budget cut", "grant ended", "roof leaks"))]
    vectors = encoder.encode(["budget cut"])
    phrases = encoder.encode(phrases_of(themes[0]))
    nearest = np.sort(phrases @ vectors[0])[::-1]
    for count in (1, 2, 3):
        fit = fit_to_themes(vectors, themes, encoder=encoder, nearest_phrases=count)
        assert fit[0, 0] == pytest.approx(nearest[:count].mean(), abs=1e-6)
    assert fit_to_themes(vectors, themes, encoder=encoder, nearest_phrases=1)[0, 0] == pytest.approx(1, abs=1e-6)


def test_a_theme_with_few_phrases_uses_all_of_them(encoder):
    vectors = encoder.encode(["budget cut"])
    all_of_them = fit_to_themes(vectors, [theme()], encoder=encoder, nearest_phrases=2)
    assert fit_to_themes(vectors, [theme()], encoder=encoder, nearest_phrases=20) == pytest.approx(all_of_them)


def test_a_fit_does_not_depend_on_the_comments_beside_it(encoder):
    themes = [theme(), theme(id="b", name="Tools", examples=("a drill", "a saw", "a hammer"))]
    texts = [f"{word} and money" for word in ("drill", "roof", "saw", "cash", "lathe")]
    together = fit_to_themes(encoder.encode(texts), themes, encoder=encoder, nearest_phrases=3)
    for row, text in enumerate(texts):
        alone = fit_to_themes(encoder.encode([text]), themes, encoder=encoder, nearest_phrases=3)
        assert alone[0] == pytest.approx(together[row], abs=1e-12)


def test_the_first_theme_wins_a_tie():
    best, fit, margin = best_two(np.array([[0.3, 0.3, 0.1]]))
    assert (best[0], fit[0], margin[0]) == (0, 0.3, 0.0)


@given(scores=arrays(np.float64, st.tuples(st.integers(1, 5), st.integers(2, 5)), elements=st.floats(-1, 1)))
def test_the_best_is_the_largest_and_the_margin_its_lead(scores):
    best, fit, margin = best_two(scores)
    rows = np.arange(len(scores))
    np.testing.assert_array_equal(fit, scores.max(axis=1))
    np.testing.assert_array_equal(scores[rows, best], fit)
    others = scores.copy()
    others[rows, best] = -np.inf
    np.testing.assert_allclose(margin, fit - others.max(axis=1))
