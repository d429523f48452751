"""The command line: it alone, with `commands/`, prints, shows progress or sets the exit status."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from pipeline import __version__
from pipeline.commands.assign import assign
from pipeline.commands.coding import INSIDE, code, show_audit
from pipeline.commands.export import export
from pipeline.commands.forget import forget
from pipeline.commands.messages import defect, opened, plain, told
from pipeline.commands.new import new
from pipeline.commands.report import open_report, report
from pipeline.commands.topics import topics
from pipeline.errors import ConfigError, PipelineError, StoreError, did_you_mean
from pipeline.formats.disk import opened_privately, without_home
from pipeline.stages import STAGE_NAMES

if TYPE_CHECKING:
    from pipeline.config import RunConfig

app = typer.Typer(
    name="pipeline", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    help="Discover topics in free-text comments and compare them with the themes of a published account.",
)  # fmt: skip

app.add_typer(code)
app.command()(topics)
app.command()(new)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"theme-crosswalk {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and stop.")
    ] = False,
) -> None:
    pass


_EVERY = 60.0
"""Seconds between two lines that say how far a stage is, where there is no terminal."""

_PATIENCE = 5.0
"""Seconds more after which a line says that a stage is at work, where it has told nothing."""


class _Screen:
    """Shows a run on standard error: a bar on a terminal, elsewhere a line a stage and a minute; and writes the log."""

    def __init__(self, console: Console, log: logging.Logger) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        self._console = console
        self._log = log
        self._bar = Progress(
            TextColumn("  {task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
            console=console, transient=True, disable=not console.is_terminal,
        )  # fmt: skip
        self._task: Any = None
        self._what = ""
        self._stage = ""
        self._stage_began = self._said = 0.0
        self._marks: list[tuple[float, int]] = []
        """When how much of the present piece of work was done."""
        self._total = 0
        self._over = threading.Event()

    def __enter__(self) -> _Screen:
        self._bar.start()
        if not self._console.is_terminal:
            threading.Thread(target=self._watch, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._end_task()
        self._bar.stop()

    def _watch(self) -> None:
        while not self._over.wait(_PATIENCE):
            self.still_at_work()

    def still_at_work(self) -> None:
        """Say how far a stage is that has told nothing for more than a minute, or that it is at work."""
        now = time.monotonic()
        if self._stage and now - self._said >= _EVERY + _PATIENCE:
            self._say(self._how_far(now) or f"at work for {_minutes(now - self._stage_began)}", now)

    def _say(self, said: str, now: float) -> None:
        self._said = now
        self._console.print(f"{self._stage}: {said}", highlight=False, markup=False)

    def _how_far(self, now: float) -> str | None:
        """Return how much of the present piece of work is done; None where nobody knows how long it takes still."""
        if not self._marks or not self._marks[0][1] < self._marks[-1][1] < self._total:
            return None
        then, done = self._marks[-1]
        left = max(_seconds_left(self._marks, self._total) - (now - then), 0.0)
        return f"{self._what} {done:,} of {self._total:,}, {_minutes(left)} to go"

    def _end_task(self) -> None:
        if self._task is not None:
            self._bar.remove_task(self._task)
            self._task, self._what = None, ""
        self._marks = []

    def stage_reused(self, name: str) -> None:
        self._log.info("%s: reused", name)
        self._console.print(f"[green]✓[/] {name}: reused, nothing changed" if self._console.is_terminal
                            else f"{name}: reused, nothing changed", highlight=False)  # fmt: skip

    def stage_started(self, name: str, why: Sequence[str]) -> None:
        self._end_task()
        self._stage = name
        self._stage_began = self._said = time.monotonic()
        said = "; ".join(why)
        self._log.info("%s: runs (%s)", name, said)
        self._console.print(f"{name}: {without_home(said)}", highlight=False, markup=False)

    def stage_finished(self, name: str, seconds: float, summary: Mapping[str, Any]) -> None:
        self._end_task()
        self._stage = ""
        self._log.info("%s: done in %.1f s, %s", name, seconds, _counts(summary))
        self._console.print(f"{name}: done in {seconds:.1f} s", highlight=False, markup=False)
        for note in summary.get("notes", ()):
            self._log.info("%s: %s", name, note)
            self._console.print(f"  Note: {without_home(note)}", highlight=False, markup=False)

    def progress(self, what: str, done: int, total: int) -> None:
        now = time.monotonic()
        if what != self._what:
            self._end_task()
            self._task, self._what = self._bar.add_task(what, total=total), what
        self._bar.update(self._task, completed=done, total=total)
        if self._console.is_terminal:
            return
        self._marks.append((now, done))
        self._total = total
        if now - max(self._said, self._marks[0][0]) >= _EVERY and (said := self._how_far(now)):
            self._say(said, now)


def _seconds_left(marks: Sequence[tuple[float, int]], total: int) -> float:
    """Return how long the rest takes at the pace of the last minute, or of the last half where that is longer.

    What comes first is often quicker: short texts, the layouts of a sample, an idle machine.
    """
    (began, _), (now, done) = marks[0], marks[-1]
    since = now - max(_EVERY, (now - began) / 2)
    then, before = max((mark for mark in marks[:-1] if mark[0] <= since and mark[1] < done), default=marks[0])
    return (now - then) / (done - before) * (total - done)


def _minutes(seconds: float) -> str:
    minutes = round(seconds / 60)
    if minutes < 1:
        return "less than a minute"
    return "about a minute" if minutes == 1 else f"about {minutes} minutes"


def _counts(summary: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in summary.items() if isinstance(value, int | float))


@app.command()
def run(
    config: Annotated[Path, typer.Argument(help="The configuration file, such as configs/default.yaml.")],
    force: Annotated[
        str | None, typer.Option("--force", metavar="STAGE", help="Run this stage and those after it again.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", metavar="DIR", help="Put the run here instead of where the file says.")
    ] = None,
) -> None:
    """Run the pipeline: only what changed since the last run is done again."""
    with told("command"):
        _run(config, force, output)


def _run(config_path: Path, force: str | None, output: Path | None) -> None:
    if force is not None and force not in STAGE_NAMES:
        raise ConfigError(
            f"--force: there is no stage '{force}'.{did_you_mean(force, STAGE_NAMES)}",
            f"The stages are {', '.join(STAGE_NAMES)}.",
        )
    settings = _load(config_path, output)
    started = time.perf_counter()
    from pipeline.engine.last_look import recall

    with _listening(settings) as screen:
        said = None if force else recall(settings, configuration_file=config_path.name)
        if said is not None:
            for name in STAGE_NAMES:
                screen.stage_reused(name)
            rerun: tuple[str, ...] = ()
        else:
            from pipeline.engine.runner import look_again, run_pipeline

            rerun = run_pipeline(settings, configuration_file=config_path.name, listener=screen, force=force).rerun
            said = _said_of(settings.output)
            look_again(settings, configuration_file=config_path.name, said=said, listener=screen)
    _show_outcome(said, settings.output, seconds=time.perf_counter() - started, rerun=rerun)


def _load(config_path: Path, output: Path | None) -> RunConfig:
    from pipeline.config import load_config

    settings = load_config(config_path)
    _quieten()
    _give_memory_back()
    return settings if output is None else settings.model_copy(update={"output": output.resolve()})


@contextmanager
def _listening(settings: RunConfig) -> Iterator[_Screen]:
    """Show and log what a run does."""
    with _logging_to(settings.output) as log, _Screen(Console(stderr=True), log) as screen:
        try:
            yield screen
        except StoreError:
            # The folder is another run's, or cannot be written.
            raise
        except PipelineError as problem:
            log.error("%s %s", problem.message.replace("\n", " "), problem.hint)
            raise
        except (KeyboardInterrupt, MemoryError) as problem:
            log.error("stopped: %s", type(problem).__name__)
            raise
        except Exception as problem:
            log.error("defect: %s", defect(problem))
            raise


def _quieten() -> None:
    """Keep the libraries' own chatter from the user; what matters to them is said by this program."""
    for switch, value in (("TOKENIZERS_PARALLELISM", "false"), ("HF_HUB_DISABLE_PROGRESS_BARS", "1")):
        os.environ.setdefault(switch, value)
    for name in ("transformers", "sentence_transformers", "BERTopic", "numba", "matplotlib", "fontTools"):
        logging.getLogger(name).setLevel(logging.ERROR)


