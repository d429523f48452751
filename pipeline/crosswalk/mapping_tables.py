"""The decisions on topics, as tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pipeline.codebook.codebook import Codebook
from pipeline.contracts import UNMAPPED
from pipeline.crosswalk.matching import Matches
from pipeline.crosswalk.robustness import SETTLED, Robustness
from pipeline.tables.schema import made


def crosswalk_table(topics: Sequence[int], matches: Matches, firm: Robustness, codebook: Codebook) -> pd.DataFrame:
    """Return topics against themes, long form; see `pipeline.contracts.Mapped`."""
    ids = codebook.theme_ids
    return pd.DataFrame(
        {
            "topic": np.repeat(np.array(topics, dtype=np.int64), len(ids)),
            "theme": list(ids) * len(topics),
            "fit": matches.fits.ravel(),
            "fit_low": firm.fit_low.ravel(),
            "fit_high": firm.fit_high.ravel(),
            "percentile": matches.percentile.ravel(),
            "p_value": matches.p_value.ravel(),
            "q_value": matches.q_value.ravel(),
            "matched": matches.matched.ravel(),
            "replicates": firm.matched.ravel(),
        }
    )


def topic_table(topics: Sequence[int], matches: Matches, firm: Robustness, codebook: Codebook) -> pd.DataFrame:
    """Return a row for each topic with the themes it is matched with; see `pipeline.contracts.Mapped`."""
    ids = np.array(codebook.theme_ids, dtype=object)
    rows = []
    for row, topic in enumerate(topics):
        order = np.argsort(-matches.fits[row], kind="stable")
        nearest = order[0]
        found = [column for column in order if matches.matched[row, column]]
        robustness = firm.matched[row, found].min() if found else firm.unmapped[row]
        rows.append(
            {
                "topic": topic,
                "theme": ids[found[0]] if found else UNMAPPED,
                "themes": "; ".join(ids[found]),
                "nearest_theme": ids[nearest],
                "fit": matches.fits[row, nearest],
                "margin": matches.fits[row, nearest] - matches.fits[row, order[1]],
                "percentile": matches.percentile[row, nearest],
                "q_value": matches.q_value[row, nearest],
                "mapping_robustness": robustness,
                "settled": bool(robustness >= SETTLED),
                "status": "unmapped" if not found else "matched" if len(found) == 1 else "fused",
            }
        )
    return made("topic_themes", rows)
