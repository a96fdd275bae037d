"""Operations on all process instances that match a filter, carried out one by one in the background."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Response
from pydantic import Field as Member

from api.rest.context import EngineHere, InstanceReader, Operator, actor
from api.rest.instance_operations import Deleter, MigrationPlan, Verdict, verdict
from api.rest.json_body import JsonRoute
from api.rest.problems import BadRequest
from api.rest.process_instances import FIELDS as INSTANCE_FIELDS
from api.rest.process_instances import Operation
from api.rest.searches import Field, PageInfo, Search, find, page_info, read_filter
from api.rest.variable_filters import instances_with
from api.rest.wire import Answer, Ask, Key, Name, PathKey
from engine.errors import NotFound
from engine.runtime import batches
from engine.runtime.facade import Engine
from engine.store.rows import BatchItemRow, BatchOperationRow, Page

router = APIRouter(tags=["Batch operations"], route_class=JsonRoute)

_JUDGED = 1000
_FIELDS = {
    "batchOperationKey": Field("key", "key"),
    "batchOperationType": Field("kind"),
    "operationType": Field("kind"),
    "state": Field("state"),
    "startDate": Field("started_at", "date"),
    "endDate": Field("ended_at", "date"),
    "actorId": Field("actor"),
    "actorType": Field(None, constant="USER"),
}
_ITEM_FIELDS = {
    "batchOperationKey": Field("batch_operation_key", "key"),
    "itemKey": Field("item_key", "key"),
    "processInstanceKey": Field("instance_key", "key"),
    "operationType": Field("kind"),
    "state": Field("state"),
    "processedDate": Field("processed_at", "date"),
}


class OnInstances(Ask):
    """`filter` as in /process-instances/search, with at least one condition; suitable instances are chosen from those that match."""

    filter: dict[str, Any] = Member(min_length=1)
    operation_reference: int | None = None


class BatchMigration(OnInstances):
    migration_plan: MigrationPlan


class BatchMove(Ask):
    source_element_id: Name
    target_element_id: Name


class BatchModification(OnInstances):
    """Every active instance of a source is ended, and its target begins in the same scope."""

    move_instructions: list[BatchMove] = Member(min_length=1, max_length=1000)


class Created(Answer):
    batch_operation_key: Key
    batch_operation_type: str


class BatchOperation(Answer):
    batch_operation_key: Key
    state: str
    batch_operation_type: str
    start_date: datetime
    end_date: datetime | None
    actor_type: str | None
    actor_id: str | None
    operations_total_count: int
    operations_failed_count: int
    operations_completed_count: int
    errors: list[dict[str, Any]] = Member(default=[])


class BatchOperations(Answer):
    items: list[BatchOperation]
    page: PageInfo


class BatchItem(Answer):
    operation_type: str
    batch_operation_key: Key
    item_key: Key
    process_instance_key: Key
    root_process_instance_key: Key | None
    state: str
    processed_date: datetime | None
    error_message: str | None


class BatchItems(Answer):
    items: list[BatchItem]
    page: PageInfo


class Verdicts(Answer):
    """`totalItems` instances match, the first 1000 were judged; `refused` are those that cannot be migrated, each with its reasons."""

    total_items: int
    judged_items: int
    possible_items: int
    refused: list[Verdict]


# ---------------------------------------------------------------- beginning one


@router.post("/process-instances/cancellation")
def cancel_process_instances(engine: EngineHere, user: Operator, body: OnInstances) -> Created:
    """Active instances that nothing called."""
    return _start(engine, batches.CANCEL, body, user)


@router.post("/process-instances/suspension")
def suspend_process_instances(engine: EngineHere, user: Operator, body: OnInstances) -> Created:
    """Active instances that nothing called and that are not suspended."""
    return _start(engine, batches.SUSPEND, body, user)


@router.post("/process-instances/resumption")
def resume_process_instances(engine: EngineHere, user: Operator, body: OnInstances) -> Created:
    return _start(engine, batches.RESUME, body, user)


@router.post("/process-instances/incident-resolution")
def resolve_incidents(engine: EngineHere, user: Operator, body: OnInstances) -> Created:
    """All active incidents of the instances; each is an item."""
    return _start(engine, batches.RESOLVE, body, user)


@router.post("/process-instances/{key}/incident-resolution")
def resolve_instance_incidents(engine: EngineHere, user: Operator, key: PathKey, _body: Operation | None = None) -> Created:
    """All active incidents of the instance and of those it called."""
    if engine.get("process_instance", key) is None:
        raise NotFound(f"No process instance {key}: search them at /v2/process-instances/search.")
    tree = {"$or": [{"key": key}, {"root_process_instance_key": key}]}
    return Created(batch_operation_key=engine.start_batch(batches.RESOLVE, tree, actor=actor(user)), batch_operation_type=batches.RESOLVE)


@router.post("/process-instances/modification")
def modify_process_instances(engine: EngineHere, user: Operator, body: BatchModification) -> Created:
    moves = [[item.source_element_id, item.target_element_id] for item in body.move_instructions]
    return _start(engine, batches.MODIFY, body, user, {"moves": moves})


@router.post("/process-instances/migration")
def migrate_process_instances(engine: EngineHere, user: Operator, body: BatchMigration) -> Created:
    """Instances that cannot be migrated stay as they are; their items fail with the reason."""
    plan = body.migration_plan
    _known_target(engine, plan)
    return _start(engine, batches.MIGRATE, body, user, {"target": plan.target_process_definition_key, "mapping": plan.mapping})


@router.post("/process-instances/migration/verdict")
def judge_migrations(engine: EngineHere, _user: Operator, body: BatchMigration) -> Verdicts:
    """Which of the active instances could be migrated by this plan, which not, and why? Changes nothing."""
    plan = body.migration_plan
    _known_target(engine, plan)
    wanted = {"state": "ACTIVE", "definition_key": {"$neq": plan.target_process_definition_key}, "$or": [_filter(engine, body)]}
    found = engine.search("process_instance", wanted, (), Page(limit=_JUDGED))
    refused: list[Verdict] = []
    judged = 0
    for row in found.items:
        try:
            obstacles = engine.plan_migration(row.key, plan.target_process_definition_key, plan.mapping)
        except NotFound:
            continue  # it has ended meanwhile
        judged += 1
        if obstacles:
            refused.append(verdict(row.key, obstacles))
    return Verdicts(total_items=found.total, judged_items=judged, possible_items=judged - len(refused), refused=refused)


@router.post("/process-instances/deletion")
def delete_process_instances(engine: EngineHere, user: Deleter, body: OnInstances) -> Created:
    """Ended instances that nothing called, with their history and all instances they called."""
    return _start(engine, batches.DELETE, body, user)


def _start(engine: Engine, kind: str, body: OnInstances, user: Operator, options: Mapping[str, Any] | None = None) -> Created:
    key = engine.start_batch(kind, _filter(engine, body), options, actor=actor(user))
    return Created(batch_operation_key=key, batch_operation_type=kind)


def _filter(engine: Engine, body: OnInstances) -> dict[str, Any]:
    """In the engine's terms."""
    search, keys = instances_with(engine, Search(filter=body.filter), "variables")
    wanted = read_filter((search.filter if search else None) or {}, INSTANCE_FIELDS)
    return wanted if keys is None else {"key": {"$in": keys or [-1]}, "$or": [wanted]}


