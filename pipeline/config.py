"""The settings of a run: frozen models of a configuration file, and its loader.

Paths in a configuration file are relative to the folder of that file, so that the file and its data can be
moved together.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from pipeline.errors import ConfigError
from pipeline.formats.disk import without_home
from pipeline.formats.yamlfile import read_yaml, validate

DEFAULT_ENCODER = "all-MiniLM-L6-v2"
MULTILINGUAL_ENCODER = "multilingual-e5-small"
"""The encoder of the extra `languages`."""

_APART: dict[str, JsonValue] = {"apart": True}
"""Marks a setting that changes no result by itself and stands in nothing public: a place on a machine (what lies
there is hashed instead), or a secret."""

PersonalData = Literal[
    "PERSON", "EMAIL", "URL", "IBAN", "CARD", "NHS_NUMBER", "RECORD_NUMBER", "NI_NUMBER", "PROFESSIONAL_NUMBER",
    "DATE_OF_BIRTH", "PHONE", "POSTCODE", "VEHICLE", "ADDRESS",
]  # fmt: skip
"""The types of what is taken out of comments."""

QUESTION = "question"
"""The metadata column that says which question an answer is to, where several are pooled."""

RESPONDENT = "respondent"
"""The column that says whose answer it is then, where the file has none that does."""

_Model = TypeVar("_Model", bound=BaseModel)


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)


class CoderConfig(_Section):
    """Columns that hold one coder's codes."""

    # Codes and their columns may be numbers.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=False, coerce_numbers_to_str=True)

    name: str = Field(min_length=1, description="How this coder is called in tables.")
    theme: tuple[str, ...] = Field(
        min_length=1,
        description="Columns with theme ids or names, or with those of finer codes; the first holds the main theme. Or "
        "a column for each theme, with yes or no.",
    )
    labels: dict[str, str] = Field(
        default_factory=dict, description="What codes stand for, such as 1: waiting, where the file has numbers."
    )
    outlook: str | None = Field(None, description="Column with the outlook: positive, mixed or negative.")
    kind: Literal["person", "model"] = Field(
        "person", description="Whether a person coded or a model, such as a language model. Every table says which."
    )
    sample: Literal["all", "random"] = Field(
        "all", description="all where every comment was to be coded; random where the coded ones were drawn at random."
    )


class ColumnsConfig(_Section):
    """Which column of the file is what."""

    id: str | None = Field(None, description="Column with a unique id for each comment; null numbers the rows.")
    comment: str | tuple[str, ...] = Field(
        "comment",
        description="Column with the comments. A list of columns pools the answers to several questions: each answer "
        "is a comment of its own, with its column as the metadata column `question`.",
    )
    respondent: str | None = Field(
        None,
        description="Column that says who wrote a comment, where some wrote several; null takes each as one's own. Of "
        "pooled answers null takes those of a row as one person's.",
    )
    metadata: tuple[str, ...] = Field((), description="Columns to keep beside each comment.")
    choices: dict[str, tuple[str, ...]] = Field(
        default_factory=dict,
        description="Columns where a cell holds several choices, such as North;South;, each with the choices to tell "
        "apart. Each choice becomes a metadata column with yes or no, such as 'site: North'.",
    )
    fold_groups: bool = Field(
        False, description="Metadata values that differ only in case or white space become one, the most frequent."
    )
    coders: tuple[CoderConfig, ...] = Field((), description="People's codes to compare with, if there are any.")

    @model_validator(mode="after")
    def _what_can_be_pooled(self) -> Self:
        if isinstance(self.comment, str):
            return self
        if len(self.comment) < 2:
            raise ValueError("comment has a list of one column or none; name the column itself, or several")
        if self.coders:
            raise ValueError("comment names several columns, and codes belong to one of them; make a run for each")
        for name, meaning in ((QUESTION, "which question was answered"), (self.person, "who answered")):
            if name in (*self.metadata, *self.choices) or (name == QUESTION and name == self.respondent):
                raise ValueError(f"the column '{name}' says {meaning}; it cannot be metadata of its own")
        return self

    @model_validator(mode="after")
    def _no_column_twice(self) -> Self:
        named = [c for c in (self.id, *self.texts, *self.metadata) if c is not None]
        twice = sorted({name for name in named if named.count(name) > 1})
        if twice:
            raise ValueError(f"the column '{twice[0]}' is named for two purposes; name it once")
        held = {*self.metadata, self.id, *self.texts, self.respondent}
        for name, choices in self.choices.items():
            if name in held:
                raise ValueError(f"the column '{name}' is named in choices and elsewhere; name it once")
            if not choices:
                raise ValueError(f"choices names no choice of the column '{name}'; list those to tell apart")
        coder_names = [coder.name for coder in self.coders]
        if len(set(coder_names)) < len(coder_names):
            raise ValueError("two coders have the same name; give each its own")
        return self

    @property
    def texts(self) -> tuple[str, ...]:
        """The columns with comments; several where answers to several questions are pooled."""
        return (self.comment,) if isinstance(self.comment, str) else self.comment

    @property
    def person(self) -> str | None:
        """The column of the comments that says who wrote them; None where each is taken as one's own."""
        if self.respondent is not None and self.respondent != self.id:
            return self.respondent
        return RESPONDENT if len(self.texts) > 1 else None

    @property
    def kept(self) -> tuple[str, ...]:
        """The metadata columns that comments have: of the file, one for each choice to tell apart, and the question."""
        choices = (f"{name}: {choice}" for name, wanted in self.choices.items() for choice in wanted)
        return (*self.metadata, *choices, *((QUESTION,) if len(self.texts) > 1 else ()))

    def all_columns(self) -> tuple[str, ...]:
        """Return every column that the file must have, in order, each once."""
        wanted = [self.id, *self.texts, self.respondent, *self.metadata, *self.choices]
        for coder in self.coders:
            wanted += [*coder.theme, coder.outlook]
        return tuple(dict.fromkeys(name for name in wanted if name is not None))


