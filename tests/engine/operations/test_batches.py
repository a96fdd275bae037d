"""Does one operation reach all instances that match, each exactly once, and is it written down who asked for it?"""

from __future__ import annotations

import time

import pytest
from sqlalchemy import text
from support.diagrams import process
from support.driving import ANN, deploy, elements, history_commands, incidents, lease, start, state
from support.postgresql import Cluster

from engine.errors import Conflict, NotFound, Rejected
from engine.runtime import Engine


def ended(engine: Engine, batch: int) -> tuple[str, int, int, int]:
    """Its state and counts (total, completed, failed) once it has ended."""
    end = time.monotonic() + 20
    while True:
        row = engine.get("batch_operation", batch)
        if row.ended_at is not None:
            return row.state, row.total, row.completed, row.failed
        assert time.monotonic() < end, "the batch did not end in time"
        time.sleep(0.01)


def items(engine: Engine, batch: int) -> list[tuple[int, str]]:
    return [(row.item_key, row.state) for row in engine.search("batch_operation_item", {"batch_operation_key": batch}).items]


def test_all_matching_instances_are_cancelled(engine: Engine) -> None:
    deploy(engine, process().start().service_task("a").end(), process("other").start().service_task("b").end())
    matching, other = [start(engine) for _ in range(3)], start(engine, "other")

    batch = engine.start_batch("CANCEL_PROCESS_INSTANCE", {"process_id": "process"}, actor=ANN)

    assert ended(engine, batch) == ("COMPLETED", 3, 3, 0)
    assert {state(engine, key) for key in matching} == {"TERMINATED"}
    assert state(engine, other) == "ACTIVE"
    assert items(engine, batch) == [(key, "COMPLETED") for key in matching]
    assert [(r.command, r.actor) for r in engine.history(matching[0])][-1] == ("Cancel", "ann")
    assert engine.get("batch_operation", batch).actor == "ann"


def test_a_refused_item_fails_alone_and_says_why(engine: Engine) -> None:
    deploy(engine, process().start().service_task("a").service_task("b").end())
    one, two = start(engine), start(engine)
    (job,) = [job for job in lease(engine, "a") if job.process_instance_key == two]
    engine.complete_job(job.key, {}, actor=ANN)

    batch = engine.start_batch("MODIFY_PROCESS_INSTANCE", {"process_id": "process"}, {"moves": [["a", "b"]]}, actor=ANN)

    assert ended(engine, batch) == ("COMPLETED", 2, 1, 1)
    assert items(engine, batch) == [(one, "COMPLETED"), (two, "FAILED")]
    (failed,) = engine.search("batch_operation_item", {"batch_operation_key": batch, "state": "FAILED"}).items
    assert failed.error == f"Nothing of 'a' is active in process instance {two}."
    assert elements(engine, one, state="ACTIVE")[-1] == ("b", "ACTIVE")
    assert history_commands(engine, two)[-1] == "CompleteJob"


def test_incidents_of_matching_instances_are_resolved(engine: Engine) -> None:
    deploy(engine, process().start().service_task("a").end())
    instances = [start(engine) for _ in range(3)]
    for job in lease(engine, "a"):
        engine.fail_job(job.key, 0, "broken", actor=ANN)
    assert [len(incidents(engine, key)) for key in instances] == [1, 1, 1]

    batch = engine.start_batch("RESOLVE_INCIDENT", {"key": {"$in": instances[:2]}}, actor=ANN)

    assert ended(engine, batch) == ("COMPLETED", 2, 2, 0)
    assert [len(incidents(engine, key)) for key in instances] == [0, 0, 1]
    assert {job.process_instance_key for job in lease(engine, "a")} == set(instances[:2])


def test_a_batch_suspends_and_another_resumes(engine: Engine) -> None:
    deploy(engine, process().start().service_task("a").end())
    for _ in range(3):
        start(engine)
    assert ended(engine, engine.start_batch("SUSPEND_PROCESS_INSTANCE", {}, actor=ANN))[2] == 3
    assert lease(engine, "a") == []
    assert ended(engine, engine.start_batch("RESUME_PROCESS_INSTANCE", {}, actor=ANN))[2] == 3
    assert len(lease(engine, "a")) == 3


