"""Which values does a decision table cell accept? Answered without evaluating it, for cells of constants only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import cast

from rules.feel.compiler import Compiler
from rules.feel.durations import DaysTimeDuration, YearsMonthsDuration
from rules.feel.expression import UnaryTests
from rules.feel.run import Run
from rules.feel.syntax import Literal, Node, RangeLiteral, Tests, UnaryRange
from rules.feel.temporal import Date
from rules.feel.values import Range

ORDERED: frozenset[type] = frozenset({Decimal, str, Date, DaysTimeDuration, YearsMonthsDuration})
"""The types whose values are totally ordered, so that cells are intervals of them."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Values from `low` to `high`; an end that is None is unbounded."""

    low: object
    high: object
    low_closed: bool
    high_closed: bool


EVERYTHING = Interval(None, None, False, False)


@dataclass(frozen=True, slots=True)
class ConstantCell:
    """A cell that reads no variable: what its tests compare the input with. No tests means that everything passes."""

    tests: tuple[tuple[str, object], ...]
    negated: bool

    def accepted(self, kind: type) -> list[Interval]:
        """The values of an ordered type that pass."""
        if not self.tests:
            return [EVERYTHING]
        result: list[Interval] = []
        comparable = True
        for op, constant in self.tests:
            found = _accepted(op, constant, kind)
            if found is None:
                comparable = False
            else:
                result.extend(found)
        if not self.negated:
            return result
        return complement(result) if comparable else []


def constant_cell(cell: UnaryTests) -> ConstantCell | None:
    """What the cell compares with; None when that depends on variables."""
    tree = cell.tree
    if not isinstance(tree, Tests) or not cell.is_constant:
        return None
    constants = [_constant(node) for node in tree.tests]
    if any(constant is None for constant in constants):
        return None
    return ConstantCell(tuple(cast(list[tuple[str, object]], constants)), tree.negated)


def complement(intervals: Sequence[Interval]) -> list[Interval]:
    """All values in none of the intervals."""
    result: list[Interval] = []
    low: object = None
    low_closed = False
    for interval in merged(intervals):
        if interval.low is not None and (low is None or not _empty(low, low_closed, interval.low, not interval.low_closed)):
            result.append(Interval(low, interval.low, low_closed, not interval.low_closed))
        if interval.high is None:
            return result
        low, low_closed = interval.high, not interval.high_closed
    return [*result, Interval(low, None, low_closed, False)]


def merged(intervals: Sequence[Interval]) -> list[Interval]:
    """The same values in intervals that neither overlap nor touch, in order."""
    result: list[Interval] = []
    for interval in sorted(intervals, key=_start):
        if result and not _apart(result[-1], interval):
            result[-1] = _joined(result[-1], interval)
        else:
            result.append(interval)
    return result


def _accepted(op: str, constant: object, kind: type) -> list[Interval] | None:
    """The values of the type that pass one test; None when the test is null for them."""
    if op == "in":
        return _contained(constant, kind)
    if type(constant) is not kind:
        return [] if op == "=" and constant is None else [EVERYTHING] if op == "!=" and constant is None else None
    match op:
        case "=":
            return [Interval(constant, constant, True, True)]
        case "!=":
            return complement([Interval(constant, constant, True, True)])
        case "<" | "<=":
            return [Interval(None, constant, False, op == "<=")]
        case _:
            return [Interval(constant, None, op == ">=", False)]


def _contained(constant: object, kind: type) -> list[Interval] | None:
    if type(constant) is bool:
        return [EVERYTHING] if constant else []
    if type(constant) is Range:
        end = constant.low if constant.low is not None else constant.high
        if type(end) is not kind:
            return None
        if constant.excluded:
            return complement([Interval(end, end, True, True)])
        return [Interval(constant.low, constant.high, constant.low_closed, constant.high_closed)]
    if type(constant) is list:
        result: list[Interval] = []
        for item in cast(list[object], constant):
            if type(item) is kind:
                result.append(Interval(item, item, True, True))
            elif type(item) is Range or type(item) is list:
                result.extend(_contained(cast(object, item), kind) or [])
        return result
    return _accepted("=", constant, kind)


def _constant(node: Node) -> tuple[str, object] | None:
    if isinstance(node, UnaryRange):
        return node.op, _value(node.operand)
    value = _value(node)
    if isinstance(node, RangeLiteral) and value is None:
        return None
    return "in", value


def _value(node: Node) -> object:
    if isinstance(node, Literal):
        return node.value
    return Compiler().code(node, None)([None, Run({}, trusted=True)])


class _Start:
    """Orders intervals by where they begin."""

    __slots__ = ("interval",)

    def __init__(self, interval: Interval) -> None:
        self.interval = interval

    def __lt__(self, other: _Start) -> bool:
        a, b = self.interval, other.interval
        if a.low is None or b.low is None:
            return a.low is None and b.low is not None
        if a.low == b.low:
            return a.low_closed and not b.low_closed
        return cast(Decimal, a.low) < cast(Decimal, b.low)


def _start(interval: Interval) -> _Start:
    return _Start(interval)


def _apart(first: Interval, second: Interval) -> bool:
    """Whether there is a gap between an interval and a later one."""
    if first.high is None or second.low is None:
        return False
    if first.high == second.low:
        return not (first.high_closed or second.low_closed)
    return cast(Decimal, first.high) < cast(Decimal, second.low)


def _joined(first: Interval, second: Interval) -> Interval:
    if first.high is None or second.high is None:
        return Interval(first.low, None, first.low_closed, False)
    if first.high == second.high:
        return Interval(first.low, first.high, first.low_closed, first.high_closed or second.high_closed)
    later = second if cast(Decimal, first.high) < cast(Decimal, second.high) else first
    return Interval(first.low, later.high, first.low_closed, later.high_closed)


def _empty(low: object, low_closed: bool, high: object, high_closed: bool) -> bool:
    return low == high and not (low_closed and high_closed)
