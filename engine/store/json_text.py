"""How do values become text in the database and back? JSON by orjson; integers beyond 64 bits by the standard library."""

import json
from collections.abc import Mapping
from math import isfinite
from typing import Any, cast

import orjson

from engine.errors import Rejected
from rules.feel import to_json_text

LARGE = 8192  # characters of JSON text from which a value is stored once by its content


def dumps(value: Any) -> str:
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def loads(text: str | bytes) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return json.loads(text)


def checked(variables: Mapping[Any, Any], what: str = "variables", *, exact: bool = False) -> None:
    """Raises `Rejected` for what is not a JSON object of storable values (lone surrogates, NaN, objects of Python, empty names).

    `exact`: values for rules, which are not stored themselves; decimals, dates and durations are fine, too.
    """
    for name in variables:
        if not isinstance(name, str) or not name or "\x00" in name:
            raise Rejected(f"The {what} have an invalid name: {name!r}. Names are non-empty text without NUL.")
    try:
        text = to_json_text(dict(variables)) if exact else dumps(dict(variables))
        text.encode()
        if (exact or "null" in text) and _has_nonfinite(list(variables.values())):  # orjson writes NaN and infinity as null
            raise ValueError("NaN and infinity are no JSON numbers")
    except (TypeError, ValueError, RecursionError) as problem:
        raise Rejected(f"The {what} cannot be stored as JSON: {problem}") from problem


def _has_nonfinite(values: list[Any]) -> bool:
    waiting: list[Any] = [values]
    while waiting:
        value = waiting.pop()
        if isinstance(value, float) and not isfinite(value):
            return True
        if isinstance(value, dict):
            waiting.extend(cast(dict[Any, Any], value).values())
        elif isinstance(value, list | tuple):
            waiting.extend(cast(list[Any], value))
    return False
