"""Which signature of a built-in function fits a call, and what does it give?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import DecimalException
from functools import cache
from typing import cast

from rules.feel.builtins import camunda, contexts, conversions, lists, numeric, ranges, strings, temporals
from rules.feel.builtins.signature import ABSENT, Builtin, MismatchError, coerced
from rules.feel.run import Run, UndefinedError, check_size
from rules.feel.types import ANY
from rules.feel.values import Function, type_name

_FAMILIES = (conversions, strings, lists, numeric, contexts, ranges, temporals, camunda)


def _collect() -> dict[str, tuple[Builtin, ...]]:
    found: dict[str, tuple[Builtin, ...]] = {}
    for family in _FAMILIES:
        for builtin in family.FUNCTIONS:
            found[builtin.name] = (*found.get(builtin.name, ()), builtin)
    return found


BUILTINS: Mapping[str, tuple[Builtin, ...]] = _collect()


def invoke(run: Run, signatures: Sequence[Builtin], arguments: Sequence[object]) -> object:
    """The result of the first signature that takes the arguments; null with a reason when none does."""
    reason = ""
    for signature in signatures:
        given: Sequence[object] = arguments
        if signature.spread:
            given = [_spread(arguments)]
        elif signature.rest:
            last = len(signature.parameters) - 1
            given = [*arguments[:last], list(arguments[last:])]
        try:
            return _apply(run, signature, given)
        except _RefusedError as refused:
            reason = reason or str(refused)
    run.null(reason)
    return None


def invoke_named(run: Run, signatures: Sequence[Builtin], arguments: Mapping[str, object]) -> object:
    """The result of the signature that has exactly these parameters."""
    reason = ""
    for signature in signatures:
        names = [parameter.name for parameter in signature.parameters]
        required = [parameter.name for parameter in signature.parameters if not parameter.optional]
        if not all(name in names for name in arguments):
            continue
        if not all(name in arguments for name in required) and not signature.absent_is_null:
            continue
        last = max(names.index(name) for name in (*arguments, *required)) if arguments or required else -1
        given = [arguments.get(name, ABSENT) for name in names[: last + 1]]
        try:
            return _apply(run, signature, given)
        except _RefusedError as refused:
            reason = reason or str(refused)
    run.null(reason or f"{signatures[0].name}() has no parameters {', '.join(map(repr, arguments))}")
    return None


@cache
def as_value(name: str) -> Function:
    """A built-in function as a value."""
    signatures = BUILTINS[name]

    def call(run: Run, arguments: Sequence[object]) -> object:
        fitting = [signature for signature in signatures if signature.accepts(len(arguments))]
        if not fitting:
            run.null(f"{name}() does not take {len(arguments)} arguments")
            return None
        return invoke(run, fitting, arguments)

    first = signatures[0]
    names = tuple(parameter.name for parameter in first.parameters)
    return Function(names, (ANY,) * len(names), first.result, call, name=name, variadic=True)


class _RefusedError(Exception):
    """The arguments are not what the signature asks for."""


def _single(argument: object) -> object:
    """The item of a list of one: where a parameter takes several types, only the implementation knows that a list is none of them."""
    if type(argument) is not list:
        return argument
    items = cast(list[object], argument)
    return items[0] if len(items) == 1 else items


def _spread(arguments: Sequence[object]) -> object:
    return arguments[0] if len(arguments) == 1 else list(arguments)


def _apply(run: Run, signature: Builtin, arguments: Sequence[object]) -> object:
    fitted: list[object] = [run] if signature.needs_run else []
    for parameter, argument in zip(signature.parameters, arguments, strict=False):
        if argument is ABSENT:
            fitted.append(None)
            continue
        if argument is None:
            if not (parameter.nullable or parameter.kind == "any"):
                raise _RefusedError(f"Argument '{parameter.name}' of {signature.name}() is null")
            fitted.append(None)
            continue
        try:
            value = coerced(argument, parameter.kind)
        except MismatchError:
            wanted = "date and time" if parameter.kind == "date time" else parameter.kind
            message = f"Argument '{parameter.name}' of {signature.name}() is a {type_name(argument)}, not a {wanted}"
            raise _RefusedError(message) from None
        if isinstance(value, list):
            run.spend(len(cast(list[object], value)) // 8)
        fitted.append(cast(object, value))
    try:
        result: object = signature.implementation(*fitted)
    except UndefinedError as undefined:
        given = zip(signature.parameters, arguments, strict=False)
        singles = [_single(argument) if parameter.kind == "any" else argument for parameter, argument in given]
        if any(single is not argument for single, argument in zip(singles, arguments, strict=False)):
            return _apply(run, signature, singles)
        raise _RefusedError(f"{signature.name}(): {undefined}") from None
    except DecimalException:
        raise _RefusedError(f"{signature.name}(): the number is too large") from None
    check_size(result)
    return result
