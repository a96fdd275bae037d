"""Which FEEL types are there, and how do they relate (DMN 1.5 §10.3.2.9)?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SimpleType:
    """A type without parts: `number`, `Any`, `Null`, …"""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class NamedType:
    """A type that a decision model defines, by its name."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class ListType:
    element: FeelType

    def __str__(self) -> str:
        return f"list<{self.element}>"


@dataclass(frozen=True, slots=True)
class RangeType:
    element: FeelType

    def __str__(self) -> str:
        return f"range<{self.element}>"


@dataclass(frozen=True, slots=True)
class ContextType:
    entries: Mapping[str, FeelType] = field(default_factory=dict[str, "FeelType"])

    def __str__(self) -> str:
        return f"context<{', '.join(f'{name}: {type_}' for name, type_ in self.entries.items())}>"

    def __hash__(self) -> int:
        return hash(tuple(self.entries))


@dataclass(frozen=True, slots=True)
class FunctionType:
    parameters: tuple[FeelType, ...]
    result: FeelType

    def __str__(self) -> str:
        return f"function<{', '.join(map(str, self.parameters))}>->{self.result}"


FeelType = SimpleType | NamedType | ListType | RangeType | ContextType | FunctionType

ANY = SimpleType("Any")
NULL = SimpleType("Null")
NUMBER = SimpleType("number")
STRING = SimpleType("string")
BOOLEAN = SimpleType("boolean")
DATE = SimpleType("date")
TIME = SimpleType("time")
DATE_TIME = SimpleType("date and time")
DAYS_TIME = SimpleType("days and time duration")
YEARS_MONTHS = SimpleType("years and months duration")
ANY_LIST = ListType(ANY)
ANY_CONTEXT = ContextType()
ANY_RANGE = RangeType(ANY)

SIMPLE_TYPES: Mapping[str, FeelType] = {
    "Any": ANY,
    "Null": NULL,
    "number": NUMBER,
    "string": STRING,
    "boolean": BOOLEAN,
    "date": DATE,
    "time": TIME,
    "date and time": DATE_TIME,
    "dateTime": DATE_TIME,
    "days and time duration": DAYS_TIME,
    "dayTimeDuration": DAYS_TIME,
    "years and months duration": YEARS_MONTHS,
    "yearMonthDuration": YEARS_MONTHS,
    "list": ANY_LIST,
    "context": ANY_CONTEXT,
    "range": ANY_RANGE,
    "function": FunctionType((), ANY),
}


def conforms(actual: FeelType, expected: FeelType) -> bool:
    """Whether every value of `actual` may stand where `expected` is asked for (DMN 1.5 §10.3.2.9.2).

    The result of a function is given the benefit of the doubt where nothing is known of it.
    """
    if expected == ANY or actual in (NULL, expected):
        return True
    match actual, expected:
        case ListType(), ListType():
            return conforms(actual.element, expected.element)
        case RangeType(), RangeType():
            return conforms(actual.element, expected.element)
        case ContextType(), ContextType():
            return all(name in actual.entries and conforms(actual.entries[name], type_) for name, type_ in expected.entries.items())
        case FunctionType(), FunctionType():
            return (
                len(actual.parameters) == len(expected.parameters)
                and all(map(conforms, expected.parameters, actual.parameters))
                and (actual.result == ANY or conforms(actual.result, expected.result))
            )
        case _:
            return False
