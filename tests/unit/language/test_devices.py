"""On what the encoder works."""

import pytest
import torch

from pipeline.errors import ModelError
from pipeline.language import devices, models, sentence_encoder
from pipeline.language.devices import device_for


@pytest.fixture
def having(monkeypatch: pytest.MonkeyPatch):
    """Have PyTorch be able to use these accelerators and no others."""

    def only(*usable: str) -> None:
        monkeypatch.setattr(devices, "may_have_accelerator", lambda: True)
        monkeypatch.setattr(torch.cuda, "is_available", lambda: "cuda" in usable)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: "mps" in usable)

    return only


@pytest.mark.parametrize(
    ("usable", "wanted", "taken"),
    [((), "auto", "cpu"), (("cuda",), "auto", "cuda"), (("mps",), "auto", "mps"), (("cuda",), "cpu", "cpu"),
     (("cuda", "mps"), "mps", "mps")],
)  # fmt: skip
def test_auto_takes_an_accelerator_that_can_be_used(usable, wanted: str, taken: str, having):
    having(*usable)
    assert device_for(wanted) == taken


def test_a_device_that_is_not_there_is_refused(having):
    having("mps")
    with pytest.raises(ModelError, match=r"embed\.device is cuda, and PyTorch .* can use no such device") as caught:
        device_for("cuda")
    assert "auto or cpu" in caught.value.hint


def test_pytorch_is_not_asked_where_there_can_be_no_accelerator(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(devices, "may_have_accelerator", lambda: False)
    monkeypatch.setattr(devices, "_is_usable", lambda device: 1 / 0)
    assert device_for("auto") == "cpu"


@pytest.mark.parametrize(
    ("platform", "node", "may"), [("linux", "none", False), ("linux", "", True), ("darwin", "none", True)]
)
def test_a_linux_machine_has_an_accelerator_only_with_its_node(platform, node, may, tmp_path, monkeypatch):
    monkeypatch.setattr(devices.sys, "platform", platform)
    monkeypatch.setattr(devices, "_NODES", (str(tmp_path / node),))
    assert devices.may_have_accelerator() is may


def test_the_multilingual_encoder_works_on_the_processor_alone():
    with pytest.raises(ModelError, match="works on the processor alone"):
        models.load_encoder("multilingual-e5-small", batch_size=8, device="cuda")


@pytest.mark.thorough
def test_the_model_is_loaded_onto_the_device(monkeypatch: pytest.MonkeyPatch):
    asked = {}
    monkeypatch.setattr("sentence_transformers.SentenceTransformer", lambda *place, **how: asked.update(how))
    monkeypatch.setattr(sentence_encoder, "device_for", lambda wanted: wanted)
    encoder = models.load_encoder("all-MiniLM-L6-v2", batch_size=8, device="cuda")
    assert encoder.device == "cuda"
    _ = encoder._loaded
    assert asked["device"] == "cuda"