class InputConfig(_Section):
    """The file of comments."""

    path: Path = Field(
        description="The file of comments (CSV, XLSX, ODS, Parquet, JSON Lines, SPSS, Stata or REFI-QDA), or a folder "
        "of Parquet files, relative to this configuration file.",
        json_schema_extra=_APART,
    )
    separator: Literal["auto", ",", ";", "\t", "|"] = Field(
        "auto", description="What separates the columns; auto looks at the header."
    )
    encoding: str = Field("auto", description="auto reads UTF-8, UTF-16, Windows-1252 and Mac Roman.")
    sheet: str | None = Field(
        None, description="The sheet of a workbook with the comments; null takes the only one that holds something."
    )
    columns: ColumnsConfig = Field(default_factory=lambda: ColumnsConfig.model_validate({}))
    notice: str = Field("", description="A sentence that every output must carry, such as a data statement.")


class RedactionConfig(_Section):
    """What says who somebody is, and is taken out of comments."""

    allow: tuple[str, ...] = Field(
        (), description="Words and phrases that look like a name and are none, such as products; case does not matter."
    )
    keep: tuple[PersonalData, ...] = Field((), description="Types of personal data that stay in the comments.")


class LanguagesConfig(_Section):
    """Which languages are analysed."""

    find: Literal["survey", "comment"] = Field(
        "survey",
        description="survey stops where the comments as a whole are in another language. comment finds the language of "
        "each and sets those in others aside; it needs the extra languages.",
    )
    keep: Literal["all"] | tuple[Annotated[str, Field(pattern="^[a-z]{2}$")], ...] | None = Field(
        None,
        description="The languages that are analysed, by two letters, such as [en, cy], or all. null takes those that "
        "the encoder reads: English of all-MiniLM-L6-v2, all of multilingual-e5-small, the spaCy model's of others.",
    )

    @model_validator(mode="after")
    def _something_is_kept(self) -> Self:
        if self.keep == ():
            raise ValueError("keep names no language; name some, such as [en], or leave it out")
        return self


