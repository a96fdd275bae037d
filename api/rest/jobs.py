"""Jobs: leasing them to workers, and what workers report."""

from fastapi import APIRouter, Request, Response

from api.rest import job_models as shape
from api.rest.awaiting import await_jobs
from api.rest.context import EngineHere, InstanceReader, JobChanger, JobWorker, actor
from api.rest.json_body import JsonRoute
from api.rest.problems import BadRequest
from api.rest.searches import TENANT_FIELD, Field, Search, find, page_info
from api.rest.wire import PathKey
from engine.model import Activation
from engine.runtime.inputs import AdHocResult, JobResult, ListenerResult
from engine.store.rows import ActivatedJob, JobRow

router = APIRouter(tags=["Jobs"], route_class=JsonRoute)

_EVENTS = ("start", "end", "creating", "assigning", "updating", "completing", "canceling")

FIELDS = {
    "jobKey": Field("key", "key"),
    "type": Field("type"),
    "kind": Field("kind"),
    "listenerEventType": Field("listener_event", stored={event.upper(): (event,) for event in _EVENTS}),
    "state": Field("state", stored={"CREATED": ("CREATED", "ACTIVATED")}),  # as Camunda: a leased job has a worker and a deadline
    "retries": Field("retries", "int"),
    "worker": Field("worker"),
    "priority": Field("priority", "int"),
    "deadline": Field("deadline", "date"),
    "errorCode": Field("error_code"),
    "errorMessage": Field("error_message"),
    "elementId": Field("element_id"),
    "elementInstanceKey": Field("element_instance_key", "key"),
    "processInstanceKey": Field("process_instance_key", "key"),
    "processDefinitionKey": Field("definition_key", "key"),
    "processDefinitionId": Field("process_id"),
    "creationTime": Field("creation_date", "date"),
    "endTime": Field("end_date", "date"),
    "tenantId": TENANT_FIELD,
}


@router.post("/jobs/activation")
async def activate_jobs(request: Request, engine: EngineHere, user: JobWorker, body: shape.Activation) -> shape.ActivatedJobs:
    """Leases jobs of a type. Waits for them, holding nothing while it waits, up to `requestTimeout`."""

    def activate() -> list[ActivatedJob]:
        return engine.activate_jobs(
            type=body.type,
            worker=body.worker or user.username,
            timeout_ms=body.timeout,
            max_jobs=body.max_jobs_to_activate,
            fetch_variables=body.fetch_variable or None,
            actor=actor(user, "worker"),
        )

    jobs = await await_jobs(request, body.type, body.request_timeout, activate)
    return shape.ActivatedJobs(jobs=[_activated(job, bool(body.with_lease)) for job in jobs])


@router.post("/jobs/{key}/completion", status_code=204, response_class=Response)
def complete_job(engine: EngineHere, user: JobWorker, key: PathKey, body: shape.Completion | None = None) -> None:
    body = body or shape.Completion()
    engine.complete_job(key, body.variables or {}, result=_result(body), lease=_lease(body.job_lease_token), actor=actor(user, "worker"))


@router.post("/jobs/{key}/failure", status_code=204, response_class=Response)
def fail_job(engine: EngineHere, user: JobWorker, key: PathKey, body: shape.Failure | None = None) -> None:
    body = body or shape.Failure()
    engine.fail_job(
        key,
        body.retries,
        body.error_message,
        body.retry_back_off,
        body.variables,
        lease=_lease(body.job_lease_token),
        actor=actor(user, "worker"),
    )


@router.post("/jobs/{key}/error", status_code=204, response_class=Response)
def throw_job_error(engine: EngineHere, user: JobWorker, key: PathKey, body: shape.Error) -> None:
    """A BPMN error: the diagram says what happens next."""
    engine.throw_job_error(
        key,
        body.error_code,
        body.error_message or "",
        body.variables or {},
        lease=_lease(body.job_lease_token),
        actor=actor(user, "worker"),
    )


@router.patch("/jobs/{key}", status_code=204, response_class=Response)
def update_job(engine: EngineHere, user: JobChanger, key: PathKey, body: shape.Update) -> None:
    """By the worker, or by an operator. `timeout` renews the lease from now, `retries` lets a failed job be tried again."""
    changes = body.changeset
    if changes.priority is not None:
        raise BadRequest("The priority of a job is set in the diagram and cannot be changed: leave changeset.priority out.")
    if changes.retries is None and changes.timeout is None:
        raise BadRequest("The changeset is empty: give retries or timeout.")
    engine.update_job(key, changes.retries, changes.timeout, lease=_lease(body.job_lease_token), actor=actor(user, "worker"))


@router.post("/jobs/search")
def search_jobs(engine: EngineHere, _user: InstanceReader, search: Search | None = None) -> shape.Jobs:
    found = find(engine, "job", search, FIELDS)
    return shape.Jobs(items=[_answer(row) for row in found.items], page=page_info(found))


def _lease(token: str | None) -> int | None:
    return int(token) if token else None


def _result(body: shape.Completion) -> JobResult | None:
    match body.result:
        case shape.AdHocJobResult() as result:
            return AdHocResult(
                tuple(Activation(item.element_id, item.variables or {}) for item in result.activate_elements or ()),
                result.is_completion_condition_fulfilled,
                result.is_cancel_remaining_instances,
            )
        case shape.UserTaskJobResult() as result:
            changed = result.corrections.model_dump(exclude_none=True) if result.corrections else {}
            return ListenerResult(bool(result.denied), changed)
        case None:
            return None


def _event(listener_event: str | None) -> str:
    """Camunda's names: assigning, completing, … in capitals."""
    return listener_event.upper() if listener_event else "UNSPECIFIED"


def _activated(job: ActivatedJob, with_lease: bool) -> shape.ActivatedJob:
    task = job.user_task
    return shape.ActivatedJob(
        job_key=job.key,
        type=job.type,
        kind=job.kind,
        listener_event_type=_event(job.listener_event),
        worker=job.worker,
        retries=job.retries,
        deadline=int(job.deadline.timestamp() * 1000),
        priority=job.priority,
        custom_headers=dict(job.headers),
        variables=dict(job.variables),
        user_task=task
        and shape.ListenerTask(
            action=task.action or "",
            assignee=task.assignee,
            candidate_users=list(task.candidate_users),
            candidate_groups=list(task.candidate_groups),
            due_date=task.due_date,
            follow_up_date=task.follow_up_date,
            form_key=task.form_key,
            priority=task.priority,
            user_task_key=task.key,
        ),
        job_lease_token=str(job.lease) if with_lease else None,
        element_id=job.element_id,
        element_instance_key=job.element_instance_key,
        process_instance_key=job.process_instance_key,
        root_process_instance_key=job.root_process_instance_key,
        process_definition_key=job.definition_key,
        process_definition_id=job.process_id,
        process_definition_version=job.version,
    )


def _answer(row: JobRow) -> shape.Job:
    return shape.Job(
        job_key=row.key,
        type=row.type,
        kind=row.kind,
        listener_event_type=_event(row.listener_event),
        state=FIELDS["state"].shown(row.state),
        retries=row.retries,
        worker=row.worker or "",
        priority=row.priority,
        deadline=row.deadline,
        error_code=row.error_code,
        error_message=row.error_message,
        has_failed_with_retries_left=row.state == "FAILED" and row.retries > 0,
        custom_headers=dict(row.headers),
        element_id=row.element_id,
        element_instance_key=row.element_instance_key,
        process_instance_key=row.process_instance_key,
        process_definition_key=row.definition_key,
        process_definition_id=row.process_id,
        creation_time=row.creation_date,
        end_time=row.end_date,
    )
