"""Coherence of topics' words."""

from __future__ import annotations

import math

import pytest

from pipeline.discovery.coherence import npmi

DOCUMENTS = [["paper", "fax", "post"], ["paper", "fax"], ["wifi", "laptop"], ["wifi", "laptop", "login"]] * 5


def test_words_that_come_together_are_coherent():
    together = npmi([["paper", "fax"], ["wifi", "laptop"]], DOCUMENTS)
    assert together == pytest.approx(1)
    # ln(1e-12 / (1/2 · 1/2)) over -ln(1e-12): words that never meet.
    assert npmi([["paper", "laptop"], ["wifi", "fax"]], DOCUMENTS) == pytest.approx(-0.949828, abs=1e-6)


def test_values_are_those_worked_out_by_hand():
    documents = [["a", "b"], ["a", "b", "c", "b"], ["a"], ["c"], []]
    # Of four comments a is in three, b and c in two; a and b meet in two, a and c in one, b and c in one.
    a_b = math.log((1 / 2) / (3 / 4 * 1 / 2)) / -math.log(1 / 2)
    a_c = math.log((1 / 4) / (3 / 4 * 1 / 2)) / -math.log(1 / 4)
    b_c = math.log((1 / 4) / (1 / 2 * 1 / 2)) / -math.log(1 / 4)
    assert npmi([["a", "b"]], documents) == pytest.approx(a_b)
    assert npmi([["a", "b", "c"], ["c", "b"]], documents) == pytest.approx(((a_b + a_c + b_c) / 3 + b_c) / 2)
    assert npmi([["a", "b", "c"]], documents, top=2) == pytest.approx(a_b)


def test_words_that_no_comment_has_do_not_count():
    assert npmi([["paper", "quill", "fax"]], DOCUMENTS) == npmi([["paper", "fax"]], DOCUMENTS)


def test_topics_without_two_words_have_no_coherence():
    assert math.isnan(npmi([["paper"], []], DOCUMENTS))
