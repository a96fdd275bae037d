"""Can every token that enters a gateway leave it? (BPMN 2.0 §10.6)"""

from bpmn.model import (
    CatchEvent,
    ConditionalEvent,
    EventGateway,
    ExclusiveGateway,
    FlowNode,
    InclusiveGateway,
    MessageEvent,
    MultipleEvent,
    ParallelGateway,
    ProcessDefinition,
    ReceiveTask,
    SequenceFlow,
    SignalEvent,
    TimerEvent,
)
from bpmn.namespaces import B
from bpmn.problems import Problems, title
from bpmn.reading import sentence
from bpmn.structure import Structure
from bpmn.xml import text_of


def check_gateways(definition: ProcessDefinition, structure: Structure, problems: Problems) -> None:
    for node in definition.nodes.values():
        flows = [definition.flows[flow] for flow in node.outgoing]
        match node.detail:
            case ExclusiveGateway() | InclusiveGateway():
                if len(flows) > 1:
                    _check_choice(node, flows, structure, problems)
            case ParallelGateway():
                _check_no_conditions(node, flows, structure, problems)
            case EventGateway():
                _check_no_conditions(node, flows, structure, problems)
                _check_event_gateway(node, flows, definition, structure, problems)
            case _:
                continue
        if not flows:
            problems.warning(
                "dead-end",
                structure.elements[node.id],
                f"{sentence(title(structure.elements[node.id]))} has no outgoing flow; a token that reaches it ends there.",
                "Lead it on, or use an end event.",
            )


def _check_choice(node: FlowNode, flows: list[SequenceFlow], structure: Structure, problems: Problems) -> None:
    element = structure.elements[node.id]
    unconditional = [flow for flow in flows if flow.id != node.default_flow and not _has_condition(flow, structure)]
    if isinstance(node.detail, ExclusiveGateway):
        for flow in unconditional:
            problems.warning(
                "flow-without-condition",
                structure.flows[flow.id].element,
                f"{sentence(title(structure.flows[flow.id].element))} has no condition and is not the default flow of {title(element)}: "
                "it is always taken when no flow before it was.",
                "Write a condition, or make it the default flow.",
            )
    if node.default_flow is None and not unconditional and not _is_exhaustive(flows):
        problems.warning(
            "no-default-flow",
            element,
            f"{sentence(title(element))} has no default flow, and its conditions may all be false: then the process stops there.",
            "Make one of its outgoing flows the default flow.",
        )


def _has_condition(flow: SequenceFlow, structure: Structure) -> bool:
    """Also where the condition could not be read."""
    return text_of(structure.flows[flow.id].element.find(B + "conditionExpression")) != ""


def _is_exhaustive(flows: list[SequenceFlow]) -> bool:
    """Whether one condition is `true`, or one is the negation of another."""
    texts = {"".join(flow.condition.text.split()) for flow in flows if flow.condition is not None}
    return "true" in texts or any(f"not({text})" in texts for text in texts)


def _check_no_conditions(node: FlowNode, flows: list[SequenceFlow], structure: Structure, problems: Problems) -> None:
    for flow in flows:
        if flow.condition is not None:
            problems.warning(
                "condition-ignored",
                structure.flows[flow.id].element,
                f"{sentence(title(structure.flows[flow.id].element))} has a condition that the gateway before it never looks at.",
                "Remove the condition, or use an exclusive or inclusive gateway.",
            )


def _check_event_gateway(
    node: FlowNode, flows: list[SequenceFlow], definition: ProcessDefinition, structure: Structure, problems: Problems
) -> None:
    element = structure.elements[node.id]
    for flow in flows:
        target = definition.nodes[flow.target]
        if not _may_follow_event_gateway(target):
            problems.error(
                "event-gateway-target",
                structure.elements[target.id],
                f"{sentence(title(structure.elements[target.id]))} cannot follow {title(element)}.",
                "Only message, timer, signal and conditional catch events and receive tasks may follow an event-based gateway.",
            )
        elif len(target.incoming) > 1:
            problems.error(
                "event-gateway-target",
                structure.elements[target.id],
                f"{sentence(title(structure.elements[target.id]))} follows {title(element)} and has further incoming flows.",
                "Let only the event-based gateway lead to it.",
            )
    if len(flows) == 1:
        problems.warning(
            "event-gateway-target",
            element,
            f"{sentence(title(element))} has one outgoing flow only, so there is nothing to choose.",
            "Add further events, or remove the gateway.",
        )
    if isinstance(node.detail, EventGateway) and node.detail.instantiate and node.incoming:
        problems.error(
            "instantiate-with-incoming",
            element,
            f"{sentence(title(element))} starts the process, so nothing may lead to it.",
            "Remove its incoming flows, or untick instantiate.",
        )


def _may_follow_event_gateway(target: FlowNode) -> bool:
    match target.detail:
        case ReceiveTask():
            return True
        case CatchEvent(event=MessageEvent() | TimerEvent() | SignalEvent() | ConditionalEvent() | MultipleEvent()):
            return True
        case _:
            return False
