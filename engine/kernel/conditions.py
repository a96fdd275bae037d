"""When does a conditional event happen? When a variable it reads has changed and its condition holds (BPMN 2.0 §10.5.5.6)."""

from bpmn.model import ConditionalEvent, MultipleEvent
from engine.kernel.step import Failure, Step
from engine.kernel.tables import catches
from engine.kernel.variables import evaluate
from engine.model import ElementInstance, ElementKey, IncidentKind, Json


def watch(step: Step, host: ElementInstance, event_id: str, part: int | None = None) -> None:
    """Remember the conditional event at the root, and look at it once at the end of what is being done."""
    root = step.root()
    watched: dict[str, Json] = root.data.setdefault("conditions", {})
    entries = [entry for entry in watched.get(str(host.key), []) if entry[:2] != [event_id, part]]
    watched[str(host.key)] = [*entries, [event_id, part, False]]
    host.data["w"] = 1
    step.touch(root)
    step.touch(host)
    step.changed.append((host.key, "", ""))


def unwatch(step: Step, host: ElementInstance, event_id: str | None = None) -> None:
    """The host's conditional events (or one of them) no longer wait."""
    root = step.root()
    watched: dict[str, Json] = root.data.get("conditions", {})
    entries = watched.get(str(host.key))
    if entries is None:
        return
    left = [entry for entry in entries if event_id is not None and entry[0] != event_id]
    if left:
        watched[str(host.key)] = left
    else:
        del watched[str(host.key)]
    step.touch(root)


def look_at_conditions(step: Step) -> bool:
    """After variables changed: queue every conditional event that reads one of them and holds. True when something was queued.

    An event fires when its condition becomes true: one that stays true does not fire again until it was false in between.
    """
    changed, step.changed = step.changed, []
    root = step.state.elements.get(ElementKey(step.state.key))
    if not changed or root is None:
        return False
    watched: dict[str, Json] = root.data.get("conditions", {})
    names = {name for _, name, _ in changed}
    queued = False
    for key, entries in list(watched.items()):
        for entry in entries:
            condition = _condition(step, entry[0], entry[1])
            read = (condition.variables or condition.condition.names) & names
            if not read and "" not in names:
                continue
            host = step.element(ElementKey(int(key)))
            seen = _scopes_seen(step, host)
            kinds = condition.variable_events
            if not any(
                scope == host.key if name == "" else scope in seen and name in read and (not kinds or kind in kinds)
                for scope, name, kind in changed
            ):
                continue
            holds = _holds(step, condition, host)
            if holds == entry[2]:
                continue
            entry[2] = holds
            step.touch(root)
            if holds:
                step.then("happen", host, {"event": entry[0], "part": entry[1]})
                queued = True
    return queued


def _holds(step: Step, condition: ConditionalEvent, host: ElementInstance) -> bool:
    try:
        return evaluate(step, condition.condition, host, IncidentKind.CONDITION_ERROR) is True
    except Failure:
        return False  # it cannot be told yet; the next change of a variable asks again


def _scopes_seen(step: Step, host: ElementInstance) -> set[ElementKey]:
    seen: set[ElementKey] = set()
    at: ElementInstance | None = host
    while at is not None:
        seen.add(at.key)
        at = None if at.parent is None else step.element(at.parent)
    return seen


def _condition(step: Step, event_id: str, part: int | None) -> ConditionalEvent:
    event = catches(step.tables.nodes[event_id])
    if isinstance(event, MultipleEvent) and part is not None:
        event = event.events[part]
    if not isinstance(event, ConditionalEvent):
        raise ValueError(f"{event_id} has no condition")
    return event
