"""How does a YAML or JSON text become plain values whose line numbers are known?

Built from the event stream, without recursion and without tags: a text can make strings, numbers, booleans, null,
lists and mappings, nothing else. Aliases are refused, so that a small text cannot become a large value. Scalars follow
YAML 1.2's core schema: `no` and `2026-03-01` are strings. JSON is a subset of that.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(r"[-+]?[0-9]{1,18}\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?\Z")
_SURROGATES = re.compile(r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")
_WORDS: dict[str, bool | None] = dict.fromkeys(("", "~", "null", "Null", "NULL"))
_WORDS |= dict.fromkeys(("true", "True", "TRUE"), True) | dict.fromkeys(("false", "False", "FALSE"), False)

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Limits:
    bytes: int = 262_144
    nodes: int = 5_000
    depth: int = 40


@dataclass(frozen=True, slots=True)
class LinedValue:
    """`lines` has the 1-based line of every value by its path, `()` being the whole document."""

    value: Any
    lines: dict[Path, int] = field(default_factory=dict[Path, int])

    def line_of(self, path: Path) -> int | None:
        """The line of the value at `path`, or of the nearest value around it."""
        for end in range(len(path), -1, -1):
            if (line := self.lines.get(path[:end])) is not None:
                return line
        return None


class YamlRefused(Exception):
    """The text is no YAML, or YAML of a kind that is not accepted here."""

    def __init__(self, message: str, advice: str, line: int | None) -> None:
        super().__init__(message)
        self.message, self.advice, self.line = message, advice, line


def load_with_lines(data: bytes, limits: Limits = Limits()) -> LinedValue:
    """The value of the one document in `data`. Raises `YamlRefused`."""
    if len(data) > limits.bytes:
        raise YamlRefused(f"The file has {len(data)} bytes; at most {limits.bytes} are accepted.", "Split the file.", None)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise YamlRefused("The file is not UTF-8 text.", "Save the file with the encoding UTF-8.", line) from None
    if text.lstrip()[:1] in ("{", "["):
        text = _as_yaml(text)
    try:
        return _Builder(limits).build(yaml.parse(text, Loader=_LOADER))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        message = " ".join(part for part in (error.context, error.problem) if part)
        raise YamlRefused(
            f"This is not valid YAML: {message}.", "Check indentation, quotes and colons.", mark.line + 1 if mark else None
        ) from None
    except yaml.YAMLError as error:
        raise YamlRefused(f"This is not valid YAML: {str(error).splitlines()[0]}.", "Remove control characters.", None) from None


def _as_yaml(text: str) -> str:
    """JSON as YAML reads it: indented with blanks, and characters beyond U+FFFF not as surrogate pairs."""
    return _SURROGATES.sub(
        lambda found: found[1] + chr(0x10000 + ((int(found[2], 16) & 0x3FF) << 10) + (int(found[3], 16) & 0x3FF)), text.replace("\t", " ")
    )


class _Builder:
    """Folds parser events into values: a stack of open containers, each with the key that waits for its value."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.lines: dict[Path, int] = {}
        self.open: list[dict[str, Any] | list[Any]] = []
        self.keys: list[str | None] = []
        self.path: list[str | int] = []
        self.nodes = 0
        self.documents = 0
        self.root: Any = None

    def build(self, events: Iterator[Any]) -> LinedValue:
        for event in events:
            line = event.start_mark.line + 1
            match event:
                case AliasEvent():
                    raise YamlRefused("Aliases (*name) are not accepted.", "Write the value out where it is used.", line)
                case DocumentStartEvent():
                    self.documents += 1
                    if self.documents > 1:
                        raise YamlRefused("The file has more than one document.", "Put each document into a file of its own.", line)
                case MappingStartEvent() | SequenceStartEvent():
                    self._refuse_tag(event, line)
                    self._begin({} if isinstance(event, MappingStartEvent) else [], line)
                case MappingEndEvent() | SequenceEndEvent():
                    self.open.pop()
                    self.keys.pop()
                    if self.path:
                        self.path.pop()
                case ScalarEvent():
                    self._scalar(event, line)
                case _:
                    pass
        if self.nodes == 0:
            raise YamlRefused("The file is empty.", "Fill in the required keys.", 1)
        return LinedValue(self.root, self.lines)

    def _begin(self, container: dict[str, Any] | list[Any], line: int) -> None:
        if len(self.open) >= self.limits.depth:
            raise YamlRefused(f"Values are nested deeper than {self.limits.depth} levels.", "Flatten the structure.", line)
        if self.open and isinstance(self.open[-1], dict) and self.keys[-1] is None:
            raise YamlRefused("A key must be a single word or text.", "Use a plain key.", line)
        step = self._place(container, line)
        if step is not None:
            self.path.append(step)
        self.open.append(container)
        self.keys.append(None)

    def _scalar(self, event: ScalarEvent, line: int) -> None:
        if self.open and isinstance(self.open[-1], dict) and self.keys[-1] is None:
            key = event.value
            if key in self.open[-1]:
                raise YamlRefused(f"The key {key!r} appears twice.", "Keep one of them.", line)
            if key == "<<":
                raise YamlRefused("Merge keys (<<) are not accepted.", "Write the keys out.", line)
            self.keys[-1] = key
            self.lines[(*self.path, key)] = line
            return
        self._refuse_tag(event, line)
        value = _scalar_value(event.value) if event.implicit[0] else event.value
        if isinstance(value, float) and not math.isfinite(value):
            raise YamlRefused(f"The number {event.value[:40]} is too large.", "Put it in quotes if it is a text.", line)
        self._place(value, line)

    def _place(self, value: Any, line: int) -> str | int | None:
        """Puts a value where the open container waits for it; gives the step of the path that leads there."""
        self.nodes += 1
        if self.nodes > self.limits.nodes:
            raise YamlRefused(f"The file has more than {self.limits.nodes} values.", "Split the file.", line)
        if not self.open:
            self.root = value
            self.lines[()] = line
            return None
        container = self.open[-1]
        if isinstance(container, dict):
            key = self.keys[-1]
            assert key is not None
            container[key] = value
            self.keys[-1] = None
            return key
        container.append(value)
        self.lines.setdefault((*self.path, len(container) - 1), line)
        return len(container) - 1

    @staticmethod
    def _refuse_tag(event: Any, line: int) -> None:
        if event.tag not in (None, "!", "tag:yaml.org,2002:str", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"):
            raise YamlRefused(f"The tag {event.tag!r} is not accepted.", "Remove the tag.", line)


def _scalar_value(text: str) -> Any:
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.match(text):
        return int(text)
    if _FLOAT.match(text):
        return float(text) if not text.lstrip("+-").isdigit() else math.inf
    return text
