"""Reading YAML strictly: duplicate keys are errors, and problems name the file and the line."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Any, TypeVar, get_args

import yaml
from pydantic import BaseModel, ValidationError

from pipeline.errors import PipelineError, did_you_mean

M = TypeVar("M", bound=BaseModel)


class _StrictLoader(yaml.SafeLoader):
    """PyYAML takes the last of two equal keys in silence; this loader refuses them."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        first_line: dict[Hashable, int] = {}
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            line = key_node.start_mark.line + 1
            if not isinstance(key, Hashable):
                raise yaml.constructor.ConstructorError(None, None, "a key must be a word", key_node.start_mark)
            if key in first_line:
                message = f"the key '{key}' is given twice, first on line {first_line[key]}"
                raise yaml.constructor.ConstructorError(None, None, message, key_node.start_mark)
            first_line[key] = line
        return super().construct_mapping(node, deep=deep)


def read_yaml(path: Path, error: type[PipelineError], *, what: str) -> dict[str, Any]:
    """Read a YAML file whose top level is a mapping.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    error : type of PipelineError
        The class to raise.
    what : str
        What the file is to the user, for messages ("configuration", "codebook").

    Returns
    -------
    dict
        The mapping, with string keys at the top level.

    Raises
    ------
    PipelineError
        Of class `error`, where the file is missing, a folder, not UTF-8, not YAML, has a duplicate key or
        is not a mapping.
    """
    if path.is_dir():
        raise error(f"{path}: a {what} file is wanted, found a folder.", "Name the .yaml file inside it.")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        near = did_you_mean(path.name, (p.name for p in path.parent.glob("*.yaml")) if path.parent.is_dir() else ())
        raise error(f"{path}: there is no such {what} file.{near}", "Check the name and the folder.") from None
    except UnicodeDecodeError:
        raise error(f"{path}: the file is not UTF-8 text.", "Save it as UTF-8 in your editor.") from None
    except OSError as problem:
        raise error(f"{path}: the file cannot be read ({problem.strerror}).", "Check its permissions.") from None
    try:
        # _StrictLoader is a SafeLoader: it builds plain values only.
        content = yaml.load(text, Loader=_StrictLoader)  # noqa: S506
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        where = f"{path}, line {mark.line + 1}" if mark else str(path)
        raise error(
            f"{where}: {problem.problem or 'this is not YAML'}.",
            "Compare the indentation, the colons and the quotation marks with configs/default.yaml.",
        ) from None
    except yaml.YAMLError:
        raise error(f"{path}: the file holds characters that YAML does not allow.", "Save it as plain text.") from None
    if not isinstance(content, dict) or not all(isinstance(key, str) for key in content):
        found = "nothing" if content is None else type(content).__name__
        raise error(f"{path}: sections with names are wanted, found {found}.", "Start from configs/default.yaml.")
    return content


def _path_of(way: Sequence[int | str]) -> str:
    path = ""
    for part in way:
        path += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if path else part
    return path


_WANTED = {
    "missing": "is required",
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "tuple_type": "must be a list",
    "dict_type": "must be a section with names",
    "model_type": "must be a section with names",
    "model_attributes_type": "must be a section with names",
}


def _bound(kind: str, context: dict[str, Any]) -> str:
    wording = {
        "greater_than_equal": ("at least", "ge"),
        "greater_than": ("more than", "gt"),
        "less_than_equal": ("at most", "le"),
        "less_than": ("less than", "lt"),
    }
    if kind in wording:
        words, key = wording[kind]
        return f"must be {words} {context[key]}"
    if kind == "literal_error":
        return f"must be one of {context['expected']}"
    if kind == "string_too_short":
        return "must not be empty"
    if kind == "too_short":
        return f"must hold at least {context['min_length']} entr{'y' if context['min_length'] == 1 else 'ies'}"
    return ""


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    """Return the models that an annotation allows."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in getattr(annotation, "__args__", ()) for model in _models_in(part)]


def _place(model: type[BaseModel], location: tuple[int | str, ...]) -> tuple[type[BaseModel] | None, list[int | str]]:
    """Return the section that a problem lies in (None where it is no model), and the way there as the file has it.

    Where one of several models may stand, pydantic names in the location the one that it took; the file does not.
    """
    models, section = [model], None
    way: list[int | str] = []
    for part in location:
        if isinstance(part, str) and len(models) > 1:
            models = [one for one in models if any(part in get_args(f.annotation) for f in one.model_fields.values())]
            continue
        way.append(part)
        if isinstance(part, str):
            section = models[0] if models else None
            field = section.model_fields.get(part) if section else None
            models = _models_in(field.annotation) if field else []
    return section, way


def validate(model: type[M], content: dict[str, Any], path: Path, error: type[PipelineError]) -> M:
    """Validate a mapping against a pydantic model and report all problems in the program's form.

    Parameters
    ----------
    model : type of pydantic.BaseModel
        The model.
    content : dict
        What the file says.
    path : pathlib.Path
        The file, for messages.
    error : type of PipelineError
        The class to raise.

    Returns
    -------
    BaseModel
        The validated model.

    Raises
    ------
    PipelineError
        Of class `error`, with a line for each problem.
    """
    try:
        return model.model_validate(content)
    except ValidationError as failure:
        problems = []
        for item in failure.errors():
            section, way = _place(model, tuple(part for part in item["loc"] if part != "function-after"))
            name, context = _path_of(way), item.get("ctx") or {}
            fields = section.model_fields if section else {}
            kind, found = item["type"], item["input"]
            if kind == "extra_forbidden":
                near = did_you_mean(str(way[-1]), fields)
                problems.append(f"{path}: {name} is not a setting.{near}")
                continue
            if kind == "value_error":
                prefix = f"{name}: " if name else ""
                problems.append(f"{path}: {prefix}{context['error']}")
                continue
            wanted = _bound(kind, context) or _WANTED.get(kind) or item["msg"]
            shown = "" if kind == "missing" else f", found {_shown(found)}"
            # The field says what it is for and what a good value is.
            description = fields[str(way[-1])].description if way and way[-1] in fields else ""
            problems.append(f"{path}: {name} {wanted}{shown}.{' ' + description if description else ''}")
        raise error.from_problems(problems) from None


def _shown(found: object) -> str:
    if isinstance(found, dict):
        return "a section with names"
    if isinstance(found, list | tuple):
        return f"a list of {len(found)}"
    if isinstance(found, str):
        return f"'{found[:60]}'"
    return str(found)
