"""On what the encoder works: the processor, or an accelerator that PyTorch can use."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal

from pipeline.errors import ModelError

_ACCELERATORS: tuple[Literal["cuda", "mps"], ...] = ("cuda", "mps")

_NODES = ("/dev/nvidiactl", "/dev/dxg", "/dev/kfd")
"""What Linux has where there is a card of NVIDIA's, one that Windows lends, or one of AMD's."""


def device_for(wanted: str) -> str:
    """Return what an encoder is to work on.

    Parameters
    ----------
    wanted : {"auto", "cpu", "cuda", "mps"}
        `embed.device`.

    Returns
    -------
    str
        "cpu", "cuda" or "mps". "auto" takes an accelerator where PyTorch can use one.

    Raises
    ------
    ModelError
        Where an accelerator is wanted that PyTorch cannot use.
    """
    if wanted == "cpu" or (wanted == "auto" and not may_have_accelerator()):
        return "cpu"
    if wanted == "auto":
        return next(filter(_is_usable, _ACCELERATORS), "cpu")
    if not _is_usable(wanted):
        import torch

        raise ModelError(
            f"embed.device is {wanted}, and PyTorch {torch.__version__} can use no such device here.",
            "Set embed.device to auto or cpu, or install a build of PyTorch for the device and its driver: "
            "https://pytorch.org/get-started/locally.",
        )
    return wanted


def name_of(device: str) -> str:
    """Return what a device is called, for people: "cuda (NVIDIA H200)"."""
    if device != "cuda":
        return device
    import torch

    return f"{device} ({torch.cuda.get_device_name()})"


def may_have_accelerator() -> bool:
    """Return whether there can be an accelerator; where not, what would use it, which takes seconds, is not loaded."""
    return sys.platform != "linux" or any(Path(node).exists() for node in _NODES)


def _is_usable(device: str) -> bool:
    import torch

    return bool(torch.cuda.is_available() if device == "cuda" else torch.backends.mps.is_available())