def _give_memory_back() -> None:
    """Have Arrow, where pandas keeps texts, give freed memory back: of a million comments it would keep gigabytes."""
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")


class _Formatter(logging.Formatter):
    """Writes ~ for the user's own folder."""

    def format(self, record: logging.LogRecord) -> str:
        return without_home(super().format(record))


class _LogFile(logging.FileHandler):
    """A log that its owner alone may read, and that is not written through a link that somebody put in its place."""

    def _open(self) -> TextIOWrapper:
        path = Path(self.baseFilename)
        try:
            return open(path, "a", encoding="utf-8", opener=opened_privately)
        except OSError as problem:
            why = "it is a link to another file" if path.is_symlink() else problem.strerror
            raise StoreError(f"{path}: the log cannot be written ({why}).", "Delete it and run again.") from None


@contextmanager
def _logging_to(folder: Path) -> Iterator[logging.Logger]:
    """Write the run's log into its folder for as long as it runs."""
    log = logging.getLogger("pipeline.run")
    log.setLevel(logging.INFO)
    log.propagate = False
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Opened at the first line: a folder that turns out to be no run's gets none.
        handler = _LogFile(folder / "run.log", delay=True)
    except OSError as problem:
        raise StoreError(
            f"{folder}: the output folder cannot be written ({problem.strerror}).",
            "Set output to a folder where you may write, or use --output.",
        ) from None
    handler.setFormatter(_Formatter("%(asctime)s %(levelname)s %(message)s"))
    # A disk that is full is reported once, by what the run itself could not write.
    handler.handleError = lambda record: None  # type: ignore[method-assign]  # noqa: ARG005
    log.addHandler(handler)
    try:
        yield log
    finally:
        log.removeHandler(handler)
        handler.close()


