"""What makes the vectors: PyTorch, OpenVINO, or a table of word pieces."""

from __future__ import annotations

import importlib.util
import sys
from typing import Any

from pipeline.config import MULTILINGUAL_ENCODER
from pipeline.errors import ModelError


def has_openvino() -> bool:
    """Return whether OpenVINO is installed; it is not loaded."""
    return importlib.util.find_spec("openvino") is not None


def load_openvino() -> Any:
    """Return OpenVINO without what reports its use to its makers: they would hear of every import."""
    sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]
    import openvino

    return openvino


def insist_on_backend(*, model: str, device: str, backend: str, precision: str) -> None:
    """Refuse a backend that is not there, or that cannot work as it is asked to.

    Parameters
    ----------
    model, device, backend, precision : str
        What the configuration says under `embed`.

    Raises
    ------
    ModelError
        Where it is not installed, cannot run the model, works on another device, or lacks the precision here.
    """
    if backend == "torch":
        return
    if model == MULTILINGUAL_ENCODER:
        raise ModelError(
            f"The encoder {MULTILINGUAL_ENCODER} has a way of its own, and embed.backend is {backend}.",
            "Set embed.backend to torch, which leaves it that way.",
        )
    if device not in ("auto", "cpu"):
        raise ModelError(
            f"embed.backend {backend} works on the processor alone, and embed.device is {device}.",
            "Set embed.device to auto or cpu, or embed.backend to torch.",
        )
    if backend == "openvino" and not has_openvino():
        raise ModelError(
            "embed.backend is openvino, and OpenVINO is not installed.",
            "Run: python -m pip install 'theme-crosswalk[fast]'. Or set embed.backend to torch.",
        )
    if precision == "bfloat16" and "BF16" not in _abilities():
        raise ModelError(
            "embed.precision is bfloat16, and this processor cannot compute with it.",
            "Set embed.precision to float32.",
        )


def _abilities() -> list[str]:
    return list(load_openvino().Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES"))
