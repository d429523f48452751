"""Files and folders on disk: looked at without failing, and kept from others."""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path


def is_folder(path: Path) -> bool:
    """Return whether a path is a folder, as far as can be seen."""
    try:
        return path.is_dir()
    except OSError:
        return False


def names_in(folder: Path, pattern: str = "*") -> list[str]:
    """Return the names in a folder that fit a pattern, sorted; none where it cannot be looked into."""
    try:
        return sorted(entry.name for entry in folder.glob(pattern))
    except OSError:
        return []


def private_folder(folder: Path) -> None:
    """Make a folder that its owner alone may look into, and close it to others where it is there.

    Raises
    ------
    OSError
        Where it cannot be made.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    close_to_others(folder)


def close_to_others(path: Path) -> None:
    """Take from everybody but its owner the right to read a file or folder, where there is one and it is no link."""
    if os.name == "posix" and not path.is_symlink():
        with contextlib.suppress(OSError):
            path.chmod(0o700 if path.is_dir() else 0o600)


def opened_privately(path: str, flags: int) -> int:
    """Open a file that its owner alone may read, and nothing that a link in its place leads to; for `open`.

    Raises
    ------
    OSError
        Where it cannot be opened, or is a link.
    """
    opened = os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), 0o600)
    if os.name == "posix":
        with contextlib.suppress(OSError):
            os.fchmod(opened, 0o600)
    return opened


def without_home(text: str) -> str:
    """Return a text with ~ for the user's own folder, whose name says who the user is."""
    try:
        home = Path.home()
        homes = {str(home), home.as_posix(), str(home.resolve())}
    except (OSError, RuntimeError):
        return text
    # A service may have / for its home, which says nothing.
    for one in sorted((one for one in homes if len(Path(one).parts) > 1), key=len, reverse=True):
        text = re.sub(rf"(?<![\w.~-]){re.escape(one)}(?![\w.-])", "~", text)
    return text
