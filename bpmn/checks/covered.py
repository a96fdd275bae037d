"""Does the kernel run every element of this process, at its position?"""

from collections.abc import Iterator

from bpmn.coverage import (
    BOUNDARY,
    CATCH,
    ELEMENTS,
    END,
    EVENT_SUB_PROCESS_START,
    EVENTS,
    MARKS,
    NON_INTERRUPTING_BOUNDARY,
    START,
    TASK_LISTENERS,
    THROW,
)
from bpmn.events import event_kind
from bpmn.model import (
    BoundaryEvent,
    CatchEvent,
    ElementType,
    EndEvent,
    EventDefinition,
    FlowNode,
    MultiInstance,
    MultipleEvent,
    ProcessDefinition,
    StandardLoop,
    StartEvent,
    ThrowEvent,
    UserTask,
)
from bpmn.problems import Problems, title, words
from bpmn.reading import sentence
from bpmn.structure import Structure


def check_coverage(definition: ProcessDefinition, structure: Structure, problems: Problems) -> None:
    for node in definition.nodes.values():
        for what in uncovered(node, structure.kinds[node.id], definition):
            element = structure.elements[node.id]
            problems.error(
                "not-supported",
                element,
                f"{sentence(title(element))} cannot run: {what} is not supported.",
                "Replace it by elements of the list in the README (BPMN coverage).",
            )


def uncovered(node: FlowNode, kind: str, definition: ProcessDefinition) -> Iterator[str]:
    """What about the node the kernel does not run, in words."""
    position = position_of(node, definition)
    if position is not None:
        for event in _events(node):
            if position not in EVENTS.get(event_kind(event), frozenset()):
                yield f"{event_kind(event)} {position}"
        return
    if isinstance(node.detail, UserTask):
        yield from (f"a task listener for '{it.event}'" for it in node.detail.listeners if it.event not in TASK_LISTENERS)
    if kind not in ELEMENTS:
        yield words(kind)
    for mark in marks_of(node):
        if mark not in MARKS:
            yield words(mark)


def marks_of(node: FlowNode) -> Iterator[str]:
    if isinstance(node.loop, MultiInstance):
        yield "multiInstance"
    if isinstance(node.loop, StandardLoop):
        yield "standardLoop"
    if node.type == ElementType.EVENT_SUB_PROCESS:
        yield "eventSubProcess"
    if node.is_for_compensation:
        yield "compensationHandler"
    if node.start_quantity != 1:
        yield "startQuantity"
    if node.completion_quantity != 1:
        yield "completionQuantity"


def position_of(node: FlowNode, definition: ProcessDefinition) -> str | None:
    match node.detail:
        case StartEvent():
            around = definition.nodes.get(node.scope)
            inside_event_sub_process = around is not None and around.type == ElementType.EVENT_SUB_PROCESS
            return EVENT_SUB_PROCESS_START if inside_event_sub_process else START
        case CatchEvent():
            return CATCH
        case BoundaryEvent(interrupting=interrupting):
            return BOUNDARY if interrupting else NON_INTERRUPTING_BOUNDARY
        case ThrowEvent():
            return THROW
        case EndEvent():
            return END
        case _:
            return None


def _events(node: FlowNode) -> list[EventDefinition | None]:
    match node.detail:
        case (
            StartEvent(event=event) | CatchEvent(event=event) | BoundaryEvent(event=event) | ThrowEvent(event=event) | EndEvent(event=event)
        ):
            return [event, *event.events] if isinstance(event, MultipleEvent) else [event]
        case _:
            return []
