"""What is a compiled FEEL expression, and what does evaluating it give?"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from rules.feel.errors import FeelSyntaxError


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A value and, for each null it met on the way, the reason."""

    value: object
    warnings: tuple[str, ...] = ()


class Expression:
    """A FEEL expression, compiled once (DMN 1.5 §10.3)."""

    text: str
    names: frozenset[str]
    is_constant: bool
    result_type: str | None

    def evaluate(self, context: Mapping[str, object], *, now: datetime | None = None) -> object:
        """The value of the expression; null where FEEL says null."""
        return self.explain(context, now=now).value

    def explain(self, context: Mapping[str, object], *, now: datetime | None = None) -> Evaluation:
        """The value together with the reason of every null."""
        raise FeelSyntaxError("not compiled")


class UnaryTests(Expression):
    """The tests of one decision table cell, compiled once (DMN 1.5 §10.3.1.2, rule 7)."""


def compile_expression(text: str, *, names: Collection[str] = ()) -> Expression:
    """Compile a FEEL expression; raises FeelSyntaxError."""
    raise FeelSyntaxError("not compiled")


def compile_unary_tests(text: str, *, names: Collection[str] = ()) -> UnaryTests:
    """Compile unary tests; raises FeelSyntaxError."""
    raise FeelSyntaxError("not compiled")
