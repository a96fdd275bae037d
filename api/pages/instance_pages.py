"""One process instance: where it is, what happened, and what an operator can do about it."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.auth import Permission, User, require, verify_csrf
from api.pages.agent_runs import agent_runs
from api.pages.data import every, value_of
from api.pages.decisions_taken import decisions_taken
from api.pages.diagrams import Diagram, diagram_of
from api.pages.happenings import happenings
from api.pages.live import events_address
from api.pages.positions import positions, waiting
from api.pages.site import actor_of, engine_of, go_to, page
from engine.errors import NotFound
from engine.runtime.facade import Engine
from engine.store.rows import Page, ProcessInstanceRow

router = APIRouter(prefix="/instances/{key:int}", include_in_schema=False)

Reader = Annotated[User, Depends(require(Permission.READ_INSTANCES))]
Operator = Annotated[User, Depends(require(Permission.OPERATE))]


@router.get("")
def instance_page(request: Request, key: int, user: Reader) -> Response:
    engine = engine_of(request)
    events = events_address(engine, key)
    instance = _instance(engine, key)
    diagram = diagram_of(engine, instance.definition_key, instance.process_id)
    incidents = [(row, diagram.name(row.element_id)) for row in every(engine, "incident", {"process_instance_key": key, "state": "ACTIVE"})]
    return page(
        request,
        "instance.html",
        here="instances",
        events=events,
        instance=instance,
        title=instance.process_name or instance.process_id,
        waits=waiting(engine, diagram, key) if instance.state == "ACTIVE" else [],
        incidents=incidents,
        scopes=_variables(engine, diagram, key),
        happenings=happenings(engine, diagram, key) if user.may(Permission.READ_HISTORY) else None,
        decisions=decisions_taken(engine, key),
        runs=agent_runs(engine, diagram, key),
        children=engine.search("process_instance", {"parent_process_instance_key": key}, (("key", "asc"),), Page(limit=100)).items,
        may_operate=user.may(Permission.OPERATE),
    )


@router.get("/positions")
def instance_positions(request: Request, key: int, user: Reader) -> Response:
    engine = engine_of(request)
    _instance(engine, key)
    return JSONResponse(positions(engine, key), headers={"Cache-Control": "no-store"})


@router.get("/cancel")
def confirm_cancel(request: Request, key: int, user: Operator) -> Response:
    instance = _instance(engine_of(request), key)
    return page(request, "cancel.html", here="instances", instance=instance, title=instance.process_name or instance.process_id)


@router.post("/cancel", dependencies=[Depends(verify_csrf)])
def cancel(request: Request, key: int, user: Operator) -> Response:
    engine_of(request).cancel_instance(key, actor=actor_of(user))
    return go_to(f"/instances/{key}", "cancelled")


@router.post("/incidents/{incident:int}/retry", dependencies=[Depends(verify_csrf)])
def retry(request: Request, key: int, incident: int, user: Operator) -> Response:
    engine = engine_of(request)
    found = engine.get("incident", incident)
    if found is None or found.process_instance_key != key:
        raise NotFound(f"Instance {key} has no incident {incident}: it may have been resolved.")
    if found.job_key is not None:
        engine.update_job(found.job_key, retries=1, actor=actor_of(user))
    engine.resolve_incident(incident, actor=actor_of(user))
    return go_to(f"/instances/{key}", "retried")


def _instance(engine: Engine, key: int) -> ProcessInstanceRow:
    instance = engine.get("process_instance", key)
    if instance is None:
        raise NotFound(f"There is no instance {key}.")
    return instance


def _variables(engine: Engine, diagram: Diagram, key: int) -> list[tuple[str, dict[str, Any]]]:
    """The variables by scope, those of the instance first; each scope with the name of its element."""
    scopes: dict[int, dict[str, Any]] = {key: {}}
    for row in every(engine, "variable", {"process_instance_key": key}, (("name", "asc"),)):
        scopes.setdefault(row.scope_key, {})[row.name] = value_of(row.value)
    named: list[tuple[str, dict[str, Any]]] = []
    for scope, values in scopes.items():
        if scope == key:
            named.insert(0, ("", values))
        elif (element := engine.get("element_instance", scope)) is not None and element.state == "ACTIVE":
            named.append((diagram.name(element.element_id), values))
    return named
