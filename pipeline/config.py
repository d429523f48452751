"""The settings of a run: frozen models of a configuration file, and its loader.

Paths in a configuration file are relative to the folder of that file, so that the file and its data can be
moved together.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from pipeline.errors import ConfigError
from pipeline.yamlfile import read_yaml, validate

DEFAULT_ENCODER = "all-MiniLM-L6-v2"


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)


class CoderConfig(_Section):
    """Columns that hold one person's codes."""

    name: str = Field(min_length=1, description="How this coder is called in tables.")
    theme: tuple[str, ...] = Field(
        min_length=1, description="Columns with theme ids or names; the first holds the main theme."
    )
    outlook: str | None = Field(None, description="Column with the outlook: positive, mixed or negative.")


class ColumnsConfig(_Section):
    """Which column of the file is what."""

    id: str | None = Field(None, description="Column with a unique id for each comment; null numbers the rows.")
    comment: str = Field("comment", description="Column with the comments.")
    metadata: tuple[str, ...] = Field((), description="Columns to keep beside each comment.")
    coders: tuple[CoderConfig, ...] = Field((), description="People's codes to compare with, if there are any.")

    @model_validator(mode="after")
    def _no_column_twice(self) -> Self:
        named = [c for c in (self.id, self.comment, *self.metadata) if c is not None]
        twice = sorted({name for name in named if named.count(name) > 1})
        if twice:
            raise ValueError(f"the column '{twice[0]}' is named for two purposes; name it once")
        coder_names = [coder.name for coder in self.coders]
        if len(set(coder_names)) < len(coder_names):
            raise ValueError("two coders have the same name; give each its own")
        return self

    def all_columns(self) -> tuple[str, ...]:
        """Return every column that the file must have, in order, each once."""
        wanted = [self.id, self.comment, *self.metadata]
        for coder in self.coders:
            wanted += [*coder.theme, coder.outlook]
        return tuple(dict.fromkeys(name for name in wanted if name is not None))


class InputConfig(_Section):
    """The file of comments."""

    path: Path = Field(description="The CSV file of comments, relative to this configuration file.")
    separator: Literal["auto", ",", ";", "\t", "|"] = Field(
        "auto", description="What separates the columns; auto looks at the header."
    )
    encoding: str = Field("auto", description="auto reads UTF-8, UTF-16 with a mark, and Windows-1252.")
    columns: ColumnsConfig = Field(default_factory=lambda: ColumnsConfig.model_validate({}))
    notice: str = Field("", description="A sentence that every output must carry, such as a data statement.")


class CleanConfig(_Section):
    """What is mended, set aside and folded before analysis."""

    spacy_model: str = Field("en_core_web_sm", description="The spaCy model that finds lemmas.")
    min_letters: int = Field(2, ge=1, le=100, description="Answers with fewer letters than this are set aside.")
    non_answers: tuple[str, ...] = Field((), description="Further answers that say nothing, besides the built-in ones.")
    fold_duplicates: bool = Field(
        True, description="Answers that differ only in case, accents, punctuation or spacing are analysed once."
    )
    abbreviations: tuple[str, ...] = Field(
        (), description="Abbreviations to keep as they are; capitals of two to six letters are kept anyway."
    )


class EmbedConfig(_Section):
    """How comments become vectors."""

    model: str = Field(
        DEFAULT_ENCODER, description="all-MiniLM-L6-v2 (comes with the program), a hub name or a folder."
    )
    text: Literal["cleaned", "lemmas", "both"] = Field(
        "cleaned", description="What is embedded; both is the mean of the two vectors."
    )
    batch_size: int = Field(32, ge=1, le=4096, description="Texts encoded at a time.")
    cache: Path | None = Field(
        Path("../outputs/.cache/vectors.sqlite"),
        description="Where vectors are kept between runs; null keeps none. Treat it like the comments.",
    )


