"""User tasks: who has them, what changes of them, and what is written down."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from support.diagrams import process
from support.driving import ANN, deploy, start, state, user_task, variables

from engine.errors import Conflict, NotFound, Rejected
from engine.runtime import Actor, Changeset, Engine

BOB = Actor("bob")


def given_a_task(engine: Engine, **options: str) -> tuple[int, int]:
    deploy(engine, process().start().user_task("approve", **options).end())
    instance = start(engine)
    return instance, user_task(engine, instance).key


def test_a_user_task_shows_what_the_diagram_says(engine: Engine) -> None:
    instance, key = given_a_task(engine, candidate_groups="sales,legal", candidate_users="ann", priority="80", due="2030-02-01T00:00:00Z")

    task = engine.get("user_task", key)

    assert (task.candidate_groups, task.candidate_users, task.priority) == (("sales", "legal"), ("ann",), 80)
    assert task.due_date == datetime(2030, 2, 1, tzinfo=UTC)
    assert (task.process_id, task.process_instance_key, task.version) == ("process", instance, 1)


def test_tasks_are_found_by_their_candidates(engine: Engine) -> None:
    _, key = given_a_task(engine, candidate_groups="sales,legal", candidate_users="ann")

    def found(**filter: object) -> list[int]:
        return [task.key for task in engine.search("user_task", filter).items]

    assert found(candidate_group="legal") == [key]
    assert found(candidate_group={"$in": ["it", "sales"]}) == [key]
    assert found(candidate_group="it") == []
    assert found(candidate_user="ann") == [key]
    assert found(**{"$or": [{"assignee": "ann"}, {"candidate_user": "ann"}]}) == [key]


def test_claiming_what_somebody_else_has_is_a_conflict(engine: Engine) -> None:
    _, key = given_a_task(engine)
    engine.claim_user_task(key, "bob", actor=BOB)

    with pytest.raises(Conflict, match="bob"):
        engine.claim_user_task(key, "carol", actor=Actor("carol"))
    engine.claim_user_task(key, "bob", actor=BOB)

    engine.unassign_user_task(key, actor=BOB)
    engine.claim_user_task(key, "carol", actor=Actor("carol"))
    assert engine.get("user_task", key).assignee == "carol"


def test_a_completed_task_says_who_did_what_and_when(engine: Engine) -> None:
    instance, key = given_a_task(engine)
    engine.assign_user_task(key, "bob", actor=ANN)
    engine.complete_user_task(key, {"approved": True}, "approve", actor=BOB)

    task = engine.get("user_task", key)
    assert (task.state, task.completed_by, task.action) == ("COMPLETED", "bob", "approve")
    assert task.completion_date == engine.clock.now()
    assert state(engine, instance) == "COMPLETED"
    assert variables(engine, instance) == {"approved": True}
    actions = [(record.actor, record.facts["action"].get("action")) for record in engine.history(instance) if "action" in record.facts]
    assert actions == [("ann", "assign"), ("bob", "approve")]


def test_a_finished_task_cannot_be_changed(engine: Engine) -> None:
    _, key = given_a_task(engine)
    engine.complete_user_task(key, actor=BOB)

    for change in (
        lambda: engine.complete_user_task(key, actor=BOB),
        lambda: engine.claim_user_task(key, "bob", actor=BOB),
        lambda: engine.update_user_task(key, Changeset(priority=1), actor=BOB),
    ):
        with pytest.raises(Conflict, match="finished"):
            change()
    with pytest.raises(NotFound):
        engine.complete_user_task(17, actor=BOB)


def test_dates_candidates_and_priority_change_alone(engine: Engine) -> None:
    _, key = given_a_task(engine, candidate_groups="sales", candidate_users="ann")
    due = datetime(2031, 5, 5, tzinfo=UTC)

    engine.update_user_task(key, Changeset(due_date=due, candidate_groups=["legal", "sales"], priority=7), actor=BOB)

    task = engine.get("user_task", key)
    assert (task.due_date, task.candidate_groups, task.candidate_users, task.priority) == (due, ("legal", "sales"), ("ann",), 7)
    assert [t.key for t in engine.search("user_task", {"candidate_group": "legal"}).items] == [key]

    engine.update_user_task(key, Changeset(due_date=None, candidate_groups=[]), actor=BOB)
    task = engine.get("user_task", key)
    assert (task.due_date, task.candidate_groups) == (None, ())
    assert engine.search("user_task", {"candidate_group": "sales"}).items == []
    with pytest.raises(Rejected):
        engine.update_user_task(key, Changeset(priority=101), actor=BOB)
    with pytest.raises(Rejected):
        engine.update_user_task(key, Changeset(), actor=BOB)


def test_an_interrupted_task_is_canceled(engine: Engine) -> None:
    diagram = process().start().user_task("approve").end().boundary("late", on="approve", timer="PT1H").end("escalated")
    deploy(engine, diagram)
    instance = start(engine)
    key = user_task(engine, instance).key

    engine.pin_clock(datetime(2030, 1, 1, 13, tzinfo=UTC))

    assert engine.get("user_task", key).state == "CANCELED"
    assert state(engine, instance) == "COMPLETED"
