"""Match topics and comments with the themes of the codebook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from pipeline.codebook.codebook import Codebook, Facet
from pipeline.codebook.decoy_books import load_decoys
from pipeline.codebook.written_codes import main_themes, reader_of
from pipeline.config import MapConfig
from pipeline.contracts import (
    UNMAPPED,
    Bools,
    Cleaned,
    Embedded,
    Encoder,
    Labels,
    Mapped,
    Mapper,
    Progress,
    TopicResult,
    Vectors,
)
from pipeline.crosswalk.by_person import BY_PERSON, with_persons_themes
from pipeline.crosswalk.choice import Choice, choose
from pipeline.crosswalk.comment_themes import (
    LOST,
    CommentThemes,
    calibrated_cut,
    carried_themes,
    probabilities,
    theme_scores,
    with_learned,
)
from pipeline.crosswalk.diagnosis import diagnose
from pipeline.crosswalk.fit import Reading, Scores, encode_phrases, read_in_sentences
from pipeline.crosswalk.learning import FEWEST, Learned, has_enough_of_each, learn_themes, learn_what_speaks
from pipeline.crosswalk.mapping_tables import crosswalk_table, topic_table
from pipeline.crosswalk.matching import LEANING, MATCHED, decoy_rates, match_topics, own_shares, topic_means
from pipeline.crosswalk.null import (
    SHUFFLED_BOOKS,
    SMALLEST_CORPUS,
    shuffled_null,
    topic_null,
    typical_phrases,
)
from pipeline.crosswalk.outlook import classify_outlook
from pipeline.crosswalk.robustness import Robustness, replicate_decisions
from pipeline.crosswalk.short_names import are_short_names, phrases_said
from pipeline.errors import DataError

_NEAREST_COMMENTS = 5
"""Comments shown for a theme that no topic is matched with."""


_LEAST_MEMBERSHIP = 0.01
_NO_THEME = -1


@dataclass(frozen=True)
class _Ground:
    """What every decision rests on."""

    reading: Reading
    phrases: list[Vectors]
    choice: Choice
    fits: Scores
    n_phrases: int
    pseudo: Scores | None


def map_themes(
    cleaned: Cleaned,
    embedded: Embedded,
    discovered: TopicResult,
    *,
    codebook: Codebook,
    outlook: Facet | None,
    encoder: Encoder,
    config: MapConfig,
    seed: int,
    given: Mapping[int, str] | None = None,
    progress: Progress | None = None,
    mapper: Mapper | None = None,
) -> Mapped:
    """Match every topic and every comment with the codebook.

    Each sentence of a comment is read against the phrases of each theme, in three ways, together with the comments
    nearest to it. A comment carries every theme that one of its sentences shows, or none: where what belongs to no
    theme fits it as well, or no sentence shows one. A topic is matched with a theme that fits it better than
    pseudo-themes made of random comments do, that stands out more clearly than a theme of the codebook with its
    phrases shuffled does, that is the main one of half of its comments with a theme, and that re-runs repeat; see
    `match_topics`.

    Parameters
    ----------
    cleaned : Cleaned
        The comments.
    embedded : Embedded
        Vectors of the distinct comments.
    discovered : TopicResult
        The topics.
    codebook : Codebook
        The published themes.
    outlook : Facet or None
        The facet that says how positive a comment is.
    encoder : Encoder
        The encoder that made the vectors.
    config : MapConfig
        Settings.
    seed : int
        Everything random follows from it.
    given : mapping of int to str, optional
        Themes that a person gave to topics, "unmapped" for none; they count in place of the matches.
    progress : callable, optional
        Told what is done of each piece of work that may take long.
    mapper : Mapper, optional
        Reads sentences against the codebook, a part at a time; it holds nothing. None reads them here.

    Returns
    -------
    Mapped
        Fits and decisions.

    Raises
    ------
    DataError
        Where comments to learn from are wanted and there are too few.
    """
    distinct = cleaned.distinct
    reading = read_in_sentences(
        distinct["text"].tolist(), embedded.comment_vectors, encoder=encoder,
        neighbours=config.neighbours, neighbour_share=config.neighbour_share, seed=seed,
    )  # fmt: skip
    if are_short_names(codebook.themes):
        reading = replace(reading, short_phrases=encoder.encode(phrases_said(distinct, seed=seed)))
    # What was said is read, and would be kept twice from here on.
    distinct = distinct[["comment_id", *config.learn_from]]
    ground = _ground(reading, codebook, encoder, config, seed, mapper, progress)
    themes, coded = _coded(distinct, codebook, config)
    learned = None
    speaks, cut = theme_scores(ground.choice, reading.weights), 0.0
    if config.learn_from:
        has_theme = themes >= 0
        learned = learn_themes(
            embedded.comment_vectors, probabilities(ground.fits), ground.phrases, coded[has_theme], themes[has_theme],
            seed=seed,
        )  # fmt: skip
        speaks, unseen = learn_what_speaks(speaks, embedded.comment_vectors, coded, has_theme, seed=seed)
        cut = calibrated_cut(unseen[has_theme], LOST)
    silent = distinct["comment_id"].isin(embedded.nothing_said).to_numpy()
    carried = carried_themes(
        ground.choice, reading.owner, probabilities(ground.fits), (speaks <= cut) | silent, part_lead=config.part_lead
    )
    if learned is not None:
        carried = with_learned(carried, learned.probability)

    crosswalk, topic_themes, decoys = _map_topics(
        ground, carried, discovered, codebook, encoder, config, seed, progress
    )
    crosswalk, topic_themes = with_persons_themes(crosswalk, topic_themes, given or {})
    comments = _comment_table(ground, carried, discovered, codebook, coded)
    comments["says_nothing"] = silent
    comments["outlook_direct"] = _outlooks(reading, codebook, outlook, ground.phrases, encoder)
    theme_of = dict(zip(topic_themes["topic"], topic_themes["theme"], strict=True))
    comments["theme"] = [theme_of.get(topic, "") for topic in comments["topic"]]
    stands_for = _stands_for(cleaned)
    assignments = _with_folded_duplicates(comments, cleaned, stands_for)
    mapped = assignments["theme_direct"] != UNMAPPED
    summary = {
        "topics_matched": int((topic_themes["status"] == MATCHED).sum()),
        "topics_leaning": int((topic_themes["status"] == LEANING).sum()),
        "topics_unmapped": int((topic_themes["status"] == UNMAPPED).sum()),
        "topics_by_person": int((topic_themes["status"] == BY_PERSON).sum()),
        "topics_unsettled": int((~topic_themes["settled"]).sum()),
        "comments_with_theme": int(mapped.sum()),
        "comments_without_theme": int((~mapped).sum()),
        "nearest_phrases": config.nearest_phrases,
        "pseudo_theme_phrases": ground.n_phrases,
        "false_discovery_rate": config.false_discovery_rate,
        "decoy_match_rates": decoys,
        "decoy_match_rate": float(np.mean(list(decoys.values()))) if decoys else None,
        "learned": _said_of(learned, cut, themes >= 0),
        "notes": _notes(ground),
    }
    return Mapped(
        assignments=assignments,
        comment_themes=_carried_table(ground, carried, comments, codebook, cleaned, stands_for),
        crosswalk=crosswalk,
        topic_themes=topic_themes,
        diagnosis=diagnose(crosswalk, topic_themes, discovered.topics, codebook),
        nearest_comments=_nearest_comments(ground, crosswalk, distinct, codebook),
        summary=summary,
        theme_fits=pd.DataFrame(
            {
                "comment_id": np.repeat(distinct["comment_id"].to_numpy(dtype=object), len(codebook.themes)),
                "theme": np.tile(np.array(codebook.theme_ids, dtype=object), len(distinct)),
                "fit": ground.fits.ravel(),
            }
        ),
    )


def _ground(
    reading: Reading,
    codebook: Codebook,
    encoder: Encoder,
    config: MapConfig,
    seed: int,
    mapper: Mapper | None,
    progress: Progress | None,
) -> _Ground:
    phrases = encode_phrases(codebook.themes, encoder)
    n_phrases = typical_phrases(phrases)
    choice = choose(
        reading, phrases, encode_phrases(codebook.rivals, encoder), n_phrases=n_phrases,
        nearest_phrases=config.nearest_phrases, large_enough=reading.weights.shape[0] >= SMALLEST_CORPUS, seed=seed,
        mapper=mapper, progress=progress,
    )  # fmt: skip
    pseudo = None if choice.pseudo is None else np.asarray(reading.weights @ choice.pseudo)
    return _Ground(reading, phrases, choice, np.asarray(reading.weights @ choice.fits), n_phrases, pseudo)


def _notes(ground: _Ground) -> list[str]:
    if ground.pseudo is not None:
        return []
    return [
        f"With fewer than {SMALLEST_CORPUS} distinct comments there is nothing to compare a theme's fit with: every "
        "comment is given its nearest theme, and none is said to fit no theme."
    ]


def _coded(distinct: pd.DataFrame, codebook: Codebook, config: MapConfig) -> tuple[Labels, Labels]:
    """Return the theme that people gave each comment to learn from, -1 for none, and the comments' rows."""
    codes = pd.Series("", index=distinct.index)
    for column in config.learn_from:
        codes = codes.where(codes != "", main_themes(distinct[column], codebook))
    reader = reader_of(codebook)
    place: dict[str, int] = {theme: number for number, theme in enumerate(codebook.theme_ids)}
    place |= {code: _NO_THEME for code in codes.unique() if code not in place and reader.read(code).is_none}
    themes = codes.map(place)
    coded: Labels = np.flatnonzero(themes.notna()).astype(np.int64)
    n_themed = int((themes >= 0).sum())
    if config.learn_from and n_themed < FEWEST:
        raise DataError(
            f"map.learn_from: {n_themed} comments have the code of a theme in {', '.join(config.learn_from)}; "
            f"at least {FEWEST} are needed to learn from.",
            "Code more comments, check that the codes are ids or names of the codebook's themes, or set "
            "map.learn_from to [].",
        )
    return np.asarray(themes.iloc[coded], dtype=np.int64), coded


