"""The map of the comments inside a notebook: the report's, with the comments themselves on it."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from pipeline.documents.explorer import map_with_comments
from pipeline.documents.report import render_map
from pipeline.exploring.material import Material

_HEIGHT = 900


@dataclass(frozen=True)
class CommentMap:
    """A map to search, filter and zoom; for reading inside.

    Attributes
    ----------
    html : str
        A whole page that needs nothing else, and no network. It holds the comments.
    n_comments : int
        How many distinct comments it shows.
    """

    html: str
    n_comments: int

    def __repr__(self) -> str:
        return f"A map of {self.n_comments:,} comments. A notebook shows it; .html is the page."

    def _repr_html_(self) -> str:
        # A frame of its own: the page's styles and the notebook's leave one another alone.
        return (
            f'<iframe title="The comments on a map" srcdoc="{escape(self.html, quote=True)}" '
            f'style="width: 100%; height: {_HEIGHT}px; border: 0"></iframe>'
        )


def comment_map(material: Material, notice: str) -> CommentMap:
    """Draw the map of a run's comments.

    Parameters
    ----------
    material : Material
        The run.
    notice : str
        What everything made from the run must say; may be empty.
    """
    filled = map_with_comments(material.cleaned, material.discovered, material.mapped, material.names)
    return CommentMap(render_map(filled, notice), len(material.discovered.layout))
