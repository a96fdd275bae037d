"""What of an instance is held in memory? Cells: the loaded part of its state, as the processor changes it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bpmn.model import ElementType
from engine.model import IncidentKind
from engine.store.json_text import dumps


@dataclass(slots=True)
class JobCell:
    key: int
    instance: int
    element: int
    element_id: str
    type: str
    kind: str
    listener_event: str | None
    state: str
    retries: int
    priority: int
    worker: str | None
    lease: int | None
    deadline: int | None
    due: int | None
    headers: dict[str, str]


@dataclass(slots=True)
class UserTaskCell:
    key: int
    element: int
    element_id: str
    assignee: str | None
    candidate_users: tuple[str, ...]
    candidate_groups: tuple[str, ...]
    priority: int


@dataclass(slots=True)
class TimerCell:
    key: int
    element: int
    event: str


@dataclass(slots=True)
class SubscriptionCell:
    key: int
    element: int
    event: str
    kind: str
    name: str
    correlation_key: str | None
    interrupting: bool


@dataclass(slots=True)
class IncidentCell:
    key: int
    element: int
    kind: IncidentKind
    job: int | None
    retry: str | None


@dataclass(slots=True)
class Waits:
    """The open wait states of one element instance, by key."""

    jobs: dict[int, JobCell] = field(default_factory=dict[int, JobCell])
    user_tasks: dict[int, UserTaskCell] = field(default_factory=dict[int, UserTaskCell])
    timers: dict[int, TimerCell] = field(default_factory=dict[int, TimerCell])
    subscriptions: dict[int, SubscriptionCell] = field(default_factory=dict[int, SubscriptionCell])
    incidents: dict[int, IncidentCell] = field(default_factory=dict[int, IncidentCell])

    def to_text(self) -> str | None:
        """How they are stored with the element instance: their keys by kind. None: there are none."""
        keys = {
            kind: list(cells)
            for kind, cells in (
                ("j", self.jobs),
                ("u", self.user_tasks),
                ("t", self.timers),
                ("s", self.subscriptions),
                ("i", self.incidents),
            )
            if cells
        }
        return dumps(keys) if keys else None


@dataclass(slots=True)
class ElementCell:
    """An active element instance. `data` is JSON text (None: empty). `waits` None: not loaded; `stored_waits` then says what there is."""

    key: int
    element_id: str
    type: ElementType
    parent: int | None
    started_at: datetime
    data: str | None
    stored_waits: str | None
    waits: Waits | None


@dataclass(slots=True)
class InstanceCell:
    """`elements`: the loaded active ones. `variables`: complete for each scope that has an entry, values parsed.
    `revision`: the number of its newest history record; every step of it writes one."""

    key: int
    definition_key: int
    process_id: str
    state: str
    start_date: datetime
    end_date: datetime | None
    parent_instance: int | None
    parent_element: int | None
    root: int
    depth: int
    incidents: int
    started_by: str | None
    tags: tuple[str, ...]
    revision: int
    suspended_at: int | None = None
    elements: dict[int, ElementCell] = field(default_factory=dict[int, ElementCell])
    variables: dict[int, dict[str, Any]] = field(default_factory=dict[int, dict[str, Any]])
    children: dict[int, dict[int, None]] = field(default_factory=dict[int, dict[int, None]])  # complete for each scope that has an entry
    may_have_items: bool = True
