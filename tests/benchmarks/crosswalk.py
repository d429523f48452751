"""Topics and comments against codebooks: what is found, what is missed, and what is matched by mistake."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.metrics import f1_score

from pipeline.account.article import landing, match_quotations, read_article, without_phrases
from pipeline.codebook.codebook import Codebook, Facet, load_codebook
from pipeline.codebook.codes import codes_to_themes
from pipeline.codebook.decoy_books import load_decoys
from pipeline.config import MapConfig
from pipeline.contracts import Labels, Mapped, TopicResult, Vectors
from pipeline.crosswalk.choice import Choice, choose
from pipeline.crosswalk.comment_themes import carried_themes, probabilities, theme_scores
from pipeline.crosswalk.fit import Reading, Scores, encode_phrases, phrases_of, read_in_sentences
from pipeline.crosswalk.learning import learn_themes
from pipeline.crosswalk.matching import LEANING, MATCHED, topic_means
from pipeline.crosswalk.null import topic_null, typical_phrases
from pipeline.crosswalk.tail import Tail
from pipeline.stages.discover import discover_topics
from pipeline.stages.map import map_themes
from tests.benchmarks.corpora import BENCH, ILLUSTRATIVE, Corpus, load
from tests.benchmarks.topics import WITHOUT_SAMPLES
from tests.class_agreement import class_agreement

SETTINGS = MapConfig.model_validate({})
DRAWS = 10
CODED = 50
LOSS = 0.27
"""Share of comments with a theme that is given up to see those without one: what an earlier version lost."""

CLEAR = 0.5
"""A topic is clear where at least this share of its coded comments has its majority theme."""


@dataclass(frozen=True)
class Ground:
    """A corpus read against its codebook."""

    reading: Reading
    choice: Choice
    fits: Scores
    codes: np.ndarray
    themes: np.ndarray

    @property
    def coded(self) -> np.ndarray:
        """Rows of the comments that people gave one of the themes."""
        return np.flatnonzero(np.isin(self.codes, self.themes))


@cache
def ground(corpus: Corpus) -> Ground:
    """Read a corpus as the map stage does."""
    reading, choice = _read(corpus.comments["text"].tolist(), corpus.embedded.vectors, corpus)
    codes = codes_to_themes(corpus.comments[corpus.code_column], corpus.codebook.themes).to_numpy()
    themes = np.array(corpus.codebook.theme_ids, dtype=object)
    return Ground(reading, choice, np.asarray(reading.weights @ choice.fits), codes, themes)


def _read(texts: Sequence[str], vectors: Vectors, corpus: Corpus) -> tuple[Reading, Choice]:
    reading = read_in_sentences(
        texts, vectors, encoder=corpus.encoder, neighbours=SETTINGS.neighbours,
        neighbour_share=SETTINGS.neighbour_share, seed=1,
    )  # fmt: skip
    phrases, rivals = (
        encode_phrases(entries, corpus.encoder) for entries in (corpus.codebook.themes, corpus.codebook.rivals)
    )
    choice = choose(
        reading, phrases, rivals, n_phrases=typical_phrases(phrases), nearest_phrases=SETTINGS.nearest_phrases,
        large_enough=True, seed=1,
    )  # fmt: skip
    return reading, choice


@cache
def topics_of(corpus: Corpus, seed: int) -> TopicResult:
    """Discover topics as the discover stage does, without the samples that change none."""
    return discover_topics(
        corpus.cleaned, corpus.embedded, encoder=corpus.encoder, config=WITHOUT_SAMPLES, seed=seed
    )  # fmt: skip


@cache
def mapped(corpus: Corpus, seed: int) -> Mapped:
    """Map a corpus as the map stage does."""
    outlook: Facet | None = corpus.codebook.facet("outlook")
    return map_themes(
        corpus.cleaned, corpus.embedded, topics_of(corpus, seed), codebook=corpus.codebook, outlook=outlook,
        encoder=corpus.encoder, config=SETTINGS, seed=seed,
    )  # fmt: skip


def comments_table(corpora: Sequence[Corpus]) -> str:
    """Return a Markdown table of comments against themes, over those that people gave one of the themes.

    The total variation is that between the themes' shares as matched and as coded, in [0, 1].
    """
    rows = [
        "| corpus | comments / themes | matching | accuracy | macro-F1 | kappa | total variation of shares |",
        "|---|---|---|---|---|---|---|",
    ]
    for corpus in corpora:
        held = ground(corpus)
        coded = held.coded
        for name, decide in _COMMENT_METHODS.items():
            decided = decide(corpus)[coded]
            found = class_agreement(held.codes[coded].tolist(), decided.tolist(), corpus.codebook.theme_ids)
            rows.append(
                f"| {corpus.name} | {len(coded):,} / {len(held.themes)} | {name} | {found['accuracy']:.3f} "
                f"| {found['macro_f1']:.3f} | {found['cohen_kappa']:.3f} | {_apart(held.codes[coded], decided):.3f} |"
            )
            print(rows[-1], flush=True)
        accuracy, macro_f1 = _with_coded(corpus)
        rows.append(
            f"| {corpus.name} | {len(coded) - CODED:,} / {len(held.themes)} | ours, with {CODED} coded comments "
            f"| {accuracy:.3f} | {macro_f1:.3f} | – | – |"
        )
        print(rows[-1], flush=True)
    return "\n".join(rows)


def _by_names(corpus: Corpus) -> Scores:
    names = corpus.encoder.encode([theme.name for theme in corpus.codebook.themes])
    return np.asarray(corpus.embedded.vectors @ names.T)


def _nearest_name(corpus: Corpus) -> np.ndarray:
    return ground(corpus).themes[_by_names(corpus).argmax(axis=1)]


def _zero_shot(threshold: float) -> Callable[[Corpus], np.ndarray]:
    """Assign as BERTopic's zero-shot list does: the nearest name where its similarity reaches the threshold."""

    def decide(corpus: Corpus) -> np.ndarray:
        scores = _by_names(corpus)
        return np.where(scores.max(axis=1) >= threshold, _nearest_name(corpus), "")

    return decide


