"""What does the kernel look up about a definition again and again? Computed once per definition."""

from dataclasses import dataclass
from functools import lru_cache

from bpmn.model import (
    AdHocSubProcess,
    BoundaryEvent,
    CallActivity,
    CancelEvent,
    CatchEvent,
    CompensateEvent,
    ComplexGateway,
    ConditionalEvent,
    DecisionTask,
    ElementType,
    EndEvent,
    EventDefinition,
    FlowNode,
    InclusiveGateway,
    JobTask,
    LinkEvent,
    MultipleEvent,
    PassThroughTask,
    ProcessDefinition,
    ReceiveTask,
    ScriptTask,
    SequenceFlow,
    StartEvent,
    SubProcess,
    ThrowEvent,
    UserTask,
)

INNER_INSTANCE = "#innerInstance"  # follows the id of an ad-hoc sub-process


@dataclass(frozen=True, slots=True)
class EventStart:
    """One event sub-process of a scope with the start event that triggers it."""

    sub_process: FlowNode
    start: FlowNode
    event: EventDefinition
    interrupting: bool


@dataclass(frozen=True, slots=True)
class Tables:
    """`nodes` includes the process itself; `arrivals` gives the target node of each flow."""

    definition: ProcessDefinition
    nodes: dict[str, FlowNode]
    arrivals: dict[str, FlowNode]
    outgoing: dict[str, tuple[SequenceFlow, ...]]
    boundaries: dict[str, tuple[tuple[FlowNode, BoundaryEvent], ...]]
    event_starts: dict[str, tuple[EventStart, ...]]
    links: dict[tuple[str, str], str]
    has_conditions: bool
    has_compensation: bool
    waits_at_joins: bool
    reach: dict[tuple[str, str], frozenset[str]]

    def is_scope(self, element_id: str) -> bool:
        return isinstance(self.nodes[element_id].detail, SubProcess | AdHocSubProcess)


def tables_of(definition: ProcessDefinition) -> Tables:
    """The tables of a definition, computed at its first use and kept as long as it is among the latest used."""
    return _cached(_ByIdentity(definition))


class _ByIdentity:
    """Makes a definition hashable by what it is, not by what it holds (that would walk the whole diagram)."""

    __slots__ = ("definition",)

    def __init__(self, definition: ProcessDefinition) -> None:
        self.definition = definition

    def __hash__(self) -> int:
        return id(self.definition)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ByIdentity) and other.definition is self.definition


@lru_cache(maxsize=1024)
def _cached(identity: _ByIdentity) -> Tables:
    return _build(identity.definition)


def _build(definition: ProcessDefinition) -> Tables:
    nodes = dict(definition.nodes)
    nodes[definition.process_node.id] = definition.process_node
    for node in definition.nodes.values():
        if isinstance(node.detail, AdHocSubProcess):
            inner = node.id + INNER_INSTANCE
            nodes[inner] = FlowNode(inner, ElementType.AD_HOC_SUB_PROCESS_INNER_INSTANCE, node.id, SubProcess(node.detail.nodes, ()))
    flows = definition.flows
    return Tables(
        definition=definition,
        nodes=nodes,
        arrivals={flow.id: nodes[flow.target] for flow in flows.values()},
        outgoing={node.id: tuple(flows[f] for f in node.outgoing) for node in nodes.values()},
        boundaries={node.id: _boundaries(node, nodes) for node in nodes.values() if node.boundary_events},
        event_starts={node.id: starts for node in nodes.values() if (starts := _event_starts(node, nodes))},
        links=_links(definition),
        has_conditions=any(_is_conditional(node) for node in nodes.values()),
        has_compensation=any(_throws_compensation(node) for node in nodes.values()),
        waits_at_joins=any(isinstance(n.detail, InclusiveGateway | ComplexGateway) and len(n.incoming) > 1 for n in nodes.values()),
        reach={},
    )


def _boundaries(node: FlowNode, nodes: dict[str, FlowNode]) -> tuple[tuple[FlowNode, BoundaryEvent], ...]:
    found: list[tuple[FlowNode, BoundaryEvent]] = []
    for event_id in node.boundary_events:
        event = nodes[event_id]
        if isinstance(event.detail, BoundaryEvent):
            found.append((event, event.detail))
    return tuple(found)


def _event_starts(node: FlowNode, nodes: dict[str, FlowNode]) -> tuple[EventStart, ...]:
    if not isinstance(node.detail, SubProcess | AdHocSubProcess):
        return ()
    found: list[EventStart] = []
    for sub_process_id in node.detail.event_sub_processes:
        sub_process = nodes[sub_process_id]
        if not isinstance(sub_process.detail, SubProcess):
            continue
        for start_id in sub_process.detail.starts:
            start = nodes[start_id].detail
            if isinstance(start, StartEvent) and start.event is not None:
                found.append(EventStart(sub_process, nodes[start_id], start.event, start.interrupting))
    return tuple(found)


def _links(definition: ProcessDefinition) -> dict[tuple[str, str], str]:
    """The link catch event by scope and name (BPMN 2.0 §10.5.4: a link pair lies in one process level)."""
    return {
        (node.scope, node.detail.event.name): node.id
        for node in definition.nodes.values()
        if isinstance(node.detail, CatchEvent) and isinstance(node.detail.event, LinkEvent)
    }


def _is_conditional(node: FlowNode) -> bool:
    match node.detail:
        case StartEvent(event=event) | CatchEvent(event=event) | BoundaryEvent(event=event):
            parts = event.events if isinstance(event, MultipleEvent) else (event,)
            return any(isinstance(part, ConditionalEvent) for part in parts)
        case _:
            return False


def _throws_compensation(node: FlowNode) -> bool:
    """Without a throw (a cancel end event counts) nothing needs to be recorded."""
    match node.detail:
        case ThrowEvent(event=event) | EndEvent(event=event):
            parts = event.events if isinstance(event, MultipleEvent) else (event,)
            return any(isinstance(part, CompensateEvent | CancelEvent) for part in parts)
        case _:
            return False


def is_activity(node: FlowNode) -> bool:
    """Tasks, sub-processes and call activities (BPMN 2.0 §10.3)."""
    return isinstance(
        node.detail,
        PassThroughTask | JobTask | ScriptTask | DecisionTask | UserTask | ReceiveTask | CallActivity | SubProcess | AdHocSubProcess,
    )


def catches(node: FlowNode) -> EventDefinition | None:
    """What the element waits for, where it waits for an event."""
    match node.detail:
        case CatchEvent(event=event) | BoundaryEvent(event=event) | StartEvent(event=event):
            return event
        case ReceiveTask(message=message):
            return message
        case _:
            return None
