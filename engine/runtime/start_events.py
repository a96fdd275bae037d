"""What starts instances of a definition from outside? Its timer, message and signal start events, set for the newest version only."""

from collections.abc import Iterator
from datetime import datetime

from bpmn.model import (
    AdHocSubProcess,
    CatchEvent,
    EventDefinition,
    EventGateway,
    MessageEvent,
    MultipleEvent,
    Problem,
    ProcessDefinition,
    ReceiveTask,
    SignalEvent,
    StartEvent,
    SubProcess,
    TimerEvent,
    Value,
)
from engine.kernel.timers import schedule
from engine.store.times import micros
from engine.store.workspace import Workspace
from rules.feel import FeelError, to_json


def start_events(process: ProcessDefinition) -> Iterator[tuple[str, EventDefinition]]:
    """(element id, event) of everything that begins an instance when it happens."""
    detail = process.process_node.detail
    if not isinstance(detail, SubProcess | AdHocSubProcess):
        return
    for id in detail.nodes:
        node = process.nodes[id]
        match node.detail:
            case StartEvent(event=event) if event is not None:
                yield from ((id, single) for single in _single(event))
            case ReceiveTask(message=message, instantiate=True) if not node.incoming:
                yield id, message
            case EventGateway(instantiate=True) if not node.incoming:
                for flow in node.outgoing:
                    target = process.nodes[process.flows[flow].target]
                    if isinstance(target.detail, CatchEvent):
                        yield from ((target.id, single) for single in _single(target.detail.event))
                    elif isinstance(target.detail, ReceiveTask):
                        yield target.id, target.detail.message
            case _:
                pass


def _single(event: EventDefinition) -> tuple[EventDefinition, ...]:
    return event.events if isinstance(event, MultipleEvent) else (event,)


def check_start_events(process: ProcessDefinition, file: str, now: datetime) -> list[Problem]:
    """Values of start events are known at deployment: no instance exists that they could depend on."""
    problems: list[Problem] = []
    for id, event in start_events(process):
        try:
            match event:
                case TimerEvent():
                    schedule(event.kind, _text(event.value, now), now)
                case MessageEvent() | SignalEvent():
                    _text(event.name, now)
                case _:
                    pass
        except (ValueError, FeelError) as problem:
            line = process.nodes[id].line
            advice = "Write a value that needs no variables: the process has not begun when it is read."
            problems.append(Problem("error", file, f"The start event {id!r} cannot be set: {problem}.", advice, id, line))
    return problems


def _text(value: Value, now: datetime) -> str:
    if isinstance(value, str):
        return value
    found = to_json(value.evaluate({}, now=now))
    if not isinstance(found, str) or not found:
        raise ValueError(f"the expression {value.text!r} gives {found!r}, which is no text")
    return found


def open_start_events(workspace: Workspace, definition: int, process: ProcessDefinition, now: datetime) -> int | None:
    """Writes the start timers and start subscriptions. The earliest due time."""
    earliest: int | None = None
    for id, event in start_events(process):
        match event:
            case TimerEvent():
                first = schedule(event.kind, _text(event.value, now), now)
                key, due = workspace.keys.next(), micros(first.due)
                row = [0, key, None, id, id, due, first.repetitions, first.cycle, definition]
                workspace.changes.insert("timer", (0, key), row)
                earliest = due if earliest is None else min(earliest, due)
            case MessageEvent() | SignalEvent():
                kind = "message" if isinstance(event, MessageEvent) else "signal"
                key = workspace.keys.next()
                row = [0, key, None, id, id, kind, _text(event.name, now), None, False, definition, process.id, micros(now)]
                workspace.changes.insert("subscription", (0, key), row)
            case _:
                pass
    return earliest


def close_start_events(workspace: Workspace, definition: int) -> None:
    for table in ("timer", "subscription"):
        rows = workspace.database.rows(
            workspace.connection,
            f"SELECT key FROM {table} WHERE process_instance_key = 0 AND definition_key = ?",  # noqa: S608 - two tables of ours
            (definition,),
        )
        for (key,) in rows:
            workspace.changes.delete(table, (0, key))
