import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pipeline.codebook.codebook import Code, Theme
from pipeline.crosswalk import fit
from pipeline.crosswalk.fit import (
    best_two,
    encode_phrases,
    mean_of_largest,
    mean_of_largest_named,
    phrase_fits,
    phrases_of,
    read_in_sentences,
)
from tests.example_survey import GROUPS

TEXTS = [comment for group in GROUPS.values() for comment in group]


def theme(**parts):
    return Theme(**({"id": "a", "name": "Money", "definition": "Too little of it."} | parts))


def read(texts, encoder, *, neighbours=5, neighbour_share=0.3):
    return read_in_sentences(
        texts, encoder.encode(texts), encoder=encoder, neighbours=neighbours, neighbour_share=neighbour_share, seed=1
    )


def unit(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


# Phrases.


def test_a_theme_is_matched_by_what_belongs_and_not_by_what_does_not():
    phrases = phrases_of(theme(includes=("grants",), excludes=("computers",), examples=("no  cash\n",)))
    assert phrases == ("Money", "Money: Too little of it.", "grants", "no cash")


def test_a_code_is_matched_by_its_name_definition_and_examples():
    code = Code(id="c", name="Repairs", definition="Mending.", examples=("a broken drill",))
    assert phrases_of(code) == ("Repairs", "Repairs: Mending.", "a broken drill")


def test_equal_phrases_count_once():
    assert phrases_of(theme(includes=("Money", "cash"), examples=("cash",))).count("cash") == 1


def test_each_entry_has_a_vector_for_each_phrase(encoder):
    entries = [theme(), theme(id="b", name="Tools", examples=("a drill",))]
    assert [said.shape for said in encode_phrases(entries, encoder)] == [(2, 48), (3, 48)]
    assert encode_phrases([], encoder) == []


# Fits of texts.


def test_a_fit_is_the_mean_cosine_of_the_nearest_phrases():
    texts = np.array([[1.0, 0.0], [0.0, 1.0]], dtype=np.float32)
    phrases = [np.array([[1.0, 0.0], [0.6, 0.8], [-1.0, 0.0]], dtype=np.float32)]
    assert phrase_fits(texts, phrases, 1)[:, 0] == pytest.approx([1.0, 0.8])
    assert phrase_fits(texts, phrases, 2)[:, 0] == pytest.approx([0.8, 0.4])
    assert phrase_fits(texts, phrases, 3)[:, 0] == pytest.approx([0.2, 0.8 / 3])


def test_an_entry_with_few_phrases_uses_all_of_them(encoder):
    vectors, phrases = encoder.encode(["budget cut"]), encode_phrases([theme()], encoder)
    assert phrase_fits(vectors, phrases, 20) == pytest.approx(phrase_fits(vectors, phrases, 2))


def test_texts_and_entries_may_be_none(encoder):
    phrases = encode_phrases([theme()], encoder)
    assert phrase_fits(encoder.encode([]), phrases, 2).shape == (0, 1)
    assert phrase_fits(encoder.encode(["a roof"]), [], 2).shape == (1, 0)


def test_the_order_of_phrases_does_not_matter_to_the_last_digit():
    rng = np.random.default_rng(3)
    texts, phrases = (unit(rng.normal(size=(n, 6))).astype(np.float32) for n in (20, 9))
    # Quarters and halves are exact, so that only the order of the sum could tell.
    texts, phrases = np.round(texts * 4) / 4, np.round(phrases * 4) / 4
    np.testing.assert_array_equal(phrase_fits(texts, [phrases], 4), phrase_fits(texts, [phrases[::-1]], 4))


@pytest.mark.parametrize("rows_at_once", [1, 7, 60])
def test_fits_do_not_depend_on_how_many_texts_are_done_at_once(rows_at_once, encoder, monkeypatch):
    vectors, phrases = encoder.encode(TEXTS), encode_phrases([theme(), theme(id="b", name="Tools")], encoder)
    whole = phrase_fits(vectors, phrases, 2)
    monkeypatch.setattr(fit, "ROWS_AT_ONCE", rows_at_once)
    np.testing.assert_allclose(phrase_fits(vectors, phrases, 2), whole, atol=1e-12)


@given(
    texts=arrays(np.float32, st.tuples(st.integers(0, 4), st.just(3)), elements=st.floats(-1, 1, width=32)),
    phrases=arrays(np.float32, st.tuples(st.integers(1, 4), st.just(3)), elements=st.floats(-1, 1, width=32)),
    nearest=st.integers(1, 6),
)
def test_more_phrases_that_count_never_raise_a_fit(texts, phrases, nearest):
    few, many = (phrase_fits(texts, [phrases], count) for count in (nearest, nearest + 1))
    assert (many <= few + 1e-9).all()


# Reading comments.


def test_a_comment_alone_is_the_mean_of_its_sentences(encoder):
    texts = ["The roof leaks. The drill broke. Yes.", "A quiet branch"]
    reading = read(texts, encoder, neighbour_share=0)
    assert reading.weights.toarray() == pytest.approx(np.array([[0.5, 0.5, 0], [0, 0, 1]]))
    phrases = encode_phrases([theme(name="roof", definition="leaks"), theme(name="drill", definition="broke")], encoder)
    alone = [phrase_fits(encoder.encode([text]), phrases, 2)[0] for text in ("The roof leaks.", "The drill broke.")]
    assert reading.fits(phrases, 2)[0] == pytest.approx(np.mean(alone, axis=0))


def test_neighbours_count_to_their_share_by_the_square_of_their_cosine(encoder):
    texts = ["the roof leaks", "the roof leaks again", "the old roof"]
    vectors = encoder.encode(texts)
    cosines = (vectors @ vectors.T).astype(np.float64)
    weights = read(texts, encoder, neighbours=2, neighbour_share=0.4).weights.toarray()
    near = np.clip(cosines[0, 1:], 0, None) ** 2
    assert weights[0] == pytest.approx([0.6, *(0.4 * near / near.sum())], abs=1e-5)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.99])
