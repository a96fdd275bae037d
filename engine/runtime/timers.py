"""What happens when a timer is due?"""

from engine.kernel.timers import next_schedule
from engine.model import Create, ElementKey, FireTimer, Refused, TimerKey
from engine.runtime import requests
from engine.runtime.execution import Execution
from engine.store.steps import Step
from engine.store.times import micros, moment


def fire(execution: Execution, request: requests.FireTimerRequest) -> bool:
    """Fires it once; False: it is gone, not due, or its instance is suspended."""
    workspace = execution.workspace
    rows = workspace.database.rows(
        workspace.connection,
        "SELECT process_instance_key, element_instance_key, event, due, repetitions, cycle, definition_key FROM timer WHERE key = ? "
        "AND process_instance_key = ?",
        (request.key, request.instance),
    )
    if not rows or rows[0][3] > micros(execution.now):
        return False
    instance, element, event, due, repetitions, cycle, definition = rows[0]
    if workspace.is_deleted("timer", instance, request.key):
        return False
    if instance == 0:
        _start(execution, request.key, event, due, repetitions, cycle, definition)
        return True
    place = execution.places.place(instance, element)
    if place is None:
        workspace.changes.delete("timer", (instance, request.key))
        return False
    cell, owner = place
    if cell.suspended_at is not None:
        return False
    timer = workspace.waits(cell, owner).timers.get(request.key)
    if timer is None:
        return False

    def consume(step: Step) -> None:
        execution.writer.waits.drop_timer(step, workspace.waits(cell, owner), timer)
        workspace.waits_changed(cell, owner)

    try:
        execution.step(
            cell,
            FireTimer(ElementKey(element), TimerKey(request.key), event),
            [element],
            before=consume,
            facts={"timer": request.key, "due": moment(due).isoformat()},
        )
    except Refused:
        step = execution.open_step(cell, "DropTimer")
        consume(step)
        execution.close(step)
    execution.settle()
    return True


def _start(execution: Execution, key: int, event: str, due: int, repetitions: int, cycle: str | None, definition: int) -> None:
    """A timer start event: begins an instance and is set for its next time."""
    changes = execution.workspace.changes
    following = None if cycle is None else next_schedule(cycle, moment(due), repetitions, execution.now)
    if following is None:
        changes.delete("timer", (0, key))
    else:
        changes.update("timer", (0, key), due=micros(following.due), repetitions=following.repetitions)
        next_due = micros(following.due)
        execution.next_due = next_due if execution.next_due is None else min(next_due, execution.next_due)
    execution.start(definition, Create({}, event))
    execution.settle()
