"""The consensus clusterer's settings: those out of range, and those that depend on the number of comments."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from pipeline.config import DiscoverConfig
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
        One comment in 75, at least 4 and at most 15; from 12,700 comments on, the square root of n
        over 7.5.
    """
    return max(4, min(round(n / 75), 15), round(math.sqrt(n) / 7.5))


def default_n_seeds(n: int) -> int:
    """Most layouts to make of n comments: more where each is cheap and the seed matters more.

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


_LEAST = {"n_epochs": 1, "dense_below": 0, "random_state": 0, "n_jobs": 1}
"""Whole numbers that no configuration sets."""


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
    # What a configuration sets has its range there.
    DiscoverConfig.model_validate(
        {name: settings[name] for name in settings.keys() & DiscoverConfig.model_fields.keys()}
    )
    for name, least in _LEAST.items():
        value = settings[name]
        if value is None and name == "n_jobs":
            continue
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
            raise ValueError(f"{name} must be a whole number of at least {least}, found {value!r}.")
    if not 0 < settings["own_weight"] <= 1:
        raise ValueError(f"own_weight must be above 0 and at most 1, found {settings['own_weight']!r}.")
    if settings["cut"] not in CUT_RULES:
        raise ValueError(f"cut must be one of {', '.join(CUT_RULES)}, found {settings['cut']!r}.")
    sizes = settings["granularities"]
    if sizes is not None and (len(sizes) == 0 or min(sizes) < 2):
        raise ValueError(f"granularities must be sizes of at least 2, found {sizes!r}.")
