"""Does every event have what it needs at its place: a partner, the right scope, a chance to fire? (BPMN 2.0 §10.5)"""

from bpmn.model import (
    BoundaryEvent,
    CancelEvent,
    CatchEvent,
    ElementType,
    EndEvent,
    ErrorEvent,
    EscalationEvent,
    EventDefinition,
    FlowNode,
    LinkEvent,
    MessageEvent,
    ProcessDefinition,
    StartEvent,
    SubProcess,
    ThrowEvent,
    TimerEvent,
    TimerKind,
)
from bpmn.problems import Problems, title
from bpmn.reading import sentence
from bpmn.structure import Structure


def check_events(definition: ProcessDefinition, structure: Structure, problems: Problems) -> None:
    for node in definition.nodes.values():
        match node.detail:
            case StartEvent(event=event, interrupting=interrupting):
                _check_no_incoming(node, structure, problems)
                _check_cycle(node, event, definition.nodes.get(node.scope), not interrupting, structure, problems)
            case BoundaryEvent(event=event, interrupting=interrupting, attached_to=host):
                _check_no_incoming(node, structure, problems)
                _check_cycle(node, event, None, not interrupting, structure, problems)
                if isinstance(event, CancelEvent) and host in definition.nodes and definition.nodes[host].type != ElementType.TRANSACTION:
                    _error(
                        node,
                        "cancel-outside-transaction",
                        "a cancel event can only be attached to a transaction",
                        "Use an error event.",
                        structure,
                        problems,
                    )
            case CatchEvent(event=event):
                _check_cycle(node, event, None, False, structure, problems)
            case EndEvent(event=event):
                _check_end(node, event, definition, structure, problems)
            case _:
                pass
    _check_links(definition, structure, problems)
    _check_rivals(definition, structure, problems)
    _check_message_starts(definition, structure, problems)


def _error(node: FlowNode, rule: str, what: str, advice: str, structure: Structure, problems: Problems) -> None:
    element = structure.elements[node.id]
    problems.error(rule, element, f"{sentence(title(element))}: {what}.", advice)


def _check_no_incoming(node: FlowNode, structure: Structure, problems: Problems) -> None:
    if node.incoming:
        _error(
            node, "incoming-not-allowed", "no sequence flow may lead to it", "Lead the flow to the element behind it.", structure, problems
        )


def _check_end(
    node: FlowNode, event: EventDefinition | None, definition: ProcessDefinition, structure: Structure, problems: Problems
) -> None:
    if node.outgoing:
        _error(
            node,
            "outgoing-not-allowed",
            "no sequence flow may leave it",
            "Use an intermediate event, or remove the flow.",
            structure,
            problems,
        )
    around = definition.nodes.get(node.scope)
    if isinstance(event, CancelEvent) and (around is None or around.type != ElementType.TRANSACTION):
        _error(
            node,
            "cancel-outside-transaction",
            "a cancel end event ends a transaction only",
            "Put it directly into a transaction.",
            structure,
            problems,
        )


def _check_cycle(
    node: FlowNode, event: EventDefinition | None, around: FlowNode | None, repeats: bool, structure: Structure, problems: Problems
) -> None:
    if not isinstance(event, TimerEvent) or event.kind != TimerKind.CYCLE or repeats:
        return
    if isinstance(node.detail, StartEvent) and (around is None or around.type != ElementType.EVENT_SUB_PROCESS):
        return
    element = structure.elements[node.id]
    problems.warning(
        "cycle-fires-once",
        element,
        f"{sentence(title(element))} has a repeating timer, but can fire only once here.",
        "Write a duration, or make the event non-interrupting.",
    )


def _check_links(definition: ProcessDefinition, structure: Structure, problems: Problems) -> None:
    """BPMN 2.0 §10.5.4: a link leads from its throw ends to the one catch end of the same name in the same scope."""
    catches: dict[tuple[str, str], FlowNode] = {}
    thrown: set[tuple[str, str]] = set()
    for node in definition.nodes.values():
        match node.detail:
            case CatchEvent(event=LinkEvent(name=name)):
                if catches.setdefault((node.scope, name), node) is not node:
                    _error(node, "link-twice", f'the link "{name}" has two catch ends', "Give each link its own name.", structure, problems)
                if node.incoming:
                    _check_no_incoming(node, structure, problems)
            case ThrowEvent(event=LinkEvent(name=name)):
                thrown.add((node.scope, name))
                if node.outgoing:
                    _error(
                        node,
                        "outgoing-not-allowed",
                        "no sequence flow may leave a link",
                        "Lead on from the catch end.",
                        structure,
                        problems,
                    )
            case _:
                pass
    for node in definition.nodes.values():
        match node.detail:
            case ThrowEvent(event=LinkEvent(name=name)) if (node.scope, name) not in catches:
                advice = "Add an intermediate catch event with the same link name in the same sub-process."
                _error(node, "link-without-partner", f'the link "{name}" leads nowhere', advice, structure, problems)
            case CatchEvent(event=LinkEvent(name=name)) if (node.scope, name) not in thrown:
                advice = "Add an intermediate throw event with the same link name in the same sub-process."
                _error(node, "link-without-partner", f'nothing leads to the link "{name}"', advice, structure, problems)
            case _:
                pass


def _check_rivals(definition: ProcessDefinition, structure: Structure, problems: Problems) -> None:
    """Of two boundary events for the same error on one host only the first ever fires."""
    seen: set[tuple[str, type, object]] = set()
    for node in definition.nodes.values():
        match node.detail:
            case BoundaryEvent(event=ErrorEvent() | EscalationEvent() as event, attached_to=host):
                code = event.code if event.code is None or isinstance(event.code, str) else event.code.text
                if (host, type(event), code) in seen:
                    problems.warning(
                        "never-fires",
                        structure.elements[node.id],
                        f"{sentence(title(structure.elements[node.id]))} never fires: another one on the same element catches that code.",
                        "Choose another code, or remove one of the two.",
                    )
                seen.add((host, type(event), code))
            case _:
                pass


def _check_message_starts(definition: ProcessDefinition, structure: Structure, problems: Problems) -> None:
    seen: set[str] = set()
    scope = definition.process_node.detail
    for node_id in scope.starts if isinstance(scope, SubProcess) else ():
        match definition.nodes[node_id].detail:
            case StartEvent(event=MessageEvent(name=str(name))):
                if name in seen:
                    problems.warning(
                        "message-starts-twice",
                        structure.elements[node_id],
                        f'Several start events wait for the message "{name}"; each message starts an instance at every one of them.',
                        "Use one start event per message.",
                    )
                seen.add(name)
            case _:
                pass
