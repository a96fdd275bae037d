"""Deployed processes: searching them, their diagrams and their start forms."""

from typing import Any

from fastapi import APIRouter, Response
from pydantic import Field as Member

from api.rest.context import DefinitionReader, EngineHere
from api.rest.json_body import JsonRoute
from api.rest.searches import TENANT_FIELD, Field, PageInfo, Search, find, page_info
from api.rest.wire import TENANT, Answer, Key, PathKey
from engine.errors import NotFound
from engine.runtime.facade import Engine
from engine.store.rows import FormRow, ProcessDefinitionRow

router = APIRouter(tags=["Process definitions"], route_class=JsonRoute)

FIELDS = {
    "processDefinitionKey": Field("key", "key"),
    "processDefinitionId": Field("process_id"),
    "name": Field("name"),
    "version": Field("version", "int"),
    "versionTag": Field("version_tag"),
    "resourceName": Field("resource_name"),
    "hasStartForm": Field("has_start_form", "bool"),
    "isLatestVersion": Field("is_latest", "bool"),
    "state": Field(None, constant="ACTIVE"),
    "tenantId": TENANT_FIELD,
}


class ProcessDefinition(Answer):
    process_definition_key: Key
    process_definition_id: str
    name: str | None
    version: int
    version_tag: str | None
    resource_name: str
    has_start_form: bool
    state: str = "ACTIVE"
    tenant_id: str = TENANT


class ProcessDefinitions(Answer):
    items: list[ProcessDefinition]
    page: PageInfo


class FormAnswer(Answer):
    """`schema` is the JSON text of the form (form-js)."""

    form_id: str
    form_key: str
    schema_: str = Member(serialization_alias="schema")
    version: int
    tenant_id: str = TENANT


@router.post("/process-definitions/search")
def search_process_definitions(engine: EngineHere, _user: DefinitionReader, search: Search | None = None) -> ProcessDefinitions:
    found = find(engine, "process_definition", search, FIELDS)
    return ProcessDefinitions(items=[_answer(row) for row in found.items], page=page_info(found))


@router.get("/process-definitions/{key}")
def get_process_definition(engine: EngineHere, _user: DefinitionReader, key: PathKey) -> ProcessDefinition:
    return _answer(_definition(engine, key))


@router.get("/process-definitions/{key}/xml", response_class=Response, responses={200: {"content": {"text/xml": {}}}})
def get_process_definition_xml(engine: EngineHere, _user: DefinitionReader, key: PathKey) -> Response:
    _definition(engine, key)
    return Response(engine.process_xml(key), media_type="text/xml")


@router.get("/process-definitions/{key}/form", response_model=FormAnswer, responses={204: {"description": "It has no start form."}})
def get_start_form(engine: EngineHere, _user: DefinitionReader, key: PathKey) -> Any:
    _definition(engine, key)
    form = engine.start_form(key)
    return form_answer(form) if form else Response(status_code=204)


def form_answer(form: FormRow) -> FormAnswer:
    """A form embedded in a diagram has no key: its is empty."""
    return FormAnswer(form_id=form.form_id, form_key=str(form.key or ""), schema_=form.schema, version=form.version or 1)


def _definition(engine: Engine, key: int) -> ProcessDefinitionRow:
    row = engine.get("process_definition", key)
    if row is None:
        raise NotFound(f"No process definition {key}: search them at /v2/process-definitions/search.")
    return row


def _answer(row: ProcessDefinitionRow) -> ProcessDefinition:
    return ProcessDefinition(
        process_definition_key=row.key,
        process_definition_id=row.process_id,
        name=row.name,
        version=row.version,
        version_tag=row.version_tag,
        resource_name=row.resource_name,
        has_start_form=row.has_start_form,
    )
