"""What do requests and answers about jobs look like?"""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field as Member

from api.rest.searches import PageInfo
from api.rest.wire import TENANT, Answer, Ask, Key, Moment, Name, Variables

_MAXIMUM_MS = 2**53
Milliseconds = Annotated[int, Member(ge=0, le=_MAXIMUM_MS)]
Lease = Annotated[str | None, Member(max_length=40, pattern="^[0-9]*$")]


class Activation(Ask):
    """`requestTimeout` in milliseconds: below 0 answers at once, 0 waits as long as the server thinks right."""

    type: Name
    timeout: int = Member(ge=1, le=_MAXIMUM_MS)
    max_jobs_to_activate: int = Member(ge=1, le=1000)
    worker: str = Member(default="", max_length=1000)
    fetch_variable: list[Name] | None = Member(default=None, max_length=1000)
    request_timeout: int = Member(default=0, ge=-_MAXIMUM_MS, le=_MAXIMUM_MS)
    tenant_ids: list[str] | None = None
    tenant_filter: str | None = None
    with_lease: bool | None = None


class ListenerTask(Answer):
    """The user task a listener's job is about."""

    action: str
    assignee: str | None
    candidate_users: list[str]
    candidate_groups: list[str]
    changed_attributes: tuple[str, ...] = ()
    due_date: datetime | None
    follow_up_date: datetime | None
    form_key: Key | None
    priority: int | None
    user_task_key: Key | None


class ActivatedJob(Answer):
    """`deadline` in milliseconds since 1970: until then the job is this worker's. Send `jobLeaseToken` with the result."""

    job_key: Key
    type: str
    kind: str
    listener_event_type: str
    worker: str
    retries: int
    deadline: int
    priority: int
    custom_headers: dict[str, Any]
    variables: Variables
    user_task: ListenerTask | None = None
    job_lease_token: str | None
    element_id: str
    element_instance_key: Key
    process_instance_key: Key
    root_process_instance_key: Key | None
    process_definition_key: Key
    process_definition_id: str
    process_definition_version: int
    tags: tuple[str, ...] = ()
    business_id: str | None = None
    tenant_id: str = TENANT
    physical_tenant_id: str = "default"


class ActivatedJobs(Answer):
    jobs: list[ActivatedJob]


class ActivateElement(Ask):
    element_id: Name
    variables: Variables | None = None


class AdHocJobResult(Ask):
    type: Literal["adHocSubProcess"]
    activate_elements: list[ActivateElement] | None = Member(default=None, max_length=1000)
    is_completion_condition_fulfilled: bool = False
    is_cancel_remaining_instances: bool = False


class Corrections(Ask):
    assignee: str | None = None
    due_date: Moment | Literal[""] | None = None
    follow_up_date: Moment | Literal[""] | None = None
    candidate_users: list[str] | None = None
    candidate_groups: list[str] | None = None
    priority: int | None = Member(default=None, ge=0, le=100)


class UserTaskJobResult(Ask):
    type: Literal["userTask"] = "userTask"
    denied: bool | None = None
    denied_reason: str | None = None
    corrections: Corrections | None = None


class Completion(Ask):
    variables: Variables | None = None
    result: AdHocJobResult | UserTaskJobResult | None = None
    job_lease_token: Lease = None
    business_id: str | None = None


class Failure(Ask):
    """`retries` left (0 raises an incident); `retryBackOff` in milliseconds."""

    retries: int = Member(default=0, ge=0, le=2**31)
    error_message: str = Member(default="", max_length=100_000)
    retry_back_off: Milliseconds = 0
    variables: Variables | None = None
    job_lease_token: Lease = None


class Error(Ask):
    error_code: Name
    error_message: str | None = Member(default=None, max_length=100_000)
    variables: Variables | None = None
    job_lease_token: Lease = None


class JobChanges(Ask):
    retries: int | None = Member(default=None, ge=1, le=2**31)
    timeout: int | None = Member(default=None, ge=0, le=_MAXIMUM_MS)
    priority: int | None = None


class Update(Ask):
    changeset: JobChanges
    operation_reference: int | None = None
    job_lease_token: Lease = None


class Job(Answer):
    job_key: Key
    type: str
    kind: str
    listener_event_type: str
    state: str
    retries: int
    worker: str
    priority: int
    deadline: datetime | None
    error_code: str | None
    error_message: str | None
    has_failed_with_retries_left: bool
    is_denied: bool | None = None
    denied_reason: str | None = None
    custom_headers: dict[str, Any]
    element_id: str | None
    element_instance_key: Key
    process_instance_key: Key
    root_process_instance_key: Key | None = None
    process_definition_key: Key | None
    process_definition_id: str | None
    creation_time: datetime | None
    end_time: datetime | None
    last_update_time: datetime | None = None
    business_id: str | None = None
    tenant_id: str = TENANT


class Jobs(Answer):
    items: list[Job]
    page: PageInfo
