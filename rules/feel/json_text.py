"""How do numbers pass through JSON unharmed? Read as decimals and written digit by digit, never by way of binary floats."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal, DecimalException
from typing import NoReturn, cast

from rules.feel.conversion import to_text
from rules.feel.numbers import number, plain

_MOST_DIGITS = 60


def read_json_text(text: str | bytes) -> object:
    """The value of a JSON text; fractions are decimals of 34 digits. ValueError for what is no JSON, or too large a number."""
    return json.loads(text, parse_float=_number, parse_constant=_refuse)


def to_json_text(value: object) -> str:
    """The JSON text of a FEEL value: exact numbers; what JSON lacks as text, times and durations in ISO 8601."""
    match value:
        case Decimal():
            return _digits(value)
        case None | bool() | int() | float() | str():
            return json.dumps(value, ensure_ascii=False)
        case list() | tuple():
            return f"[{','.join(to_json_text(item) for item in cast(list[object], value))}]"
        case Mapping():
            entries = cast(Mapping[object, object], value).items()
            return "{" + ",".join(f"{json.dumps(str(name), ensure_ascii=False)}:{to_json_text(entry)}" for name, entry in entries) + "}"
        case _:
            return json.dumps(to_text(value), ensure_ascii=False)


def _digits(value: Decimal) -> str:
    if value == value.to_integral_value() and abs(value.adjusted()) < _MOST_DIGITS:
        return str(int(value))
    return plain(value).rstrip("0") if abs(value.adjusted()) < _MOST_DIGITS else str(value)


def _number(text: str) -> Decimal:
    try:
        return number(text)
    except DecimalException:
        raise ValueError(f"{text[:40]} is out of the range of numbers") from None


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")
