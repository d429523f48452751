"""Coherence and diversity of topics' words."""

from __future__ import annotations

import math

import pytest

from pipeline.discovery.coherence import measure_coherence

DOCUMENTS = [["paper", "fax", "post"], ["paper", "fax"], ["wifi", "laptop"], ["wifi", "laptop", "login"]] * 5


def test_words_that_come_together_are_coherent():
    together = measure_coherence([["paper", "fax"], ["wifi", "laptop"]], DOCUMENTS)
    apart = measure_coherence([["paper", "laptop"], ["wifi", "fax"]], DOCUMENTS)
    assert together.npmi_document > 0.9 > 0 > apart.npmi_document
    assert together.npmi_window > apart.npmi_window


def test_diversity_is_the_share_of_distinct_words():
    assert measure_coherence([["paper", "fax"], ["paper", "wifi"]], DOCUMENTS).diversity == pytest.approx(3 / 4)


def test_topics_without_two_words_have_no_coherence():
    assert math.isnan(measure_coherence([["paper"], []], DOCUMENTS).npmi_window)
