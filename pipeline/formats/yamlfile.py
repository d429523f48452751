"""Reading YAML strictly: duplicate keys are errors, and problems name the file and the line."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args

import yaml
from pydantic import BaseModel, ValidationError

from pipeline.errors import PipelineError, did_you_mean, shown
from pipeline.formats.disk import is_folder, names_in

M = TypeVar("M", bound=BaseModel)


_MOST_CHARACTERS = 1_000_000
_MOST_VALUES = 100_000
_DEEPEST = 50
_LARGEST = 1e15
_TOO_DEEP = "the file is nested too deeply, or has too many values"
_UNFIT = re.compile("[\0\ud800-\udfff]")
_QUOTED = re.compile(r"'(?:<[a-z ]+>|\\?.)'|(['\"].*)", re.DOTALL)


class _Refused(yaml.constructor.ConstructorError):
    """What this program does not take; its message may be shown as it is."""

    def __init__(self, message: str, mark: Any) -> None:
        super().__init__(None, None, message, mark)


class _StrictLoader(yaml.SafeLoader):
    """Refuses equal keys, of which PyYAML takes the last in silence; what looks like a date stays a text."""

    yaml_implicit_resolvers = {  # noqa: RUF012
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def fetch_flow_collection_start(self, TokenClass: type[yaml.Token]) -> None:
        if self.flow_level >= _DEEPEST:
            raise _Refused(_TOO_DEEP, self.get_mark())
        super().fetch_flow_collection_start(TokenClass)

    def get_single_node(self) -> yaml.Node | None:
        node: yaml.Node | None = super().get_single_node()
        waiting, seen = [(node, 1)] if node else [], 0
        while waiting:
            # An anchor's value is looked at each time that it is named.
            part, depth = waiting.pop()
            seen += 1
            if depth > _DEEPEST or seen > _MOST_VALUES:
                raise _Refused(_TOO_DEEP, part.start_mark)
            if isinstance(part, yaml.ScalarNode):
                if _UNFIT.search(part.value):
                    raise _Refused("a text holds a character that no file can hold", part.start_mark)
                continue
            values = part.value if isinstance(part, yaml.SequenceNode) else [one for pair in part.value for one in pair]
            waiting += [(value, depth + 1) for value in values]
        return node

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            value = super().construct_object(node, deep)
            if isinstance(value, int | float) and not abs(value) < _LARGEST:
                raise ValueError
            return value
        except (yaml.YAMLError, MemoryError):
            raise
        except Exception:
            raise _Refused("this value cannot be read", node.start_mark) from None

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        first_line: dict[Hashable, int] = {}
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, Hashable):
                raise _Refused("a key must be a word", key_node.start_mark)
            if not isinstance(key, str) and key_node.tag != "tag:yaml.org,2002:merge" and str(key) != key_node.value:
                raise _Refused(
                    f"YAML reads {_as_written(key_node.value)} as {_read_as(key)}. Put it in quotation marks",
                    key_node.start_mark,
                )
            if key in first_line:
                name = "a key" if " " in shown(key) else f"the key {shown(key)}"
                raise _Refused(f"{name} is given twice, first on line {first_line[key]}", key_node.start_mark)
            first_line[key] = key_node.start_mark.line + 1
        return super().construct_mapping(node, deep=deep)


def _as_written(text: str) -> str:
    """Return a short text that YAML takes for a number or a word of its own, which no comment is."""
    return f"'{text}'" if len(text) <= 20 else shown(text)


def _read_as(value: object) -> str:
    """Return what YAML takes a word for that is no text."""
    if value is None:
        return "nothing"
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else f"the number {shown(value)}"


@dataclass(frozen=True)
class Plain:
    """A value that stands in the file without quotation marks: how it is written, and in which line."""

    text: str
    line: int


class Content(dict[str, Any]):
    """What a file says, with the values that stand there without quotation marks by their way in it."""

    plain: Mapping[tuple[int | str, ...], Plain]


def _plain_values(node: yaml.Node | None) -> dict[tuple[int | str, ...], Plain]:
    found: dict[tuple[int | str, ...], Plain] = {}
    waiting: list[tuple[tuple[int | str, ...], yaml.Node]] = [((), node)] if node else []
    while waiting:
        way, part = waiting.pop()
        if isinstance(part, yaml.ScalarNode):
            if part.style is None:
                found[way] = Plain(part.value, part.start_mark.line + 1)
        elif isinstance(part, yaml.SequenceNode):
            waiting += [((*way, place), value) for place, value in enumerate(part.value)]
        else:
            waiting += [((*way, key.value), value) for key, value in part.value if isinstance(key, yaml.ScalarNode)]
    return found


_BEFORE = r"^[\s-]*(?:[\w ]+:\s+)?"
"""What stands in a line before its text."""

_MENDS = (
    ("cannot start any token", "a tab stands where spaces are wanted", "Indent with spaces.", r"\t"),
    ("cannot start any token", "a text begins with a sign that has a meaning in YAML",
     "Put it in quotation marks.", ""),
    ("mapping values are not allowed", "a text with a colon in it needs quotation marks",
     "Put all that follows the first colon in quotation marks.", r":\s.*:\s"),
    ("mapping values are not allowed", "a colon stands where YAML allows none",
     "Put a text with a colon in quotation marks; else check the indentation.", ""),
    ("unexpected end of stream", "a quotation mark is opened and never closed", "Close it where the text ends.", ""),
    ("undefined alias", "a text begins with * or &, which have a meaning in YAML", "Put it in quotation marks.", ""),
    ("alphabetic or numeric", "a text begins with * or &, which have a meaning in YAML",
     "Put it in quotation marks.", ""),
    ("unknown escape", "a backslash in double quotation marks has a meaning in YAML",
     "Use single quotation marks there.", ""),
    ("sequence entries are not allowed", "a list begins behind a colon", "Begin it in the next line.", ""),
    ("expected ',' or", "a list in brackets is not closed, or a text in it needs quotation marks",
     "Put each text in quotation marks, and close the list.", ""),
    ("could not find expected ':'", "a name has no colon after it, or a text is not indented",
     "Write name: text, and indent what belongs to a name.", ""),
    ("expected <block end>", "a text begins with a bracket, which has a meaning in YAML",
     "Put the whole text in quotation marks.", _BEFORE + r"[\[{].*[\]}]\s*\S"),
    ("expected <block end>", "a quotation mark ends a text before the line does",
     "Put the whole text in quotation marks of the other kind.", _BEFORE + r"""(?:"[^"]*"|'[^']*')\s*[^\s#:]"""),
    ("expected URI", "a text begins with a sign that has a meaning in YAML", "Put it in quotation marks.", ""),
    ("expected <block end>", "a line does not fit those above it",
     "Check its indentation.", ""),
)  # fmt: skip
"""What PyYAML says, what that means, what to do, and a pattern that the line must have for it."""


