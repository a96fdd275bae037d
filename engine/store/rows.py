"""What do readers of the engine see? One frozen dataclass per entity; field names are the filter and sort keys of `search`.

Times are aware datetimes in UTC. JSON that people sent (`value`, `result`) is JSON text. Keys are integers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page:
    """Items `offset` to `offset + limit`; or, with `after` (an `end_cursor`), the items behind that cursor."""

    offset: int = 0
    limit: int = 100
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """`total` counts all matches; `end_cursor` continues behind the last item (None: no items)."""

    items: list[T]
    total: int
    end_cursor: str | None = None


@dataclass(frozen=True, slots=True)
class ProcessDefinitionRow:
    key: int
    process_id: str
    name: str | None
    version: int
    version_tag: str | None
    resource_name: str
    deployment_key: int
    deployed_at: datetime
    has_start_form: bool
    is_latest: bool
    sha256: str


@dataclass(frozen=True, slots=True)
class DecisionRequirementsRow:
    """One decision file (a DRG)."""

    key: int
    requirements_id: str
    name: str | None
    version: int
    resource_name: str
    deployment_key: int
    sha256: str


@dataclass(frozen=True, slots=True)
class DecisionDefinitionRow:
    key: int
    decision_id: str
    name: str | None
    version: int
    version_tag: str | None
    requirements_key: int
    requirements_id: str
    requirements_name: str | None
    requirements_version: int
    resource_name: str
    deployment_key: int
    is_latest: bool


@dataclass(frozen=True, slots=True)
class FormRow:
    """`schema` is the form's JSON text. A form embedded in a diagram has no key and version."""

    key: int | None
    form_id: str
    version: int | None
    resource_name: str
    deployment_key: int | None
    schema: str
    version_tag: str | None = None
    is_latest: bool = True


@dataclass(frozen=True, slots=True)
class StoredResource:
    """A deployed file. `kind`: process | decision | form | a kind of a `ResourceKind`."""

    key: int
    kind: str
    id: str
    name: str
    version: int
    sha256: str
    deployment_key: int
    content: bytes
    version_tag: str | None = None


@dataclass(frozen=True, slots=True)
class ResourceRow:
    """A deployed file without its content."""

    key: int
    kind: str
    id: str
    name: str
    version: int
    version_tag: str | None
    sha256: str
    deployment_key: int
    is_latest: bool


@dataclass(frozen=True, slots=True)
class DeploymentRow:
    key: int
    deployed_at: datetime
    deployed_by: str | None


@dataclass(frozen=True, slots=True)
class Deployment:
    """What one deployment holds: new and unchanged resources alike. `is_duplicate`: everything was there already."""

    key: int
    deployed_at: datetime
    process_definitions: tuple[ProcessDefinitionRow, ...]
    decision_requirements: tuple[DecisionRequirementsRow, ...]
    decision_definitions: tuple[DecisionDefinitionRow, ...]
    forms: tuple[FormRow, ...]
    resources: tuple[ResourceRow, ...]
    warnings: tuple[Any, ...] = ()  # of bpmn.model.Problem
    is_duplicate: bool = False


@dataclass(frozen=True, slots=True)
class ProcessInstanceRow:
    """`state`: ACTIVE | COMPLETED | TERMINATED. `has_incident` counts called instances too. `suspended_at`: an active one that waits to be
    resumed."""

    key: int
    process_id: str
    process_name: str | None
    definition_key: int
    version: int
    version_tag: str | None
    state: str
    start_date: datetime
    end_date: datetime | None
    has_incident: bool
    parent_process_instance_key: int | None
    parent_element_instance_key: int | None
    root_process_instance_key: int
    started_by: str | None
    tags: tuple[str, ...] = ()
    suspended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ElementInstanceRow:
    """`type` as in Camunda 8's REST API; `state`: ACTIVE | COMPLETED | TERMINATED; `scope_key`: the element instance around it."""

    key: int
    element_id: str
    element_name: str | None
    type: str
    state: str
    start_date: datetime
    end_date: datetime | None
    scope_key: int | None
    has_incident: bool
    process_instance_key: int
    process_id: str
    definition_key: int


@dataclass(frozen=True, slots=True)
class VariableRow:
    """`value` is JSON text, complete. `scope_key` is that of an element instance or of the process instance."""

    key: int
    name: str
    value: str
    scope_key: int
    process_instance_key: int


@dataclass(frozen=True, slots=True)
class JobRow:
    """`state`: CREATED | ACTIVATED | FAILED (no retries left or backing off) | COMPLETED | ERROR_THROWN | CANCELED."""

    key: int
    type: str
    kind: str
    listener_event: str | None
    state: str
    retries: int
    priority: int
    worker: str | None
    deadline: datetime | None
    due: datetime | None
    error_code: str | None
    error_message: str | None
    headers: Mapping[str, str]
    element_id: str
    element_instance_key: int
    process_instance_key: int
    process_id: str
    definition_key: int
    creation_date: datetime
    end_date: datetime | None