def _said_of(folder: Path) -> dict[str, Any]:
    """Return what is printed of a finished run: a notice, a row for each topic, and lines."""
    from pipeline.account.agreement import MACHINE_DIRECT, quoted_agreement
    from pipeline.documents.topic_tables import said_of_match
    from pipeline.results import load_run
    from pipeline.tables.numbers import counted, decimal, percent

    finished = load_run(folder)
    topics = []
    for row in finished.topics.to_dict("records"):
        theme = said_of_match(row, finished.codebook)
        keywords = ", ".join(row["keywords"].split(", ")[:5])
        size = "not shown" if row.get("suppressed") else str(row["size"])
        topics.append([str(row["topic"]), size, plain(row["label"]), plain(keywords), plain(theme)])
    stages = finished.manifest["stages"]
    lines = []
    if forgotten := stages["ingest"]["summary"].get("forgotten"):
        lines.append(f"{counted(forgotten, 'comment')} forgotten: left out of this run, as asked.")
    lines += [plain(note) for name in ("discover", "map", "assess") for note in stages[name]["summary"]["notes"]]
    found = finished.overview
    if found["topics"]:
        lines.append(
            f"{found['topics']} topics; {percent(found['share in no topic'])} of comments in no topic; "
            f"repeatability {found['repeatability']:.2f}"
        )
    mapped = stages["map"]["summary"]
    if mapped["decoy_match_rate"] is not None:
        by_person = f", a person decided on {mapped['topics_by_person']}" if mapped["topics_by_person"] else ""
        lines.append(
            f"{mapped['topics_matched']} topics match a published theme, {mapped['topics_leaning']} lean to one, "
            f"{mapped['topics_unmapped']} match none{by_person}; themes of other fields match "
            f"{percent(mapped['decoy_match_rate'])} of topics"
        )
    with_machine = [pair for pair in quoted_agreement(finished.agreement) if pair["second"] == MACHINE_DIRECT]
    for pair in with_machine[:1]:
        measures = (("macro-F1", "macro_f1"), ("accuracy", "accuracy"))
        said = [f"{name} {decimal(pair[measure])}" for name, measure in measures if measure in pair]
        lines.append(
            f"Agreement of directly matched themes with {plain(pair['first'])}: {', '.join(said)} "
            f"({pair['comments']} coded comments)"
        )
    return {"notice": plain(finished.notice), "topics": topics, "lines": lines}