class CleanConfig(_Section):
    """What is mended, set aside and folded before analysis."""

    spacy_model: str = Field(
        "en_core_web_sm", description="The spaCy model that finds lemmas: an installed package, or a folder."
    )
    languages: LanguagesConfig | None = Field(
        default_factory=lambda: LanguagesConfig.model_validate({}),
        description="What is done with comments in other languages; null looks at no language.",
    )
    min_letters: int = Field(2, ge=1, le=100, description="Answers with fewer letters than this are set aside.")
    non_answers: tuple[str, ...] = Field((), description="Further answers that say nothing, besides the built-in ones.")
    answers: tuple[str, ...] = Field(
        (), description="Built-in answers that say nothing, such as Pass or Blank, which are answers in this survey."
    )
    fold_duplicates: bool = Field(
        True, description="Answers that differ only in case, accents, punctuation or spacing are analysed once."
    )
    abbreviations: tuple[str, ...] = Field(
        (),
        description="Words to keep as they are and never to take for names, such as products; capitals of two to six "
        "letters are kept anyway.",
    )
    redaction: RedactionConfig | None = Field(
        default_factory=lambda: RedactionConfig.model_validate({}),
        description="What is done with names, telephone numbers and the like: a mark such as `<PERSON>` takes their "
        "place. null leaves them in the comments.",
    )


class EmbedConfig(_Section):
    """How comments become vectors."""

    model: str = Field(
        DEFAULT_ENCODER,
        description="all-MiniLM-L6-v2 (comes with the program; English), multilingual-e5-small (the extra languages), "
        "a hub name or a folder.",
    )
    text: Literal["cleaned", "lemmas", "both"] = Field(
        "cleaned", description="What is embedded; both is the mean of the two vectors."
    )
    batch_size: int = Field(32, ge=1, le=4096, description="Texts encoded at a time.")
    device: Literal["auto", "cpu", "cuda", "mps"] = Field(
        "auto",
        description="What encodes: the processor (cpu), or an accelerator of NVIDIA's (cuda) or Apple's (mps); auto "
        "takes an accelerator where PyTorch can use one. Vectors of different devices differ in their last digits.",
    )
    backend: Literal["torch", "openvino", "static"] = Field(
        "torch",
        description="What makes the vectors: PyTorch (torch); OpenVINO (openvino, the extra fast), faster on a "
        "processor, with other last digits; or a table of word pieces (static), for millions of comments, which reads "
        "them less well.",
    )
    precision: Literal["float32", "bfloat16"] = Field(
        "float32",
        description="The numbers that OpenVINO computes with; bfloat16 is coarser, and faster only on processors made "
        "for it.",
    )
    cache: Path | None = Field(
        Path("../outputs/.cache/vectors.sqlite"),
        description="Where vectors are kept between runs; null keeps none. Treat it like the comments.",
        json_schema_extra=_APART,
    )

    @model_validator(mode="after")
    def _precision_is_openvinos(self) -> Self:
        if self.precision != "float32" and self.backend != "openvino":
            raise ValueError(
                "precision bfloat16 is for backend openvino alone. Set embed.backend to openvino, or leave "
                "embed.precision out"
            )
        return self


class DiscoverConfig(_Section):
    """How topics are found."""

    n_neighbors: int = Field(10, ge=2, le=200, description="Neighbours of each comment in the graph.")
    n_components: int = Field(5, ge=2, le=50, description="Dimensions that UMAP reduces the vectors to.")
    n_seeds: int | None = Field(
        None,
        ge=1,
        le=1000,
        description="UMAP layouts in the consensus; null takes 20 to 100, as many as the topics need to come back.",
    )
    min_samples: int = Field(5, ge=1, le=100, description="HDBSCAN's min_samples.")
    min_topic_size: int | None = Field(
        None, ge=2, description="The fewest distinct comments in a topic; null takes one in 75, from 4 to 15 and more."
    )
    max_topic_share: float = Field(
        0.2, gt=0.0, le=1.0, description="A topic with a larger share of the comments is split where it has parts."
    )
    membership_floor: float = Field(
        0.1, ge=0.0, le=1.0, description="A comment whose best membership is lower is in no topic."
    )
    coarse_range: tuple[int, int] = Field((4, 8), description="Fewest and most topics of the coarse level.")
    n_bootstrap: int = Field(
        10, ge=0, le=1000, description="Samples of the comments that a topic's stability is measured over."
    )
    fit_on: int | None = Field(
        20_000,
        ge=20,
        description="Where there are more distinct comments, topics are found on a sample of so many, and these are "
        "laid out on the map; the others have the topic and the place of their nearest neighbours. null takes all.",
    )
    device: Literal["cpu", "cuda"] = Field(
        "cpu",
        description="What lays comments out and clusters them: the processor (cpu), or an NVIDIA GPU by cuML (cuda; "
        "needs the extra gpu). We have never run this on a GPU. The two give different topics, as two seeds do.",
    )
    smallest_corpus: int = Field(
        20, ge=20, le=1000, description="Below this many distinct comments no topics are looked for."
    )
    n_keywords: int = Field(10, ge=3, le=30, description="Keywords a topic.")
    keyword_diversity: float = Field(
        0.3, ge=0.0, le=1.0, description="Maximal marginal relevance: 0 takes the strongest words, 1 the most varied."
    )
    n_representatives: int = Field(3, ge=1, le=20, description="Representative comments a topic.")

    @model_validator(mode="after")
    def _coarse_range_ascends(self) -> Self:
        fewest, most = self.coarse_range
        if not 1 <= fewest <= most:
            raise ValueError(f"coarse_range must be two ascending numbers of at least 1, found {fewest} and {most}")
        return self


