"""Points of few topics, as they come to be protected."""

import numpy as np
import pandas as pd


def points_of(numbers, seed=0):
    """Points of topics: how many of each."""
    topics = [topic for topic, number in numbers.items() for _ in range(number)]
    x, y = np.random.default_rng(seed).normal(size=(2, len(topics)))
    themes = ["" if topic < 0 else "a" for topic in topics]
    return pd.DataFrame({"x": x, "y": y, "topic": np.array(topics, dtype=int), "theme": np.array(themes, dtype=object)})
