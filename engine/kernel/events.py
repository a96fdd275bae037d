"""What does an element wait for? Opens the wait states of event definitions (BPMN 2.0 §13.5)."""

from bpmn.model import (
    ConditionalEvent,
    EventDefinition,
    FlowNode,
    MessageEvent,
    MultipleEvent,
    SignalEvent,
    TimerEvent,
)
from engine.kernel.conditions import watch
from engine.kernel.step import Step
from engine.kernel.timers import open_timer
from engine.kernel.variables import not_a, put_all_local, read_text, read_value, write_all
from engine.model import Effect, ElementInstance, IncidentKind, Json, OpenSubscription, OpenTimer, SubscriptionKey, Variables
from rules.feel import to_json


def open_waits(step: Step, host: ElementInstance, event_id: str, event: EventDefinition | None, *, interrupting: bool) -> list[Effect]:
    """The wait states of one catching element; the caller adds them to the effects once all of its phase has been evaluated.

    Error, escalation, compensation, cancel and link events wait for nothing: whoever throws looks for them.
    """
    match event:
        case TimerEvent():
            return [open_timer(step, host, event_id, event)]
        case MessageEvent():
            name = read_text(step, event.name, host, IncidentKind.EXTRACT_VALUE_ERROR, "message name")
            return [_subscription(step, host, event_id, "message", name, correlation_key(step, event, host), interrupting)]
        case SignalEvent():
            name = read_text(step, event.name, host, IncidentKind.EXTRACT_VALUE_ERROR, "signal name")
            return [_subscription(step, host, event_id, "signal", name, None, interrupting)]
        case ConditionalEvent():
            watch(step, host, event_id)
            return []
        case MultipleEvent():
            return _open_parts(step, host, event_id, event, interrupting=interrupting)
        case _:
            return []


def correlation_key(step: Step, event: MessageEvent, host: ElementInstance) -> str | None:
    """The key as text (numbers too); None where the diagram has none."""
    if event.correlation_key is None:
        return None
    found = read_value(step, event.correlation_key, host, IncidentKind.EXTRACT_VALUE_ERROR)
    value = to_json(found)
    if isinstance(value, str) and value:
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise not_a(step, event.correlation_key, found, "correlation key", "a string or a number", host)


def is_all_of(step: Step, host: ElementInstance, event_id: str, event: MultipleEvent, argument: Json, *, stays: bool) -> bool:
    """One part of a multiple event has happened. Has the event? A parallel one that stays begins anew once all its parts were seen."""
    if not event.parallel:
        return True
    parts = host.data["parts"][event_id]
    part = argument.get("part")
    if part is None:
        part = parts["keys"].get(str(argument.get("key")))
    seen = {*parts["seen"], part}
    step.touch(host)
    if len(seen) < len(event.events):
        parts["seen"] = sorted(seen)
        return False
    if stays:
        step.effects.extend(_open_parts(step, host, event_id, event, interrupting=False, is_again=True))
    return True


def take_variables(step: Step, instance: ElementInstance, node: FlowNode, values: Variables) -> None:
    """What a job, message, signal or user brought. With output mappings it stays local and the mappings decide; else it goes outward."""
    if not values:
        return
    if node.outputs:
        put_all_local(step, instance, values)
    else:
        write_all(step, instance, values)


def _open_parts(
    step: Step, host: ElementInstance, event_id: str, event: MultipleEvent, *, interrupting: bool, is_again: bool = False
) -> list[Effect]:
    """BPMN 2.0 §10.5.5: any one of them happens, or (parallel) all of them have, each once. The host keeps which key is which part."""
    opened: list[Effect] = []
    keys: dict[str, int] = {}
    for index, part in enumerate(event.events):
        if isinstance(part, ConditionalEvent):
            if not is_again:  # else it is still watched, and has to become false first
                watch(step, host, event_id, part=index)
            continue
        for wait in open_waits(step, host, event_id, part, interrupting=interrupting or event.parallel):
            opened.append(wait)
            if isinstance(wait, OpenSubscription | OpenTimer):
                keys[str(wait.key)] = index
    host.data.setdefault("parts", {})[event_id] = {"keys": keys, "seen": []}
    host.data["w"] = 1
    step.touch(host)
    return opened


def _subscription(
    step: Step, host: ElementInstance, event_id: str, kind: str, name: str, key: str | None, interrupting: bool
) -> OpenSubscription:
    return OpenSubscription(SubscriptionKey(step.keys.next()), host.key, host.element_id, event_id, kind, name, key, interrupting)
