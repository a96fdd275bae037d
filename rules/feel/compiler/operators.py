"""How are arithmetic, comparison, logic and `if` evaluated (DMN 1.5 §10.3.2.12 to §10.3.2.15, Tables 50 to 58)?"""

from __future__ import annotations

import operator
from collections.abc import Callable
from decimal import Decimal, DecimalException
from typing import TYPE_CHECKING, Any

from rules.feel import arithmetic, numbers
from rules.feel.comparison import compare
from rules.feel.compiler.literals import constant
from rules.feel.compiler.scope import Code, Env, Scope
from rules.feel.run import Run, UndefinedError
from rules.feel.syntax import Between, Chain, Comparison, Conditional, Literal, Logic, Negation
from rules.feel.values import type_name

if TYPE_CHECKING:
    from rules.feel.compiler.compiler import Compiler

_NATIVE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_DECIMAL: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": numbers.add,
    "-": numbers.subtract,
    "*": numbers.multiply,
    "/": numbers.divide,
    "**": numbers.power,
}


def negation(compiler: Compiler, node: Negation, scope: Scope | None) -> Code:
    if isinstance(node.operand, Literal) and isinstance(node.operand.value, Decimal):
        return constant(numbers.DECIMAL128.minus(node.operand.value))
    operand = compiler.code(node.operand, scope)

    def negate(env: Env) -> object:
        run: Run = env[1]
        try:
            return arithmetic.negate(operand(env))
        except UndefinedError as undefined:
            run.null(str(undefined))
            return None

    return negate


def chain(compiler: Compiler, node: Chain, scope: Scope | None) -> Code:
    first = compiler.code(node.first, scope)
    rest = [(_DECIMAL[op], arithmetic.OPERATORS[op], compiler.code(operand, scope)) for op, operand, _ in node.rest]
    if len(rest) == 1:
        fast, general, second = rest[0]

        def one(env: Env) -> object:
            return _calculate(env[1], fast, general, first(env), second(env))

        return one

    def many(env: Env) -> object:
        run: Run = env[1]
        value = first(env)
        for fast, general, operand in rest:
            value = _calculate(run, fast, general, value, operand(env))
        return value

    return many


def _calculate(
    run: Run,
    fast: Callable[[Decimal, Decimal], Decimal],
    general: Callable[[object, object], object],
    left: object,
    right: object,
) -> object:
    if type(left) is Decimal and type(right) is Decimal:
        try:
            return fast(left, right)
        except DecimalException:
            pass
    try:
        return general(left, right)
    except UndefinedError as undefined:
        run.null(str(undefined))
        return None


def comparison(compiler: Compiler, node: Comparison, scope: Scope | None) -> Code:
    left, op, native = compiler.code(node.left, scope), node.op, _NATIVE[node.op]
    if isinstance(node.right, Literal) and type(node.right.value) in (Decimal, str):
        wanted, kind = node.right.value, type(node.right.value)

        def against_constant(env: Env) -> object:
            value = left(env)
            return native(value, wanted) if type(value) is kind else compare(env[1], op, value, wanted)

        return against_constant
    right = compiler.code(node.right, scope)

    def between_two(env: Env) -> object:
        a, b = left(env), right(env)
        kind = type(a)
        if kind is type(b) and (kind is Decimal or kind is str):
            return native(a, b)
        return compare(env[1], op, a, b)

    return between_two


def between(compiler: Compiler, node: Between, scope: Scope | None) -> Code:
    value, low, high = compiler.code(node.value, scope), compiler.code(node.low, scope), compiler.code(node.high, scope)

    def test(env: Env) -> object:
        run: Run = env[1]
        tested = value(env)
        above = compare(run, ">=", tested, low(env))
        below = compare(run, "<=", tested, high(env))
        if above is False or below is False:
            return False if above is not None and below is not None else None
        return None if above is None or below is None else True

    return test


def logic(compiler: Compiler, node: Logic, scope: Scope | None) -> Code:
    operands = [compiler.code(operand, scope) for operand in node.operands]
    decisive = node.op == "or"
    op = node.op

    def evaluate(env: Env) -> object:
        result: bool | None = not decisive
        for operand in operands:
            value = operand(env)
            if value is decisive:
                return decisive
            if type(value) is not bool:
                result = None
                if value is not None:
                    run: Run = env[1]
                    run.null(f"'{op}' joins booleans, not a {type_name(value)}")
        return result

    return evaluate


def conditional(compiler: Compiler, node: Conditional, scope: Scope | None) -> Code:
    branches = [(compiler.code(condition, scope), compiler.code(value, scope)) for condition, value in node.branches]
    otherwise = compiler.code(node.otherwise, scope)

    def choose(env: Env) -> object:
        for condition, value in branches:
            chosen = condition(env)
            if chosen is True:
                return value(env)
            if chosen is not False and chosen is not None:
                run: Run = env[1]
                run.null(f"'if' needs a boolean, not a {type_name(chosen)}")
        return otherwise(env)

    return choose
