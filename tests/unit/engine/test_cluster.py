"""Parts on a Dask cluster: kept where they are done, done again where a worker is lost, and never silently missing."""

import importlib.util
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from pipeline.config import EngineConfig
from pipeline.engine import cluster as module
from pipeline.engine.cluster import PARTS, Cluster, forget_parts, insist_on_dask, own_program, work_on
from pipeline.engine.store import RunStore
from pipeline.errors import ClusterError, ConfigError
from tests.cluster_work import hold, slow_length

LOAD = partial(hold, "model")
WORK = partial(slow_length, seconds=0.0)
TEXTS = [["a" * number] for number in range(8)]
DONE = [(number, ["model", number]) for number in range(8)]


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    found = RunStore(tmp_path / "run")
    found.prepare(configuration="a.yaml")
    return found


class DoneHere(Cluster):
    """A cluster without workers: counts the parts that it was asked for."""

    asked = 0

    def _done(self, load, work, parts):
        for place, part in sorted(parts.items(), reverse=True):
            self.asked += 1
            yield place, work_on(load, work, part, own_program())


def test_parts_that_were_done_before_are_taken_from_the_run(store: RunStore):
    first = DoneHere(EngineConfig(kind="dask"), store).mapper(LOAD, keep=True)(WORK, TEXTS)
    stopped = [next(first), next(first), next(first)]
    first.close()
    again = DoneHere(EngineConfig(kind="dask"), store)
    assert sorted(again.mapper(LOAD, keep=True)(WORK, TEXTS)) == DONE
    assert again.asked == len(TEXTS) - len(stopped)


@pytest.mark.parametrize(
    ("load", "work"), [(partial(hold, "other"), WORK), (LOAD, partial(slow_length, seconds=0.001))]
)
def test_what_another_model_or_other_work_made_is_not_taken(load, work, store: RunStore):
    list(DoneHere(EngineConfig(kind="dask"), store).mapper(LOAD, keep=True)(WORK, TEXTS))
    again = DoneHere(EngineConfig(kind="dask"), store)
    list(again.mapper(load, keep=True)(work, TEXTS))
    assert again.asked == len(TEXTS)


def test_nothing_is_kept_of_parts_whose_stage_is_done(store: RunStore):
    list(DoneHere(EngineConfig(kind="dask"), store).mapper(LOAD, keep=True)(WORK, TEXTS))
    forget_parts(store)
    assert not (store.folder / PARTS).exists()


def test_what_need_not_be_kept_is_not(store: RunStore):
    assert sorted(DoneHere(EngineConfig(kind="dask"), store).mapper(LOAD, keep=False)(WORK, TEXTS)) == DONE
    assert not (store.folder / PARTS).exists()


def test_without_dask_the_extra_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    insist_on_dask(EngineConfig())
    with pytest.raises(ConfigError, match="Dask is not installed") as caught:
        insist_on_dask(EngineConfig(kind="dask"))
    assert "theme-crosswalk[dask]" in caught.value.hint


def test_a_worker_with_another_program_does_nothing():
    with pytest.raises(ClusterError, match="another version of this program"):
        work_on(LOAD, WORK, TEXTS[0], "another")


@pytest.mark.parametrize("address", ["here", "http://10.0.0.5:8786", "tcp://10.0.0.5"])
def test_an_address_that_is_none_is_refused(address: str):
    with pytest.raises(ValueError, match="scheduler"):
        EngineConfig(kind="dask", scheduler=address)


@pytest.mark.slow
@pytest.mark.enable_socket
def test_a_worker_that_is_killed_costs_its_part_alone(store: RunStore):
    cluster = Cluster(EngineConfig(kind="dask", workers=2), store)
    try:
        mapped = cluster.mapper(LOAD, keep=False)(partial(slow_length, seconds=0.5), TEXTS)
        found = [next(mapped)]
        client = cluster._client
        killed = next(iter(client.run(os.getpid).values()))
        os.kill(killed, signal.SIGKILL)
        assert sorted([*found, *mapped]) == DONE
    finally:
        cluster.close()


SCHEDULER = """
import time
from distributed import LocalCluster
if __name__ == "__main__":
    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None, silence_logs=50) as cluster:
        print(cluster.scheduler_address, flush=True)
        time.sleep(600)
"""


@pytest.mark.slow
@pytest.mark.enable_socket
def test_a_scheduler_that_is_lost_is_told_and_the_next_run_goes_on(store: RunStore, tmp_path: Path):
    script = tmp_path / "scheduler.py"
    script.write_text(SCHEDULER, encoding="utf-8")
    # A scheduler reads what it passes on, so that it must find the module of the work, wherever the tests are started.
    finds_tests = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    with subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, text=True, env=finds_tests
    ) as scheduler:
        assert scheduler.stdout is not None
        address = scheduler.stdout.readline().strip()
        cluster = Cluster(EngineConfig(kind="dask", scheduler=address), store, patience=60.0)
        mapped = cluster.mapper(LOAD, keep=True)(partial(slow_length, seconds=0.5), TEXTS)
        done = [next(mapped), next(mapped)]
        scheduler.send_signal(signal.SIGKILL)
        with pytest.raises(ClusterError, match=f"The Dask scheduler {address} is lost") as caught:
            done += mapped
        cluster.close()
    assert "what is done is kept" in caught.value.hint
    again = DoneHere(EngineConfig(kind="dask"), store)
    assert sorted(again.mapper(LOAD, keep=True)(partial(slow_length, seconds=0.5), TEXTS)) == DONE
    assert again.asked == len(TEXTS) - len(done)


