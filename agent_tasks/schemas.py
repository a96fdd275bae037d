"""Does a value fit a JSON Schema (draft 2020-12), and is the schema itself acceptable?

Schemas come from deployed files, so they may not reach outside themselves (`$ref` only to `#…`) nor contain patterns
whose matching takes exponential time.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from re import _constants as sre  # pyright: ignore[reportAttributeAccessIssue]
from re import _parser as sre_parser  # pyright: ignore[reportAttributeAccessIssue]
from typing import Any
from urllib.parse import unquote

import orjson
from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, ValidationError
from referencing import Registry

Path = tuple[str | int, ...]

_MOST_PROBLEMS = 10
_LONGEST_VALUE_SHOWN = 120


@dataclass(frozen=True, slots=True)
class SchemaProblem:
    """`path` leads to the place in the schema that is wrong."""

    path: Path
    message: str


def check_schema(schema: Mapping[str, Any]) -> list[SchemaProblem]:
    """What is wrong with a schema of an agent's input or output; an empty list when nothing is."""
    problems = list(_outside_references(schema, ()))
    if problems:
        return problems
    try:
        Draft202012Validator.check_schema(dict(schema))
    except SchemaError as error:
        found = [error, *(error.context or ())]
        return [SchemaProblem(tuple(each.absolute_path), _short(each.message)) for each in found[:1]]
    problems += _bad_patterns(schema, ())
    problems += _bad_references(schema)
    if schema.get("type") != "object":
        problems.append(SchemaProblem(("type",), "The schema must describe an object: `type: object`."))
    elif not isinstance(schema.get("properties"), Mapping):
        problems.append(SchemaProblem((), "The schema must name its `properties`."))
    return problems


def violations(schema: Mapping[str, Any], value: Any) -> list[str]:
    """Readable reasons why `value` does not fit, at most ten; an empty list when it fits."""
    errors = sorted(
        _validator(orjson.dumps(schema, option=orjson.OPT_SORT_KEYS)).iter_errors(value), key=lambda e: list(map(str, e.absolute_path))
    )
    return [_readable(error) for error in errors[:_MOST_PROBLEMS]]


@lru_cache(maxsize=256)
def _validator(schema: bytes) -> Draft202012Validator:
    return Draft202012Validator(orjson.loads(schema), registry=Registry())


def _readable(error: ValidationError) -> str:
    place = ".".join(str(part) for part in error.absolute_path)
    return f"{place or 'the value'}: {_short(error.message)}"


def _short(message: str) -> str:
    """Messages of jsonschema quote whole values; keep both ends."""
    if len(message) <= 2 * _LONGEST_VALUE_SHOWN:
        return message
    return f"{message[:_LONGEST_VALUE_SHOWN]} … {message[-_LONGEST_VALUE_SHOWN:]}"


def _outside_references(schema: Any, path: Path) -> Iterator[SchemaProblem]:
    for here, node in _nodes(schema, path):
        for key in ("$ref", "$dynamicRef"):
            if isinstance(target := node.get(key), str) and not target.startswith("#"):
                yield SchemaProblem(
                    (*here, key), f"The reference {target!r} leads outside this schema: only references that begin with # are accepted."
                )
        if here and "$id" in node and isinstance(node["$id"], str):
            yield SchemaProblem((*here, "$id"), "A schema inside a schema cannot have an $id here.")


def _bad_references(schema: Mapping[str, Any]) -> Iterator[SchemaProblem]:
    """References that lead nowhere, or back to where they stand without having gone into the value."""
    places = dict(_nodes(schema, ()))
    by_pointer = {tuple(map(str, place)): place for place in places}
    anchors = {node["$anchor"]: here for here, node in places.items() if isinstance(node.get("$anchor"), str)}
    links: dict[Path, list[Path]] = {here: [] for here in places}
    for here, node in places.items():
        if (around := _looks_at_the_value_of(here)) in links:
            links[around].append(here)
        for key in ("$ref", "$dynamicRef"):
            if isinstance(target := node.get(key), str):
                fragment = unquote(target[1:])
                steps = tuple(step.replace("~1", "/").replace("~0", "~") for step in fragment.split("/")[1:])
                leads = anchors.get(fragment) if fragment and not fragment.startswith("/") else by_pointer.get(steps)
                if leads is None:
                    yield SchemaProblem((*here, key), f"The reference {target!r} leads nowhere in this schema.")
                else:
                    links[here].append(leads)
    if (place := _on_a_circle(links)) is not None:
        yield SchemaProblem(place, "This schema refers to itself without end.")


def _looks_at_the_value_of(here: Path) -> Path | None:
    """The schema around this one, if both look at the same value."""
    if here and here[-1] in ("not", "if", "then", "else"):
        return here[:-1]
    return here[:-2] if len(here) > 1 and here[-2] in ("allOf", "anyOf", "oneOf", "dependentSchemas") else None


def _on_a_circle(links: Mapping[Path, list[Path]]) -> Path | None:
    """A place from which the links lead back to it; None when there is none. Depth-first, without recursion."""
    done: set[Path] = set()
    for start in links:
        path, on_path, ahead = [start], {start}, [list(links[start])]
        while path:
            if not ahead[-1]:
                ahead.pop()
                on_path.discard(path[-1])
                done.add(path.pop())
                continue
            place = ahead[-1].pop()
            if place in on_path:
                return place
            if place not in done:
                path.append(place)
                on_path.add(place)
                ahead.append(list(links[place]))
    return None


def _bad_patterns(schema: Any, path: Path) -> Iterator[SchemaProblem]:
    for here, node in _nodes(schema, path):
        patterns = [(("pattern",), node.get("pattern"))]
        if isinstance(named := node.get("patternProperties"), Mapping):
            patterns += [(("patternProperties", name), name) for name in named]
        for place, pattern in patterns:
            if isinstance(pattern, str) and (reason := pattern_problem(pattern)):
                yield SchemaProblem((*here, *place), reason)


def pattern_problem(pattern: str) -> str | None:
    """Why a pattern is refused: it is no regular expression, or it repeats a repetition without bound."""
    try:
        parsed = sre_parser.parse(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        return f"The pattern {pattern!r} is not a regular expression: {error}."
    if _repeats_a_repetition(parsed):
        return f"The pattern {pattern!r} repeats a repetition, which may never end: bound one of them, such as {{1,20}}."
    return None


_UNBOUNDED = 64


def _repeats_a_repetition(parsed: Any, inside: bool = False) -> bool:
    for operator, argument in parsed:
        if operator in (sre.MAX_REPEAT, sre.MIN_REPEAT, getattr(sre, "POSSESSIVE_REPEAT", None)):
            _, most, body = argument
            is_long = most == sre.MAXREPEAT or most > _UNBOUNDED
            if (inside and is_long) or _repeats_a_repetition(body, inside or is_long):
                return True
            continue
        for part in argument if isinstance(argument, (tuple, list)) else (argument,):
            if isinstance(part, sre_parser.SubPattern) and _repeats_a_repetition(part, inside):
                return True
            if isinstance(part, list) and any(isinstance(p, sre_parser.SubPattern) and _repeats_a_repetition(p, inside) for p in part):
                return True
    return False


def _nodes(schema: Any, path: Path) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    stack: list[tuple[Path, Any]] = [(path, schema)]
    while stack:
        here, node = stack.pop()
        if isinstance(node, Mapping):
            yield here, node
            stack.extend(((*here, str(key)), value) for key, value in node.items() if key not in ("const", "enum", "default", "examples"))
        elif isinstance(node, Sequence) and not isinstance(node, str):
            stack.extend(((*here, index), value) for index, value in enumerate(node))
