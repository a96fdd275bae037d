"""Which functions of java.lang can be computed without a JVM (DMN 1.5 §10.3.2.13.3, external functions)?"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import cast

from rules.feel.conversion import to_text
from rules.feel.numbers import from_float
from rules.feel.run import Run, UndefinedError
from rules.feel.types import ANY
from rules.feel.values import Function, type_name

_SIGNATURE = re.compile(r"\s*(\w+)\s*\(([^)]*)\)\s*")
_WHOLE = {"byte": 8, "short": 16, "int": 32, "long": 64, "Byte": 8, "Short": 16, "Integer": 32, "Long": 64}
_ONE: dict[str, Callable[[float], float]] = {
    "abs": abs,
    "acos": math.acos,
    "asin": math.asin,
    "atan": math.atan,
    "cbrt": math.cbrt,
    "ceil": math.ceil,
    "cos": math.cos,
    "cosh": math.cosh,
    "exp": math.exp,
    "floor": math.floor,
    "log": math.log,
    "log10": math.log10,
    "rint": lambda value: float(round(value)),
    "round": lambda value: math.floor(value + 0.5),
    "signum": lambda value: math.copysign(1.0, value) if value else 0.0,
    "sin": math.sin,
    "sinh": math.sinh,
    "sqrt": math.sqrt,
    "tan": math.tan,
    "tanh": math.tanh,
    "toDegrees": math.degrees,
    "toRadians": math.radians,
}
_TWO: dict[str, Callable[[float, float], float]] = {
    "atan2": math.atan2,
    "hypot": math.hypot,
    "max": max,
    "min": min,
    "pow": math.pow,
}
_PARSERS = {
    "Byte": "parseByte",
    "Short": "parseShort",
    "Integer": "parseInt",
    "Long": "parseLong",
    "Float": "parseFloat",
    "Double": "parseDouble",
}
_FORMAT = re.compile(r"%(?:(\d*)(?:\.(\d+))?([sdfn%]))")


def external_function(parameters: tuple[str, ...], mapping: object) -> Function:
    """The function that a mapping `{java: {class: …, method signature: …}}` names; raises UndefinedError for others."""
    java = cast(Mapping[str, object], mapping).get("java") if isinstance(mapping, dict) else None
    if not isinstance(java, dict):
        raise UndefinedError("Only external functions of java.lang are computed here")
    named = cast(Mapping[str, object], java)
    class_, signature = named.get("class"), named.get("method signature")
    found = _SIGNATURE.fullmatch(signature) if isinstance(signature, str) else None
    if found is None or not isinstance(class_, str) or not class_.startswith("java.lang."):
        raise UndefinedError(f"The external function {to_text(class_)}.{to_text(signature)} is not computed here")
    method = found[1]
    kinds = [kind.strip().removeprefix("java.lang.") for kind in found[2].split(",") if kind.strip()]
    compute = _method(class_.removeprefix("java.lang."), method, kinds)

    def call(run: Run, arguments: Sequence[object]) -> object:
        try:
            return _result(compute([_argument(kind, value) for kind, value in _paired(kinds, arguments)]))
        except UndefinedError as undefined:
            run.null(f"{method}(): {undefined}")
        except (ValueError, ArithmeticError) as failure:
            run.null(f"{method}(): {failure}")
        return None

    return Function(parameters, (ANY,) * len(parameters), ANY, call, method)


def _method(class_: str, method: str, kinds: Sequence[str]) -> Callable[[list[object]], object]:
    numbers = [kind for kind in kinds if kind in ("double", "float", *_WHOLE)]
    if class_ == "Math" and len(numbers) == len(kinds):
        if method in _ONE and len(kinds) == 1:
            one = _ONE[method]
            return lambda values: one(cast(float, values[0]))
        if method in _TWO and len(kinds) == 2:
            two = _TWO[method]
            return lambda values: two(cast(float, values[0]), cast(float, values[1]))
    if class_ in _PARSERS and method in ("valueOf", _PARSERS[class_]) and len(kinds) == 1:
        return lambda values: _parsed(class_, values[0])
    if class_ == "String" and method == "valueOf" and len(kinds) == 1:
        return lambda values: to_text(_result(values[0]))
    if class_ == "String" and method == "format" and kinds[:1] == ["String"]:
        return lambda values: _format(cast(str, values[0]), cast(list[object], values[1]))
    raise UndefinedError(f"The external function java.lang.{class_}.{method} is not computed here")


def _paired(kinds: Sequence[str], arguments: Sequence[object]) -> list[tuple[str, object]]:
    if (kinds and kinds[-1].startswith(("[L", "Object..."))) or (kinds and kinds[-1].endswith("[]")):
        fixed = len(kinds) - 1
        return [*zip(kinds[:fixed], arguments[:fixed], strict=True), ("Object[]", list(arguments[fixed:]))]
    if len(kinds) != len(arguments):
        raise UndefinedError(f"takes {len(kinds)} arguments, not {len(arguments)}")
    return list(zip(kinds, arguments, strict=True))


def _argument(kind: str, value: object) -> object:
    match kind, value:
        case ("Object[]", list()):
            return cast(list[object], value)
        case ("double" | "Double", Decimal()):
            return float(value)
        case ("float" | "Float", Decimal()):
            return _single(float(value))
        case (_, Decimal()) if kind in _WHOLE:
            limit = 1 << (_WHOLE[kind] - 1)
            if value != int(value) or not -limit <= value < limit:
                raise UndefinedError(f"{value} is no {kind}")
            return int(value)
        case ("char" | "Character", str()) if len(value) == 1:
            return value
        case ("String", str()) | ("boolean" | "Boolean", bool()):
            return value
        case ("Object", _):
            return value
        case _:
            raise UndefinedError(f"a {type_name(value)} is no {kind}")


def _parsed(class_: str, value: object) -> object:
    if not isinstance(value, str):
        return value
    if class_ in ("Float", "Double"):
        return _single(float(value)) if class_ == "Float" else float(value)
    return _argument(class_, Decimal(int(value)))


class _Single(float):
    """A number of 32 bits, printed with the digits that it needs."""


def _single(value: float) -> _Single:
    return _Single(struct.unpack("f", struct.pack("f", value))[0])


def _result(value: object) -> object:
    match value:
        case _Single():
            texts = (f"{float(value):.{digits}g}" for digits in range(1, 10))
            return Decimal(next(text for text in texts if _single(float(text)) == value))
        case float():
            return from_float(value)
        case int() if not isinstance(value, bool):
            return Decimal(value)
        case _:
            return value


def _format(template: str, values: list[object]) -> str:
    remaining = iter(values)

    def piece(found: re.Match[str]) -> str:
        width, digits, kind = int(found[1] or 0), found[2], found[3]
        if kind in "n%":
            return "\n" if kind == "n" else "%"
        try:
            value = next(remaining)
        except StopIteration:
            raise UndefinedError("the format needs more values") from None
        if kind == "s":
            return to_text(value).rjust(min(width, 1000))
        if not isinstance(value, Decimal):
            raise UndefinedError(f"a {type_name(value)} is no number")
        shown = str(int(value)) if kind == "d" else f"{value:.{min(int(digits or 6), 1000)}f}"
        return shown.rjust(min(width, 1000))

    return _FORMAT.sub(piece, template)
