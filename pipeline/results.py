"""Opening a finished run: `load_run(folder)` gives its tables and figures by name."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd
from pydantic import ValidationError

from pipeline.account.audit import Audit
from pipeline.account.groups import grouped_columns
from pipeline.codebook.codebook import Codebook, Facet
from pipeline.coding.audited import audited
from pipeline.coding.codes import CodedSample, sampled_coders
from pipeline.coding.plan import codes_for_claims, coding_plan
from pipeline.coding.scores import agreement_of, machine_by_theme
from pipeline.comparison.runs import Comparison, Side, compare_runs
from pipeline.config import RunConfig, flat_settings
from pipeline.contracts import (
    OUTLIER,
    Assessed,
    Cleaned,
    Embedded,
    Encoder,
    Labels,
    Mapped,
    Received,
    TopicResult,
    Vectors,
)
from pipeline.crosswalk.membership import carried_by_comments, one_of_each
from pipeline.disclosure.rules import Rules
from pipeline.discovery.replay import replay
from pipeline.documents.board_brief import BRIEF, board_brief
from pipeline.documents.reading import representatives
from pipeline.engine.artefacts import read_result
from pipeline.engine.cluster import Cluster, insist_on_dask
from pipeline.engine.coding import CodingFolder
from pipeline.engine.fingerprint import outdated
from pipeline.engine.languages import languages_for
from pipeline.engine.review import ReviewFolder
from pipeline.engine.store import MANIFEST, RunStore
from pipeline.errors import ConfigError, StoreError, did_you_mean
from pipeline.exploring.assigning import Assigned, assign, read_new_comments
from pipeline.exploring.comment_map import CommentMap, comment_map
from pipeline.exploring.confusion import Confusion, confusion_of
from pipeline.exploring.counts import counts_by, counts_over_time
from pipeline.exploring.hierarchy import TopicTree, topic_tree_of
from pipeline.exploring.material import Material
from pipeline.exploring.search import search
from pipeline.exploring.topics import TopicBrowser, TopicView, topic_browser, topic_view
from pipeline.exporting.files import Exported, export
from pipeline.exporting.material import Material as ExportMaterial
from pipeline.figures.drawing import Drawn
from pipeline.figures.gallery import FIGURES, PATIENCE, Draw, Rendering, figure_files, gallery
from pipeline.figures.style import Sheet, load_drawing
from pipeline.language import models
from pipeline.language.vector_cache import CachedEncoder
from pipeline.review import drafting
from pipeline.review.changes import topics_of
from pipeline.review.decisions import Review
from pipeline.tables.published import read_public
from pipeline.workers import done_in_order, steady_arithmetic

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_Result = TypeVar("_Result")


def _stored(stage: str, contract: type[_Result]) -> cached_property[_Result]:
    """Return a property of a run that gives a stage's result."""

    def read(run: Run) -> _Result:
        result: _Result = read_result(contract, run._store, run.manifest["stages"][stage])
        return result

    return cached_property(read)


def _public_table(name: str, meaning: str) -> Any:
    """Return a property of a run that gives a public table."""
    return property(lambda run: run._public[name], doc=meaning)


