"""Decisions taken: what was decided, from which inputs, by which rules."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from fastapi import APIRouter

from api.rest.context import EngineHere, InstanceReader
from api.rest.json_body import JsonRoute
from api.rest.searches import TENANT_FIELD, Field, PageInfo, Search, find, page_info
from api.rest.wire import TENANT, Answer, Key
from engine.errors import NotFound
from engine.runtime.facade import Engine
from engine.store.rows import DecisionDefinitionRow, DecisionInstanceRow

router = APIRouter(tags=["Decisions"], route_class=JsonRoute)

FIELDS = {
    "decisionEvaluationKey": Field("key", "key"),
    "decisionEvaluationInstanceKey": Field("key", "key"),
    "decisionDefinitionId": Field("decision_id"),
    "decisionDefinitionName": Field("decision_name"),
    "decisionDefinitionKey": Field("decision_definition_key", "key"),
    "rootDecisionDefinitionKey": Field("decision_definition_key", "key"),
    "state": Field("state"),
    "evaluationDate": Field("evaluated_at", "date"),
    "evaluationFailure": Field("failure"),
    "elementInstanceKey": Field("element_instance_key", "key"),
    "processInstanceKey": Field("process_instance_key", "key"),
    "processDefinitionKey": Field("definition_key", "key"),
    "tenantId": TENANT_FIELD,
}
_TYPES = {"DECISION_TABLE", "LITERAL_EXPRESSION"}


class Input(Answer):
    """`inputValue` is JSON text."""

    input_id: str
    input_name: str
    input_value: str


class Output(Answer):
    output_id: str
    output_name: str
    output_value: str
    rule_id: str | None
    rule_index: int | None


class MatchedRule(Answer):
    """`text` is the rule in readable form."""

    rule_id: str
    rule_index: int
    evaluated_outputs: list[Output]
    text: str
    annotations: list[str]


class EvaluatedDecision(Answer):
    """`output` is JSON text; `warnings` say why something in it is null."""

    decision_definition_key: Key
    decision_definition_id: str
    decision_definition_name: str
    decision_definition_version: int
    decision_definition_type: str
    decision_evaluation_instance_key: str
    output: str
    evaluated_inputs: list[Input]
    matched_rules: list[MatchedRule]
    warnings: list[str]
    tenant_id: str = TENANT


class DecisionInstance(Answer):
    decision_evaluation_key: Key
    decision_evaluation_instance_key: str
    decision_definition_key: Key
    decision_definition_id: str
    decision_definition_name: str
    decision_definition_version: int
    decision_definition_type: str
    root_decision_definition_key: Key
    state: str
    evaluation_date: datetime
    evaluation_failure: str | None
    result: str
    element_instance_key: Key | None
    process_instance_key: Key | None
    root_process_instance_key: Key | None = None
    process_definition_key: Key | None
    business_id: str | None = None
    tenant_id: str = TENANT


class DecisionInstances(Answer):
    items: list[DecisionInstance]
    page: PageInfo


class DecisionInstanceDetails(DecisionInstance):
    """`evaluatedDecisions`: the required decisions too, in the order of their evaluation."""

    evaluated_inputs: list[Input]
    matched_rules: list[MatchedRule]
    evaluated_decisions: list[EvaluatedDecision]


@router.post("/decision-instances/search")
def search_decision_instances(engine: EngineHere, _user: InstanceReader, search: Search | None = None) -> DecisionInstances:
    found = find(engine, "decision_instance", search, FIELDS)
    known: dict[int | None, DecisionDefinitionRow | None] = {}
    for row in found.items:
        if row.decision_definition_key not in known:
            known[row.decision_definition_key] = _definition_of(engine, row)
    return DecisionInstances(
        items=[DecisionInstance(**_summary(row, known[row.decision_definition_key])) for row in found.items], page=page_info(found)
    )


@router.get("/decision-instances/{key}")
def get_decision_instance(engine: EngineHere, _user: InstanceReader, key: str) -> DecisionInstanceDetails:
    """The key of a search's answer: the evaluation's key, with or without `-1` behind it."""
    number = key.removesuffix("-1")
    row = engine.get("decision_instance", int(number)) if number.isascii() and number.isdigit() and len(number) < 19 else None
    if row is None:
        raise NotFound(f"No decision instance {key[:40]}: search them at /v2/decision-instances/search.")
    definition = _definition_of(engine, row)
    decisions = evaluated_decisions(engine, row, definition)
    own = next((d for d in reversed(decisions) if d.decision_definition_id == row.decision_id), None)
    return DecisionInstanceDetails(
        **_summary(row, definition),
        evaluated_inputs=own.evaluated_inputs if own else [],
        matched_rules=own.matched_rules if own else [],
        evaluated_decisions=decisions,
    )


def evaluated_decisions(engine: Engine, row: DecisionInstanceRow, definition: DecisionDefinitionRow | None) -> list[EvaluatedDecision]:
    """Every decision of an evaluation, as recorded in its details."""
    evaluated: list[Mapping[str, Any]] = list(row.details.get("evaluated") or ())
    siblings = {
        d.decision_id: d
        for d in (engine.search("decision_definition", {"requirements_key": definition.requirements_key}).items if definition else ())
    }
    return [_evaluated(row.key, index, item, siblings.get(item["id"])) for index, item in enumerate(evaluated, 1)]


def _evaluated(key: int, index: int, item: Mapping[str, Any], definition: DecisionDefinitionRow | None) -> EvaluatedDecision:
    return EvaluatedDecision(
        decision_definition_key=definition.key if definition else 0,
        decision_definition_id=item["id"],
        decision_definition_name=item.get("name") or item["id"],
        decision_definition_version=definition.version if definition else 1,
        decision_definition_type=item.get("type") or "UNKNOWN",
        decision_evaluation_instance_key=f"{key}-{index}",
        output=_text(item.get("value")),
        evaluated_inputs=[_input(given) for given in item.get("inputs") or ()],
        matched_rules=[_matched(rule) for rule in item.get("matched") or ()],
        warnings=list(item.get("warnings") or ()),
    )


def _input(given: Mapping[str, Any]) -> Input:
    return Input(input_id=given.get("id") or "", input_name=given.get("name") or "", input_value=_text(given.get("value")))


def _matched(rule: Mapping[str, Any]) -> MatchedRule:
    return MatchedRule(
        rule_id=rule.get("id") or "",
        rule_index=rule["index"],
        evaluated_outputs=[
            Output(
                output_id=o.get("id") or "",
                output_name=o.get("name") or "",
                output_value=_text(o.get("value")),
                rule_id=rule.get("id"),
                rule_index=rule["index"],
            )
            for o in rule.get("outputs") or ()
        ],
        text=rule.get("text") or "",
        annotations=list(rule.get("annotations") or ()),
    )


def _summary(row: DecisionInstanceRow, definition: DecisionDefinitionRow | None) -> dict[str, Any]:
    own = [item for item in row.details.get("evaluated") or () if item.get("id") == row.decision_id]
    kind = own[-1].get("type") if own else None
    return {
        "decision_evaluation_key": row.key,
        "decision_evaluation_instance_key": f"{row.key}-1",
        "decision_definition_key": row.decision_definition_key or 0,
        "decision_definition_id": row.decision_id,
        "decision_definition_name": row.decision_name or row.decision_id,
        "decision_definition_version": definition.version if definition else 1,
        "decision_definition_type": kind if kind in _TYPES else "UNKNOWN",
        "root_decision_definition_key": row.decision_definition_key or 0,
        "state": row.state,
        "evaluation_date": row.evaluated_at,
        "evaluation_failure": row.failure,
        "result": row.result,
        "element_instance_key": row.element_instance_key,
        "process_instance_key": row.process_instance_key,
        "process_definition_key": row.definition_key,
    }


def _definition_of(engine: Engine, row: DecisionInstanceRow) -> DecisionDefinitionRow | None:
    return engine.get("decision_definition", row.decision_definition_key) if row.decision_definition_key else None


def _text(value: Any) -> str:
    return orjson.dumps(value).decode()
