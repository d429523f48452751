"""Theme Crosswalk: topics in free-text comments, compared with the themes of a published account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["Run", "__version__", "load_run"]

if TYPE_CHECKING:
    from pipeline.results import Run, load_run


def __getattr__(name: str) -> Any:
    # Loaded when asked for: the command line must start without pandas.
    if name in ("Run", "load_run"):
        from pipeline import results

        return getattr(results, name)
    raise AttributeError(f"module 'pipeline' has no attribute '{name}'")
