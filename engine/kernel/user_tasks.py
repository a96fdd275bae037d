"""What does a user task tell the people who shall do it? (BPMN 2.0 §10.3.4.1, with zeebe's assignment, schedule, priority and form)"""

from dataclasses import replace
from datetime import date, datetime
from typing import cast

from bpmn.model import FlowNode, FormRef, UserTask, Value
from engine.kernel.activities import whole_number
from engine.kernel.step import Failure, Step
from engine.kernel.timers import parse_date
from engine.kernel.variables import not_a, read_text, read_value
from engine.model import ChangeUserTask, ElementInstance, IncidentKind, Json, OpenUserTask, UserTaskKey
from rules.feel import to_json

_DEFAULT_PRIORITY = 50


def open_user_task(step: Step, instance: ElementInstance, node: FlowNode, task: UserTask) -> None:
    """The instance waits for a person."""
    assignee = _text_or_none(step, instance, task.assignee, "assignee")
    users = _names(step, instance, task.candidate_users, "candidate users")
    groups = _names(step, instance, task.candidate_groups, "candidate groups")
    due = _date(step, instance, task.due_date, "due date")
    follow_up = _date(step, instance, task.follow_up_date, "follow-up date")
    priority = _DEFAULT_PRIORITY if task.priority is None else _priority(step, instance, task.priority)
    form_key, embedded, external = _form(step, instance, task.form)
    opened = OpenUserTask(
        key=UserTaskKey(step.keys.next()),
        element=instance.key,
        element_id=node.id,
        name=node.name,
        assignee=assignee,
        candidate_users=users,
        candidate_groups=groups,
        due_date=due,
        follow_up_date=follow_up,
        priority=priority,
        form_key=form_key,
        embedded_form=embedded,
        external_form=external,
        headers=task.headers,
    )
    step.effects.append(_corrected(step, instance, opened))


def complete_task(step: Step, instance: ElementInstance, argument: Json) -> None:
    """A person has completed it, and no listener objected."""
    step.effects.append(ChangeUserTask(instance.key, "COMPLETED"))
    step.then("resume", instance, argument)


def _corrected(step: Step, instance: ElementInstance, task: OpenUserTask) -> OpenUserTask:
    """Listeners of the creation may correct what the diagram says (zeebe's task listener corrections)."""
    corrections: dict[str, Json] = instance.data.pop("corrections", {})
    if not corrections:
        return task
    step.touch(instance)
    known: dict[str, Json] = {}
    for name, value in corrections.items():
        match name:
            case "assignee":
                known[name] = value or None
            case "candidate_users" | "candidate_groups":
                known[name] = tuple(value)
            case "due_date" | "follow_up_date":
                known[name] = parse_date(value) if isinstance(value, str) and value else value or None
            case "priority":
                known[name] = value
            case _:
                pass
    return replace(task, **known)


def _text_or_none(step: Step, instance: ElementInstance, value: Value | None, what: str) -> str | None:
    """Null means nobody yet; anything but text is a mistake."""
    if value is None:
        return None
    found = read_value(step, value, instance, IncidentKind.EXTRACT_VALUE_ERROR)
    if found is None or found == "":
        return None
    if not isinstance(found, str):
        raise not_a(step, value, found, what, "a string", instance)
    return found


def _names(step: Step, instance: ElementInstance, value: Value | None, what: str) -> tuple[str, ...]:
    if value is None:
        return ()
    found = read_value(step, value, instance, IncidentKind.EXTRACT_VALUE_ERROR)
    if found is None:
        return ()
    if isinstance(found, str):
        return tuple(name for part in found.split(",") if (name := part.strip()))
    if isinstance(found, list):
        names = cast(list[object], found)
        if all(isinstance(name, str) for name in names):
            return tuple(cast(list[str], names))
    raise not_a(step, value, cast(object, found), what, "a list of strings", instance)


def _date(step: Step, instance: ElementInstance, value: Value | None, what: str) -> datetime | None:
    if value is None:
        return None
    found = read_value(step, value, instance, IncidentKind.EXTRACT_VALUE_ERROR)
    if found is None or found == "":
        return None
    text = found if isinstance(found, str) else to_json(found) if isinstance(found, date) else None
    try:
        if not isinstance(text, str):
            raise not_a(step, value, found, what, "a date-time", instance)
        return parse_date(text)
    except ValueError as error:
        raise Failure(IncidentKind.EXTRACT_VALUE_ERROR, f"The {what} is wrong: {error}.") from error


def _priority(step: Step, instance: ElementInstance, value: Value) -> int:
    priority = whole_number(step, instance, value, "priority")
    if not 0 <= priority <= 100:
        raise Failure(IncidentKind.EXTRACT_VALUE_ERROR, f"The priority must be from 0 to 100, but it is {priority}.")
    return priority


def _form(step: Step, instance: ElementInstance, form: FormRef | None) -> tuple[int | None, str | None, str | None]:
    if form is None:
        return None, None, None
    if form.linked is not None:
        form_id = read_text(step, form.linked.id, instance, IncidentKind.EXTRACT_VALUE_ERROR, "form id")
        key = step.resources.form_key(form, form_id)
        if key is None:
            raise Failure(IncidentKind.FORM_NOT_FOUND, f"No form '{form_id}' is deployed: deploy it, then resolve this incident.")
        return key, None, None
    external = (
        None if form.external is None else read_text(step, form.external, instance, IncidentKind.EXTRACT_VALUE_ERROR, "form reference")
    )
    return None, form.embedded_key, external