def _said_of(problem: yaml.MarkedYAMLError, text: str, hint: str) -> tuple[str, str, int]:
    """Return what is wrong in words, what to do, and the line."""
    mark = problem.problem_mark or problem.context_mark
    said = problem.problem or "this is not YAML"
    number = mark.line + 1 if mark else 1
    if isinstance(problem, _Refused):
        known = (("quotation marks", ""), ("given twice", "Keep one of the two, or rename one."))
        return said, next((mend for part, mend in known if part in said), hint), number
    lines = text.split("\n")
    if "expected ':'" in said and problem.context_mark:
        number = problem.context_mark.line + 1
    odd = next(
        (place for place, line in enumerate(lines[:number], start=1) if re.match(r"[ -]*[^\S \t\r]", line)), None
    )
    if odd is not None:
        return "a line begins with a no-break or other odd space", "Indent with plain spaces.", odd
    line = lines[number - 1] if number <= len(lines) else ""
    for key, meaning, mend, has in _MENDS:
        if key in said and re.search(has, line):
            if "quoted scalar" in (problem.context or "") and problem.context_mark:
                number = problem.context_mark.line + 1
            return meaning, mend, number
    # PyYAML quotes what it found, which may be anybody's words.
    return _QUOTED.sub(lambda found: "…" if found[1] else found[0], said), hint, number


