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
from pipeline.discovery.votes import Voters, given_to_all

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
        partitions, int32 of shape (n_partitions, n_clustered), -1 for outliers; and the neighbour graph in
        compressed rows: graph_data (float32), graph_indices and graph_indptr (int32). Where a sample was
        clustered also clustered, int64 of shape (n_clustered,), its rows; voters (int32) and cosines
        (float32), both of shape (n_others, n_voters): the nearest clustered units of each other one.
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
    if clusterer.voters_ is not None:
        evidence["clustered"] = np.ascontiguousarray(clusterer.fitted_, dtype=np.int64)
        evidence["voters"], evidence["cosines"] = clusterer.voters_.rows, clusterer.voters_.cosines
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
        The topic of each unit that was clustered, or given one by those that were; -1 for outliers.
    """
    from scipy.sparse import csr_matrix

    n_units = evidence["partitions"].shape[1]
    graph = csr_matrix(
        (evidence["graph_data"], evidence["graph_indices"], evidence["graph_indptr"]), shape=(n_units, n_units)
    )
    found = find_partition(Ensemble.of(evidence["partitions"]), graph, PartitionRules(**rules))
    if "clustered" in evidence:
        voters = Voters(evidence["voters"], evidence["cosines"])
        found = given_to_all(found, evidence["clustered"], voters)
    return found.labels
