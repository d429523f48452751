"""Ranges of the consensus clusterer's settings, and those that depend on the number of comments."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from pipeline.discovery.cut import CUT_RULES

SMALLEST_CLUSTERED = 20
"""Below this many comments nothing is clustered."""


def default_min_topic_size(n: int) -> int:
    """Smallest topic worth having among n comments.

    Parameters
    ----------
    n : int
        Number of comments.

    Returns
    -------
    int
        One comment in 60, at least 4 and at most 7; from 3,000 comments on, the square root of n
        over 7.5.
    """
    return max(4, min(round(n / 60), 7), round(math.sqrt(n) / 7.5))


def default_n_seeds(n: int) -> int:
    """Layouts to make of n comments: more where each is cheap and the seed matters more.

    Parameters
    ----------
    n : int
        Number of comments.

    Returns
    -------
    int
        70,000 / n, at least 20 and at most 100.
    """
    return max(20, min(100, round(70_000 / n)))


_LEAST = {
    "n_neighbors": 2,
    "n_components": 1,
    "n_seeds": 1,
    "n_epochs": 1,
    "min_samples": 1,
    "min_topic_size": 2,
    "n_bootstrap": 0,
    "dense_below": 0,
    "random_state": 0,
    "n_jobs": 1,
}
_OPTIONAL = {"n_seeds", "min_topic_size", "n_jobs"}


def check_settings(settings: Mapping[str, Any]) -> None:
    """Refuse settings that are out of range.

    Parameters
    ----------
    settings : mapping of str to object
        Parameters of `ConsensusClusterer` by name, all of them.

    Raises
    ------
    ValueError
        If one is out of range; the message names it, the range and what was found.
    """
    for name, least in _LEAST.items():
        value = settings[name]
        if value is None and name in _OPTIONAL:
            continue
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
            raise ValueError(f"{name} must be a whole number of at least {least}, found {value!r}.")
    for name in ("max_topic_share", "own_weight"):
        if not 0 < settings[name] <= 1:
            raise ValueError(f"{name} must be above 0 and at most 1, found {settings[name]!r}.")
    if not 0 <= settings["membership_floor"] <= 1:
        raise ValueError(f"membership_floor must be in [0, 1], found {settings['membership_floor']!r}.")
    if settings["cut"] not in CUT_RULES:
        raise ValueError(f"cut must be one of {', '.join(CUT_RULES)}, found {settings['cut']!r}.")
    sizes = settings["granularities"]
    if sizes is not None and (len(sizes) == 0 or min(sizes) < 2):
        raise ValueError(f"granularities must be sizes of at least 2, found {sizes!r}.")
    fewest, most = settings["coarse_range"]
    if not 1 <= fewest <= most:
        raise ValueError(f"coarse_range must be two ascending numbers of at least 1, found {fewest} and {most}.")