def _show_outcome(said: Mapping[str, Any], folder: Path, *, seconds: float, rerun: Sequence[str]) -> None:
    console = Console()
    if said["notice"]:
        console.print(f"[yellow]{said['notice']}[/]", highlight=False)
    if said["topics"]:
        table = Table(box=None, pad_edge=False, header_style="bold")
        table.add_column("Topic", justify="right")
        table.add_column("Comments", justify="right")
        table.add_column("Label", max_width=32)
        table.add_column("Keywords", max_width=48)
        table.add_column("Theme", max_width=32)
        for row in said["topics"]:
            table.add_row(*row)
        console.print(table)
    for line in said["lines"]:
        console.print(line, highlight=False)
    how = "all stages reused" if not rerun else f"stages run: {', '.join(rerun)}"
    console.print(f"Done in {seconds:.1f} s ({how}).", highlight=False)
    console.print(f"Report: {plain(str(folder / 'public' / 'report.html'))}", highlight=False, soft_wrap=True)


@app.command()
def tune(
    config: Annotated[Path, typer.Argument(help="The configuration file whose comments to tune on.")],
    output: Annotated[
        Path | None, typer.Option("--output", metavar="DIR", help="Work here instead of where the file says.")
    ] = None,
) -> None:
    """Try settings of discovery and write those that give stable, covering and coherent topics."""
    with told("command"):
        settings = _load(config, output)
        from pipeline.engine.runner import tune_pipeline

        with _listening(settings) as screen:
            folder, tuned = tune_pipeline(settings, configuration_file=config.name, listener=screen)
        console = Console()
        table = Table(box=None, pad_edge=False, header_style="bold")
        for name in tuned.candidates.columns:
            table.add_column(name, justify="right")
        for row in tuned.candidates.to_dict("records"):
            cells = (f"{value:.2f}" if isinstance(value, float) else str(value) for value in row.values())
            table.add_row(*("*" if cell == "True" else "" if cell == "False" else cell for cell in cells))
        console.print(table)
        console.print("People's codes were not looked at. Stability, coverage and coherence count alike.")
        console.print(f"Chosen settings: {plain(str(folder / 'chosen.yaml'))}", highlight=False, soft_wrap=True)


@app.command()
def seal(
    config: Annotated[Path, typer.Argument(help="The configuration file whose plan to seal.")],
    output: Annotated[
        Path | None, typer.Option("--output", metavar="DIR", help="Seal it here instead of where the file says.")
    ] = None,
) -> None:
    """Seal the plan before results are seen: claims, codebook, rules, settings, seed and comments, by their hashes."""
    with told("command"):
        settings = _load(config, output)
        from pipeline.codebook.codebook import load_codebook
        from pipeline.engine.seal import seal_plan
        from pipeline.intake.inputs import read_input

        content, codebook = read_input(settings.input.path), load_codebook(settings.codebook)
        plan = seal_plan(settings, content, codebook, configuration_file=config.name)
        console = Console()
        console.print(f"Sealed {plan['sealed']}: SHA-256 {plan['sha256']}", highlight=False, soft_wrap=True)
        console.print(
            "Write this hash where others can see its date, such as a registration. The report lists what changes.",
            highlight=False, soft_wrap=True,
        )  # fmt: skip


@app.command()
def audit(
    folder: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a run whose sheets were scored.")],
) -> None:
    """Say which claims of the article people's codes confirm or refute so far."""
    with told("command"), opened(folder) as (run,):
        sample = run.coded_sample
        if sample is None or not sample.complete:
            raise StoreError(
                f"{folder}: nobody's codes have been read yet.", "Use code draw, have people code, then code score."
            )
        show_audit(run.audit(sample))
        Console().print(INSIDE, highlight=False, soft_wrap=True)


app.command("open")(open_report)
app.command()(report)
app.command()(assign)
app.command()(export)
app.command()(forget)


