"""How is a parsed FEEL expression written as text again? Parsing the text gives the same value."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import assert_never

from rules.feel.builtins import BUILTINS
from rules.feel.conversion import to_text
from rules.feel.scanner import quote
from rules.feel.syntax import (
    AtLiteral,
    Between,
    Call,
    Chain,
    Comparison,
    Conditional,
    ContextLiteral,
    Filter,
    For,
    FunctionDefinition,
    In,
    InstanceOf,
    Iteration,
    ListLiteral,
    Literal,
    Logic,
    Member,
    Name,
    Negation,
    Node,
    Postfix,
    Quantified,
    RangeLiteral,
    Step,
    Tests,
    UnaryRange,
)
from rules.feel.types import ANY

_PLAIN = re.compile(r"[^\W\d]\w*")
_KEYWORDS = frozenset("if for some every function null true false in between instance then else return satisfies and or external".split())  # noqa: SIM905


def print_expression(node: Node | Tests) -> str:
    """The text of the tree."""
    if isinstance(node, Tests):
        tests = ", ".join(_test(test) for test in node.tests) or "-"
        return f"not({tests})" if node.negated else tests
    return _text(node)


def _text(node: Node) -> str:
    match node:
        case Literal():
            return _literal(node.value)
        case AtLiteral():
            return f"@{quote(node.text)}"
        case Name():
            return _name(node.name)
        case ListLiteral():
            return f"[{', '.join(_test(item) for item in node.items)}]"
        case ContextLiteral():
            return "{" + ", ".join(f"{quote(name)}: {_text(value)}" for name, value in node.entries) + "}"
        case RangeLiteral():
            opening, closing = "[" if node.low_closed else "(", "]" if node.high_closed else ")"
            return f"{opening}{_inner(node.low)}..{_inner(node.high)}{closing}"
        case UnaryRange():
            return f"({node.op} {_inner(node.operand)})"
        case Negation():
            return f"-{_inner(node.operand)}"
        case Chain():
            return _inner(node.first) + "".join(f" {op} {_inner(operand)}" for op, operand, _ in node.rest)
        case Logic():
            return f" {node.op} ".join(_inner(operand) for operand in node.operands)
        case Comparison():
            return f"{_inner(node.left)} {node.op} {_inner(node.right)}"
        case Between():
            return f"{_inner(node.value)} between {_inner(node.low)} and {_inner(node.high)}"
        case In():
            return f"{_inner(node.value)} in ({', '.join(_test(test) for test in node.tests)})"
        case InstanceOf():
            return f"{_inner(node.value)} instance of {node.type}"
        case Conditional():
            branches = "".join(f"if {_text(condition)} then {_inner(value)} else " for condition, value in node.branches)
            return branches + _inner(node.otherwise)
        case For():
            return f"for {_iterations(node.iterations)} return {_inner(node.result)}"
        case Quantified():
            return f"{node.quantifier} {_iterations(node.iterations)} satisfies {_inner(node.condition)}"
        case FunctionDefinition():
            parameters = ", ".join(name if type_ == ANY else f"{name}: {type_}" for name, type_ in node.parameters)
            return f"function({parameters}) {'external ' if node.external else ''}{_inner(node.body)}"
        case Postfix():
            return _inner(node.base) + "".join(_step(step) for step in node.steps)
        case _:
            assert_never(node)


def _inner(node: Node) -> str:
    """The text of a node as part of another: in parentheses unless it holds together by itself."""
    holds = isinstance(node, (AtLiteral, Name, ListLiteral, ContextLiteral, UnaryRange, Postfix)) or (
        isinstance(node, Literal) and not (isinstance(node.value, Decimal) and node.value < 0)
    )
    text = _text(node)
    return text if holds else f"({text})"


def _test(node: Node) -> str:
    return f"{node.op} {_inner(node.operand)}" if isinstance(node, UnaryRange) else _text(node)


def _step(step: Step) -> str:
    match step:
        case Member():
            return f".{_member(step.name)}"
        case Filter():
            return f"[{_text(step.condition)}]"
        case Call():
            names = step.names or ("",) * len(step.arguments)
            arguments = (f"{name}: {_text(value)}" if name else _text(value) for name, value in zip(names, step.arguments, strict=True))
            return f"({', '.join(arguments)})"


def _iterations(iterations: tuple[Iteration, ...]) -> str:
    return ", ".join(
        f"{iteration.name} in {_inner(iteration.low)}{'' if iteration.high is None else f'..{_inner(iteration.high)}'}"
        for iteration in iterations
    )


def _name(name: str) -> str:
    if name in BUILTINS or name == "?" or (_PLAIN.fullmatch(name) and name not in _KEYWORDS):
        return name
    return f"`{name}`"


def _member(name: str) -> str:
    return name if _PLAIN.fullmatch(name) or name in ("time offset", "start included", "end included") else f"`{name}`"


def _literal(value: object) -> str:
    return quote(value) if isinstance(value, str) else to_text(value)