def _k_means(corpus: Corpus) -> np.ndarray:
    """Give each of as many clusters as there are themes the theme that most of its comments have: codes are used."""
    held = ground(corpus)
    clusters = KMeans(len(held.themes), n_init=3, random_state=1).fit_predict(corpus.embedded.vectors)
    decided = np.empty(len(clusters), dtype=object)
    for cluster in np.unique(clusters):
        inside = clusters == cluster
        codes = [code for code in held.codes[inside] if code in set(held.themes)]
        decided[inside] = Counter(codes).most_common(1)[0][0] if codes else ""
    return decided


def _ours(corpus: Corpus) -> np.ndarray:
    held = ground(corpus)
    return held.themes[held.fits.argmax(axis=1)]


_COMMENT_METHODS: dict[str, Callable[[Corpus], np.ndarray]] = {
    "nearest name (BERTopic zero-shot, threshold 0)": _zero_shot(-1.0),
    "BERTopic zero-shot, threshold 0.7": _zero_shot(0.7),
    "k-means, majority labels (uses the codes)": _k_means,
    "codebook (ours)": _ours,
}


def _with_coded(corpus: Corpus) -> tuple[float, float]:
    """Return accuracy and macro-F1 over the comments that were not learned from, means over random draws."""
    held = ground(corpus)
    place = {theme: number for number, theme in enumerate(held.themes)}
    phrases = encode_phrases(corpus.codebook.themes, corpus.encoder)
    found = []
    for draw in range(DRAWS):
        chosen = np.random.default_rng(draw).choice(held.coded, CODED, replace=False)
        themes = np.array([place[code] for code in held.codes[chosen]])
        learned = learn_themes(
            corpus.embedded.vectors, probabilities(held.fits), phrases, chosen, themes, seed=draw
        )  # fmt: skip
        rest = np.setdiff1d(held.coded, chosen)
        decided, codes = held.themes[learned.probability.argmax(axis=1)][rest], held.codes[rest]
        macro = f1_score(codes, decided, labels=list(held.themes), average="macro", zero_division=0.0)
        found.append((float(np.mean(codes == decided)), float(macro)))
    accuracy, macro_f1 = np.mean(found, axis=0)
    return float(accuracy), float(macro_f1)