@dataclass(frozen=True, slots=True)
class ActivatedJob:
    """A job leased to a worker until `deadline`. Send `lease` with the result: a result of an older lease is refused.

    `variables`: all visible at the element, or those asked for.
    """

    key: int
    type: str
    kind: str
    listener_event: str | None
    element_id: str
    element_instance_key: int
    process_instance_key: int
    root_process_instance_key: int
    process_id: str
    definition_key: int
    version: int
    headers: Mapping[str, str]
    variables: Mapping[str, Any]
    worker: str
    retries: int
    deadline: datetime
    priority: int
    lease: int
    user_task: "UserTaskRow | None" = None


@dataclass(frozen=True, slots=True)
class UserTaskRow:
    """`state`: CREATED | COMPLETED | CANCELED."""

    key: int
    name: str | None
    state: str
    assignee: str | None
    candidate_users: tuple[str, ...]
    candidate_groups: tuple[str, ...]
    due_date: datetime | None
    follow_up_date: datetime | None
    priority: int
    creation_date: datetime
    completion_date: datetime | None
    completed_by: str | None
    action: str | None
    form_key: int | None
    embedded_form: str | None
    external_form: str | None
    headers: Mapping[str, str]
    element_id: str
    element_instance_key: int
    process_instance_key: int
    root_process_instance_key: int
    process_id: str
    process_name: str | None
    definition_key: int
    version: int


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """`state`: ACTIVE | RESOLVED. `kind` as `engine.model.IncidentKind`."""

    key: int
    kind: str
    message: str
    state: str
    element_id: str
    element_instance_key: int
    process_instance_key: int
    root_process_instance_key: int
    process_id: str
    definition_key: int
    job_key: int | None
    creation_date: datetime
    resolved_at: datetime | None
    resolved_by: str | None


@dataclass(frozen=True, slots=True)
class DecisionInstanceRow:
    """One evaluation. `state`: EVALUATED | FAILED. `details`: `DecisionResult.to_json()` (inputs, matched rules, required decisions)."""

    key: int
    decision_id: str
    decision_name: str | None
    decision_definition_key: int | None
    state: str
    failure: str | None
    result: str
    details: Mapping[str, Any]
    evaluated_at: datetime
    element_id: str | None
    element_instance_key: int | None
    process_instance_key: int | None
    process_id: str | None
    definition_key: int | None


@dataclass(frozen=True, slots=True)
class SubscriptionRow:
    """Something waits for a message or signal. A definition's start event has no process instance. `kind`: message | signal."""

    key: int
    kind: str
    name: str
    correlation_key: str | None
    element_id: str
    element_instance_key: int | None
    process_instance_key: int | None
    process_id: str
    definition_key: int
    creation_date: datetime


@dataclass(frozen=True, slots=True)
class TimerRow:
    """A timer that will fire. A definition's start event has no process instance."""

    key: int
    due: datetime
    repetitions: int
    cycle: str | None
    element_id: str
    element_instance_key: int | None
    process_instance_key: int | None
    process_id: str
    definition_key: int


@dataclass(frozen=True, slots=True)
class BatchOperationRow:
    """`kind` as in Camunda 8's REST API; `state`: ACTIVE | SUSPENDED | COMPLETED | CANCELED; counts of its items."""

    key: int
    kind: str
    state: str
    options: Mapping[str, Any]
    started_at: datetime
    ended_at: datetime | None
    actor: str | None
    actor_kind: str
    total: int
    completed: int
    failed: int


@dataclass(frozen=True, slots=True)
class BatchItemRow:
    """`state`: ACTIVE | COMPLETED | FAILED | CANCELED; `error`: why it failed."""

    batch_operation_key: int
    item_key: int
    kind: str
    instance_key: int
    state: str
    processed_at: datetime | None
    error: str | None
    root_process_instance_key: int | None


@dataclass(frozen=True, slots=True)
class HistoryRecord:
    """One committed step of an instance: who did what, and what followed.

    `facts` holds lists by kind, each present only when not empty: "elements" [{key, id, type, is: "STARTED"|"COMPLETED"|"TERMINATED"}],
    "variables" [{scope, name, value}], "flows" [id], "waits" [{opened: "job"|"user_task"|…, …}], "decisions" [key],
    "incidents" [{key, kind, message} | {key, is: "RESOLVED"}], "action" {…} (what a person did to a user task, a job's error, …).
    """

    process_instance_key: int
    seq: int
    at: datetime
    actor: str | None
    actor_kind: str
    command: str
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])
