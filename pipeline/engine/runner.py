"""Running the stages: what to reuse, what to run again and why."""

from __future__ import annotations

import platform
import time
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

import pipeline
from pipeline.codebook.codebook import Codebook, load_codebook
from pipeline.codebook.written_codes import insist_on_known_codes, read_codes
from pipeline.config import RunConfig, flat_settings, limited
from pipeline.disclosure.quotation_review import SHEET
from pipeline.engine.artefacts import to_files
from pipeline.engine.cluster import forget_parts, insist_on_dask
from pipeline.engine.coding import SEAL
from pipeline.engine.fingerprint import RESULT_OF, Parts, fingerprint, parts_of, reasons, result_digest
from pipeline.engine.forgetting import finish as finish_forgetting
from pipeline.engine.last_look import program_digest, read_look, remember, state_of
from pipeline.engine.seal import PLAN
from pipeline.engine.store import RunStore
from pipeline.engine.wiring import LIBRARIES, STAGE_BY_NAME, STAGES, Context, Listener, Stage
from pipeline.errors import DataError, PipelineError
from pipeline.formats.digests import digest
from pipeline.intake.inputs import insist_on_review, read_input
from pipeline.stages.ingest import read_comments
from pipeline.workers import steady_arithmetic

if TYPE_CHECKING:
    from pipeline.discovery.tuning import Tuned


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
    insist_on_dask(config.engine)
    content = read_input(config.input.path)
    insist_on_review(content, config)
    codebook = load_codebook(config.codebook)
    _insist_on_codes(content, codebook, config)
    store = RunStore(config.output)
    with store.locked():
        store.prepare(configuration=configuration_file)
        finish_forgetting(store, config)
        context = Context(config, content, codebook, store, listener, code=_known_code(store))
        with closing(context):
            return _run_stages(context, configuration_file, force, last)


def look_again(config: RunConfig, *, configuration_file: str, said: Mapping[str, Any], listener: Listener) -> None:
    """Keep in a run's folder that it is whole, so that it is told without loading anything while nothing changes.

    Every stage is asked once more whether its result holds, by what lies on the disk now: a file may have been changed
    while the run was under way. Nothing is kept where one does not hold, the run is in use again, or the disk refuses:
    that costs a moment and no result.

    Parameters
    ----------
    config : RunConfig
        The settings, with absolute paths.
    configuration_file : str
        Name of the file they come from.
    said : mapping
        What was printed of the results.
    listener : Listener
        Whom stages would tell of their progress; none runs here.
    """
    store = RunStore(config.output)
    with suppress(PipelineError), store.locked():
        before = state_of(config, configuration_file=configuration_file)
        content, codebook = read_input(config.input.path), load_codebook(config.codebook)
        context = Context(config, content, codebook, store, listener, code=_known_code(store))
        known = store.manifest.get("stages", {})
        for stage in STAGES:
            parts = _parts(stage, limited(config, stage.settings), known, context)
            if _reasons(known.get(stage.name), parts, store):
                return
        if before == state_of(config, configuration_file=configuration_file):
            remember(config, before, said, context.code)


def _known_code(store: RunStore) -> dict[str, Parts]:
    """Return what the last look says of the stages' code, where the program is the same."""
    look = read_look(store)
    return look.code if look is not None and look.program == program_digest() else {}


def _insist_on_codes(content: bytes, codebook: Codebook, config: RunConfig) -> None:
    """Refuse codes that the codebook does not have before anything runs: they count only at the end."""
    columns, learn_from = config.input.columns, config.map.learn_from
    if columns.coders or learn_from:
        received = read_comments(content, path=config.input.path, config=config.input)
        found = read_codes(received.comments, columns, learn_from, codebook, config.assess.outlook_facet)
        insist_on_known_codes(found, codebook, config.input.path)


def _run_stages(context: Context, configuration_file: str, force: str | None, last: str) -> RunOutcome:
    store, listener = context.store, context.listener
    known: dict[str, Any] = dict(store.manifest.get("stages", {}))
    forced = [stage.name for stage in STAGES]
    forced = forced[forced.index(force) :] if force is not None else []
    context.anew = forced
    reused, rerun = [], []
    wanted = STAGES[: STAGES.index(STAGE_BY_NAME[last]) + 1]
    for stage in wanted:
        settings = limited(context.config, stage.settings)
        parts = _parts(stage, settings, known, context)
        entry = known.get(stage.name)
        why = [f"asked for by --force {force}"] if stage.name in forced else _reasons(entry, parts, store)
        if not why:
            listener.stage_reused(stage.name)
            reused.append(stage.name)
            continue
        listener.stage_started(stage.name, why)
        started = time.perf_counter()
        with steady_arithmetic():
            stored = to_files(result := stage.run(context, settings))
        if SHEET in stored.files:
            context.insist_on_sheet()
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
        forget_parts(store)
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
    from pipeline.discovery.tuning import tune
    from pipeline.documents.tuning import tuning_files

    run_pipeline(config, configuration_file=configuration_file, listener=listener, last="embed")
    store = RunStore(config.output)
    with store.locked():
        context = Context(config, read_input(config.input.path), load_codebook(config.codebook), store, listener)
        cleaned, embedded = context.result("clean"), context.result("embed")
        if len(cleaned.distinct) < config.discover.smallest_corpus:
            raise DataError(
                f"{config.input.path}: {len(cleaned.distinct)} distinct comments are too few to tune on (at least "
                f"{config.discover.smallest_corpus} are wanted).",
                "Keep the default settings.",
            )
        with closing(context), steady_arithmetic():
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


def _reasons(entry: Mapping[str, Any] | None, parts: Parts, store: RunStore) -> list[str]:
    """Say why a stage is to run again; nothing where its result still holds."""
    if entry is None and store.is_broken:
        return ["the record of the last run (manifest.json) is damaged, everything runs again"]
    why = reasons(entry["depends_on"] if entry else None, parts)
    if not why and entry is not None and not store.holds(entry["artefacts"]):
        return ["its files are missing or were changed"]
    return why


def _parts(stage: Stage, settings: RunConfig, known: Mapping[str, Any], context: Context) -> Parts:
    inputs = {name: context.inputs[name] for name in stage.reads}
    inputs |= {f"{RESULT_OF}{name}": result_digest(known[name]) for name in stage.after if name in known}
    return parts_of(context.code_of(stage), settings=flat_settings("", settings.kept()), inputs=inputs)


def _manifest(context: Context, configuration_file: str, stages: Mapping[str, Any]) -> dict[str, Any]:
    config = context.config
    # What was sealed before results were seen, or before anybody coded, must stay what it was.
    kept = {name: context.store.manifest[name] for name in (SEAL, PLAN) if name in context.store.manifest}
    return {
        "program": {"name": "theme-crosswalk", "version": pipeline.__version__},
        "configuration_file": configuration_file,
        "configuration": config.kept(),
        "notice": context.notice,
        "input": {"file": config.input.path.name, "bytes": len(context.content), "sha256": digest(context.content)},
        "codebook": {
            "file": config.codebook.name,
            "title": context.codebook.title,
            "version": context.codebook.version,
            "sha256": context.codebook_digest,
        },
        "seed": config.seed,
        "environment": {
            "python": platform.python_version(),
            "system": f"{platform.system()} {platform.machine()}",
            "libraries": {name: context.versions[name] for name in LIBRARIES},
        },
        "stages": dict(stages),
        **kept,
    }


def _resolved_yaml(config: RunConfig) -> bytes:
    return yaml.safe_dump(config.kept(), sort_keys=False, allow_unicode=True).encode()
