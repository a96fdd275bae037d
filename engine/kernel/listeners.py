"""Who is told when an element begins or ends, or a user task is created or completed? Listeners: jobs that hold the element up.

`listening` in the element instance's data says which listener is at work and what comes after the last one.
"""

from bpmn.model import Listener, UserTask
from engine.kernel.activities import open_job
from engine.kernel.step import Step
from engine.kernel.variables import put_all_local, write_all
from engine.model import CompleteJob, ElementInstance, Json

START, END, CREATING, COMPLETING = "start", "end", "creating", "completing"
_TASK_EVENTS = (CREATING, COMPLETING)


def has_listeners(listeners: tuple[Listener, ...], event: str) -> bool:
    return any(listener.event == event for listener in listeners)


def listeners_of(step: Step, instance: ElementInstance) -> tuple[Listener, ...]:
    """All listeners of the element, of both kinds."""
    node = step.node(instance)
    return (*node.execution_listeners, *node.detail.listeners) if isinstance(node.detail, UserTask) else node.execution_listeners


def tell(step: Step, instance: ElementInstance, listeners: tuple[Listener, ...], event: str, then: str, argument: Json) -> None:
    """Opens the job of the first listener of the event; `then` is the phase that follows the last."""
    instance.data["listening"] = {"event": event, "index": 0, "then": then, "argument": argument}
    step.touch(instance)
    _open(step, instance, listeners)


def heard(step: Step, instance: ElementInstance, listeners: tuple[Listener, ...], command: CompleteJob) -> None:
    """A listener is done: the next one, or the phase all of them held up. One that denies the completion of a user task keeps it open."""
    listening = instance.data["listening"]
    event: str = listening["event"]
    if command.denied and event == COMPLETING:
        _end(step, instance)
        return
    if command.corrections and event == CREATING:
        instance.data.setdefault("corrections", {}).update(command.corrections)
    if event == END and instance.parent is not None:
        write_all(step, step.parent(instance), command.variables)
    else:
        put_all_local(step, instance, command.variables)
    listening["index"] += 1
    step.touch(instance)
    if listening["index"] < sum(1 for listener in listeners if listener.event == event):
        step.at = ("tell", instance, None)
        _open(step, instance, listeners)
        return
    _end(step, instance)
    step.then(listening["then"], instance, listening["argument"])


def tell_again(step: Step, instance: ElementInstance, listeners: tuple[Listener, ...]) -> None:
    _open(step, instance, listeners)


def _open(step: Step, instance: ElementInstance, listeners: tuple[Listener, ...]) -> None:
    listening: dict[str, Json] = instance.data["listening"]
    of_event = [listener for listener in listeners if listener.event == listening["event"]]
    listener = of_event[int(listening["index"])]
    kind = "TASK_LISTENER" if listener.event in _TASK_EVENTS else "EXECUTION_LISTENER"
    open_job(step, instance, listener.job, kind, listener.event)


def _end(step: Step, instance: ElementInstance) -> None:
    del instance.data["listening"]
    step.touch(instance)