def _majorities(held: Ground, labels: Labels, n_topics: int) -> np.ndarray:
    """Return the theme that most of each topic's coded comments have; empty where none has one."""
    majority = np.full(n_topics, "", dtype=object)
    for topic in range(n_topics):
        counts = Counter(code for code in held.codes[labels == topic] if code in set(held.themes))
        if counts:
            majority[topic] = counts.most_common(1)[0][0]
    return majority


def _apart(codes: NDArray[np.object_], decided: NDArray[np.object_]) -> float:
    """Return half the sum of the differences between the shares of what people coded and of what was decided."""
    said = [pd.Series(values).value_counts(normalize=True) for values in (codes, decided)]
    return float(said[0].sub(said[1], fill_value=0.0).abs().sum() / 2)


def matches_table(corpora: Sequence[Corpus], seeds: Sequence[int]) -> str:
    """Return a Markdown table of what matches are worth: how many are right, and how easily a wrong book gets one.

    Decoy books are tried on the first seed's topics alone. The wrong subject of the same field is a stay in hospital
    for answers about becoming digital, and the article's themes for patients' comments.
    """
    rows = [
        "| corpus | topics | matched | leaning | matched pairs right | leaning ones right | clear topics found "
        "| matched, phrases shuffled | matched, wrong subject | matched, decoy books |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for corpus in corpora:
        held, sums, wrong = ground(corpus), np.zeros(9), _wrong_subject(corpus)
        mistaken = [_matched_share(corpus, seed, wrong) for seed in seeds] if wrong else []
        for seed in seeds:
            labels, table = topics_of(corpus, seed).assignments["topic"].to_numpy(), mapped(corpus, seed).topic_themes
            majority = _majorities(held, labels, len(table))
            within = [np.isin(held.codes[labels == topic], held.themes) for topic in range(len(table))]
            leads = [np.mean(held.codes[labels == t][of] == majority[t]) for t, of in enumerate(within) if of.any()]
            clear = np.array(leads) >= CLEAR if len(leads) == len(table) else majority != ""
            right = (table["nearest_theme"].to_numpy() == majority) & (majority != "")
            status = table["status"].to_numpy()
            books = [_shuffled(corpus.codebook, seed + 100 * draw) for draw in range(2)]
            shuffled = np.mean([_matched_share(corpus, seed, book) for book in books])
            decoys = [_matched_share(corpus, seed, book) for book in (load_decoys() if seed == seeds[0] else [])]
            found, leans = status == MATCHED, status == LEANING
            sums += [len(table), found.sum(), leans.sum(), (found & right).sum(), (leans & right).sum(), clear.sum(),
                     (clear & found & right).sum(), shuffled, sum(decoys) / len(load_decoys())]  # fmt: skip
        n, found, leans, of_found, of_leaning, clear, seen, shuffled, decoys = sums
        k = len(seeds)
        rows.append(
            f"| {corpus.name} | {n / k:.0f} | {found / k:.1f} | {leans / k:.1f} | {of_found / max(found, 1):.2f} "
            f"| {of_leaning / max(leans, 1):.2f} | {seen / max(clear, 1):.2f} of {clear / k:.0f} | {shuffled / k:.2f} "
            f"| {f'{np.mean(mistaken):.2f}' if mistaken else '–'} | {decoys:.2f} |"
        )
        print(rows[-1], flush=True)
    return "\n".join(rows)


def _wrong_subject(corpus: Corpus) -> Codebook | None:
    """Return a codebook of the corpus's field on a subject that it is not about, if one is at hand."""
    if corpus.name == ILLUSTRATIVE:
        return load_codebook(Path(__file__).with_name("wrong_subject.yaml"))
    return load(ILLUSTRATIVE).codebook if corpus.name == "nhs_feedback" else None


def _matched_share(corpus: Corpus, seed: int, book: Codebook) -> float:
    found = map_themes(
        corpus.cleaned, corpus.embedded, topics_of(corpus, seed), codebook=book, outlook=None,
        encoder=corpus.encoder, config=SETTINGS, seed=seed,
    ).topic_themes  # fmt: skip
    return float((found["status"] == MATCHED).mean())


def _shuffled(book: Codebook, seed: int) -> Codebook:
    """Return a codebook with its phrases shuffled among its themes."""
    phrases = [list(phrases_of(theme)) for theme in book.themes]
    every = [phrase for said in phrases for phrase in said]
    order = iter(np.random.default_rng(seed).permutation(len(every)))
    themes = []
    for theme, said in zip(book.themes, phrases, strict=True):
        name, definition, *others = (every[next(order)] for _ in said)
        changed = {"name": name, "definition": definition, "includes": tuple(others), "examples": (), "excludes": ()}
        themes.append(theme.model_copy(update=changed))
    return book.model_copy(update={"themes": tuple(themes)})


def points_table(corpus: Corpus, pairs: Path) -> str:
    """Return a Markdown table of comments that make two points, and of what is said of comments without a theme."""
    rows = ["| comments | n | recall | precision |", "|---|---|---|---|"]
    with pairs.open(encoding="utf-8", newline="") as file:
        given = list(csv.DictReader(file))
    themes = corpus.codebook.theme_ids
    truth = np.array([[theme in row["truth"].split("|") for theme in themes] for row in given])
    carried = _carried_by([row["comment"] for row in given], corpus)
    kinds = np.array([row["kind"] for row in given])
    for kind in ("pair", "single"):
        of_kind = kinds == kind
        both = (carried & truth)[of_kind].sum()
        rows.append(
            f"| {kind} | {of_kind.sum()} | {both / truth[of_kind].sum():.2f} | {both / carried[of_kind].sum():.2f} |"
        )
        print(rows[-1], flush=True)
    with corpus.path.open(encoding="utf-8", newline="") as file:
        coded = {row["comment_id"]: row for row in csv.DictReader(file)}
    first = np.array([coded[one]["coder_1_theme"] for one in corpus.comments["comment_id"]])
    second = np.array([coded[one]["coder_1_theme_2"] for one in corpus.comments["comment_id"]])
    has = np.array([(first == theme) | (second == theme) for theme in themes]).T
    found = _carried_by(corpus.comments["text"].tolist(), corpus)
    error = np.abs(found.mean(axis=0) - has.mean(axis=0)).mean()
    scores = theme_scores(ground(corpus).choice, ground(corpus).reading.weights)
    themed = np.isin(first, themes)
    cut = np.quantile(scores[themed], LOSS)
    rows += ["", f"Mean absolute error of the themes' shares: {error:.3f}. At a loss of {LOSS} of the themed comments, "
             f"{np.mean(scores[first == 'none'] < cut):.2f} of those coded \"none\" and "
             f"{np.mean(scores[first == 'other'] < cut):.2f} of those coded \"other\" are seen. "
             f"As the program decides, {np.mean(~found[themed].any(axis=1)):.2f} of the themed are lost, and "
             f"{np.mean(~found[first == 'none'].any(axis=1)):.2f} and "
             f"{np.mean(~found[first == 'other'].any(axis=1)):.2f} are seen."]  # fmt: skip
    print(rows[-1], flush=True)
    return "\n".join(rows)


def _carried_by(texts: Sequence[str], corpus: Corpus) -> np.ndarray:
    """Return which themes comments carry, read as a survey of their own."""
    reading, choice = _read(texts, corpus.encoder.encode(list(texts)), corpus)
    fits = np.asarray(reading.weights @ choice.fits)
    without = theme_scores(choice, reading.weights) <= 0
    found = carried_themes(choice, reading.owner, probabilities(fits), without, part_lead=SETTINGS.part_lead)
    return np.asarray(found.carried)


def null_table(corpora: Sequence[Corpus], seed: int) -> str:
    """Return a Markdown table of the null: uniform p-values for random pseudo-themes, and decoys book by book."""
    rows = ["| corpus | pseudo-themes with p at most 0.05 | at most 0.01 | decoy themes with p at most 0.05 |",
            "|---|---|---|---|"]  # fmt: skip
    for corpus in corpora:
        held = ground(corpus)
        labels = topics_of(corpus, seed).assignments["topic"].to_numpy()
        n_topics = int(labels.max()) + 1
        n_phrases = typical_phrases(encode_phrases(corpus.codebook.themes, corpus.encoder))
        nulls = [
            topic_null(held.reading, labels, n_topics, np.ones(len(labels)), n_phrases=n_phrases,
                       nearest_phrases=SETTINGS.nearest_phrases,
                       n_pseudo=SETTINGS.n_pseudo_themes, seed=draw)
            for draw in (1, 2)
        ]  # fmt: skip
        tails = [Tail.of(draws) for draws in nulls[0]]
        p = np.stack([tail.p_values(row) for tail, row in zip(tails, nulls[1], strict=True)])
        decoys = []
        for book in load_decoys():
            said = [vectors[:n_phrases] for vectors in encode_phrases(book.themes, corpus.encoder)]
            fits = topic_means(held.reading.fits(said, SETTINGS.nearest_phrases), labels, n_topics)
            decoys.append(np.stack([tail.p_values(row) for tail, row in zip(tails, fits, strict=True)]) <= 0.05)
        rows.append(f"| {corpus.name} | {np.mean(p <= 0.05):.3f} | {np.mean(p <= 0.01):.3f} | {np.mean(decoys):.4f} |")
        print(rows[-1], flush=True)
    return "\n".join(rows)


def outlook_table(corpus: Corpus, seed: int, outlooks: Sequence[str], settings: Sequence[str]) -> str:
    """Return a Markdown table of the outlook against people's codes.

    Parameters
    ----------
    outlooks, settings : sequence of str
        The coded outlook and the care setting of each distinct comment.
    """
    facet = corpus.codebook.facet("outlook")
    assert facet is not None
    found = mapped(corpus, seed).assignments.set_index("comment_id")["outlook_direct"]
    decided = found.loc[corpus.comments["comment_id"]].to_numpy()
    codes, primary = np.array(outlooks), np.array(settings) == "Primary care"
    entries = [entry.id for entry in facet.themes]
    used = np.isin(codes, entries)
    measured = class_agreement(codes[used].tolist(), decided[used].tolist(), entries)
    rows = ["| comments | n | positive or mixed, ours | by the codes | error, points |", "|---|---|---|---|---|"]
    for name, chosen in (("all", np.ones(len(codes), bool)), ("primary care", primary), ("elsewhere", ~primary)):
        ours, theirs = (np.isin(values[chosen], ["positive", "mixed"]).mean() for values in (decided, codes))
        rows.append(f"| {name} | {chosen.sum()} | {ours:.3f} | {theirs:.3f} | {100 * (ours - theirs):+.1f} |")
    rows += ["", f"Over positive, mixed and negative: macro-F1 {measured['macro_f1']:.3f}, accuracy "
             f"{measured['accuracy']:.3f} ({used.sum()} comments coded with one of them)."]  # fmt: skip
    print("\n".join(rows), flush=True)
    return "\n".join(rows)


def article_table(corpus: Corpus) -> str:
    """Return what the article's quotations show, if ../shared/article is here."""
    path = BENCH.parent / "article" / "htn_health_tech_trends.txt"
    if corpus.name != ILLUSTRATIVE or not path.is_file():
        return "Not measured: the article is not here."
    read = read_article(path.read_text(encoding="utf-8"), corpus.codebook)
    unquoted = without_phrases(corpus.codebook, read.quotations)
    matches = match_quotations(
        read.quotations, unquoted.codebook, encoder=corpus.encoder, nearest_phrases=SETTINGS.nearest_phrases
    )
    found = landing(matches, len(corpus.codebook.themes))
    said = (
        f"{found['landed']} of {found['n']} quotations land in their section ({100 * found['share']:.0f} %, exact 95 % "
        f"interval {100 * found['low']:.0f} to {100 * found['high']:.0f} %); by chance {100 * found['chance']:.0f} %, "
        f"p = {found['p_value']:.3f}. Phrases taken from a quotation and left out: {len(unquoted.removed)}."
    )
    print(said, flush=True)
    return said
