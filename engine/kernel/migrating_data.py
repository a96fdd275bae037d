"""What of the data that the kernel keeps with an element instance names elements of the diagram? It is carried over to the target."""

from collections.abc import Callable
from typing import TypeAlias

from bpmn.model import Listener, ParallelGateway, UserTask
from engine.kernel.migrating_waits import is_alike
from engine.kernel.tables import Tables
from engine.model import ElementInstance, Json

To: TypeAlias = Callable[[str], str]


def carry_over(old: Tables, new: Tables, to: To, instance: ElementInstance) -> str | None:
    """Rewrites `instance.data`, which belongs to `old`. Returns why that is impossible, else None."""
    data = instance.data
    return (
        _joins(old, new, to, data)
        or _complex(new, to, data)
        or _listening(old, new, to, instance)
        or _compensation(old, new, to, data)
        or _failed(to, data)
        or _queue(new, to, data)
    )


def _joins(old: Tables, new: Tables, to: To, data: dict[str, Json]) -> str | None:
    """Tokens that wait stay on their flows."""
    joins: dict[str, dict[str, int]] = data.get("joins", {})
    moved: dict[str, dict[str, int]] = {}
    for id, waiting in joins.items():
        target = new.nodes.get(to(id))
        if target is None or target.type is not old.nodes[id].type:
            return f"A token waits at '{id}': the target definition has no such element '{to(id)}'."
        moved[target.id] = {to(flow): count for flow, count in waiting.items()}
        for flow in waiting:
            if to(flow) not in target.incoming:
                return (
                    f"A token waits at '{id}' on the flow '{flow}': no flow '{to(flow)}' leads to '{target.id}' in the target definition."
                )
        if isinstance(target.detail, ParallelGateway) and set(target.incoming) <= moved[target.id].keys():
            return f"All tokens wait already that '{target.id}' of the target definition joins: it would never go on."
    if moved:
        data["joins"] = moved
    return None


def _complex(new: Tables, to: To, data: dict[str, Json]) -> str | None:
    fired: dict[str, list[str]] = data.get("complex", {})
    moved: dict[str, list[str]] = {}
    for id, flows in fired.items():
        target = new.nodes.get(to(id))
        if target is None or any(to(flow) not in target.incoming for flow in flows):
            return f"The complex gateway '{id}' waits for its reset: the target definition does not have it with the same flows."
        moved[target.id] = [to(flow) for flow in flows]
    if moved:
        data["complex"] = moved
    return None


def _listening(old: Tables, new: Tables, to: To, instance: ElementInstance) -> str | None:
    listening: dict[str, Json] | None = instance.data.get("listening")
    if listening is None:
        return None
    event: str = listening["event"]
    before, after = (_listeners(tables, id, event) for tables, id in ((old, instance.element_id), (new, to(instance.element_id))))
    if not is_alike(before, after):
        return f"A listener of '{instance.element_id}' is at work, and the target's listeners for '{event}' differ: let it end first."
    return None


def _listeners(tables: Tables, id: str, event: str) -> tuple[Listener, ...]:
    node = tables.nodes[id]
    listeners = (*node.execution_listeners, *(node.detail.listeners if isinstance(node.detail, UserTask) else ()))
    return tuple(listener for listener in listeners if listener.event == event)


def _compensation(old: Tables, new: Tables, to: To, data: dict[str, Json]) -> str | None:
    """Records of completed activities name them: they have to keep their ids and handlers."""
    for call in data.get("pending", []):
        if to(call[0]) not in new.nodes:
            return f"The compensation handler '{call[0]}' is to run yet: the target definition has no '{to(call[0])}'."
        call[0] = to(call[0])
    if not data.get("comp"):
        return None
    for id, node in old.nodes.items():
        target = new.nodes.get(id)
        if node.compensation_handler and (to(id) != id or target is None or target.compensation_handler != node.compensation_handler):
            return f"Completed activities are kept for compensation: '{id}' needs its id and its handler in the target definition too."
    return None


def _failed(to: To, data: dict[str, Json]) -> str | None:
    """What an incident will repeat."""
    for entry in data.get("failed", []):
        if isinstance(entry[2], str):
            entry[2] = to(entry[2])
        elif isinstance(entry[2], dict):
            argument: dict[str, Json] = entry[2]
            if "inner" in argument:
                return "An activation inside it has failed: resolve its incident first."
            for name in ("node", "start", "event"):
                if name in argument:
                    argument[name] = to(argument[name])
    return None


def _queue(new: Tables, to: To, data: dict[str, Json]) -> str | None:
    """Elements of an ad-hoc sub-process whose turn comes later."""
    queue: list[str] = data.get("queue", [])
    missing = [id for id in queue if to(id) not in new.nodes]
    if missing:
        return f"'{missing[0]}' waits for its turn in the ad-hoc sub-process: the target definition has no '{to(missing[0])}'."
    if queue:
        data["queue"] = [to(id) for id in queue]
    return None
