"""How is a FEEL text structured (DMN 1.5 §10.3.1.2)? Precedence climbing over the tokens; chains become flat nodes."""

from __future__ import annotations

from decimal import Decimal, DecimalException
from typing import cast

from rules.feel.constructs import conditional, context, for_, function, quantified
from rules.feel.cursor import Cursor
from rules.feel.names import KnownNames
from rules.feel.numbers import number
from rules.feel.scanner import Token, syntax_error
from rules.feel.syntax import (
    AtLiteral,
    Between,
    Call,
    Chain,
    CompareOp,
    Comparison,
    Filter,
    In,
    InstanceOf,
    ListLiteral,
    Literal,
    Logic,
    Member,
    Name,
    Negation,
    Node,
    Postfix,
    RangeLiteral,
    Step,
    Tests,
    UnaryRange,
)
from rules.feel.type_grammar import parse_type

_COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">="})
_OR, _AND, _COMPARE, _ADD, _MULTIPLY, _POWER, _NEGATE, _INSTANCE = range(1, 9)
_POWERS = {"+": _ADD, "-": _ADD, "*": _MULTIPLY, "/": _MULTIPLY, "**": _POWER, **dict.fromkeys(_COMPARISONS, _COMPARE)}
_WORD_POWERS = {"or": _OR, "and": _AND, "between": _COMPARE, "in": _COMPARE, "instance": _INSTANCE}
_CLOSING_WORDS = frozenset({"and", "or", "then", "else", "return", "satisfies", "in", "between", "instance"})
_CONSTANTS = {"null": None, "true": True, "false": False}


def parse_expression(text: str, known: KnownNames, members: KnownNames) -> Node:
    """The tree of an expression; raises FeelSyntaxError."""
    parser = Parser(text, known, members)
    node = parser.expression()
    if parser.token.kind != "end":
        raise parser.unexpected("an operator or the end")
    return node


def parse_tests(text: str, known: KnownNames, members: KnownNames) -> Tests:
    """The unary tests of a decision table cell (rule 7); raises FeelSyntaxError."""
    parser = Parser(text, known, members)
    tests = parser.unary_tests()
    if parser.token.kind != "end":
        raise parser.unexpected("',' or the end of the tests")
    return tests


