"""By what vectors are made."""

import sys
import types

import pytest

from pipeline.errors import ModelError
from pipeline.language import backends
from pipeline.language.backends import insist_on_backend, load_openvino
from pipeline.language.models import load_encoder

USUAL = {"model": "all-MiniLM-L6-v2", "device": "auto", "backend": "torch", "precision": "float32"}


@pytest.fixture
def with_openvino(monkeypatch):
    """Have OpenVINO be installed, on a processor with these abilities."""
    abilities = ["FP32"]
    monkeypatch.setattr(backends, "has_openvino", lambda: True)
    monkeypatch.setattr(backends, "_abilities", lambda: abilities)
    return abilities


def test_openvino_that_is_not_installed_is_told_with_what_to_install(monkeypatch):
    monkeypatch.setattr(backends, "has_openvino", lambda: False)
    with pytest.raises(ModelError, match="OpenVINO is not installed") as problem:
        load_encoder("all-MiniLM-L6-v2", batch_size=8, backend="openvino")
    assert "theme-crosswalk[fast]" in problem.value.hint
    insist_on_backend(**USUAL)
    insist_on_backend(**USUAL | {"backend": "static"})


@pytest.mark.parametrize("backend", ["openvino", "static"])
@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [("device", "cuda", "works on the processor alone"), ("model", "multilingual-e5-small", "a way of its own")],
)
@pytest.mark.usefixtures("with_openvino")
def test_what_a_backend_cannot_do_is_refused(backend, setting, value, said):
    with pytest.raises(ModelError, match=said):
        insist_on_backend(**USUAL | {"backend": backend, setting: value})
    insist_on_backend(**USUAL | {"backend": "torch", setting: value})


def test_a_precision_that_the_processor_lacks_is_refused(with_openvino):
    wanted = USUAL | {"backend": "openvino", "precision": "bfloat16"}
    with pytest.raises(ModelError, match="this processor cannot compute with it"):
        insist_on_backend(**wanted)
    with_openvino.append("BF16")
    insist_on_backend(**wanted)


def test_what_reports_the_use_of_openvino_is_not_loaded(monkeypatch):
    found = types.ModuleType("openvino")
    for name in ("openvino", "openvino_telemetry"):
        monkeypatch.setitem(sys.modules, name, found)
    assert load_openvino() is found
    with pytest.raises(ImportError):
        import openvino_telemetry  # noqa: F401
