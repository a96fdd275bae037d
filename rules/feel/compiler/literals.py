"""How are literals, lists, contexts and ranges evaluated (DMN 1.5 §10.3.2.1, §10.3.2.6, §10.3.2.7)?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.feel.comparison import order
from rules.feel.compiler.scope import Code, Env, FrameScope, Scope
from rules.feel.conversion import to_text
from rules.feel.iso import read_temporal
from rules.feel.run import Run
from rules.feel.syntax import AtLiteral, ContextLiteral, FunctionDefinition, ListLiteral, RangeLiteral, UnaryRange
from rules.feel.values import Range

if TYPE_CHECKING:
    from rules.feel.compiler.compiler import Compiler


def constant(value: object) -> Code:
    return lambda _env: value


def undefined(reason: str) -> Code:
    """Code whose value is null for a reason known beforehand."""

    def null(env: Env) -> object:
        run: Run = env[1]
        run.null(reason)
        return None

    return null


def at_literal(node: AtLiteral) -> Code:
    value = read_temporal(node.text)
    return undefined(f'@"{node.text}" is no date, time or duration') if value is None else constant(value)


def list_(compiler: Compiler, node: ListLiteral, scope: Scope | None) -> Code:
    items = [compiler.code(item, scope) for item in node.items]
    return lambda env: [item(env) for item in items]


def context(compiler: Compiler, node: ContextLiteral, scope: Scope | None) -> Code:
    frame = FrameScope(scope)
    entries: list[tuple[str, Code]] = []
    for name, value in node.entries:
        if name in frame.slots:
            return undefined(f"The context has two entries '{name}'")
        if isinstance(value, FunctionDefinition):
            frame.bind(name)
            entries.append((name, compiler.code(value, frame)))
        else:
            entries.append((name, compiler.code(value, frame)))
            frame.bind(name)

    def build(env: Env) -> object:
        inner: Env = [env, env[1]]
        result: dict[str, object] = {}
        for name, code in entries:
            value = result[name] = code(inner)
            inner.append(value)
        return result

    return build


def range_(compiler: Compiler, node: RangeLiteral | UnaryRange, scope: Scope | None) -> Code:
    if isinstance(node, UnaryRange):
        operand, op = compiler.code(node.operand, scope), node.op
        return lambda env: unary_range(op, operand(env))
    low, high = compiler.code(node.low, scope), compiler.code(node.high, scope)
    low_closed, high_closed = node.low_closed, node.high_closed

    def build(env: Env) -> object:
        return checked_range(env[1], Range(low(env), high(env), low_closed, high_closed))

    return build


def unary_range(op: str, end: object) -> object:
    """The range of `(op end)`."""
    match op:
        case "=":
            return Range(end, end, True, True)
        case "!=":
            return Range(end, end, False, False, excluded=True)
        case "<" | "<=":
            return Range(None, end, False, op == "<=")
        case _:
            return Range(end, None, op == ">=", False)


def checked_range(run: Run, value: Range) -> Range | None:
    """The range, or null when its ends cannot be ordered or the first is greater."""
    position = order(value.low, value.high)
    if position is None or position > 0:
        run.null(f"A range cannot go from {to_text(value.low)} to {to_text(value.high)}")
        return None
    return value
