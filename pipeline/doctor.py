"""Looking over the machine and the installation."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from pipeline import __version__
from pipeline.config import DEFAULT_ENCODER
from pipeline.discovery.on_gpu import CUML, has_cuml, what_is_missing
from pipeline.engine.fingerprint import library_version
from pipeline.errors import ModelError
from pipeline.language.backends import has_openvino
from pipeline.language.devices import device_for, name_of
from pipeline.language.model_files import SPACY_MODEL, find_encoder, find_spacy_model

_LIBRARIES = ("bertopic", "hdbscan", "numba", "sentence-transformers", "spacy", "torch", "umap-learn")
_NEEDED_DISK_GB, _NEEDED_MEMORY_GB = 2, 4


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at, whether it is as it should be, and what to do where it is not."""

    name: str
    value: str
    is_good: bool = True
    hint: str = ""


def examine() -> list[Finding]:
    """Return what was found, in the order in which it matters."""
    supported = (3, 11) <= sys.version_info[:2] <= (3, 13)
    findings = [
        Finding("theme-crosswalk", __version__),
        Finding("Python", platform.python_version(), supported, "Use Python 3.11, 3.12 or 3.13."),
        Finding("System", f"{platform.system()} {platform.release()}, {platform.machine()}"),
        _processor(),
        _memory(),
        _disk(Path.cwd()),
    ]
    for name in _LIBRARIES:
        found = library_version(name)
        findings.append(Finding(name, found, found != "not installed", "Run: make setup"))
    return [*findings, *_models(), _device(), _backend(), _device_for_topics(), _compiled()]


def _processor() -> Finding:
    features = sorted(_cpu_flags() & {"avx2", "avx512f", "avx512_bf16", "amx_bf16", "amx_int8", "asimd", "bf16"})
    return Finding("Processor", f"{os.cpu_count()} cores" + (f"; {', '.join(features)}" if features else ""))


def _cpu_flags() -> set[str]:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return set()
    named = (line.partition(":")[2].split() for line in lines if line.lower().startswith(("flags", "features")))
    return set(next(named, []))


def _device() -> Finding:
    return Finding("Device for encoding", name_of(device_for("auto")))


def _backend() -> Finding:
    """Say whether the extra `fast` is there; it is no fault where it is not."""
    said = f"OpenVINO {library_version('openvino')}" if has_openvino() else "OpenVINO is not installed (extra fast)"
    return Finding("Backends for encoding", f"torch, static; {said}")


def _device_for_topics() -> Finding:
    """Say whether topics could be found on a GPU; it is no fault where they could not."""
    if not has_cuml():
        return Finding("Device for topics", "cpu; cuML is not installed (extra gpu)")
    missing = what_is_missing()
    said = f"cuML {library_version(CUML)} is installed"
    return Finding("Device for topics", f"cpu; {said}, and {missing}" if missing else f"cpu, or cuda: {said}")


def _compiled() -> Finding:
    """Compile what runs need of UMAP, where that was not done before."""
    from pipeline.discovery.priming import prime

    place = prime()
    return Finding(
        "Compiled code of UMAP", "can be kept nowhere" if place is None else f"ready in {place}", place is not None,
        "Each run compiles it anew, which takes some seconds. Set NUMBA_CACHE_DIR to a folder where you may write.",
    )  # fmt: skip


def _memory() -> Finding:
    import psutil

    memory = psutil.virtual_memory()
    free = memory.available / 2**30
    return Finding(
        "Memory", f"{free:.1f} GB free of {memory.total / 2**30:.1f} GB", free >= _NEEDED_MEMORY_GB / 2,
        "Close other programs; some 2 GB are needed for a few thousand comments.",
    )  # fmt: skip


def _disk(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free / 2**30
    return Finding("Free disk here", f"{free:.1f} GB", free >= _NEEDED_DISK_GB, "Free at least 2 GB.")


def _models() -> list[Finding]:
    findings = []
    try:
        encoder = find_encoder(DEFAULT_ENCODER)
        findings.append(Finding("Encoder", f"{encoder.name}, SHA-256 {encoder.revision} (official)"))
    except ModelError as problem:
        findings.append(Finding("Encoder", problem.message, is_good=False, hint=problem.hint))
    try:
        package = find_spacy_model(SPACY_MODEL).location
        distribution = package.replace("_", "-")
        findings.append(Finding("spaCy model", f"{package} {library_version(distribution)}"))
    except ModelError as problem:
        findings.append(Finding("spaCy model", problem.message, is_good=False, hint=problem.hint))
    return findings
