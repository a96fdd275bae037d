"""What becomes of a failure? An incident at the element instance, and the work that failed is kept to be repeated."""

from engine.kernel.step import Failure, Step
from engine.model import CloseIncident, IncidentKey, IncidentKind, Json, OpenIncident, Refused, Retry


def raise_incident(step: Step, failure: Failure) -> None:
    """The only place where a failure becomes an incident."""
    if step.at is None:
        raise ValueError("a failure outside any phase") from failure
    phase, instance, argument = step.at
    key = IncidentKey(step.keys.next())
    instance.data.setdefault("failed", []).append([key, phase, argument])
    instance.data["w"] = 1
    step.touch(instance)
    step.effects.append(OpenIncident(key, instance.key, instance.element_id, failure.kind, failure.message))


def retry(step: Step, command: Retry) -> None:
    """Repeats exactly the work that failed."""
    instance = step.state.elements.get(command.element)
    failed: list[list[Json]] = [] if instance is None else instance.data.get("failed", [])
    for entry in failed:
        if entry[0] == command.incident and instance is not None:
            failed.remove(entry)
            if not failed:
                del instance.data["failed"]
            step.touch(instance)
            step.effects.append(CloseIncident(command.incident))
            step.then(entry[1], instance, entry[2])
            return
    raise Refused(f"Nothing waits for incident {command.incident}: it was resolved, or its element has ended.")


def step_limit(instance_id: str) -> Failure:
    return Failure(
        IncidentKind.STEP_LIMIT_EXCEEDED,
        f"'{instance_id}' was not begun: one command led to too many steps, which looks like a loop that nothing ends. "
        "Set the variables that end it, then resolve this incident to go on.",
    )
