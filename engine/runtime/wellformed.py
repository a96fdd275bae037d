"""Can what a request says be stored at all? Checked in the caller's thread, before it waits."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import datetime
from typing import Any, cast

from engine.errors import Rejected
from engine.runtime.requests import Deploy, EvaluateDecision
from engine.store.json_text import checked

_SMALL = 2**31  # counts: retries, priorities, versions
_LARGE = 2**63  # keys
_LONGEST = 10**13  # milliseconds: some 300 years
_DURATIONS = ("timeout_ms", "ttl_ms", "backoff_ms")
_COUNTS = ("retries", "version", "max_jobs", "priority")


def check(request: object) -> None:
    """Raises `Rejected` for text that no database keeps, numbers that do not fit and variables that are no JSON."""
    if isinstance(request, EvaluateDecision):
        checked(request.variables, exact=True)
        request = replace(request, variables={})
    if isinstance(request, Deploy):
        return  # its files were checked
    for one in fields(cast(Any, request)):
        _check(one.name, getattr(request, one.name))


def _check(name: str, value: object) -> None:
    match value:
        case None | bool() | float() | datetime() | bytes():
            return
        case str():
            check_text(name, value)
        case int():
            limit = _LONGEST if name in _DURATIONS else _SMALL if name in _COUNTS else _LARGE
            if not -limit <= value < limit:
                raise Rejected(f"The {name} {value} is out of range.")
        case Mapping():
            checked(cast(Mapping[Any, Any], value), name)
        case list() | tuple():
            for member in cast(tuple[object, ...], tuple(value)):  # pyright: ignore[reportUnknownArgumentType]
                _check(name, member)
        case _:
            if is_dataclass(value):
                check(value)


def check_text(name: str, text: str) -> None:
    if "\x00" in text or (not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text)):
        raise Rejected(f"The {name} holds a character that cannot be stored (NUL or half of a surrogate pair).")
