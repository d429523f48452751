"""Write the configuration reference from the models that check a configuration file and a codebook.

Run it from the project's folder as ``python docs/generate_configuration.py``; ``make docs`` does so.
"""

from __future__ import annotations

import json
import types
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from pipeline.codebook.codebook import Codebook
from pipeline.config import RunConfig

PAGE = Path(__file__).parent / "configuration.md"

_PLAIN = {str: "text", int: "whole number", float: "number", bool: "true or false", Path: "path"}
_HEAD = "| setting | type | range | default | what it does |\n|---|---|---|---|---|"

_OPENING = """\
# Configuration reference
This page is generated from the models that check the files, so it says what the program accepts.

A run is described by one YAML file. Copy `configs/default.yaml`, which has a comment beside each setting. Paths are
relative to the folder of the file. A setting that is left out takes its default. A name that is not on this page is
refused, with a suggestion, and all faults of a file are reported together.

## The configuration file
"""

_CODEBOOK = """\
## The codebook file
The published account, as a second YAML file that `codebook` names. Ids are unique over the whole codebook; `unmapped`,
`outlier` and `themes` have a meaning of their own in the outputs and cannot be ids.
"""


def configuration_page() -> str:
    """Return the page in Markdown: the sections of a configuration file, then those of a codebook."""
    settings = "\n".join(section_text(path, model) for path, model in sections(RunConfig))
    account = "\n".join(section_text(path, model, top="The whole codebook") for path, model in sections(Codebook))
    return f"{_OPENING}\n{settings}\n{_CODEBOOK}\n{account}"


def sections(model: type[BaseModel], path: str = "") -> Iterator[tuple[str, type[BaseModel]]]:
    """Yield a model and every model nested in it, with where it stands in the file.

    Parameters
    ----------
    model : type of BaseModel
        The model of a whole file, or of a section.
    path : str
        Where it stands, such as "input.columns"; "" for the whole file. "[]" marks the entries of a list.
    """
    yield path, model
    for name, field in model.model_fields.items():
        for nested, in_list in _models_in(field.annotation):
            yield from sections(nested, f"{path}.{name}".lstrip(".") + ("[]" if in_list else ""))


def section_text(path: str, model: type[BaseModel], *, top: str = "The whole file") -> str:
    """Return a section's heading, what it is for, and a table with a row for each of its settings."""
    is_claim = "kind" in model.model_fields and path.startswith("claims")
    kind = f" with kind {get_args(model.model_fields['kind'].annotation)[0]}" if is_claim else ""
    title = f"`{path}`{kind}" if path else top
    said = "\n\n".join(" ".join(part.split()) for part in (model.__doc__ or "").split("\n\n"))
    rows = [_row(name, field) for name, field in model.model_fields.items()]
    return "\n".join([f"### {title}", said, "", _HEAD, *rows, ""])


def _row(name: str, field: FieldInfo) -> str:
    cells = (f"`{name}`", type_in_words(field.annotation), range_in_words(field), _default(field), _purpose(field))
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _purpose(field: FieldInfo) -> str:
    """Return a setting's description; for a section without one, what the section is for."""
    nested = [model for model, _ in _models_in(field.annotation)]
    if field.description or len(nested) != 1:
        return field.description or ""
    return (nested[0].__doc__ or "").split("\n", 1)[0]


def type_in_words(annotation: Any) -> str:
    """Return what a setting takes, in words that need no knowledge of Python."""
    if annotation in _PLAIN:
        return _PLAIN[annotation]
    if annotation is type(None):
        return "null"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "section"
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return type_in_words(arguments[0])
    if origin is Literal:
        return "one of " + ", ".join(f"`{json.dumps(one)}`" for one in arguments)
    if origin in (Union, types.UnionType):
        return " or ".join(dict.fromkeys(type_in_words(one) for one in arguments))
    if origin is tuple:
        if arguments[-1] is Ellipsis:
            return f"list of {type_in_words(arguments[0]).replace('section', 'sections')}"
        return f"list of {len(arguments)}: " + ", ".join(type_in_words(one) for one in arguments)
    if origin in (dict, Mapping):
        return f"mapping of {type_in_words(arguments[0])} to {type_in_words(arguments[1])}"
    raise TypeError(f"{annotation!r} has no words yet; add them to type_in_words in docs/generate_configuration.py")


def range_in_words(field: FieldInfo) -> str:
    """Return the bounds of a number or of a length; "" where there are none."""
    bounds = {name: value for one in field.metadata for name in ("ge", "gt", "le", "lt", "min_length")
              if (value := getattr(one, name, None)) is not None}  # fmt: skip
    words = (("ge", "at least"), ("gt", "above"), ("le", "at most"), ("lt", "below"))
    said = [f"{word} {_number(bounds[name])}" for name, word in words if name in bounds]
    if "min_length" in bounds:
        is_text = field.annotation is str
        said.append("not empty" if is_text or bounds["min_length"] == 1 else f"at least {bounds['min_length']} entries")
    return ", ".join(said)


def _number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:,g}"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**must be given**"
    if any(not in_list for _, in_list in _models_in(field.annotation)):
        return "null" if field.default is None else "its own defaults"
    value = field.get_default(call_default_factory=True)
    if value is PydanticUndefined:
        return ""
    return "null" if value is None else f"`{json.dumps(value, default=_plain)}`"


def _plain(value: object) -> str:
    return value.as_posix() if isinstance(value, Path) else str(value)


def _models_in(annotation: Any, *, in_list: bool = False) -> Iterator[tuple[type[BaseModel], bool]]:
    """Yield the models that an annotation mentions, and whether it holds a list of them."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation, in_list
        return
    for one in get_args(annotation):
        yield from _models_in(one, in_list=in_list or get_origin(annotation) in (tuple, list))


if __name__ == "__main__":
    PAGE.write_text(configuration_page(), encoding="utf-8", newline="\n")
