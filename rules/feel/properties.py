"""Which members do temporal values, durations and ranges have (DMN 1.5 §10.3.2.11, Tables 60 and 61)?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import cast
from zoneinfo import ZoneInfo

from rules.feel.calendar import weekday
from rules.feel.durations import DAY, HOUR, MINUTE, SECOND, DaysTimeDuration, YearsMonthsDuration
from rules.feel.run import Run
from rules.feel.temporal import Date, DateTime, Time
from rules.feel.values import Range, type_name


def member(run: Run, value: object, name: str) -> object:
    """The member of a value; of a list, that of each item."""
    if type(value) is dict:
        entries = cast(dict[str, object], value)
        if name in entries:
            return entries[name]
        run.null(f"No entry '{name}' in the context")
        return None
    if type(value) is list:
        return [member(run, item, name) for item in cast(list[object], value)]
    if value is None:
        run.null(f"Cannot read '{name}' of null")
        return None
    read = _PROPERTIES.get(type(value), {}).get(name)
    if read is None:
        run.null(f"A {type_name(value)} has no '{name}'")
        return None
    return read(value)


def _number(read: Callable[[object], int]) -> Callable[[object], object]:
    return lambda value: Decimal(read(value))


def _whole(total: int, unit: int, modulo: int | None = None) -> Decimal:
    """The truncated count of units in a signed total, of those the remainder by `modulo`."""
    count = abs(total) // unit
    count = count if modulo is None else count % modulo
    return Decimal(-count if total < 0 else count)


def _offset(value: object) -> object:
    offset = cast(DateTime, value).offset
    return None if offset is None else DaysTimeDuration(offset * SECOND)


def _timezone(value: object) -> object:
    zone = cast(DateTime, value).zone
    return zone.key if isinstance(zone, ZoneInfo) else None


def _seconds(nanoseconds: int) -> Decimal:
    return Decimal(nanoseconds).scaleb(-9).normalize() if nanoseconds % SECOND else Decimal(nanoseconds // SECOND)


Properties = Mapping[str, Callable[[object], object]]


def _date(of: Callable[[object], Date]) -> dict[str, Callable[[object], object]]:
    return {
        "year": _number(lambda value: of(value).year),
        "month": _number(lambda value: of(value).month),
        "day": _number(lambda value: of(value).day),
        "weekday": _number(lambda value: weekday(of(value).epoch_day)),
    }


def _time(of: Callable[[object], Time]) -> dict[str, Callable[[object], object]]:
    return {
        "hour": _number(lambda value: of(value).hour),
        "minute": _number(lambda value: of(value).minute),
        "second": _number(lambda value: of(value).second),
        "time offset": _offset,
        "timezone": _timezone,
    }


def _nanoseconds(value: object) -> int:
    return cast(DaysTimeDuration, value).nanoseconds


def _months(value: object) -> int:
    return cast(YearsMonthsDuration, value).months


_PROPERTIES: dict[type, Properties] = {
    Date: {
        **_date(lambda value: cast(Date, value)),
        "value": lambda value: Decimal(cast(Date, value).epoch_day * (DAY // SECOND)),
    },
    DateTime: {
        **_date(lambda value: cast(DateTime, value).date),
        **_time(lambda value: cast(DateTime, value).time),
        "value": lambda value: _seconds(cast(DateTime, value).instant),
    },
    Time: {
        **_time(lambda value: cast(Time, value)),
        "value": lambda value: _seconds(cast(Time, value).nanoseconds),
    },
    DaysTimeDuration: {
        "days": lambda value: _whole(_nanoseconds(value), DAY),
        "hours": lambda value: _whole(_nanoseconds(value), HOUR, 24),
        "minutes": lambda value: _whole(_nanoseconds(value), MINUTE, 60),
        "seconds": lambda value: _whole(_nanoseconds(value), SECOND, 60),
        "value": lambda value: _seconds(_nanoseconds(value)),
    },
    YearsMonthsDuration: {
        "years": lambda value: _whole(_months(value), 12),
        "months": lambda value: _whole(_months(value), 1, 12),
        "value": lambda value: Decimal(_months(value)),
    },
    Range: {
        "start": lambda value: cast(Range, value).low,
        "end": lambda value: cast(Range, value).high,
        "start included": lambda value: cast(Range, value).low_closed,
        "end included": lambda value: cast(Range, value).high_closed,
    },
}
PROPERTY_NAMES = frozenset(name for properties in _PROPERTIES.values() for name in properties)