def _parsed(text: str, path: Path, error: type[PipelineError]) -> Any:
    hint = "Compare the indentation, the colons and the quotation marks with configs/default.yaml."
    loader = None
    try:
        # _StrictLoader is a SafeLoader: it builds plain values only.
        loader = _StrictLoader(text)
        node = loader.get_single_node()
        found = None if node is None else loader.construct_document(node)
        if not isinstance(found, dict):
            return found
        content = Content(found)
        content.plain = _plain_values(node)
        return content
    except yaml.MarkedYAMLError as problem:
        said, hint, line = _said_of(problem, text, hint)
    except yaml.reader.ReaderError as problem:
        said, hint = "the file holds a character that YAML does not allow", "Save it as plain text."
        line = text.count("\n", 0, problem.position) + 1
    except MemoryError:
        raise
    except Exception:
        said, line = f"{_TOO_DEEP}, or is not YAML", loader.line + 1 if loader else 1
    raise error(f"{path}, line {line}: {said}.", hint)


def remarks(path: Path) -> list[str]:
    """Return what a reader may have meant otherwise in a file that can be read: a sentence each, with its line.

    A text is cut where a # follows a space; a list in brackets is parted at each comma; and typographic quotation
    marks are letters.
    """
    text = path.read_text(encoding="utf-8-sig")
    lines = text.split("\n")
    found: dict[int, str] = {}
    loader = _StrictLoader(text)
    waiting: list[yaml.Node] = [node] if (node := loader.get_single_node()) else []
    while waiting:
        part = waiting.pop()
        if isinstance(part, yaml.MappingNode):
            waiting += [value for _, value in part.value]
            continue
        number = part.start_mark.line
        if isinstance(part, yaml.SequenceNode):
            waiting += part.value
            words = [one.value for one in part.value if isinstance(one, yaml.ScalarNode) and one.style is None]
            if part.flow_style and any(word[:1].isupper() for word in words) and any(w[:1].islower() for w in words):
                found[number] = "each comma begins a new entry; put an entry that has a comma in quotation marks"
        elif not isinstance(part, yaml.ScalarNode) or part.style is not None:
            continue
        elif part.value[:1] in ("“", "”", "‘", "„", "«"):
            found[number] = "“ and ” are letters to YAML; use straight quotation marks, or none"
        elif re.match(r"\s+#[^\s#]", lines[part.end_mark.line][part.end_mark.column :]):
            found[number] = "what follows # is left out; put the text in quotation marks if it belongs to it"
    return [f"{path.name}, line {line + 1}: {said}." for line, said in sorted(found.items())]


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
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        near = did_you_mean(path.name, names_in(path.parent, "*.yaml"))
        raise error(f"{path}: there is no such {what} file.{near}", "Check the name and the folder.") from None
    except UnicodeDecodeError:
        raise error(f"{path}: the file is not UTF-8 text.", "Save it as UTF-8 in your editor.") from None
    except OSError as problem:
        if is_folder(path):
            raise error(f"{path}: a {what} file is wanted, found a folder.", "Name the .yaml file inside it.") from None
        raise error(f"{path}: the file cannot be read ({problem.strerror}).", "Check its permissions.") from None
    if len(text) > _MOST_CHARACTERS:
        raise error(
            f"{path}: a {what} has at most {_MOST_CHARACTERS:,} characters, found {len(text):,}.",
            "Check that this is the right file.",
        )
    content = _parsed(text, path, error)
    if not isinstance(content, dict) or not all(isinstance(key, str) for key in content):
        found = "nothing" if content is None else type(content).__name__
        raise error(f"{path}: sections with names are wanted, found {found}.", "Start from configs/default.yaml.")
    return content


