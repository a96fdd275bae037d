"""How does the demo get sixty inquiries to rest, and where did each of them end?

Started and interrupted at any moment, it goes on where it was: inquiries that have an instance are not started again, and an answer
is sent only to an instance that waits for that very answer.
"""

import json
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from engine.errors import NotFound
from engine.runtime.facade import Engine
from engine.runtime.inputs import Actor
from engine.store.rows import Page

PROCESS: Final = "customer_inquiry"
_ACTOR: Final = Actor("demo", "system")
_ALL: Final = Page(limit=10_000)
_STALLED_SECONDS: Final = 180.0


class Place(StrEnum):
    """Where an instance is. The first seven are places of rest."""

    ANSWERED = "answered"
    QUICK_REVIEW = "quick_review"
    SPECIALIST = "specialist"
    SUPERVISOR = "supervisor"
    LOG_BY_HAND = "log_by_hand"
    CLARIFICATION = "clarification"
    INCIDENT = "incident"
    MOVING = "moving"


_PLACE_OF_TASK: Final = {
    "Quick_review": Place.QUICK_REVIEW,
    "Specialist_approval": Place.SPECIALIST,
    "Supervisor_approval": Place.SUPERVISOR,
    "Log_by_hand": Place.LOG_BY_HAND,
}


@dataclass(frozen=True, slots=True)
class Label:
    """What a sensible person would want: the topic (None: would not commit to one), the place of rest, the rounds of clarification."""

    topic: str | None
    route: str
    rounds: int = 0
    nasty: str | None = None


