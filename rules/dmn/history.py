"""How is a decision kept in the history? As JSON: value, decisions in order, inputs, matched rules, reasons of nulls."""

from __future__ import annotations

from collections.abc import Iterable

from rules.dmn.results import DecisionResult, EvaluatedDecision, NamedValue
from rules.feel.conversion import to_json as value_json


def to_json(result: DecisionResult) -> dict[str, object]:
    """The result as JSON."""
    return {
        "decisionId": result.decision_id,
        "decisionName": result.decision_name,
        "value": value_json(result.value),
        "failure": result.failure,
        "evaluated": [_decision(decision) for decision in result.evaluated],
    }


def _decision(decision: EvaluatedDecision) -> dict[str, object]:
    return {
        "id": decision.id,
        "name": decision.name,
        "type": decision.type,
        "value": value_json(decision.value),
        "inputs": _values(decision.inputs),
        "matched": [
            {
                "id": rule.id,
                "index": rule.index,
                "outputs": _values(rule.outputs),
                "annotations": list(rule.annotations),
                "text": rule.text,
            }
            for rule in decision.matched
        ],
        "warnings": list(decision.warnings),
    }


def _values(values: Iterable[NamedValue]) -> list[dict[str, object]]:
    return [{"id": entry.id, "name": entry.name, "value": value_json(entry.value)} for entry in values]
