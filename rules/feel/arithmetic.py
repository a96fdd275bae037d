"""What do + - * / ** mean for two FEEL values (DMN 1.5 §10.3.2.12, Tables 55 to 58)? Raises UndefinedError where FEEL says null."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, DecimalException

from rules.feel import numbers
from rules.feel.calendar import MAX_YEAR, days_in_month
from rules.feel.durations import DAY, DaysTimeDuration, YearsMonthsDuration
from rules.feel.run import UndefinedError, check_size
from rules.feel.temporal import Date, DateTime, Time
from rules.feel.values import type_name

_MAX_NANOSECONDS = (MAX_YEAR + 1) * 366 * DAY


def add(left: object, right: object) -> object:
    match left, right:
        case Decimal(), Decimal():
            return _exact(numbers.add, left, right)
        case str(), str():
            check_size(left)
            check_size(right)
            return left + right
        case YearsMonthsDuration(), YearsMonthsDuration():
            return YearsMonthsDuration(left.months + right.months)
        case DaysTimeDuration(), DaysTimeDuration():
            return DaysTimeDuration(left.nanoseconds + right.nanoseconds)
        case (Date() | DateTime(), YearsMonthsDuration()):
            return add_months(left, right.months)
        case (YearsMonthsDuration(), Date() | DateTime()):
            return add_months(right, left.months)
        case (Date() | DateTime() | Time(), DaysTimeDuration()):
            return add_nanoseconds(left, right.nanoseconds)
        case (DaysTimeDuration(), Date() | DateTime() | Time()):
            return add_nanoseconds(right, left.nanoseconds)
        case _:
            raise mismatch("+", left, right)


def subtract(left: object, right: object) -> object:
    match left, right:
        case Decimal(), Decimal():
            return _exact(numbers.subtract, left, right)
        case YearsMonthsDuration(), YearsMonthsDuration():
            return YearsMonthsDuration(left.months - right.months)
        case DaysTimeDuration(), DaysTimeDuration():
            return DaysTimeDuration(left.nanoseconds - right.nanoseconds)
        case (Date() | DateTime(), YearsMonthsDuration()):
            return add_months(left, -right.months)
        case (Date() | DateTime() | Time(), DaysTimeDuration()):
            return add_nanoseconds(left, -right.nanoseconds)
        case (Date() | DateTime(), Date() | DateTime()):
            first, second = as_date_time(left), as_date_time(right)
            _same_zoning(first, second)
            return DaysTimeDuration(first.instant - second.instant)
        case Time(), Time():
            _same_zoning(left, right)
            return DaysTimeDuration(left.instant - right.instant)
        case _:
            raise mismatch("-", left, right)


def multiply(left: object, right: object) -> object:
    match left, right:
        case Decimal(), Decimal():
            return _exact(numbers.multiply, left, right)
        case (YearsMonthsDuration() | DaysTimeDuration(), Decimal()):
            return _scaled(left, right, numbers.multiply)
        case (Decimal(), YearsMonthsDuration() | DaysTimeDuration()):
            return _scaled(right, left, numbers.multiply)
        case _:
            raise mismatch("*", left, right)


def divide(left: object, right: object) -> object:
    match left, right:
        case Decimal(), Decimal():
            return _exact(numbers.divide, left, right)
        case (YearsMonthsDuration() | DaysTimeDuration(), Decimal()):
            return _scaled(left, right, numbers.divide)
        case YearsMonthsDuration(), YearsMonthsDuration():
            return _exact(numbers.divide, Decimal(left.months), Decimal(right.months))
        case DaysTimeDuration(), DaysTimeDuration():
            return _exact(numbers.divide, Decimal(left.nanoseconds), Decimal(right.nanoseconds))
        case _:
            raise mismatch("/", left, right)


def power(left: object, right: object) -> object:
    match left, right:
        case Decimal(), Decimal():
            return _exact(numbers.power, left, right) if left or right else Decimal(1)
        case _:
            raise mismatch("**", left, right)


def negate(value: object) -> object:
    match value:
        case Decimal():
            return numbers.DECIMAL128.minus(value)
        case YearsMonthsDuration():
            return YearsMonthsDuration(-value.months)
        case DaysTimeDuration():
            return DaysTimeDuration(-value.nanoseconds)
        case _:
            raise UndefinedError(f"Cannot negate a {type_name(value)}")


OPERATORS: dict[str, Callable[[object, object], object]] = {"+": add, "-": subtract, "*": multiply, "/": divide, "**": power}


def add_months(value: Date | DateTime, months: int) -> Date | DateTime:
    """So many months later, on the last day of the month where the day does not exist."""
    date = value if isinstance(value, Date) else value.date
    total = date.year * 12 + date.month - 1 + months
    year, month = total // 12, total % 12 + 1
    if abs(year) > MAX_YEAR:
        raise UndefinedError("The date is out of range")
    moved = Date(year, month, min(date.day, days_in_month(year, month)))
    return moved if isinstance(value, Date) else DateTime(moved, value.nanoseconds, value.zone)


def add_nanoseconds(value: Date | DateTime | Time, nanoseconds: int) -> Date | DateTime | Time:
    """So much later; a date stays a date, a time wraps around midnight."""
    if isinstance(value, Time):
        return Time((value.nanoseconds + nanoseconds) % DAY, value.zone)
    if abs(nanoseconds) > _MAX_NANOSECONDS:
        raise UndefinedError("The date is out of range")
    if isinstance(value, Date):
        moved = Date.from_epoch_day((value.epoch_day * DAY + nanoseconds) // DAY)
        year = moved.year
    elif value.zone is None or isinstance(value.zone, int):
        moved = DateTime.from_epoch(value.local + nanoseconds, value.zone)
        year = moved.date.year
    else:
        moved = DateTime.from_epoch(value.instant + nanoseconds, 0).in_zone(value.zone)
        year = moved.date.year
    if abs(year) > MAX_YEAR:
        raise UndefinedError("The date is out of range")
    return moved


def as_date_time(value: Date | DateTime) -> DateTime:
    """A date is midnight in UTC (DMN 1.5 §10.3.2.9.4)."""
    return value if isinstance(value, DateTime) else DateTime(value, 0, 0)


def mismatch(op: str, left: object, right: object) -> UndefinedError:
    return UndefinedError(f"Cannot calculate {type_name(left)} {op} {type_name(right)}")


def _exact(operation: Callable[[Decimal, Decimal], Decimal], left: Decimal, right: Decimal) -> Decimal:
    try:
        return operation(left, right)
    except DecimalException as failure:
        raise UndefinedError(_reason(failure)) from None


def _scaled(duration: YearsMonthsDuration | DaysTimeDuration, factor: Decimal, operation: Callable[[Decimal, Decimal], Decimal]) -> object:
    total = duration.months if isinstance(duration, YearsMonthsDuration) else duration.nanoseconds
    scaled = _exact(operation, Decimal(total), factor)
    if abs(scaled) > _MAX_NANOSECONDS:
        raise UndefinedError("The duration is out of range")
    return YearsMonthsDuration(int(scaled)) if isinstance(duration, YearsMonthsDuration) else DaysTimeDuration(int(scaled))


def _same_zoning(left: DateTime | Time, right: DateTime | Time) -> None:
    if (left.zone is None) != (right.zone is None):
        raise UndefinedError("Cannot subtract when only one of the two has a time zone")


def _reason(failure: DecimalException) -> str:
    kind = type(failure).__name__
    return {"DivisionByZero": "Division by zero", "Overflow": "The number is too large"}.get(
        kind, "The calculation has no number as result"
    )
