"""Which rules match some inputs? Columns of constant cells answer by lookup, as a bit set of rules; other cells are evaluated."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from rules.dmn.cells import ORDERED, ConstantCell, Interval, constant_cell
from rules.dmn.run import DecisionRun
from rules.feel.expression import UnaryTests
from rules.feel.syntax import Tests

Bits = int


@dataclass(frozen=True, slots=True)
class Lookup:
    """For the values of one type: the rules that pass between and at the sorted points."""

    points: list[object]
    rules: list[Bits]

    def find(self, value: object) -> Bits:
        position = bisect_left(self.points, value)  # type: ignore[type-var]
        if position < len(self.points) and self.points[position] == value:
            return self.rules[2 * position + 1]
        return self.rules[2 * position]


class Column:
    """One column of input entries."""

    def __init__(self, cells: Sequence[UnaryTests | None]) -> None:
        self.cells = cells
        self._constants = _constants(cells)
        self._any: Bits = 0
        self.evaluated: Bits = 0
        for rule, constant in enumerate(self._constants):
            cell = cells[rule]
            if cell is not None and isinstance(cell.tree, Tests) and not cell.tree.tests:
                self._any |= 1 << rule
            elif constant is None and cell is not None:
                self.evaluated |= 1 << rule
        self._indexed: Bits = (1 << len(cells)) - 1 & ~self.evaluated
        self._lookups: dict[type, Lookup] = {}
        self._single: dict[object, Bits] = {}

    def candidates(self, run: DecisionRun, value: object) -> tuple[Bits, Bits]:
        """The rules that pass or may pass, and those of them whose cell has to be evaluated."""
        kind = type(value)
        if kind in ORDERED:
            lookup = self._lookups.get(kind)
            if lookup is None:
                lookup = self._lookups[kind] = self._lookup(kind)
            return lookup.find(value) | self.evaluated, self.evaluated
        if value is None or kind is bool:
            if value not in self._single:
                self._single[value] = self._passing(run, value)
            return self._single[value] | self.evaluated, self.evaluated
        everything = self._any | self._indexed | self.evaluated
        return everything, everything & ~self._any

    def _passing(self, run: DecisionRun, value: object) -> Bits:
        result = self._any
        with run.inner({"?": value}):
            for rule, constant in enumerate(self._constants):
                cell = self.cells[rule]
                if constant is not None and cell is not None and constant.tests and cell.run(run) is True:
                    result |= 1 << rule
        return result

    def _lookup(self, kind: type) -> Lookup:
        accepted: dict[UnaryTests, list[Interval]] = {}
        for rule, constant in enumerate(self._constants):
            cell = self.cells[rule]
            if constant is not None and cell is not None and constant.tests and cell not in accepted:
                accepted[cell] = constant.accepted(kind)
        ends = {
            end for intervals in accepted.values() for interval in intervals for end in (interval.low, interval.high) if end is not None
        }
        points: list[object] = sorted(ends)  # type: ignore[type-var]
        slot = {point: 2 * position + 1 for position, point in enumerate(points)}
        last = 2 * len(points)
        rules_of: dict[UnaryTests, Bits] = {}
        for rule, cell in enumerate(self.cells):
            if cell is not None and cell in accepted:
                rules_of[cell] = rules_of.get(cell, 0) | 1 << rule
        opened: list[Bits] = [0] * (last + 2)
        closed: list[Bits] = [0] * (last + 2)
        for cell, intervals in accepted.items():
            for interval in intervals:
                first = 0 if interval.low is None else slot[interval.low] + (not interval.low_closed)
                final = last if interval.high is None else slot[interval.high] - (not interval.high_closed)
                if first <= final:
                    opened[first] |= rules_of[cell]
                    closed[final + 1] |= rules_of[cell]
        rules: list[Bits] = []
        present: Bits = 0
        for position in range(last + 1):
            present = present & ~closed[position] | opened[position]
            rules.append(present | self._any)
        return Lookup(points, rules)


class TableIndex:
    """The cells of a table by column."""

    def __init__(self, cells: Sequence[Sequence[UnaryTests | None]], columns: int) -> None:
        self._cells = cells
        self._all: Bits = (1 << len(cells)) - 1
        self.columns = [Column([row[position] for row in cells]) for position in range(columns)]

    def matches(self, run: DecisionRun, values: Sequence[object], *, first_only: bool) -> list[int]:
        """The rules whose cells all pass, in rule order (only the first of them when asked)."""
        remaining = self._all
        evaluated: list[tuple[int, Bits]] = []
        for position, column in enumerate(self.columns):
            candidates, open_ = column.candidates(run, values[position])
            remaining &= candidates
            if open_:
                evaluated.append((position, open_))
            if not remaining:
                return []
        hits: list[int] = []
        while remaining:
            lowest = remaining & -remaining
            remaining ^= lowest
            rule = lowest.bit_length() - 1
            if all(self._passes(run, rule, position, values) for position, open_ in evaluated if open_ & lowest):
                hits.append(rule)
                if first_only:
                    break
        return hits

    def _passes(self, run: DecisionRun, rule: int, position: int, values: Sequence[object]) -> bool:
        cell = self._cells[rule][position]
        if cell is None:
            return False
        run.spend(1)
        with run.inner({"?": values[position]}):
            return cell.run(run) is True


def _constants(cells: Sequence[UnaryTests | None]) -> list[ConstantCell | None]:
    known: dict[UnaryTests, ConstantCell | None] = {}
    result: list[ConstantCell | None] = []
    for cell in cells:
        if cell is not None and cell not in known:
            known[cell] = constant_cell(cell)
        result.append(None if cell is None else known[cell])
    return result
