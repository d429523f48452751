"""Every byte that a program wrote, with what is packed or compressed in it."""

from __future__ import annotations

import base64
import io
import re
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import pandas as pd
import pyreadstat

_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_BASE64 = re.compile(rb"base64,([A-Za-z0-9+/=]{40,})")


def everything_in(content: bytes) -> Iterator[bytes]:
    """Return some bytes, and those of all that is packed or compressed in them."""
    yield content
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            yield packed.comment
            for name in packed.namelist():
                yield name.encode()
                yield from everything_in(packed.read(name))
    elif content.startswith(b"PAR1"):
        frame = pd.read_parquet(io.BytesIO(content))
        yield repr([frame.columns.tolist(), *frame.to_numpy().tolist()]).encode()
    elif content.startswith((b"$FL2", b"$FL3")):
        with tempfile.NamedTemporaryFile(suffix=".sav") as file:
            file.write(content)
            file.flush()
            frame, about = pyreadstat.read_sav(file.name)
        yield repr([frame.to_numpy().tolist(), vars(about)]).encode()
    elif content.startswith(b"%PDF"):
        for stream in _STREAM.findall(content):
            try:
                yield zlib.decompress(stream)
            except zlib.error:
                continue
    for encoded in _BASE64.findall(content):
        yield from everything_in(base64.b64decode(encoded + b"=" * (-len(encoded) % 4)))


def holding(said: str | bytes, files: Iterable[Path]) -> list[Path]:
    """Return the files that hold some words, whatever their case, or some bytes; names of files count too."""
    wanted = said.lower().encode() if isinstance(said, str) else said
    return [
        path
        for path in files
        if (isinstance(said, str) and said.lower() in path.name.lower())
        or any(
            wanted in (content.lower() if isinstance(said, str) else content)
            for content in everything_in(path.read_bytes())
        )
    ]


def files_in(*folders: Path) -> list[Path]:
    """Return all files below some folders."""
    return [path for folder in folders for path in folder.rglob("*") if path.is_file()]
