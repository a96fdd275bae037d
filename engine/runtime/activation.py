"""Which jobs does a worker get? The highest priority first, then the oldest; each leased until its deadline."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.runtime import requests
from engine.runtime.definitions import Definitions
from engine.runtime.inputs import Notice
from engine.store.entities import ENTITIES
from engine.store.json_text import loads
from engine.store.places import Places
from engine.store.rows import ActivatedJob, Page, UserTaskRow
from engine.store.search import Question
from engine.store.suspended import IS_NOT_SUSPENDED
from engine.store.times import micros, moment
from engine.store.workspace import Workspace, chain

_LIMIT = 1_000


def end_leases(workspace: Workspace, places: Places, now: datetime) -> list[Notice]:
    """Offers again what a worker let expire, and what has backed off long enough."""
    at = micros(now)
    notices: list[Notice] = []
    for sql in (
        "UPDATE job SET state = 'CREATED', due = NULL WHERE state = 'ACTIVATED' AND deadline <= ? "
        "RETURNING process_instance_key, element_instance_key, key, state, worker, lease, deadline, type",
        "UPDATE job SET state = 'CREATED', due = NULL WHERE due IS NOT NULL AND due <= ? AND state = 'FAILED' "
        "RETURNING process_instance_key, element_instance_key, key, state, worker, lease, deadline, type",
    ):
        rows = workspace.database.rows(workspace.connection, sql, (at,))
        places.refresh_leases(row[:7] for row in rows)
        notices.extend(Notice("job", row[7], row[0]) for row in rows)
    return notices


def activate(
    workspace: Workspace, places: Places, definitions: Definitions, request: requests.ActivateJobs, now: datetime
) -> list[ActivatedJob]:
    """Runs in the transaction after everything else is flushed, so that it sees the jobs that were opened in it."""
    lease = workspace.keys.next()
    deadline = micros(now) + request.timeout_ms * 1000
    skip = "" if workspace.database.is_sqlite else " FOR UPDATE SKIP LOCKED"
    rows = workspace.database.rows(
        workspace.connection,
        "UPDATE job SET state = 'ACTIVATED', worker = ?, lease = ?, deadline = ? WHERE (process_instance_key, key) IN "  # noqa: S608
        f"(SELECT process_instance_key, key FROM job WHERE state = 'CREATED' AND type = ? AND {IS_NOT_SUSPENDED} "
        f"ORDER BY priority DESC, key LIMIT ?{skip}) "
        "RETURNING process_instance_key, element_instance_key, key, state, worker, lease, deadline, element_id, kind, listener_event, "
        "headers, retries, priority",
        (request.worker, lease, deadline, request.type, min(request.max_jobs, _LIMIT)),
    )
    if not rows:
        return []
    places.refresh_leases(row[:7] for row in rows)
    workspace.count_rows(len(rows))
    rows.sort(key=lambda row: (-row[12], row[2]))
    return _with_variables(workspace, definitions, request, rows, lease, deadline)


def _with_variables(
    workspace: Workspace,
    definitions: Definitions,
    request: requests.ActivateJobs,
    rows: list[tuple[Any, ...]],
    lease: int,
    deadline: int,
) -> list[ActivatedJob]:
    cells = workspace.view({row[0] for row in rows})
    workspace.load_elements([(cells[row[0]], row[1]) for row in rows])
    jobs: list[ActivatedJob] = []
    for instance, element, key, _, worker, _, _, element_id, kind, listener_event, headers, retries, priority in rows:
        cell = cells[instance]
        loaded = definitions.definition(workspace.connection, cell.definition_key)
        visible: dict[str, Any] = {}
        for scope in reversed(chain(cell, element)):
            visible.update(cell.variables.get(scope.key, {}))
        jobs.append(
            ActivatedJob(
                key=key,
                type=request.type,
                kind=kind,
                listener_event=listener_event,
                element_id=element_id,
                element_instance_key=element,
                process_instance_key=instance,
                root_process_instance_key=cell.root,
                process_id=cell.process_id,
                definition_key=cell.definition_key,
                version=loaded.version,
                headers=loads(headers) if headers else {},
                variables=_chosen(visible, request.fetch_variables),
                worker=worker,
                retries=retries,
                deadline=moment(deadline),
                priority=priority,
                lease=lease,
                user_task=_user_task(workspace, instance, element) if kind == "TASK_LISTENER" else None,
            )
        )
    return jobs


def _chosen(visible: Mapping[str, Any], wanted: tuple[str, ...] | None) -> dict[str, Any]:
    return dict(visible) if not wanted else {name: visible[name] for name in wanted if name in visible}


def _user_task(workspace: Workspace, instance: int, element: int) -> UserTaskRow | None:
    question = Question(
        "user_task",
        ENTITIES["user_task"],
        {"process_instance_key": instance, "element_instance_key": element},
        [("key", "desc")],
        Page(limit=1),
    )
    rows = workspace.database.rows(workspace.connection, question.sql, question.values)
    return ENTITIES["user_task"].make(rows[0]) if rows else None
