"""Which rules may match some inputs? Columns of constant cells answer by lookup, as a bit set of rules."""

from __future__ import annotations

from collections.abc import Sequence

from rules.dmn.run import DecisionRun
from rules.feel.expression import UnaryTests
from rules.feel.syntax import Tests


class TableIndex:
    """The cells of a table by column."""

    def __init__(self, cells: Sequence[Sequence[UnaryTests | None]], columns: int) -> None:
        self._cells = cells
        self._columns = columns

    def matches(self, run: DecisionRun, values: Sequence[object], *, first_only: bool) -> list[int]:
        """The rules whose cells all pass, in rule order (only the first of them when asked)."""
        hits: list[int] = []
        scopes: list[object] = [None] * self._columns
        for rule, cells in enumerate(self._cells):
            if all(self._passes(run, cell, values[position], scopes, position) for position, cell in enumerate(cells)):
                hits.append(rule)
                if first_only:
                    break
        return hits

    @staticmethod
    def _passes(run: DecisionRun, cell: UnaryTests | None, value: object, scopes: list[object], position: int) -> bool:
        if cell is None:
            return False
        if isinstance(cell.tree, Tests) and not cell.tree.tests:
            return True
        with run.inner({"?": value}):
            return cell.run(run) is True
