"""Readings of comments for tests, and Wilson's interval by another library."""

from scipy.stats import binomtest

from pipeline.account.readings import CODED, IN_TOPICS, UNCHECKED, Reading


def wilson(count, total):
    return tuple(binomtest(count, total).proportion_ci(method="wilson"))


def coded(carried):
    """For each facet, codes of all comments by one person; topics are topics."""
    return {
        facet: Reading(IN_TOPICS if facet == "topics" else CODED, entries, (), "ada", "ada")
        for facet, entries in carried.items()
    }


def unchecked(carried):
    return {facet: Reading(UNCHECKED, entries) for facet, entries in carried.items()}