def _path_of(way: Sequence[int | str]) -> str:
    path = ""
    for part in way:
        name = f"[{part + 1}]" if isinstance(part, int) else part if shown(part) == f"'{part}'" else f"({shown(part)})"
        path += f".{name}" if path and isinstance(part, str) else name
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
    if kind == "union_tag_invalid":
        return f"must have as {context['discriminator']} one of {context['expected_tags']}"
    if kind == "union_tag_not_found":
        return f"must have a {context['discriminator']}"
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
        errors = failure.errors()
        problems = []
        for item in errors:
            if item["type"] == "too_short" and len(item["input"]) >= (item.get("ctx") or {})["min_length"]:
                # pydantic counts the entries without those that have faults of their own.
                continue
            place = tuple(part for part in item["loc"] if part != "function-after")
            if (choice := _choice_in(content, place)) is not None:
                problems.append(f"{path}: {_said_of_choice(model, content, choice)}")
                continue
            section, way = _place(model, place)
            plain = getattr(content, "plain", {}).get(tuple(way))
            problems.append(f"{path}: {_sentence(item, section, way, plain)}")
        # Of a value that may be of several kinds pydantic reports what each kind lacks.
        raise error.from_problems(list(dict.fromkeys(problems))) from None


_A_KIND = re.compile(r"[a-z-]+\[|(bool|dict|float|int|list|none|str|tuple)$")
"""How pydantic names a kind that is no model."""


def _choice_in(content: Any, place: tuple[int | str, ...]) -> tuple[int | str, ...] | None:
    """Return where a value stands that fits none of the kinds it may be of, or None where a problem is another.

    pydantic names each kind in the place, such as list[str], as if it were a part of the content. Where one of several
    models may stand, it takes one of them; see `_place`.
    """
    for depth, part in enumerate(place):
        if isinstance(part, str) and not (isinstance(content, dict) and part in content):
            return place[:depth] if _A_KIND.match(part) else None
        content = content[part]
    return None


def _said_of_choice(model: type[BaseModel], content: Any, place: tuple[int | str, ...]) -> str:
    found = content
    for part in place:
        found = found[part]
    description = ""
    # An entry of a mapping is described with the mapping.
    for depth in range(1, len(place) + 1):
        section, way = _place(model, place[:depth])
        if section is not None and way[-1] in section.model_fields:
            description = section.model_fields[str(way[-1])].description or ""
    return f"{_path_of(place)}: {shown(found)} cannot stand here. {description}".rstrip()


def _sentence(item: Any, section: type[BaseModel] | None, way: Sequence[int | str], plain: Plain | None) -> str:
    """Return what is wrong with one value, what is wanted, and how to write it."""
    name, context = _path_of(way), item.get("ctx") or {}
    fields = section.model_fields if section else {}
    kind, found = item["type"], item["input"]
    if kind == "extra_forbidden":
        return f"{name} is not a setting.{did_you_mean(str(way[-1]), fields)}"
    if kind == "value_error":
        return f"{name}: {context['error']}" if name else str(context["error"])
    if kind in ("string_type", "tuple_type") and (mend := _mend(kind, found, plain)):
        return f"{name} {mend}"
    wanted = _bound(kind, context) or _WANTED.get(kind) or item["msg"]
    but = "" if kind == "missing" else f", found {shown(found)}"
    # The field says what it is for and what a good value is.
    description = fields[str(way[-1])].description if way and way[-1] in fields else ""
    return f"{name} {wanted}{but}.{' ' + description if description else ''}"


def _mend(kind: str, found: object, plain: Plain | None) -> str:
    """Return what is said of a text or a list that YAML takes for something else, or an empty string."""
    if kind == "tuple_type":
        if isinstance(found, str):
            return f"must be a list, found {shown(found)}. Write '- ' and the text in the next line."
        return "must be a list, found nothing. Write its entries, or leave the line out." if found is None else ""
    if isinstance(found, dict):
        return "must be text, but its colon makes it a section. Put the whole text in quotation marks."
    if plain is None:
        return ""
    where = f" (line {plain.line})"
    if found is None and not plain.text:
        return f"must be text, found nothing{where}. Write it; put a text that begins with # in quotation marks."
    if isinstance(found, bool | int | float) or found is None:
        read = f"{_as_written(plain.text)} as {_read_as(found)}{where}"
        return f"must be text, but YAML reads {read}. Put it in quotation marks."
    return ""
