"""The figures' font inside a page, so that labels keep their widths where the font is not installed."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

_FACES = (("normal", "DejaVuSans.ttf"), ("bold", "DejaVuSans-Bold.ttf"))


def letters_in(texts: Iterable[str]) -> str:
    """Return each letter that is used in texts, once, in the order of Unicode."""
    return "".join(sorted({letter for text in texts for letter in text}))


# Both reports of a run mostly use the same letters.
@lru_cache(maxsize=4)
def font_faces(letters: str) -> str:
    """Return style rules that hold the font, cut down to the letters that are used.

    Parameters
    ----------
    letters : str
        All that is set in the font; see `letters_in`.

    Returns
    -------
    str
        An @font-face rule for the normal and for the bold letters of DejaVu Sans, as WOFF in base64; some 15 kB for
        plain English. The same letters give the same text. DejaVu's licence allows it to be embedded.
    """
    import matplotlib
    from fontTools import subset

    rules = []
    for weight, name in _FACES:
        options = subset.Options(flavor="woff", hinting=False, layout_features=[], notdef_outline=True)
        # A table of the font's editor, which the cutter does not know and says so.
        options.drop_tables += ["FFTM"]
        font = subset.load_font(str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / name), options)
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=[ord(letter) for letter in letters])
        cutter.subset(font)
        buffer = io.BytesIO()
        subset.save_font(font, buffer, options)
        font.close()
        content = base64.b64encode(buffer.getvalue()).decode()
        rules.append(
            f"@font-face {{ font-family: 'DejaVu Sans'; font-weight: {weight}; "
            f"src: url(data:font/woff;base64,{content}) format('woff'); }}"
        )
    return "\n".join(rules)
