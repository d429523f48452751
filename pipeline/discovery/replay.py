"""The evidence behind a partition, and the topics that follow from it on any machine.

Layouts depend on the last digits of floating-point sums, which differ between processors and library versions.
What comes after them does not: the stored neighbour graph and partitions give the same topics everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from pipeline.contracts import Labels
from pipeline.discovery.coassociation import Ensemble
from pipeline.discovery.partition import PartitionRules, find_partition

if TYPE_CHECKING:
    from pipeline.discovery.consensus import ConsensusClusterer

Evidence = Mapping[str, npt.NDArray[Any]]


def evidence_of(clusterer: ConsensusClusterer) -> tuple[dict[str, npt.NDArray[Any]], dict[str, Any]]:
    """Return what a fitted clusterer's topics follow from.

    Parameters
    ----------
    clusterer : ConsensusClusterer
        Fitted to enough units to be clustered.

    Returns
    -------
    evidence : dict of str to ndarray
        partitions, int32 of shape (n_partitions, n_units), -1 for outliers; and the neighbour graph in
        compressed rows: graph_data (float32), graph_indices and graph_indptr (int32).
    rules : dict
        How the partitions become topics.
    """
    graph = clusterer.graph_.tocsr()
    evidence = {
        "partitions": np.ascontiguousarray(clusterer.partitions_, dtype=np.int32),
        "graph_data": np.ascontiguousarray(graph.data, dtype=np.float32),
        "graph_indices": np.ascontiguousarray(graph.indices, dtype=np.int32),
        "graph_indptr": np.ascontiguousarray(graph.indptr, dtype=np.int32),
    }
    return evidence, asdict(clusterer.rules_)


def replay(evidence: Evidence, rules: Mapping[str, Any]) -> Labels:
    """Find the topics that stored evidence gives.

    Parameters
    ----------
    evidence, rules
        From `evidence_of`.

    Returns
    -------
    ndarray of shape (n_units,), int64
        The topic of each unit that was clustered; -1 for outliers.
    """
    from scipy.sparse import csr_matrix

    n_units = evidence["partitions"].shape[1]
    graph = csr_matrix(
        (evidence["graph_data"], evidence["graph_indices"], evidence["graph_indptr"]), shape=(n_units, n_units)
    )
    return find_partition(Ensemble.of(evidence["partitions"]), graph, PartitionRules(**rules)).labels