def _said_of(learned: Learned | None, cut: float, has_theme: Bools) -> dict[str, Any] | None:
    if learned is None:
        return None
    return {
        "comments": learned.n_coded,
        "cut": cut if np.isfinite(cut) else None,
        "from_none": has_enough_of_each(has_theme),
        "codebook_weight": learned.codebook_weight,
        "accuracy_codebook": learned.accuracy[0],
        "accuracy_learned": learned.accuracy[1],
        "macro_f1_codebook": learned.macro_f1[0],
        "macro_f1_learned": learned.macro_f1[1],
    }


def _map_topics(
    ground: _Ground,
    carried: CommentThemes,
    discovered: TopicResult,
    codebook: Codebook,
    encoder: Encoder,
    config: MapConfig,
    seed: int,
    progress: Progress | None,
) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, float]]:
    n_topics, n_themes = len(discovered.topics), len(codebook.themes)
    if n_topics == 0 or ground.pseudo is None:
        nothing = np.zeros((0, n_themes))
        matches = match_topics(nothing, np.zeros((0, 1)), np.zeros((0, 1)), nothing, false_discovery_rate=0.1)
        firm = Robustness(nothing, np.zeros(0), nothing, nothing)
        return crosswalk_table([], matches, firm, codebook), topic_table([], matches, firm, codebook), {}
    ids = discovered.topics["topic"].tolist()
    place = {topic: number for number, topic in enumerate(ids)}
    topics = np.array([place.get(topic, -1) for topic in discovered.assignments["topic"]], dtype=np.int64)
    membership = np.maximum(discovered.assignments["membership"].to_numpy(dtype=float), _LEAST_MEMBERSHIP)
    reading, nearest = ground.reading, config.nearest_phrases
    null, one_fewer = (
        topic_null(
            reading, topics, n_topics, membership, n_phrases=n_phrases, nearest_phrases=nearest,
            n_pseudo=config.n_pseudo_themes, seed=seed, progress=_share_of(progress, half, 2),
        )
        for half, n_phrases in enumerate((ground.n_phrases, ground.n_phrases - 1))
    )  # fmt: skip
    shuffled = shuffled_null(
        reading,
        topics,
        n_topics,
        membership,
        ground.phrases,
        nearest_phrases=nearest,
        n_shuffled=SHUFFLED_BOOKS,
        seed=seed,
        progress=progress,
    )
    # By the codebook alone, as the fits are: what was learned from codes is for comments.
    main = np.asarray(ground.fits.argmax(axis=1), dtype=np.int64)
    matches = match_topics(
        topic_means(reading.fits(ground.phrases, nearest), topics, n_topics, membership),
        null,
        shuffled,
        own_shares(main, carried.has_none, topics, membership, (n_topics, n_themes)),
        false_discovery_rate=config.false_discovery_rate,
    )
    firm = replicate_decisions(
        reading, topics, membership, matches, null, one_fewer, ground.pseudo, carried.has_none, ground.phrases,
        nearest_phrases=nearest, n_replicates=config.n_replicates, seed=seed,
        progress=progress,
    )  # fmt: skip
    decoys = decoy_rates(
        reading, topics, membership, null, [(book, encode_phrases(book.themes, encoder)) for book in load_decoys()],
        n_phrases=ground.n_phrases, nearest_phrases=nearest, false_discovery_rate=config.false_discovery_rate,
        seed=seed, progress=progress,
    )  # fmt: skip
    return crosswalk_table(ids, matches, firm, codebook), topic_table(ids, matches, firm, codebook), decoys


