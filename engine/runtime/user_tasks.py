"""How do people's changes to user tasks become rows? Assigning, updating and completing."""

from datetime import datetime
from typing import Any

from engine.errors import Conflict, NotFound, Rejected
from engine.model import CompleteUserTask, ElementKey
from engine.runtime import requests
from engine.runtime.execution import Execution
from engine.runtime.inputs import UNCHANGED, Changeset
from engine.store.cells import ElementCell, InstanceCell, UserTaskCell
from engine.store.json_text import dumps
from engine.store.times import micros


def _open_task(execution: Execution, key: int) -> tuple[InstanceCell, ElementCell, UserTaskCell]:
    found = execution.places.user_task(key)
    if found is None:
        if execution.places.locate("user_task", [key]):
            raise Conflict(f"The user task {key} is finished: it was completed or cancelled.")
        raise NotFound(f"No user task {key}.")
    return found


def assign(execution: Execution, request: requests.AssignUserTask) -> None:
    cell, _, task = _open_task(execution, request.key)
    if request.assignee == "":
        raise Rejected("The assignee is empty. To take the assignee away, unassign the user task.")
    if not request.allow_override and task.assignee not in (None, request.assignee):
        raise Conflict(f"The user task {task.key} is assigned to {task.assignee!r}: ask them, or assign it with override.")
    _record(execution, cell, task, request.action, {"assignee": request.assignee}, before={"assignee": task.assignee})
    execution.workspace.changes.assign(task, "assignee", request.assignee)
    execution.workspace.changes.update("user_task", (cell.key, task.key), assignee=request.assignee)


def update(execution: Execution, request: requests.UpdateUserTask) -> None:
    cell, _, task = _open_task(execution, request.key)
    columns, shown = _columns(request.changes)
    if not columns:
        raise Rejected("Say what to change of the user task: its dates, candidates or priority.")
    changes = execution.workspace.changes
    users, groups = request.changes.candidate_users, request.changes.candidate_groups
    if users != UNCHANGED or groups != UNCHANGED:
        new_users = task.candidate_users if users == UNCHANGED else tuple(users or ())
        new_groups = task.candidate_groups if groups == UNCHANGED else tuple(groups or ())
        for kind, members in (("user", task.candidate_users), ("group", task.candidate_groups)):
            for name in members:
                changes.delete("user_task_candidate", (cell.key, task.key, kind, name))
        execution.writer.waits.put_candidates(cell.key, task.key, new_users, new_groups)
        changes.assign(task, "candidate_users", new_users)
        changes.assign(task, "candidate_groups", new_groups)
    changes.update("user_task", (cell.key, task.key), **columns)
    _record(execution, cell, task, request.action, shown)


def _columns(changes: Changeset) -> tuple[dict[str, Any], dict[str, Any]]:
    columns: dict[str, Any] = {}
    shown: dict[str, Any] = {}
    for name in ("due_date", "follow_up_date"):
        value = getattr(changes, name)
        if value != UNCHANGED:
            if value is not None and not isinstance(value, datetime):
                raise Rejected(f"The {name} of a user task is a date with time, or nothing.")
            columns[name] = micros(value)
            shown[name] = None if value is None else value.isoformat()
    for name in ("candidate_users", "candidate_groups"):
        value = getattr(changes, name)
        if value != UNCHANGED:
            members: list[Any] = list(value or ())
            if not all(isinstance(member, str) and member for member in members):
                raise Rejected(f"The {name} of a user task are a list of names.")
            columns[name] = dumps(members) if members else None
            shown[name] = members
    if changes.priority != UNCHANGED:
        priority = 50 if changes.priority is None else changes.priority
        if not isinstance(priority, int) or not 0 <= priority <= 100:
            raise Rejected("The priority of a user task is a whole number from 0 to 100.")
        columns["priority"] = shown["priority"] = priority
    return columns, shown


def complete(execution: Execution, request: requests.CompleteUserTaskRequest) -> None:
    cell, _, task = _open_task(execution, request.key)
    execution.step(
        cell,
        CompleteUserTask(ElementKey(task.element), request.variables, request.action),
        [task.element],
        facts={"user_task": task.key, "action": request.action, "assignee": task.assignee},
        action=request.action,
    )
    execution.settle()


def _record(
    execution: Execution,
    cell: InstanceCell,
    task: UserTaskCell,
    action: str,
    changed: dict[str, Any],
    before: dict[str, Any] | None = None,
) -> None:
    step = execution.open_step(cell, "UpdateUserTask")
    step.facts.action = {"user_task": task.key, "id": task.element_id, "action": action, **changed}
    if before:
        step.facts.action["before"] = before
    step.touches_user_tasks = True
    execution.close(step)
    execution.settle()
