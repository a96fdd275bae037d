"""How is completed work undone? (BPMN 2.0 §13.5.5 and §10.7)

Every completed activity that has a handler, or contains such, is recorded with its scope, one item each (`comp`). A throw turns records
into calls of handlers, newest first: what began after something else was complete is undone before it; what ran side by side is undone
side by side. `waits_for` in the throwing instance counts the handlers that run.
"""

from dataclasses import dataclass

from bpmn.model import CompensateEvent, ElementType, FlowNode, StartEvent, SubProcess
from engine.kernel.step import Step
from engine.model import ElementInstance, ElementKey, Ended, Json, PutItem, StateNeeded

_RECORDS = "comp"


def record_for_compensation(step: Step, scope: ElementInstance, instance: ElementInstance, node: FlowNode) -> None:
    """Called when an activity completes. A sub-process keeps what was recorded inside it, and its variables for its own handler."""
    if not step.tables.has_compensation:
        return
    inner: int = instance.data.get(_RECORDS, 0)
    event_handler = _event_handler(step, node) if instance.type is not ElementType.MULTI_INSTANCE_BODY else None
    if (node.compensation_handler is None or _is_body(instance)) and event_handler is None and not inner:
        return
    index: int = scope.data.get(_RECORDS, 0)
    scope.data[_RECORDS] = index + 1
    step.touch(scope)
    record = {
        "activity": node.id,
        "key": instance.key,
        "done": step.keys.next(),
        "variables": dict(step.state.variables[instance.key]),
        "inner": inner,
        "body": _is_body(instance),
    }
    _put(step, scope.key, index, record)


def compensate(step: Step, host: ElementInstance, scope: ElementInstance, event: CompensateEvent) -> bool:
    """Throws compensation for the scope or one activity of it. True when nothing is to be waited for."""
    owner, count, within = _recorded(step, scope)
    calls = _calls(step, owner, count, event.activity, {})
    if not event.wait_for_completion:
        for call in sorted(calls, key=lambda c: -c.done):
            _run(step, within, call, None)
        return True
    return not _run_next(step, host, within, calls)


def leave_handler(step: Step, scope: ElementInstance, handler: ElementInstance) -> None:
    """A handler has no outgoing flows; whoever threw the compensation hears of its end, if it is still there."""
    host_key = ElementKey(handler.data["undoes"])
    step.end(handler, Ended.COMPLETED)
    host = step.state.elements.get(host_key)
    if host is None and scope.key not in step.state.children_loaded:
        raise StateNeeded(children_of=(scope.key,), deep=True)
    if host is not None:
        step.then("compensated", host, scope.key)
    if step.count(scope, -1) == 0:
        step.then("finish", scope)


def is_compensated(step: Step, host: ElementInstance, within: ElementInstance) -> bool:
    """One handler has ended. When it was the last of those that run, runs the next ones; true when there are none."""
    host.data["waits_for"] -= 1
    step.touch(host)
    if host.data["waits_for"]:
        return False
    if _run_next(step, host, within, [_Call(*entry) for entry in host.data.pop("pending", [])]):
        return False
    del host.data["waits_for"]
    return True


def compensation_scope(step: Step, instance: ElementInstance) -> ElementInstance:
    """Whose completed activities a throw inside an event sub-process undoes: those of the scope around it (BPMN 2.0 §10.5.6)."""
    scope = step.parent(instance)
    while scope.type is ElementType.EVENT_SUB_PROCESS and "of" not in scope.data:
        scope = step.parent(scope)
    return scope


@dataclass(frozen=True, slots=True)
class _Call:
    """One handler to run, for the activity instance that began at `key` and was complete at `done`."""

    handler: str
    key: int
    done: int
    variables: dict[str, Json]
    of: list[int] | None  # for a compensation event sub-process: the records inside its sub-process (owner, count)


def _recorded(step: Step, scope: ElementInstance) -> tuple[int, int, ElementInstance]:
    """Where the records are and in which scope handlers run. A compensation event sub-process undoes the scope it belongs to."""
    if "of" in scope.data:
        owner, count = scope.data["of"]
        return owner, count, scope
    return scope.key, scope.data.get(_RECORDS, 0), scope


def _calls(step: Step, owner: int, count: int, activity: str | None, outer: dict[str, Json]) -> list[_Call]:
    """The handlers for all records of an owner; each record is used up."""
    calls: list[_Call] = []
    waiting: list[tuple[int, int, str | None, dict[str, Json]]] = [(owner, count, activity, outer)]
    while waiting:
        owner, count, activity, outer = waiting.pop()
        for index, record in _records(step, owner, count):
            if activity is not None and record["activity"] != activity:
                continue
            _put(step, owner, index, None)
            node = step.tables.nodes[record["activity"]]
            variables = {**outer, **record["variables"]}
            event_handler = None if record["body"] else _event_handler(step, node)
            if event_handler is not None:
                calls.append(_Call(event_handler, record["key"], record["done"], variables, [record["key"], record["inner"]]))
                continue
            if node.compensation_handler is not None and not record["body"]:
                calls.append(_Call(node.compensation_handler, record["key"], record["done"], variables, None))
            elif record["inner"]:
                waiting.append((record["key"], record["inner"], None, variables))
    return calls


def _records(step: Step, owner: int, count: int) -> list[tuple[int, Json]]:
    if not count:
        return []
    key = ElementKey(owner)
    items = step.state.items
    if not step.knows_items(key, _RECORDS):
        raise StateNeeded(items=((key, _RECORDS, None),))
    return [(index, record) for index in range(count) if (record := items.get((key, _RECORDS, index))) is not None]


def _run_next(step: Step, host: ElementInstance, within: ElementInstance, pending: list[_Call]) -> bool:
    """Runs every pending handler whose activity was complete only after all other pending ones had begun."""
    if not pending:
        return False
    latest = max(call.key for call in pending)
    ready = sorted((call for call in pending if call.done > latest), key=lambda call: -call.done)
    left = [call for call in pending if call.done <= latest]
    host.data["waits_for"] = len(ready)
    if left:
        host.data["pending"] = [[call.handler, call.key, call.done, call.variables, call.of] for call in left]
    step.touch(host)
    for call in ready:
        _run(step, within, call, host)
    return True


def _run(step: Step, within: ElementInstance, call: _Call, host: ElementInstance | None) -> None:
    argument: dict[str, Json] = {"node": call.handler, "local": call.variables}
    argument["undoes"] = 0 if host is None else host.key
    if call.of is not None:
        argument["of"] = call.of
        sub_process = step.tables.nodes[call.handler].detail
        argument["start"] = sub_process.starts[0] if isinstance(sub_process, SubProcess) else None
    step.count(within, 1)
    step.then("activate", within, argument)


def _event_handler(step: Step, node: FlowNode) -> str | None:
    """The compensation event sub-process of a sub-process."""
    if not isinstance(node.detail, SubProcess):
        return None
    for event_sub_process in node.detail.event_sub_processes:
        inside = step.tables.nodes[event_sub_process].detail
        if isinstance(inside, SubProcess):
            for start_id in inside.starts:
                start = step.tables.nodes[start_id].detail
                if isinstance(start, StartEvent) and isinstance(start.event, CompensateEvent):
                    return event_sub_process
    return None


def _is_body(instance: ElementInstance) -> bool:
    return instance.type is ElementType.MULTI_INSTANCE_BODY


def _put(step: Step, owner: ElementKey | int, index: int, record: Json) -> None:
    step.state.items[(ElementKey(owner), _RECORDS, index)] = record
    step.effects.append(PutItem(ElementKey(owner), _RECORDS, index, record))
