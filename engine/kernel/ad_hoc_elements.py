"""Which activities may a worker choose in an ad-hoc sub-process, and which parameters does each take from it?"""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import cast

from bpmn.model import AdHocSubProcess, FlowNode
from engine.kernel.tables import Tables
from engine.model import Json
from rules.feel import Expression, to_json
from rules.feel.syntax import Call, ContextLiteral, ListLiteral, Literal, Member, Name, Postfix

_FROM_AI = ("value", "description", "type", "schema", "options")


def describe_elements(tables: Tables, detail: AdHocSubProcess) -> Json:
    """The variable `adHocSubProcessElements`, as Camunda's agent connectors read it."""
    return [_description(tables.nodes[element]) for element in detail.entries]


def _description(node: FlowNode) -> Json:
    return {
        "elementId": node.id,
        "elementName": node.name,
        "documentation": node.documentation,
        "properties": dict(node.properties),
        "parameters": [
            parameter for mapping in node.inputs if isinstance(mapping.source, Expression) for parameter in _parameters(mapping.source)
        ],
    }


def _parameters(expression: Expression) -> Iterator[Json]:
    """Every call of `fromAi(value, description, type, schema, options)`; the parameter's name is the last part of `value`."""
    waiting: list[object] = [expression.tree]
    while waiting:
        at = waiting.pop(0)
        if isinstance(at, tuple):
            waiting[:0] = list(cast(tuple[object, ...], at))
            continue
        if not is_dataclass(at):
            continue
        if isinstance(at, Postfix) and isinstance(at.base, Name) and at.base.name == "fromAi" and isinstance(at.steps[0], Call):
            yield _parameter(at.steps[0])
        waiting[:0] = [getattr(at, field.name) for field in fields(at)]


def _parameter(call: Call) -> Json:
    given = dict(zip(call.names or _FROM_AI, call.arguments, strict=False))
    value = given.pop("value", None)
    name = None
    if isinstance(value, Postfix) and isinstance(value.steps[-1], Member):
        name = value.steps[-1].name
    elif isinstance(value, Name):
        name = value.name
    return {"name": name, **{key: _constant(given.get(key)) for key in _FROM_AI[1:]}}


def _constant(node: object) -> Json:
    """The value of a literal, list or context; null for what can only be known at run time."""
    match node:
        case Literal(value=value):
            return to_json(value)
        case ListLiteral(items=items):
            return [_constant(item) for item in items]
        case ContextLiteral(entries=entries):
            return {name: _constant(entry) for name, entry in entries}
        case _:
            return None
