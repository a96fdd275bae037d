"""What can be asked of the processor? One frozen dataclass per command from outside or from the scheduler."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import Connection

from engine.model import Activation
from engine.runtime.checking import Checked
from engine.runtime.decision_imports import StoredImport
from engine.runtime.inputs import Changeset, JobResult

Variables: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Deploy:
    """The files were read and checked by the caller, so that nobody else waits for that."""

    checked: Checked
    imports: tuple[StoredImport, ...] = ()


@dataclass(frozen=True, slots=True)
class CreateInstance:
    process_id: str | None
    definition_key: int | None
    version: int | None
    variables: Variables
    activations: tuple[Activation, ...] = ()
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CancelInstance:
    key: int


@dataclass(frozen=True, slots=True)
class ModifyInstance:
    key: int
    terminate: tuple[int, ...]
    activate: tuple[tuple[Activation, int | None], ...]


@dataclass(frozen=True, slots=True)
class SuspendInstance:
    key: int


@dataclass(frozen=True, slots=True)
class ResumeInstance:
    key: int


@dataclass(frozen=True, slots=True)
class MoveElements:
    """`moves`: (source, target) elements; every active instance of the source goes to the target."""

    key: int
    moves: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class PlanMigration:
    """`target`: the key of a definition; `mapping`: what becomes of elements (and flows) whose ids differ in it."""

    key: int
    target: int
    mapping: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class MigrateInstance:
    key: int
    target: int
    mapping: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DeleteInstance:
    """`is_recorded`: who deleted it is written down here; else by the batch that asks for it."""

    key: int
    is_recorded: bool = True


@dataclass(frozen=True, slots=True)
class CreateBatch:
    """`items`: (key of the item, key of its instance)."""

    kind: str
    items: tuple[tuple[int, int], ...]
    options: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class WorkBatchItem:
    """`failure`: the item could not be worked on, for this reason."""

    batch: int
    item: int
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class FinishBatch:
    key: int


@dataclass(frozen=True, slots=True)
class ChangeBatch:
    """`state`: SUSPENDED | ACTIVE | CANCELED."""

    key: int
    state: str


@dataclass(frozen=True, slots=True)
class ActivateJobs:
    type: str
    worker: str
    timeout_ms: int
    max_jobs: int
    fetch_variables: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class CompleteJobRequest:
    key: int
    variables: Variables
    result: JobResult | None = None
    lease: int | None = None


@dataclass(frozen=True, slots=True)
class FailJob:
    key: int
    retries: int
    message: str
    backoff_ms: int
    variables: Variables | None = None
    lease: int | None = None


@dataclass(frozen=True, slots=True)
class ThrowJobError:
    key: int
    code: str
    message: str
    variables: Variables
    lease: int | None = None


@dataclass(frozen=True, slots=True)
class UpdateJob:
    key: int
    retries: int | None = None
    timeout_ms: int | None = None
    lease: int | None = None


@dataclass(frozen=True, slots=True)
class AssignUserTask:
    """`assignee` None unassigns."""

    key: int
    assignee: str | None
    allow_override: bool = True
    action: str = "assign"


@dataclass(frozen=True, slots=True)
class UpdateUserTask:
    key: int
    changes: Changeset
    action: str = "update"


@dataclass(frozen=True, slots=True)
class CompleteUserTaskRequest:
    key: int
    variables: Variables
    action: str = "complete"


@dataclass(frozen=True, slots=True)
class Publish:
    name: str
    correlation_key: str
    ttl_ms: int
    message_id: str | None
    variables: Variables


@dataclass(frozen=True, slots=True)
class Correlate:
    """`correlation_key` None matches by name alone."""

    name: str
    correlation_key: str | None
    variables: Variables


@dataclass(frozen=True, slots=True)
class Broadcast:
    name: str
    variables: Variables


@dataclass(frozen=True, slots=True)
class SetVariablesRequest:
    scope_key: int
    variables: Variables
    local: bool = False


@dataclass(frozen=True, slots=True)
class ResolveIncident:
    key: int


@dataclass(frozen=True, slots=True)
class ActivateAdHocRequest:
    element_instance_key: int
    activate: tuple[Activation, ...]
    cancel_remaining: bool = False


@dataclass(frozen=True, slots=True)
class EvaluateDecision:
    decision_id: str | None
    decision_key: int | None
    variables: Variables


@dataclass(frozen=True, slots=True)
class FireTimerRequest:
    """`instance` 0: a start timer of a definition."""

    instance: int
    key: int


@dataclass(frozen=True, slots=True)
class Write:
    """Changes tables of another room, in a savepoint of its own."""

    work: Callable[[Connection], Any]


@dataclass(frozen=True, slots=True)
class Sweep:
    """Ends what time has ended: leases and buffered messages up to `until`."""

    until: datetime


Request: TypeAlias = (
    Deploy
    | CreateInstance
    | CancelInstance
    | ModifyInstance
    | SuspendInstance
    | ResumeInstance
    | MoveElements
    | PlanMigration
    | MigrateInstance
    | DeleteInstance
    | CreateBatch
    | WorkBatchItem
    | FinishBatch
    | ChangeBatch
    | ActivateJobs
    | CompleteJobRequest
    | FailJob
    | ThrowJobError
    | UpdateJob
    | AssignUserTask
    | UpdateUserTask
    | CompleteUserTaskRequest
    | Publish
    | Correlate
    | Broadcast
    | SetVariablesRequest
    | ResolveIncident
    | ActivateAdHocRequest
    | EvaluateDecision
    | FireTimerRequest
    | Sweep
    | Write
)