class MapConfig(_Section):
    """How topics and comments are matched with the codebook."""

    nearest_phrases: int = Field(
        2, ge=1, le=20, description="A theme's fit is the mean similarity of this many of its nearest phrases."
    )
    neighbours: int = Field(5, ge=0, le=100, description="Nearest comments that a comment is read together with.")
    neighbour_share: float = Field(0.3, ge=0.0, lt=1.0, description="How much they count beside the comment itself.")
    n_pseudo_themes: int = Field(
        500, ge=100, le=100_000, description="Pseudo-themes, made of random comments, that a theme is compared with."
    )
    false_discovery_rate: float = Field(
        0.1, gt=0.0, lt=1.0, description="The largest q-value of a theme that fits a topic better than chance."
    )
    part_lead: float = Field(
        0.02,
        ge=-1.0,
        lt=1.0,
        description="A part of a comment shows its best theme where that leads random parts of comments by this.",
    )
    n_replicates: int = Field(
        500, ge=20, le=100_000, description="How often each decision on a topic is repeated to see how firm it is."
    )
    learn_from: tuple[str, ...] = Field(
        (), description="Columns with theme codes of some comments to learn from; those comments are not reported on."
    )

    @model_validator(mode="before")
    @classmethod
    def _old_settings_are_refused(cls, content: Any) -> Any:
        gone = {"second_theme_share", "second_theme_probability"} & set(content if isinstance(content, Mapping) else ())
        if gone:
            raise ValueError(
                f"there is no {' and no '.join(sorted(gone))} any more: a comment carries what its sentences show "
                "(part_lead). Leave it out"
            )
        return content


Period = Literal["month", "quarter", "year"]


class AssessConfig(_Section):
    """What is set beside the published account."""

    outlook_facet: str | None = Field("outlook", description="Id of the codebook's outlook facet; null leaves it out.")
    outlook_positive: tuple[str, ...] = Field(
        ("positive", "mixed"), min_length=1, description="Entries of the outlook facet counted as positive."
    )
    group_column: str | None = Field(None, description="Metadata column that the outlook is broken down by.")
    groups: dict[str, dict[str, tuple[str, ...]] | Period | None] = Field(
        default_factory=dict,
        description="Metadata columns that everything is broken down by; free text with words for each group, dates "
        "with month, quarter or year.",
    )
    n_bootstrap: int = Field(1_000, ge=100, le=100_000, description="Samples behind the intervals of agreement.")
    smallest_group: int = Field(
        10,
        ge=1,
        description="On fewer comments no claim is decided. Without rules for small counts, smaller groups go under "
        "one name.",
    )

    @property
    def grouped_by(self) -> dict[str, dict[str, tuple[str, ...]] | Period | None]:
        """Each metadata column that comments are grouped by, with its words, its period or None; see `groups`."""
        alone = self.group_column is not None and self.group_column not in self.groups
        return {**self.groups, **({str(self.group_column): None} if alone else {})}


