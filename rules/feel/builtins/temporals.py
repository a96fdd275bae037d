"""Which calendar facts do dates have (DMN 1.5 §10.3.4.10), and when are two values the same (§10.3.4.11)?"""

from __future__ import annotations

from decimal import Decimal

from rules.feel.builtins.signature import Builtin, parameters
from rules.feel.calendar import day_of_year, days_in_month, week_of_year, weekday
from rules.feel.comparison import identical
from rules.feel.run import UndefinedError
from rules.feel.temporal import Date, DateTime, Time
from rules.feel.types import BOOLEAN, DATE, NUMBER, STRING
from rules.feel.values import type_name

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def year_day(date: object) -> Decimal:
    day = _date(date)
    return Decimal(day_of_year(day.year, day.month, day.day))


def day_of_week(date: object) -> str:
    return _DAYS[weekday(_date(date).epoch_day) - 1]


def month_of_year(date: object) -> str:
    return _MONTHS[_date(date).month - 1]


def week(date: object) -> Decimal:
    day = _date(date)
    return Decimal(week_of_year(day.year, day.month, day.day))


def last_day_of_month(date: object) -> Date:
    day = _date(date)
    return Date(day.year, day.month, days_in_month(day.year, day.month))


def is_(value1: object, value2: object) -> bool:
    """Same kind and same value; times and dates also keep the same offset or zone."""
    if type(value1) is not type(value2):
        return False
    if isinstance(value1, (Time, DateTime)) and isinstance(value2, (Time, DateTime)):
        return value1.zone == value2.zone and identical(value1, value2)
    return identical(value1, value2)


def _date(value: object) -> Date:
    match value:
        case Date():
            return value
        case DateTime():
            return value.date
        case _:
            raise UndefinedError(f"a {type_name(value)} is no date")


_DATE = parameters("date")
FUNCTIONS = (
    Builtin("day of year", _DATE, year_day, NUMBER),
    Builtin("day of week", _DATE, day_of_week, STRING),
    Builtin("month of year", _DATE, month_of_year, STRING),
    Builtin("week of year", _DATE, week, NUMBER),
    Builtin("last day of month", _DATE, last_day_of_month, DATE),
    Builtin("is", parameters("value1", "value2"), is_, BOOLEAN, absent_is_null=True),
)
