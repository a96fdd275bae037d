"""Which findings does a decision table give? Each example is confirmed by evaluating the table's cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import islice

from rules.dmn.cells import constant_cell
from rules.dmn.elements import InputClause, Place
from rules.dmn.lint.findings import Finding, FindingKind
from rules.dmn.lint.regions import ColumnRegions, column_regions, passes
from rules.dmn.lint.search import Search
from rules.dmn.table import CompiledTable
from rules.feel.comparison import identical
from rules.feel.conversion import to_text
from rules.feel.expression import Expression
from rules.feel.run import Run
from rules.feel.scanner import quote

_MAX_FINDINGS = 10
_SINGLE_HIT = ("UNIQUE", "ANY", "FIRST", "PRIORITY")


def lint_table(decision_id: str, table: CompiledTable) -> Iterator[Finding]:
    """What is doubtful in the table, at most ten findings of each kind."""
    lint = TableLint(decision_id, table)
    yield from lint.not_allowed()
    if table.inputs and table.cells:
        yield from islice(lint.unreachable(), _MAX_FINDINGS)
        yield from islice(lint.overlaps(), _MAX_FINDINGS)
        yield from islice(lint.gaps(), _MAX_FINDINGS)


class TableLint:
    """The regions of a table's columns, and what follows from them."""

    def __init__(self, decision_id: str, table: CompiledTable) -> None:
        self.decision_id = decision_id
        self.table = table
        self.columns: list[ColumnRegions] = [column_regions(table, position) for position in range(len(table.inputs))]
        self.everything = (1 << len(table.cells)) - 1

    def gaps(self) -> Iterator[Finding]:
        """Inputs that no rule covers, unless a default output stands for them or hits are collected."""
        if self.table.defaults is not None or self.table.table.hit_policy not in _SINGLE_HIT:
            return
        if any(column.open for column in self.columns):
            return
        for position, column in enumerate(self.columns):
            for region in column.regions:
                if not region.rules | region.unknown:
                    clause = self.table.table.inputs[position]
                    shown = f"{clause.label or clause.expression} = {_literal(region.example)}"
                    example = [other.regions[0].example for other in self.columns]
                    example[position] = region.example
                    yield self._finding("gap", f"No rule covers {shown}", "Add a rule or a default output.", example=example)
        used = [ColumnRegions(tuple(region for region in column.regions if region.rules | region.unknown)) for column in self.columns]
        search = Search(used)
        for example in search.uncovered(self.everything):
            if self.hits(example):
                continue
            yield self._finding(
                "gap",
                f"No rule covers {self._shown(example)}",
                "Add a rule or a default output.",
                example=example,
            )

    def overlaps(self) -> Iterator[Finding]:
        """Inputs that pass two rules, where the hit policy forbids it."""
        policy = self.table.table.hit_policy
        if policy not in ("UNIQUE", "ANY"):
            return
        partners = self._partners()
        for rule, others in enumerate(partners):
            later = others & ~((2 << rule) - 1)
            while later:
                lowest = later & -later
                later ^= lowest
                other = lowest.bit_length() - 1
                if policy == "ANY" and self._same_outputs(rule, other):
                    continue
                example = self._common_example(rule, other)
                hits = self.hits(example)
                if rule not in hits or other not in hits:
                    continue
                yield self._finding(
                    "overlap",
                    f"Rules {rule + 1} and {other + 1} both cover {self._shown(example)}, which the hit policy {policy} forbids",
                    "Make the rules exclude each other, or choose another hit policy.",
                    rules=(rule + 1, other + 1),
                    example=example,
                )

    def unreachable(self) -> Iterator[Finding]:
        """Rules that no input reaches: their cells exclude everything, or rules before them take it all."""
        policy = self.table.table.hit_policy
        for rule in range(len(self.table.cells)):
            bit = 1 << rule
            if any(not any((region.rules | region.unknown) & bit for region in column.regions) for column in self.columns):
                yield self._finding("unreachable", f"No input passes rule {rule + 1}", "Correct or remove the rule.", rules=(rule + 1,))
            elif policy == "FIRST" and self._is_certain(rule):
                search = Search(self._certain_columns())
                if next(search.uncovered(bit - 1, within=rule), None) is None and not search.gave_up:
                    yield self._finding(
                        "unreachable",
                        f"Rule {rule + 1} never decides: the rules before it cover all its inputs",
                        "Move the rule up or remove it.",
                        rules=(rule + 1,),
                    )

    def not_allowed(self) -> Iterator[Finding]:
        """Cells and outputs that name values which the column does not allow."""
        table = self.table.table
        for number, rule in enumerate(table.rules, 1):
            for position, cell in enumerate(self.table.cells[number - 1]):
                allowed, check = self.table.input_values[position], self.table.input_types[position].check
                constant = None if cell is None else constant_cell(cell)
                if constant is None or (allowed is None and check is None):
                    continue
                for op, value in constant.tests:
                    if op not in ("=", "in") or not isinstance(value, (str, bool, Decimal)):
                        continue
                    if not ((allowed is None or passes(allowed, value)) and (check is None or check(value))):
                        clause, place = table.inputs[position], rule.cells[position]
                        yield self._not_allowed(number, value, clause.label or clause.expression, place)
            for position, code in enumerate(self.table.outputs[number - 1]):
                wanted = self.table.priorities[position]
                value = _constant(code)
                if wanted and value is not None and not any(identical(value, one) for one in wanted):
                    clause = table.outputs[position]
                    place = rule.cells[len(rule.inputs) + position]
                    yield self._not_allowed(number, value, clause.label or clause.name or "the output", place)

    def hits(self, example: Sequence[object]) -> list[int]:
        """The rules that the example passes, as far as their cells are constant."""
        return [
            rule
            for rule, cells in enumerate(self.table.cells)
            if all(cell is not None and cell.is_constant and passes(cell, value) for cell, value in zip(cells, example, strict=True))
        ]

    def _partners(self) -> list[int]:
        """For each rule, those that share a value with it in every column."""
        partners = [self.everything] * len(self.table.cells)
        for column in self.columns:
            shared = [0] * len(self.table.cells)
            for region in column.regions:
                remaining = region.rules
                while remaining:
                    lowest = remaining & -remaining
                    remaining ^= lowest
                    shared[lowest.bit_length() - 1] |= region.rules
            partners = [present & more for present, more in zip(partners, shared, strict=True)]
        return partners

    def _common_example(self, rule: int, other: int) -> tuple[object, ...]:
        both = 1 << rule | 1 << other
        return tuple(next(region.example for region in column.regions if region.rules & both == both) for column in self.columns)

    def _same_outputs(self, rule: int, other: int) -> bool:
        texts = self.table.table.rules
        return texts[rule].outputs == texts[other].outputs

    def _is_certain(self, rule: int) -> bool:
        return not any(region.unknown >> rule & 1 for column in self.columns for region in column.regions)

    def _certain_columns(self) -> list[ColumnRegions]:
        """The regions where only what is known counts as covered."""
        return [
            ColumnRegions(tuple(type(region)(region.example, region.rules) for region in column.regions), column.open)
            for column in self.columns
        ]

    def _finding(
        self, kind: FindingKind, message: str, advice: str, *, rules: tuple[int, ...] = (), example: Sequence[object] = ()
    ) -> Finding:
        table = self.table.table
        place = table.rules[rules[-1] - 1].place if rules else table.place
        inputs = {clause.expression: value for clause, value in zip(table.inputs, example, strict=False)}
        return Finding(kind, self.decision_id, message, advice, rules, inputs, place.id, place.line)

    def _not_allowed(self, number: int, value: object, column: str, place: Place) -> Finding:
        return Finding(
            "not allowed",
            self.decision_id,
            f"Rule {number} names {_literal(value)}, which {column} does not allow",
            "Correct the value, or add it to the allowed ones.",
            (number,),
            {},
            place.id,
            place.line,
        )

    def _shown(self, example: Sequence[object]) -> str:
        clauses: Sequence[InputClause] = self.table.table.inputs
        return ", ".join(f"{clause.label or clause.expression} = {_literal(value)}" for clause, value in zip(clauses, example, strict=True))


def _constant(code: Expression | None) -> object:
    return code.run(Run({}, trusted=True)) if code is not None and code.is_constant else None


def _literal(value: object) -> str:
    return quote(value) if isinstance(value, str) else to_text(value)
