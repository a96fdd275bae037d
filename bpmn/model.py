"""What a diagram means: the immutable model that the kernel interprets.

Everything here is data. A `FlowNode` carries what all elements share; its `detail` says what kind of element it is
and is matched with `match node.detail:`. Values that the diagram may give as FEEL (with a leading `=`) have the type
`Value`: a plain `str` is a literal, an `Expression` is compiled FEEL.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from rules.feel import Expression

Value: TypeAlias = str | Expression


class ElementType(StrEnum):
    """Element types with the names of Camunda 8's REST API."""

    PROCESS = "PROCESS"
    SUB_PROCESS = "SUB_PROCESS"
    EVENT_SUB_PROCESS = "EVENT_SUB_PROCESS"
    TRANSACTION = "TRANSACTION"
    AD_HOC_SUB_PROCESS = "AD_HOC_SUB_PROCESS"
    AD_HOC_SUB_PROCESS_INNER_INSTANCE = "AD_HOC_SUB_PROCESS_INNER_INSTANCE"
    MULTI_INSTANCE_BODY = "MULTI_INSTANCE_BODY"
    START_EVENT = "START_EVENT"
    INTERMEDIATE_CATCH_EVENT = "INTERMEDIATE_CATCH_EVENT"
    INTERMEDIATE_THROW_EVENT = "INTERMEDIATE_THROW_EVENT"
    BOUNDARY_EVENT = "BOUNDARY_EVENT"
    END_EVENT = "END_EVENT"
    TASK = "TASK"
    SERVICE_TASK = "SERVICE_TASK"
    USER_TASK = "USER_TASK"
    MANUAL_TASK = "MANUAL_TASK"
    RECEIVE_TASK = "RECEIVE_TASK"
    SEND_TASK = "SEND_TASK"
    SCRIPT_TASK = "SCRIPT_TASK"
    BUSINESS_RULE_TASK = "BUSINESS_RULE_TASK"
    CALL_ACTIVITY = "CALL_ACTIVITY"
    EXCLUSIVE_GATEWAY = "EXCLUSIVE_GATEWAY"
    PARALLEL_GATEWAY = "PARALLEL_GATEWAY"
    INCLUSIVE_GATEWAY = "INCLUSIVE_GATEWAY"
    EVENT_BASED_GATEWAY = "EVENT_BASED_GATEWAY"
    COMPLEX_GATEWAY = "COMPLEX_GATEWAY"


# ---------------------------------------------------------------- what extension elements say


@dataclass(frozen=True, slots=True)
class IoMapping:
    """One `zeebe:input` or `zeebe:output`. `target` may be dotted: it then builds a nested context."""

    source: Value | None
    target: str


@dataclass(frozen=True, slots=True)
class JobDefinition:
    """`zeebe:taskDefinition` with its headers: the work is done by a job worker of that type."""

    type: Value
    retries: Value = "3"
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    priority: Value | None = None


class Binding(StrEnum):
    """Which version of a called resource is used: the newest, the one deployed together, or the one with a tag."""

    LATEST = "latest"
    DEPLOYMENT = "deployment"
    VERSION_TAG = "versionTag"


@dataclass(frozen=True, slots=True)
class ResourceRef:
    """A reference to a process, decision or form by its id."""

    id: Value
    binding: Binding = Binding.LATEST
    version_tag: str | None = None


@dataclass(frozen=True, slots=True)
class Listener:
    """`zeebe:executionListener` (start, end) or `zeebe:taskListener` (creating, assigning, updating, completing, canceling)."""

    event: str
    job: JobDefinition


@dataclass(frozen=True, slots=True)
class MultiInstance:
    """BPMN 2.0 §13.3.7 with `zeebe:loopCharacteristics`. Either `input_collection` or `cardinality` is set (both: the collection rules)."""

    sequential: bool
    input_collection: Value | None = None
    input_element: str | None = None
    output_collection: str | None = None
    output_element: Expression | None = None
    cardinality: Value | None = None
    completion_condition: Expression | None = None


@dataclass(frozen=True, slots=True)
class StandardLoop:
    """BPMN 2.0 §13.3.6: repeats while `condition` holds (absent: while below `maximum`)."""

    test_before: bool = False
    maximum: Value | None = None
    condition: Expression | None = None


# ---------------------------------------------------------------- event definitions


class TimerKind(StrEnum):
    DATE = "date"
    DURATION = "duration"
    CYCLE = "cycle"


