"""Does a running instance go on in another version, and is it said beforehand what keeps it from that?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from support.diagrams import Diagram, process
from support.driving import ANN, deploy, elements, incidents, lease, start, state, user_task, variables, work

from engine.clock import TestClock
from engine.errors import Conflict, NotFound, Rejected
from engine.runtime import Engine


def two(engine: Engine, first: Diagram, second: Diagram, **given: object) -> tuple[int, int]:
    """An instance of the first version, and the key of the second."""
    deploy(engine, first)
    instance = start(engine, first.id, **given)
    deploy(engine, second)
    newest = engine.search("process_definition", {"process_id": second.id, "is_latest": True}).items[0]
    return instance, newest.key


def reasons(engine: Engine, instance: int, target: int, **mapping: str) -> list[tuple[str, str]]:
    return [(obstacle.element_id, obstacle.reason) for obstacle in engine.plan_migration(instance, target, mapping)]


def test_a_job_keeps_its_key_and_its_lease_under_its_new_name(engine: Engine) -> None:
    first = process().start().service_task("a").end()
    second = process().start().service_task("b", type="a").service_task("more").end()
    instance, target = two(engine, first, second, x=1)
    (job,) = lease(engine, "a")

    assert reasons(engine, instance, target, a="b") == []
    engine.migrate_instance(instance, target, {"a": "b"}, actor=ANN)

    row = engine.get("process_instance", instance)
    assert (row.definition_key, row.version) == (target, 2)
    assert elements(engine, instance, state="ACTIVE") == [("process", "ACTIVE"), ("b", "ACTIVE")]
    assert engine.get("job", job.key).element_id == "b"
    engine.complete_job(job.key, {"y": 2}, lease=job.lease, actor=ANN)
    assert work(engine, "more") == 1
    assert state(engine, instance) == "COMPLETED"
    assert variables(engine, instance) == {"x": 1, "y": 2}


def test_history_says_who_migrated_it_and_what_became_of_what(engine: Engine) -> None:
    instance, target = two(engine, process().start().user_task("a").end(), process().start().user_task("b").end())
    source = engine.get("process_instance", instance).definition_key
    engine.migrate_instance(instance, target, {"a": "b"}, actor=ANN)

    record = engine.history(instance)[-1]
    assert (record.command, record.actor) == ("MigrateInstance", "ann")
    assert record.facts["action"] == {"from": source, "to": target, "elements": {"a": "b"}}
    engine.complete_user_task(user_task(engine, instance, element_id="b").key, actor=ANN)
    assert state(engine, instance) == "COMPLETED"


def test_the_verdict_says_for_each_element_why_it_does_not_fit(engine: Engine) -> None:
    first = process().start().parallel("fork").service_task("a").end("e1").at("fork").service_task("b").end("e2").at("fork")
    first = first.sub_process("sub").start("s").service_task("c").end("e3").done().end("e4")
    second = process().start().parallel("fork").user_task("a").end("e1").at("fork").service_task("c").end("e2")
    instance, target = two(engine, first, second)

    assert ("sub", "The target definition has no element 'missing'.") in reasons(engine, instance, target, sub="missing")
    found = dict(reasons(engine, instance, target))
    assert found["a"] == "'a' is a service task, 'a' a user task."
    assert found["b"].startswith("The target definition has no element 'b': map 'b'")
    assert "sub" in found and found["c"] == "'c' lies in 'sub' after the migration, but 'c' lies in 'process'."

    before = engine.get("process_instance", instance)
    with pytest.raises(Conflict, match=r"and 3 more"):
        engine.migrate_instance(instance, target, {}, actor=ANN)
    assert engine.get("process_instance", instance) == before


def test_unknown_targets_and_the_same_definition_are_refused(engine: Engine) -> None:
    deploy(engine, process().start().service_task("a").end())
    instance = start(engine)
    with pytest.raises(Rejected, match="already"):
        engine.plan_migration(instance, engine.get("process_instance", instance).definition_key, {})
    with pytest.raises(NotFound, match="12345"):
        engine.migrate_instance(instance, 12345, {}, actor=ANN)


def test_an_unchanged_timer_keeps_its_time_and_a_changed_one_begins_anew(engine: Engine, clock: TestClock) -> None:
    def version(kept: str, changed: str) -> Diagram:
        made = process().start().service_task("a").end()
        made = made.boundary(kept, on="a", timer="PT2H", interrupting=False).end("kept_end")
        return made.boundary("changed", on="a", timer=changed, interrupting=False).end("changed_end")

    instance, target = two(engine, version("kept", "PT1H"), version("renamed", "PT3H"))
    begin = clock.now()
    before = {row.due - begin: row.key for row in engine.search("timer", {"process_instance_key": instance}).items}
    engine.pin_clock(begin + timedelta(minutes=30))

    engine.migrate_instance(instance, target, {"kept": "renamed"}, actor=ANN)

    after = {row.due - begin: row.key for row in engine.search("timer", {"process_instance_key": instance}).items}
    assert set(after) == {timedelta(hours=2), timedelta(hours=3, minutes=30)}
    assert after[timedelta(hours=2)] == before[timedelta(hours=2)]
    engine.pin_clock(begin + timedelta(hours=2))
    assert ("kept_end", "COMPLETED") in elements(engine, instance)
    assert ("changed_end", "COMPLETED") not in elements(engine, instance)


def test_boundary_events_that_are_new_open_and_those_that_are_gone_close(engine: Engine) -> None:
    first = process().start().service_task("a").end().boundary("old", on="a", message="old", correlation_key="=k").end("by_old")
    second = process().start().service_task("a").end().boundary("new", on="a", message="new", correlation_key="=k").end("by_new")
    instance, target = two(engine, first, second, k="K")

    engine.migrate_instance(instance, target, {}, actor=ANN)

    assert [(s.name, s.correlation_key) for s in engine.search("message_subscription").items] == [("new", "K")]
    engine.publish_message("new", "K", actor=ANN)
    assert state(engine, instance) == "COMPLETED"
    assert ("by_new", "COMPLETED") in elements(engine, instance)


def test_a_new_event_that_cannot_be_awaited_is_an_obstacle(engine: Engine) -> None:
    first = process().start().service_task("a").end()
    second = process().start().service_task("a").end().boundary("paid", on="a", message="paid", correlation_key="=order").end("e")
    instance, target = two(engine, first, second)
    (obstacle,) = engine.plan_migration(instance, target, {})
    assert obstacle.element_id == "a" and "'paid'" in obstacle.reason and "order" in obstacle.reason
    assert engine.search("message_subscription").total == 0


def test_a_message_that_waits_is_received_by_the_event_opened_anew(engine: Engine) -> None:
    first = process().start().catch("paid", message="payment", correlation_key="=order").end()
    second = process().start().catch("paid", message="transfer", correlation_key="=order").end()
    instance, target = two(engine, first, second, order="A")
    engine.publish_message("transfer", "A", ttl_ms=60_000, actor=ANN)
    engine.migrate_instance(instance, target, {}, actor=ANN)
    assert state(engine, instance) == "COMPLETED"


def joined(tail: str, **flows: str) -> Diagram:
    made = process().start().parallel("fork").service_task("a").flow(flows.get("a", "fa")).parallel("join").service_task(tail).end()
    return made.at("fork").service_task("b").flow(flows.get("b", "fb")).to("join")


def test_tokens_wait_at_the_join_of_the_new_version(engine: Engine) -> None:
    instance, target = two(engine, joined("old"), joined("new"))
    work(engine, "a")

    engine.migrate_instance(instance, target, {}, actor=ANN)

    assert work(engine, "b") == 1
    assert work(engine, "new") == 1
    assert state(engine, instance) == "COMPLETED"


def test_a_token_at_a_join_needs_its_flow(engine: Engine) -> None:
    instance, target = two(engine, joined("old"), joined("new", a="other"))
    work(engine, "a")
    (found,) = reasons(engine, instance, target)
    assert found[0] == "process" and "on the flow 'fa'" in found[1]
    assert reasons(engine, instance, target, fa="other") == []
    engine.migrate_instance(instance, target, {"fa": "other"}, actor=ANN)
    work(engine, "b")
    assert work(engine, "new") == 1


def test_loops_sub_processes_and_called_instances_go_on(engine: Engine) -> None:
    deploy(engine, process("child").start().service_task("inner").end())

    def version(*ids: str) -> Diagram:
        many, sub, calling = ids
        made = process().start().parallel("fork").service_task(many, type="m", times="=3").end("e1").at("fork")
        made = made.sub_process(sub, each="=items", element="item").start("s").user_task("t").end("e2").done().end("e3").at("fork")
        return made.call(calling, "child").end("e4")

    instance, target = two(engine, version("m1", "s1", "c1"), version("m2", "s2", "c2"), items=[1, 2])
    assert work(engine, "m") == 3

    engine.migrate_instance(instance, target, {"m1": "m2", "s1": "s2", "c1": "c2"}, actor=ANN)

    assert work(engine, "inner") == 1
    for _ in range(2):
        engine.complete_user_task(user_task(engine, instance).key, actor=ANN)
    assert state(engine, instance) == "COMPLETED"


def test_an_incident_is_resolved_in_the_new_version(engine: Engine) -> None:
    first = process().start().gateway("choose").when("=missing.x > 1").end("yes").at("choose").when("=x > 1").end("no")
    second = process().start().gateway("decide").otherwise().end("yes")
    instance, target = two(engine, first, second)
    (incident,) = incidents(engine, instance)

    engine.migrate_instance(instance, target, {"choose": "decide"}, actor=ANN)
    assert incidents(engine, instance)[0].element_id == "decide"
    engine.resolve_incident(incident.key, actor=ANN)
    assert state(engine, instance) == "COMPLETED"


def test_conditions_and_event_sub_processes_belong_to_the_new_version(engine: Engine) -> None:
    first = process().start().service_task("a").end().boundary("big", on="a", condition="=x > 10").end("was_big")
    second = process().start().service_task("a").end().boundary("large", on="a", condition="=x > 5").end("was_large")
    second = second.event_sub_process("help").start("called", message="help", correlation_key="=k").end("helped").done()
    instance, target = two(engine, first, second, x=1, k="K")

    engine.migrate_instance(instance, target, {"big": "large"}, actor=ANN)

    assert [s.name for s in engine.search("message_subscription").items] == ["help"]
    engine.set_variables(instance, {"x": 7}, actor=ANN)
    assert state(engine, instance) == "COMPLETED"
    assert ("was_large", "COMPLETED") in elements(engine, instance)


def test_a_suspended_instance_is_migrated_and_goes_on_when_it_is_resumed(engine: Engine) -> None:
    instance, target = two(engine, process().start().service_task("a").end(), process().start().service_task("b", type="a").end())
    engine.suspend_instance(instance, actor=ANN)
    engine.migrate_instance(instance, target, {"a": "b"}, actor=ANN)
    assert lease(engine, "a") == []
    engine.resume_instance(instance, actor=ANN)
    assert work(engine, "a") == 1
    assert state(engine, instance) == "COMPLETED"


def test_a_condition_that_holds_already_happens_in_the_new_version(engine: Engine) -> None:
    first = process().start().user_task("t", each="=items", element="i", collect=("seen", "=i")).end()
    second = process().start().user_task("t", each="=items", element="i", collect=("seen", "=i")).end()
    second = second.boundary("enough", on="t", condition="=total > 5").end("stopped")
    instance, target = two(engine, first, second, items=[1, 2], total=9)
    engine.complete_user_task(user_task(engine, instance).key, actor=ANN)

    engine.migrate_instance(instance, target, {}, actor=ANN)

    assert state(engine, instance) == "COMPLETED"
    assert ("stopped", "COMPLETED") in elements(engine, instance)