def _share_of(progress: Progress | None, place: int, count: int) -> Progress | None:
    """Return whom to tell of one of several pieces of work that are one to the user."""
    if progress is None:
        return None
    return lambda what, done, total: progress(what, place * total + done, count * total)


def _comment_table(
    ground: _Ground, carried: CommentThemes, discovered: TopicResult, codebook: Codebook, coded: Labels
) -> pd.DataFrame:
    ids = np.array(codebook.theme_ids, dtype=object)
    rows = np.arange(len(carried.main))
    others = ground.fits.copy()
    others[rows, carried.main] = -np.inf
    comments = discovered.assignments[["comment_id", "topic", "membership", "topic_coarse"]].copy()
    comments["theme_direct"] = np.where(carried.has_none, UNMAPPED, ids[carried.main])
    comments["theme_direct_score"] = ground.fits[rows, carried.main]
    comments["theme_direct_probability"] = carried.probability[rows, carried.main]
    comments["theme_direct_margin"] = ground.fits[rows, carried.main] - others.max(axis=1)
    comments["theme_nearest"] = ids[carried.main]
    comments["learned_from"] = np.isin(rows, coded)
    return comments


def _outlooks(
    reading: Reading, codebook: Codebook, outlook: Facet | None, phrases: list[Vectors], encoder: Encoder
) -> list[str]:
    if outlook is None:
        return [""] * reading.weights.shape[0]
    of_themes = [*phrases, *encode_phrases(codebook.codes, encoder)]
    found = classify_outlook(reading, outlook, encode_phrases(outlook.themes, encoder), of_themes)
    return [outlook.themes[place].id for place in found]


