"""How do commands on whole instances become steps? Starting, cancelling, modifying, setting variables, resolving incidents."""

from engine.errors import Conflict, NotFound, Rejected
from engine.model import (
    ActivateAdHoc,
    Cancel,
    Create,
    ElementKey,
    IncidentKey,
    Move,
    Retry,
    SetVariables,
)
from engine.runtime import requests
from engine.runtime.execution import Execution
from engine.store.cells import IncidentCell, InstanceCell
from engine.store.json_text import loads
from engine.store.rows import ProcessInstanceRow
from engine.store.steps import Step
from engine.store.times import micros


def create(execution: Execution, request: requests.CreateInstance) -> ProcessInstanceRow:
    connection = execution.workspace.connection
    key = request.definition_key
    if key is None:
        if request.process_id is None:
            raise Rejected("Say which process to start: by process id or by the key of its definition.")
        key = execution.definitions.process_key(connection, request.process_id, version=request.version)
        if key is None:
            version = "" if request.version is None else f" in version {request.version}"
            raise NotFound(f"No process {request.process_id!r} is deployed{version}: deploy it first.")
    loaded = execution.definitions.definition(connection, key)
    cell = execution.start(key, Create(dict(request.variables), None, request.activations), tags=request.tags)
    execution.settle()
    return instance_row(cell, loaded.version, loaded.version_tag, loaded.process.name)


def instance_row(cell: InstanceCell, version: int, version_tag: str | None, name: str | None) -> ProcessInstanceRow:
    return ProcessInstanceRow(
        key=cell.key,
        process_id=cell.process_id,
        process_name=name,
        definition_key=cell.definition_key,
        version=version,
        version_tag=version_tag,
        state=cell.state,
        start_date=cell.start_date,
        end_date=cell.end_date,
        has_incident=cell.incidents > 0,
        parent_process_instance_key=cell.parent_instance,
        parent_element_instance_key=cell.parent_element,
        root_process_instance_key=cell.root,
        started_by=cell.started_by,
        tags=cell.tags,
    )


def active(execution: Execution, key: int) -> InstanceCell:
    cell = execution.workspace.cell(key)
    if cell is None:
        raise NotFound(f"No process instance {key}.")
    if cell.state != "ACTIVE":
        raise NotFound(f"No active process instance {key}: it is {cell.state.lower()}.")
    return cell


def cancel(execution: Execution, request: requests.CancelInstance) -> None:
    cell = active(execution, request.key)
    if cell.parent_instance is not None:
        raise Rejected(f"Process instance {cell.key} was called by another one: cancel its root {cell.root}.")
    execution.step(cell, Cancel(), [cell.key])
    execution.settle()


def modify(execution: Execution, request: requests.ModifyInstance) -> None:
    cell = active(execution, request.key)
    command = Move(
        tuple(ElementKey(key) for key in request.terminate),
        tuple((activation, None if scope is None else ElementKey(scope)) for activation, scope in request.activate),
    )
    scopes = [scope for _, scope in request.activate if scope is not None]
    execution.step(cell, command, [cell.key, *request.terminate, *scopes])
    execution.settle()


def set_variables(execution: Execution, request: requests.SetVariablesRequest) -> None:
    workspace = execution.workspace
    instance = execution.places.locate_scope(request.scope_key)
    if instance is None:
        raise NotFound(f"No process or element instance {request.scope_key}.")
    cell = active(execution, instance)
    if workspace.element(cell, request.scope_key) is None:
        raise Conflict(f"The element instance {request.scope_key} has ended: its variables stay as they are.")
    command = SetVariables(ElementKey(request.scope_key), dict(request.variables), request.local)
    execution.step(cell, command, [request.scope_key], facts={"set_variables": list(request.variables)})
    execution.settle()


def activate_ad_hoc(execution: Execution, request: requests.ActivateAdHocRequest) -> None:
    workspace = execution.workspace
    instance = execution.places.locate_scope(request.element_instance_key)
    cell = None if instance is None else active(execution, instance)
    if cell is None or workspace.element(cell, request.element_instance_key) is None:
        raise NotFound(f"No active ad-hoc sub-process {request.element_instance_key}.")
    command = ActivateAdHoc(ElementKey(request.element_instance_key), request.activate, request.cancel_remaining)
    execution.step(cell, command, [request.element_instance_key])
    execution.settle()


# ---------------------------------------------------------------- incidents


def resolve_incident(execution: Execution, request: requests.ResolveIncident) -> None:
    workspace = execution.workspace
    where = execution.places.locate("incident", [request.key]).get(request.key)
    if where is None:
        raise NotFound(f"No incident {request.key}.")
    place = execution.places.place(*where)
    incident = None if place is None else workspace.waits(*place).incidents.get(request.key)
    if place is None or incident is None:
        raise Conflict(f"The incident {request.key} was resolved already.")
    cell, _ = place
    if incident.job is not None:
        _offer_job_again(execution, cell, incident)
    elif incident.retry is not None:
        _close_only(execution, cell, incident)
        again = loads(incident.retry)
        execution.retry_call(cell, incident.element, again["start"], again["variables"])
    else:
        execution.step(
            cell,
            Retry(ElementKey(incident.element), IncidentKey(incident.key)),
            [incident.element],
            before=lambda step: _end(execution, step, incident),
            facts={"resolved_incident": incident.key},
        )
    execution.settle()


def _end(execution: Execution, step: Step, incident: IncidentCell) -> None:
    owner = step.cell.elements[incident.element]
    execution.workspace.waits_changed(step.cell, owner)
    execution.writer.incidents.end_incident(step, execution.workspace.waits(step.cell, owner), incident, micros(step.at))


def _close_only(execution: Execution, cell: InstanceCell, incident: IncidentCell) -> Step:
    step = execution.open_step(cell, "ResolveIncident")
    step.facts.action = {"resolved_incident": incident.key}
    _end(execution, step, incident)
    execution.close(step)
    return step


def _offer_job_again(execution: Execution, cell: InstanceCell, incident: IncidentCell) -> None:
    owner = cell.elements[incident.element]
    job = execution.workspace.waits(cell, owner).jobs.get(incident.job or 0)
    step = execution.open_step(cell, "ResolveIncident")
    step.facts.action = {"resolved_incident": incident.key}
    _end(execution, step, incident)
    if job is not None:
        changes = execution.workspace.changes
        retries = max(1, job.retries)
        for name, value in (("state", "CREATED"), ("retries", retries), ("due", None)):
            changes.assign(job, name, value)
        changes.update("job", (cell.key, job.key), state="CREATED", retries=retries, due=None)
        step.job_types.add(job.type)
    execution.close(step)
