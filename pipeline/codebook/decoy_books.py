"""Decoy codebooks: themes that a survey of another field has nothing to do with."""

from __future__ import annotations

from importlib.resources import as_file, files

from pipeline.codebook.codebook import Codebook, load_codebook


def load_decoys() -> tuple[Codebook, ...]:
    """Read the decoy codebooks that come with the program.

    Returns
    -------
    tuple of Codebook
        In the order of their files' names; each with eight themes of one pastime, as fully described as those
        of a real account. They have neither a source nor facets, codes or claims.

    Raises
    ------
    CodebookError
        Where a file of the installed program was altered and is no longer a codebook.

    Notes
    -----
    A topic that matches a decoy theme is matched wrongly, whatever its fit: the share of such topics estimates how
    often the real codebook is matched by accident. That holds only while the comments are about something else; a
    survey of gardeners does have topics on slugs.
    """
    decoys = []
    for entry in sorted(files("pipeline.codebook.decoys").iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".yaml"):
            with as_file(entry) as path:
                decoys.append(load_codebook(path))
    return tuple(decoys)
