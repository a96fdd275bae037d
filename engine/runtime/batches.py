"""How does one operation reach many instances? A stored batch of items; each item is one command of its own, done exactly once.

An item's state changes in the very transaction in which its command is carried out: a crash repeats nothing, and several engines may
work on one batch. A refused command fails its item, with the reason, and no other.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engine.errors import Conflict, GatewiseError, NotFound, Rejected
from engine.model import Refused
from engine.runtime import requests
from engine.runtime.execution import Execution
from engine.runtime.inputs import Actor
from engine.store.json_text import dumps, loads
from engine.store.times import micros

CANCEL = "CANCEL_PROCESS_INSTANCE"
DELETE = "DELETE_PROCESS_INSTANCE"
MIGRATE = "MIGRATE_PROCESS_INSTANCE"
MODIFY = "MODIFY_PROCESS_INSTANCE"
RESOLVE = "RESOLVE_INCIDENT"
SUSPEND = "SUSPEND_PROCESS_INSTANCE"
RESUME = "RESUME_PROCESS_INSTANCE"

_OPEN = ("ACTIVE", "SUSPENDED")


@dataclass(frozen=True, slots=True)
class _Item:
    kind: str
    options: dict[str, Any]
    actor: Actor
    key: int


def create(execution: Execution, request: requests.CreateBatch) -> int:
    """The key of the new batch operation. Without items it has ended at once."""
    key = execution.workspace.keys.next()
    state = "ACTIVE" if request.items else "COMPLETED"
    _insert(execution, key, request.kind, request.options, state, len(request.items))
    for item, instance in request.items:
        row = [key, item, instance, "ACTIVE", None, None]
        execution.workspace.changes.insert("batch_operation_item", (key, item), row)
    return key


def record(execution: Execution, kind: str, item: int) -> None:
    """An operation on one instance that leaves no instance to keep its history: it is written down as a batch that has ended."""
    key = execution.workspace.keys.next()
    _insert(execution, key, kind, {}, "COMPLETED", 1)
    row = [key, item, item, "COMPLETED", micros(execution.now), None]
    execution.workspace.changes.insert("batch_operation_item", (key, item), row)


def _insert(execution: Execution, key: int, kind: str, options: Any, state: str, total: int) -> None:
    now = micros(execution.now)
    ended = None if state == "ACTIVE" else now
    actor = execution.actor
    row = [key, kind, state, dumps(dict(options)), now, ended, actor.user, actor.kind, total]
    execution.workspace.changes.insert("batch_operation", (key,), row)


# ---------------------------------------------------------------- items


def work_item(execution: Execution, request: requests.WorkBatchItem, do: Callable[[Execution, requests.Request], Any]) -> None:
    """Carries out the command of one item, as whoever asked for the batch. Nothing happens when it is done, or being done elsewhere."""
    item = _take(execution, request)
    if item is None:
        return
    changes = execution.workspace.changes
    failure = request.failure
    mark = changes.mark()
    own = Execution(
        execution.workspace, execution.places, execution.writer, execution.definitions, execution.now, item.actor, execution.deliver
    )
    if failure is None:
        try:
            do(own, _command(item))
        except (GatewiseError, Refused) as refusal:
            changes.undo(mark)
            failure = str(refusal)
        else:
            execution.notices.update(own.notices)
            execution.next_due = own.next_due
    state = "COMPLETED" if failure is None else "FAILED"
    changes.update("batch_operation_item", (request.batch, request.item), state=state, processed_at=micros(execution.now), error=failure)


def _take(execution: Execution, request: requests.WorkBatchItem) -> _Item | None:
    workspace = execution.workspace
    if workspace.changes.has_update("batch_operation_item", (request.batch, request.item)):
        return None
    lock = "" if workspace.database.is_sqlite else " FOR UPDATE OF i SKIP LOCKED"
    rows = workspace.database.rows(
        workspace.connection,
        "SELECT b.kind, b.options, b.actor, b.actor_kind FROM batch_operation_item i "  # noqa: S608 - our own words
        "JOIN batch_operation b ON b.key = i.batch_operation_key "
        f"WHERE i.batch_operation_key = ? AND i.item_key = ? AND i.state = 'ACTIVE' AND b.state = 'ACTIVE'{lock}",
        (request.batch, request.item),
    )
    if not rows:
        return None
    kind, options, user, actor_kind = rows[0]
    return _Item(kind, loads(options), Actor(user, actor_kind), request.item)


def _command(item: _Item) -> requests.Request:
    match item.kind:
        case "CANCEL_PROCESS_INSTANCE":
            return requests.CancelInstance(item.key)
        case "DELETE_PROCESS_INSTANCE":
            return requests.DeleteInstance(item.key, is_recorded=False)
        case "MIGRATE_PROCESS_INSTANCE":
            return requests.MigrateInstance(item.key, item.options["target"], item.options["mapping"])
        case "MODIFY_PROCESS_INSTANCE":
            return requests.MoveElements(item.key, tuple((source, target) for source, target in item.options["moves"]))
        case "RESOLVE_INCIDENT":
            return requests.ResolveIncident(item.key)
        case "SUSPEND_PROCESS_INSTANCE":
            return requests.SuspendInstance(item.key)
        case "RESUME_PROCESS_INSTANCE":
            return requests.ResumeInstance(item.key)
        case unknown:
            raise Rejected(f"There is no batch operation {unknown!r}.")


# ---------------------------------------------------------------- the batch itself


def finish(execution: Execution, request: requests.FinishBatch) -> bool:
    """Ends a batch none of whose items waits."""
    workspace = execution.workspace
    waiting = workspace.database.rows(
        workspace.connection,
        "SELECT item_key FROM batch_operation_item WHERE batch_operation_key = ? AND state = 'ACTIVE' LIMIT 1",
        (request.key,),
    )
    if waiting or _state(execution, request.key) != "ACTIVE":
        return False
    workspace.changes.update("batch_operation", (request.key,), state="COMPLETED", ended_at=micros(execution.now))
    return True


def change(execution: Execution, request: requests.ChangeBatch) -> None:
    """Suspends, resumes or cancels a batch; items that are done stay done."""
    state = _state(execution, request.key)
    if state is None:
        raise NotFound(f"No batch operation {request.key}.")
    allowed = {"SUSPENDED": ("ACTIVE",), "ACTIVE": ("SUSPENDED",), "CANCELED": _OPEN}[request.state]
    if state not in allowed:
        raise Conflict(f"The batch operation {request.key} is {state.lower()}.")
    changes = execution.workspace.changes
    if request.state != "CANCELED":
        changes.update("batch_operation", (request.key,), state=request.state)
        return
    now = micros(execution.now)
    changes.update("batch_operation", (request.key,), state="CANCELED", ended_at=now)
    execution.workspace.database.run(
        execution.workspace.connection,
        "UPDATE batch_operation_item SET state = 'CANCELED', processed_at = ? WHERE batch_operation_key = ? AND state = 'ACTIVE'",
        (now, request.key),
    )


def _state(execution: Execution, key: int) -> str | None:
    workspace = execution.workspace
    lock = "" if workspace.database.is_sqlite else " FOR UPDATE"
    rows = workspace.database.rows(workspace.connection, f"SELECT state FROM batch_operation WHERE key = ?{lock}", (key,))  # noqa: S608
    return rows[0][0] if rows else None
