"""What do the matching rules of a decision table give together (DMN 1.5 §8.2.8 and §8.2.9)?"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from rules.dmn.elements import Aggregation, DecisionTable
from rules.dmn.run import DecisionFailureError
from rules.feel.builtins.lists import maximum, minimum, sum_
from rules.feel.comparison import identical
from rules.feel.run import UndefinedError

Row = Sequence[object]
"""The outputs of one rule, in the order of the output clauses."""


def combine(table: DecisionTable, rows: Sequence[Row], priorities: Sequence[Sequence[object]], rules: Sequence[int]) -> object:
    """The value of the table for the rows of the rules that matched (at least one); raises DecisionFailureError.

    `priorities` are the output values of each clause, most important first; `rules` count from 1.
    """
    match table.hit_policy:
        case "UNIQUE":
            if len(rows) > 1:
                raise DecisionFailureError(f"Rules {_listed(rules)} match, but the hit policy UNIQUE allows only one")
            return _value(table, rows[0])
        case "ANY":
            for row, rule in zip(rows[1:], rules[1:], strict=True):
                if not all(map(identical, rows[0], row)):
                    raise DecisionFailureError(f"Rules {rules[0]} and {rule} give different outputs, which the hit policy ANY forbids")
            return _value(table, rows[0])
        case "FIRST":
            return _value(table, rows[0])
        case "PRIORITY":
            return _value(table, _by_priority(rows, priorities)[0])
        case "OUTPUT ORDER":
            return [_value(table, row) for row in _by_priority(rows, priorities)]
        case "RULE ORDER":
            return [_value(table, row) for row in rows]
        case "COLLECT":
            if table.aggregation is None:
                return [_value(table, row) for row in rows]
            columns = [_aggregate(table.aggregation, list(column)) for column in zip(*rows, strict=True)]
            return _value(table, columns)


def without_match(table: DecisionTable, defaults: Row | None) -> object:
    """The value of the table when no rule matches: the defaults, else what collecting nothing gives, else null."""
    if defaults is None:
        if table.hit_policy != "COLLECT":
            return None
        return [] if table.aggregation is None else Decimal(0) if table.aggregation == "COUNT" else None
    value = _value(table, defaults)
    return (
        [value]
        if table.hit_policy in ("RULE ORDER", "OUTPUT ORDER") or (table.hit_policy == "COLLECT" and not table.aggregation)
        else value
    )


def _value(table: DecisionTable, row: Row) -> object:
    if len(table.outputs) == 1:
        return row[0]
    return {clause.name: value for clause, value in zip(table.outputs, row, strict=True)}


def _by_priority(rows: Sequence[Row], priorities: Sequence[Sequence[object]]) -> list[Row]:
    return sorted(rows, key=lambda row: [_rank(value, order) for value, order in zip(row, priorities, strict=True)])


def _rank(value: object, order: Sequence[object]) -> int:
    return next((index for index, wanted in enumerate(order) if identical(value, wanted)), len(order))


def _aggregate(aggregation: Aggregation, values: list[object]) -> object:
    try:
        match aggregation:
            case "COUNT":
                return Decimal(len(values))
            case "SUM":
                return sum_(values)
            case "MIN":
                return minimum(values)
            case "MAX":
                return maximum(values)
    except UndefinedError as undefined:
        raise DecisionFailureError(f"The outputs cannot be aggregated: {undefined}") from None


def _listed(rules: Sequence[int]) -> str:
    return f"{', '.join(map(str, rules[:-1]))} and {rules[-1]}"
