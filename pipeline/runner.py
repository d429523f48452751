"""The ordered list of stages: what to reuse, what to run again and why."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import yaml

import pipeline
from pipeline import models
from pipeline.artefacts import from_files, to_files
from pipeline.config import RunConfig
from pipeline.contracts import (
    Cleaned,
    Compared,
    Embedded,
    Encoder,
    Mapped,
    Progress,
    Published,
    Received,
    TopicResult,
)  # fmt: skip
from pipeline.crosswalk.codebook import Codebook, Facet, load_codebook
from pipeline.errors import CodebookError, DataError
from pipeline.fingerprint import Parts, fingerprint, flat_settings, library_version, parts_of, reasons
from pipeline.inputs import notice_for, read_input
from pipeline.presentation.tuning import tuning_files
from pipeline.stages.clean import clean_comments
from pipeline.stages.compare import compare_with_account
from pipeline.stages.discover import discover_topics
from pipeline.stages.embed import embed_comments
from pipeline.stages.ingest import read_comments
from pipeline.stages.map import map_themes
from pipeline.stages.report import publish
from pipeline.store import RunStore, digest, digest_of
from pipeline.suggest import did_you_mean
from pipeline.tuning import Tuned, tune
from pipeline.vector_cache import CachedEncoder

LIBRARIES = (
    "bertopic", "ftfy", "hdbscan", "matplotlib", "numba", "numpy", "pandas", "pynndescent", "scikit-learn", "scipy",
    "sentence-transformers", "spacy", "torch", "transformers", "umap-learn",
)  # fmt: skip
"""Distributions named in the manifest."""


class Listener(Protocol):
    """Is told what a run does."""

    def stage_reused(self, name: str) -> None:
        """Hear that a stage's last result still holds."""

    def stage_started(self, name: str, why: Sequence[str]) -> None:
        """Hear that a stage runs, for these reasons."""

    def stage_finished(self, name: str, seconds: float, summary: Mapping[str, Any]) -> None:
        """Hear that a stage's result is on disk."""

    def progress(self, what: str, done: int, total: int) -> None:
        """Hear that part of a stage is done."""


@dataclass(frozen=True)
class RunOutcome:
    """A finished run.

    Attributes
    ----------
    folder : pathlib.Path
        The run folder.
    reused, rerun : tuple of str
        Names of stages.
    manifest : mapping
        The manifest.
    """

    folder: Path
    reused: tuple[str, ...]
    rerun: tuple[str, ...]
    manifest: Mapping[str, Any]


@dataclass
class _Context:
    """What the stages of one run share; models are loaded when a stage first asks for them."""

    config: RunConfig
    content: bytes
    codebook: Codebook
    store: RunStore
    listener: Listener
    results: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def encoder(self) -> Encoder:
        source = models.load_encoder(self.config.embed.model, batch_size=self.config.embed.batch_size)
        return CachedEncoder(source, self.config.embed.cache, self.progress)

    @property
    def progress(self) -> Progress:
        return self.listener.progress

    @property
    def notice(self) -> str:
        return notice_for(self.content, self.config.input.notice)

    @property
    def outlook(self) -> Facet | None:
        wanted = self.config.compare.outlook_facet
        if wanted is None or not self.codebook.facets:
            return None
        facet = self.codebook.facet(wanted)
        if facet is None:
            near = did_you_mean(wanted, (known.id for known in self.codebook.facets))
            raise CodebookError(
                f"{self.config.codebook}: compare.outlook_facet names '{wanted}', which it does not have.{near}",
                "Name one of its facets, or set compare.outlook_facet to null.",
            )
        return facet

    def result(self, stage: str) -> Any:
        """Return an earlier stage's result, from disk where it was reused."""
        if stage not in self.results:
            entry = self.store.manifest["stages"][stage]
            contract = STAGE_BY_NAME[stage].contract
            self.results[stage] = from_files(contract, self.store.read, entry["artefacts"], entry["summary"])
        return self.results[stage]


def _ingest(context: _Context) -> Received:
    return read_comments(context.content, path=context.config.input.path, config=context.config.input)


def _clean(context: _Context) -> Cleaned:
    config = context.config.clean
    return clean_comments(
        context.result("ingest"),
        language=models.load_language(config.spacy_model, sentences=context.config.unit == "sentence"),
        config=config,
        question=context.codebook.question,
        unit=context.config.unit,
        progress=context.progress,
    )


def _embed(context: _Context) -> Embedded:
    return embed_comments(context.result("clean"), encoder=context.encoder, config=context.config.embed)


def _discover(context: _Context) -> TopicResult:
    return discover_topics(
        context.result("clean"),
        context.result("embed"),
        encoder=context.encoder,
        config=context.config.discover,
        seed=context.config.seed,
        progress=context.progress,
    )


