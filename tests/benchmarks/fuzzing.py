"""Damaged files: each reader is given thousands, and may say nothing but a clear error."""

from __future__ import annotations

import io
import random
import tempfile
import time
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from pipeline.codebook.codebook import load_codebook
from pipeline.config import load_config
from pipeline.errors import PipelineError
from pipeline.formats.anyfile import read_table
from pipeline.intake.starter import codebook_text, codebook_workbook
from tests.benchmarks import corpora
from tests.unit.formats.example_files import FILES

SECONDS = 20.0
"""For each kind of file."""

_TOKENS = (
    b"",
    b"\0",
    b'"',
    b"\n",
    b"\r\n",
    b",",
    b"\xff",
    b"<",
    b"&",
    b"{",
    b"[",
    b": ",
    b"- ",
    b"9" * 40,
    b"-1",
    b"\t",
)


def table(seconds: float = SECONDS) -> str:
    """Return a Markdown table: for each kind of file how many were damaged, read, and refused."""
    rows = ["| kind of file | damaged | read | refused | anything else |", "|---|---|---|---|---|"]
    total: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for kind, (content, read) in _readers(Path(folder)).items():
            chance = random.Random(kind)  # noqa: S311 -- nothing is kept secret by it
            found = _damaged(content, read, chance, seconds)
            total += found
            rows.append(_row(kind, found))
    rows.append(_row("all", total))
    print("\n".join(rows), flush=True)
    return "\n".join(rows)


def _row(kind: str, found: Counter[str]) -> str:
    other = found.total() - found["read"] - found["refused"]
    return f"| {kind} | {found.total():,} | {found['read']:,} | {found['refused']:,} | {other} |"


def _readers(folder: Path) -> dict[str, tuple[bytes, Callable[[bytes], object]]]:
    found: dict[str, tuple[bytes, Callable[[bytes], object]]] = {}
    for name, content in FILES.items():
        path = folder / name
        found[name] = (content() if callable(content) else content, lambda data, path=path: read_table(data, path))

    def through(path: Path, load: Callable[[Path], object]) -> Callable[[bytes], object]:
        def read(data: bytes) -> object:
            path.write_bytes(data)
            return load(path)

        return read

    project = io.BytesIO()
    with zipfile.ZipFile(project, "w") as archive:
        archive.writestr("project.qde", _PROJECT)
    found["project.qdpx"] = (project.getvalue(), lambda data: read_table(data, folder / "project.qdpx"))
    default = (corpora.ROOT / "configs" / "default.yaml").read_bytes()
    found["codebook.yaml"] = (codebook_text().encode(), through(folder / "codebook.yaml", load_codebook))
    found["codebook.xlsx"] = (codebook_workbook(), through(folder / "codebook.xlsx", load_codebook))
    found["configuration.yaml"] = (default, through(folder / "configuration.yaml", load_config))
    return found


_PROJECT = """<Project xmlns="urn:QDA-XML:project:1.0" name="answers">
<Users><User guid="u" name="Ada"/></Users><CodeBook>
<Codes><Code guid="c" name="Waiting" isCodable="true"/></Codes></CodeBook><Sources><TextSource guid="a" name="one">
<PlainTextContent>The wait was long.</PlainTextContent><PlainTextSelection guid="s" startPosition="0" endPosition="8">
<Coding guid="d" creatingUser="u"><CodeRef targetGUID="c"/></Coding></PlainTextSelection></TextSource></Sources>
</Project>
"""


def _damaged(content: bytes, read: Callable[[bytes], object], chance: random.Random, seconds: float) -> Counter[str]:
    found: Counter[str] = Counter()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        data = _mutated(content, chance)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                read(data)
            found["read"] += 1
        except PipelineError:
            found["refused"] += 1
        except Exception as problem:  # what the fuzzing is for: counted and shown
            found[type(problem).__name__] += 1
            print(f"{type(problem).__name__}: {problem}"[:300], flush=True)
    return found


def _mutated(content: bytes, chance: random.Random) -> bytes:
    """Return a file that is damaged in one to four places; of a package mostly inside one of its parts."""
    if content[:2] == b"PK" and chance.random() < 0.8:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        name = chance.choice(sorted(parts))
        parts[name] = _cut_and_pasted(parts[name], chance)
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for one, data in parts.items():
                archive.writestr(one, data)
        return file.getvalue()
    return _cut_and_pasted(content, chance)


def _cut_and_pasted(content: bytes, chance: random.Random) -> bytes:
    for _ in range(chance.randint(1, 4)):
        first, last = sorted((chance.randint(0, len(content)), chance.randint(0, len(content))))
        last = min(last, first + chance.choice((0, 1, 2, 8, 64, 4096)))
        middle = chance.choice(
            (chance.choice(_TOKENS), chance.randbytes(chance.randint(1, 8)), content[first:last] * 2)
        )
        content = content[:first] + middle + content[last:]
    return content
