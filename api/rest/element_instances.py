"""Element instances: what is and was active in an instance, its variables, and ad-hoc activities."""

from datetime import datetime

from fastapi import APIRouter, Response
from pydantic import Field as Member

from api.rest.context import EngineHere, InstanceReader, Operator, actor
from api.rest.json_body import JsonRoute
from api.rest.searches import TENANT_FIELD, Field, PageInfo, Search, find, page_info
from api.rest.wire import TENANT, Answer, Ask, Key, Name, PathKey, Variables
from engine.errors import NotFound
from engine.model import Activation
from engine.store.rows import ElementInstanceRow

router = APIRouter(tags=["Element instances"], route_class=JsonRoute)

FIELDS = {
    "elementInstanceKey": Field("key", "key"),
    "elementId": Field("element_id"),
    "elementName": Field("element_name"),
    "type": Field("type", stored={"SUB_PROCESS": ("SUB_PROCESS", "TRANSACTION"), "UNKNOWN": ("COMPLEX_GATEWAY",)}),
    "elementType": Field("type"),
    "state": Field("state"),
    "hasIncident": Field("has_incident", "bool"),
    "startDate": Field("start_date", "date"),
    "endDate": Field("end_date", "date"),
    "elementInstanceScopeKey": Field("scope_key", "key"),
    "processInstanceKey": Field("process_instance_key", "key"),
    "processDefinitionKey": Field("definition_key", "key"),
    "processDefinitionId": Field("process_id"),
    "tenantId": TENANT_FIELD,
}


class ElementInstance(Answer):
    """`type` has Camunda's names; `elementType` also knows transactions and complex gateways."""

    element_instance_key: Key
    element_id: str
    element_name: str
    type: str
    element_type: str
    state: str
    has_incident: bool
    incident_key: Key | None = None
    start_date: datetime
    end_date: datetime | None
    process_instance_key: Key
    root_process_instance_key: Key | None = None
    process_definition_key: Key | None
    process_definition_id: str | None
    tenant_id: str = TENANT


class ElementInstances(Answer):
    items: list[ElementInstance]
    page: PageInfo


class SetVariables(Ask):
    variables: Variables
    local: bool = False
    operation_reference: int | None = None


class AdHocElement(Ask):
    element_id: Name
    variables: Variables | None = None


class AdHocActivation(Ask):
    elements: list[AdHocElement] = Member(min_length=1, max_length=1000)
    cancel_remaining_instances: bool = False


@router.post("/element-instances/search")
def search_element_instances(engine: EngineHere, _user: InstanceReader, search: Search | None = None) -> ElementInstances:
    found = find(engine, "element_instance", search, FIELDS)
    return ElementInstances(items=[_answer(row) for row in found.items], page=page_info(found))


@router.get("/element-instances/{key}")
def get_element_instance(engine: EngineHere, _user: InstanceReader, key: PathKey) -> ElementInstance:
    row = engine.get("element_instance", key)
    if row is None:
        raise NotFound(f"No element instance {key}: search them at /v2/element-instances/search.")
    return _answer(row)


@router.put("/element-instances/{key}/variables", status_code=204, response_class=Response)
@router.post("/element-instances/{key}/variables", status_code=204, response_class=Response, include_in_schema=False)
def set_variables(engine: EngineHere, user: Operator, key: PathKey, body: SetVariables) -> None:
    """The key of an element or process instance. Not local: each lands in the nearest scope outward that has it."""
    engine.set_variables(key, body.variables, body.local, actor=actor(user))


@router.post("/element-instances/ad-hoc-activities/{key}/activation", status_code=204, response_class=Response)
def activate_ad_hoc(engine: EngineHere, user: Operator, key: PathKey, body: AdHocActivation) -> None:
    """Activates elements inside the running ad-hoc sub-process with that element instance key."""
    elements = tuple(Activation(item.element_id, item.variables or {}) for item in body.elements)
    engine.activate_ad_hoc(key, elements, cancel_remaining=body.cancel_remaining_instances, actor=actor(user))


def _answer(row: ElementInstanceRow) -> ElementInstance:
    return ElementInstance(
        element_instance_key=row.key,
        element_id=row.element_id,
        element_name=row.element_name or row.element_id,
        type=FIELDS["type"].shown(row.type),
        element_type=row.type,
        state=row.state,
        has_incident=row.has_incident,
        start_date=row.start_date,
        end_date=row.end_date,
        process_instance_key=row.process_instance_key,
        process_definition_key=row.definition_key,
        process_definition_id=row.process_id,
    )