class Parser(Cursor):
    """Reads one text."""

    def expression(self, power: int = 0, left: Node | None = None) -> Node:
        """An expression whose operators bind stronger than `power`, continuing from `left` when given."""
        self.deeper()
        node = self._operand() if left is None else left
        while True:
            token = self.token
            if token.kind == "op":
                text = token.text
                if text in (".", "(", "["):
                    if not self._opens_step(token):
                        break
                    node = self._postfix(node)
                    continue
                strength = _POWERS.get(text, 0)
                if strength <= power:
                    break
                if strength == _COMPARE:
                    self.advance()
                    node = Comparison(cast(CompareOp, text), node, self.expression(_COMPARE), token.start)
                else:
                    node = self._chain(node, strength)
            elif token.kind == "name":
                strength = _WORD_POWERS.get(token.text, 0)
                if strength <= power:
                    break
                node = self._word_operator(node, token, strength)
            else:
                break
        self.depth -= 1
        return node

    def unary_tests(self) -> Tests:
        start = self.token
        if self.at_op("-") and self.peek().kind == "end":
            self.advance()
            return Tests((), at=start.start)
        if self.at_word("not") and self.peek().text == "(":
            self.advance(2)
            tests = self._tests()
            self.expect_op(")", "after not(")
            if self.token.kind == "end":
                return Tests(tests, negated=True, at=start.start)
            self.index, self.token = 0, self.tokens[0]
        return Tests(self._tests(), at=start.start)

    def _tests(self) -> tuple[Node, ...]:
        tests = [self._test()]
        while self.skip_comma():
            tests.append(self._test())
        return tuple(tests)

    def _test(self) -> Node:
        if self.token.kind == "op" and self.token.text in _COMPARISONS:
            return self._unary_range(_COMPARE)
        return self.expression()

    def _unary_range(self, power: int = 0) -> UnaryRange:
        op = self.advance()
        return UnaryRange(cast(CompareOp, op.text), self.expression(power), op.start)

    # operators

    def _chain(self, first: Node, strength: int) -> Node:
        at = self.token.start
        rest: list[tuple[str, Node, int]] = []
        while self.token.kind == "op" and _POWERS.get(self.token.text) == strength:
            op = self.advance()
            rest.append((op.text, self.expression(strength), op.start))
        return Chain(first, tuple(rest), at)

    def _word_operator(self, left: Node, token: Token, strength: int) -> Node:
        match token.text:
            case "and" | "or":
                operands = [left]
                while self.at_word(token.text):
                    self.advance()
                    operands.append(self.expression(strength))
                return Logic("and" if token.text == "and" else "or", tuple(operands), token.start)
            case "between":
                self.advance()
                low = self.expression(_COMPARE)
                self.expect_word("and", "between the bounds")
                return Between(left, low, self.expression(_COMPARE), token.start)
            case "instance":
                self.advance()
                self.expect_word("of", "after 'instance'")
                return InstanceOf(left, parse_type(self), token.start)
            case _:
                self.advance()
                return In(left, self._in_tests(), token.start)

    def _in_tests(self) -> tuple[Node, ...]:
        if not self.at_op("("):
            if self.token.kind == "op" and self.token.text in _COMPARISONS:
                return (self._unary_range(_COMPARE),)
            return (self.expression(_COMPARE),)
        opening = self.advance()
        first = self._test()
        if self.at_op("..") and not isinstance(first, UnaryRange):
            return (self.expression(_COMPARE, self._range(first, False, opening)),)
        tests = [first]
        while self.skip_comma():
            tests.append(self._test())
        self.expect_op(")", "after the tests")
        if len(tests) == 1 and not isinstance(first, UnaryRange):
            return (self.expression(_COMPARE, first),)
        return tuple(tests)

    # members, filters, calls

    def _opens_step(self, token: Token) -> bool:
        return token.text != "[" or self._starts_operand(self.peek())

    @staticmethod
    def _starts_operand(token: Token) -> bool:
        if token.kind == "op":
            return token.text in ("(", "[", "]", "{", "-")
        return token.kind != "end" and not (token.kind == "name" and token.text in _CLOSING_WORDS)

    def _postfix(self, base: Node) -> Node:
        at = self.token.start
        steps: list[Step] = []
        if isinstance(base, Postfix):
            steps.extend(base.steps)
            base = base.base
        while self.token.kind == "op" and self.token.text in (".", "(", "[") and self._opens_step(self.token):
            opening = self.advance()
            if opening.text == ".":
                steps.append(Member(self._member(), opening.start))
            elif opening.text == "(":
                steps.append(self._call(opening))
            else:
                self.known.enter()
                condition = self.expression()
                self.known.leave()
                self.expect_op("]", "after the filter")
                steps.append(Filter(condition, opening.start))
        return Postfix(base, tuple(steps), at)

    def _member(self) -> str:
        found = self.members.longest(self.tokens, self.index)
        if found is not None:
            self.advance(found[1])
            return found[0]
        if self.token.kind not in ("name", "quoted"):
            raise self.unexpected("a name after '.'")
        return self.advance().text

    def _call(self, opening: Token) -> Call:
        arguments: list[Node] = []
        names: list[str] = []
        more = not self.at_op(")")
        while more:
            name = self.named_argument()
            if name is not None:
                names.append(name)
            elif names:
                raise self.unexpected("a named argument, like the ones before")
            arguments.append(self.expression())
            if name is None and names:
                raise self.unexpected("a named argument")
            more = self.skip_comma()
        self.expect_op(")", "after the arguments")
        if names and len(names) != len(arguments):
            raise self.unexpected("all arguments to be named, or none")
        return Call(tuple(arguments), tuple(names) if names else None, opening.start)

    # operands

    def _operand(self) -> Node:
        token = self.token
        match token.kind:
            case "number":
                self.advance()
                return Literal(self._number(token), token.start)
            case "string":
                self.advance()
                return Literal(token.text, token.start)
            case "at":
                self.advance()
                return AtLiteral(token.text, token.start)
            case "quoted":
                self.advance()
                return Name(token.text, token.start)
            case "name":
                return self._name_or_keyword(token)
            case "op":
                return self._bracketed(token)
            case _:
                raise self.unexpected("an expression")

    def _number(self, token: Token) -> Decimal:
        try:
            return number(token.text)
        except DecimalException:
            raise syntax_error(self.text, token.start, "The number is too large") from None

    def _name_or_keyword(self, token: Token) -> Node:
        found = self.known.longest(self.tokens, self.index)
        if found is not None:
            self.advance(found[1])
            return Name(found[0], token.start)
        word = token.text
        if word in _CONSTANTS:
            self.advance()
            return Literal(_CONSTANTS[word], token.start)
        match word:
            case "if":
                return conditional(self)
            case "for":
                return for_(self)
            case "some" | "every":
                return quantified(self)
            case "function" if self.peek().text == "(":
                return function(self)
            case _ if word in _CLOSING_WORDS:
                raise self.unexpected("an expression")
            case _:
                self.advance()
                return Name(word, token.start)

    def _bracketed(self, token: Token) -> Node:
        match token.text:
            case "-":
                self.advance()
                return Negation(self.expression(_NEGATE), token.start)
            case "(":
                return self._parenthesis()
            case "[":
                return self._list_or_range()
            case "]":
                self.advance()
                return self._range(self.expression(), False, token)
            case "{":
                return context(self)
            case _:
                raise self.unexpected("an expression")

    def _parenthesis(self) -> Node:
        opening = self.advance()
        if self.token.kind == "op" and self.token.text in _COMPARISONS:
            node: Node = self._unary_range()
        else:
            node = self.expression()
            if self.at_op(".."):
                return self._range(node, False, opening)
        self.expect_op(")", "to close the parenthesis")
        return node

    def _list_or_range(self) -> Node:
        opening = self.advance()
        if self.at_op("]"):
            self.advance()
            return ListLiteral((), opening.start)
        items = [self._list_item()]
        if self.at_op("..") and not isinstance(items[0], UnaryRange):
            return self._range(items[0], True, opening)
        while self.skip_comma():
            items.append(self._list_item())
        self.expect_op("]", "to close the list")
        return ListLiteral(tuple(items), opening.start)

    def _list_item(self) -> Node:
        if self.token.kind == "op" and self.token.text in _COMPARISONS:
            return self._unary_range(_COMPARE)
        return self.expression()

    def _range(self, low: Node, low_closed: bool, opening: Token) -> Node:
        self.expect_op("..", "between the ends of the range")
        high = self.expression()
        if not self.at_op("]", ")", "["):
            raise self.unexpected("']', ')' or '[' to close the range")
        closing = self.advance()
        return RangeLiteral(low, high, low_closed, closing.text == "]", opening.start)