def _known_target(engine: Engine, plan: MigrationPlan) -> None:
    if engine.get("process_definition", plan.target_process_definition_key) is None:
        raise BadRequest(f"No process definition {plan.target_process_definition_key}: give targetProcessDefinitionKey of a deployed one.")


# ---------------------------------------------------------------- watching and changing one


@router.post("/batch-operations/search")
def search_batch_operations(engine: EngineHere, _user: InstanceReader, search: Search | None = None) -> BatchOperations:
    found = find(engine, "batch_operation", search, _FIELDS)
    return BatchOperations(items=[_answer(row) for row in found.items], page=page_info(found))


@router.get("/batch-operations/{key}")
def get_batch_operation(engine: EngineHere, _user: InstanceReader, key: PathKey) -> BatchOperation:
    row = engine.get("batch_operation", key)
    if row is None:
        raise NotFound(f"No batch operation {key}: search them at /v2/batch-operations/search.")
    return _answer(row)


@router.post("/batch-operations/{key}/cancellation", status_code=204, response_class=Response)
def cancel_batch_operation(engine: EngineHere, user: Operator, key: PathKey, _body: Operation | None = None) -> None:
    """Items that are done stay done."""
    engine.change_batch(key, "CANCELED", actor=actor(user))


@router.post("/batch-operations/{key}/suspension", status_code=204, response_class=Response)
def suspend_batch_operation(engine: EngineHere, user: Operator, key: PathKey, _body: Operation | None = None) -> None:
    engine.change_batch(key, "SUSPENDED", actor=actor(user))


@router.post("/batch-operations/{key}/resumption", status_code=204, response_class=Response)
def resume_batch_operation(engine: EngineHere, user: Operator, key: PathKey, _body: Operation | None = None) -> None:
    engine.change_batch(key, "ACTIVE", actor=actor(user))


@router.post("/batch-operation-items/search")
def search_batch_operation_items(engine: EngineHere, _user: InstanceReader, search: Search | None = None) -> BatchItems:
    """Failed ones say why."""
    found = find(engine, "batch_operation_item", search, _ITEM_FIELDS)
    return BatchItems(items=[_item(row) for row in found.items], page=page_info(found))


def _answer(row: BatchOperationRow) -> BatchOperation:
    return BatchOperation(
        batch_operation_key=row.key,
        state=row.state,
        batch_operation_type=row.kind,
        start_date=row.started_at,
        end_date=row.ended_at,
        actor_type="USER" if row.actor else None,
        actor_id=row.actor,
        operations_total_count=row.total,
        operations_failed_count=row.failed,
        operations_completed_count=row.completed,
    )


def _item(row: BatchItemRow) -> BatchItem:
    return BatchItem(
        operation_type=row.kind,
        batch_operation_key=row.batch_operation_key,
        item_key=row.item_key,
        process_instance_key=row.instance_key,
        root_process_instance_key=row.root_process_instance_key,
        state=row.state,
        processed_date=row.processed_at,
        error_message=row.error,
    )
