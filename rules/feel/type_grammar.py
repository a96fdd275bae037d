"""Which type does a text name (DMN 1.5 §10.3.1.2, rules 52 and 53)?"""

from __future__ import annotations

from rules.feel.cursor import Cursor
from rules.feel.names import KnownNames, normalized
from rules.feel.types import SIMPLE_TYPES, ContextType, FeelType, FunctionType, ListType, NamedType, RangeType

_SIMPLE = KnownNames(SIMPLE_TYPES)
_STOPS = frozenset({"and", "or", "then", "else", "return", "satisfies", "in", "between", "external"})


def parse_type(cursor: Cursor) -> FeelType:
    """The type at the cursor."""
    cursor.deeper()
    word = cursor.token.text if cursor.token.kind == "name" else ""
    follows = cursor.peek()
    generic = follows.kind == "op" and follows.text == "<"
    if word in ("list", "range") and generic:
        cursor.advance(2)
        element = parse_type(cursor)
        cursor.expect_op(">", f"after the type of the {word}")
        result: FeelType = ListType(element) if word == "list" else RangeType(element)
    elif word == "context" and generic:
        result = _context(cursor)
    elif word == "function" and generic:
        result = _function(cursor)
    else:
        result = _named(cursor)
    cursor.depth -= 1
    return result


def _context(cursor: Cursor) -> FeelType:
    cursor.advance(2)
    entries: dict[str, FeelType] = {}
    while not cursor.at_op(">"):
        name = cursor.new_name((":",), "the name of an entry")
        cursor.members.add(name)
        cursor.expect_op(":", "after the name of an entry")
        entries[name] = parse_type(cursor)
        if not cursor.skip_comma():
            break
    cursor.expect_op(">", "after the entries of the context")
    return ContextType(entries)


def _function(cursor: Cursor) -> FeelType:
    cursor.advance(2)
    parameters: list[FeelType] = []
    while not cursor.at_op(">"):
        parameters.append(parse_type(cursor))
        if not cursor.skip_comma():
            break
    cursor.expect_op(">", "after the parameter types")
    cursor.expect_op("->", "before the result type")
    return FunctionType(tuple(parameters), parse_type(cursor))


def _named(cursor: Cursor) -> FeelType:
    token = cursor.token
    if token.kind == "quoted":
        return NamedType(normalized(cursor.advance().text))
    if token.kind != "name":
        raise cursor.unexpected("a type")
    simple = _SIMPLE.longest(cursor.tokens, cursor.index)
    if simple is not None:
        cursor.advance(simple[1])
        return SIMPLE_TYPES[simple[0]]
    known = cursor.known.longest(cursor.tokens, cursor.index)
    if known is not None and cursor.peek(known[1]).text != "(":
        cursor.advance(known[1])
        return NamedType(known[0])
    first = last = cursor.advance()
    while (cursor.token.kind == "name" and cursor.token.text not in _STOPS) or (cursor.at_op(".") and cursor.peek().kind == "name"):
        last = cursor.advance()
    name = normalized(cursor.text[first.start : last.end])
    return SIMPLE_TYPES.get(name, NamedType(name))
