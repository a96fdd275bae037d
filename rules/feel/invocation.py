"""How is a function value called (DMN 1.5 §10.3.2.13)?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from rules.feel.arithmetic import as_date_time
from rules.feel.conformance import belongs
from rules.feel.run import Run
from rules.feel.temporal import Date
from rules.feel.types import ANY, DATE_TIME, FeelType, ListType
from rules.feel.values import Function, type_name


def call_function(run: Run, function: object, arguments: Sequence[object]) -> object:
    """The result of a call with positional arguments; null with a reason where it cannot be called so."""
    if not isinstance(function, Function):
        run.null(f"Cannot call a {type_name(function)}")
        return None
    if function.variadic:
        return run.enter(function.call, arguments)
    if len(arguments) != len(function.parameters):
        run.null(f"{_shown(function)} takes {len(function.parameters)} arguments, not {len(arguments)}")
        return None
    fitted: list[object] = []
    for name, type_, argument in zip(function.parameters, function.types, arguments, strict=True):
        if type_ != ANY:
            argument = fit(argument, type_)
            if not belongs(argument, type_):
                run.null(f"Argument '{name}' of {function.name or 'the function'} is a {type_name(argument)}, not a {type_}")
                return None
        fitted.append(argument)
    result = run.enter(function.call, fitted)
    if function.result == ANY:
        return result
    return typed(run, result, function.result, f"The result of {_shown(function)}")


def call_named(run: Run, function: object, arguments: Mapping[str, object]) -> object:
    """The result of a call with named arguments; absent ones are null."""
    if isinstance(function, Function) and not function.variadic:
        unknown = [name for name in arguments if name not in function.parameters]
        if unknown:
            run.null(f"{_shown(function)} has no parameter '{unknown[0]}'")
            return None
        return call_function(run, function, [arguments.get(name) for name in function.parameters])
    if isinstance(function, Function):
        run.null(f"{_shown(function)} takes positional arguments here")
        return None
    return call_function(run, function, ())


def fit(value: object, type_: FeelType) -> object:
    """The value after the implicit conversions of DMN 1.5 §10.3.2.9.4: to and from a list of one, date to date and time."""
    if value is None or belongs(value, type_):
        return value
    if isinstance(value, list):
        items = cast(list[object], value)
        if isinstance(type_, ListType) or len(items) != 1:
            return items
        only = fit(items[0], type_)
        return only if belongs(only, type_) else items
    if isinstance(type_, ListType):
        return [value] if belongs(value, type_.element) else value
    if type_ == DATE_TIME and isinstance(value, Date):
        return as_date_time(value)
    return value


def typed(run: Run, value: object, type_: FeelType, what: str) -> object:
    """The value converted to the type, or null with a reason when it does not conform."""
    fitted = fit(value, type_)
    if belongs(fitted, type_):
        return fitted
    run.null(f"{what} is a {type_name(value)}, not a {type_}")
    return None


def _shown(function: Function) -> str:
    return f"{function.name}()" if function.name else "The function"
