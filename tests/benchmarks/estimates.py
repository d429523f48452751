"""Corrected estimates: do the intervals hold, and how much narrower are they than those of the coded sample alone?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd

from pipeline.account.claims import NOT_SUPPORTED, SUPPORTED, judge_claims
from pipeline.account.estimates import Corrected, corrected_estimates
from pipeline.account.readings import CODED
from pipeline.codebook.codebook import Codebook, OrderClaim
from pipeline.contracts import Vectors
from tests.benchmarks.corpora import Corpus
from tests.benchmarks.crosswalk import ground

SAMPLES = (60, 100, 200)
DRAWS = 1_000
NULL_DRAWS = 2_000
ORDER_DRAWS = 400
SMALLEST_SHARE = 0.03
CLEAR_GAPS = (0.36, 0.26, 0.16, 0.08)

Kinds = dict[str, Corrected]


@dataclass(frozen=True)
class Survey:
    """Comments that are all coded, as the machine reads them."""

    codes: pd.DataFrame
    scores: pd.DataFrame
    labels: pd.Series
    vectors: Vectors
    longer: np.ndarray
    """Whether a comment is of the longer half."""

    @classmethod
    def of(cls, corpus: Corpus) -> Survey:
        """Take the distinct comments of a corpus; a code outside the codebook is no theme's."""
        held, lengths = ground(corpus), corpus.comments["text"].str.len().to_numpy()
        return cls(
            codes=pd.DataFrame({theme: (held.codes == theme).astype(float) for theme in held.themes}),
            scores=pd.DataFrame(held.fits, columns=held.themes),
            labels=pd.Series(held.themes[held.fits.argmax(axis=1)]),
            vectors=corpus.embedded.comment_vectors,
            longer=lengths > np.median(lengths),
        )

    def rows(self, chosen: np.ndarray) -> Survey:
        """Return some of the comments."""
        frames = (held.iloc[chosen].reset_index(drop=True) for held in (self.codes, self.scores, self.labels))
        return Survey(*frames, self.vectors[chosen], self.longer[chosen])

    @property
    def classes(self) -> np.ndarray:
        """The column of each comment's code, -1 for none."""
        values = self.codes.to_numpy()
        return np.where(values.any(axis=1), values.argmax(axis=1), -1)

    @property
    def common(self) -> np.ndarray:
        """Which themes are measured."""
        return (self.codes.mean() >= SMALLEST_SHARE).to_numpy()

    def estimates(self, n_coded: int, rng: np.random.Generator) -> Kinds:
        """Code a random sample: corrected, and the coded sample alone."""
        codes = self.codes.copy()
        codes.iloc[rng.permutation(len(codes))[n_coded:]] = np.nan
        found = corrected_estimates(
            codes, self.scores, self.labels, self.vectors, pd.Series([""] * len(codes)), beyond=False,
            seed=int(rng.integers(2**31)),
        )  # fmt: skip
        return {"corrected": found, "coded sample alone": replace(found, predicted=np.zeros_like(found.predicted))}

    def machine_alone(self) -> Corrected:
        """Take the machine's labels for codes of everything."""
        read = pd.DataFrame({theme: (self.labels == theme).astype(float) for theme in self.codes})
        return corrected_estimates(
            read, self.scores, self.labels, None, pd.Series([""] * len(read)), beyond=True, seed=0
        )  # fmt: skip


def table(corpora: Sequence[Corpus]) -> str:
    """Return the Markdown tables."""
    surveys = {corpus.name: Survey.of(corpus) for corpus in corpora if corpus.name != "banking77"}
    books = {corpus.name: corpus.codebook for corpus in corpora}
    tables = (_shares(surveys), _differences(surveys), _null(surveys), _orders(surveys, books))
    return "\n\n".join("\n".join(_printed(rows)) for rows in tables)


def _printed(rows: Iterator[str]) -> Iterator[str]:
    for row in rows:
        print(row, flush=True)
        yield row


_MEASURED = (
    "covered, corrected | worst theme | covered, sample alone | half-width, corrected | sample alone | ratio "
    "| worst theme |"
)


def _intervals(
    drawn: Callable[[], Kinds], ends: Callable[[Corrected], pd.DataFrame], true: np.ndarray, common: np.ndarray
) -> str:
    """Measure how often the intervals of common themes cover the truth, and how wide they are."""
    found = []
    for _ in range(DRAWS):
        both = [ends(kind).iloc[:, -2:].to_numpy() for kind in drawn().values()]
        found.append([[(low <= true) & (true <= high), (high - low) / 2] for low, high in map(np.transpose, both)])
    covered, half = np.moveaxis(np.array(found, dtype=float).mean(axis=0), 1, 0)[..., common]
    return (
        f"{covered[0].mean():.3f} | {covered[0].min():.3f} | {covered[1].mean():.3f} | ±{half[0].mean():.3f} "
        f"| ±{half[1].mean():.3f} | {half[0].mean() / half[1].mean():.3f} | {(half[0] / half[1]).max():.3f} |"
    )


