"""Reading YAML strictly: duplicate keys are errors, and problems name the file and the line."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from pipeline.errors import PipelineError
from pipeline.suggest import did_you_mean

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


def _path_of(location: tuple[int | str, ...]) -> str:
    path = ""
    for part in location:
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


def _known_fields(model: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    """Return the names that the section at `location` understands (empty where it is not a section)."""
    current: Any = model
    for part in location:
        if isinstance(part, int):
            continue
        field = getattr(current, "model_fields", {}).get(part)
        if field is None:
            return []
        candidates = [field.annotation]
        current = None
        while candidates:
            annotation = candidates.pop()
            if isinstance(annotation, type) and issubclass(annotation, BaseModel):
                current = annotation
                break
            candidates.extend(getattr(annotation, "__args__", ()))
    return list(getattr(current, "model_fields", {}))


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
            location = tuple(part for part in item["loc"] if part != "function-after")
            name, context = _path_of(location), item.get("ctx") or {}
            kind, found = item["type"], item["input"]
            if kind == "extra_forbidden":
                near = did_you_mean(str(location[-1]), _known_fields(model, location[:-1]))
                problems.append(f"{path}: {name} is not a setting.{near}")
                continue
            if kind == "value_error":
                prefix = f"{name}: " if name else ""
                problems.append(f"{path}: {prefix}{context['error']}")
                continue
            wanted = _bound(kind, context) or _WANTED.get(kind) or item["msg"]
            shown = "" if kind == "missing" else f", found {_shown(found)}"
            description = _description(model, location)
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


def _description(model: type[BaseModel], location: tuple[int | str, ...]) -> str:
    """Return the field's own description: it says what the setting is for and what a good value is."""
    if not location or not isinstance(location[-1], str):
        return ""
    current: Any = model
    for part in location[:-1]:
        if isinstance(part, int):
            continue
        field = getattr(current, "model_fields", {}).get(part)
        annotation = field.annotation if field else None
        arguments = [annotation, *getattr(annotation, "__args__", ())]
        current = next((a for a in arguments if isinstance(a, type) and issubclass(a, BaseModel)), None)
    field = getattr(current, "model_fields", {}).get(location[-1])
    return (field.description or "") if field else ""
