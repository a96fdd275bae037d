"""Deployed forms and other files by their keys."""

from fastapi import APIRouter, Response

from api.rest.context import DefinitionReader, EngineHere
from api.rest.json_body import JsonRoute
from api.rest.process_definitions import FormAnswer, form_answer
from api.rest.searches import TENANT_FIELD, Field, PageInfo, Search, find, page_info
from api.rest.wire import TENANT, Answer, Key, PathKey
from engine.errors import NotFound
from engine.runtime.facade import Engine
from engine.store.rows import ResourceRow

router = APIRouter(tags=["Resources"], route_class=JsonRoute)

FIELDS = {
    "resourceKey": Field("key", "key"),
    "resourceId": Field("id"),
    "resourceName": Field("name"),
    "version": Field("version", "int"),
    "versionTag": Field("version_tag"),
    "deploymentKey": Field("deployment_key", "key"),
    "isLatestVersion": Field("is_latest", "bool"),
    "kind": Field("kind"),
    "tenantId": TENANT_FIELD,
}


class Resource(Answer):
    """A deployed file that is no diagram, decision or form: an agent, say. `kind` says what."""

    resource_key: Key
    resource_id: str
    resource_name: str
    kind: str
    version: int
    version_tag: str | None
    sha256: str
    deployment_key: Key
    tenant_id: str = TENANT


class Resources(Answer):
    items: list[Resource]
    page: PageInfo


@router.post("/resources/search")
def search_resources(engine: EngineHere, _user: DefinitionReader, search: Search | None = None) -> Resources:
    found = find(engine, "resource", search, FIELDS)
    return Resources(items=[_answer(row) for row in found.items], page=page_info(found))


@router.get("/resources/{key}")
def get_resource(engine: EngineHere, _user: DefinitionReader, key: PathKey) -> Resource:
    return _answer(_row(engine, key))


@router.get("/resources/{key}/content", response_class=Response, responses={200: {"content": {"application/octet-stream": {}}}})
def get_resource_content(engine: EngineHere, _user: DefinitionReader, key: PathKey) -> Response:
    row = _row(engine, key)
    file = engine.resource(row.kind, row.id, version=row.version)
    return Response(file.content, media_type="application/octet-stream", headers={"Content-Disposition": "attachment"})


@router.get("/forms/{key}")
def get_form(engine: EngineHere, _user: DefinitionReader, key: PathKey) -> FormAnswer:
    row = engine.get("form", key)
    if row is None:
        raise NotFound(f"No form {key}.")
    return form_answer(row)


def _row(engine: Engine, key: int) -> ResourceRow:
    row = engine.get("resource", key)
    if row is None:
        raise NotFound(f"No resource {key}: search them at /v2/resources/search.")
    return row


def _answer(row: ResourceRow) -> Resource:
    return Resource(
        resource_key=row.key,
        resource_id=row.id,
        resource_name=row.name,
        kind=row.kind,
        version=row.version,
        version_tag=row.version_tag,
        sha256=row.sha256,
        deployment_key=row.deployment_key,
    )
