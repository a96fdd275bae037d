"""What happened in an instance, who did it and when, in plain words?"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from api.pages.diagrams import AGENT_JOB, Diagram
from api.pages.words import INCIDENT_KINDS, plural, readable
from engine.runtime.facade import Engine
from engine.store.rows import HistoryRecord

_PASSED = frozenset({"START_EVENT", "EXCLUSIVE_GATEWAY", "PARALLEL_GATEWAY", "INCLUSIVE_GATEWAY", "EVENT_BASED_GATEWAY", "COMPLEX_GATEWAY"})
_DONE_WORDS = {
    "USER_TASK": "Completed “{}”",
    "SERVICE_TASK": "“{}” was done",
    "SEND_TASK": "“{}” was sent",
    "RECEIVE_TASK": "“{}” received its message",
    "BUSINESS_RULE_TASK": "The rules decided: {}",
    "SCRIPT_TASK": "“{}” was calculated",
    "CALL_ACTIVITY": "The called process “{}” ended",
    "INTERMEDIATE_CATCH_EVENT": "“{}” happened",
    "INTERMEDIATE_THROW_EVENT": "“{}” was sent out",
    "BOUNDARY_EVENT": "“{}” happened",
    "END_EVENT": "Reached the end “{}”",
}
_MOST_SHOWN = 1_000


@dataclass(frozen=True, slots=True)
class Happening:
    """One step. `who` is None when the process did it by itself; `tone`: person, trouble or plain."""

    at: datetime
    who: str | None
    sentences: tuple[str, ...]
    changed: Mapping[str, Any]
    tone: str


def happenings(engine: Engine, diagram: Diagram, instance_key: int) -> list[Happening]:
    """In order of time; steps that changed nothing a person cares for are left out."""
    told = (_happening(record, diagram, instance_key) for record in engine.history(instance_key)[-_MOST_SHOWN:])
    return [each for each in told if each is not None]


def _happening(record: HistoryRecord, diagram: Diagram, instance_key: int) -> Happening | None:
    sentences = tuple(dict.fromkeys(_sentences(record, diagram)))
    changed = {each["name"]: each.get("value", f"{each.get('begins', '')}…") for each in record.facts.get("variables", ())}
    if not sentences and changed:
        sentences = ("Variables were changed",)
    if not sentences:
        return None
    is_person = record.actor_kind == "user" and record.actor is not None
    is_trouble = any(each.get("is") != "RESOLVED" for each in record.facts.get("incidents", ()))
    who = record.actor if record.actor_kind in ("user", "worker") else None
    return Happening(record.at, who, sentences, changed, "trouble" if is_trouble else "person" if is_person else "plain")


def _sentences(record: HistoryRecord, diagram: Diagram) -> Iterator[str]:
    facts = record.facts
    if isinstance(action := facts.get("action"), Mapping):
        yield from _action(action, diagram)
    for element in facts.get("elements", ()):
        sentence = _element(element, record, diagram)
        if sentence:
            yield sentence
    for incident in facts.get("incidents", ()):
        if incident.get("is") == "RESOLVED":
            yield "An incident was resolved"
        else:
            kind = INCIDENT_KINDS.get(str(incident.get("kind")), readable(str(incident.get("kind"))))
            where = f" at “{diagram.name(incident['id'])}”" if incident.get("id") else ""
            yield f"Incident{where}: {kind}"
    for wait in facts.get("waits", ()):
        yield from _wait(wait, diagram)


def _element(element: Mapping[str, Any], record: HistoryRecord, diagram: Diagram) -> str:
    name, kind, what = diagram.name(str(element.get("id"))), str(element.get("type")), element.get("is")
    if kind == "PROCESS":
        ended = "The process was cancelled" if record.actor_kind == "user" else "The process was stopped"
        return {"STARTED": "The process was started", "COMPLETED": "The process was completed", "TERMINATED": ended}.get(str(what), "")
    if what == "TERMINATED":
        return "" if kind in _PASSED else f"“{name}” was stopped"
    if what != "COMPLETED" or kind in _PASSED:
        return ""
    return _DONE_WORDS.get(kind, "“{}” was done").format(name)


def _wait(wait: Mapping[str, Any], diagram: Diagram) -> Iterator[str]:
    name = diagram.name(str(wait.get("id")))
    match wait.get("opened"):
        case "user_task":
            yield f"“{name}” waits for {wait.get('assignee') or 'a person'}"
        case "job":
            yield f"“{name}” waits for {'an agent' if wait.get('type') == AGENT_JOB else 'a worker'}"
        case "message":
            yield f"“{name}” waits for the message “{wait.get('name')}”"
        case "signal":
            yield f"“{name}” waits for the signal “{wait.get('name')}”"
        case _:
            return


_TASK_ACTIONS = {
    "claim": "Claimed “{}”",
    "assign": "Assigned “{}” to {}",
    "unassign": "Gave “{}” back",
    "update": "Changed dates, priority or candidates of “{}”",
}


def _action(action: Mapping[str, Any], diagram: Diagram) -> Iterator[str]:
    """What came from outside: by a person, a worker, a message or the clock."""
    match action:
        case {"error_code": code, "error": message}:
            yield f"A worker reported the business error “{code}”: {message}"
        case {"error": message, "retries": retries}:
            yield f"Work failed: {message}" + (f" ({plural(retries, 'more try', 'more tries')})" if retries else "")
        case {"retries": retries, "job": _}:
            yield f"Allowed {plural(retries, 'more try', 'more tries')}"
        case {"received": name}:
            yield f"Received “{name}”"
        case {"timer": _}:
            yield "A timer went off"
        case {"set_variables": names}:
            yield f"Changed {', '.join(names)}"
        case {"user_task": _, "action": done, "id": id}:
            sentence = _TASK_ACTIONS.get(str(done), f"{readable(str(done))} “{{}}”")
            yield sentence.format(diagram.name(str(id)), action.get("assignee") or "nobody")
        case {"user_task": _, "action": done} if done != "complete":
            yield f"Chose “{readable(str(done))}”"
        case _:
            return
