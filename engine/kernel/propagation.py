"""Who catches a BPMN error or an escalation? The nearest catch on the way outward (BPMN 2.0 §10.5.6 and §10.5.7)."""

from collections.abc import Iterator

from bpmn.model import BoundaryEvent, ElementType, ErrorEvent, EscalationEvent, EventDefinition, FlowNode, MultipleEvent
from engine.kernel.boundary import trigger_boundary
from engine.kernel.event_sub_processes import trigger_event_sub_process
from engine.kernel.process import end_process
from engine.kernel.step import Failure, Step
from engine.kernel.tables import EventStart
from engine.kernel.termination import terminate
from engine.kernel.variables import read_text
from engine.model import ChildThrew, ElementInstance, Ended, IncidentKind, Json, NotifyParent, Variables

Catch = tuple[FlowNode, BoundaryEvent] | EventStart
Catchable = ErrorEvent | EscalationEvent


def throw_error(step: Step, source: ElementInstance, code: str, message: str, given: Variables) -> None:
    """The first catch that has the code, at the same level else the first that catches all. Caught nowhere: to the calling process,
    which this instance does not survive; without one it is an incident at the source."""
    found = _find(step, source, ErrorEvent, code)
    if found is not None:
        host, catch, event = found
        _trigger(step, host, catch, {**given, **_named(event, code, message)})
        return
    if step.state.parent_element is None:
        known = f"code '{code}'" if code else "no code"
        raise Failure(
            IncidentKind.UNHANDLED_ERROR_EVENT,
            f"A BPMN error with {known} is caught nowhere. {message} Add an error event that catches it.".replace("  ", " "),
        )
    terminate(step, step.root())
    step.effects.append(NotifyParent(ChildThrew(step.state.parent_element, "error", code, message, dict(given))))
    end_process(step, Ended.TERMINATED)


def throw_escalation(step: Step, source: ElementInstance, code: str, given: Variables) -> None:
    """Like an error, but whoever throws goes on unless the catch interrupts it, and it may be caught by nobody."""
    found = _find(step, source, EscalationEvent, code)
    if found is not None:
        host, catch, event = found
        _trigger(step, host, catch, {**given, **_named(event, code, "")})
    elif step.state.parent_element is not None:
        step.effects.append(NotifyParent(ChildThrew(step.state.parent_element, "escalation", code, "", dict(given))))


def parts_of(event: EventDefinition | None) -> tuple[EventDefinition, ...]:
    """The single definitions of an event."""
    if event is None:
        return ()
    return event.events if isinstance(event, MultipleEvent) else (event,)


def _find(step: Step, source: ElementInstance, wanted: type[Catchable], code: str) -> tuple[ElementInstance, Catch, Catchable] | None:
    for host, catches in _levels(step, source):
        catch_all: tuple[ElementInstance, Catch, Catchable] | None = None
        for catch in catches:
            event = catch.event if isinstance(catch, EventStart) else catch[1].event
            for part in parts_of(event):
                if not isinstance(part, wanted):
                    continue
                if part.code is None:
                    catch_all = catch_all or (host, catch, part)
                elif read_text(step, part.code, host, IncidentKind.EXTRACT_VALUE_ERROR, "code") == code:
                    return host, catch, part
        if catch_all is not None:
            return catch_all
    return None


def _levels(step: Step, source: ElementInstance) -> Iterator[tuple[ElementInstance, tuple[Catch, ...]]]:
    """Outward from the source: the boundary of an activity, then the event sub-processes of the scope around it, and so on.

    A multi-instance body, not its children, holds the boundary events. An interrupted scope starts no more event sub-processes.
    """
    at = source
    tables = step.tables
    while True:
        outer = None if at.parent is None else step.parent(at)
        if outer is None or outer.type is not ElementType.MULTI_INSTANCE_BODY:
            boundaries = tables.boundaries.get(at.element_id)
            if boundaries:
                yield at, boundaries
        if outer is None:
            return
        at = outer
        starts = tables.event_starts.get(at.element_id)
        if starts and at.type is not ElementType.MULTI_INSTANCE_BODY and "interrupted" not in at.data:
            yield at, starts


def _trigger(step: Step, host: ElementInstance, catch: Catch, given: dict[str, Json]) -> None:
    if isinstance(catch, EventStart):
        trigger_event_sub_process(step, host, catch, given)
    else:
        trigger_boundary(step, host, catch[0], catch[1], given)


def _named(event: Catchable, code: str, message: str) -> dict[str, Json]:
    named: dict[str, Json] = {}
    if event.code_variable:
        named[event.code_variable] = code
    if isinstance(event, ErrorEvent) and event.message_variable:
        named[event.message_variable] = message
    return named
