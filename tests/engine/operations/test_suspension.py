"""Does a suspended instance stand still, and does it catch up when it is resumed?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from support.diagrams import process
from support.driving import ANN, deploy, elements, history_commands, lease, start, state, user_task, work

from engine.clock import TestClock
from engine.errors import Conflict, NotFound, Rejected
from engine.runtime import Engine


def test_jobs_of_a_suspended_instance_are_not_offered(engine: Engine) -> None:
    deploy(engine, process().start().service_task("a").end())
    asleep, awake = start(engine), start(engine)

    engine.suspend_instance(asleep, actor=ANN)

    assert [job.process_instance_key for job in lease(engine, "a")] == [awake]
    engine.resume_instance(asleep, actor=ANN)
    assert [job.process_instance_key for job in lease(engine, "a")] == [asleep]


def test_a_leased_job_is_not_completed_while_its_instance_is_suspended(engine: Engine) -> None:
    deploy(engine, process().start().service_task("a").end())
    instance = start(engine)
    (job,) = lease(engine, "a")
    engine.suspend_instance(instance, actor=ANN)

    with pytest.raises(Conflict, match="suspended since 2030"):
        engine.complete_job(job.key, {}, lease=job.lease, actor=ANN)
    engine.fail_job(job.key, 2, "no luck", lease=job.lease, actor=ANN)
    assert lease(engine, "a") == []

    engine.resume_instance(instance, actor=ANN)
    assert work(engine, "a") == 1
    assert state(engine, instance) == "COMPLETED"


def test_timers_wait_and_catch_up(engine: Engine, clock: TestClock) -> None:
    deploy(engine, process().start().service_task("a").end().boundary("late", on="a", timer="PT1H").end("missed"))
    instance = start(engine)
    engine.suspend_instance(instance, actor=ANN)

    engine.pin_clock(clock.now() + timedelta(hours=2))
    assert state(engine, instance) == "ACTIVE"

    engine.resume_instance(instance, actor=ANN)
    engine.pin_clock(clock.now())
    assert state(engine, instance) == "COMPLETED"
    assert ("missed", "COMPLETED") in elements(engine, instance)


def test_messages_that_wait_are_received_when_it_is_resumed(engine: Engine) -> None:
    deploy(engine, process().start().catch("paid", message="payment", correlation_key="=order").end())
    instance = start(engine, order="A")
    engine.suspend_instance(instance, actor=ANN)

    engine.publish_message("payment", "A", ttl_ms=0, actor=ANN)
    engine.publish_message("payment", "A", ttl_ms=60_000, actor=ANN)
    with pytest.raises(NotFound, match="payment"):
        engine.correlate_message("payment", "A", actor=ANN)
    assert state(engine, instance) == "ACTIVE"

    engine.resume_instance(instance, actor=ANN)
    assert state(engine, instance) == "COMPLETED"


def test_signals_pass_a_suspended_instance_by(engine: Engine) -> None:
    deploy(engine, process().start().catch("go", signal="go").end())
    instance = start(engine)
    engine.suspend_instance(instance, actor=ANN)
    engine.broadcast_signal("go", actor=ANN)
    engine.resume_instance(instance, actor=ANN)
    assert state(engine, instance) == "ACTIVE"
    engine.broadcast_signal("go", actor=ANN)
    assert state(engine, instance) == "COMPLETED"


def test_user_tasks_of_a_suspended_instance_are_not_completed(engine: Engine) -> None:
    deploy(engine, process().start().user_task("approve").end())
    instance = start(engine)
    task = user_task(engine, instance)
    engine.suspend_instance(instance, actor=ANN)

    with pytest.raises(Conflict, match="resume"):
        engine.complete_user_task(task.key, actor=ANN)
    engine.assign_user_task(task.key, "bob", actor=ANN)

    engine.resume_instance(instance, actor=ANN)
    engine.complete_user_task(task.key, actor=ANN)
    assert state(engine, instance) == "COMPLETED"


def test_called_instances_stand_still_with_their_root(engine: Engine) -> None:
    deploy(engine, process("child").start().service_task("a").end())
    deploy(engine, process().start().call("calling", "child").end())
    root = start(engine)
    child = engine.search("process_instance", {"process_id": "child"}).items[0]

    with pytest.raises(Rejected, match=str(root)):
        engine.suspend_instance(child.key, actor=ANN)
    engine.suspend_instance(root, actor=ANN)
    assert lease(engine, "a") == []
    assert engine.get("process_instance", child.key).suspended_at == engine.clock.now()

    engine.resume_instance(root, actor=ANN)
    assert work(engine, "a") == 1
    assert (state(engine, root), state(engine, child.key)) == ("COMPLETED", "COMPLETED")


def test_history_says_who_suspended_it(engine: Engine) -> None:
    deploy(engine, process().start().service_task("a").end())
    instance = start(engine)
    engine.suspend_instance(instance, actor=ANN)
    with pytest.raises(Conflict, match="already"):
        engine.suspend_instance(instance, actor=ANN)
    engine.resume_instance(instance, actor=ANN)
    with pytest.raises(Conflict, match="not suspended"):
        engine.resume_instance(instance, actor=ANN)

    assert history_commands(engine, instance) == ["Create", "SuspendInstance", "ResumeInstance"]
    assert {record.actor for record in engine.history(instance)} == {"ann"}


def test_a_suspended_instance_can_be_cancelled(engine: Engine) -> None:
    deploy(engine, process().start().catch("paid", message="payment", correlation_key="=order").end())
    instance = start(engine, order="A")
    engine.suspend_instance(instance, actor=ANN)
    engine.cancel_instance(instance, actor=ANN)
    assert state(engine, instance) == "TERMINATED"