def test_an_ended_instance_is_deleted_with_its_history_and_who_did_it_stays(engine: Engine) -> None:
    deploy(engine, process("child").start().service_task("a").end())
    deploy(engine, process().start().call("calling", "child").end())
    root = start(engine, text="x" * 20_000)
    (child,) = (row.key for row in engine.search("process_instance", {"process_id": "child"}).items)
    with pytest.raises(Conflict, match="active"):
        engine.delete_instance(root, actor=ANN)
    engine.cancel_instance(root, actor=ANN)
    engine.write(
        lambda connection: connection.execute(text("INSERT INTO agent_journal_entry VALUES (:i, 1, 1, 'begun', 0, '{}')"), {"i": child})
    )
    with pytest.raises(Rejected, match=str(root)):
        engine.delete_instance(child, actor=ANN)

    engine.delete_instance(root, actor=ANN)

    for entity in ("process_instance", "element_instance", "variable", "job", "history"):
        assert engine.search(entity).total == 0, entity
    assert engine.read(lambda connection: connection.execute(text("SELECT count(*) FROM agent_journal_entry")).scalar()) == 0
    with pytest.raises(NotFound):
        engine.history(root)
    with pytest.raises(NotFound):
        engine.delete_instance(root, actor=ANN)
    (record,) = engine.search("batch_operation", {"kind": "DELETE_PROCESS_INSTANCE"}).items
    assert (record.actor, record.state, items(engine, record.key)) == ("ann", "COMPLETED", [(root, "COMPLETED")])


def test_a_batch_deletes_only_what_has_ended(engine: Engine) -> None:
    deploy(engine, process().start().service_task("a").end())
    gone, stays = start(engine), start(engine)
    engine.cancel_instance(gone, actor=ANN)

    batch = engine.start_batch("DELETE_PROCESS_INSTANCE", {"process_id": "process"}, actor=ANN)

    assert ended(engine, batch) == ("COMPLETED", 1, 1, 0)
    assert [row.key for row in engine.search("process_instance").items] == [stays]
    assert engine.search("batch_operation").total == 1


def test_a_batch_without_items_has_ended_and_unknown_kinds_are_refused(engine: Engine) -> None:
    assert ended(engine, engine.start_batch("CANCEL_PROCESS_INSTANCE", {"process_id": "none"}, actor=ANN))[:2] == ("COMPLETED", 0)
    with pytest.raises(Rejected, match="CANCEL_PROCESS_INSTANCE"):
        engine.start_batch("EXPLODE", {}, actor=ANN)
    with pytest.raises(Rejected, match="no_such"):
        engine.start_batch("CANCEL_PROCESS_INSTANCE", {"no_such": 1}, actor=ANN)


def test_a_suspended_batch_waits_and_a_cancelled_one_ends(engine: Engine) -> None:
    deploy(engine, process().start().service_task("a").end())
    instance = start(engine)
    engine._batches.stop()
    batch = engine.start_batch("CANCEL_PROCESS_INSTANCE", {}, actor=ANN)
    engine.change_batch(batch, "SUSPENDED", actor=ANN)
    engine._batches.start()
    time.sleep(0.1)
    assert state(engine, instance) == "ACTIVE"
    with pytest.raises(Conflict, match="suspended"):
        engine.change_batch(batch, "SUSPENDED", actor=ANN)

    engine.change_batch(batch, "CANCELED", actor=ANN)

    assert ended(engine, batch) == ("CANCELED", 1, 0, 0)
    assert items(engine, batch) == [(instance, "CANCELED")]
    with pytest.raises(Conflict, match="canceled"):
        engine.change_batch(batch, "ACTIVE", actor=ANN)


def test_a_batch_goes_on_after_a_restart(database_url: str) -> None:
    with Engine(database_url) as before:
        deploy(before, process().start().service_task("a").end())
        instances = [start(before) for _ in range(3)]
        before._batches.stop()
        batch = before.start_batch("CANCEL_PROCESS_INSTANCE", {}, actor=ANN)
    with Engine(database_url) as after:
        assert ended(after, batch) == ("COMPLETED", 3, 3, 0)
        assert {state(after, key) for key in instances} == {"TERMINATED"}


def test_two_engines_share_a_batch_and_do_each_item_once(cluster: Cluster) -> None:
    url = cluster.new_database()
    with Engine(url) as one, Engine(url):
        deploy(one, process().start().service_task("a").end())
        instances = [start(one) for _ in range(120)]

        batch = one.start_batch("SUSPEND_PROCESS_INSTANCE", {}, actor=ANN)

        assert ended(one, batch) == ("COMPLETED", 120, 120, 0)
        assert {tuple(history_commands(one, key)) for key in instances} == {("Create", "SuspendInstance")}