class DiscoverConfig(_Section):
    """How topics are found."""

    n_neighbors: int = Field(15, ge=2, le=200, description="Neighbours of each comment in the graph.")
    n_components: int = Field(5, ge=2, le=50, description="Dimensions that UMAP reduces the vectors to.")
    n_seeds: int | None = Field(
        None, ge=1, le=1000, description="UMAP layouts in the consensus; null takes 20 to 100, more where few comments."
    )
    min_samples: int = Field(5, ge=1, le=100, description="HDBSCAN's min_samples.")
    min_topic_size: int | None = Field(
        None, ge=2, description="The fewest distinct comments in a topic; null takes one in 40, from 4 to 10 and more."
    )
    max_topic_share: float = Field(
        0.2, gt=0.0, le=1.0, description="A topic with a larger share of the comments is split where it has parts."
    )
    membership_floor: float = Field(
        0.1, ge=0.0, le=1.0, description="A comment whose best membership is lower is in no topic."
    )
    coarse_range: tuple[int, int] = Field((6, 12), description="Fewest and most topics of the coarse level.")
    n_bootstrap: int = Field(
        10, ge=0, le=1000, description="Samples of the comments that a topic's stability is measured over."
    )
    smallest_corpus: int = Field(
        20, ge=20, le=1000, description="Below this many distinct comments no topics are looked for."
    )
    n_keywords: int = Field(10, ge=3, le=30, description="Keywords a topic.")
    keyword_diversity: float = Field(
        0.3, ge=0.0, le=1.0, description="Maximal marginal relevance: 0 takes the strongest words, 1 the most varied."
    )
    n_representatives: int = Field(3, ge=1, le=20, description="Representative comments a topic.")


class MapConfig(_Section):
    """How topics and comments are matched with the codebook."""

    nearest_phrases: int = Field(
        3, ge=1, le=20, description="A theme's fit is the mean similarity of this many of its nearest phrases."
    )
    topic_threshold: float = Field(
        0.25, ge=-1.0, le=1.0, description="A topic whose best fit is below this is unmapped (cosine)."
    )
    comment_threshold: float = Field(
        0.25, ge=-1.0, le=1.0, description="A comment whose best fit is below this has no theme (cosine)."
    )


class CompareConfig(_Section):
    """What is set beside the published account."""

    outlook_facet: str | None = Field("outlook", description="Id of the codebook's outlook facet; null leaves it out.")
    outlook_positive: tuple[str, ...] = Field(
        ("positive", "mixed"), min_length=1, description="Entries of the outlook facet counted as positive."
    )
    group_column: str | None = Field(None, description="Metadata column that the outlook is broken down by.")
    smallest_group: int = Field(10, ge=1, description="Groups with fewer comments than this are not shown in public.")


class ReportConfig(_Section):
    """How results are shown."""

    title: str = Field("", description="Title of the report; empty takes the codebook's question.")
    figure_width_mm: float = Field(180.0, ge=60.0, le=400.0, description="Width of figures in millimetres.")
    png_dpi: int = Field(300, ge=72, le=1200, description="Dots per inch of PNG figures.")


class RunConfig(_Section):
    """A whole configuration file."""

    input: InputConfig
    codebook: Path = Field(description="The codebook, relative to this configuration file.")
    output: Path = Field(description="The folder of this run, relative to this configuration file.")
    seed: int = Field(20, ge=0, le=2**31 - 1, description="Everything random follows from this number.")
    unit: Literal["comment", "sentence"] = Field(
        "comment", description="What is embedded and clustered; a comment of several sentences can have several topics."
    )
    clean: CleanConfig = Field(default_factory=lambda: CleanConfig.model_validate({}))
    embed: EmbedConfig = Field(default_factory=lambda: EmbedConfig.model_validate({}))
    discover: DiscoverConfig = Field(default_factory=lambda: DiscoverConfig.model_validate({}))
    map: MapConfig = Field(default_factory=lambda: MapConfig.model_validate({}))
    compare: CompareConfig = Field(default_factory=lambda: CompareConfig.model_validate({}))
    report: ReportConfig = Field(default_factory=lambda: ReportConfig.model_validate({}))

    @model_validator(mode="after")
    def _group_column_is_kept(self) -> Self:
        group = self.compare.group_column
        if group is not None and group not in self.input.columns.metadata:
            raise ValueError(f"compare.group_column '{group}' must be among input.columns.metadata")
        return self

    def resolved(self, folder: Path) -> RunConfig:
        """Return the same settings with every path made absolute from `folder`."""
        embed = self.embed
        update: dict[str, object] = {}
        if embed.cache is not None:
            update["cache"] = (folder / embed.cache).resolve()
        if embed.model.startswith((".", "~")):
            update["model"] = str((folder / Path(embed.model).expanduser()).resolve())
        return self.model_copy(
            update={
                "input": self.input.model_copy(update={"path": (folder / self.input.path).resolve()}),
                "codebook": (folder / self.codebook).resolve(),
                "output": (folder / self.output).resolve(),
                "embed": embed.model_copy(update=update),
            }
        )


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
