"""Lists of words that come with the program: a text file each, with one entry a line."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def word_list(package: str, name: str) -> frozenset[str]:
    """Read a list of words.

    Parameters
    ----------
    package : str
        The package that the file lies in.
    name : str
        The file, UTF-8 text. Blank lines and lines that begin with # are passed over.

    Returns
    -------
    frozenset of str
        The entries, without white space around them.
    """
    lines = (line.strip() for line in files(package).joinpath(name).read_text(encoding="utf-8").splitlines())
    return frozenset(line for line in lines if line and not line.startswith("#"))
