"""Which files a stage's result is kept in: Parquet, NumPy and JSON, never pickle."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pipeline.contracts import Embedded, Published, TopicResult
from pipeline.errors import StoreError, damaged
from pipeline.formats.digests import digest
from pipeline.tables.schema import check, kept_in, tables

if TYPE_CHECKING:
    from pipeline.engine.store import RunStore

_PLACE = "internal/{}.parquet"
_VECTORS, _VECTORS_INDEX = "internal/embeddings.npy", "internal/embeddings.json"
_WHOLE = "internal/comment_embeddings.npy"
_EVIDENCE = "internal/consensus.safetensors"

Read = Callable[[str], bytes]


@dataclass(frozen=True)
class Stored:
    """A result as files, and what the manifest says of it."""

    files: Mapping[str, bytes]
    summary: Mapping[str, Any]


def to_files(result: object) -> Stored:
    """Turn a stage's result into files.

    Parameters
    ----------
    result : Received, Cleaned, Embedded, TopicResult, Mapped, Assessed or Published
        The result.

    Returns
    -------
    Stored
        Its files by their path in the run folder, and its summary.
    """
    if isinstance(result, Embedded):
        said_nothing = list(result.nothing_said)
        index = {"unit_ids": list(result.unit_ids), **result.summary, "says_nothing": said_nothing}
        files = {_VECTORS: _array_to_bytes(result.vectors), _VECTORS_INDEX: json.dumps(index, indent=1).encode()}
        if result.whole is not None:
            files[_WHOLE] = _array_to_bytes(result.whole)
        return Stored(files, result.summary)
    if isinstance(result, Published):
        return Stored(result.files, result.summary)
    files = {}
    for field, name in kept_in(type(result).__name__).items():
        frame = getattr(result, field)
        if frame is not None:
            check(name, frame)
            files[_PLACE.format(name)] = frame_to_bytes(frame)
    if isinstance(result, TopicResult) and result.evidence:
        from safetensors.numpy import save

        files[_EVIDENCE] = save(dict(result.evidence))
    return Stored(files, result.summary)  # type: ignore[attr-defined]


def from_files(contract: type, read: Read, names: Collection[str], summary: Mapping[str, Any]) -> Any:
    """Turn files back into a stage's result.

    Parameters
    ----------
    contract : type
        The result's class; `Published` cannot be read back.
    read : callable
        Returns the bytes of a file of the run folder.
    names : collection of str
        The files that the result was kept in, from the manifest.
    summary : mapping
        The result's summary, from the manifest.
    """
    if contract is Embedded:
        index = json.loads(read(_VECTORS_INDEX))
        return Embedded(
            unit_ids=tuple(index["unit_ids"]),
            vectors=_array_from_bytes(read(_VECTORS)),
            summary=summary,
            whole=_array_from_bytes(read(_WHOLE)) if _WHOLE in names else None,
            nothing_said=tuple(index["says_nothing"]),
        )
    frames: dict[str, Any] = {}
    for field, name in kept_in(contract.__name__).items():
        place = _PLACE.format(name)
        if place in names or not tables()[name].optional:
            frames[field] = frame_from_bytes(read(place))
    if _EVIDENCE in names:
        from safetensors.numpy import load

        frames["evidence"] = load(read(_EVIDENCE))
    return contract(**frames, summary=summary)


def read_result(contract: type, store: RunStore, entry: Mapping[str, Any]) -> Any:
    """Read a stage's result from the files that its entry in the manifest lists.

    Parameters
    ----------
    contract : type
        The result's class; `Published` cannot be read back.
    store : RunStore
        The run folder.
    entry : mapping
        The stage's entry in the manifest.

    Raises
    ------
    StoreError
        Where a file is missing, was changed since, or is not what it must be.
    """
    path = ""

    def unchanged(name: str) -> bytes:
        nonlocal path
        path, content = name, store.read(name)
        if digest(content) != entry["artefacts"].get(name):
            raise ValueError
        return content

    try:
        return from_files(contract, unchanged, entry["artefacts"], entry["summary"])
    except (StoreError, MemoryError):
        raise
    except Exception:
        # The message of a library's error may hold what is in the file.
        raise damaged(store.folder / path) from None


def frame_to_bytes(frame: pd.DataFrame) -> bytes:
    """Return a frame as Parquet."""
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False, compression="zstd")
    return buffer.getvalue()


def frame_from_bytes(content: bytes) -> pd.DataFrame:
    """Return a frame from Parquet; lists come back as lists."""
    import pyarrow as pa

    # Arrow's own reader of bytes: threads that read a Python file wait for this one, which may be forking or ending.
    frame = pd.read_parquet(pa.BufferReader(content))
    for name in filter(lambda column: pd.api.types.is_object_dtype(frame[column]), frame.columns):
        frame[name] = [value.tolist() if isinstance(value, np.ndarray) else value for value in frame[name]]
    return frame


def _array_to_bytes(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()


def _array_from_bytes(content: bytes) -> np.ndarray:
    array: np.ndarray = np.load(io.BytesIO(content), allow_pickle=False)
    return array
