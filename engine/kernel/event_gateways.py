"""Which event behind an event-based gateway wins? The first one that happens (BPMN 2.0 §13.4.5)."""

from bpmn.model import EventGateway, FlowNode
from engine.kernel.events import open_waits
from engine.kernel.step import Step
from engine.kernel.tables import catches
from engine.model import Effect, ElementInstance, Ended, RecordFlow, Variables


def wait_for_events(step: Step, instance: ElementInstance, node: FlowNode) -> None:
    opened: list[Effect] = []
    for flow in step.tables.outgoing[node.id]:
        opened.extend(open_waits(step, instance, flow.target, catches(step.tables.arrivals[flow.id]), interrupting=True))
    instance.data["w"] = 1
    step.effects.extend(opened)


def choose_event(step: Step, instance: ElementInstance, node: FlowNode, event_id: str, given: Variables) -> None:
    """The gateway is passed towards the event that happened; the others are no longer awaited."""
    scope = step.parent(instance)
    for flow in step.tables.outgoing[node.id]:
        if flow.target == event_id:
            step.end(instance, Ended.COMPLETED)
            step.effects.append(RecordFlow(flow.id))
            step.then("activate", scope, {"node": event_id, "given": dict(given)})
            return


def is_instantiating(node: FlowNode) -> bool:
    return isinstance(node.detail, EventGateway) and node.detail.instantiate
