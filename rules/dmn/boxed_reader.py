"""How do the XML elements of boxed expressions and decision tables become elements (DMN 1.5 §7.3, §8.3, §10.2)?"""

from __future__ import annotations

from typing import Literal, cast

from rules.dmn.elements import (
    Aggregation,
    Boxed,
    BoxedConditional,
    BoxedContext,
    BoxedFilter,
    BoxedFunction,
    BoxedIterator,
    BoxedList,
    DecisionTable,
    HitPolicy,
    InputClause,
    Invocation,
    LiteralExpression,
    OutputClause,
    Place,
    Relation,
    Rule,
    Variable,
)
from rules.dmn.xml import Node, child, children, local_name, place, text_of

_HIT_POLICIES = {
    "U": "UNIQUE",
    "F": "FIRST",
    "P": "PRIORITY",
    "A": "ANY",
    "C": "COLLECT",
    "R": "RULE ORDER",
    "O": "OUTPUT ORDER",
}


def contained(node: Node | None) -> Boxed | None:
    """The first boxed expression among the children."""
    if node is None:
        return None
    for candidate in node.iterchildren():
        found = boxed(candidate)
        if found is not None:
            return found
    return None


def boxed(node: Node) -> Boxed | None:
    """The boxed expression this element is, if it is one."""
    match local_name(node):
        case "literalExpression":
            return LiteralExpression(text_of(node), place(node), type_ref(node), node.get("expressionLanguage"))
        case "decisionTable":
            return table(node)
        case "context":
            return BoxedContext(tuple(_entry(entry) for entry in children(node, "contextEntry")), place(node), type_ref(node))
        case "list":
            return BoxedList(_all(node), place(node), type_ref(node))
        case "relation":
            columns = tuple(_named(column) for column in children(node, "column"))
            return Relation(columns, tuple(_all(row) for row in children(node, "row")), place(node), type_ref(node))
        case "functionDefinition":
            return function(node)
        case "invocation":
            return _invocation(node)
        case "conditional":
            condition, then, otherwise = (contained(child(node, name)) for name in ("if", "then", "else"))
            return BoxedConditional(condition, then, otherwise, place(node), type_ref(node))
        case "filter":
            return BoxedFilter(contained(child(node, "in")), contained(child(node, "match")), place(node), type_ref(node))
        case "for" | "some" | "every" as kind:
            return _iterator(node, kind)
        case _:
            return None


def function(node: Node) -> BoxedFunction:
    """A function definition."""
    parameters = tuple(_named(parameter) for parameter in children(node, "formalParameter"))
    return BoxedFunction(parameters, contained(node), place(node), node.get("kind", "FEEL"), type_ref(node))


def type_ref(node: Node) -> str | None:
    """The name of the type: an attribute, in some versions an element."""
    written = node.get("typeRef")
    if written is None:
        inner = child(node, "typeRef")
        written = None if inner is None else (inner.text or "")
    return " ".join(written.split()) or None if written else None


def table(node: Node) -> DecisionTable:
    """A decision table (§8.3)."""
    policy = " ".join(node.get("hitPolicy", "UNIQUE").upper().split())
    aggregation = node.get("aggregation")
    return DecisionTable(
        inputs=tuple(_input(clause) for clause in children(node, "input")),
        outputs=tuple(_output(clause) for clause in children(node, "output")),
        rules=tuple(_rule(rule) for rule in children(node, "rule")),
        place=place(node),
        hit_policy=cast(HitPolicy, _HIT_POLICIES.get(policy, policy)),
        aggregation=cast(Aggregation, aggregation.upper()) if aggregation else None,
        type_ref=type_ref(node),
    )


def _input(node: Node) -> InputClause:
    expression = child(node, "inputExpression")
    text = "" if expression is None else text_of(expression)
    ref = None if expression is None else type_ref(expression)
    language = None if expression is None else expression.get("expressionLanguage")
    return InputClause(text, place(node), node.get("label", ""), ref, _values(node, "inputValues"), language)


def _output(node: Node) -> OutputClause:
    default = child(node, "defaultOutputEntry")
    written = None if default is None else text_of(default) or None
    name = " ".join(node.get("name", "").split())
    return OutputClause(name, place(node), node.get("label", ""), type_ref(node), _values(node, "outputValues"), written)


def _values(node: Node, name: str) -> str | None:
    values = child(node, name)
    return None if values is None else text_of(values) or None


def _rule(node: Node) -> Rule:
    inputs: list[str] = []
    outputs: list[str] = []
    annotations: list[str] = []
    places: tuple[list[Place], list[Place]] = ([], [])
    for part in node.iterchildren():
        match local_name(part):
            case "inputEntry":
                inputs.append(text_of(part))
                places[0].append(place(part))
            case "outputEntry":
                outputs.append(text_of(part))
                places[1].append(place(part))
            case "annotationEntry":
                annotations.append(text_of(part))
            case "description" if part.text and part.text.strip():
                annotations.append(part.text.strip())
            case _:
                pass
    return Rule(tuple(inputs), tuple(outputs), tuple(annotations), place(node), (*places[0], *places[1]))


def _entry(node: Node) -> tuple[Variable | None, Boxed | None]:
    variable = child(node, "variable")
    return (None if variable is None else _named(variable)), contained(node)


def _invocation(node: Node) -> Invocation:
    bindings: list[tuple[str, Boxed | None]] = []
    for binding in children(node, "binding"):
        parameter = child(binding, "parameter")
        bindings.append(("" if parameter is None else _named(parameter).name, contained(binding)))
    called = next((found for found in map(boxed, node.iterchildren()) if found is not None), None)
    return Invocation(called, tuple(bindings), place(node), type_ref(node))


def _iterator(node: Node, kind: Literal["for", "some", "every"]) -> BoxedIterator:
    body = child(node, "return" if kind == "for" else "satisfies")
    return BoxedIterator(kind, node.get("iteratorVariable", ""), contained(child(node, "in")), contained(body), place(node), type_ref(node))


def _all(node: Node) -> tuple[Boxed | None, ...]:
    return tuple(found for found in map(boxed, node.iterchildren()) if found is not None)


def _named(node: Node) -> Variable:
    return Variable(" ".join(node.get("name", "").split()), type_ref(node))
