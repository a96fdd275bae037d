"""Incidents: failures that need an operator."""

from datetime import datetime

from fastapi import APIRouter, Response

from api.rest.context import EngineHere, InstanceReader, Operator, actor
from api.rest.json_body import JsonRoute
from api.rest.process_instances import instance
from api.rest.searches import TENANT_FIELD, Field, PageInfo, Search, find, page_info
from api.rest.wire import TENANT, Answer, Ask, Key, PathKey
from engine.errors import NotFound
from engine.model import IncidentKind
from engine.store.rows import IncidentRow

router = APIRouter(tags=["Incidents"], route_class=JsonRoute)

_CAMUNDA_KINDS = {
    "AD_HOC_SUB_PROCESS_NO_RETRIES",
    "CALLED_DECISION_ERROR",
    "CALLED_ELEMENT_ERROR",
    "CONDITION_ERROR",
    "DECISION_EVALUATION_ERROR",
    "EXECUTION_LISTENER_NO_RETRIES",
    "EXTRACT_VALUE_ERROR",
    "FORM_NOT_FOUND",
    "IO_MAPPING_ERROR",
    "JOB_NO_RETRIES",
    "MESSAGE_SIZE_EXCEEDED",
    "RESOURCE_NOT_FOUND",
    "SECRET_RESOLUTION_ERROR",
    "TASK_LISTENER_NO_RETRIES",
    "UNHANDLED_ERROR_EVENT",
}
FIELDS = {
    "incidentKey": Field("key", "key"),
    "errorType": Field("kind", stored={"UNKNOWN": tuple(kind for kind in IncidentKind if kind not in _CAMUNDA_KINDS)}),
    "kind": Field("kind"),
    "errorMessage": Field("message"),
    "state": Field("state"),
    "elementId": Field("element_id"),
    "elementInstanceKey": Field("element_instance_key", "key"),
    "jobKey": Field("job_key", "key"),
    "processInstanceKey": Field("process_instance_key", "key"),
    "processDefinitionKey": Field("definition_key", "key"),
    "processDefinitionId": Field("process_id"),
    "creationTime": Field("creation_date", "date"),
    "tenantId": TENANT_FIELD,
}


class Incident(Answer):
    """`errorType` has Camunda's names; kinds that only Gatewise has are UNKNOWN, with the kind in `kind`."""

    incident_key: Key
    error_type: str
    kind: str
    error_message: str
    state: str
    element_id: str
    element_instance_key: Key
    job_key: Key | None
    process_instance_key: Key
    root_process_instance_key: Key | None
    process_definition_key: Key
    process_definition_id: str
    creation_time: datetime
    tenant_id: str = TENANT


class Incidents(Answer):
    items: list[Incident]
    page: PageInfo


class Resolution(Ask):
    operation_reference: int | None = None


@router.post("/incidents/search")
def search_incidents(engine: EngineHere, _user: InstanceReader, search: Search | None = None) -> Incidents:
    found = find(engine, "incident", search, FIELDS)
    return Incidents(items=[_answer(row) for row in found.items], page=page_info(found))


@router.get("/incidents/{key}")
def get_incident(engine: EngineHere, _user: InstanceReader, key: PathKey) -> Incident:
    row = engine.get("incident", key)
    if row is None:
        raise NotFound(f"No incident {key}: search them at /v2/incidents/search.")
    return _answer(row)


@router.post("/incidents/{key}/resolution", status_code=204, response_class=Response)
def resolve_incident(engine: EngineHere, user: Operator, key: PathKey, _body: Resolution | None = None) -> None:
    """Repeats what failed. If it fails again, there is a new incident."""
    engine.resolve_incident(key, actor=actor(user))


@router.post("/process-instances/{key}/incidents/search")
def search_instance_incidents(engine: EngineHere, _user: InstanceReader, key: PathKey, search: Search | None = None) -> Incidents:
    """Those of the instance and of the instances it called."""
    instance(engine, key)
    only = {"$or": [{"process_instance_key": key}, {"root_process_instance_key": key}]}
    found = find(engine, "incident", search, FIELDS, only=only)
    return Incidents(items=[_answer(row) for row in found.items], page=page_info(found))


@router.post("/element-instances/{key}/incidents/search")
def search_element_incidents(engine: EngineHere, _user: InstanceReader, key: PathKey, search: Search | None = None) -> Incidents:
    found = find(engine, "incident", search, FIELDS, only={"element_instance_key": key})
    return Incidents(items=[_answer(row) for row in found.items], page=page_info(found))


def _answer(row: IncidentRow) -> Incident:
    return Incident(
        incident_key=row.key,
        error_type=FIELDS["errorType"].shown(row.kind),
        kind=row.kind,
        error_message=row.message,
        state=row.state,
        element_id=row.element_id,
        element_instance_key=row.element_instance_key,
        job_key=row.job_key,
        process_instance_key=row.process_instance_key,
        root_process_instance_key=row.root_process_instance_key,
        process_definition_key=row.definition_key,
        process_definition_id=row.process_id,
        creation_time=row.creation_date,
    )
