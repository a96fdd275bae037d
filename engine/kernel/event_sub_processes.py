"""When does an event sub-process run? When its start event happens while the scope around it is active (BPMN 2.0 §13.5.4)."""

from bpmn.model import ElementType, FlowNode
from engine.kernel.conditions import unwatch
from engine.kernel.events import open_waits
from engine.kernel.step import Step
from engine.kernel.tables import EventStart
from engine.kernel.termination import terminate_children
from engine.model import CloseWaits, ElementInstance, Variables


def open_event_starts(step: Step, scope: ElementInstance, node: FlowNode) -> None:
    opened = [
        wait
        for start in step.tables.event_starts.get(node.id, ())
        for wait in open_waits(step, scope, start.start.id, start.event, interrupting=start.interrupting)
    ]
    if opened:
        scope.data["w"] = 1
        step.effects.extend(opened)


def trigger_event_sub_process(step: Step, scope: ElementInstance, start: EventStart, given: Variables) -> None:
    """Interrupting: all else in the scope ends, and no further event sub-process of the scope can start."""
    if start.interrupting:
        terminate_children(step, scope)
        close_event_starts(step, scope)
        if scope.type is ElementType.AD_HOC_SUB_PROCESS:
            step.effects.append(CloseWaits(scope.key, scope.element_id))  # its worker has nothing to decide any more
        scope.data["interrupted"] = True
        step.touch(scope)
    step.count(scope, 1)
    step.then("activate", scope, {"node": start.sub_process.id, "start": start.start.id, "given": dict(given)})


def close_event_starts(step: Step, scope: ElementInstance) -> None:
    for other in step.tables.event_starts.get(scope.element_id, ()):
        step.effects.append(CloseWaits(scope.key, other.start.id))
        unwatch(step, scope, other.start.id)