class AskedClient:
    """A client of a scheduler and two workers, of which some lack a module or have another program."""

    def __init__(self, *, scheduler: bool = True, worker: object = "spec", program: str | None = None) -> None:
        self.scheduler, self.worker, self.program = scheduler, worker, program or own_program()

    def run_on_scheduler(self, function, module: str) -> object:
        if not self.scheduler:
            raise ModuleNotFoundError(f"No module named '{module}'")
        return "spec"

    def run(self, function, *arguments, on_error: str) -> dict[str, object]:
        assert on_error == "return"
        good, bad = (own_program(), self.program) if function is own_program else ("spec", self.worker)
        return {"tcp://10.0.0.6:1": good, "tcp://10.0.0.7:1": bad}

    def submit(self, *arguments, **options) -> None:
        raise AssertionError("a part was sent")


@pytest.mark.parametrize(
    ("client", "said"),
    [
        (AskedClient(scheduler=False), r"10\.0\.0\.5:8786 runs where this program is not installed"),
        (AskedClient(worker=None), r"worker tcp://10\.0\.0\.7:1 without this program \(pipeline\.engine\.cluster\)"),
        (AskedClient(worker=ModuleNotFoundError("pipeline")), r"worker tcp://10\.0\.0\.7:1 without this program"),
        (AskedClient(worker=AttributeError("work_on")), r"worker tcp://10\.0\.0\.7:1 without this program"),
        (AskedClient(program="other"), r"worker tcp://10\.0\.0\.7:1 with another version of this program"),
    ],
)
def test_who_lacks_the_program_is_told_before_a_part_is_sent(client, said: str, store: RunStore, monkeypatch):
    cluster = Cluster(EngineConfig(kind="dask", scheduler="tcp://10.0.0.5:8786"), store)
    monkeypatch.setattr(cluster, "_connected", lambda: (client, 2))
    with pytest.raises(ClusterError, match=said) as caught:
        list(cluster.mapper(LOAD, keep=False)(WORK, TEXTS))
    assert "nstall" in caught.value.hint


@pytest.mark.parametrize(
    ("raised", "cause", "error", "said"),
    [
        (RuntimeError("deserialization"), AttributeError("work_on"), ClusterError, "has another version"),
        (RuntimeError("of the work"), None, RuntimeError, "of the work"),
        (ModuleNotFoundError("No module named 'spacy'", name="spacy"), None, ClusterError, "A worker lacks spacy"),
    ],
)
def test_what_a_scheduler_or_worker_cannot_read_is_told(raised, cause, error, said: str, store, monkeypatch):
    class Lost(AskedClient):
        def submit(self, *arguments, **options) -> None:
            raise raised from cause

        def run(self, *arguments, on_error: str) -> dict[str, object]:
            return super().run(*arguments, on_error=on_error) | {"tcp://10.0.0.8:1": OSError("lost meanwhile")}

    cluster = Cluster(EngineConfig(kind="dask", scheduler="tcp://10.0.0.5:8786"), store)
    monkeypatch.setattr(cluster, "_connected", lambda: (Lost(), 2))
    with pytest.raises(error, match=said):
        list(cluster.mapper(LOAD, keep=False)(WORK, TEXTS))


@pytest.mark.slow
@pytest.mark.enable_socket
def test_a_scheduler_without_the_work_is_told_in_words(store: RunStore, tmp_path: Path):
    script = tmp_path / "scheduler.py"
    script.write_text(SCHEDULER, encoding="utf-8")
    # Nothing of this project beyond what is installed: the tests' work is not.
    bare = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    started = [sys.executable, str(script)]
    with subprocess.Popen(started, stdout=subprocess.PIPE, text=True, cwd=tmp_path, env=bare) as scheduler:
        assert scheduler.stdout is not None
        address = scheduler.stdout.readline().strip()
        cluster = Cluster(EngineConfig(kind="dask", scheduler=address), store)
        try:
            with pytest.raises(ClusterError, match=r"this program is not installed \((tests\.cluster_work|pipeline\.)"):
                list(cluster.mapper(LOAD, keep=False)(WORK, TEXTS))
        finally:
            cluster.close()
            scheduler.kill()


@pytest.mark.slow
@pytest.mark.enable_socket
def test_a_scheduler_that_does_not_answer_is_told(store: RunStore):
    cluster = Cluster(EngineConfig(kind="dask", scheduler="tcp://127.0.0.1:9"), store, patience=1.0)
    with pytest.raises(ClusterError, match=r"tcp://127\.0\.0\.1:9 does not answer"):
        list(cluster.mapper(LOAD, keep=False)(WORK, TEXTS))
    cluster.close()


def test_a_model_is_loaded_once_for_all_parts(monkeypatch: pytest.MonkeyPatch):
    loaded = []
    monkeypatch.setattr(module, "_loaded", {})

    def load() -> str:
        loaded.append("once")
        return "model"

    for part in TEXTS:
        work_on(load, WORK, part, own_program())
    assert loaded == ["once"]
