"""How are `for`, `some` and `every` evaluated (DMN 1.5 §10.3.2.14 and Table 50)?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, cast

from rules.feel.compiler.scope import Code, Env, FrameScope, Scope
from rules.feel.run import Run, UndefinedError
from rules.feel.syntax import For, Iteration, Quantified
from rules.feel.temporal import Date
from rules.feel.values import Range, type_name

if TYPE_CHECKING:
    from rules.feel.compiler.compiler import Compiler

_PARTIAL = "partial"


def for_(compiler: Compiler, node: For, scope: Scope | None) -> Code:
    frame = FrameScope(scope, (_PARTIAL,), growing=_PARTIAL)
    domains = _domains(compiler, node.iterations, frame)
    body = compiler.code(node.result, frame)

    def loop(env: Env) -> object:
        run: Run = env[1]
        results: list[object] = []
        try:
            for inner in _product(run, domains, [env, run, results]):
                results.append(body(inner))
        except UndefinedError as undefined:
            run.null(str(undefined))
            return None
        return results

    return loop


def quantified(compiler: Compiler, node: Quantified, scope: Scope | None) -> Code:
    frame = FrameScope(scope)
    domains = _domains(compiler, node.iterations, frame)
    condition = compiler.code(node.condition, frame)
    decisive = node.quantifier == "some"

    def test(env: Env) -> object:
        run: Run = env[1]
        result: bool | None = not decisive
        try:
            for inner in _product(run, domains, [env, run]):
                value = condition(inner)
                if value is decisive:
                    return decisive
                if type(value) is not bool:
                    result = None
        except UndefinedError as undefined:
            run.null(str(undefined))
            return None
        return result

    return test


def iterate(run: Run, domain: object) -> Iterable[object]:
    """The values a loop over the domain visits; raises UndefinedError."""
    if type(domain) is list:
        return cast(list[object], domain)
    if type(domain) is Range:
        return _range(run, domain.low, domain.high, domain.low_closed, domain.high_closed)
    if domain is None:
        raise UndefinedError("Cannot iterate over null")
    return (domain,)


Domain = tuple[Code, Code | None]


def _domains(compiler: Compiler, iterations: tuple[Iteration, ...], frame: FrameScope) -> list[Domain]:
    domains: list[Domain] = []
    for iteration in iterations:
        high = None if iteration.high is None else compiler.code(iteration.high, frame)
        domains.append((compiler.code(iteration.low, frame), high))
        frame.bind(iteration.name)
    return domains


def _product(run: Run, domains: list[Domain], start: Env) -> Iterator[Env]:
    """One environment per combination; an inner domain may use the variables of the outer ones."""
    if len(domains) == 1:
        for value in _values(run, domains[0], start):
            run.steps -= 1
            if run.steps < 0:
                run.spend(0)
            yield [*start, value]
        return
    for value in _values(run, domains[0], start):
        run.spend(1)
        yield from _product(run, domains[1:], [*start, value])


def _values(run: Run, domain: Domain, env: Env) -> Iterable[object]:
    low, high = domain
    if high is None:
        return iterate(run, low(env))
    return _range(run, low(env), high(env), True, True)


def _days(run: Run, days: range) -> Iterator[object]:
    for day in days:
        run.spend(10)
        yield Date.from_epoch_day(day)


def _range(run: Run, low: object, high: object, low_closed: bool, high_closed: bool) -> Iterable[object]:
    match low, high:
        case (Decimal(), Decimal()):
            if low != low.to_integral_value() or high != high.to_integral_value():
                raise UndefinedError("A loop over a range needs whole numbers")
            first, last = int(low), int(high)
            step = 1 if first <= last else -1
            numbers = range(first + (0 if low_closed else step), last + (step if high_closed else 0), step)
            return (Decimal(number) for number in numbers)
        case (Date(), Date()):
            first, last = low.epoch_day, high.epoch_day
            step = 1 if first <= last else -1
            days = range(first + (0 if low_closed else step), last + (step if high_closed else 0), step)
            return _days(run, days)
        case _:
            raise UndefinedError(f"Cannot iterate from {type_name(low)} to {type_name(high)}")
