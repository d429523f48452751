"""Names of columns: which are the same to a reader, and what tells near ones apart."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Sequence

_LONGEST_SHOWN = 30


def folded_name(name: str) -> str:
    """Return a name without differences of white space, case and letters that cannot be seen.

    Line breaks and no-break spaces are spaces; marks such as a byte order mark or a soft hyphen are nothing.
    """
    seen = "".join(c for c in unicodedata.normalize("NFKC", name) if unicodedata.category(c) != "Cf")
    return " ".join(seen.casefold().split())


def places_of(name: str, header: Sequence[str], titles: Sequence[str] = ()) -> list[int]:
    """Return where a column stands: by its very name, else by its folded name, else by its folded title.

    Parameters
    ----------
    name : str
        As the configuration has it.
    header, titles : sequence of str
        As the file has them.

    Returns
    -------
    list of int
        Each place; several where the name is not enough, none where there is no such column.
    """
    exact = [place for place, known in enumerate(header) if known == name.strip()]
    if exact:
        return exact
    wanted = folded_name(name)
    for names in (header, titles):
        found = [place for place, known in enumerate(names) if wanted and folded_name(known) == wanted]
        if found:
            return found
    return []


def near_miss(name: str, header: Sequence[str]) -> str:
    """Return ``" Did you mean 'x'?"`` and what differs, or an empty string where no known name is near."""
    folded = {folded_name(known): known for known in header}
    near = difflib.get_close_matches(folded_name(name), folded, n=1, cutoff=0.6)
    if not near:
        return ""
    found = " ".join(folded[near[0]].split())
    return f" Did you mean '{found}'?{_difference(' '.join(name.split()), found)}"


def _difference(wanted: str, found: str) -> str:
    """Return in words what the file has where the configuration has something else."""
    changes = [
        (wanted[a:b], found[c:d])
        for kind, a, b, c, d in difflib.SequenceMatcher(None, wanted, found, autojunk=False).get_opcodes()
        if kind != "equal" and wanted[a:b].casefold() != found[c:d].casefold()
    ]
    if not changes or len(changes) > 2:
        return ""
    said = (f"{_named(there)} where the configuration has {_named(here)}" for here, there in changes)
    return f" The file has {', and '.join(said)}."


def _named(part: str) -> str:
    """Return a part of a name as a message may show it; a single letter of another script by its Unicode name."""
    if not part:
        return "nothing"
    if len(part) == 1 and not part.isascii():
        return f"'{part}' ({unicodedata.name(part, 'a letter without a name').lower()})"
    return f"'{part if len(part) <= _LONGEST_SHOWN else part[:_LONGEST_SHOWN] + '…'}'"
