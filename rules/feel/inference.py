"""Which type does an expression have, as far as its text tells?"""

from __future__ import annotations

from rules.feel.builtins import BUILTINS
from rules.feel.iso import read_temporal
from rules.feel.syntax import (
    AtLiteral,
    Between,
    Call,
    Chain,
    Comparison,
    Conditional,
    ContextLiteral,
    For,
    FunctionDefinition,
    In,
    InstanceOf,
    ListLiteral,
    Literal,
    Logic,
    Name,
    Negation,
    Node,
    Postfix,
    Quantified,
    RangeLiteral,
    UnaryRange,
)
from rules.feel.types import ANY, ListType
from rules.feel.values import type_name


def result_type(node: Node) -> str | None:
    """The name of the type (`number`, `list`, …), None where only the evaluation tells."""
    match node:
        case Literal():
            return type_name(node.value)
        case AtLiteral():
            value = read_temporal(node.text)
            return None if value is None else type_name(value)
        case Comparison() | Logic() | Between() | In() | InstanceOf() | Quantified():
            return "boolean"
        case ListLiteral() | For():
            return "list"
        case ContextLiteral():
            return "context"
        case RangeLiteral() | UnaryRange():
            return "range"
        case FunctionDefinition():
            return "function"
        case Conditional():
            types = {result_type(value) for _, value in node.branches} | {result_type(node.otherwise)}
            types.discard("null")
            return types.pop() if len(types) == 1 else None
        case Negation():
            operand = result_type(node.operand)
            return operand if operand == "number" else None
        case Chain():
            types = {result_type(node.first), *(result_type(operand) for _, operand, _ in node.rest)}
            return types.pop() if types in ({"number"}, {"string"}) else None
        case Postfix(base=Name(name=name), steps=(Call(),)) if name in BUILTINS:
            results = {signature.result for signature in BUILTINS[name]}
            only = results.pop()
            return None if results or only == ANY else "list" if isinstance(only, ListType) else str(only).partition("<")[0]
        case _:
            return None
