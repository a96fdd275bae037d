"""How do Python and JSON values become FEEL values, and back?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import Enum
from typing import cast
from zoneinfo import ZoneInfo

from rules.feel.durations import SECOND, DaysTimeDuration, YearsMonthsDuration
from rules.feel.numbers import from_float, from_int, plain
from rules.feel.temporal import Date, DateTime, Time, Zone
from rules.feel.values import Function, Range

PLAIN: frozenset[type] = frozenset({str, bool, type(None)})
"""Types that are FEEL values as they are (numbers may need rounding)."""
FEEL_TYPES: frozenset[type] = PLAIN | {Decimal, Date, Time, DateTime, DaysTimeDuration, YearsMonthsDuration, Range, Function}


def to_feel(value: object) -> object:
    """The FEEL value of a Python or JSON value."""
    kind = type(value)
    if kind is float:
        return from_float(cast(float, value))
    if kind is int:
        return from_int(cast(int, value))
    if kind is Decimal:
        return value if cast(Decimal, value).is_finite() else None
    if kind in FEEL_TYPES:
        return value
    if kind is list:
        return [to_feel(item) for item in cast(list[object], value)]
    if kind is dict:
        return {str(name): to_feel(entry) for name, entry in cast(dict[object, object], value).items()}
    return _uncommon(value)


def _uncommon(value: object) -> object:
    match value:
        case Enum():
            return to_feel(value.value)
        case bool() | str():
            return value
        case int():
            return from_int(int(value))
        case float():
            return from_float(float(value))
        case dt.datetime():
            moment = value.replace(tzinfo=None)
            return DateTime(_date(value), _nanoseconds(moment.time()), _zone(value.tzinfo, value))
        case dt.date():
            return _date(value)
        case dt.time():
            return Time(_nanoseconds(value), _zone(value.tzinfo, value))
        case dt.timedelta():
            return DaysTimeDuration.of(value)
        case Mapping():
            entries = cast(Mapping[object, object], value)
            return {str(name): to_feel(entries[name]) for name in entries}
        case Sequence() | set() | frozenset():
            return [to_feel(item) for item in cast(Sequence[object], value)]
        case _:
            return _foreign(value)


def _foreign(value: object) -> object:
    """A years and months duration of somebody else's making, else null."""
    months = getattr(value, "months", None)
    return YearsMonthsDuration(months) if isinstance(months, int) and not isinstance(value, type) else None


def to_python(value: object) -> object:
    """The value in Python's own types, as far as they can hold it; numbers stay Decimal."""
    match value:
        case None | str() | bool() | Decimal():
            return value
        case list():
            return [to_python(item) for item in cast(list[object], value)]
        case dict():
            return {name: to_python(entry) for name, entry in cast(dict[str, object], value).items()}
        case Date():
            return dt.date(value.year, value.month, value.day) if 1 <= value.year <= 9999 else value
        case Time():
            zone = _tzinfo(value.zone)
            return value if value.nanoseconds % 1000 or zone is _UNFIT else _python_time(value.nanoseconds, zone)
        case DateTime():
            zone = _tzinfo(value.zone)
            if value.nanoseconds % 1000 or zone is _UNFIT or not 1 <= value.date.year <= 9999:
                return value
            day = dt.date(value.date.year, value.date.month, value.date.day)
            return dt.datetime.combine(day, _python_time(value.nanoseconds, zone))
        case DaysTimeDuration():
            held = value.to_timedelta()
            return value if held is None else held
        case _:
            return value


def to_json(value: object) -> object:
    """The value in JSON: whole numbers as int, others as float; all that JSON lacks as text, times and durations in ISO 8601."""
    match value:
        case None | str() | bool():
            return value
        case Decimal():
            return int(value) if value == value.to_integral_value() and value.adjusted() < 34 else float(value)
        case int() | float():
            return value
        case list() | tuple():
            return [to_json(item) for item in cast(list[object], value)]
        case Mapping():
            return {str(name): to_json(entry) for name, entry in cast(Mapping[object, object], value).items()}
        case _:
            return to_text(value)


def to_text(value: object) -> str:
    """The value as `string()` gives it (DMN 1.5 §10.3.4.1)."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case Decimal():
            return plain(value)
        case list():
            return f"[{', '.join(_nested(item) for item in cast(list[object], value))}]"
        case dict():
            entries = cast(dict[str, object], value).items()
            return "{" + ", ".join(f"{_key(name)}: {_nested(entry)}" for name, entry in entries) + "}"
        case Range():
            return _range_text(value)
        case Function():
            return value.name or f"function({', '.join(value.parameters)})"
        case dt.date() | dt.time() | dt.timedelta():
            return str(to_feel(value))
        case _:
            return str(value)


def _nested(value: object) -> str:
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return to_text(value)


def _key(name: str) -> str:
    return name if name.replace("_", "a").replace(" ", "a").isalnum() else _nested(name)


def _range_text(value: Range) -> str:
    if value.excluded:
        return f"!={_nested(value.low)}"
    if value.low is None and value.high is not None:
        return f"{'<=' if value.high_closed else '<'}{_nested(value.high)}"
    if value.high is None and value.low is not None:
        return f"{'>=' if value.low_closed else '>'}{_nested(value.low)}"
    return f"{'[' if value.low_closed else '('}{_nested(value.low)}..{_nested(value.high)}{']' if value.high_closed else ')'}"


def _date(value: dt.date) -> Date:
    return Date(value.year, value.month, value.day)


def _nanoseconds(value: dt.time) -> int:
    return ((value.hour * 60 + value.minute) * 60 + value.second) * SECOND + value.microsecond * 1000


def _zone(zone: dt.tzinfo | None, value: dt.datetime | dt.time) -> Zone | None:
    if zone is None or isinstance(zone, ZoneInfo):
        return zone
    offset = value.utcoffset()
    return None if offset is None else int(offset.total_seconds())


_UNFIT = dt.timezone(dt.timedelta(minutes=1), "unfit")


def _tzinfo(zone: Zone | None) -> dt.tzinfo | None:
    if zone is None or isinstance(zone, ZoneInfo):
        return zone
    if zone == 0:
        return dt.UTC
    return dt.timezone(dt.timedelta(seconds=zone)) if abs(zone) < 86400 else _UNFIT


def _python_time(nanoseconds: int, zone: dt.tzinfo | None) -> dt.time:
    seconds, rest = divmod(nanoseconds, SECOND)
    return dt.time(seconds // 3600, seconds // 60 % 60, seconds % 60, rest // 1000, tzinfo=zone)