class Run:
    """A finished run.

    Parameters
    ----------
    folder : pathlib.Path
        The run folder. Use `load_run` to open one.

    Notes
    -----
    `comments`, `representatives` and `embeddings` hold or derive from respondents' words, and `overview`,
    `counted_topics`, `assignments`, `comment_themes` and `confusions` are or give exact counts: they are for reading on
    this machine, not for publication. `topics` and the other tables are those of the public folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._store = RunStore(folder)
        self._draft: tuple[Review, Review] | None = None

    def __repr__(self) -> str:
        return f"Run({str(self.folder)!r}: {len(self.topics)} topics, {len(self.assignments)} comments)"

    @property
    def manifest(self) -> Mapping[str, Any]:
        """What made the run: configuration, hashes, versions, counts at each step."""
        return self._store.manifest

    @property
    def is_broken(self) -> bool:
        """Whether the manifest is there and cannot be used."""
        return self._store.is_broken

    def changed(self) -> list[str]:
        """Return the files of the run that are missing, or no longer as the run wrote them."""
        listed = [pair for entry in self.manifest["stages"].values() for pair in entry["artefacts"].items()]
        return [name for name, expected in listed if not self._store.holds({name: expected})]

    @property
    def notice(self) -> str:
        """What everything made from this run must say; may be empty."""
        return str(self.manifest.get("notice", ""))

    @cached_property
    def config(self) -> RunConfig:
        """The settings of the run."""
        try:
            return RunConfig.model_validate(self.manifest.get("configuration")).resolved(self.folder)
        except ValidationError:
            raise StoreError(
                f"{self.folder}: the run was made by another version of the program, or its manifest.json is damaged.",
                "Run the pipeline again.",
            ) from None

    @property
    def rules(self) -> Rules:
        """The rules for small counts that the run was published by."""
        return Rules.of(self.config.disclosure, self.config.assess.smallest_group)

    @cached_property
    def codebook(self) -> Codebook:
        """The codebook as it was when the run was made."""
        path = "internal/codebook.json"
        try:
            return Codebook.model_validate_json(self._store.read(path))
        except ValidationError:
            raise StoreError(
                f"{self.folder / path}: this file of the run is damaged.", "Run the pipeline again."
            ) from None

    _received = _stored("ingest", Received)
    _cleaned = _stored("clean", Cleaned)
    _embedded = _stored("embed", Embedded)
    _machine_topics = _stored("discover", TopicResult)
    _mapped = _stored("map", Mapped)
    _assessed = _stored("assess", Assessed)

    @cached_property
    def _discovered(self) -> TopicResult:
        return topics_of(self._machine_topics, self._mapped)

    @cached_property
    def _public(self) -> dict[str, pd.DataFrame]:
        return read_public(lambda place: self._store.read(f"public/{place}"), folder=self.folder / "public")

    @property
    def public_tables(self) -> dict[str, pd.DataFrame]:
        """The public tables by name, as the public folder has them."""
        return self._public

    @property
    def overview(self) -> pd.Series:
        """How many comments were received, analysed and set aside, how many topics there are, and how stable.

        Counts and shares are exact, small ones too, and so internal: what may be published of them stands in the report
        and in the public tables.
        """
        clean, found = self._cleaned.summary, self._discovered.summary
        return pd.Series(
            {
                "received": clean["received"],
                "set aside": clean["received"] - clean["analysed"],
                "analysed": clean["analysed"],
                "distinct": clean["distinct"],
                "topics": found["topics"],
                "coarse topics": found["coarse_topics"],
                "share in no topic": found["outlier_share"],
                "share in the largest topic": found["largest_share"],
                "repeatability": found["repeatability"],
            },
            dtype=object,
        )

    @property
    def notes(self) -> list[str]:
        """What the run said of its data, such as why no topics were looked for."""
        stages = self.manifest["stages"]
        return [note for name in ("ingest", "discover", "map") for note in stages[name]["summary"]["notes"]]

    @property
    def comments(self) -> pd.DataFrame:
        """Every comment received, with metadata, text as analysed, and why it was dropped where it was."""
        return self._cleaned.comments

    @property
    def assignments(self) -> pd.DataFrame:
        """Topic and theme of each analysed comment; see `pipeline.contracts.Mapped`."""
        return self._mapped.assignments

    @property
    def embeddings(self) -> Vectors:
        """Unit vectors of the distinct comments, float32, in the order of `layout`."""
        return self._embedded.comment_vectors

    @property
    def layout(self) -> pd.DataFrame:
        """comment_id, x and y of the distinct comments."""
        return self._discovered.layout

    def replay(self) -> Labels:
        """Derive the topics of the units again from the stored partitions and neighbour graph.

        Returns
        -------
        ndarray of shape (n_units,), int64
            The same topics as in the run, on any machine, -1 for outliers; empty where nothing was clustered.
        """
        found = self._machine_topics
        if not found.evidence:
            return np.zeros(0, dtype=np.int64)
        units = self._cleaned.units["comment_id"]
        topics = np.full(len(units), OUTLIER, dtype=np.int64)
        topics[~units.isin(self._embedded.nothing_said)] = replay(found.evidence, found.summary["rules"])
        return topics

    @property
    def topic_shares(self) -> pd.DataFrame:
        """How each distinct comment's units spread over topics: comment_id, topic, share."""
        return self._discovered.shares

    @property
    def counted_topics(self) -> pd.DataFrame:
        """Every topic with its exact size and whether the public table leaves that out; internal.

        topic, label (the public one), size, share (of the analysed comments, in [0, 1]), theme ("unmapped" where none
        fits) and suppressed (bool).
        """
        public: pd.DataFrame = self.topics
        shown = public[["topic", "label"]].assign(suppressed=public["size"].isna())
        exact = self._discovered.topics[["topic", "size", "share"]]
        themes = self._mapped.topic_themes[["topic", "theme"]]
        return shown.merge(exact, on="topic", validate="one_to_one").merge(themes, on="topic", validate="one_to_one")

    topics = _public_table("topics", "The topics with labels, keywords, sizes, stability and themes.")
    coarse_topics = _public_table("coarse_topics", "The coarse level of topics.")
    topic_tree = _public_table("topic_tree", "Where the branches of the tree of topics meet; see `hierarchy`.")
    crosswalk = _public_table("crosswalk", "Every topic against every theme.")
    prevalence = _public_table("prevalence", "Share of each theme, and what it rests on.")
    coded = _public_table("coded", "Share of each theme by each coder's codes; empty without codes.")
    diagnosis = _public_table("diagnosis", "Themes in one topic, several or none; topics matched, leaning or unmapped.")
    claims = _public_table("claims", "Each checkable claim of the account, what these data show, and a verdict.")
    groups = _public_table("groups", "Themes, topics and outlook by group.")
    group_tests = _public_table("group_tests", "A test of each column of groups as a whole.")
    article = _public_table("article", "The theme nearest to each of the article's own quotations.")
    quotations = _public_table("quotations", "The comments that may be quoted, by topic, once a reviewer marks some.")
    audited_claims = _public_table("audit", "What the audit says of each claim; empty where no sheets were coded.")
    agreement = _public_table("agreement", "Agreement with coders; empty where nobody coded.")
    outlook = _public_table("outlook", "Outlook overall and by group.")

    @property
    def comment_themes(self) -> pd.DataFrame:
        """The themes that each analysed comment carries, with fit and probability."""
        return self._mapped.comment_themes

    @property
    def outlook_facet(self) -> Facet | None:
        """The outlook facet of the run; None where it has none."""
        wanted = self.config.assess.outlook_facet
        return None if wanted is None else self.codebook.facet(wanted)

    @property
    def coding(self) -> CodingFolder:
        """People's coding of a random sample of the comments; see `pipeline.engine.coding`."""
        comments = self._cleaned.analysed[["comment_id", "text"]]
        return CodingFolder(self.folder, comments, self.codebook, self.outlook_facet)

    @property
    def coded_sample(self) -> CodedSample | None:
        """What people coded in sheets, and which of it is a random sample; None where nothing was scored."""
        return self.coding.read_codes()

    def coding_plan(self, half_width: float) -> pd.DataFrame:
        """Return how many comments people should code; see `pipeline.coding.plan.coding_plan`."""
        return coding_plan(self._carried, self.comment_themes, self.codebook, half_width=half_width)

    def coding_scores(self, sample: CodedSample) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return how far people agree, and how far the machine with them; exact, and so internal.

        Returns
        -------
        tuple of DataFrame
            What `pipeline.coding.scores.agreement_of` and `machine_by_theme` give. Codes of comments that the machine
            learned from are left out: it has seen them.
        """
        assignments, column = self.assignments, self.config.input.columns.person
        learned = set(assignments.loc[assignments["learned_from"], "comment_id"])
        codes = sample.codes[~sample.codes["comment_id"].isin(learned)]
        kept = self._cleaned.analysed.set_index("comment_id")
        respondents = pd.Series("", index=kept.index) if column is None else kept[column]
        agreement = agreement_of(
            codes,
            assignments,
            codebook=self.codebook,
            outlook=self.outlook_facet,
            respondents=respondents,
            n_bootstrap=self.config.assess.n_bootstrap,
            seed=self.config.seed,
        )
        return agreement, machine_by_theme(codes, self._carried, respondents, self.codebook)

    def audit(self, sample: CodedSample) -> Audit:
        """Return which claims people's codes of the random sample confirm or refute; exact, and so internal.

        See `pipeline.account.audit.audit_claims`.
        """
        comment_ids = self.assignments["comment_id"]
        read, groups = self._read_by_machine(comment_ids)
        return audited(sample, comment_ids, read, groups, self.codebook, self.outlook_facet)

    def codes_for_claims(self) -> dict[str, int]:
        """Return about how many comments to code until the audit decides a claim, were the machine's shares right.

        Of each claim that has a number or an order, by its id; see `pipeline.account.audit.codes_for_claim`.
        """
        predicted, groups = self._read_by_machine(self.assignments["comment_id"])
        return codes_for_claims(self.codebook, predicted, groups, seed=self.config.seed)

    def _read_by_machine(
        self, order: Sequence[str] | pd.Series[str]
    ) -> tuple[dict[str, pd.DataFrame], dict[str, pd.Series[str]]]:
        """Return the machine's reading of each comment by facet, and its groups, in an order of comment_ids."""
        ids = pd.Index(order)
        predicted = {"themes": self._carried.loc[ids].astype(float)}
        if (outlook := self.outlook_facet) is not None:
            said = self.assignments.set_index("comment_id").loc[ids, "outlook_direct"]
            predicted[outlook.id] = one_of_each(said, [entry.id for entry in outlook.themes]).astype(float)
        comments = self._cleaned.analysed.set_index("comment_id").loc[ids]
        groups = grouped_columns(comments, self.config.assess.grouped_by, smallest=self.rules.smallest_group)
        return predicted, groups

    @property
    def _carried(self) -> pd.DataFrame:
        """The themes that the machine gives each analysed comment, by comment_id."""
        ids = self.assignments["comment_id"]
        return carried_by_comments(ids, self.comment_themes, self.codebook.theme_ids).set_axis(ids)

    @property
    def confusions(self) -> pd.DataFrame:
        """How often each code met each other, machine with people and people with one another."""
        return self._assessed.confusions

    @property
    def representatives(self) -> pd.DataFrame:
        """The comments that stand for each topic; see `pipeline.documents.reading.representatives`."""
        return representatives(self._cleaned, self._discovered, self.config.input.columns.kept)

    @cached_property
    def _material(self) -> Material:
        return Material(self._cleaned, self._embedded, self._discovered, self._mapped, self.codebook, self.config)

    def topic(self, topic: int) -> TopicView:
        """Look into a topic: its comments, words, groups, neighbours and nearest themes; see `TopicView`."""
        return topic_view(self._material, topic)

    def browse(self) -> TopicBrowser:
        """Return all topics, each to open in a notebook; see `TopicBrowser`."""
        return topic_browser(self._material)

    def search(self, query: str, *, by: str = "words", n: int = 20) -> pd.DataFrame:
        """Find comments by their words, or by their meaning; see `pipeline.exploring.search.search`."""
        with _without_progress_bars():
            return search(
                self._material,
                query,
                by=by,
                n=n,
                load_language=lambda: models.load_language(self.config.clean.spacy_model),
                load_encoder=self._load_encoder,
            )

    def _load_encoder(self) -> Encoder:
        embed = self.config.embed
        return models.load_encoder(
            embed.model, batch_size=embed.batch_size, device=embed.device, backend=embed.backend,
            precision=embed.precision, cache=embed.cache,
        )  # fmt: skip

    def confusion(self, coder: str | None = None) -> Confusion:
        """Set people's codes beside the machine's themes, with the comments behind each number; see `Confusion`."""
        sample = self.coded_sample
        coders = [] if sample is None else sampled_coders(sample, self.assignments["comment_id"])
        return confusion_of(self._material, coder, {one.name: one.main for one in coders})

    def by(self, column: str) -> pd.DataFrame:
        """Count topics and themes by a metadata column; see `pipeline.exploring.counts.counts_by`."""
        return counts_by(self._material, self._material.group(column))

    def over(self, column: str, *, every: str = "month") -> pd.DataFrame:
        """Count topics and themes over time; see `pipeline.exploring.counts.counts_over_time`."""
        return counts_over_time(self._material, column, every=every)

    def map(self) -> CommentMap:
        """Return the map of the comments, to search, filter and zoom in a notebook; see `CommentMap`."""
        return comment_map(self._material, self.notice)

    def hierarchy(self) -> TopicTree:
        """Return how topics hang together: a linkage, its labels and a figure; see `TopicTree`."""
        return topic_tree_of(self._material, self.notice)

    def assign(self, path: str | Path) -> Assigned:
        """Give the comments of another file this run's topics and themes; see `pipeline.exploring.assigning.assign`.

        Parameters
        ----------
        path : str or pathlib.Path
            A file like the run's own. Only the columns of ids and comments are read.

        Raises
        ------
        PipelineError
            Where the file cannot be read, or a model is missing or not the run's.

        Notes
        -----
        Where the run was made on a cluster, comments are cleaned, encoded and given themes there; nothing is kept of an
        assignment that is stopped but the vectors in the cache.
        """
        source, embed = self._material.encoder(self._load_encoder), self.config.embed
        with contextlib.ExitStack() as ends:
            ends.enter_context(_without_progress_bars())
            ends.enter_context(steady_arithmetic())
            reading = encoding = computing = None
            if self.config.engine.kind == "dask":
                insist_on_dask(self.config.engine)
                cluster = ends.enter_context(contextlib.closing(Cluster(self.config.engine, self._store)))
                reading = cluster.reading(self.config.clean.spacy_model, sentences=False, keep=False)
                encoding = cluster.encoding(embed, source)
                computing = cluster.computing()
            language = models.load_language(self.config.clean.spacy_model)
            new = read_new_comments(
                Path(path),
                self.config,
                question=self.codebook.question,
                language=language,
                mapper=reading,
                **languages_for(self.config),
            )
            encoder = CachedEncoder(source, embed.cache, mapper=encoding)
            return assign(self._material, new, encoder=encoder, mapper=computing)

    def export(self, to: str) -> Exported:
        """Return the run as files for another program, with respondents' words; see `pipeline.exporting.files.export`.

        Parameters
        ----------
        to : str
            "refi", "csv", "xlsx", "parquet" or "spss".
        """
        stages = self.manifest["stages"]
        material = ExportMaterial(
            cleaned=self._cleaned,
            topics=self._discovered,
            mapped=self._mapped,
            codebook=self.codebook,
            outlook=self.outlook_facet,
            columns=self.config.input.columns,
            sample=self.coded_sample,
            made_from={name: stages[name]["artefacts"] for name in ("ingest", "discover")},
            made=datetime.fromtimestamp((self.folder / MANIFEST).stat().st_mtime, UTC),
            notice=self.notice,
        )
        return export(material, to)

    def draw(self, name: str, *, width_mm: float | None = None) -> Drawn:
        """Draw a figure of the report again.

        Parameters
        ----------
        name : str
            One of `pipeline.figures.gallery.FIGURES`.
        width_mm : float, optional
            Width; that of the configuration where it is not given.

        Returns
        -------
        Drawn
            The figure, what it shows in words, and its data.

        Raises
        ------
        ValueError
            For another name, or one that this run has no data for.
        """
        drawings = self.drawings
        if name not in FIGURES:
            raise ValueError(
                f"There is no figure '{name}'.{did_you_mean(name, FIGURES)} There are {', '.join(FIGURES)}."
            )
        if name not in drawings:
            raise ValueError(f"This run has no data for the figure '{name}'. It has {', '.join(drawings)}.")
        return drawings[name](self.config.report.figure_width_mm if width_mm is None else width_mm)

    @property
    def figure_names(self) -> tuple[str, ...]:
        """Names of the figures that this run has data for."""
        return tuple(self.drawings)

    @cached_property
    def drawings(self) -> dict[str, Draw]:
        """For each figure that this run has data for, a function of its width in millimetres."""
        return gallery(
            self._public, self.codebook, notice=self.notice, round_to=self.rules.round_to,
            false_discovery_rate=self.config.map.false_discovery_rate,
        )  # fmt: skip

    def figure(self, name: str, *, width_mm: float | None = None) -> Figure:
        """Return a figure of the report, drawn again; see `draw`."""
        return self.draw(name, width_mm=width_mm).figure

    def redraw(self, *, only: str | None, sheet: Sheet, width: str, output: Path | None) -> list[Path]:
        """Draw figures of the run again and write them.

        Parameters
        ----------
        only : str or None
            One figure's name; None draws all.
        sheet : Sheet
            The style sheet.
        width : str
            One of the sheet's widths: "single" or "double".
        output : pathlib.Path or None
            Where to put them; None takes the folder `redrawn` in the run folder, so that the run itself stays as it
            is.

        Returns
        -------
        list of pathlib.Path
            The files, in order.

        Raises
        ------
        ConfigError
            For a figure that the run does not have.
        """
        names = self.figure_names
        if only is not None and only not in names:
            raise ConfigError(
                f"--only: this run has no figure '{only}'.{did_you_mean(only, names)}", f"It has {', '.join(names)}."
            )
        target = RunStore(self.folder / "redrawn" if output is None else output)
        rendering = Rendering(sheet.widths_mm[width], self.notice, sheet)
        tasks = [(name, self.drawings[name], rendering) for name in (names if only is None else (only,))]
        written = []
        load_drawing()
        with contextlib.closing(done_in_order(figure_files, tasks, n_jobs=None, patience=PATIENCE)) as drawn:
            for files in drawn:
                for file, content in files.items():
                    target.write(file, content)
                    written.append(target.folder / file)
        return written

    def write_brief(self, output: Path | None = None) -> Path:
        """Write the brief for a board and return its path; see `pipeline.documents.board_brief`.

        Parameters
        ----------
        output : pathlib.Path or None
            The folder to put it in; None takes the folder `redrawn` in the run folder.
        """
        target = RunStore(self.folder / "redrawn" if output is None else output)
        target.write(BRIEF, board_brief(self._public, self.codebook, notice=self.notice))
        return target.folder / BRIEF

    # ---- A person's review of the topics

    @property
    def review(self) -> ReviewFolder:
        """The files of a person's review of the topics; see `pipeline.engine.review`."""
        has_ids = self.config.input.columns.id is not None
        return ReviewFolder(self.folder, self.codebook, self._cleaned, self._machine_topics, self._mapped, has_ids)

    @property
    def exact_topics(self) -> pd.DataFrame:
        """Every topic with its exact size, its theme and the machine's name and theme; internal."""
        return self._discovered.topics.merge(self._mapped.topic_themes, on="topic", validate="one_to_one")

    def _decide(self, change: Callable[[Review], Review]) -> None:
        start, draft = self._draft or (self.review.read(),) * 2
        review = change(draft)
        self.review.insist_on(review)
        self._draft = start, review

    def rename(self, names: Mapping[int, str]) -> None:
        """Give topics names, such as ``{5: "Suppliers"}``; "" takes a name back. Nothing is saved yet."""
        self._decide(lambda review: drafting.renamed(review, names))

    def merge(self, topics: Sequence[int]) -> None:
        """Merge topics into the first of them, which keeps its number. Nothing is saved yet."""
        self._decide(lambda review: drafting.merged(review, topics))

    def split(self, topic: int) -> None:
        """Cut a topic in two. Nothing is saved yet."""
        self._decide(lambda review: drafting.split(review, topic))

    def set_theme(self, topic: int, theme: str) -> None:
        """Give a topic a theme by id or name, in place of the program's match; "none" for no theme. Not saved yet."""
        self._decide(lambda review: drafting.themed(review, topic, theme, self.codebook))

    def move(self, comment_ids: str | Sequence[str], topic: int) -> None:
        """Move one comment, or several, to a topic; -1 for none. Nothing is saved yet."""
        moving = [comment_ids] if isinstance(comment_ids, str) else comment_ids
        self._decide(lambda review: drafting.moved(review, moving, topic))

    def save_review(self) -> str:
        """Write what was decided into the run folder, and say where.

        Raises
        ------
        PipelineError
            Where it does not fit the topics, or somebody has changed both kinds of file.
        """
        start, draft = self._draft or (self.review.read(),) * 2
        paths = self.review.save(start, draft)
        self._draft = None
        return f"Saved in {', '.join(map(str, paths))}. The next `pipeline run` uses it."

    def side(self, name: str) -> Side:
        """Return what of the run is compared with another, under a name; its counts are exact."""
        kept = self.comments[self.comments["kept"]]
        return Side(
            name=name,
            # The public table has rounded sizes and lacks small ones; overlaps are counted and would contradict them.
            topics=self.counted_topics,
            assignments=self.assignments[["comment_id", "topic", "theme_direct"]],
            texts=kept.set_index("comment_id")["text"],
            distinct=tuple(kept.loc[kept["duplicate_of"] == "", "comment_id"]),
            vectors=self.embeddings,
            encoder={part: self._embedded.summary[part] for part in ("model", "revision", "text")},
            settings=flat_settings("", self.config.kept()),
            codebook=self.codebook,
            notice=self.notice,
            rules=self.rules,
            hidden_themes=frozenset(self.prevalence.loc[self.prevalence["n_by_comments"].isna(), "theme"]),
        )

    def compare(self, other: Run) -> Comparison:
        """Compare this run, A, with another, B.

        Returns
        -------
        Comparison
            Exact counts, small ones too, for reading inside: they must not be published.
            `pipeline.comparison.files.disclosed` returns the same with small counts suppressed and others rounded, and
            `comparison_files` the files that may be published.

        Raises
        ------
        PipelineError
            Where the runs share too few comments, and their vectors cannot be compared.
        """
        folders = [run.folder.resolve() for run in (self, other)]
        # Two runs of the same name are distinguished by the folders that they are in.
        are_alike = folders[0].name == folders[1].name
        names = [f"{folder.parent.name}/{folder.name}" if are_alike else folder.name for folder in folders]
        return compare_runs(self.side(names[0]), other.side(names[1]))


@contextlib.contextmanager
def _without_progress_bars() -> Iterator[None]:
    """Keep from a notebook's reader that a library, imported when a model is loaded, lacks what draws its bars."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="IProgress not found")
        yield


def load_run(path: str | Path) -> Run:
    """Open a finished run.

    Parameters
    ----------
    path : str or pathlib.Path
        The run folder, such as "outputs/default".

    Returns
    -------
    Run
        Its tables and figures by name.

    Raises
    ------
    StoreError
        Where there is no finished run.
    """
    run = Run(Path(path))
    stages = run.manifest.get("stages", {})
    if not run.manifest and not run.is_broken:
        raise StoreError(
            f"{run.folder}: there is no finished run in this folder ({MANIFEST} is missing).",
            "Run: python -m pipeline run configs/default.yaml",
        )
    # A run that was stopped half-way has new results of its first stages beside old ones of its last.
    if "report" not in stages or outdated(stages):
        damaged = f", or its {MANIFEST} is damaged" if run.is_broken else ""
        raise StoreError(
            f"{run.folder}: the run did not finish{damaged}.", "Run the pipeline again; finished stages are reused."
        )
    return run