class DisclosureConfig(_Section):
    """What is too small to be published; null in the place of the section shows exact counts."""

    suppress_below: int = Field(8, ge=0, description="Counts from 1 to one less than this are hidden; 0 is shown.")
    round_to: int = Field(5, ge=1, description="Shown counts are multiples of this; percentages follow from them.")
    smallest_base: int = Field(10, ge=0, description="Nothing is said of fewer comments than this.")


class QuotationsConfig(_Section):
    """Whether respondents may be quoted in public."""

    review: bool = Field(
        True,
        description="Only what a reviewer has marked in internal/quotations.csv is quoted in public; false is for the "
        "illustrative comments alone, which nobody wrote in confidence.",
    )


class ReferenceConfig(_Section):
    """The published account itself, where its text is at hand."""

    article: Path | None = Field(
        None,
        description="The article as plain text: its quotations are matched too. Nothing of it is kept.",
        json_schema_extra=_APART,
    )


class ReportConfig(_Section):
    """How results are shown."""

    title: str = Field("", description="Title of the report; empty takes the codebook's question.")
    figure_width_mm: float = Field(183.0, ge=60.0, le=400.0, description="Width of figures in millimetres.")
    png_dpi: int = Field(600, ge=72, le=1200, description="Dots per inch of PNG figures.")
    salt: str = Field(
        "",
        description="A secret: with one the report gives the HMAC-SHA256 of the file of comments, by which who knows "
        "the secret can check the file; without one it gives nothing of the kind.",
        json_schema_extra=_APART,
    )


class EngineConfig(_Section):
    """Where the work is done; results are the same everywhere."""

    kind: Literal["local", "dask"] = Field(
        "local",
        description="local works on this machine without a cluster; dask reads and encodes comments on a Dask cluster "
        "(needs the extra `dask`).",
        json_schema_extra=_APART,
    )
    scheduler: str = Field(
        "local",
        pattern=r"^(local|(tcp|tls)://\S+:\d+)$",
        description="local starts workers on this machine; or a scheduler's address, such as tcp://10.0.0.5:8786. "
        "Comments travel to its workers.",
        json_schema_extra=_APART,
    )
    workers: int | None = Field(
        None,
        ge=1,
        le=1000,
        description="Workers that a local cluster starts; null takes one a core. Each loads the models: some 1 GB.",
        json_schema_extra=_APART,
    )


