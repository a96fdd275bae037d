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
    """The gateway is passed towards the event that happened; the others are no longer awaited, except behind a parallel gateway that
    began the instance: there all must happen (BPMN 2.0 §10.6.6)."""
    scope = step.parent(instance)
    is_parallel = isinstance(node.detail, EventGateway) and node.detail.parallel
    step.end(instance, Ended.COMPLETED)
    for flow in step.tables.outgoing[node.id]:
        if flow.target == event_id:
            step.effects.append(RecordFlow(flow.id))
            step.then("activate", scope, {"node": event_id, "given": dict(given)})
        elif is_parallel:
            step.effects.append(RecordFlow(flow.id))
            step.count(scope, 1)
            step.then("arrive", scope, flow.id, step.depth + 1)
