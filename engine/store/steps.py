"""What is one step of one instance while it is applied: who, when, the facts so far, and what it asks of others?"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from engine.model import BroadcastSignal, CancelChild, NotifyParent, PublishMessage, StartChild
from engine.store.cells import InstanceCell, SubscriptionCell
from engine.store.facts import Facts

Outward: TypeAlias = StartChild | CancelChild | NotifyParent | PublishMessage | BroadcastSignal


@dataclass(slots=True)
class Step:
    """One step of one instance while it is applied: who, when, the facts so far, and what it asks of others."""

    cell: InstanceCell
    at: datetime
    actor: str | None
    actor_kind: str
    command: str
    facts: Facts = field(default_factory=Facts)
    outward: list[Outward] = field(default_factory=list[Outward])
    opened: list[SubscriptionCell] = field(default_factory=list[SubscriptionCell])
    job_types: set[str] = field(default_factory=set[str])
    touches_user_tasks: bool = False
    touches_incidents: bool = False
    action: str | None = None  # what a person did to the user task that this step completes
    next_due: int | None = None
    decision_keys: dict[int, int] = field(default_factory=dict[int, int])  # id() of a result -> key of the decision definition