def _map(context: _Context) -> Mapped:
    return map_themes(
        context.result("clean"),
        context.result("embed"),
        context.result("discover"),
        codebook=context.codebook,
        outlook=context.outlook,
        encoder=context.encoder,
        config=context.config.map,
    )


def _compare(context: _Context) -> Compared:
    return compare_with_account(
        context.result("clean"),
        context.result("map"),
        codebook=context.codebook,
        outlook=context.outlook,
        coders=context.config.input.columns.coders,
        config=context.config.compare,
    )


def _report(context: _Context) -> Published:
    return publish(
        received=context.result("ingest"),
        cleaned=context.result("clean"),
        embedded=context.result("embed"),
        discovered=context.result("discover"),
        mapped=context.result("map"),
        compared=context.result("compare"),
        codebook=context.codebook,
        config=context.config,
        notice=context.notice,
        versions={name: library_version(name) for name in LIBRARIES} | {"theme-crosswalk": pipeline.__version__},
        progress=context.progress,
    )


@dataclass(frozen=True)
class Stage:
    """One step of a run: what it needs, and what its result depends on."""

    name: str
    run: Callable[[_Context], object]
    contract: type
    settings: tuple[str, ...]
    after: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()

    @property
    def module(self) -> str:
        """The module whose code the result depends on."""
        return f"pipeline.stages.{self.name}"


STAGES: tuple[Stage, ...] = (
    Stage("ingest", _ingest, Received, ("input",), reads=("the file of comments",), libraries=("pandas",)),
    Stage("clean", _clean, Cleaned, ("clean", "unit"), ("ingest",), ("the codebook's question",), ("ftfy", "spacy")),
    Stage(
        "embed", _embed, Embedded, ("embed",), ("clean",), ("the encoder's weights",),
        libraries=("sentence-transformers", "torch"),
    ),
    Stage(
        "discover", _discover, TopicResult, ("discover", "seed"), ("clean", "embed"),
        libraries=("bertopic", "hdbscan", "numba", "numpy", "scikit-learn", "umap-learn"),
    ),
    Stage(
        "map", _map, Mapped, ("map", "compare.outlook_facet"), ("clean", "embed", "discover"), ("the codebook",),
        libraries=("numpy",),
    ),
    Stage(
        "compare", _compare, Compared, ("compare", "input.columns"), ("clean", "map"), ("the codebook",),
        libraries=("scikit-learn", "scipy"),
    ),
    Stage(
        "report", _report, Published, ("report", "seed", "unit", "compare", "discover", "map", "input.notice"),
        ("ingest", "clean", "embed", "discover", "map", "compare"), ("the codebook", "the file of comments"),
        libraries=("jinja2", "matplotlib", "adjusttext"),
    ),
)  # fmt: skip
STAGE_BY_NAME = {stage.name: stage for stage in STAGES}


def run_pipeline(
    config: RunConfig,
    *,
    configuration_file: str,
    listener: Listener,
    force: str | None = None,
    last: str = "report",
) -> RunOutcome:
    """Run the stages of a configuration, each only where its last result no longer holds.

    Parameters
    ----------
    config : RunConfig
        The settings, with absolute paths.
    configuration_file : str
        Name of the file they come from; a run folder belongs to one.
    listener : Listener
        Is told what happens.
    force : str, optional
        This stage and those after it run whatever the manifest says.
    last : str
        The stage to stop after.

    Returns
    -------
    RunOutcome
        Where the results are.

    Raises
    ------
    PipelineError
        For everything that the user can mend. Stages that finished stay finished.
    """
    content = read_input(config.input.path)
    codebook = load_codebook(config.codebook)
    store = RunStore(config.output)
    with store.locked():
        store.prepare(configuration=configuration_file)
        context = _Context(config, content, codebook, store, listener)
        return _run_stages(context, configuration_file, force, last)