@pytest.mark.parametrize("neighbours", [0, 1, 5, 100])
@pytest.mark.parametrize("n_texts", [1, 2, 60])
def test_what_a_comment_is_read_with_adds_up_to_one(share, neighbours, n_texts, encoder):
    weights = read(TEXTS[:n_texts], encoder, neighbours=neighbours, neighbour_share=share).weights
    assert np.asarray(weights.sum(axis=1)).ravel() == pytest.approx(np.ones(n_texts))
    assert weights.toarray().min() >= 0


def test_no_comments_are_read_without_ado(encoder):
    reading = read([], encoder)
    assert reading.fits(encode_phrases([theme()], encoder), 2).shape == (0, 1)


def test_equal_comments_are_read_alike(encoder):
    reading = read(["the roof leaks"] * 8, encoder)
    fits = reading.fits(encode_phrases([theme(), theme(name="The roof")], encoder), 2)
    assert fits == pytest.approx(np.tile(fits[0], (8, 1)))


def test_a_comment_that_is_like_no_other_keeps_its_own_reading(encoder):
    texts = ["the roof leaks", "the roof leaks again", "???"]
    vectors = encoder.encode(texts)
    vectors[2] = 0
    reading = read_in_sentences(texts, vectors, encoder=encoder, neighbours=2, neighbour_share=0.3, seed=1)
    assert reading.weights.toarray()[2] == pytest.approx([0, 0, 1])
    assert reading.weights.toarray()[0, 2] == 0


def test_the_order_of_comments_does_not_matter(encoder):
    phrases = encode_phrases([theme(), theme(id="b", name="slow computer")], encoder)
    order = np.random.default_rng(5).permutation(len(TEXTS))
    shuffled = read([TEXTS[row] for row in order], encoder).fits(phrases, 2)
    np.testing.assert_allclose(shuffled, read(TEXTS, encoder).fits(phrases, 2)[order], atol=1e-6)


# The best theme.


def test_the_first_theme_wins_a_tie():
    best, score, margin = best_two(np.array([[0.3, 0.3, 0.1]]))
    assert (best[0], score[0], margin[0]) == (0, 0.3, 0.0)


@given(scores=arrays(np.float64, st.tuples(st.integers(1, 5), st.integers(2, 5)), elements=st.floats(-1, 1)))
def test_the_best_is_the_largest_and_the_margin_its_lead(scores):
    best, score, margin = best_two(scores)
    rows = np.arange(len(scores))
    np.testing.assert_array_equal(score, scores.max(axis=1))
    np.testing.assert_array_equal(scores[rows, best], score)
    others = scores.copy()
    others[rows, best] = -np.inf
    np.testing.assert_allclose(margin, score - others.max(axis=1))


@given(
    seed=st.integers(0, 10_000),
    count=st.integers(1, 12),
    n_named=st.integers(1, 9),
    n_columns=st.integers(0, 300),
    dtype=st.sampled_from([np.float32, np.float64]),
)
def test_the_mean_of_the_largest_named_values_is_that_of_each_group(seed, count, n_named, n_columns, dtype):
    rng = np.random.default_rng(seed)
    values = rng.integers(-3, 4, size=(11, n_columns)).astype(dtype) / dtype(7)
    named = rng.integers(0, 11, size=(5, n_named))
    found = mean_of_largest_named(values, named, count)
    assert found.dtype == dtype
    apart = np.stack([mean_of_largest(values[rows].T, count) for rows in named])
    np.testing.assert_allclose(found, apart, atol=1e-6)
