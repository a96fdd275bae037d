"""What is a compiled FEEL expression, and what does evaluating it give?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from rules.feel.builtins import BUILTINS
from rules.feel.compiler.compiler import Compiler, TypeResolver
from rules.feel.compiler.scope import Code
from rules.feel.compiler.tests import unary_tests
from rules.feel.conversion import to_feel, to_python
from rules.feel.errors import FeelBudgetError, FeelSyntaxError
from rules.feel.inference import result_type
from rules.feel.names import KnownNames
from rules.feel.parser import parse_expression, parse_tests
from rules.feel.properties import PROPERTY_NAMES
from rules.feel.run import Run
from rules.feel.shortcuts import short_expression, short_tests
from rules.feel.syntax import Node, Tests

_Tree = TypeVar("_Tree")
_AS_THEY_ARE: frozenset[type] = frozenset({bool, Decimal, str, type(None)})


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A value and, for each null met on the way, the reason."""

    value: object
    warnings: tuple[str, ...] = ()


class Expression:
    """A FEEL expression, compiled once (DMN 1.5 §10.3).

    `names` are the variables it reads; a constant one reads none and always has the same value. `result_type` is the
    FEEL type of its value where that is known beforehand (null is possible in any case). `unknown_functions` are called, but
    neither built in nor defined in the text nor declared.
    """

    __slots__ = ("code", "is_constant", "names", "result_type", "text", "tree", "unknown_functions")

    def __init__(self, text: str, tree: Node | Tests, code: Code, compiler: Compiler, type_: str | None) -> None:
        self.text = text
        self.tree = tree
        self.code = code
        self.names = frozenset(compiler.free)
        self.is_constant = compiler.is_constant
        self.result_type = type_
        self.unknown_functions = frozenset(compiler.unknown_functions)

    def evaluate(self, context: Mapping[str, object], *, now: dt.datetime | None = None) -> object:
        """The value of the expression in Python's types, null (None) wherever FEEL says null.

        Raises FeelBudgetError for a runaway evaluation and FeelAssertionError for an unmet `assert()`.
        """
        try:
            value = self.code([None, Run(context, now)])
            return value if type(value) in _AS_THEY_ARE else to_python(value)
        except RecursionError:
            raise FeelBudgetError("The evaluation is nested too deeply") from None

    def explain(self, context: Mapping[str, object], *, now: dt.datetime | None = None) -> Evaluation:
        """The value together with the reason of every null met on the way."""
        warnings: list[str] = []
        try:
            value = to_python(self.code([None, Run(context, now, warnings)]))
        except RecursionError:
            raise FeelBudgetError("The evaluation is nested too deeply") from None
        return Evaluation(value, tuple(warnings))

    def run(self, run: Run) -> object:
        """The value as FEEL value within a run that goes on."""
        return self.code([None, run])

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.text!r})"


class UnaryTests(Expression):
    """The tests of one decision table cell, compiled once; true, false or null for the input `?` (DMN 1.5 §7.3.4, rule 7)."""

    __slots__ = ()

    def matches(self, value: object, context: Mapping[str, object], *, now: dt.datetime | None = None) -> bool:
        """Whether the input passes."""
        return self.evaluate({**context, "?": to_feel(value)}, now=now) is True


class Vocabulary:
    """The names that texts may use: variables in scope, entries of contexts in scope, and the types of a model."""

    __slots__ = ("known", "members", "names", "resolve_type")

    def __init__(
        self,
        names: Collection[str] = (),
        *,
        members: Collection[str] = (),
        types: Collection[str] = (),
        resolve_type: TypeResolver | None = None,
    ) -> None:
        self.names = frozenset(names)
        self.resolve_type = resolve_type
        self.known = KnownNames((*names, *types), _BUILTIN_NAMES)
        self.members = KnownNames((*names, *members), _PROPERTY_NAMES)

    def within(self, names: Collection[str]) -> Vocabulary:
        """This vocabulary and some more variables."""
        inner = Vocabulary()
        inner.names = self.names | frozenset(names)
        inner.resolve_type = self.resolve_type
        inner.known = KnownNames(names, self.known)
        inner.members = KnownNames(names, self.members)
        return inner

    def expression(self, text: str) -> Expression:
        """Compile a FEEL expression; raises FeelSyntaxError."""
        compiler = Compiler(self.names, self.resolve_type)
        tree = short_expression(text) or self._parsed(parse_expression, text)
        try:
            code, type_ = compiler.code(tree, None), result_type(tree)
        except RecursionError:
            raise FeelSyntaxError("The expression is nested too deeply") from None
        return Expression(text, tree, code, compiler, type_)

    def unary_tests(self, text: str) -> UnaryTests:
        """Compile the tests of a decision table cell; raises FeelSyntaxError."""
        compiler = Compiler(self.names, self.resolve_type)
        tree = short_tests(text) or self._parsed(parse_tests, text)
        try:
            code = unary_tests(compiler, tree)
        except RecursionError:
            raise FeelSyntaxError("The tests are nested too deeply") from None
        return UnaryTests(text, tree, code, compiler, "boolean")

    def _parsed(self, parse: Callable[[str, KnownNames, KnownNames], _Tree], text: str) -> _Tree:
        depth = self.known.depth
        try:
            return parse(text, self.known, self.members)
        except RecursionError:
            raise FeelSyntaxError("The expression is nested too deeply") from None
        finally:
            self.known.restore(depth)


def compile_expression(text: str, *, names: Collection[str] = ()) -> Expression:
    """Compile a FEEL expression, without leading `=`; raises FeelSyntaxError.

    `names` are variables in scope: needed for those with spaces or symbols, and to let a variable hide a built-in function.
    """
    return Vocabulary(names).expression(text)


def compile_unary_tests(text: str, *, names: Collection[str] = ()) -> UnaryTests:
    """Compile the tests of a decision table cell; raises FeelSyntaxError."""
    return Vocabulary(names).unary_tests(text)


_BUILTIN_NAMES = KnownNames(BUILTINS)
_PROPERTY_NAMES = KnownNames(PROPERTY_NAMES)
