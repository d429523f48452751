"""Reading SPSS (.sav, .zsav) and Stata (.dta) files, with the labels of their values."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from pipeline.errors import DataError
from pipeline.formats import labelled_child
from pipeline.formats.raw_table import RawTable, table_of, too_many_cells

_PATIENCE = 600
"""Seconds; a file of 500 MB takes less."""


def read_labelled(content: bytes, path: Path, *, kind: str) -> RawTable:
    """Read a file of SPSS or Stata.

    The library that reads them can crash over a damaged file, so it does its work in a process of its own.

    Parameters
    ----------
    content : bytes
        The whole file.
    path : pathlib.Path
        Where it came from, for messages.
    kind : str
        "SPSS" or "Stata".

    Returns
    -------
    RawTable
        Of a value that has a label the label; missing values, those that the user defined too, as "". The labels of
        variables are its titles.

    Raises
    ------
    DataError
        Where the file is none of this kind, damaged or too large.
    """
    # The child finds this program where this process found it.
    home = str(Path(__file__).resolve().parents[2])
    way = os.pathsep.join(filter(None, (home, os.environ.get("PYTHONPATH", ""))))
    try:
        child = subprocess.run(
            [sys.executable, "-P", "-m", labelled_child.__name__, kind],
            input=content, capture_output=True, timeout=_PATIENCE, check=True, env={**os.environ, "PYTHONPATH": way},
        )  # fmt: skip
        found = json.loads(child.stdout)
    except (subprocess.SubprocessError, OSError, ValueError):
        raise DataError(
            f"{path}: this is no {kind} file that can be read, or it is damaged.",
            f"Open it in {kind} and save it again, or export it as CSV with value labels.",
        ) from None
    if found["too_large"]:
        raise too_many_cells(path)
    rows = map(list, zip(*found["columns"], strict=True))
    return table_of(found["header"], rows, path, origin={"format": kind}, titles=found["titles"])
