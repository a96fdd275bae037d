"""How do values become dates, times, numbers, strings and durations (DMN 1.5 §10.3.4.1)?"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import cast

from rules.feel.builtins.signature import Builtin, parameters
from rules.feel.calendar import is_date
from rules.feel.conversion import to_feel, to_text
from rules.feel.durations import HOUR, MINUTE, SECOND, DaysTimeDuration, YearsMonthsDuration, read_duration
from rules.feel.iso import find_zone, read_date, read_date_time, read_time
from rules.feel.numbers import number as read_number
from rules.feel.run import Run, UndefinedError
from rules.feel.temporal import Date, DateTime, Time
from rules.feel.types import DATE, DATE_TIME, NUMBER, STRING, TIME, YEARS_MONTHS
from rules.feel.values import type_name

_NUMBER = re.compile(r"-?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_MAX_OFFSET = 18 * HOUR


def date(source: object) -> object:
    match source:
        case str():
            found = read_date(source)
            if found is None:
                raise UndefinedError(f"'{source}' is no date")
            return found
        case Date():
            return source
        case DateTime():
            return source.date
        case _:
            raise UndefinedError(f"a {type_name(source)} is no date")


def date_of_parts(year: Decimal, month: Decimal, day: Decimal) -> object:
    if not is_date(whole(year), whole(month), whole(day)):
        raise UndefinedError(f"{year}-{month}-{day} is no date")
    return Date(int(year), int(month), int(day))


def date_and_time(source: object) -> object:
    match source:
        case str():
            found = read_date_time(source)
            if found is not None:
                return found
            day = read_date(source)
            if day is None:
                raise UndefinedError(f"'{source}' is no date and time")
            return DateTime(day, 0)
        case DateTime():
            return source
        case Date():
            return DateTime(source, 0, 0)
        case _:
            raise UndefinedError(f"a {type_name(source)} is no date and time")


def date_and_time_of_parts(day: object, time: Time) -> object:
    match day:
        case Date():
            return DateTime(day, time.nanoseconds, time.zone)
        case DateTime():
            return DateTime(day.date, time.nanoseconds, time.zone)
        case _:
            raise UndefinedError(f"a {type_name(day)} is no date")


def date_and_time_in_zone(moment: DateTime, zone: str) -> object:
    found = find_zone(zone)
    if found is None:
        raise UndefinedError(f"no time zone '{zone}'")
    return moment.in_zone(found)


def time(source: object) -> object:
    match source:
        case str():
            found = read_time(source)
            if found is None:
                raise UndefinedError(f"'{source}' is no time")
            return found
        case DateTime():
            return Time(source.nanoseconds, source.zone)
        case Date():
            return Time(0, 0)
        case Time():
            return source
        case _:
            raise UndefinedError(f"a {type_name(source)} is no time")


def time_of_parts(hour: Decimal, minute: Decimal, second: Decimal, offset: DaysTimeDuration | None = None) -> object:
    hours, minutes = whole(hour), whole(minute)
    nanoseconds = int(second.scaleb(9)) if abs(second) < 60 else -1
    if not (0 <= hours <= 23 and 0 <= minutes <= 59 and 0 <= nanoseconds < MINUTE):
        raise UndefinedError(f"{hour}:{minute}:{second} is no time")
    total = hours * HOUR + minutes * MINUTE + nanoseconds
    if offset is None:
        return Time(total)
    if offset.nanoseconds % SECOND or abs(offset.nanoseconds) > _MAX_OFFSET:
        raise UndefinedError(f"{offset} is no offset from UTC")
    return Time(total, offset.nanoseconds // SECOND)


def duration(source: object) -> object:
    match source:
        case str():
            found = read_duration(source)
            if found is None:
                raise UndefinedError(f"'{source}' is no duration")
            return found
        case DaysTimeDuration() | YearsMonthsDuration():
            return source
        case _:
            raise UndefinedError(f"a {type_name(source)} is no duration")


def years_and_months_duration(start: object, end: object) -> object:
    first, last = _day(start), _day(end)
    months = (last.year - first.year) * 12 + last.month - first.month
    if months > 0 and last.day < first.day:
        months -= 1
    elif months < 0 and last.day > first.day:
        months += 1
    return YearsMonthsDuration(months)


def string(source: object) -> object:
    return None if source is None else to_text(source)


def number(source: object) -> object:
    match source:
        case Decimal():
            return source
        case str():
            if _NUMBER.fullmatch(source.strip()):
                return _finite(source.strip())
            raise UndefinedError(f"'{source}' is no number")
        case _:
            raise UndefinedError(f"a {type_name(source)} is no number")


def number_with_separators(source: object, grouping: object = None, decimal: object = None) -> object:
    if not isinstance(source, str):
        raise UndefinedError(f"a {type_name(source)} is no text")
    if not (grouping is None or grouping in (" ", ",", ".")):
        raise UndefinedError("the grouping separator is a space, comma or period")
    if not (decimal is None or decimal in (",", ".")) or (decimal is not None and decimal == grouping):
        raise UndefinedError("the decimal separator is a comma or period, another than the grouping separator")
    text = source
    if grouping is not None:
        text = text.replace(cast(str, grouping), "")
    if decimal is not None and decimal != ".":
        if "." in text:
            raise UndefinedError(f"'{source}' is no number")
        text = text.replace(cast(str, decimal), ".")
    if not _NUMBER.fullmatch(text):
        raise UndefinedError(f"'{source}' is no number")
    return _finite(text)


def now(run: Run) -> object:
    return to_feel(run.now)


def today(run: Run) -> object:
    return Date(run.now.year, run.now.month, run.now.day)


def whole(value: Decimal) -> int:
    """The integer, or no value."""
    if value != value.to_integral_value():
        raise UndefinedError(f"{value} is no whole number")
    if abs(value) > 10**18:
        raise UndefinedError(f"{value} is too large")
    return int(value)


def _finite(text: str) -> Decimal:
    try:
        return read_number(text)
    except ArithmeticError:
        raise UndefinedError(f"'{text}' is too large") from None


def _day(value: object) -> Date:
    match value:
        case Date():
            return value
        case DateTime():
            return value.date
        case _:
            raise UndefinedError(f"a {type_name(value)} is no date")


FUNCTIONS = (
    Builtin("date", parameters("from"), date, DATE),
    Builtin("date", parameters("year:number", "month:number", "day:number"), date_of_parts, DATE),
    Builtin("date and time", parameters("from"), date_and_time, DATE_TIME),
    Builtin("date and time", parameters("date", "time:time"), date_and_time_of_parts, DATE_TIME),
    Builtin("date and time", parameters("date:date time", "timezone:string"), date_and_time_in_zone, DATE_TIME),
    Builtin("time", parameters("from"), time, TIME),
    Builtin("time", parameters("hour:number", "minute:number", "second:number", "offset:days?*"), time_of_parts, TIME),
    Builtin("duration", parameters("from"), duration),
    Builtin("years and months duration", parameters("from", "to"), years_and_months_duration, YEARS_MONTHS),
    Builtin("string", parameters("from"), string, STRING),
    Builtin("number", parameters("from"), number, NUMBER),
    Builtin("number", parameters("from", "grouping separator", "decimal separator:any?"), number_with_separators, NUMBER),
    Builtin("now", (), now, DATE_TIME, needs_run=True, pure=False),
    Builtin("today", (), today, DATE, needs_run=True, pure=False),
)