def _run_stages(context: _Context, configuration_file: str, force: str | None, last: str) -> RunOutcome:
    store, listener = context.store, context.listener
    known: dict[str, Any] = dict(store.manifest.get("stages", {}))
    forced = [stage.name for stage in STAGES]
    forced = forced[forced.index(force) :] if force is not None else []
    reused, rerun = [], []
    external = _external_inputs(context)
    wanted = STAGES[: STAGES.index(STAGE_BY_NAME[last]) + 1]
    for stage in wanted:
        parts = _parts(stage, context.config, known, external)
        entry = known.get(stage.name)
        why = reasons(entry["depends_on"] if entry else None, parts)
        if stage.name in forced:
            why = [f"asked for by --force {force}"]
        elif not why and entry is not None and not store.holds(entry["artefacts"]):
            why = ["its files are missing or were changed"]
        if not why:
            listener.stage_reused(stage.name)
            reused.append(stage.name)
            continue
        listener.stage_started(stage.name, why)
        started = time.perf_counter()
        stored = to_files(result := stage.run(context))
        artefacts = {name: store.write(name, file) for name, file in stored.files.items()}
        if entry is not None:
            store.remove(set(entry["artefacts"]) - set(artefacts))
        seconds = time.perf_counter() - started
        known[stage.name] = {
            "fingerprint": fingerprint(parts),
            "depends_on": parts,
            "artefacts": artefacts,
            "summary": dict(stored.summary),
            "seconds": round(seconds, 3),
            "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        store.write_manifest(_manifest(context, configuration_file, known))
        context.results[stage.name] = result
        rerun.append(stage.name)
        listener.stage_finished(stage.name, seconds, stored.summary)
    store.write("config.yaml", _resolved_yaml(context.config))
    store.write("internal/codebook.json", context.codebook.model_dump_json(indent=1).encode())
    return RunOutcome(store.folder, tuple(reused), tuple(rerun), store.manifest)


def tune_pipeline(config: RunConfig, *, configuration_file: str, listener: Listener) -> tuple[Path, Tuned]:
    """Try settings of discovery on a configuration's comments; earlier stages are run or reused.

    Parameters
    ----------
    config : RunConfig
        The settings, with absolute paths.
    configuration_file : str
        Name of the file they come from.
    listener : Listener
        Is told what happens.

    Returns
    -------
    tuple of pathlib.Path and Tuned
        The folder in the run folder that holds the table, the figure and the settings, and what was found.

    Raises
    ------
    PipelineError
        For everything that the user can mend.
    """
    run_pipeline(config, configuration_file=configuration_file, listener=listener, last="embed")
    store = RunStore(config.output)
    with store.locked():
        context = _Context(config, read_input(config.input.path), load_codebook(config.codebook), store, listener)
        cleaned, embedded = context.result("clean"), context.result("embed")
        if len(cleaned.distinct) < config.discover.smallest_corpus:
            raise DataError(
                f"{config.input.path}: {len(cleaned.distinct)} distinct comments are too few to tune on (at least "
                f"{config.discover.smallest_corpus} are wanted).",
                "Keep the default settings.",
            )
        tuned = tune(
            embedded.vectors,
            cleaned.units["lemmas"].tolist(),
            encoder=context.encoder,
            config=config.discover,
            seed=config.seed,
            progress=listener.progress,
        )
        for name, content in tuning_files(tuned, width_mm=config.report.figure_width_mm, notice=context.notice).items():
            store.write(f"tuning/{name}", content)
    return store.folder / "tuning", tuned


def _external_inputs(context: _Context) -> dict[str, str]:
    return {
        "the file of comments": digest(context.content),
        "the codebook": digest_of(context.codebook.model_dump(mode="json")),
        "the codebook's question": digest_of(context.codebook.question),
        "the encoder's weights": models.find_encoder(context.config.embed.model).revision,
    }


def _parts(stage: Stage, config: RunConfig, known: Mapping[str, Any], external: Mapping[str, str]) -> Parts:
    dumped = config.model_dump(mode="json")
    # Where a file lies and where vectors are kept change no result.
    dumped["input"].pop("path")
    dumped["embed"].pop("cache")
    settings: dict[str, Any] = {}
    for name in stage.settings:
        value: Any = dumped
        for part in name.split("."):
            value = value[part]
        settings |= flat_settings(name, value) if isinstance(value, Mapping) else {name: value}
    if stage.name == "ingest":
        settings.pop("input.notice")
    inputs = {name: external[name] for name in stage.reads}
    inputs |= {
        f"the result of {name}": digest_of([known[name]["artefacts"], known[name]["summary"]])
        for name in stage.after
        if name in known
    }
    return parts_of(stage.module, settings=settings, inputs=inputs, libraries=stage.libraries)


def _manifest(context: _Context, configuration_file: str, stages: Mapping[str, Any]) -> dict[str, Any]:
    config = context.config
    return {
        "program": {"name": "theme-crosswalk", "version": pipeline.__version__},
        "configuration_file": configuration_file,
        "configuration": config.model_dump(mode="json"),
        "notice": context.notice,
        "input": {"file": config.input.path.name, "bytes": len(context.content), "sha256": digest(context.content)},
        "codebook": {
            "file": config.codebook.name,
            "title": context.codebook.title,
            "version": context.codebook.version,
            "sha256": digest(config.codebook.read_bytes()),
        },
        "seed": config.seed,
        "environment": {
            "python": platform.python_version(),
            "system": f"{platform.system()} {platform.machine()}",
            "libraries": {name: library_version(name) for name in LIBRARIES},
        },
        "stages": dict(stages),
    }


def _resolved_yaml(config: RunConfig) -> bytes:
    content = config.model_dump(mode="json")
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True).encode()
