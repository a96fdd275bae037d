"""Which rules of a decision table match (DMN 1.5 §8)? Compiled once; constant cells are looked up in an index."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from rules.dmn.elements import DecisionTable, OutputClause
from rules.dmn.hit_policies import combine, without_match
from rules.dmn.item_types import ItemType, TypeTable
from rules.dmn.json_inputs import has_temporals, read_texts
from rules.dmn.results import MatchedRule, NamedValue
from rules.dmn.rule_text import rule_text
from rules.dmn.run import DecisionFailureError, DecisionRun
from rules.dmn.table_index import TableIndex
from rules.feel.expression import Expression, UnaryTests, Vocabulary
from rules.feel.run import Run
from rules.feel.syntax import Literal, Tests
from rules.feel.types import ANY

if TYPE_CHECKING:
    from rules.dmn.boxed import Workshop

HIT_POLICIES = frozenset({"UNIQUE", "FIRST", "PRIORITY", "ANY", "COLLECT", "RULE ORDER", "OUTPUT ORDER"})
AGGREGATIONS = frozenset({"SUM", "COUNT", "MIN", "MAX"})


class CompiledTable:
    """A decision table, ready to be evaluated."""

    def __init__(
        self,
        table: DecisionTable,
        types: TypeTable,
        inputs: Sequence[Expression | None],
        input_types: Sequence[ItemType],
        input_values: Sequence[UnaryTests | None],
        cells: Sequence[Sequence[UnaryTests | None]],
        outputs: Sequence[Sequence[Expression | None]],
        output_types: Sequence[ItemType],
        output_values: Sequence[UnaryTests | None],
        defaults: Sequence[Expression | None] | None,
        priorities: Sequence[Sequence[object]],
    ) -> None:
        self.table = table
        self.types = types
        self.inputs = inputs
        self.input_types = input_types
        self.input_values = input_values
        self.cells = cells
        self.outputs = outputs
        self.output_types = output_types
        self.output_values = output_values
        self.defaults = defaults
        self.priorities = priorities
        self.index = TableIndex(cells, len(inputs))
        self._texts: dict[int, str] = {}
        self._labels = [clause.label or clause.expression for clause in table.inputs]
        self._plain_input = [type_.structure == ANY and type_.check is None for type_ in input_types]
        self._temporal_input = [has_temporals(type_.structure) for type_ in input_types]
        self._plain_output = [type_.structure == ANY and type_.check is None for type_ in output_types]

    def evaluate(self, run: DecisionRun) -> object:
        """The value of the table; raises DecisionFailureError where the hit policy is violated."""
        values = self._read_inputs(run)
        hits = self.index.matches(run, values, first_only=self.table.hit_policy == "FIRST")
        if not hits:
            defaults = None if self.defaults is None else [None if code is None else code.run(run) for code in self.defaults]
            return without_match(self.table, defaults)
        rows = [self._row(run, rule) for rule in hits]
        for rule, row in zip(hits, rows, strict=True):
            run.matched.append(self._matched(rule, row))
        return combine(self.table, rows, self.priorities, [rule + 1 for rule in hits])

    def _read_inputs(self, run: DecisionRun) -> list[object]:
        values: list[object] = []
        for position, code in enumerate(self.inputs):
            value = None if code is None else code.run(run)
            if self._temporal_input[position]:
                value = read_texts(value, self.input_types[position].structure)
            if not self._plain_input[position]:
                value = self.types.conform(run, value, self.input_types[position], f"Input '{self._labels[position]}'")
            allowed = self.input_values[position]
            if allowed is not None and value is not None and allowed.run(Run({"?": value}, trusted=True)) is False:
                run.null(f"Input '{self._labels[position]}' is not among the values {allowed.text}")
                value = None
            values.append(value)
            clause = self.table.inputs[position]
            run.inputs.append(NamedValue(clause.place.id or "", self._labels[position], value))
        return values

    def _row(self, run: DecisionRun, rule: int) -> list[object]:
        row: list[object] = []
        for position, code in enumerate(self.outputs[rule]):
            value = None if code is None else code.run(run)
            if not self._plain_output[position]:
                value = self.types.conform(run, value, self.output_types[position], f"Output '{self.table.outputs[position].name}'")
            allowed = self.output_values[position]
            if allowed is not None and value is not None and allowed.run(Run({"?": value}, trusted=True)) is False:
                run.null(f"Output '{self.table.outputs[position].name}' is not among the values {allowed.text}")
                value = None
            row.append(value)
        return row

    def _matched(self, rule: int, row: Sequence[object]) -> MatchedRule:
        element = self.table.rules[rule]
        if rule not in self._texts:
            self._texts[rule] = rule_text(self.table, rule)
        outputs = tuple(
            NamedValue(clause.place.id or "", clause.name or clause.label, value)
            for clause, value in zip(self.table.outputs, row, strict=True)
        )
        return MatchedRule(element.place.id or "", rule + 1, outputs, element.annotations, self._texts[rule])


def compile_table(workshop: Workshop, table: DecisionTable, names: Collection[str]) -> CompiledTable:
    """Compile all cells; what is wrong is reported to the workshop."""
    _check_shape(workshop, table)
    vocabulary = workshop.vocabulary(names)
    cell_vocabulary = workshop.vocabulary([*names, "?"])
    cells: dict[str, UnaryTests | None] = {}
    results: dict[str, Expression | None] = {}
    rows: list[list[UnaryTests | None]] = []
    outputs: list[list[Expression | None]] = []
    for rule in table.rules:
        row: list[UnaryTests | None] = []
        for position, text in enumerate(rule.inputs[: len(table.inputs)]):
            if text not in cells:
                cells[text] = workshop.tests(text, cell_vocabulary, rule.cells[position]) if text else cell_vocabulary.unary_tests("-")
            row.append(cells[text])
        rows.append(row + [cell_vocabulary.unary_tests("-")] * (len(table.inputs) - len(row)))
        entries: list[Expression | None] = []
        for position, text in enumerate(rule.outputs[: len(table.outputs)]):
            if text not in results:
                results[text] = workshop.expression(text, vocabulary, rule.cells[len(rule.inputs) + position]) if text else None
            entries.append(results[text])
        outputs.append(entries + [None] * (len(table.outputs) - len(entries)))
    input_types = [workshop.type_of(clause.type_ref, clause.place) for clause in table.inputs]
    output_types = [workshop.type_of(clause.type_ref, clause.place) for clause in table.outputs]
    return CompiledTable(
        table,
        workshop.types,
        [
            workshop.written_in(clause.language, clause.expression, vocabulary, clause.place) if clause.expression else None
            for clause in table.inputs
        ],
        input_types,
        [None if not clause.values else workshop.tests(clause.values, cell_vocabulary, clause.place) for clause in table.inputs],
        rows,
        outputs,
        output_types,
        [None if not clause.values else workshop.tests(clause.values, cell_vocabulary, clause.place) for clause in table.outputs],
        _defaults(workshop, table, vocabulary),
        [
            _priorities(workshop, clause, clause.values or type_.allowed, cell_vocabulary)
            for clause, type_ in zip(table.outputs, output_types, strict=True)
        ],
    )


def _check_shape(workshop: Workshop, table: DecisionTable) -> None:
    if table.hit_policy not in HIT_POLICIES:
        workshop.report(f"There is no hit policy '{table.hit_policy}'", f"Use one of {', '.join(sorted(HIT_POLICIES))}.", table.place)
    if table.aggregation is not None and table.aggregation not in AGGREGATIONS:
        workshop.report(f"There is no aggregation '{table.aggregation}'", "Use SUM, COUNT, MIN or MAX.", table.place)
    if not table.outputs:
        workshop.report("The decision table has no output", "Add an output column.", table.place)
    for number, rule in enumerate(table.rules, 1):
        if len(rule.inputs) != len(table.inputs) or len(rule.outputs) != len(table.outputs):
            workshop.report(
                f"Rule {number} has {len(rule.inputs)} input and {len(rule.outputs)} output entries "
                f"for {len(table.inputs)} inputs and {len(table.outputs)} outputs",
                "Give each rule one entry per column; '-' matches everything.",
                rule.place,
            )


def _defaults(workshop: Workshop, table: DecisionTable, vocabulary: Vocabulary) -> list[Expression | None] | None:
    if all(clause.default is None for clause in table.outputs):
        return None
    return [None if not clause.default else workshop.expression(clause.default, vocabulary, clause.place) for clause in table.outputs]


def _priorities(workshop: Workshop, clause: OutputClause, text: str | None, vocabulary: Vocabulary) -> list[object]:
    """The listed output values in their order."""
    tests = workshop.tests(text, vocabulary, clause.place) if text else None
    if tests is None or not isinstance(tests.tree, Tests):
        return []
    return [node.value for node in tests.tree.tests if isinstance(node, Literal)]


__all__ = ["CompiledTable", "DecisionFailureError", "compile_table"]
