"""Drawing a finished run's figures again, from its public tables."""

from __future__ import annotations

import contextlib
from pathlib import Path

from pipeline.engine.store import RunStore
from pipeline.errors import ConfigError, did_you_mean
from pipeline.figures.gallery import PATIENCE, Rendering, figure_files
from pipeline.figures.style import Sheet
from pipeline.results import load_run
from pipeline.workers import done_in_order


def redraw(folder: Path, *, only: str | None, sheet: Sheet, width: str, output: Path | None) -> list[Path]:
    """Draw figures of a finished run and write them.

    Parameters
    ----------
    folder : pathlib.Path
        The run folder.
    only : str or None
        One figure's name; None draws all.
    sheet : Sheet
        The style sheet.
    width : str
        One of the sheet's widths: "single" or "double".
    output : pathlib.Path or None
        Where to put them; None takes the folder `redrawn` in the run folder, so that the run itself stays as it is.

    Returns
    -------
    list of pathlib.Path
        The files, in order.

    Raises
    ------
    StoreError
        Where there is no finished run.
    ConfigError
        For a figure that the run does not have.
    """
    run = load_run(folder)
    names = run.figure_names
    if only is not None and only not in names:
        raise ConfigError(
            f"--only: this run has no figure '{only}'.{did_you_mean(only, names)}", f"It has {', '.join(names)}."
        )
    target = RunStore(folder / "redrawn" if output is None else output)
    rendering = Rendering(sheet.widths_mm[width], run.notice, sheet)
    tasks = [(name, run.drawings[name], rendering) for name in (names if only is None else (only,))]
    written = []
    with contextlib.closing(done_in_order(figure_files, tasks, n_jobs=None, patience=PATIENCE)) as drawn:
        for files in drawn:
            for file, content in files.items():
                target.write(file, content)
                written.append(target.folder / file)
    return written
