"""The words of the kernel: the state of an instance, the commands that change it and the effects a step has.

All of it is data. The kernel's `advance` reads an `InstanceState`, applies one command and returns effects; the store
writes the effects. Keys are 64-bit integers with a partition number in the high bits. Times are aware `datetime` in UTC.
Values of variables are JSON values (`None`, `bool`, `int`, `float`, `str`, `list`, `dict`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NewType, Protocol, TypeAlias

from bpmn.model import ElementType, FormRef, ProcessDefinition, ResourceRef
from rules.dmn import DecisionResult

InstanceKey = NewType("InstanceKey", int)  # of a process instance
ElementKey = NewType("ElementKey", int)  # of an element instance; the process instance's own scope has its InstanceKey's value
JobKey = NewType("JobKey", int)
UserTaskKey = NewType("UserTaskKey", int)
TimerKey = NewType("TimerKey", int)
SubscriptionKey = NewType("SubscriptionKey", int)
IncidentKey = NewType("IncidentKey", int)
DefinitionKey = NewType("DefinitionKey", int)

Json: TypeAlias = Any
Variables: TypeAlias = Mapping[str, Json]


class Ended(StrEnum):
    """How an element instance or a process instance ended."""

    COMPLETED = "COMPLETED"
    TERMINATED = "TERMINATED"


class IncidentKind(StrEnum):
    """Error types with the names of Camunda 8's REST API."""

    JOB_NO_RETRIES = "JOB_NO_RETRIES"
    AD_HOC_SUB_PROCESS_NO_RETRIES = "AD_HOC_SUB_PROCESS_NO_RETRIES"
    EXECUTION_LISTENER_NO_RETRIES = "EXECUTION_LISTENER_NO_RETRIES"
    TASK_LISTENER_NO_RETRIES = "TASK_LISTENER_NO_RETRIES"
    IO_MAPPING_ERROR = "IO_MAPPING_ERROR"
    EXTRACT_VALUE_ERROR = "EXTRACT_VALUE_ERROR"
    CONDITION_ERROR = "CONDITION_ERROR"
    CALLED_ELEMENT_ERROR = "CALLED_ELEMENT_ERROR"
    CALLED_DECISION_ERROR = "CALLED_DECISION_ERROR"
    DECISION_EVALUATION_ERROR = "DECISION_EVALUATION_ERROR"
    UNHANDLED_ERROR_EVENT = "UNHANDLED_ERROR_EVENT"
    FORM_NOT_FOUND = "FORM_NOT_FOUND"
    RESOURCE_NOT_FOUND = "RESOURCE_NOT_FOUND"
    STEP_LIMIT_EXCEEDED = "STEP_LIMIT_EXCEEDED"


# ---------------------------------------------------------------- state


@dataclass(slots=True)
class ElementInstance:
    """One activation of an element; also a scope of variables, and of flow when the element contains others.

    `data` belongs to the kernel (counters, join tokens, positions): small, JSON, never growing with history.
    """

    key: ElementKey
    element_id: str
    type: ElementType
    parent: ElementKey | None  # the scope around it; None for the process instance itself
    started_at: datetime
    data: dict[str, Json] = field(default_factory=dict[str, Json])


@dataclass(slots=True)
class InstanceState:
    """The loaded part of one process instance: the addressed element instance, the scopes up to the root, and what a
    `StateNeeded` asked for. The kernel may change it freely; the store keeps only the effects.

    `variables` has an entry for every loaded element instance, complete for that scope.
    `children_loaded` names the scopes whose active children (direct) are all in `elements`.
    `items` are list entries kept one by one (multi-instance input and output), by owner, list name and index (0-based).
    """

    key: InstanceKey
    definition_key: DefinitionKey
    elements: dict[ElementKey, ElementInstance] = field(default_factory=dict[ElementKey, ElementInstance])
    variables: dict[ElementKey, dict[str, Json]] = field(default_factory=dict[ElementKey, dict[str, Json]])
    children_loaded: set[ElementKey] = field(default_factory=set[ElementKey])
    items: dict[tuple[ElementKey, str, int], Json] = field(default_factory=dict[tuple[ElementKey, str, int], Json])
    items_loaded: set[tuple[ElementKey, str]] = field(default_factory=set[tuple[ElementKey, str]])
    parent_element: ElementKey | None = None  # the call activity that started this instance
    parent_instance: InstanceKey | None = None
    depth: int = 0  # call depth: 0 for an instance that nothing called


class StateNeeded(Exception):
    """The kernel needs more state than was loaded: load it and call `advance` again from a fresh `InstanceState`.

    Exactly one of the lists is non-empty: elements with their chains to the root; scopes whose active children are
    needed (with `deep`: all active descendants); items by (owner, name, index or None for the whole list).
    """

    def __init__(
        self,
        *,
        elements: tuple[ElementKey, ...] = (),
        children_of: tuple[ElementKey, ...] = (),
        deep: bool = False,
        items: tuple[tuple[ElementKey, str, int | None], ...] = (),
    ) -> None:
        super().__init__("more state is needed")
        self.elements, self.children_of, self.deep, self.items = elements, children_of, deep, items


