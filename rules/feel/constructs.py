"""How are `if`, `for`, `some`, `every`, function definitions and contexts written (DMN 1.5 §10.3.1.2)?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.feel.syntax import Conditional, ContextLiteral, For, FunctionDefinition, Iteration, Node, Quantified
from rules.feel.type_grammar import parse_type
from rules.feel.types import ANY, FeelType

if TYPE_CHECKING:
    from rules.feel.parser import Parser


def context(parser: Parser) -> Node:
    """`{name: value, …}` (rule 57)."""
    opening = parser.advance()
    entries: list[tuple[str, Node]] = []
    parser.known.enter()
    more = not parser.at_op("}")
    while more:
        key = parser.token.text if parser.token.kind == "string" else None
        name = parser.new_name((":",), "the name of an entry")
        parser.expect_op(":", "after the name of an entry")
        entries.append((name if key is None else key, parser.expression()))
        parser.known.add(name)
        parser.members.add(name)
        more = parser.skip_comma()
    parser.known.leave()
    parser.expect_op("}", "to close the context")
    return ContextLiteral(tuple(entries), opening.start)


def conditional(parser: Parser) -> Node:
    """`if … then … else …`, with all its `else if` as one node (rule 45)."""
    start = parser.token.start
    branches: list[tuple[Node, Node]] = []
    while parser.at_word("if"):
        parser.advance()
        condition = parser.expression()
        parser.expect_word("then", "after the condition")
        branches.append((condition, parser.expression()))
        parser.expect_word("else", "after the 'then' part")
    return Conditional(tuple(branches), parser.expression(), start)


def _iterations(parser: Parser) -> tuple[Iteration, ...]:
    iterations: list[Iteration] = []
    while True:
        name = parser.new_name(("in",), "the name of a variable")
        parser.expect_word("in", "after the variable")
        low = parser.expression()
        high = None
        if parser.at_op(".."):
            parser.advance()
            high = parser.expression()
        iterations.append(Iteration(name, low, high))
        parser.known.add(name)
        if not parser.skip_comma():
            return tuple(iterations)


def for_(parser: Parser) -> Node:
    """`for … return …` (rule 44)."""
    start = parser.advance()
    parser.known.enter()
    iterations = _iterations(parser)
    parser.expect_word("return", "after the iterations")
    result = parser.expression()
    parser.known.leave()
    return For(iterations, result, start.start)


def quantified(parser: Parser) -> Node:
    """`some … satisfies …` and `every …` (rule 46)."""
    start = parser.advance()
    parser.known.enter()
    iterations = _iterations(parser)
    parser.expect_word("satisfies", "after the iterations")
    condition = parser.expression()
    parser.known.leave()
    return Quantified("some" if start.text == "some" else "every", iterations, condition, start.start)


def function(parser: Parser) -> Node:
    """`function(…) …` (rule 55)."""
    start = parser.advance(2)
    parameters: list[tuple[str, FeelType]] = []
    more = not parser.at_op(")")
    while more:
        name = parser.new_name((":",), "the name of a parameter")
        type_: FeelType = ANY
        if parser.at_op(":"):
            parser.advance()
            type_ = parse_type(parser)
        parameters.append((name, type_))
        more = parser.skip_comma()
    parser.expect_op(")", "after the parameters")
    external = parser.at_word("external")
    if external:
        parser.advance()
    parser.known.enter(name for name, _ in parameters)
    body = parser.expression()
    parser.known.leave()
    return FunctionDefinition(tuple(parameters), body, external, start.start)
