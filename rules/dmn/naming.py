"""Which names does a decision file introduce, and what is each kind of logic called?"""

from __future__ import annotations

from rules.dmn.elements import (
    Boxed,
    BoxedConditional,
    BoxedContext,
    BoxedFilter,
    BoxedFunction,
    BoxedIterator,
    BoxedList,
    DecisionElement,
    DecisionTable,
    Definitions,
    Invocation,
    ItemDefinition,
    KnowledgeModel,
    LiteralExpression,
    Relation,
)


def boxed_kind(boxed: Boxed | None) -> str:
    """The kind of logic as the history shows it."""
    match boxed:
        case DecisionTable():
            return "DECISION_TABLE"
        case LiteralExpression():
            return "LITERAL_EXPRESSION"
        case BoxedContext():
            return "CONTEXT"
        case BoxedList():
            return "LIST"
        case Relation():
            return "RELATION"
        case BoxedFunction():
            return "FUNCTION"
        case Invocation():
            return "INVOCATION"
        case BoxedConditional():
            return "CONDITIONAL"
        case BoxedFilter():
            return "FILTER"
        case BoxedIterator():
            return boxed.kind.upper()
        case None:
            return "UNKNOWN"


def member_names(definitions: Definitions) -> set[str]:
    """All names that may stand after a dot: components of types, entries of contexts, columns, elements of imports."""
    names = {element.variable.name for element in definitions.elements} | {imported.name for imported in definitions.imports}
    pending: list[object] = [definitions]
    while pending:
        part = pending.pop()
        match part:
            case Definitions():
                pending.extend(part.items)
                pending.extend(part.elements)
            case ItemDefinition():
                names.update(component.name for component in part.components)
                pending.extend(part.components)
            case DecisionElement():
                pending.append(part.expression)
            case KnowledgeModel():
                pending.append(part.function)
            case BoxedContext():
                names.update(variable.name for variable, _ in part.entries if variable is not None)
                pending.extend(value for _, value in part.entries)
            case Relation():
                names.update(column.name for column in part.columns)
            case DecisionTable():
                names.update(clause.name for clause in part.outputs if clause.name)
            case BoxedFunction():
                pending.append(part.body)
            case BoxedList():
                pending.extend(part.items)
            case BoxedIterator():
                pending.extend((part.source, part.body))
            case BoxedConditional():
                pending.extend((part.condition, part.then, part.otherwise))
            case Invocation():
                pending.extend(value for _, value in part.bindings)
            case _:
                pass
    return names