@dataclass(frozen=True, slots=True)
class TimerEvent:
    """`value`: ISO 8601 date, duration or repeating interval, or a cron expression (cycle), or FEEL that gives one."""

    kind: TimerKind
    value: Value


@dataclass(frozen=True, slots=True)
class MessageEvent:
    """`correlation_key` is absent where the diagram has none: such a catch matches by name alone."""

    name: Value
    correlation_key: Value | None = None
    job: JobDefinition | None = None  # throw and end events: sent by a job worker


@dataclass(frozen=True, slots=True)
class SignalEvent:
    name: Value


@dataclass(frozen=True, slots=True)
class ErrorEvent:
    """`code` None on a catch: catches every BPMN error."""

    code: Value | None
    code_variable: str | None = None
    message_variable: str | None = None


@dataclass(frozen=True, slots=True)
class EscalationEvent:
    code: Value | None
    code_variable: str | None = None


@dataclass(frozen=True, slots=True)
class CompensateEvent:
    """On a throw, `activity` names the one activity to compensate; None: all of the scope."""

    activity: str | None = None
    wait_for_completion: bool = True


@dataclass(frozen=True, slots=True)
class ConditionalEvent:
    """`variables` and `variable_events` narrow when it is looked at (`zeebe:conditionalFilter`)."""

    condition: Expression
    variables: frozenset[str] = frozenset()
    variable_events: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class LinkEvent:
    name: str


@dataclass(frozen=True, slots=True)
class CancelEvent:
    pass


@dataclass(frozen=True, slots=True)
class TerminateEvent:
    pass


@dataclass(frozen=True, slots=True)
class MultipleEvent:
    """Several definitions on one event. `parallel`: all of them must happen, else any one."""

    events: "tuple[EventDefinition, ...]"
    parallel: bool = False


EventDefinition: TypeAlias = (
    TimerEvent
    | MessageEvent
    | SignalEvent
    | ErrorEvent
    | EscalationEvent
    | CompensateEvent
    | ConditionalEvent
    | LinkEvent
    | CancelEvent
    | TerminateEvent
    | MultipleEvent
)


# ---------------------------------------------------------------- details: what kind of element it is


@dataclass(frozen=True, slots=True)
class StartEvent:
    """`interrupting` matters only for the start event of an event sub-process. `form`: a start form."""

    event: EventDefinition | None = None
    interrupting: bool = True
    form: "FormRef | None" = None


@dataclass(frozen=True, slots=True)
class CatchEvent:
    event: EventDefinition


@dataclass(frozen=True, slots=True)
class BoundaryEvent:
    event: EventDefinition
    attached_to: str
    interrupting: bool = True


@dataclass(frozen=True, slots=True)
class ThrowEvent:
    """An intermediate throw event; `event` None passes through."""

    event: EventDefinition | None = None


@dataclass(frozen=True, slots=True)
class EndEvent:
    event: EventDefinition | None = None


@dataclass(frozen=True, slots=True)
class PassThroughTask:
    """Abstract and manual tasks: nothing here waits for them."""


@dataclass(frozen=True, slots=True)
class JobTask:
    """Service and send tasks, and script and business rule tasks that are done by a job worker."""

    job: JobDefinition


@dataclass(frozen=True, slots=True)
class ScriptTask:
    """`zeebe:script`: FEEL evaluated by the kernel; the value lands in `result_variable`."""

    expression: Expression
    result_variable: str


@dataclass(frozen=True, slots=True)
class DecisionTask:
    """`zeebe:calledDecision`."""

    decision: ResourceRef
    result_variable: str


@dataclass(frozen=True, slots=True)
class FormRef:
    """Exactly one is set: a form deployed as a file, a form embedded in the process (`zeebe:userTaskForm`), or an external reference."""

    linked: ResourceRef | None = None
    embedded_key: str | None = None
    external: Value | None = None


@dataclass(frozen=True, slots=True)
class UserTask:
    """Date values are ISO 8601 or FEEL; candidates are comma-separated literals or FEEL that gives a list. Priority 0 to 100."""

    form: FormRef | None = None
    assignee: Value | None = None
    candidate_users: Value | None = None
    candidate_groups: Value | None = None
    due_date: Value | None = None
    follow_up_date: Value | None = None
    priority: Value | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    listeners: tuple[Listener, ...] = ()


