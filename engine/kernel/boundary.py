"""What happens at the edge of an activity? Boundary events (BPMN 2.0 §13.5.3)."""

from bpmn.model import BoundaryEvent, FlowNode
from engine.kernel.events import open_waits
from engine.kernel.step import Step
from engine.kernel.termination import terminate
from engine.model import CloseWaits, ElementInstance, Variables


def open_boundary_events(step: Step, host: ElementInstance, node: FlowNode) -> None:
    """All at once, or none if one of them cannot be evaluated."""
    opened = [
        wait
        for event, detail in step.tables.boundaries.get(node.id, ())
        for wait in open_waits(step, host, event.id, detail.event, interrupting=detail.interrupting)
    ]
    if opened:
        host.data["w"] = 1
        step.effects.extend(opened)


def close_boundary_events(step: Step, host: ElementInstance, node: FlowNode) -> None:
    for event, _ in step.tables.boundaries.get(node.id, ()):
        step.effects.append(CloseWaits(host.key, event.id))


def trigger_boundary(step: Step, host: ElementInstance, event: FlowNode, detail: BoundaryEvent, given: Variables) -> None:
    """Interrupting: the activity ends here and its token goes on from the event. Else a token is added beside it."""
    scope = step.parent(host)
    if detail.interrupting:
        terminate(step, host)
    else:
        step.count(scope, 1)
    step.then("activate", scope, {"node": event.id, "given": dict(given)})
