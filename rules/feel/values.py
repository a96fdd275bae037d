"""Which values does FEEL have beside those of Python: ranges and functions, and how is any of them named?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, cast

from rules.feel.durations import DaysTimeDuration, YearsMonthsDuration
from rules.feel.temporal import Date, DateTime, Time
from rules.feel.types import (
    ANY,
    BOOLEAN,
    DATE,
    DATE_TIME,
    DAYS_TIME,
    NULL,
    NUMBER,
    STRING,
    TIME,
    YEARS_MONTHS,
    ContextType,
    FeelType,
    FunctionType,
    ListType,
    RangeType,
)

if TYPE_CHECKING:
    from rules.feel.run import Run


@dataclass(frozen=True, slots=True)
class Range:
    """All values between two ends (DMN 1.5 §10.3.2.7); an end that is None is unbounded.

    `excluded` marks the range of `(!= x)`: everything but `low`.
    """

    low: object
    high: object
    low_closed: bool
    high_closed: bool
    excluded: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A function value; `call` takes the run and one value per parameter. `result` is the declared type, which results are
    converted to; `inferred` is what its text tells."""

    parameters: tuple[str, ...]
    types: tuple[FeelType, ...]
    result: FeelType
    call: Callable[[Run, Sequence[object]], object]
    name: str = ""
    variadic: bool = False
    inferred: FeelType = ANY


SIMPLE_TYPE_OF: dict[type, FeelType] = {
    type(None): NULL,
    Decimal: NUMBER,
    str: STRING,
    bool: BOOLEAN,
    Date: DATE,
    Time: TIME,
    DateTime: DATE_TIME,
    DaysTimeDuration: DAYS_TIME,
    YearsMonthsDuration: YEARS_MONTHS,
}


def type_of(value: object) -> FeelType:
    """The FEEL type of a value."""
    simple = SIMPLE_TYPE_OF.get(type(value))
    if simple is not None:
        return simple
    match value:
        case list():
            kinds = {type_of(item) for item in cast(list[object], value)}
            return ListType(kinds.pop() if len(kinds) == 1 else ANY)
        case dict():
            return ContextType({name: type_of(entry) for name, entry in cast(dict[str, object], value).items()})
        case Range():
            return RangeType(type_of(value.low if value.low is not None else value.high))
        case Function():
            return FunctionType(value.types, value.result if value.result != ANY else value.inferred)
        case _:
            return ANY


def type_name(value: object) -> str:
    """The type of a value in one or two words, for messages."""
    match value:
        case list():
            return "list"
        case dict():
            return "context"
        case Range():
            return "range"
        case Function():
            return "function"
        case _:
            return "null" if value is None else str(type_of(value))
