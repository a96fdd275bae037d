"""What does a JSON text mean where a decision asks for a date, time or duration? JSON has no types for them, only ISO 8601 text."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from rules.feel.durations import read_duration
from rules.feel.iso import read_date, read_date_time, read_time
from rules.feel.types import DATE, DATE_TIME, DAYS_TIME, TIME, YEARS_MONTHS, ContextType, FeelType, ListType

_READERS: dict[FeelType, Callable[[str], object]] = {
    DATE: read_date,
    TIME: read_time,
    DATE_TIME: read_date_time,
    DAYS_TIME: read_duration,
    YEARS_MONTHS: read_duration,
}


def has_temporals(type_: FeelType) -> bool:
    """Whether values of the type are, or hold, what JSON writes as text."""
    match type_:
        case ListType():
            return has_temporals(type_.element)
        case ContextType():
            return any(has_temporals(entry) for entry in type_.entries.values())
        case _:
            return type_ in _READERS


def read_texts(value: object, type_: FeelType) -> object:
    """The value with each text that stands for a date, time or duration of the type replaced by it."""
    match value:
        case str():
            reader = _READERS.get(type_.element if isinstance(type_, ListType) else type_)
            found = None if reader is None else reader(value)
            return value if found is None else found
        case list():
            element = type_.element if isinstance(type_, ListType) else type_
            return [read_texts(item, element) for item in cast(list[object], value)]
        case dict() if isinstance(type_, ContextType):
            entries = cast(dict[str, object], value)
            return {name: read_texts(entry, type_.entries[name]) if name in type_.entries else entry for name, entry in entries.items()}
        case _:
            return value
