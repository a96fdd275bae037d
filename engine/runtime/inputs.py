"""What do callers hand to the engine, and what does it tell them unasked? Actors, files, job results and notices."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bpmn.model import Problem
from engine.model import Activation, AdHocResult


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does it. `kind`: user | worker | system. Lands in history."""

    user: str | None
    kind: str = "user"


SYSTEM = Actor(None, "system")


@dataclass(frozen=True, slots=True)
class Resource:
    """One file to deploy; `name` with its suffix decides what it is."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class CheckedResource:
    """What a `ResourceKind` found in a file. Any problem with severity "error" refuses the deployment."""

    id: str
    name: str
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class ResourceKind:
    """A kind of file that the engine stores for others, versioned by content: files whose name ends with `suffix`."""

    suffix: str
    kind: str
    check: Callable[[Resource], CheckedResource]


@dataclass(frozen=True, slots=True)
class ListenerResult:
    """The result of a task listener's job: the change is denied, or attributes of the user task are corrected."""

    denied: bool = False
    corrections: Mapping[str, Any] = field(default_factory=dict[str, Any])


JobResult = AdHocResult | ListenerResult


@dataclass(frozen=True, slots=True)
class Changeset:
    """Attributes of a user task to change. `UNCHANGED` leaves one as it is; None (or an empty list) clears it."""

    due_date: Any = "__unchanged__"
    follow_up_date: Any = "__unchanged__"
    candidate_users: Any = "__unchanged__"
    candidate_groups: Any = "__unchanged__"
    priority: Any = "__unchanged__"


UNCHANGED = "__unchanged__"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something was committed. `kind`: job (jobs of `type` became available) | instance (a step of it) | user_task | incident."""

    kind: str
    type: str | None = None
    instance_key: int | None = None


__all__ = [
    "SYSTEM",
    "UNCHANGED",
    "Activation",
    "Actor",
    "AdHocResult",
    "Changeset",
    "CheckedResource",
    "JobResult",
    "ListenerResult",
    "Notice",
    "Resource",
    "ResourceKind",
]
