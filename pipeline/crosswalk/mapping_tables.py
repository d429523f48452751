"""The decisions on topics, as tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pipeline.codebook.codebook import Codebook
from pipeline.contracts import UNMAPPED, Bools
from pipeline.crosswalk.matching import LEANING, MATCHED, OWN_SHARE, SETTLED, Matches
from pipeline.crosswalk.robustness import Robustness
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
            "p_shuffled": matches.p_shuffled.ravel(),
            "own_share": matches.own_share.ravel(),
            "matched": matched_pairs(matches, firm).ravel(),
            "replicates": firm.matched.ravel(),
        }
    )


def matched_pairs(matches: Matches, firm: Robustness) -> Bools:
    """Return which topics are matched with which themes, shape (n_topics, n_themes); at most one theme a topic."""
    found = np.zeros(matches.fits.shape, dtype=bool)
    rows = np.arange(len(matches.nearest))
    found[rows, matches.nearest] = matches.passed & (firm.matched[rows, matches.nearest] >= SETTLED)
    return found


def topic_table(topics: Sequence[int], matches: Matches, firm: Robustness, codebook: Codebook) -> pd.DataFrame:
    """Return a row for each topic with the theme it is matched with; see `pipeline.contracts.Mapped`."""
    ids = np.array(codebook.theme_ids, dtype=object)
    found = matched_pairs(matches, firm)
    rows = []
    for row, topic in enumerate(topics):
        nearest = matches.nearest[row]
        is_matched = bool(found[row, nearest])
        leans = not is_matched and bool(matches.beats_chance[row, nearest])
        others = np.delete(matches.fits[row], nearest)
        repeated = firm.matched[row, nearest] if is_matched else firm.unmapped[row]
        rows.append(
            {
                "topic": topic,
                "theme": ids[nearest] if is_matched else UNMAPPED,
                "nearest_theme": ids[nearest],
                "fit": matches.fits[row, nearest],
                "margin": matches.fits[row, nearest] - others.max(),
                "own_share": matches.own_share[row, nearest],
                "percentile": matches.percentile[row, nearest],
                "q_value": matches.q_value[row, nearest],
                "p_shuffled": matches.p_shuffled[row, nearest],
                "mapping_robustness": repeated,
                "settled": bool(repeated >= SETTLED),
                "status": MATCHED if is_matched else LEANING if leans else UNMAPPED,
                "fails": "; ".join(_fails(matches, firm, row)) if leans else "",
            }
        )
    return made("topic_themes", rows)


def _fails(matches: Matches, firm: Robustness, row: int) -> list[str]:
    """Name the tests that a topic's nearest theme fails, of those beyond the first."""
    nearest = matches.nearest[row]
    failed = {
        "shuffled": not matches.beats_shuffled[row, nearest],
        "own share": matches.own_share[row, nearest] < OWN_SHARE,
        "re-runs": firm.matched[row, nearest] < SETTLED,
    }
    return [name for name, fails in failed.items() if fails]
