"""When are two FEEL values equal, and which is greater (DMN 1.5 §10.3.2.13, Tables 53 and 54)?"""

from __future__ import annotations

from decimal import Decimal
from typing import cast

from rules.feel.durations import DaysTimeDuration, YearsMonthsDuration
from rules.feel.run import Run
from rules.feel.temporal import Date, DateTime, Time
from rules.feel.values import Function, Range, type_name

_ORDERED: frozenset[type] = frozenset({Decimal, str, Date, YearsMonthsDuration, DaysTimeDuration})


def equal(left: object, right: object) -> bool | None:
    """Whether both are the same value; null for values of different kinds."""
    if left is None or right is None:
        return left is right
    kind = type(left)
    if kind is not type(right):
        return None
    if kind is list:
        return same_list(cast(list[object], left), cast(list[object], right))
    if kind is dict:
        first, second = cast(dict[str, object], left), cast(dict[str, object], right)
        return len(first) == len(second) and all(name in second and equal(entry, second[name]) is True for name, entry in first.items())
    if kind is Range:
        return same_range(cast(Range, left), cast(Range, right))
    if kind is Function:
        return left is right
    return left == right


def same_list(left: list[object], right: list[object]) -> bool:
    return len(left) == len(right) and all(equal(a, b) is True for a, b in zip(left, right, strict=True))


def same_range(left: Range, right: Range) -> bool:
    return (
        left.low_closed == right.low_closed
        and left.high_closed == right.high_closed
        and left.excluded == right.excluded
        and equal(left.low, right.low) is True
        and equal(left.high, right.high) is True
    )


def identical(left: object, right: object) -> bool:
    """Equality for lists and sets of values: never null."""
    return equal(left, right) is True


def order(left: object, right: object) -> int | None:
    """-1, 0 or 1; None when the two cannot be ordered."""
    kind = type(left)
    if kind is not type(right):
        return None
    if kind in _ORDERED:
        a, b = cast(Decimal, left), cast(Decimal, right)
        return -1 if a < b else 1 if a > b else 0
    if kind is Time or kind is DateTime:
        first, second = cast(Time, left), cast(Time, right)
        if (first.zone is None) != (second.zone is None):
            return None
        return -1 if first.instant < second.instant else 1 if first.instant > second.instant else 0
    return None


def compare(run: Run, op: str, left: object, right: object) -> bool | None:
    """`left op right`, null with a reason where they cannot be compared."""
    if op == "=":
        result = equal(left, right)
    elif op == "!=":
        same = equal(left, right)
        result = None if same is None else not same
    else:
        position = order(left, right)
        if position is None:
            run.null(f"Cannot compare {type_name(left)} {op} {type_name(right)}")
            return None
        match op:
            case "<":
                return position < 0
            case "<=":
                return position <= 0
            case ">":
                return position > 0
            case _:
                return position >= 0
    if result is None:
        run.null(f"Cannot compare {type_name(left)} {op} {type_name(right)}")
    return result


def within(value: object, range_: Range) -> bool | None:
    """Whether the range includes the value; null when they cannot be compared."""
    if range_.excluded:
        same = equal(value, range_.low)
        return None if same is None else not same
    if value is None:
        return None
    if range_.low is None and range_.high is None:
        return None
    if range_.low is not None:
        position = order(value, range_.low)
        if position is None:
            if range_.low_closed and range_.high_closed and range_.low is range_.high:
                return equal(value, range_.low)
            return None
        if position < 0 or (position == 0 and not range_.low_closed):
            return False
    if range_.high is not None:
        position = order(value, range_.high)
        if position is None:
            return None
        if position > 0 or (position == 0 and not range_.high_closed):
            return False
    return True


class SeenValues:
    """A set of FEEL values by FEEL equality."""

    def __init__(self) -> None:
        self._keys: set[object] = set()

    def add(self, value: object) -> bool:
        """Whether the value was new."""
        key = _key(value)
        if key in self._keys:
            return False
        self._keys.add(key)
        return True


def _key(value: object) -> object:
    """Equal for equal FEEL values, and hashable."""
    match value:
        case list():
            return (list, *map(_key, cast(list[object], value)))
        case dict():
            return (dict, frozenset((name, _key(entry)) for name, entry in cast(dict[str, object], value).items()))
        case Range():
            return (Range, _key(value.low), _key(value.high), value.low_closed, value.high_closed, value.excluded)
        case _:
            return (type(value), value)
