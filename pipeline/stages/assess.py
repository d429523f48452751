"""Set the data beside the published account, and beside people's codes where there are any."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.account.agreement import agreement_table, confusions
from pipeline.account.article import landing, match_quotations, read_article, without_phrases
from pipeline.account.audit import as_tables
from pipeline.account.claims import count_for_claims
from pipeline.account.estimates import Corrected, corrected_estimates
from pipeline.account.groups import group_table, grouped_columns, linked_groups, table_tests
from pipeline.account.outlook import outlook_shares
from pipeline.account.pairs import theme_pairs
from pipeline.account.prevalence import coded_prevalence, theme_prevalence
from pipeline.account.readings import (
    IN_TOPICS,
    UNCHECKED,
    Correct,
    Reading,
    outlook_reading,
    theme_reading,
    unused_codes,
)
from pipeline.codebook.codebook import Codebook, Facet
from pipeline.codebook.codes import Coder
from pipeline.codebook.written_codes import coder_of, read_codes
from pipeline.coding.audited import audited
from pipeline.coding.codes import CodedSample, sampled_coders
from pipeline.coding.plan import codes_for_claims
from pipeline.config import AssessConfig, ColumnsConfig
from pipeline.contracts import Assessed, Cleaned, Embedded, Encoder, Mapped
from pipeline.crosswalk.membership import carried_by_comments, carried_by_topics, one_of_each
from pipeline.tables.schema import empty


def assess_comments(
    cleaned: Cleaned,
    embedded: Embedded | None,
    mapped: Mapped,
    *,
    codebook: Codebook,
    outlook: Facet | None,
    columns: ColumnsConfig,
    config: AssessConfig,
    article: str | None,
    encoder: Encoder | None,
    nearest_phrases: int,
    learn_from: Sequence[str],
    smallest_group: int,
    seed: int,
    coding: CodedSample | None = None,
) -> Assessed:
    """Set prevalence, outlook, claims, groups and codes beside the account.

    Parameters
    ----------
    cleaned : Cleaned
        The comments, with metadata and coders' columns.
    embedded : Embedded or None
        The vectors of the distinct comments; needed where a coded sample is to correct the machine's reading.
    mapped : Mapped
        The themes of topics and comments.
    codebook : Codebook
        The published account.
    outlook : Facet or None
        The facet that says how positive a comment is.
    columns : ColumnsConfig
        Whose codes there are, and who wrote the comments.
    config : AssessConfig
        Groups, and what counts as positive.
    article : str or None
        The published article, whose quotations are matched too.
    encoder : Encoder or None
        Encodes the quotations; needed with an article.
    nearest_phrases : int
        How many of a theme's phrases count for a quotation.
    learn_from : sequence of str
        Columns whose codes were learned from.
    smallest_group : int
        Groups with fewer comments go under one name.
    seed : int
        Everything random follows from it.
    coding : CodedSample or None
        What people coded in the sheets that were drawn, if they did.

    Returns
    -------
    Assessed
        Tables and the figures that a text quotes.
    """
    comments, assignments = cleaned.analysed, mapped.assignments
    respondents = pd.Series("", index=comments.index) if columns.person is None else comments[columns.person]
    directly = carried_by_comments(assignments["comment_id"], mapped.comment_themes, codebook.theme_ids)
    through_topics = carried_by_topics(assignments["topic"], mapped.crosswalk, codebook.theme_ids)
    codes = [coder_of(comments, coder, codebook) for coder in columns.coders]
    if coding is not None:
        codes += sampled_coders(coding, comments["comment_id"])
    apart = [_without_learned(coder, assignments["learned_from"].to_numpy()) for coder in codes]
    correct = None if embedded is None else _corrector(cleaned, embedded, mapped, respondents, codebook, seed)
    readings = {"themes": theme_reading(directly, codes, codebook, correct)}
    groups = grouped_columns(comments, config.grouped_by, smallest=smallest_group)
    read = {"themes": directly}
    shares = empty("outlook")
    if outlook is not None:
        by_machine = one_of_each(assignments["outlook_direct"], [entry.id for entry in outlook.themes])
        read[outlook.id] = by_machine
        readings[outlook.id] = outlook_reading(by_machine, codes, outlook, correct)
        shares = outlook_shares(
            readings[outlook.id],
            None if config.group_column is None else groups[config.group_column],
            respondents,
            codebook=codebook,
            outlook=outlook,
            positive=config.outlook_positive,
        )
    topics = one_of_each(assignments["topic"], [str(topic) for topic in mapped.topic_themes["topic"]])
    by_group = {**readings, "topics": Reading(IN_TOPICS, topics)}
    audit, audit_paths = empty("audit"), empty("audit_paths")
    if coding is not None and coding.complete:
        audit, audit_paths = as_tables(audited(coding, comments["comment_id"], read, groups, codebook, outlook))
    claim_counts = count_for_claims(codebook, readings, groups, respondents)
    unchecked = claim_counts["reading"] == UNCHECKED
    if unchecked.any():
        to_code = claim_counts["claim"].map(codes_for_claims(codebook, read, groups, seed=seed)).where(unchecked)
        claim_counts = claim_counts.assign(to_code=to_code.astype("Int64"))
    quotations, landed = _quotations(article, codebook, encoder, nearest_phrases)
    return Assessed(
        prevalence=theme_prevalence(
            readings["themes"], through_topics, directly, assignments["topic"], respondents, codebook
        ),
        coded=coded_prevalence(codes, respondents, codebook, leading=readings["themes"].leading),
        agreement=agreement_table(
            apart,
            assignments,
            codebook=codebook,
            outlook=outlook,
            respondents=respondents,
            n_bootstrap=config.n_bootstrap,
            seed=seed,
            carried=directly,
        ),
        confusions=confusions(apart, assignments, codebook=codebook),
        outlook=shares,
        claim_counts=claim_counts,
        audit=audit,
        audit_paths=audit_paths,
        groups=group_table(by_group, groups, respondents),
        linked_groups=linked_groups(by_group, groups),
        group_tests=table_tests(by_group, groups, respondents, seed=seed),
        quotations=quotations,
        theme_pairs=theme_pairs(readings["themes"], respondents, codebook),
        summary={
            "readings": {
                name: {"kind": one.kind, "by": one.by, "coded": one.n_coded} for name, one in readings.items()
            },
            "notes": [*unused_codes(readings.values(), codes), *_unknown_codes(comments, columns, codebook)],
            "comments": len(comments),
            "learn_from": list(learn_from),
            "article": landed,
        },
    )


def _corrector(
    cleaned: Cleaned, embedded: Embedded, mapped: Mapped, respondents: pd.Series[str], codebook: Codebook, seed: int
) -> Correct:
    """Return what corrects the machine's reading of the analysed comments by codes of a sample of them."""
    analysed, assignments = cleaned.analysed, mapped.assignments
    twin = analysed["duplicate_of"].where(analysed["duplicate_of"] != "", analysed["comment_id"])
    place = pd.Series(range(len(cleaned.distinct)), index=cleaned.distinct["comment_id"])
    rows = place.loc[twin].to_numpy()
    scores = pd.DataFrame(index=assignments.index)
    if mapped.theme_fits is not None:
        fits = mapped.theme_fits["fit"].to_numpy().reshape(len(place), -1)
        scores = pd.DataFrame(fits[rows], columns=list(codebook.theme_ids))

    def correct(codes: pd.DataFrame, coders: tuple[pd.DataFrame, ...]) -> Corrected:
        return corrected_estimates(
            codes, scores, assignments["theme_direct"], embedded.comment_vectors[rows], respondents, beyond=True,
            seed=seed, coders=coders,
        )  # fmt: skip

    return correct


