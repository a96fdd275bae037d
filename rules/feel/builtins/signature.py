"""How is a built-in function declared, and how do arguments become what it asks for (DMN 1.5 §10.3.2.9.4)?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, cast

from rules.feel.durations import DaysTimeDuration, YearsMonthsDuration
from rules.feel.run import Run
from rules.feel.temporal import Date, DateTime, Time
from rules.feel.types import ANY, FeelType
from rules.feel.values import Function, Range

Kind = Literal[
    "any", "number", "string", "boolean", "list", "context", "function", "range", "date", "date time", "time", "days", "duration"
]


@dataclass(frozen=True, slots=True)
class Parameter:
    """`nullable`: null is passed on instead of making the result null. `optional`: may be left out."""

    name: str
    kind: Kind = "any"
    optional: bool = False
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class Builtin:
    """One signature of a built-in function. With `spread` its list may also be given as several arguments; with `rest` its
    last parameter takes all further arguments as a list; with `needs_run` the implementation takes the run first. An
    impure function may give another value every time. With `absent_is_null` named arguments may be left out."""

    name: str
    parameters: tuple[Parameter, ...]
    implementation: Callable[..., object]
    result: FeelType = ANY
    spread: bool = False
    rest: bool = False
    needs_run: bool = False
    pure: bool = True
    absent_is_null: bool = False

    def accepts(self, count: int) -> bool:
        if self.spread or self.rest:
            return count >= len(self.parameters)
        required = sum(not parameter.optional for parameter in self.parameters)
        return required <= count <= len(self.parameters)


def parameters(*specs: str) -> tuple[Parameter, ...]:
    """Parameters from `name: kind`; `?` after the kind means optional, `*` nullable."""
    result: list[Parameter] = []
    for spec in specs:
        name, _, kind = spec.partition(":")
        kind = kind.strip() or "any"
        bare = cast(Kind, kind.rstrip("?*"))
        result.append(Parameter(name.strip(), bare, "?" in kind, "*" in kind or bare == "any"))
    return tuple(result)


class Absent:
    """Stands for an optional argument that is not given."""


ABSENT = Absent()


class MismatchError(Exception):
    """An argument is of another type than its parameter."""


_CLASSES: dict[Kind, tuple[type, ...]] = {
    "number": (Decimal,),
    "string": (str,),
    "boolean": (bool,),
    "list": (list,),
    "context": (dict,),
    "function": (Function,),
    "range": (Range,),
    "date": (Date,),
    "date time": (DateTime,),
    "time": (Time,),
    "days": (DaysTimeDuration,),
    "duration": (DaysTimeDuration, YearsMonthsDuration),
}


def coerced(value: object, kind: Kind) -> object:
    """The value as the kind asks for it; raises MismatchError."""
    if kind == "any":
        return value
    classes = _CLASSES[kind]
    actual = type(value)
    if actual in classes:
        return value
    if kind == "list":
        return [value]
    if actual is list:
        items = cast(list[object], value)
        if len(items) == 1 and type(items[0]) in classes:
            return items[0]
    if kind == "date time" and isinstance(value, Date):
        return DateTime(value, 0, 0)
    raise MismatchError


__all__ = ["Builtin", "Kind", "MismatchError", "Parameter", "Run", "coerced", "parameters"]
