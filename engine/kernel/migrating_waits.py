"""Which events does an element instance wait for before and after a migration, and which of them stay open?"""

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, TypeAlias, cast

from bpmn.model import CatchEvent, ElementType, EventDefinition, EventGateway, ReceiveTask
from engine.kernel.tables import Tables, catches
from engine.model import ElementInstance, ElementKey, InstanceState, Json
from rules.feel import Expression

To: TypeAlias = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Event:
    """`role`: own | boundary | start (of an event sub-process) | behind (an event-based gateway)."""

    definition: EventDefinition | None
    interrupting: bool
    role: str


Events: TypeAlias = dict[str, Event]


@dataclass(frozen=True, slots=True)
class Reconciled:
    """`kept`: the event's id in the source, and in the target. `opened`: (event in the target, definition, interrupting)."""

    kept: dict[str, str]
    closed: tuple[str, ...]
    opened: tuple[tuple[str, EventDefinition | None, bool], ...]


def reconcile(old: Tables, new: Tables, to: To, state: InstanceState, host: ElementInstance, open_events: set[str]) -> Reconciled:
    """What becomes of the waits of `host`, which still has its old id. Its data and the root's conditions are changed accordingly."""
    watched: dict[str, list[Json]] = state.elements[ElementKey(state.key)].data.get("conditions", {})
    conditions = watched.get(str(host.key), [])
    open_now = open_events | {entry[0] for entry in conditions}
    before, after = _events(old, state, host, host.element_id), _events(new, state, host, to(host.element_id))
    kept: dict[str, str] = {}
    again: list[str] = []
    for id, event in before.items():
        if id in open_now and to(id) in after:
            if _shape(event) == _shape(after[to(id)]):
                kept[id] = to(id)
            else:
                again.append(to(id))
    known = {to(id) for id in before}
    again += [id for id, event in after.items() if id not in known and _begins(event, host, before, open_now)]
    _rename(host.data, kept)
    left = [[kept[entry[0]], *entry[1:]] for entry in conditions if entry[0] in kept]
    if left:
        watched[str(host.key)] = left
    else:
        watched.pop(str(host.key), None)
    opened = tuple((id, after[id].definition, after[id].interrupting) for id in again)
    return Reconciled(kept, tuple(id for id in before if id in open_now and id not in kept), opened)


def _begins(event: Event, host: ElementInstance, before: Events, open_now: set[str]) -> bool:
    """Is an event that only the target knows awaited from now on?"""
    match event.role:
        case "boundary":
            return _has_begun(host)
        case "start":
            return _has_begun(host) and "interrupted" not in host.data
        case "behind":
            return any(before[id].role == "behind" for id in open_now if id in before)
        case _:
            return False


def _has_begun(host: ElementInstance) -> bool:
    """Before that nothing is heard: the target's events open when it begins."""
    listening: dict[str, Json] = host.data.get("listening", {})
    stopped = {entry[1] for entry in host.data.get("failed", [])}
    return listening.get("then") != "begin" and not stopped & {"prepare", "begin", "begin_body"}


def _rename(data: dict[str, Json], kept: dict[str, str]) -> None:
    """What is remembered of events: how far a cycle has come, which parts of a multiple event were seen."""
    for name in ("parts", "cycles"):
        known: dict[str, Json] | None = data.pop(name, None)
        left = {kept[event]: value for event, value in (known or {}).items() if event in kept}
        if left:
            data[name] = left


def _events(tables: Tables, state: InstanceState, host: ElementInstance, id: str) -> Events:
    node = tables.nodes[id]
    parent = None if host.parent is None else state.elements[host.parent]
    is_body = host.type is ElementType.MULTI_INSTANCE_BODY
    is_round = parent is not None and parent.type is ElementType.MULTI_INSTANCE_BODY
    found: Events = {}
    if not is_round:
        for event, detail in tables.boundaries.get(id, ()):
            found[event.id] = Event(detail.event, detail.interrupting, "boundary")
    if is_body:
        return found
    for start in tables.event_starts.get(id, ()):
        found[start.start.id] = Event(start.event, start.interrupting, "start")
    match node.detail:
        case CatchEvent() | ReceiveTask():
            found[id] = Event(catches(node), True, "own")
        case EventGateway():
            for flow in tables.outgoing[id]:
                found[flow.target] = Event(catches(tables.arrivals[flow.id]), True, "behind")
        case _:
            pass
    return found


def _shape(value: Any) -> Any:
    """What two definitions must have in common to be alike."""
    if isinstance(value, Expression):
        return ("feel", value.text)
    if is_dataclass(value):
        return (type(value).__name__, *(_shape(getattr(value, one.name)) for one in fields(value)))
    if isinstance(value, frozenset):
        return tuple(sorted(str(one) for one in cast(frozenset[Any], value)))
    if isinstance(value, tuple):
        return tuple(_shape(one) for one in cast(tuple[Any, ...], value))
    return value


def is_alike(one: Any, other: Any) -> bool:
    """Do two parts of definitions say the same?"""
    return bool(_shape(one) == _shape(other))
