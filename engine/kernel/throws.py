"""What does a throw or end event throw? (BPMN 2.0 §13.5.2 and §13.5.6)"""

from bpmn.model import (
    CancelEvent,
    CompensateEvent,
    ConditionalEvent,
    ErrorEvent,
    EscalationEvent,
    EventDefinition,
    FlowNode,
    LinkEvent,
    MessageEvent,
    MultipleEvent,
    SignalEvent,
    TerminateEvent,
    TimerEvent,
)
from engine.kernel.activities import open_job
from engine.kernel.compensation import compensate, compensation_scope
from engine.kernel.events import correlation_key
from engine.kernel.propagation import throw_error, throw_escalation
from engine.kernel.step import Step
from engine.kernel.transactions import cancel_transaction
from engine.kernel.variables import read_text
from engine.model import BroadcastSignal, ElementInstance, IncidentKind, PublishMessage


def throw(step: Step, instance: ElementInstance, node: FlowNode, event: EventDefinition | None) -> bool:
    """True when the event is passed at once; False when it waits or has been interrupted by what it threw."""
    kind = IncidentKind.EXTRACT_VALUE_ERROR
    match event:
        case None | LinkEvent() | TerminateEvent():
            return True
        case MessageEvent(job=job) if job is not None:
            open_job(step, instance, job)
            return False
        case MessageEvent():
            name = read_text(step, event.name, instance, kind, "message name")
            key = correlation_key(step, event, instance)
            step.effects.append(PublishMessage(name, key or "", 0, dict(step.state.variables[instance.key])))
            return True
        case SignalEvent():
            name = read_text(step, event.name, instance, kind, "signal name")
            step.effects.append(BroadcastSignal(name, dict(step.state.variables[instance.key])))
            return True
        case ErrorEvent():
            code = "" if event.code is None else read_text(step, event.code, instance, kind, "error code")
            throw_error(step, instance, code, "", {})
            return False
        case EscalationEvent():
            code = "" if event.code is None else read_text(step, event.code, instance, kind, "escalation code")
            throw_escalation(step, instance, code, {})
            return step.is_active(instance)
        case CompensateEvent():
            return compensate(step, instance, compensation_scope(step, instance), event)
        case CancelEvent():
            cancel_transaction(step, instance)
            return False
        case MultipleEvent(events=events):
            return _throw_all(step, instance, node, events)
        case TimerEvent() | ConditionalEvent():
            return True


def _throw_all(step: Step, instance: ElementInstance, node: FlowNode, events: tuple[EventDefinition, ...]) -> bool:
    """All definitions are thrown, those that may end the instance last (BPMN 2.0 §10.5.3, multiple)."""
    waits = 0
    for event in sorted(events, key=lambda e: isinstance(e, EscalationEvent | ErrorEvent | CancelEvent | TerminateEvent)):
        if not throw(step, instance, node, event):
            waits += 1
        if not step.is_active(instance):
            return False
    if waits > 1:
        instance.data["parts_left"] = waits
        step.touch(instance)
    return waits == 0
