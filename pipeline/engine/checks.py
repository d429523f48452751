"""Checking what a run would be given, without loading a model."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path

from pipeline.codebook.codebook import Codebook, read_codebook, without_repeats
from pipeline.codebook.written_codes import insist_on_known_codes, read_codes, reader_of
from pipeline.config import RunConfig, load_config
from pipeline.discovery.on_gpu import CUML, insist_on_device
from pipeline.engine.findings import said_of_codebook, said_of_column, said_of_groups
from pipeline.engine.fingerprint import library_version
from pipeline.engine.languages import languages_for
from pipeline.errors import ConfigError, PipelineError
from pipeline.figures.letters import are_usual, lettering_for
from pipeline.formats.scripts import scripts_of
from pipeline.formats.yamlfile import read_yaml, remarks
from pipeline.intake.inputs import insist_on_review, notice_for, read_article_text, read_input
from pipeline.intake.starter import REPLACE
from pipeline.language.backends import insist_on_backend
from pipeline.language.cleaning import mend
from pipeline.language.devices import device_for, name_of
from pipeline.language.languages import (
    common_words,
    insist_on_language,
    insist_on_languages,
    is_foreign,
    is_mostly_foreign,
    languages_of,
)
from pipeline.language.model_files import find_encoder, find_spacy_model
from pipeline.stages.ingest import Rows, read_rows


def check_configuration(path: Path) -> Iterator[str]:
    """Check a configuration file, its comments, its codebook and its models.

    Parameters
    ----------
    path : pathlib.Path
        The configuration file.

    Yields
    ------
    str
        A line for each thing that is as it should be.

    Raises
    ------
    PipelineError
        For all that is not, together; a configuration that cannot be read hides what it names.
    """
    config = load_config(path)
    yield f"Configuration: {path} is valid."
    # Reading YAML again takes its time, and most files have the word in remarks alone.
    is_named = re.search(rb"^[^#\n]*\bcompare\b", path.read_bytes(), re.MULTILINE)
    if is_named and "compare" in read_yaml(path, ConfigError, what="configuration"):
        yield "  Note: the section 'compare' is called 'assess' now. It was read as that; rename it."
    problems: list[PipelineError] = []
    read, book = cache(partial(_received, config)), cache(partial(read_codebook, config.codebook))
    for part in (
        partial(_check_comments, read=read), partial(_check_codebook, book=book),
        partial(_check_codes, read=read, book=book), _check_article,
        _check_models, partial(_check_languages, read=read), partial(_check_letters, read=read, book=book),
    ):  # fmt: skip
        try:
            yield from part(config)
        except PipelineError as problem:
            problems.append(problem)
    if problems:
        hints = " ".join(dict.fromkeys(problem.hint for problem in problems if problem.hint))
        raise type(problems[0]).from_problems([problem.message for problem in problems], hints)
    yield f"Output: {config.output}"


def _received(config: RunConfig) -> tuple[bytes, Rows]:
    content = read_input(config.input.path)
    return content, read_rows(content, path=config.input.path, config=config.input)


def _check_comments(config: RunConfig, *, read: Callable[[], tuple[bytes, Rows]]) -> Iterator[str]:
    content, received = read()
    texts = received.columns["text"]
    empty = sum(not text.strip() for text in texts)
    origin = {name: received.summary.get(name) for name in ("format", "encoding", "sheet")}
    how = ", ".join(f"sheet '{value}'" if name == "sheet" else value for name, value in origin.items() if value)
    yield f"Comments: {len(texts)} rows in {config.input.path} ({how}; {empty} empty)."
    yield from (f"  Note: {note}" for note in received.summary["notes"])
    for name, words in config.assess.grouped_by.items():
        # Words for each group are found whatever the case.
        if words is None:
            yield from (f"  Note: {line}" for line in said_of_groups(name, received.columns[name]))
    notice = notice_for(content, config.input.notice)
    if notice:
        yield f"  {notice}"
    insist_on_review(content, config)


def _check_codebook(config: RunConfig, *, book: Callable[[], Codebook]) -> Iterator[str]:
    codebook = book()
    names = ", ".join(theme.name for theme in codebook.themes)
    yield f"Codebook: {codebook.title}; {len(codebook.themes)} themes: {names}."
    yield from (f"  {line}" for line in said_of_codebook(codebook))
    if config.codebook.suffix.lower() in (".yaml", ".yml"):
        yield from (f"  Note: {line}" for line in remarks(config.codebook))
    if any(theme.definition.startswith(REPLACE) for theme in codebook.themes):
        yield "  Note: the codebook still has what new wrote into it. Put the account's themes in its place."


def _check_codes(
    config: RunConfig, *, read: Callable[[], tuple[bytes, Rows]], book: Callable[[], Codebook]
) -> Iterator[str]:
    columns, learn_from = config.input.columns, config.map.learn_from
    if not (columns.coders or learn_from):
        return
    try:
        _, received = read()
        codebook = without_repeats(book())
    except PipelineError:
        # The comments' or the codebook's own check has said it.
        return
    found = read_codes(received.columns, columns, learn_from, codebook, config.assess.outlook_facet)
    for column in found:
        # A column of which nothing can be read may hold comments: the error shows what may be shown.
        if column.is_mostly_unknown:
            continue
        yield f"Codes: {said_of_column(column, reader_of(codebook).near)}"
    insist_on_known_codes(found, codebook, config.input.path)


def _check_article(config: RunConfig) -> Iterator[str]:
    if config.reference.article is not None:
        read_article_text(config.reference.article)
        yield f"Article: {config.reference.article}."


def _check_models(config: RunConfig) -> Iterator[str]:
    if config.engine.kind == "dask":
        # What is done on a cluster loads what computes.
        from pipeline.engine.cluster import insist_on_dask

        insist_on_dask(config.engine)
    embed = config.embed
    insist_on_backend(model=embed.model, device=embed.device, backend=embed.backend, precision=embed.precision)
    encoder = find_encoder(config.embed.model)
    yield f"Encoder: {encoder.name} ({'files verified' if encoder.is_verified else encoder.revision[:16]})."
    if config.embed.device != "auto":
        yield f"Device: {name_of(device_for(config.embed.device))}."
    if config.embed.backend != "torch":
        yield f"Backend: {config.embed.backend}."
    insist_on_device(config.discover.device)
    if config.discover.device != "cpu":
        yield f"Device for topics: {config.discover.device} (cuML {library_version(CUML)})."
    yield f"spaCy model: {find_spacy_model(config.clean.spacy_model).location}."


def _check_languages(config: RunConfig, *, read: Callable[[], tuple[bytes, Rows]]) -> Iterator[str]:
    if config.clean.languages is None:
        return
    try:
        spoken = find_spacy_model(config.clean.spacy_model).language
        _, received = read()
    except PipelineError:
        # The comments' or the model's own check has said it.
        return
    told = languages_for(config)
    wanted, detect = told["wanted"], told["detect"]
    texts = [text for text in map(mend, received.columns["text"]) if text]
    if detect is None:
        insist_on_language(texts, wanted)
    else:
        found = languages_of(texts, detect, wanted)
        insist_on_languages(found, wanted)
        counts = Counter(found)
        others = sum(count for language, count in counts.items() if is_foreign(language, wanted))
        yield f"Languages: {', '.join(f'{name} {counts[name]}' for name in sorted(counts))}; {others} set aside."
    if wanted != (spoken,) and is_mostly_foreign(texts, common_words([spoken])):
        yield (
            "  Note: most comments seem to be in another language than that of the spaCy model "
            f"({spoken}). It would find wrong words and miss names. Name one of their language in clean.spacy_model."
        )


def _check_letters(
    config: RunConfig, *, read: Callable[[], tuple[bytes, Rows]], book: Callable[[], Codebook]
) -> Iterator[str]:
    """Say where figures need another font than theirs, or letters that no installed font has."""
    try:
        _, received = read()
        codebook = book()
    except PipelineError:
        # The comments' or the codebook's own check has said it.
        return
    groups = [value for name in config.input.columns.kept for value in dict.fromkeys(received.columns[name])]
    if all(map(are_usual, [codebook.model_dump_json(), config.report.title, *groups, *received.columns["text"]])):
        return
    # Fonts are matplotlib's to find, which takes its time.
    from pipeline.figures.gallery import texts_in

    said = lettering_for([*texts_in({}, codebook, config.input.notice), config.report.title, *groups])
    # Labels and quotations are respondents' words.
    words = lettering_for([*said.lacking, *received.columns["text"]])
    fonts = tuple(dict.fromkeys((*said.families, *words.families)))[1:]
    if fonts:
        yield f"Letters: figures also use the font{'s' if len(fonts) > 1 else ''} {', '.join(fonts)}."
    if words.lacking:
        scripts = ", ".join(scripts_of(words.lacking))
        yield (
            f"  Note: no installed font has {len(words.lacking)} of the letters in the codebook or the comments "
            f"({scripts}). Figures and the brief would show boxes. Install a font of that script."
        )
