"""A person's review of the topics in a run folder: its files, which of them counts, and what it is tied to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from pipeline.codebook.codebook import Codebook
from pipeline.contracts import UNMAPPED, Cleaned, Mapped, TopicResult
from pipeline.engine.store import RunStore
from pipeline.errors import DataError
from pipeline.formats.digests import digest_of
from pipeline.review.changes import topics_of
from pipeline.review.decisions import Review, contradictions, second_part
from pipeline.review.readback import insist, read_csv_files, read_review_workbook
from pipeline.review.replay import NEW_SHEET, Held, held_by, refitted
from pipeline.review.sheets import COMMENTS_CSV, TOPICS_CSV, WORKBOOK, Row, sheet_files

HELD = "internal/topics_review_base.json"
"""Which comments the topics held when the sheets were written."""

_CSV, _XLSX = "csv", "xlsx"


@dataclass(frozen=True)
class Kept:
    """A review as it lies in a run folder.

    Attributes
    ----------
    review : Review
        What was decided.
    held : Held or None
        What its topics held; None where no sheets were written.
    sides : mapping of str to Review
        What the CSV files ("csv") and the workbook ("xlsx") say, of those that are there.
    """

    review: Review
    held: Held | None
    sides: Mapping[str, Review]

    @property
    def digest(self) -> str:
        """A hash of what it changes; of nothing where it changes nothing."""
        return digest_of(
            [self.review.digest_of_changes, self.held and self.held.digest] if self.review.changes else None
        )

    def fitted(self, now: Held, *, has_ids: bool) -> Review:
        """Return the review for a result; see `pipeline.review.replay.refitted`."""
        if self.review.is_empty or self.held is None:
            return Review()
        return refitted(self.review, self.held, now, has_ids=has_ids)


def read_review(store: RunStore, codebook: Codebook) -> Kept:
    """Read the review of a run.

    Parameters
    ----------
    store : RunStore
        The run folder.
    codebook : Codebook
        The themes that there are.

    Returns
    -------
    Kept
        Of the CSV files and the workbook the one that was changed since the program wrote them.

    Raises
    ------
    DataError
        Where a file cannot be read, both were changed and say different things, or what they are tied to is missing.
    """
    sides = _sides(store, codebook)
    held = _held(store)
    if held is None and not all(review.is_empty for review in sides.values()):
        raise DataError(
            f"{store.folder / HELD}: this file is missing. It says which comments the topics of the review held.",
            NEW_SHEET,
        )
    written: Mapping[str, str] = held.written if held is not None else {}
    edited = {kind: review for kind, review in sides.items() if review.digest != written.get(kind)}
    if len({review.digest for review in edited.values()}) > 1:
        raise DataError(
            f"{store.folder / WORKBOOK} and the CSV files beside it were both changed, and say different things.",
            "Delete the one that does not count, and run `pipeline topics`; it writes it anew from the other.",
        )
    review = next(iter({**edited, **sides}.values()), Review())
    return Kept(review, held, sides)


def _sides(store: RunStore, codebook: Codebook) -> dict[str, Review]:
    found = {name: (store.read(name), store.folder / name) for name in (TOPICS_CSV, COMMENTS_CSV, WORKBOOK)
             if (store.folder / name).is_file()}  # fmt: skip
    sides = {}
    if TOPICS_CSV in found or COMMENTS_CSV in found:
        sides[_CSV] = read_csv_files(found.get(TOPICS_CSV), found.get(COMMENTS_CSV), codebook)
    if WORKBOOK in found:
        sides[_XLSX] = read_review_workbook(*found[WORKBOOK], codebook)
    return sides


def _held(store: RunStore) -> Held | None:
    if not (store.folder / HELD).is_file():
        return None
    try:
        return Held.model_validate_json(store.read(HELD))
    except ValidationError:
        raise DataError(f"{store.folder / HELD}: this file of the review is damaged.", NEW_SHEET) from None


@dataclass(frozen=True)
class ReviewFolder:
    """The review of one finished run: read, written, and refreshed.

    Attributes
    ----------
    folder : pathlib.Path
        The run folder.
    codebook : Codebook
        The themes.
    cleaned : Cleaned
        The comments.
    discovered : TopicResult
        The topics as the machine found them.
    mapped : Mapped
        Their themes, and the topics as a person changed them.
    has_ids : bool
        Whether the file of comments gives them ids.
    """

    folder: Path
    codebook: Codebook
    cleaned: Cleaned
    discovered: TopicResult
    mapped: Mapped
    has_ids: bool

    def read(self) -> Review:
        """Return what was decided, for the topics of this run.

        Raises
        ------
        DataError
            As `read_review`, and where decisions fit no longer.
        """
        return self._read(RunStore(self.folder))[1]

    def refresh(self) -> tuple[Path, ...]:
        """Write the sheets that are not there or are no longer up to date, with all that was decided.

        Returns
        -------
        tuple of pathlib.Path
            The files that were written. One that a person changed and that needs no other rows stays as it is.
        """
        return self._write(lambda review: review, is_new=False)

    def save(self, start: Review, review: Review) -> tuple[Path, ...]:
        """Write all sheets with a review that began with what they said; return their places.

        Raises
        ------
        DataError
            Where somebody has changed a sheet since.
        """

        def insisted_on(found: Review) -> Review:
            if found != start:
                raise DataError(
                    f"{self.folder / TOPICS_CSV}: the sheets were changed meanwhile, and were left as they are.",
                    "Open the run again and repeat what you decided.",
                )
            return review

        return self._write(insisted_on, is_new=True)

    def insist_on(self, review: Review) -> None:
        """Refuse decisions that do not fit the topics and comments of this run."""
        insist(contradictions(review), "Decide again.")
        now = held_by(self.cleaned, self.discovered)
        refitted(review, now, now, has_ids=self.has_ids)

    def _read(self, store: RunStore) -> tuple[Kept, Review, Held]:
        kept, now = read_review(store, self.codebook), held_by(self.cleaned, self.discovered)
        return kept, kept.fitted(now, has_ids=self.has_ids), now

    def _write(self, change: Callable[[Review], Review], *, is_new: bool) -> tuple[Path, ...]:
        store = RunStore(self.folder)
        with store.locked():
            kept, before, now = self._read(store)
            review = change(before)
            self.insist_on(review)
            rows = self._rows(review)
            wanted = {row.topic for row in rows}
            is_same = not is_new and kept.held is not None and kept.held.digest == now.digest
            files, written = sheet_files(rows, review, self.codebook), []
            for kind, names in ((_CSV, (TOPICS_CSV, COMMENTS_CSV)), (_XLSX, (WORKBOOK,))):
                side = kept.sides.get(kind)
                is_current = is_same and side is not None and side == kept.review and set(side.listed) >= wanted
                for name in names:
                    path = self.folder / name
                    if not is_current or not path.is_file():
                        store.write(name, files[name])
                        written.append(path)
            digests = dict.fromkeys((_CSV, _XLSX), review.digest)
            store.write(HELD, now.model_copy(update={"written": digests}).model_dump_json().encode())
        return tuple(written)

    def _rows(self, review: Review) -> list[Row]:
        """Return the topics as the sheet shows them: the machine's, and the second parts of those that are split."""
        present = topics_of(self.discovered, self.mapped).topics
        known = {row["topic"]: row for row in [*present.to_dict("records"), *self.discovered.topics.to_dict("records")]}
        n_numbers = held_by(self.cleaned, self.discovered).n_numbers
        parts = {second_part(one.topic, n_numbers) for one in review.decisions if one.split}
        shown = [*self.discovered.topics["topic"].tolist(), *sorted(parts)]
        decided = self.mapped.topic_themes
        themes = dict(zip(decided["topic"], decided.get("machine_theme", decided["theme"]), strict=True))
        rows = []
        for topic in shown:
            row, theme = known.get(topic, {}), themes.get(topic, UNMAPPED)
            rows.append(
                Row(
                    topic=topic,
                    machine_name=str(row.get("machine_label", "")),
                    keywords=str(row.get("keywords", "")),
                    comments=row.get("size"),
                    machine_theme="" if theme == UNMAPPED else self.codebook.name_of(theme),
                )
            )
        return rows
