"""Finding the encoding of a text file that somebody's program wrote."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from pipeline.errors import DataError, shown
from pipeline.formats.raw_table import empty_file

_LOOKED_AT = 4_096
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_TYPOGRAPHIC = frozenset("’‘“”–—…£€•©®°½¼¾×÷²³§±™\u00a0")
_SAVE_ANEW = "Save the file as 'CSV UTF-8', or name its encoding as input.encoding."


def decoded(content: bytes, path: Path, *, encoding: str, notes: list[str]) -> tuple[str, str]:
    """Return the text of a file and the encoding it was read with.

    Parameters
    ----------
    content : bytes
        The whole file.
    path : pathlib.Path
        Where it came from, for messages.
    encoding : str
        One of Python's encodings, or "auto" for UTF-8, UTF-16, Windows-1252 and Mac Roman.
    notes : list of str
        Is added to where the encoding is one that the reader may not have meant.

    Raises
    ------
    DataError
        Where the file is empty or white space, of another encoding, or holds NUL bytes.
    """
    if not content.strip():
        raise empty_file(path)
    text, name = _named(content, path, encoding) if encoding != "auto" else _found(content, path, notes)
    if not text.strip():
        raise empty_file(path)
    if "\0" in text:
        count, line = text.count("\0"), text.count("\n", 0, text.index("\0")) + 1
        raise DataError(
            f"{path}, line {line}: the file holds {count} NUL byte{'s' if count > 1 else ''}, a text file has none.",
            "It may be damaged: open it in a spreadsheet and save it as 'CSV UTF-8'.",
        )
    return text, name


def _named(content: bytes, path: Path, encoding: str) -> tuple[str, str]:
    try:
        text = content.decode(encoding)
        # Some codecs give characters that no file can hold.
        text.encode()
    except UnicodeDecodeError as problem:
        raise _undecodable(content, path, encoding, problem.start) from None
    except (LookupError, ValueError):
        raise DataError(
            f"{path}: input.encoding {shown(encoding)} is not an encoding that is known.",
            "Use auto, utf-8, cp1252 or another of Python's encodings.",
        ) from None
    return text.removeprefix("\ufeff"), encoding


def _found(content: bytes, path: Path, notes: list[str]) -> tuple[str, str]:
    wide = _wide_encoding(content)
    if wide:
        name = wide.upper()[:6]
        notes.append(f"The file is {name}, as Excel's 'Unicode text' writes it.")
        try:
            return content.decode(wide).removeprefix("\ufeff"), name.lower()
        except UnicodeDecodeError as problem:
            raise _undecodable(content, path, name, problem.start) from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _not_utf_8(content, path, notes)
    return text, "utf-8 with a byte order mark" if content.startswith(codecs.BOM_UTF8) else "utf-8"


def _wide_encoding(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    start = content[:_LOOKED_AT]
    even, odd = start[::2], start[1::2]
    # Without a mark, every other byte of Latin letters is NUL.
    if odd and even.count(0) == 0 and odd.count(0) > len(odd) // 2:
        return "utf-16-le"
    return "utf-16-be" if even and odd.count(0) == 0 and even.count(0) > len(even) // 2 else ""


def _not_utf_8(content: bytes, path: Path, notes: list[str]) -> tuple[str, str]:
    """Read what is UTF-8 but for some bytes, or else Windows-1252 or Mac Roman, whichever looks like writing."""
    bad: list[int] = []

    def mended(problem: UnicodeError) -> tuple[str, int]:
        assert isinstance(problem, UnicodeDecodeError)  # noqa: S101  # what a decoder hands its error handler
        bad.append(problem.start)
        return content_without_mark[problem.start : problem.start + 1].decode("cp1252", "replace"), problem.start + 1

    content_without_mark = content.removeprefix(codecs.BOM_UTF8)
    codecs.register_error("theme-crosswalk", mended)
    text = content_without_mark.decode("utf-8", "theme-crosswalk")
    several = len(_BEYOND_ASCII.findall(text)) - len(bad)
    if several >= len(bad):
        line = content_without_mark.count(b"\n", 0, bad[0]) + 1
        byte = "1 byte is" if len(bad) == 1 else f"{len(bad)} bytes are"
        notes.append(f"{byte} not UTF-8 (first in line {line}) and were read as Windows-1252; the rest is UTF-8."
                     if len(bad) > 1 else
                     f"{byte} not UTF-8 (line {line}) and was read as Windows-1252; the rest is UTF-8.")  # fmt: skip
        return text, "utf-8"
    mac = content.decode("mac_roman")
    try:
        windows = content.decode("cp1252")
    except UnicodeDecodeError as problem:
        if _likeness(mac) <= 0:
            raise _undecodable(content, path, "UTF-8 or Windows-1252", problem.start) from None
        windows = ""
    if max(_likeness(mac), _likeness(windows)) < 0:
        raise DataError(f"{path}: the encoding of the file cannot be told.", _SAVE_ANEW)
    if not windows or _likeness(mac) > _likeness(windows):
        notes.append("The file is not UTF-8; it was read as Mac Roman, as Excel for Mac writes its plain 'CSV'.")
        return mac, "mac_roman"
    notes.append("The file is not UTF-8; it was read as Windows-1252, as Excel's plain 'CSV' writes it.")
    return windows, "cp1252"


def _likeness(text: str) -> int:
    """Return how much what is beyond ASCII looks like writing: small letters beside others, and the usual marks."""
    score = 0
    for found in _BEYOND_ASCII.finditer(text):
        character, place = found[0], found.start()
        before, after = text[place - 1 : place], text[place + 1 : place + 2]
        if character in _TYPOGRAPHIC or (character.islower() and (before.isalpha() or after.isalpha())):
            score += 1
        elif not character.isalpha() or (character.isupper() and (before.islower() or not after.isalpha())):
            score -= 1
    return score


def _undecodable(content: bytes, path: Path, encoding: str, start: int) -> DataError:
    line = content.count(b"\n", 0, start) + 1
    return DataError(
        f"{path}, line {line}: byte 0x{content[start : start + 1].hex()} cannot be read as {encoding}.", _SAVE_ANEW
    )