@dataclass(frozen=True, slots=True)
class Inquiry:
    """`variables`: what the process instance begins with. `answers`: what the customer writes when asked, in this order."""

    id: str
    variables: Mapping[str, Any]
    answers: tuple[str, ...]
    label: Label


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where one inquiry came to rest."""

    inquiry: Inquiry
    instance_key: int
    place: Place
    topic: str | None
    rounds: int

    @property
    def topic_is_right(self) -> bool | None:
        return None if self.inquiry.label.topic is None else self.topic == self.inquiry.label.topic

    @property
    def route_is_right(self) -> bool:
        return self.place == self.inquiry.label.route and self.rounds == self.inquiry.label.rounds


@dataclass(slots=True)
class DemoRun:
    """The inquiries of the folder and their instances in the engine."""

    engine: Engine
    inquiries: Sequence[Inquiry]
    instances: dict[str, int] = field(default_factory=dict[str, int])

    def start_missing(self) -> int:
        """One instance per inquiry that has none yet, begun by its message. How many were begun."""
        by_key = {row.key for row in self.engine.search("process_instance", {"process_id": PROCESS}, page=_ALL).items}
        for row in self.engine.search("variable", {"name": "inquiry"}, page=_ALL).items:
            if row.process_instance_key in by_key and row.scope_key == row.process_instance_key:
                self.instances[str(json.loads(row.value).get("id"))] = row.process_instance_key
        missing = [inquiry for inquiry in self.inquiries if inquiry.id not in self.instances]
        for inquiry in missing:
            _, key = self.engine.correlate_message("customer-inquiry", inquiry.id, inquiry.variables, actor=_ACTOR)
            self.instances[inquiry.id] = key
        return len(missing)

    def work_until_rest(self, at_rest: Callable[[int], None] = lambda _: None, *, stalled_seconds: float = _STALLED_SECONDS) -> bool:
        """Waits while agents and workers work, and answers questions for the customers. False when nothing moves any more
        although something should. `at_rest` is told how many instances rest."""
        before: dict[str, Place] = {}
        moved_at = time.monotonic()
        while True:
            answered = self.answer_questions()
            places = self.places()
            at_rest(sum(place is not Place.MOVING for place in places.values()))
            if not answered and Place.MOVING not in places.values():
                return True
            if answered or places != before or self._agents_work():
                before, moved_at = places, time.monotonic()
            elif time.monotonic() - moved_at > stalled_seconds:
                return False
            time.sleep(0.2)

    def answer_questions(self) -> int:
        """Sends the next scripted answer to each instance that waits for it. How many were sent."""
        sent = 0
        by_id = {inquiry.id: inquiry for inquiry in self.inquiries}
        for wait in self.engine.search("message_subscription", {"name": "customer-answer"}, page=_ALL).items:
            inquiry = by_id.get(wait.correlation_key or "")
            if inquiry is None or self.instances.get(inquiry.id) != wait.process_instance_key:
                continue
            given = self._variable(wait.process_instance_key, "answers") or []
            if len(given) < len(inquiry.answers):
                try:
                    self.engine.correlate_message("customer-answer", inquiry.id, {"answer": inquiry.answers[len(given)]}, actor=_ACTOR)
                    sent += 1
                except NotFound:
                    continue  # it moved on in the meantime
        return sent

    def places(self) -> dict[str, Place]:
        """Where each inquiry's instance is now."""
        of_process = {"process_id": PROCESS}
        rows = {row.key: row for row in self.engine.search("process_instance", of_process, page=_ALL).items}
        tasks = self.engine.search("user_task", {**of_process, "state": "CREATED"}, page=_ALL).items
        waits = self.engine.search("message_subscription", {"name": "customer-answer"}, page=_ALL).items
        found: dict[int, Place] = {wait.process_instance_key: Place.CLARIFICATION for wait in waits if wait.process_instance_key}
        found.update({task.process_instance_key: _PLACE_OF_TASK.get(task.element_id, Place.MOVING) for task in tasks})
        for key, row in rows.items():
            if row.has_incident:
                found[key] = Place.INCIDENT
            elif row.state != "ACTIVE":
                found[key] = Place.ANSWERED if row.state == "COMPLETED" else Place.INCIDENT
        return {inquiry_id: found.get(key, Place.MOVING) for inquiry_id, key in self.instances.items()}

    def outcomes(self) -> list[Outcome]:
        places = self.places()
        result: list[Outcome] = []
        for inquiry in self.inquiries:
            key = self.instances[inquiry.id]
            classification = self._variable(key, "classification")
            topic = classification["value"]["topic"] if isinstance(classification, Mapping) else None
            rounds = len(self._variable(key, "answers") or [])
            result.append(Outcome(inquiry, key, places[inquiry.id], topic, rounds))
        return result

    def incidents(self) -> list[tuple[str, str, str]]:
        """(inquiry, element, message) of every open incident."""
        names = {key: name for name, key in self.instances.items()}
        rows = self.engine.search("incident", {"process_id": PROCESS, "state": "ACTIVE"}, page=_ALL).items
        return [(names.get(row.process_instance_key, "?"), row.element_id, row.message) for row in rows]

    def _agents_work(self) -> bool:
        """True while a worker holds a job: a language model may take its time."""
        return bool(self.engine.search("job", {"process_id": PROCESS, "state": "ACTIVATED"}, page=Page(limit=1)).items)

    def _variable(self, instance_key: int | None, name: str) -> Any:
        wanted = {"process_instance_key": instance_key, "scope_key": instance_key, "name": name}
        rows = self.engine.search("variable", wanted, page=Page(limit=1)).items
        return json.loads(rows[0].value) if rows else None


def read_inquiries(file: Path) -> list[Inquiry]:
    """The labelled inquiries of an example folder."""
    entries = json.loads(file.read_text(encoding="utf-8"))["inquiries"]
    return [_inquiry(entry) for entry in entries]


def count_places(outcomes: Sequence[Outcome]) -> Counter[Place]:
    return Counter(outcome.place for outcome in outcomes)


def _inquiry(entry: Mapping[str, Any]) -> Inquiry:
    told = {name: entry[name] for name in ("id", "customer", "channel", "subject", "text")}
    label = Label(**entry["label"])
    return Inquiry(entry["id"], {"inquiry": told}, tuple(entry["answers"]), label)
