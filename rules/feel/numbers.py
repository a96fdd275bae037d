"""How are FEEL numbers calculated? In IEEE 754 decimal128 (DMN 1.5 §10.3.2.3.1)."""

from __future__ import annotations

import math
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
)

PRECISION = 34
DECIMAL128 = Context(
    prec=PRECISION, rounding=ROUND_HALF_EVEN, Emin=-6143, Emax=6144, capitals=1, clamp=1, traps=[InvalidOperation, DivisionByZero, Overflow]
)
WIDE = Context(prec=7000, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation, DivisionByZero, Overflow])

ROUNDINGS = {
    "half even": ROUND_HALF_EVEN,
    "up": ROUND_UP,
    "down": ROUND_DOWN,
    "half up": ROUND_HALF_UP,
    "half down": ROUND_HALF_DOWN,
    "floor": ROUND_FLOOR,
    "ceiling": ROUND_CEILING,
}

add = DECIMAL128.add
subtract = DECIMAL128.subtract
multiply = DECIMAL128.multiply
divide = DECIMAL128.divide
power = DECIMAL128.power


def number(text: str) -> Decimal:
    """The decimal128 nearest to a numeric literal."""
    return DECIMAL128.create_decimal(text)


def from_float(value: float) -> Decimal | None:
    """The shortest decimal that prints like the float; None for NaN and infinities."""
    return Decimal(repr(value)) if math.isfinite(value) else None


def from_int(value: int) -> Decimal:
    """The decimal128 nearest to an integer."""
    result = Decimal(value)
    return result if -(10**PRECISION) < value < 10**PRECISION else DECIMAL128.plus(result)


def round_to(value: Decimal, scale: int, rounding: str) -> Decimal:
    """`value` rounded to `scale` digits after the point (before it, when negative)."""
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and -exponent <= scale:
        return value
    return DECIMAL128.plus(value.quantize(Decimal(1).scaleb(-scale, WIDE), rounding=rounding, context=WIDE))


def plain(value: Decimal) -> str:
    """The number in digits, without exponent."""
    return format(value, "f")
