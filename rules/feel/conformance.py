"""Does a value belong to a type (`instance of`, DMN 1.5 §10.3.2.9.2 and Table 52)?"""

from __future__ import annotations

from typing import cast

from rules.feel.types import ANY, NULL, ContextType, FeelType, FunctionType, ListType, NamedType, RangeType, SimpleType, conforms
from rules.feel.values import Function, Range, type_of


def instance_of(value: object, type_: FeelType) -> bool:
    """Whether the value is an instance of the type; null is an instance of Null only."""
    if value is None:
        return type_ == NULL
    return belongs(value, type_)


def belongs(value: object, type_: FeelType) -> bool:
    """Whether the value, null included, may stand where the type is asked for."""
    if value is None or type_ == ANY:
        return True
    match type_:
        case SimpleType():
            return type_of(value) == type_ if not isinstance(value, (list, dict)) else False
        case ListType():
            return isinstance(value, list) and all(belongs(item, type_.element) for item in cast(list[object], value))
        case ContextType():
            if not isinstance(value, dict):
                return False
            entries = cast(dict[str, object], value)
            return all(name in entries and belongs(entries[name], entry) for name, entry in type_.entries.items())
        case RangeType():
            if not isinstance(value, Range):
                return False
            return belongs(value.low, type_.element) and belongs(value.high, type_.element)
        case FunctionType():
            return isinstance(value, Function) and conforms(type_of(value), type_)
        case NamedType():
            return False
