"""How are jobs leased, finished, failed and changed?"""

from typing import Any

from engine.errors import Conflict, NotFound, Rejected
from engine.model import (
    AdHocResult,
    CompleteJob,
    ElementKey,
    IncidentKey,
    IncidentKind,
    JobKey,
    OpenIncident,
    SetVariables,
    ThrowError,
)
from engine.runtime import requests
from engine.runtime.execution import Execution
from engine.runtime.inputs import ListenerResult
from engine.store.cells import ElementCell, InstanceCell, JobCell
from engine.store.steps import Step
from engine.store.times import micros

_NO_RETRIES = {
    "BPMN_ELEMENT": IncidentKind.JOB_NO_RETRIES,
    "AD_HOC_SUB_PROCESS": IncidentKind.AD_HOC_SUB_PROCESS_NO_RETRIES,
    "EXECUTION_LISTENER": IncidentKind.EXECUTION_LISTENER_NO_RETRIES,
    "TASK_LISTENER": IncidentKind.TASK_LISTENER_NO_RETRIES,
}


def _open_job(execution: Execution, key: int, lease: int | None) -> tuple[InstanceCell, ElementCell, JobCell]:
    found = execution.places.job(key)
    if found is None:
        raise NotFound(f"No job {key}: it was completed or cancelled.")
    job = found[2]
    if job.state == "FAILED" and job.due is None:
        raise Conflict(f"The job {key} has an incident: set its retries and resolve the incident first.")
    if lease is not None:
        if job.lease != lease or job.state != "ACTIVATED":
            raise Conflict(f"The lease of job {key} is over: the job is offered to other workers. Drop this result.")
        if job.deadline is not None and job.deadline <= micros(execution.now):
            raise Conflict(f"The lease of job {key} has expired. Drop this result, or ask for a longer timeout next time.")
    return found


def complete(execution: Execution, request: requests.CompleteJobRequest) -> None:
    cell, owner, job = _open_job(execution, request.key, request.lease)
    ad_hoc = request.result if isinstance(request.result, AdHocResult) else None
    listener = request.result if isinstance(request.result, ListenerResult) else ListenerResult()
    command = CompleteJob(
        ElementKey(job.element),
        JobKey(job.key),
        request.variables,
        ad_hoc,
        listener.corrections or None,
        listener.denied,
    )
    execution.step(
        cell,
        command,
        [job.element],
        before=lambda step: execution.writer.waits.end_job(step, owner, job, "COMPLETED"),
        facts={"job": job.key, "type": job.type, "worker": job.worker},
    )
    execution.settle()


def throw_error(execution: Execution, request: requests.ThrowJobError) -> None:
    cell, owner, job = _open_job(execution, request.key, request.lease)
    execution.step(
        cell,
        ThrowError(ElementKey(job.element), request.code, request.message, request.variables),
        [job.element],
        before=lambda step: execution.writer.waits.end_job(
            step, owner, job, "ERROR_THROWN", error_code=request.code, error_message=request.message
        ),
        facts={"job": job.key, "type": job.type, "worker": job.worker, "error_code": request.code, "error": request.message},
    )
    execution.settle()


def fail(execution: Execution, request: requests.FailJob) -> None:
    if request.retries < 0 or request.backoff_ms < 0:
        raise Rejected("The retries and the back-off of a failed job are 0 or more.")
    cell, _, job = _open_job(execution, request.key, request.lease)
    if request.variables:
        execution.step(cell, SetVariables(ElementKey(job.element), request.variables, True), [job.element])
    step = execution.open_step(cell, "FailJob")
    step.facts.action = {"job": job.key, "type": job.type, "worker": job.worker, "error": request.message, "retries": request.retries}
    due: int | None = None
    state = "FAILED"
    if request.retries > 0 and request.backoff_ms > 0:
        due = micros(execution.now) + request.backoff_ms * 1000
        step.next_due = due
    elif request.retries > 0:
        state = "CREATED"
        step.job_types.add(job.type)
    _change(execution, step, job, state=state, retries=request.retries, due=due, worker=None, lease=None, deadline=None)
    execution.workspace.changes.update("job", (cell.key, job.key), error_message=request.message)
    if request.retries == 0:
        _raise_incident(execution, step, job, request.message)
    execution.close(step)
    execution.settle()


def _raise_incident(execution: Execution, step: Step, job: JobCell, message: str) -> None:
    effect = OpenIncident(
        IncidentKey(execution.workspace.keys.next()), ElementKey(job.element), job.element_id, _NO_RETRIES[job.kind], message
    )
    execution.writer.incidents.open_incident(step, effect, job=job.key)


def update(execution: Execution, request: requests.UpdateJob) -> None:
    if request.retries is None and request.timeout_ms is None:
        raise Rejected("Say what to change of the job: its retries or its timeout.")
    if request.retries is not None and request.retries < 1:
        raise Rejected("The retries of a job are set to 1 or more.")
    found = execution.places.job(request.key)
    if found is None:
        raise NotFound(f"No job {request.key}: it was completed or cancelled.")
    cell, _, job = found
    columns: dict[str, Any] = {}
    if request.retries is not None:
        columns["retries"] = request.retries
    if request.timeout_ms is not None:
        if job.state != "ACTIVATED" or (request.lease is not None and request.lease != job.lease):
            raise Conflict(f"The job {request.key} is not leased to this worker any more: its timeout cannot be changed.")
        columns["deadline"] = micros(execution.now) + request.timeout_ms * 1000
    if request.retries is None:
        _set(execution, job, columns)  # a renewed lease is no event of the instance's history
        execution.settle()
        return
    step = execution.open_step(cell, "UpdateJob")
    step.facts.action = {"job": job.key, "retries": request.retries}
    _change(execution, step, job, **columns)
    execution.close(step)
    execution.settle()


def _change(execution: Execution, step: Step, job: JobCell, **columns: Any) -> None:
    _set(execution, job, columns)


def _set(execution: Execution, job: JobCell, columns: dict[str, Any]) -> None:
    changes = execution.workspace.changes
    for name, value in columns.items():
        changes.assign(job, name, value)
    changes.update("job", (job.instance, job.key), **columns)
