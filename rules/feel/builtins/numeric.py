"""How are numbers rounded and calculated with (DMN 1.5 §10.3.4.5)?"""

from __future__ import annotations

from collections.abc import Callable
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
    DecimalException,
)

from rules.feel import numbers
from rules.feel.builtins.conversions import whole
from rules.feel.builtins.signature import Builtin, parameters
from rules.feel.durations import DaysTimeDuration, YearsMonthsDuration
from rules.feel.run import UndefinedError
from rules.feel.types import BOOLEAN, NUMBER
from rules.feel.values import type_name

_MIN_SCALE, _MAX_SCALE = -6111, 6176


def _rounder(rounding: str) -> Callable[[Decimal, Decimal], Decimal]:
    def round_(n: Decimal, scale: Decimal) -> Decimal:
        return numbers.round_to(n, _scale(scale), rounding)

    return round_


def _to_integer(rounding: str) -> Callable[..., Decimal]:
    def round_(n: Decimal, scale: Decimal | None = None) -> Decimal:
        return numbers.round_to(n, 0 if scale is None else _scale(scale), rounding)

    return round_


def _scale(scale: Decimal) -> int:
    digits = int(scale) if abs(scale) < 10**9 else _MAX_SCALE + 1
    if not _MIN_SCALE <= digits <= _MAX_SCALE:
        raise UndefinedError(f"the scale {scale} is not between {_MIN_SCALE} and {_MAX_SCALE}")
    return digits


def abs_(n: object) -> object:
    match n:
        case Decimal():
            return abs(n)
        case YearsMonthsDuration():
            return YearsMonthsDuration(abs(n.months))
        case DaysTimeDuration():
            return DaysTimeDuration(abs(n.nanoseconds))
        case _:
            raise UndefinedError(f"a {type_name(n)} has no absolute value")


def modulo(dividend: Decimal, divisor: Decimal) -> Decimal:
    if not divisor:
        raise UndefinedError("division by zero")
    try:
        rest = numbers.WIDE.remainder(dividend, divisor)
    except DecimalException:
        raise UndefinedError("the quotient is too large") from None
    return numbers.DECIMAL128.add(rest, divisor if rest and (rest < 0) != (divisor < 0) else Decimal(0))


def sqrt(number: Decimal) -> Decimal:
    if number < 0:
        raise UndefinedError("a negative number has no square root")
    return numbers.DECIMAL128.sqrt(number)


def log(number: Decimal) -> Decimal:
    if number <= 0:
        raise UndefinedError("only positive numbers have a logarithm")
    return numbers.DECIMAL128.ln(number)


def exp(number: Decimal) -> Decimal:
    try:
        return numbers.DECIMAL128.exp(number)
    except DecimalException:
        raise UndefinedError("the result is too large") from None


def odd(number: Decimal) -> bool:
    return whole_or_none(number) % 2 == 1


def even(number: Decimal) -> bool:
    return whole_or_none(number) % 2 == 0


def whole_or_none(number: Decimal) -> int:
    return whole(number) if abs(number) < 10**18 else int(number)


_N = parameters("n:number", "scale:number")
FUNCTIONS = (
    Builtin("decimal", _N, _rounder(ROUND_HALF_EVEN), NUMBER),
    Builtin("floor", parameters("n:number", "scale:number?"), _to_integer(ROUND_FLOOR), NUMBER),
    Builtin("ceiling", parameters("n:number", "scale:number?"), _to_integer(ROUND_CEILING), NUMBER),
    Builtin("round up", _N, _rounder(ROUND_UP), NUMBER),
    Builtin("round down", _N, _rounder(ROUND_DOWN), NUMBER),
    Builtin("round half up", _N, _rounder(ROUND_HALF_UP), NUMBER),
    Builtin("round half down", _N, _rounder(ROUND_HALF_DOWN), NUMBER),
    Builtin("abs", parameters("n"), abs_),
    Builtin("modulo", parameters("dividend:number", "divisor:number"), modulo, NUMBER),
    Builtin("sqrt", parameters("number:number"), sqrt, NUMBER),
    Builtin("log", parameters("number:number"), log, NUMBER),
    Builtin("exp", parameters("number:number"), exp, NUMBER),
    Builtin("odd", parameters("number:number"), odd, BOOLEAN),
    Builtin("even", parameters("number:number"), even, BOOLEAN),
)
