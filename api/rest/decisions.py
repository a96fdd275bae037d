"""Deployed decisions: searching them, their files, and evaluating them."""

from fastapi import APIRouter, Response
from pydantic import model_validator

from api.rest.context import DefinitionReader, EngineHere, Evaluator, actor
from api.rest.decision_instances import EvaluatedDecision, evaluated_decisions
from api.rest.json_body import ExactJsonRoute, JsonRoute
from api.rest.searches import TENANT_FIELD, Field, PageInfo, Search, find, page_info
from api.rest.wire import TENANT, Answer, Ask, Key, Name, PathKey, Tenant, Variables
from engine.errors import NotFound
from engine.runtime.facade import Engine
from engine.store.rows import DecisionDefinitionRow, DecisionRequirementsRow
from rules.feel import to_json_text

router = APIRouter(tags=["Decisions"], route_class=JsonRoute)
exact = APIRouter(route_class=ExactJsonRoute)

FIELDS = {
    "decisionDefinitionKey": Field("key", "key"),
    "decisionDefinitionId": Field("decision_id"),
    "name": Field("name"),
    "version": Field("version", "int"),
    "decisionRequirementsKey": Field("requirements_key", "key"),
    "decisionRequirementsId": Field("requirements_id"),
    "decisionRequirementsName": Field("requirements_name"),
    "decisionRequirementsVersion": Field("requirements_version", "int"),
    "isLatestVersion": Field("is_latest", "bool"),
    "tenantId": TENANT_FIELD,
}
REQUIREMENTS_FIELDS = {
    "decisionRequirementsKey": Field("key", "key"),
    "decisionRequirementsId": Field("requirements_id"),
    "decisionRequirementsName": Field("name"),
    "version": Field("version", "int"),
    "resourceName": Field("resource_name"),
    "tenantId": TENANT_FIELD,
}


class DecisionDefinition(Answer):
    decision_definition_key: Key
    decision_definition_id: str
    name: str
    version: int
    decision_requirements_key: Key
    decision_requirements_id: str
    decision_requirements_name: str
    decision_requirements_version: int
    tenant_id: str = TENANT


class DecisionDefinitions(Answer):
    items: list[DecisionDefinition]
    page: PageInfo


class DecisionRequirements(Answer):
    decision_requirements_key: Key
    decision_requirements_id: str
    decision_requirements_name: str
    version: int
    resource_name: str
    tenant_id: str = TENANT


class DecisionRequirementsList(Answer):
    items: list[DecisionRequirements]
    page: PageInfo


class Evaluation(Ask):
    """Either `decisionDefinitionId` (the newest version) or `decisionDefinitionKey`."""

    decision_definition_id: Name | None = None
    decision_definition_key: Key | None = None
    variables: Variables | None = None
    tenant_id: Tenant = None

    @model_validator(mode="after")
    def _names_one(self) -> "Evaluation":
        if (self.decision_definition_id is None) == (self.decision_definition_key is None):
            raise ValueError("give either decisionDefinitionId or decisionDefinitionKey")
        return self


class Evaluated(Answer):
    """`output` is JSON text; `failureMessage` says why there is none."""

    decision_definition_key: Key
    decision_definition_id: str
    decision_definition_name: str
    decision_definition_version: int
    decision_evaluation_key: Key
    decision_instance_key: Key
    decision_requirements_key: Key
    decision_requirements_id: str
    output: str
    failed_decision_definition_id: str | None
    failure_message: str | None
    evaluated_decisions: list[EvaluatedDecision]
    tenant_id: str = TENANT


@router.post("/decision-definitions/search")
def search_decision_definitions(engine: EngineHere, _user: DefinitionReader, search: Search | None = None) -> DecisionDefinitions:
    found = find(engine, "decision_definition", search, FIELDS)
    return DecisionDefinitions(items=[_answer(row) for row in found.items], page=page_info(found))


@exact.post("/decision-definitions/evaluation")
def evaluate_decision(engine: EngineHere, user: Evaluator, body: Evaluation) -> Evaluated:
    """Evaluates a decision with its required decisions and records which rules matched."""
    result, row = engine.evaluate_decision(
        decision_id=body.decision_definition_id,
        decision_key=body.decision_definition_key,
        variables=body.variables or {},
        actor=actor(user),
    )
    definition = _definition(engine, row.decision_definition_key or 0)
    return Evaluated(
        decision_definition_key=definition.key,
        decision_definition_id=definition.decision_id,
        decision_definition_name=definition.name or definition.decision_id,
        decision_definition_version=definition.version,
        decision_evaluation_key=row.key,
        decision_instance_key=row.key,
        decision_requirements_key=definition.requirements_key,
        decision_requirements_id=definition.requirements_id,
        output=to_json_text(result.value),
        failed_decision_definition_id=definition.decision_id if result.failure else None,
        failure_message=result.failure,
        evaluated_decisions=evaluated_decisions(engine, row, definition),
    )


@router.get("/decision-definitions/{key}")
def get_decision_definition(engine: EngineHere, _user: DefinitionReader, key: PathKey) -> DecisionDefinition:
    return _answer(_definition(engine, key))


@router.get("/decision-definitions/{key}/xml", response_class=Response, responses={200: {"content": {"text/xml": {}}}})
def get_decision_definition_xml(engine: EngineHere, _user: DefinitionReader, key: PathKey) -> Response:
    return Response(engine.decision_xml(_definition(engine, key).requirements_key), media_type="text/xml")


@router.post("/decision-requirements/search")
def search_decision_requirements(engine: EngineHere, _user: DefinitionReader, search: Search | None = None) -> DecisionRequirementsList:
    found = find(engine, "decision_requirements", search, REQUIREMENTS_FIELDS)
    return DecisionRequirementsList(items=[_requirements_answer(row) for row in found.items], page=page_info(found))


@router.get("/decision-requirements/{key}")
def get_decision_requirements(engine: EngineHere, _user: DefinitionReader, key: PathKey) -> DecisionRequirements:
    return _requirements_answer(_requirements(engine, key))


@router.get("/decision-requirements/{key}/xml", response_class=Response, responses={200: {"content": {"text/xml": {}}}})
def get_decision_requirements_xml(engine: EngineHere, _user: DefinitionReader, key: PathKey) -> Response:
    return Response(engine.decision_xml(_requirements(engine, key).key), media_type="text/xml")


def _definition(engine: Engine, key: int) -> DecisionDefinitionRow:
    row = engine.get("decision_definition", key)
    if row is None:
        raise NotFound(f"No decision definition {key}: search them at /v2/decision-definitions/search.")
    return row


def _requirements(engine: Engine, key: int) -> DecisionRequirementsRow:
    row = engine.get("decision_requirements", key)
    if row is None:
        raise NotFound(f"No decision requirements {key}: search them at /v2/decision-requirements/search.")
    return row


def _answer(row: DecisionDefinitionRow) -> DecisionDefinition:
    return DecisionDefinition(
        decision_definition_key=row.key,
        decision_definition_id=row.decision_id,
        name=row.name or row.decision_id,
        version=row.version,
        decision_requirements_key=row.requirements_key,
        decision_requirements_id=row.requirements_id,
        decision_requirements_name=row.requirements_name or row.requirements_id,
        decision_requirements_version=row.requirements_version,
    )


def _requirements_answer(row: DecisionRequirementsRow) -> DecisionRequirements:
    return DecisionRequirements(
        decision_requirements_key=row.key,
        decision_requirements_id=row.requirements_id,
        decision_requirements_name=row.name or row.requirements_id,
        version=row.version,
        resource_name=row.resource_name,
    )


router.include_router(exact)