class RunConfig(_Section):
    """A whole configuration file."""

    input: InputConfig
    codebook: Path = Field(
        description="The codebook, relative to this configuration file: YAML, or a spreadsheet (CSV, XLSX, ODS) with "
        "the columns theme, phrase and, if wanted, definition.",
        json_schema_extra=_APART,
    )
    output: Path = Field(
        description="The folder of this run, relative to this configuration file.", json_schema_extra=_APART
    )
    seed: int = Field(20, ge=0, le=2**31 - 1, description="Everything random follows from this number.")
    unit: Literal["comment", "sentence"] = Field(
        "comment", description="What is embedded and clustered; a comment of several sentences can have several topics."
    )
    clean: CleanConfig = Field(default_factory=lambda: CleanConfig.model_validate({}))
    embed: EmbedConfig = Field(default_factory=lambda: EmbedConfig.model_validate({}))
    discover: DiscoverConfig = Field(default_factory=lambda: DiscoverConfig.model_validate({}))
    map: MapConfig = Field(default_factory=lambda: MapConfig.model_validate({}))
    assess: AssessConfig = Field(default_factory=lambda: AssessConfig.model_validate({}))
    reference: ReferenceConfig = Field(default_factory=lambda: ReferenceConfig.model_validate({}))
    disclosure: DisclosureConfig | None = Field(
        default_factory=lambda: DisclosureConfig.model_validate({}),
        description="Rules for small counts in everything public; null shows exact counts.",
    )
    quotations: QuotationsConfig = Field(default_factory=lambda: QuotationsConfig.model_validate({}))
    report: ReportConfig = Field(default_factory=lambda: ReportConfig.model_validate({}))
    engine: EngineConfig = Field(default_factory=lambda: EngineConfig.model_validate({}))

    @model_validator(mode="before")
    @classmethod
    def _old_name_is_taken(cls, content: Any) -> Any:
        # Configurations that people keep say "compare", as the section was called.
        if not isinstance(content, Mapping) or "compare" not in content:
            return content
        if "assess" in content:
            raise ValueError("'compare' is the old name of the section 'assess', and both are there; keep one")
        return {"assess" if name == "compare" else name: value for name, value in content.items()}

    @model_validator(mode="after")
    def _group_column_is_kept(self) -> Self:
        group = self.assess.group_column
        if group is not None and group not in self.input.columns.kept:
            raise ValueError(f"assess.group_column '{group}' must be among input.columns.metadata")
        return self

    @model_validator(mode="after")
    def _named_columns_are_kept(self) -> Self:
        columns = self.input.columns
        for name in self.assess.groups:
            if name not in columns.kept:
                raise ValueError(f"assess.groups names the column '{name}', which must be among input.columns.metadata")
        coded = {*columns.metadata, *(column for coder in columns.coders for column in coder.theme)}
        for name in self.map.learn_from:
            if name not in coded:
                raise ValueError(
                    f"map.learn_from names the column '{name}', which must be a theme column of a coder or among "
                    "input.columns.metadata"
                )
        return self

    def resolved(self, folder: Path) -> RunConfig:
        """Return the same settings with every path made absolute from `folder`; ~ is the user's own folder."""

        def at(path: Path) -> Path:
            return (folder / path.expanduser()).resolve()

        embed, article = self.embed, self.reference.article
        update: dict[str, object] = {}
        if embed.cache is not None:
            update["cache"] = at(embed.cache)
        if embed.model.startswith((".", "~")):
            update["model"] = str(at(Path(embed.model)))
        return self.model_copy(
            update={
                "input": self.input.model_copy(update={"path": at(self.input.path)}),
                "codebook": at(self.codebook),
                "output": at(self.output),
                "reference": self.reference.model_copy(update={"article": None if article is None else at(article)}),
                "embed": embed.model_copy(update=update),
            }
        )

    def kept(self) -> dict[str, Any]:
        """Return the settings as a run keeps them: as JSON has them, without the name of the user's own folder."""
        return {name: _without_home(value) for name, value in self.model_dump(mode="json").items()}


def _without_home(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _without_home(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return list(map(_without_home, value))
    return without_home(value) if isinstance(value, str) else value


def load_config(path: Path) -> RunConfig:
    """Read and check a configuration file.

    Parameters
    ----------
    path : pathlib.Path
        The YAML file.

    Returns
    -------
    RunConfig
        The settings, with absolute paths.

    Raises
    ------
    ConfigError
        Where the file cannot be read, or for all faults in it together.
    """
    content = read_yaml(path, ConfigError, what="configuration")
    return validate(RunConfig, content, path, ConfigError).resolved(path.resolve().parent)


def flat_settings(section: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return nested settings by dotted name, in the form that JSON gives them back."""
    flat: dict[str, Any] = {}
    for name, value in values.items():
        place = f"{section}.{name}".lstrip(".")
        flat |= flat_settings(place, value) if isinstance(value, Mapping) else {place: value}
    return flat


def _apart(model: type[BaseModel], section: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        if field.json_schema_extra == _APART:
            yield f"{section}{name}"
        elif isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _apart(field.annotation, f"{section}{name}.")


APART = frozenset(_apart(RunConfig))
"""The settings, by dotted name, that change no result by themselves and stand in nothing public."""


def limited(config: RunConfig, names: Collection[str]) -> RunConfig:
    """Return settings without all that is not named: reading another one raises an AttributeError.

    Parameters
    ----------
    config : RunConfig
        All settings.
    names : collection of str
        Settings and whole sections by dotted name. Of a section what is in `APART` is left out too.
    """
    return _limited(config, names, "")


def _limited(model: _Model, names: Collection[str], section: str) -> _Model:
    copy = model.model_copy()
    for name, value in model:
        place = f"{section}{name}"
        if isinstance(value, BaseModel):
            inner = names if place not in names else [f"{place}.{field}" for field in type(value).model_fields]
            copy.__dict__[name] = value = _limited(value, inner, f"{place}.")
            is_named = bool(value.__dict__)
        else:
            is_named = place in names and place not in APART
        if not is_named:
            del copy.__dict__[name]
    return copy
