"""`pipeline code`: people code a random sample of a run's comments in spreadsheets.

What is shown here is exact. It is for the analyst who may read the comments, and follows no rules for small counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from pipeline.commands.messages import opened, plain, told
from pipeline.errors import ConfigError

if TYPE_CHECKING:
    from pipeline.coding.codes import CodedSample

code = typer.Typer(name="code", no_args_is_help=True, help="Have people code a random sample of a run's comments.")

_Folder = Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a finished run.")]

INSIDE = "These figures are exact, for reading here. The report has what may be published."


@code.command()
def plan(
    folder: _Folder,
    width: Annotated[float, typer.Option("--width", help="Half of the 95% interval wanted, in percentage points.")] = 5,
) -> None:
    """Say how many comments people should code for each theme's share."""
    with told("command"):
        from pipeline.tables.numbers import count, decimal, percent

        if not 0 < width < 50:
            raise ConfigError(f"--width: found {width:g}.", "Give percentage points between 0 and 50, such as 5.")
        with opened(folder) as (run,):
            planned, by_claim = run.coding_plan(width / 100), run.codes_for_claims()
            total = len(run.assignments)
        rows = [
            (
                row["name"],
                percent(row["share"]),
                decimal(row["correlation"]),
                count(row["people"]),
                count(row["together"]),
            )
            for row in planned.to_dict("records")
        ]
        _say(f"How many comments people should code for a 95% interval of ±{width:g} points:")
        _show(("Theme", "Share, guessed", "Correlation, guessed", "People alone", "With the machine"), rows)
        if by_claim:
            _say("How many until the audit decides a claim, if the machine's shares were right:")
            _show(("Claim", "Comments"), [(claim, count(codes)) for claim, codes in by_claim.items()])
        _say("The guesses come from the machine's reading, which nobody has checked.")
        _say(f"Code {planned['people'].max()} of {total:,} comments to be on the safe side for every theme.")


@code.command()
def draw(
    folder: _Folder,
    n: Annotated[
        int | None, typer.Option("--n", help="How many comments a first draw takes.", show_default="100")
    ] = None,
    coders: Annotated[
        int | None, typer.Option("--coders", help="How many people code.", show_default="2, then as before")
    ] = None,
    overlap: Annotated[
        int | None,
        typer.Option("--overlap", help="How many comments everybody codes.", show_default="50, none of a later draw"),
    ] = None,
    more: Annotated[int | None, typer.Option("--more", help="How many further comments a later draw takes.")] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", help="What the order of drawing follows from.", show_default="the run's")
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option("--kind", help="Who codes: person, or model, such as a language model.", show_default="person"),
    ] = None,
) -> None:
    """Draw comments at random and write a spreadsheet for each coder."""
    with told("command"):
        if seed is not None and more is not None:
            raise ConfigError("--seed: the order was fixed by the first draw.", "Leave --seed out.")
        if kind is not None and more is not None:
            raise ConfigError("--kind: the first draw said who codes.", "Leave --kind out.")
        if kind not in (None, "person", "model"):
            raise ConfigError(f"--kind: found '{kind}'.", "Give person or model.")
        with opened(folder) as (run,):
            record, sheets = run.coding.draw(
                n=n, more=more, coders=coders, overlap=overlap, seed=run.config.seed if seed is None else seed,
                kind="model" if kind == "model" else "person",
            )  # fmt: skip
        for sheet in sheets:
            _say(str(sheet))
        _say(f"{len(record.drawn):,} of {len(record.order):,} comments are drawn.")
        _say(f"The hash of the order is in manifest.json: {record.seal}")
        _say("The sheets hold people's own words: pass them on only to those who may read the comments.")


@code.command()
def score(
    folder: _Folder,
    sheets: Annotated[
        list[Path] | None, typer.Argument(metavar="SHEETS", help="Sheets that people filled in, finished or not.")
    ] = None,
) -> None:
    """Read sheets back, and say how far people and the machine agree."""
    with told("command"), opened(folder) as (run,):
        scored = run.coding.score(sheets or [])
        agreement, by_theme = run.coding_scores(scored.sample)
        for filled in scored.sheets:
            done, all_of_it = len(filled.codes), len(filled.sheet.texts)
            _say(f"{filled.sheet.name}: {done} of {all_of_it} comments are coded.")
        _show_sample(scored.sample)
        _show_agreement(agreement)
        _show_themes(by_theme)
        if scored.sample.complete:
            show_audit(run.audit(scored.sample))
        _say(INSIDE)
        if scored.disagreements:
            _say(f"Coders disagree on {len(scored.disagreements)} comments that nobody has adjudicated.")
        if scored.to_adjudicate is not None:
            _say(f"To adjudicate: {scored.to_adjudicate}")
        _say(f"Codes: {run.folder / 'coding' / 'codes.csv'}")


def show_audit(audit: Any) -> None:
    """Say which claims are confirmed or refuted so far, and about how many more comments the others need."""
    from pipeline.tables.numbers import count

    rows = [
        (row["claim"], row["verdict"], count(row["coded"]), count(row["after"], hidden="–"),
         count(row["more"], hidden="–"))
        for row in audit.claims.to_dict("records")
    ]  # fmt: skip
    if not rows:
        _say("No claim has a number or an order that can be audited.")
        return
    _show(("Claim", "Audit", "Coded", "Decided after", "About how many more"), rows)
    _say("At most 1 audit in 20 says anything false, whenever you stop.")


def _show_sample(sample: CodedSample) -> None:
    _say(f"The random sample has {len(sample.complete):,} coded comments, of {len(sample.order):,} in all.")
    if sample.n_open:
        _say(f"{sample.n_open} drawn comments have no code yet. {sample.n_waiting} coded ones stand behind the first.")


def _show_agreement(agreement: Any) -> None:
    from pipeline.account.agreement import MACHINE_DIRECT
    from pipeline.tables.numbers import count, decimal_with_range

    rows = [
        (
            row["facet"], row["first"], "the machine" if row["second"] == MACHINE_DIRECT else row["second"],
            count(row["comments"]),
            *(
                decimal_with_range(row[name], row[f"{name}_low"], row[f"{name}_high"])
                for name in ("alpha", "kappa", "accuracy")
            ),
        )
        for row in agreement.to_dict("records")
    ]  # fmt: skip
    _show(("Agreement", "of", "with", "Comments", "Krippendorff's alpha", "Cohen's kappa", "Accuracy"), rows)


def _show_themes(by_theme: Any) -> None:
    from pipeline.tables.numbers import count, percent_with_range

    measures = ("precision", "recall")
    rows = [
        (
            row["name"], count(row["positives"]), count(row["found"]),
            *(percent_with_range(row[name], row[f"{name}_low"], row[f"{name}_high"]) for name in measures),
            row["verdict"],
        )
        for row in by_theme.to_dict("records")
    ]  # fmt: skip
    _show(("Theme", "By coders", "By the machine", "Precision", "Recall", "Machine's reading"), rows)


def _show(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in header:
        table.add_column(name)
    for row in rows:
        table.add_row(*(plain(cell) for cell in row))
    Console().print(table)


def _say(text: str) -> None:
    Console().print(plain(text), highlight=False, soft_wrap=True)