class Resources(Protocol):
    """What the kernel may look up while it advances: deployed, immutable, without I/O from its point of view."""

    def decide(self, ref: ResourceRef, decision_id: str, context: Variables, now: datetime) -> DecisionResult | None:
        """The evaluated decision, or None when no such decision is deployed."""
        ...

    def form_key(self, ref: FormRef, form_id: str) -> int | None:
        """The key of the deployed form, or None when there is none."""
        ...

    def process(self, ref: ResourceRef, process_id: str) -> DefinitionKey | None:
        """The definition a call activity calls, or None."""
        ...


class Keys(Protocol):
    def next(self) -> int: ...


# ---------------------------------------------------------------- commands


@dataclass(frozen=True, slots=True)
class Activation:
    """Where an instance starts other than at its none start event, with local variables."""

    element_id: str
    variables: Variables = field(default_factory=dict[str, Json])


@dataclass(frozen=True, slots=True)
class Create:
    """Starts the instance. `start_event`: the message, signal, timer, conditional start event (or instantiating receive
    task or event behind an instantiating event gateway) that was triggered; None: the none start events."""

    variables: Variables
    start_event: str | None = None
    activations: tuple[Activation, ...] = ()


@dataclass(frozen=True, slots=True)
class AdHocResult:
    """What the job of an ad-hoc sub-process decided."""

    activate: tuple[Activation, ...] = ()
    is_completion_condition_fulfilled: bool = False
    is_cancel_remaining_instances: bool = False


@dataclass(frozen=True, slots=True)
class CompleteJob:
    element: ElementKey
    job: JobKey
    variables: Variables
    ad_hoc: AdHocResult | None = None
    corrections: Variables | None = None  # task listener jobs
    denied: bool = False


@dataclass(frozen=True, slots=True)
class ThrowError:
    """A worker reports a BPMN error for the element."""

    element: ElementKey
    code: str
    message: str
    variables: Variables


@dataclass(frozen=True, slots=True)
class CompleteUserTask:
    element: ElementKey
    variables: Variables
    action: str = "complete"


@dataclass(frozen=True, slots=True)
class FireTimer:
    """`event`: the id of the catching element (the element itself, a boundary event, an event behind an event gateway,
    or the start event of an event sub-process)."""

    element: ElementKey
    timer: TimerKey
    event: str


@dataclass(frozen=True, slots=True)
class Trigger:
    """A message or signal reaches a subscription."""

    element: ElementKey
    subscription: SubscriptionKey
    event: str
    variables: Variables


@dataclass(frozen=True, slots=True)
class Cancel:
    pass


@dataclass(frozen=True, slots=True)
class SetVariables:
    """`local`: into that scope; else each lands in the nearest scope outward that has the name, else at the root."""

    element: ElementKey
    variables: Variables
    local: bool = False


@dataclass(frozen=True, slots=True)
class Retry:
    """Resolves an incident raised by the kernel: repeats what failed on that element instance."""

    element: ElementKey
    incident: IncidentKey


@dataclass(frozen=True, slots=True)
class ChildEnded:
    """The called process instance ended. `variables` are those of its root scope (completed only)."""

    element: ElementKey
    how: Ended
    variables: Variables


@dataclass(frozen=True, slots=True)
class ChildThrew:
    """An error or escalation left the called process instance. An error has ended it; an escalation has not."""

    element: ElementKey
    kind: str  # "error" | "escalation"
    code: str
    message: str
    variables: Variables


@dataclass(frozen=True, slots=True)
class ActivateAdHoc:
    """Activates elements inside a running ad-hoc sub-process from outside."""

    element: ElementKey
    activate: tuple[Activation, ...]
    cancel_remaining: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """Modification: terminate element instances, activate elements; `ancestor` picks the scope where several exist."""

    terminate: tuple[ElementKey, ...] = ()
    activate: tuple[tuple[Activation, ElementKey | None], ...] = ()


Command: TypeAlias = (
    Create
    | CompleteJob
    | ThrowError
    | CompleteUserTask
    | FireTimer
    | Trigger
    | Cancel
    | SetVariables
    | Retry
    | ChildEnded
    | ChildThrew
    | ActivateAdHoc
    | Move
)


class Refused(Exception):
    """The command cannot be applied to this state (already completed, unknown element, forbidden activation). Nothing changed."""


# ---------------------------------------------------------------- effects: what the store writes, in order


@dataclass(frozen=True, slots=True)
class PutElement:
    """Inserts (`is_new`) or updates an element instance's `data`."""

    instance: ElementInstance
    is_new: bool