@dataclass(frozen=True, slots=True)
class ReceiveTask:
    message: MessageEvent
    instantiate: bool = False


@dataclass(frozen=True, slots=True)
class CallActivity:
    process: ResourceRef
    propagate_all_child_variables: bool = True
    propagate_all_parent_variables: bool = True


@dataclass(frozen=True, slots=True)
class SubProcess:
    """Embedded, event and transaction sub-processes; which one it is says `FlowNode.type`.

    `nodes` are the ids directly inside, in document order; `starts` those where it begins (start events; where there
    are none, nodes without incoming flow). `event_sub_processes` are among `nodes`.
    """

    nodes: tuple[str, ...]
    starts: tuple[str, ...]
    event_sub_processes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AdHocSubProcess:
    """BPMN 2.0 §13.3.5 with `zeebe:adHoc`; with `job` a worker decides what is activated."""

    nodes: tuple[str, ...]
    entries: tuple[str, ...]  # nodes that may be activated: no incoming flow, no boundary event, no event sub-process
    sequential: bool = False
    completion_condition: Expression | None = None
    cancel_remaining_instances: bool = True
    active_elements: Value | None = None
    output_collection: str | None = None
    output_element: Expression | None = None
    job: JobDefinition | None = None
    event_sub_processes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExclusiveGateway:
    pass


@dataclass(frozen=True, slots=True)
class ParallelGateway:
    pass


@dataclass(frozen=True, slots=True)
class InclusiveGateway:
    pass


@dataclass(frozen=True, slots=True)
class EventGateway:
    instantiate: bool = False
    parallel: bool = False


@dataclass(frozen=True, slots=True)
class ComplexGateway:
    activation_condition: Expression | None = None


Detail: TypeAlias = (
    StartEvent
    | CatchEvent
    | BoundaryEvent
    | ThrowEvent
    | EndEvent
    | PassThroughTask
    | JobTask
    | ScriptTask
    | DecisionTask
    | UserTask
    | ReceiveTask
    | CallActivity
    | SubProcess
    | AdHocSubProcess
    | ExclusiveGateway
    | ParallelGateway
    | InclusiveGateway
    | EventGateway
    | ComplexGateway
)


# ---------------------------------------------------------------- the process


@dataclass(frozen=True, slots=True)
class SequenceFlow:
    """`condition` None: unconditional. `line` is 1-based."""

    id: str
    source: str
    target: str
    condition: Expression | None = None
    name: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class FlowNode:
    """One flow node. `scope` is the id of the sub-process or process directly around it; flow ids are in document order."""

    id: str
    type: ElementType
    scope: str
    detail: Detail
    name: str | None = None
    line: int | None = None
    incoming: tuple[str, ...] = ()
    outgoing: tuple[str, ...] = ()
    default_flow: str | None = None
    boundary_events: tuple[str, ...] = ()
    inputs: tuple[IoMapping, ...] = ()
    outputs: tuple[IoMapping, ...] = ()
    loop: MultiInstance | StandardLoop | None = None
    is_for_compensation: bool = False
    compensation_handler: str | None = None  # of the compensation boundary event on this activity
    execution_listeners: tuple[Listener, ...] = ()
    properties: Mapping[str, str] = field(default_factory=dict[str, str])
    documentation: str | None = None
    lane: str | None = None
    start_quantity: int = 1  # tokens that must arrive before it begins (BPMN 2.0 table 10.3)
    completion_quantity: int = 1  # tokens that leave it on each outgoing flow


@dataclass(frozen=True, slots=True)
class ProcessDefinition:
    """One executable process of a file.

    `nodes` holds every flow node at every depth by id; `flows` every sequence flow. `process_node` is the process
    itself seen as a sub-process (type PROCESS, its own scope), so that the kernel treats all scopes alike; it has the
    process's id, except around a global task: there the one node has that id.
    """

    id: str
    process_node: FlowNode
    nodes: Mapping[str, FlowNode]
    flows: Mapping[str, SequenceFlow]
    name: str | None = None
    version_tag: str | None = None
    embedded_forms: Mapping[str, str] = field(default_factory=dict[str, str])
    candidate_starter_users: Value | None = None
    candidate_starter_groups: Value | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in a file. `severity`: error (refuses the deployment) or warning. `line` is 1-based."""

    severity: str
    file: str
    message: str
    advice: str
    element_id: str | None = None
    line: int | None = None
    rule: str = ""
