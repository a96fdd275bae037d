"""Process instances: starting, finding, cancelling them, and the ways they took."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import Field as Member
from pydantic import model_validator

from api.auth import Permission
from api.rest.awaiting import await_completion
from api.rest.context import EngineHere, InstanceReader, Operator, Starter, actor
from api.rest.json_body import JsonRoute
from api.rest.searches import TENANT_FIELD, Field, PageInfo, Search, find, page_info
from api.rest.variable_filters import instances_with
from api.rest.wire import TENANT, Answer, Ask, Key, Name, PathKey, Tenant, Variables
from engine.errors import NotFound
from engine.model import Activation
from engine.runtime.facade import Engine
from engine.store.rows import Page, ProcessInstanceRow

router = APIRouter(tags=["Process instances"], route_class=JsonRoute)

FIELDS = {
    "processInstanceKey": Field("key", "key"),
    "processDefinitionKey": Field("definition_key", "key"),
    "processDefinitionId": Field("process_id"),
    "processDefinitionName": Field("process_name"),
    "processDefinitionVersion": Field("version", "int"),
    "processDefinitionVersionTag": Field("version_tag"),
    "parentProcessInstanceKey": Field("parent_process_instance_key", "key"),
    "parentElementInstanceKey": Field("parent_element_instance_key", "key"),
    "rootProcessInstanceKey": Field("root_process_instance_key", "key"),
    "state": Field("shown_state"),
    "suspendedDate": Field("suspended_at", "date"),
    "hasIncident": Field("has_incident", "bool"),
    "startDate": Field("start_date", "date"),
    "endDate": Field("end_date", "date"),
    "tenantId": TENANT_FIELD,
}


class StartInstruction(Ask):
    element_id: Name


class CreateInstance(Ask):
    """Either `processDefinitionKey`, or `processDefinitionId`: its newest version, `processDefinitionVersion`, or the newest with the
    `processDefinitionVersionTag`."""

    process_definition_id: Name | None = None
    process_definition_key: Key | None = None
    process_definition_version: int | None = Member(default=None, ge=-1, le=2**31)
    process_definition_version_tag: Name | None = None
    variables: Variables | None = None
    start_instructions: list[StartInstruction] = Member(default=[], max_length=100)
    runtime_instructions: list[dict[str, Any]] = Member(default=[], max_length=0)
    await_completion: bool = False
    fetch_variables: list[Name] | None = Member(default=None, max_length=1000)
    request_timeout: int = Member(default=0, ge=0, le=2**31)
    tags: list[str] = Member(default=[], max_length=10)
    tenant_id: Tenant = None
    operation_reference: int | None = None
    business_id: str | None = None

    @model_validator(mode="after")
    def _names_one(self) -> "CreateInstance":
        if (self.process_definition_id is None) == (self.process_definition_key is None):
            raise ValueError("give either processDefinitionId or processDefinitionKey")
        if self.process_definition_version_tag and (self.process_definition_id is None or self.process_definition_version):
            raise ValueError("processDefinitionVersionTag goes with processDefinitionId, and without processDefinitionVersion")
        if self.business_id is not None:
            raise ValueError("business ids are not offered: use tags or a variable")
        return self


class CreatedInstance(Answer):
    process_instance_key: Key
    process_definition_key: Key
    process_definition_id: str
    process_definition_version: int
    variables: Variables
    tags: list[str]
    business_id: str | None = None
    tenant_id: str = TENANT


class ProcessInstance(Answer):
    process_instance_key: Key
    process_definition_key: Key
    process_definition_id: str
    process_definition_name: str | None
    process_definition_version: int
    process_definition_version_tag: str | None
    parent_process_instance_key: Key | None
    parent_element_instance_key: Key | None
    root_process_instance_key: Key | None
    state: str
    has_incident: bool
    start_date: datetime
    end_date: datetime | None
    suspended_date: datetime | None
    tags: list[str]
    business_id: str | None = None
    tenant_id: str = TENANT


class ProcessInstances(Answer):
    items: list[ProcessInstance]
    page: PageInfo


class TakenFlow(Answer):
    sequence_flow_id: str
    element_id: str
    process_instance_key: Key
    root_process_instance_key: Key | None
    process_definition_key: Key | None
    process_definition_id: str | None
    tenant_id: str = TENANT


class TakenFlows(Answer):
    items: list[TakenFlow]


class Caller(Answer):
    process_instance_key: Key
    process_definition_key: Key
    process_definition_name: str


class Operation(Ask):
    operation_reference: int | None = None


@router.post("/process-instances")
async def create_process_instance(request: Request, engine: EngineHere, user: Starter, body: CreateInstance) -> CreatedInstance:
    """Starts an instance. With `awaitCompletion` the answer comes when it is completed, with its variables."""
    row: ProcessInstanceRow = await run_in_threadpool(
        engine.create_instance,
        process_id=body.process_definition_id,
        definition_key=body.process_definition_key,
        version=await run_in_threadpool(_version, engine, body),
        variables=body.variables or {},
        actor=actor(user),
        activations=tuple(Activation(item.element_id) for item in body.start_instructions),
        tags=tuple(body.tags),
    )
    variables: Variables = {}
    if body.await_completion:
        variables = await await_completion(request, engine, row.key, body.request_timeout, body.fetch_variables)
    return CreatedInstance(
        process_instance_key=row.key,
        process_definition_key=row.definition_key,
        process_definition_id=row.process_id,
        process_definition_version=row.version,
        variables=variables,
        tags=list(row.tags),
    )


@router.post("/process-instances/search")
def search_process_instances(engine: EngineHere, _user: InstanceReader, search: Search | None = None) -> ProcessInstances:
    """The filter may also hold `variables`: [{name, value}], values as JSON text; all must match."""
    search, keys = instances_with(engine, search, "variables")
    found = find(engine, "process_instance", search, FIELDS, only={} if keys is None else {"key": {"$in": keys or [-1]}})
    return ProcessInstances(items=[_answer(row) for row in found.items], page=page_info(found))


@router.get("/process-instances/{key}")
def get_process_instance(engine: EngineHere, _user: InstanceReader, key: PathKey) -> ProcessInstance:
    return _answer(instance(engine, key))


@router.post("/process-instances/{key}/cancellation", status_code=204, response_class=Response)
def cancel_process_instance(engine: EngineHere, user: Operator, key: PathKey, _body: Operation | None = None) -> None:
    engine.cancel_instance(key, actor=actor(user))


@router.post("/process-instances/{key}/suspension", status_code=204, response_class=Response)
def suspend_process_instance(engine: EngineHere, user: Operator, key: PathKey, _body: Operation | None = None) -> None:
    """Keeps the instance and all it called from moving on until it is resumed."""
    engine.suspend_instance(key, actor=actor(user))


@router.post("/process-instances/{key}/resumption", status_code=204, response_class=Response)
def resume_process_instance(engine: EngineHere, user: Operator, key: PathKey, _body: Operation | None = None) -> None:
    engine.resume_instance(key, actor=actor(user))


@router.get("/process-instances/{key}/sequence-flows")
def get_sequence_flows(engine: EngineHere, _user: InstanceReader, key: PathKey) -> TakenFlows:
    """One item per time a sequence flow was taken, in order."""
    row = instance(engine, key)
    return TakenFlows(
        items=[
            TakenFlow(
                sequence_flow_id=f"{key}_{flow}",
                element_id=flow,
                process_instance_key=key,
                root_process_instance_key=row.root_process_instance_key,
                process_definition_key=row.definition_key,
                process_definition_id=row.process_id,
            )
            for flow in engine.sequence_flows(key)
        ]
    )


@router.get("/process-instances/{key}/call-hierarchy")
def get_call_hierarchy(engine: EngineHere, _user: InstanceReader, key: PathKey) -> list[Caller]:
    """From the outermost instance that called down to this one."""
    chain = [instance(engine, key)]
    while chain[-1].parent_process_instance_key is not None:
        chain.append(instance(engine, chain[-1].parent_process_instance_key))
    return [
        Caller(process_instance_key=r.key, process_definition_key=r.definition_key, process_definition_name=r.process_name or r.process_id)
        for r in reversed(chain)
    ]


@router.get("/process-instances/{key}/history", tags=["History"])
def get_history(engine: EngineHere, user: InstanceReader, key: PathKey) -> dict[str, Any]:
    """Everything that happened to the instance, step by step: who did what, and what followed."""
    if not user.may(Permission.READ_HISTORY):
        raise NotFound(f"No history of process instance {key}.")
    instance(engine, key)
    return {
        "items": [
            {"seq": r.seq, "at": r.at, "actor": r.actor, "actorKind": r.actor_kind, "command": r.command, "facts": r.facts}
            for r in engine.history(key)
        ]
    }


def instance(engine: Engine, key: int) -> ProcessInstanceRow:
    """Raises NotFound."""
    row = engine.get("process_instance", key)
    if row is None:
        raise NotFound(f"No process instance {key}: search them at /v2/process-instances/search.")
    return row


def _version(engine: Engine, body: CreateInstance) -> int | None:
    """None: the newest."""
    if body.process_definition_version_tag:
        wanted = {"process_id": body.process_definition_id, "version_tag": body.process_definition_version_tag}
        found = engine.search("process_definition", wanted, [("version", "desc")], Page(limit=1)).items
        if not found:
            raise NotFound(f"No version of the process '{body.process_definition_id}' has that version tag.")
        return found[0].version
    return body.process_definition_version if (body.process_definition_version or -1) > 0 else None


def _answer(row: ProcessInstanceRow) -> ProcessInstance:
    return ProcessInstance(
        process_instance_key=row.key,
        process_definition_key=row.definition_key,
        process_definition_id=row.process_id,
        process_definition_name=row.process_name,
        process_definition_version=row.version,
        process_definition_version_tag=row.version_tag,
        parent_process_instance_key=row.parent_process_instance_key,
        parent_element_instance_key=row.parent_element_instance_key,
        root_process_instance_key=row.root_process_instance_key,
        state="SUSPENDED" if row.suspended_at is not None and row.state == "ACTIVE" else row.state,
        suspended_date=row.suspended_at if row.state == "ACTIVE" else None,
        has_incident=row.has_incident,
        start_date=row.start_date,
        end_date=row.end_date,
        tags=list(row.tags),
    )