def _shares(surveys: dict[str, Survey]) -> Iterator[str]:
    yield f"| shares | comments / themes | coded | {_MEASURED}"
    yield "|---" * 10 + "|"
    for name, survey in surveys.items():
        for n_coded in SAMPLES:
            measured = _intervals(
                partial(survey.estimates, n_coded, np.random.default_rng(n_coded)),
                lambda kind: kind.shares()[["low", "high"]],
                survey.codes.mean().to_numpy(),
                survey.common,
            )
            yield f"| {name} | {len(survey.codes):,} / {survey.common.sum()} | {n_coded} | {measured}"


def _differences(surveys: dict[str, Survey]) -> Iterator[str]:
    yield f"| differences | comments, longer / shorter | coded | {_MEASURED}"
    yield "|---" * 10 + "|"
    for name, survey in surveys.items():
        longer = survey.longer
        measured = _intervals(
            partial(survey.estimates, 100, np.random.default_rng(1)),
            lambda kind, group=longer: kind.differences(group)[["difference_low", "difference_high"]],
            (survey.codes[longer].mean() - survey.codes[~longer].mean()).to_numpy(),
            survey.common,
        )
        yield f"| {name} | {longer.sum():,} / {(~longer).sum():,} | 100 | {measured}"


def _null(surveys: dict[str, Survey]) -> Iterator[str]:
    yield "| no difference | comments | coded | rejected, corrected | worst theme | sample alone | machine alone |"
    yield "|---" * 7 + "|"
    for name, survey in surveys.items():
        rng, rejected = np.random.default_rng(2), []
        for _ in range(NULL_DRAWS):
            alike = survey.rows(_alike(survey, rng))
            kinds = {**alike.estimates(100, rng), "machine alone": alike.machine_alone()}
            rejected.append([kind.p_value(alike.longer).to_numpy() <= 0.05 for kind in kinds.values()])
        corrected, alone, machine = np.mean(rejected, axis=0)[:, survey.common]
        yield (
            f"| {name} | {len(alike.codes):,} | 100 | {corrected.mean():.3f} | {corrected.max():.3f} "
            f"| {alone.mean():.3f} | {machine.mean():.3f} |"
        )


def _alike(survey: Survey, rng: np.random.Generator) -> np.ndarray:
    """Draw as many longer comments as shorter ones of each code, so that codes do not differ between the two."""
    chosen = []
    for code in np.unique(survey.classes):
        parts = [np.flatnonzero((survey.classes == code) & (survey.longer == which)) for which in (True, False)]
        chosen += [rng.choice(part, min(map(len, parts)), replace=False) for part in parts]
    return np.concatenate(chosen)


def _orders(surveys: dict[str, Survey], books: dict[str, Codebook]) -> Iterator[str]:
    yield "| a true order | comments | coded | figures | supported | not supported |"
    yield "|---" * 6 + "|"
    for name, survey in surveys.items():
        themes = survey.codes.mean().sort_values(ascending=False).index[: len(CLEAR_GAPS)]
        claim = OrderClaim(id="order", kind="order", facet="themes", statement="An order.", order=tuple(themes))
        book = books[name].model_copy(update={"claims": (claim,)})
        rng, verdicts = np.random.default_rng(3), []
        for _ in range(ORDER_DRAWS):
            ordered = survey.rows(_with_gaps(survey, themes, rng))
            kinds = {**ordered.estimates(200, rng), "machine alone": ordered.machine_alone()}
            verdicts.append({kind: _verdict(book, figures) for kind, figures in kinds.items()})
        for kind, found in pd.DataFrame(verdicts).items():
            coded = "–" if kind == "machine alone" else 200
            yield (
                f"| {name} | {len(ordered.codes):,} | {coded} | {kind} | {np.mean(found == SUPPORTED):.1%} "
                f"| {np.mean(found == NOT_SUPPORTED):.1%} |"
            )


def _with_gaps(survey: Survey, themes: pd.Index, rng: np.random.Generator) -> np.ndarray:
    """Draw as many different comments as there can be with themes in the shares of `CLEAR_GAPS`, the rest of none."""
    places = [survey.codes.columns.get_loc(theme) for theme in themes]
    pools = [np.flatnonzero(survey.classes == place) for place in places]
    pools.append(np.flatnonzero(~np.isin(survey.classes, places)))
    shares = (*CLEAR_GAPS, 1 - sum(CLEAR_GAPS))
    size = min(len(pool) / share for pool, share in zip(pools, shares, strict=True))
    return np.concatenate(
        [rng.choice(pool, int(size * share), replace=False) for pool, share in zip(pools, shares, strict=True)]
    )


def _verdict(book: Codebook, found: Corrected) -> str:
    (claim,) = book.claims
    shares = found.shares().set_index("entry")
    figures = pd.DataFrame(
        {
            "claim": claim.id,
            "lacking": "",
            # Its counts are estimated; a verdict is reached as on coded ones.
            "reading": CODED,
            "entries": [[entry] for entry in claim.entries],
            **{name: shares.loc[list(claim.entries), name].to_numpy() for name in ("comments", "count", "effective")},
            "correlations": [
                [found.correlation(entry, later) for later in claim.entries[place + 1 :]]
                for place, entry in enumerate(claim.entries)
            ],
        }
    )
    return str(judge_claims(book, figures)["verdict"].iloc[0])
