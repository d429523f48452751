"""The real models on a real cluster of two workers: equal to the digit, also where one of them is killed."""

import os
import signal
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipeline.config import CleanConfig, EngineConfig
from pipeline.contracts import Received
from pipeline.corpora import __file__ as corpora
from pipeline.engine.cluster import Cluster, load_same_encoder, load_same_language
from pipeline.engine.store import RunStore
from pipeline.language import parts, vector_cache
from pipeline.language.model_files import DEFAULT_ENCODER, SPACY_MODEL, find_spacy_model
from pipeline.language.models import load_encoder, load_language
from pipeline.language.vector_cache import CachedEncoder
from pipeline.stages.clean import clean_comments
from pipeline.workers import steady_arithmetic

pytestmark = [pytest.mark.real, pytest.mark.slow, pytest.mark.enable_socket]


def killing_one(mapper, cluster):
    """Return the mapper; when its first part is done, a worker is killed."""

    killed = []

    def mapped(work, pieces):
        for done in mapper(work, pieces):
            if not killed:
                killed.append(done)
                os.kill(next(iter(cluster._client.run(os.getpid).values())), signal.SIGKILL)
            yield done

    return mapped


def test_cleaning_and_vectors_are_equal_to_the_digit_though_a_worker_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    # So that there are several parts.
    monkeypatch.setattr(parts, "in_parts", partial(parts.in_parts, size=256))
    monkeypatch.setattr(vector_cache, "_CHUNK", 64)
    file = Path(corpora).with_name("illustrative_comments.csv")
    texts = pd.read_csv(file, dtype=str, keep_default_na=False)["comment"][:600]
    received = Received(pd.DataFrame({"comment_id": [f"c{place}" for place in texts.index], "text": texts}), {})
    language, config = load_language(SPACY_MODEL), CleanConfig.model_validate({})
    store = RunStore(tmp_path / "run")
    store.prepare(configuration="a.yaml")
    cluster = Cluster(EngineConfig(kind="dask", workers=2), store)
    source = load_encoder(DEFAULT_ENCODER, batch_size=32)
    try:
        reader = partial(load_same_language, SPACY_MODEL, False, find_spacy_model(SPACY_MODEL).revision)
        encoding = partial(load_same_encoder, DEFAULT_ENCODER, 32, source.revision, "cpu")
        with steady_arithmetic():
            here = clean_comments(received, language=language, config=config)
            there = clean_comments(
                received, language=language, config=config,
                mapper=killing_one(cluster.mapper(reader, keep=True), cluster),
            )  # fmt: skip
            pd.testing.assert_frame_equal(here.comments, there.comments)
            assert here.summary == there.summary
            said = here.distinct["text"].tolist()[:200]
            model = load_encoder(DEFAULT_ENCODER, batch_size=32)
            vectors = CachedEncoder(model, None).encode(said)
            mapper = killing_one(cluster.mapper(encoding, keep=False), cluster)
            apart = CachedEncoder(model, None, mapper=mapper).encode(said)
    finally:
        cluster.close()
    np.testing.assert_array_equal(vectors, apart)
