"""Which type does an expression have, as far as its text tells? Null is possible in any case."""

from __future__ import annotations

from collections.abc import Iterable

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
from rules.feel.types import ANY, BOOLEAN, NULL, NUMBER, STRING, ContextType, FeelType, FunctionType, ListType, RangeType
from rules.feel.values import type_of


def result_type(node: Node) -> str | None:
    """The name of the type (`number`, `list`, …), None where only the evaluation tells."""
    match inferred_type(node):
        case ListType():
            return "list"
        case ContextType():
            return "context"
        case RangeType():
            return "range"
        case FunctionType():
            return "function"
        case type_ if type_ == ANY:
            return None
        case type_:
            return "null" if type_ == NULL else str(type_)


def inferred_type(node: Node) -> FeelType:
    """The type, Any where only the evaluation tells."""
    match node:
        case Literal():
            return type_of(node.value)
        case AtLiteral():
            return type_of(read_temporal(node.text))
        case Comparison() | Logic() | Between() | In() | InstanceOf() | Quantified():
            return BOOLEAN
        case ListLiteral():
            return ListType(_common(inferred_type(item) for item in node.items))
        case For():
            return ListType(inferred_type(node.result))
        case ContextLiteral():
            return ContextType({name: inferred_type(value) for name, value in node.entries})
        case RangeLiteral():
            return RangeType(_common((inferred_type(node.low), inferred_type(node.high))))
        case UnaryRange():
            return RangeType(inferred_type(node.operand))
        case FunctionDefinition():
            result = ANY if node.external else inferred_type(node.body)
            return FunctionType(tuple(type_ for _, type_ in node.parameters), result)
        case Conditional():
            return _common([*(inferred_type(value) for _, value in node.branches), inferred_type(node.otherwise)])
        case Negation():
            return NUMBER if inferred_type(node.operand) == NUMBER else ANY
        case Chain():
            parts = _common([inferred_type(node.first), *(inferred_type(operand) for _, operand, _ in node.rest)])
            return parts if parts in (NUMBER, STRING) else ANY
        case Postfix(base=Name(name=name), steps=(Call(),)) if name in BUILTINS:
            return _common(signature.result for signature in BUILTINS[name])
        case _:
            return ANY


def _common(types: Iterable[FeelType]) -> FeelType:
    """The one type of all, leaving nulls aside."""
    common = NULL
    for type_ in types:
        if common == NULL:
            common = type_
        elif type_ not in (NULL, common):
            return ANY
    return ANY if common == NULL else common