@app.command()
def compare(
    run_a: Annotated[Path, typer.Argument(metavar="RUN_A", help="The folder of a finished run, such as last year's.")],
    run_b: Annotated[Path, typer.Argument(metavar="RUN_B", help="The folder of the run to set beside it.")],
    output: Annotated[
        Path | None, typer.Option("--output", metavar="DIR", help="Put the tables here instead of beside RUN_B.")
    ] = None,
) -> None:
    """Compare two finished runs: which topics and themes are the same, and what moved."""
    with told("command"):
        from pipeline.comparison.files import FILE_NAMES, comparison_files
        from pipeline.engine.store import RunStore

        with opened(run_a, run_b) as (first, second):
            found = first.compare(second)
        names = (found.summary["name_a"], found.summary["name_b"])
        folder = output or run_b.resolve().parent / "_".join(("comparison", *names)).replace("/", "-")
        held = {path.name for path in folder.iterdir() if path.suffix != ".part"} if folder.is_dir() else set()
        if held - set(FILE_NAMES) or folder.is_file():
            raise StoreError(
                f"{folder}: this is no folder for a comparison: it holds something else.",
                "Set --output to a new folder, or to that of an earlier comparison.",
            )
        store = RunStore(folder)
        for name, content in comparison_files(found).items():
            store.write(name, content)
        _show_comparison(found)
        where = plain(str(folder / "comparison.md"))
        Console().print(f"Comparison: {where}", highlight=False, soft_wrap=True)


def _show_comparison(found: Any) -> None:
    from pipeline.comparison.files import disclosed, headlines, sections

    shown = disclosed(found)
    console = Console()
    for notice in shown.summary["notices"]:
        console.print(f"[yellow]{plain(notice)}[/]", highlight=False)
    for line in headlines(shown):
        console.print(plain(line), highlight=False)
    for section in sections(shown):
        table = Table(
            title=section.title, title_justify="left", title_style="bold", box=None, pad_edge=False,
            header_style="bold",
        )  # fmt: skip
        for name in section.header:
            table.add_column(name, max_width=40)
        for row in section.rows:
            table.add_row(*(plain(cell) for cell in row))
        console.print()
        console.print(table)
    console.print()


@app.command()
def figures(
    folder: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a finished run.")],
    only: Annotated[str | None, typer.Option("--only", metavar="NAME", help="Draw this figure alone.")] = None,
    style: Annotated[
        str,
        typer.Option("--style", help="journal (PDF, SVG, PNG, no title) or web (titles, larger letters; SVG, PNG)."),
    ] = "journal",
    width: Annotated[
        str, typer.Option("--width", help="single (journal: 89 mm, web: 720 pixels) or double (183 mm, 1,440 pixels).")
    ] = "double",
    output: Annotated[
        Path | None, typer.Option("--output", metavar="DIR", help="Put them here instead of in RUN/redrawn.")
    ] = None,
) -> None:
    """Draw a finished run's figures again for a journal or a web page, without loading a model."""
    with told("command"):
        from pipeline.figures.style import SHEETS

        sheet = {sheet.name: sheet for sheet in SHEETS}.get(style)
        if sheet is None:
            raise ConfigError(f"--style: found '{style}'.", f"Use {' or '.join(sheet.name for sheet in SHEETS)}.")
        if width not in sheet.widths_mm:
            raise ConfigError(f"--width: found '{width}'.", f"Use {' or '.join(sheet.widths_mm)}.")
        with opened(folder) as (drawn,):
            for path in drawn.redraw(only=only, sheet=sheet, width=width, output=output):
                print(without_home(str(path)))


@app.command()
def check(config: Annotated[Path, typer.Argument(help="The configuration file to check.")]) -> None:
    """Check configuration, comments and codebook without running anything."""
    with told("command"):
        from pipeline.engine.checks import check_configuration

        for line in check_configuration(config):
            print(without_home(line))


@app.command()
def doctor() -> None:
    """Show versions, models and their hashes, the processor and the free disk."""
    with told("command"):
        from pipeline.doctor import examine

        findings = examine()
        console = Console()
        for finding in findings:
            mark = "[green]✓[/]" if finding.is_good else "[red]✗[/]"
            console.print(f"{mark} {plain(finding.name)}: {plain(finding.value)}", highlight=False, soft_wrap=True)
            if not finding.is_good:
                console.print(f"  [yellow]What to do:[/] {plain(finding.hint)}", highlight=False, soft_wrap=True)
        if not all(finding.is_good for finding in findings):
            raise typer.Exit(2)


def main() -> None:
    """Run the command line."""
    if not sys.warnoptions:
        # What libraries warn of is for programmers, and may hold a text or the place where they lie.
        warnings.simplefilter("ignore")
    if hasattr(sys.stdout, "reconfigure"):
        # A Windows console in an old code page must not stop a run over a quotation mark.
        sys.stdout.reconfigure(errors="replace")
        sys.stderr.reconfigure(errors="replace")  # type: ignore[union-attr]
    app()