def _unknown_codes(comments: pd.DataFrame, columns: ColumnsConfig, codebook: Codebook) -> list[str]:
    """Return a sentence on codes that the codebook does not have; which, and how many, is for `check` alone."""
    names = [column.name for column in read_codes(comments, columns, (), codebook) if column.unknown]
    if not names:
        return []
    return [
        f"Some codes in {', '.join(names)} are not the codebook's, and count as no theme. The command check names them."
    ]


def _without_learned(coder: Coder, learned_from: npt.NDArray[np.bool_]) -> Coder:
    """Return the codes without those of comments that were learned from: agreement is not reported on them."""
    return replace(
        coder,
        main=coder.main.mask(learned_from, ""),
        further=tuple(one.mask(learned_from, "") for one in coder.further),
    )


def _quotations(
    article: str | None, codebook: Codebook, encoder: Encoder | None, nearest_phrases: int
) -> tuple[pd.DataFrame, dict[str, Any] | None]:
    if article is None or encoder is None:
        return empty("article"), None
    read = read_article(article, codebook)
    unquoted = without_phrases(codebook, read.quotations)
    matches = match_quotations(read.quotations, unquoted.codebook, encoder=encoder, nearest_phrases=nearest_phrases)
    figures = {
        name: None if math.isnan(value) else value for name, value in landing(matches, len(codebook.themes)).items()
    }
    notes = [*read.notes]
    if unquoted.removed:
        notes.append(f"{len(unquoted.removed)} phrases of the codebook come from a quotation and were left out.")
    if unquoted.flagged:
        named = ", ".join(sorted({theme for theme, _ in unquoted.flagged}))
        notes.append(f"The definition of {named} quotes a response; it was kept, and favours it.")
    return matches, {**figures, "phrases_removed": len(unquoted.removed), "notes": notes}