def _stands_for(cleaned: Cleaned) -> pd.Series:
    """Return for every analysed comment the distinct one that it is analysed as."""
    analysed = cleaned.analysed
    return analysed["duplicate_of"].where(analysed["duplicate_of"] != "", analysed["comment_id"])


def _with_folded_duplicates(comments: pd.DataFrame, cleaned: Cleaned, stands_for: pd.Series) -> pd.DataFrame:
    """Give every analysed comment a row; a folded duplicate takes its twin's."""
    rows = comments.set_index("comment_id").loc[stands_for].reset_index(drop=True)
    rows.insert(0, "comment_id", cleaned.analysed["comment_id"].to_numpy())
    order = ["comment_id", "topic", "membership", "topic_coarse", "theme", "theme_direct", "theme_direct_score",
             "theme_direct_probability", "theme_direct_margin", "theme_nearest", "outlook_direct",
             "says_nothing", "learned_from"]  # fmt: skip
    return rows[order]


def _carried_table(
    ground: _Ground,
    carried: CommentThemes,
    comments: pd.DataFrame,
    codebook: Codebook,
    cleaned: Cleaned,
    stands_for: pd.Series,
) -> pd.DataFrame:
    rows, columns = np.nonzero(carried.carried)
    table = pd.DataFrame(
        {
            "stands_for": comments["comment_id"].to_numpy()[rows],
            "theme": np.array(codebook.theme_ids, dtype=object)[columns],
            "fit": ground.fits[rows, columns],
            "probability": carried.probability[rows, columns],
        }
    )
    analysed = pd.DataFrame(
        {"comment_id": cleaned.analysed["comment_id"].to_numpy(), "stands_for": stands_for.to_numpy()}
    )
    return analysed.merge(table, on="stands_for")[["comment_id", "theme", "fit", "probability"]]


def _nearest_comments(
    ground: _Ground, crosswalk: pd.DataFrame, distinct: pd.DataFrame, codebook: Codebook
) -> pd.DataFrame:
    """List the comments nearest to each theme that no topic is matched with, so that its absence can be inspected."""
    seen = set(crosswalk.loc[crosswalk["matched"], "theme"])
    rows = [
        {"theme": theme, "comment_id": distinct["comment_id"].iloc[row], "fit": ground.fits[row, column]}
        for column, theme in enumerate(codebook.theme_ids)
        if theme not in seen
        for row in np.argsort(-ground.fits[:, column], kind="stable")[:_NEAREST_COMMENTS]
    ]
    return pd.DataFrame(rows, columns=["theme", "comment_id", "fit"])
