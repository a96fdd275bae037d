"""What is a compiled FEEL expression, and what does evaluating it give?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

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
from rules.feel.syntax import Node, Tests

_AS_THEY_ARE: frozenset[type] = frozenset({bool, Decimal, str, type(None)})


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A value and, for each null met on the way, the reason."""

    value: object
    warnings: tuple[str, ...] = ()


class Expression:
    """A FEEL expression, compiled once (DMN 1.5 §10.3).

    `names` are the variables it reads; a constant one reads none and always has the same value. `result_type` is the
    FEEL type of its value where that is known beforehand (null is possible in any case).
    """

    __slots__ = ("code", "is_constant", "names", "result_type", "text", "tree")

    def __init__(self, text: str, tree: Node | Tests, code: Code, names: frozenset[str], is_constant: bool, type_: str | None) -> None:
        self.text = text
        self.tree = tree
        self.code = code
        self.names = names
        self.is_constant = is_constant
        self.result_type = type_

    def evaluate(self, context: Mapping[str, object], *, now: dt.datetime | None = None) -> object:
        """The value of the expression in Python's types, null (None) wherever FEEL says null.

        Raises FeelBudgetError for a runaway evaluation and FeelAssertionError for an unmet `assert()`.
        """
        try:
            value = self.code([None, Run(context, now)])
        except RecursionError:
            raise FeelBudgetError("The evaluation is nested too deeply") from None
        return value if type(value) in _AS_THEY_ARE else to_python(value)

    def explain(self, context: Mapping[str, object], *, now: dt.datetime | None = None) -> Evaluation:
        """The value together with the reason of every null met on the way."""
        warnings: list[str] = []
        try:
            value = self.code([None, Run(context, now, warnings)])
        except RecursionError:
            raise FeelBudgetError("The evaluation is nested too deeply") from None
        return Evaluation(to_python(value), tuple(warnings))

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


def known_names(names: Collection[str] = ()) -> tuple[KnownNames, KnownNames]:
    """The names a text may use, and the members it may read."""
    known = KnownNames(BUILTINS)
    members = KnownNames(PROPERTY_NAMES)
    known.enter(names)
    for name in names:
        members.add(name)
    return known, members


def compile_expression(
    text: str,
    *,
    names: Collection[str] = (),
    members: Collection[str] = (),
    resolve_type: TypeResolver | None = None,
) -> Expression:
    """Compile a FEEL expression, without leading `=`; raises FeelSyntaxError.

    `names` are variables in scope and `members` entries of contexts in scope: needed for those with spaces or symbols, and
    to let a variable hide a built-in function. `resolve_type` tells what the types of a model stand for.
    """
    known, member_names = known_names(names)
    for name in members:
        member_names.add(name)
    compiler = Compiler(names, resolve_type)
    try:
        tree = parse_expression(text, known, member_names)
        code = compiler.code(tree, None)
        type_ = result_type(tree)
    except RecursionError:
        raise FeelSyntaxError("The expression is nested too deeply") from None
    free = frozenset(compiler.free)
    return Expression(text, tree, code, free, compiler.pure and not free - BUILTINS.keys(), type_)


def compile_unary_tests(
    text: str,
    *,
    names: Collection[str] = (),
    members: Collection[str] = (),
    resolve_type: TypeResolver | None = None,
) -> UnaryTests:
    """Compile the tests of a decision table cell; raises FeelSyntaxError."""
    known, member_names = known_names(names)
    for name in members:
        member_names.add(name)
    compiler = Compiler(names, resolve_type)
    try:
        tree = parse_tests(text, known, member_names)
        code = unary_tests(compiler, tree)
    except RecursionError:
        raise FeelSyntaxError("The tests are nested too deeply") from None
    free = frozenset(compiler.free)
    return UnaryTests(text, tree, code, free, compiler.pure and not free - BUILTINS.keys(), "boolean")
