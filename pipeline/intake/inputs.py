"""Reading the user's files from disk: the comments, and the published article."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from pipeline.config import RunConfig
from pipeline.errors import ConfigError, DataError, did_you_mean
from pipeline.formats.anyfile import SUFFIXES
from pipeline.formats.columnar import holds_parquet, parquet_of_folder
from pipeline.formats.digests import digest
from pipeline.formats.disk import is_folder, names_in

ILLUSTRATIVE_NOTICE = (
    "Illustrative data: these comments were written for this program. They are not survey responses and say "
    "nothing about the NHS."
)

LARGEST_INPUT = 500_000_000
"""Bytes of a file of comments: it is held in memory, several times over."""


def read_input(path: Path) -> bytes:
    """Return the bytes of the file of comments; of a folder of Parquet files, as one file.

    Raises
    ------
    DataError
        Where it is missing, a folder, cannot be read, or has more than 500 MB.
    """
    try:
        is_set = path.is_dir() and holds_parquet(path)
        size = sum(one.stat().st_size for one in path.rglob("*.parquet")) if is_set else path.stat().st_size
        if size > LARGEST_INPUT:
            raise DataError(
                f"{path}: the file has {size // 1_000_000:,} MB, at most {LARGEST_INPUT // 1_000_000:,} MB are read.",
                "Keep the columns that you need, or split the file.",
            )
        together = parquet_of_folder(path) if is_set else None
        return path.read_bytes() if together is None else together
    except FileNotFoundError:
        near = did_you_mean(path.name, names_in(path.parent))
        raise DataError(
            f"{path}: there is no such file of comments.{near}",
            "Check input.path: it is relative to the folder of the configuration file.",
        ) from None
    except OSError as problem:
        if is_folder(path):
            tables = [name for name in names_in(path) if name.lower().endswith(SUFFIXES)]
            found = f" It holds {', '.join(tables[:5])}." if tables else ""
            raise DataError(
                f"{path}: a file of comments is wanted, found a folder.{found}",
                "Name the file itself as input.path, or a folder of Parquet files.",
            ) from None
        raise DataError(
            f"{path}: the file cannot be read ({problem.strerror}).",
            "Close the program that has it open, or check its permissions.",
        ) from None


def read_article_text(path: Path) -> str:
    """Return the published article as text.

    Raises
    ------
    DataError
        Where it is missing, a folder, cannot be read, or is no plain text in UTF-8.
    """
    wanted = "Set reference.article to the article as a plain text file in UTF-8, or to null."
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        near = did_you_mean(path.name, names_in(path.parent))
        raise DataError(
            f"{path}: there is no such article.{near}",
            "Check reference.article: it is relative to the folder of the configuration file.",
        ) from None
    except UnicodeDecodeError:
        raise DataError(f"{path}: the article is not plain text in UTF-8.", wanted) from None
    except OSError as problem:
        raise DataError(f"{path}: the article cannot be read ({problem.strerror}).", wanted) from None


def notice_for(content: bytes, configured: str) -> str:
    """Return what every output made from this file must say."""
    return f"{ILLUSTRATIVE_NOTICE} {configured}".strip() if is_illustrative(content) else configured


def is_illustrative(content: bytes) -> bool:
    """Return whether these are the illustrative comments that come with the program.

    They are known by their content, so that their notice cannot be lost, and what is allowed with them alone cannot be
    allowed with others, by copying a configuration.
    """
    illustrative = (files("pipeline.corpora") / "illustrative_comments.csv").read_bytes()
    # Git turns line ends on Windows; the comments are the same ones.
    return digest(content.replace(b"\r\n", b"\n")) == digest(illustrative.replace(b"\r\n", b"\n"))


def insist_on_review(content: bytes, config: RunConfig) -> None:
    """Refuse to quote what nobody has reviewed, but for the illustrative comments.

    Raises
    ------
    ConfigError
        Where `quotations.review` is off and these are other comments.
    """
    if not config.quotations.review and not is_illustrative(content):
        raise ConfigError(
            f"quotations.review is false, which is for the illustrative comments alone; {config.input.path.name} holds "
            "other ones.",
            "Set quotations.review to true. Then mark in internal/quotations.csv what may be quoted, and run again.",
        )