@dataclass(frozen=True, slots=True)
class EndElement:
    """The element instance ended. Also given for elements that began and ended within the step (without PutElement:
    then the store inserts it ended)."""

    instance: ElementInstance
    how: Ended
    at: datetime
    is_new: bool  # began in this same step and was never put


@dataclass(frozen=True, slots=True)
class PutVariable:
    scope: ElementKey
    name: str
    value: Json


@dataclass(frozen=True, slots=True)
class PutItem:
    owner: ElementKey
    name: str
    index: int
    value: Json


@dataclass(frozen=True, slots=True)
class DropItems:
    """All items of an owner, when it ends."""

    owner: ElementKey


@dataclass(frozen=True, slots=True)
class OpenJob:
    """`kind`: BPMN_ELEMENT | EXECUTION_LISTENER | TASK_LISTENER | AD_HOC_SUB_PROCESS."""

    key: JobKey
    element: ElementKey
    element_id: str
    type: str
    retries: int
    headers: Mapping[str, str]
    kind: str = "BPMN_ELEMENT"
    listener_event: str | None = None
    priority: int = 0


@dataclass(frozen=True, slots=True)
class OpenUserTask:
    key: UserTaskKey
    element: ElementKey
    element_id: str
    name: str | None
    assignee: str | None
    candidate_users: tuple[str, ...]
    candidate_groups: tuple[str, ...]
    due_date: datetime | None
    follow_up_date: datetime | None
    priority: int
    form_key: int | None
    embedded_form: str | None
    external_form: str | None
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ChangeUserTask:
    """The kernel ended or withdrew the user task of an element: COMPLETED or CANCELED."""

    element: ElementKey
    state: str


@dataclass(frozen=True, slots=True)
class OpenTimer:
    """`repetitions`: how often it still fires, this time included; -1 without end. `cycle`: the text it repeats by."""

    key: TimerKey
    element: ElementKey
    element_id: str
    event: str
    due: datetime
    repetitions: int = 1
    cycle: str | None = None


@dataclass(frozen=True, slots=True)
class OpenSubscription:
    """`kind`: message | signal. `correlation_key` None matches by name alone. `interrupting`: closed by its first message."""

    key: SubscriptionKey
    element: ElementKey
    element_id: str
    event: str
    kind: str
    name: str
    correlation_key: str | None
    interrupting: bool


@dataclass(frozen=True, slots=True)
class CloseWaits:
    """Closes wait states of an element instance: all of them (`event` None: jobs, user task, timers, subscriptions,
    incidents) or those of one catching element. User tasks closed this way become CANCELED unless ChangeUserTask came first."""

    element: ElementKey
    event: str | None = None


@dataclass(frozen=True, slots=True)
class OpenIncident:
    key: IncidentKey
    element: ElementKey
    element_id: str
    kind: IncidentKind
    message: str


@dataclass(frozen=True, slots=True)
class CloseIncident:
    key: IncidentKey


@dataclass(frozen=True, slots=True)
class StartChild:
    """A call activity starts a process instance."""

    element: ElementKey
    definition: DefinitionKey
    variables: Variables


@dataclass(frozen=True, slots=True)
class CancelChild:
    """Terminates the process instance that this call activity started."""

    element: ElementKey


@dataclass(frozen=True, slots=True)
class NotifyParent:
    """To the call activity that started this instance: it ended, threw an error (and ended) or an escalation."""

    command: ChildEnded | ChildThrew


@dataclass(frozen=True, slots=True)
class PublishMessage:
    name: str
    correlation_key: str
    time_to_live: int  # milliseconds
    variables: Variables


@dataclass(frozen=True, slots=True)
class BroadcastSignal:
    name: str
    variables: Variables


@dataclass(frozen=True, slots=True)
class RecordDecision:
    element: ElementKey
    element_id: str
    result: DecisionResult


@dataclass(frozen=True, slots=True)
class RecordFlow:
    """A sequence flow was taken."""

    flow_id: str


@dataclass(frozen=True, slots=True)
class EndInstance:
    how: Ended
    at: datetime


Effect: TypeAlias = (
    PutElement
    | EndElement
    | PutVariable
    | PutItem
    | DropItems
    | OpenJob
    | OpenUserTask
    | ChangeUserTask
    | OpenTimer
    | OpenSubscription
    | CloseWaits
    | OpenIncident
    | CloseIncident
    | StartChild
    | CancelChild
    | NotifyParent
    | PublishMessage
    | BroadcastSignal
    | RecordDecision
    | RecordFlow
    | EndInstance
)


class Advance(Protocol):
    """The signature of `engine.kernel.advance`. Raises `StateNeeded` and `Refused`; anything else is a bug."""

    def __call__(
        self,
        definition: ProcessDefinition,
        state: InstanceState,
        command: Command,
        now: datetime,
        *,
        resources: Resources,
        keys: Keys,
        step_budget: int = 10_000,
    ) -> list[Effect]: ...
