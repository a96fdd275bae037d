"""Where is an instance now: which elements are active, done or stuck, and what does it wait for?"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from api.pages.data import every
from api.pages.diagrams import Diagram
from api.pages.words import JOB_STATES
from engine.runtime.facade import Engine
from engine.store.rows import ElementInstanceRow, Page

CONTAINERS = frozenset({"PROCESS", "SUB_PROCESS", "EVENT_SUB_PROCESS", "TRANSACTION", "MULTI_INSTANCE_BODY"})
_MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Waiting:
    """One place where the instance waits. `address` leads to what can be done about it."""

    name: str
    type: str
    since: datetime
    what: str
    count: int
    address: str
    until: datetime | None = None


def positions(engine: Engine, instance_key: int) -> dict[str, Any]:
    """For the diagram: element ids with how many are active, have incidents or were completed, and the flows taken."""
    active: Counter[str] = Counter()
    completed: Counter[str] = Counter()
    for row in every(engine, "element_instance", {"process_instance_key": instance_key}, at_most=20_000):
        if row.type in CONTAINERS:
            continue
        if row.state == "ACTIVE":
            active[row.element_id] += 1
        elif row.state == "COMPLETED":
            completed[row.element_id] += 1
    incidents = Counter(row.element_id for row in every(engine, "incident", {"process_instance_key": instance_key, "state": "ACTIVE"}))
    return {
        "active": dict(active),
        "incidents": dict(incidents),
        "completed": dict(completed),
        "flows": sorted(set(engine.sequence_flows(instance_key))),
    }


def waiting(engine: Engine, diagram: Diagram, instance_key: int) -> list[Waiting]:
    """Every place where the instance waits, equal ones counted together."""
    wanted = {"process_instance_key": instance_key, "state": "ACTIVE", "type": {"$notIn": sorted(CONTAINERS)}}
    rows = list(every(engine, "element_instance", wanted, (("key", "asc"),), at_most=2_000))
    reasons = _reasons(engine, instance_key)
    found: dict[tuple[str, str], Waiting] = {}
    for row in rows:
        what, address, until = reasons.get(row.key, _by_type(row))
        known = found.get((row.element_id, what))
        if known is None:
            found[(row.element_id, what)] = Waiting(diagram.name(row.element_id), row.type, row.start_date, what, 1, address, until)
        else:
            found[(row.element_id, what)] = Waiting(
                known.name, known.type, min(known.since, row.start_date), what, known.count + 1, known.address, known.until
            )
    return list(found.values())[:_MOST_SHOWN]


Reason = tuple[str, str, datetime | None]


def _reasons(engine: Engine, instance_key: int) -> dict[int, Reason]:
    """By element instance: what it waits for, where to go, and until when. Later entries outrank earlier ones."""
    reasons: dict[int, Reason] = {}
    here = {"process_instance_key": instance_key}
    timers = {timer.element_instance_key: timer.due for timer in _rows(engine, "timer", here)}
    reasons.update({key: ("a point in time", "", due) for key, due in timers.items()})
    for subscription in _rows(engine, "message_subscription", here):
        reasons[subscription.element_instance_key] = (f"the {subscription.kind} “{subscription.name}”", "", None)
    for job in _rows(engine, "job", {**here, "state": {"$in": ["CREATED", "ACTIVATED", "FAILED"]}}):
        reasons[job.element_instance_key] = (_job_words(job), "", job.due if job.state == "FAILED" else None)
    for task in _rows(engine, "user_task", {**here, "state": "CREATED"}):
        who = task.assignee or ", ".join((*task.candidate_groups, *task.candidate_users)) or "anybody"
        reasons[task.element_instance_key] = (f"a decision by {who}", f"/tasks/{task.key}", task.due_date)
    for child in _rows(engine, "process_instance", {"parent_process_instance_key": instance_key, "state": "ACTIVE"}):
        if child.parent_element_instance_key is not None:
            reasons[child.parent_element_instance_key] = (
                f"the process “{child.process_name or child.process_id}”",
                f"/instances/{child.key}",
                None,
            )
    for incident in _rows(engine, "incident", {**here, "state": "ACTIVE"}):
        reasons[incident.element_instance_key] = ("help: see Incidents", "#incidents", None)
    return {key: (what, address, until or timers.get(key)) for key, (what, address, until) in reasons.items()}


def _job_words(job: Any) -> str:
    if job.type == "gatewise.agent":
        return "an agent" if job.state != "ACTIVATED" else f"an agent, working now ({job.worker})"
    return f"work of type “{job.type}”, {JOB_STATES.get(job.state, job.state.lower())}"


def _by_type(row: ElementInstanceRow) -> Reason:
    match row.type:
        case "PARALLEL_GATEWAY" | "INCLUSIVE_GATEWAY" | "COMPLEX_GATEWAY":
            return "the other paths", "", None
        case "AD_HOC_SUB_PROCESS" | "AD_HOC_SUB_PROCESS_INNER_INSTANCE":
            return "the activities inside", "", None
        case _:
            return "its next step", "", None


def _rows(engine: Engine, entity: str, filter: dict[str, Any]) -> Iterable[Any]:
    return engine.search(entity, filter, (), Page(limit=2_000)).items
