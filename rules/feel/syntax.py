"""Of which nodes does a parsed FEEL expression consist?

Chains (`a + b - c`, `a and b`, `a.b[1](c)`, `if … else if …`) are one flat node each, so that long input never means deep recursion.
`at` is the position in the text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal as Choice

from rules.feel.types import FeelType

CompareOp = Choice["=", "!=", "<", "<=", ">", ">="]


@dataclass(frozen=True, slots=True)
class Literal:
    value: object
    at: int = 0


@dataclass(frozen=True, slots=True)
class AtLiteral:
    text: str
    at: int = 0


@dataclass(frozen=True, slots=True)
class Name:
    name: str
    at: int = 0


@dataclass(frozen=True, slots=True)
class ListLiteral:
    items: tuple[Node, ...]
    at: int = 0


@dataclass(frozen=True, slots=True)
class ContextLiteral:
    entries: tuple[tuple[str, Node], ...]
    at: int = 0


@dataclass(frozen=True, slots=True)
class RangeLiteral:
    low: Node
    high: Node
    low_closed: bool
    high_closed: bool
    at: int = 0


@dataclass(frozen=True, slots=True)
class UnaryRange:
    """`(< 5)` as a value, `< 5` as a test."""

    op: CompareOp
    operand: Node
    at: int = 0


@dataclass(frozen=True, slots=True)
class Negation:
    operand: Node
    at: int = 0


@dataclass(frozen=True, slots=True)
class Chain:
    """Left-associative arithmetic of one precedence: `first op operand op operand …`."""

    first: Node
    rest: tuple[tuple[str, Node, int], ...]
    at: int = 0


@dataclass(frozen=True, slots=True)
class Logic:
    op: Choice["and", "or"]
    operands: tuple[Node, ...]
    at: int = 0


@dataclass(frozen=True, slots=True)
class Comparison:
    op: CompareOp
    left: Node
    right: Node
    at: int = 0


@dataclass(frozen=True, slots=True)
class Between:
    value: Node
    low: Node
    high: Node
    at: int = 0


@dataclass(frozen=True, slots=True)
class In:
    value: Node
    tests: tuple[Node, ...]
    at: int = 0


@dataclass(frozen=True, slots=True)
class InstanceOf:
    value: Node
    type: FeelType
    at: int = 0


@dataclass(frozen=True, slots=True)
class Conditional:
    branches: tuple[tuple[Node, Node], ...]
    otherwise: Node
    at: int = 0


@dataclass(frozen=True, slots=True)
class Iteration:
    """`name in low` or `name in low..high`."""

    name: str
    low: Node
    high: Node | None = None


@dataclass(frozen=True, slots=True)
class For:
    iterations: tuple[Iteration, ...]
    result: Node
    at: int = 0


@dataclass(frozen=True, slots=True)
class Quantified:
    quantifier: Choice["some", "every"]
    iterations: tuple[Iteration, ...]
    condition: Node
    at: int = 0


@dataclass(frozen=True, slots=True)
class FunctionDefinition:
    parameters: tuple[tuple[str, FeelType], ...]
    body: Node
    external: bool = False
    at: int = 0


@dataclass(frozen=True, slots=True)
class Member:
    name: str
    at: int = 0


@dataclass(frozen=True, slots=True)
class Filter:
    condition: Node
    at: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    """Positional when `names` is None."""

    arguments: tuple[Node, ...]
    names: tuple[str, ...] | None = None
    at: int = 0


Step = Member | Filter | Call


@dataclass(frozen=True, slots=True)
class Postfix:
    """`base` followed by members, filters and calls."""

    base: Node
    steps: tuple[Step, ...]
    at: int = 0


@dataclass(frozen=True, slots=True)
class Tests:
    """Unary tests of a decision table cell; no tests and not negated means `-`."""

    tests: tuple[Node, ...]
    negated: bool = False
    at: int = 0


Node = (
    Literal
    | AtLiteral
    | Name
    | ListLiteral
    | ContextLiteral
    | RangeLiteral
    | UnaryRange
    | Negation
    | Chain
    | Logic
    | Comparison
    | Between
    | In
    | InstanceOf
    | Conditional
    | For
    | Quantified
    | FunctionDefinition
    | Postfix
)
