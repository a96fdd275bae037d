"""Instances: started, called, cancelled, changed from outside, and what readers see of them."""

from __future__ import annotations

import pytest
from support.diagrams import process
from support.driving import ANN, deploy, elements, incidents, lease, start, state, variables, work

from engine.errors import Conflict, NotFound, Rejected
from engine.runtime import Engine, Page


def test_an_instance_can_be_started_by_id_version_and_key(engine: Engine) -> None:
    first = deploy(engine, process().start().service_task("one").end()).process_definitions[0]
    second = deploy(engine, process().start().service_task("two").end()).process_definitions[0]

    assert engine.create_instance(process_id="process", actor=ANN).version == 2
    assert engine.create_instance(process_id="process", version=1, actor=ANN).definition_key == first.key
    assert engine.create_instance(definition_key=second.key, actor=ANN).version == 2
    with pytest.raises(NotFound, match="'nothing'"):
        engine.create_instance(process_id="nothing", actor=ANN)
    with pytest.raises(NotFound, match="version 9"):
        engine.create_instance(process_id="process", version=9, actor=ANN)
    with pytest.raises(Rejected):
        engine.create_instance(actor=ANN)


def test_a_called_process_gets_and_returns_variables(engine: Engine) -> None:
    deploy(engine, process().start().call("sub", "child").end(), process("child").start().service_task("work").end())
    parent = start(engine, given=1)
    [job] = lease(engine, "work")
    child = engine.get("process_instance", job.process_instance_key)

    assert (child.process_id, child.parent_process_instance_key, child.root_process_instance_key) == ("child", parent, parent)
    assert job.variables == {"given": 1}
    engine.complete_job(job.key, {"found": 2}, actor=ANN)

    assert (state(engine, child.key), state(engine, parent)) == ("COMPLETED", "COMPLETED")
    assert variables(engine, parent) == {"given": 1, "found": 2}


def test_cancelling_the_root_ends_the_called_instances(engine: Engine) -> None:
    deploy(
        engine,
        process().start().call("sub", "child").end(),
        process("child").start().call("deeper", "leaf").end(),
        process("leaf").start().service_task("work").end(),
    )
    root = start(engine)
    [job] = lease(engine, "work")

    with pytest.raises(Rejected, match="cancel its root"):
        engine.cancel_instance(job.process_instance_key, actor=ANN)
    engine.cancel_instance(root, actor=ANN)

    assert {row.state for row in engine.search("process_instance").items} == {"TERMINATED"}
    assert engine.search("element_instance", {"state": "ACTIVE"}).total == 0
    assert engine.get("job", job.key).state == "CANCELED"


def test_an_incident_in_a_called_instance_shows_on_its_callers(engine: Engine) -> None:
    deploy(engine, process().start().call("sub", "child").end(), process("child").start().service_task("work").end())
    root = start(engine)
    [job] = lease(engine, "work")
    engine.fail_job(job.key, 0, "broken", actor=ANN)

    assert engine.get("process_instance", root).has_incident
    assert engine.search("process_instance", {"has_incident": True}).total == 2
    engine.cancel_instance(root, actor=ANN)
    assert engine.search("process_instance", {"has_incident": True}).total == 0
    assert engine.search("incident", {"state": "ACTIVE"}).total == 0


def test_a_process_that_calls_itself_without_end_becomes_an_incident(engine: Engine) -> None:
    deploy(engine, process().start().call("again", "process").end())
    root = start(engine)

    [incident] = engine.search("incident", {"state": "ACTIVE"}).items
    assert incident.kind == "CALLED_ELEMENT_ERROR" and "call" in incident.message
    assert engine.get("process_instance", root).has_incident
    deploy(engine, process("other").start().service_task("work").end())
    start(engine, "other")
    assert work(engine, "work") == 1
    engine.cancel_instance(root, actor=ANN)
    assert engine.search("process_instance", {"state": "ACTIVE"}).total == 0


def test_a_bpmn_error_leaves_the_called_process(engine: Engine) -> None:
    deploy(
        engine,
        process().start().call("sub", "child").end("good").boundary("caught", on="sub", error="oops").end("bad"),
        process("child").start().end("thrown", error="oops"),
    )
    instance = start(engine)

    assert state(engine, instance) == "COMPLETED"
    assert ("bad", "COMPLETED") in elements(engine, instance)


def test_variables_are_set_from_outside(engine: Engine) -> None:
    deploy(engine, process().start().user_task("think", inputs={"local": "=1"}).end())
    instance = start(engine, known=1)
    [scope] = [row.key for row in engine.search("element_instance", {"process_instance_key": instance, "element_id": "think"}).items]

    engine.set_variables(scope, {"known": 2, "local": 3}, actor=ANN)
    engine.set_variables(scope, {"known": 4}, True, actor=ANN)

    assert variables(engine, instance) == {"known": 2}
    assert variables(engine, instance, scope) == {"local": 3, "known": 4}
    assert engine.evaluate_expression("=known + local", scope_key=scope).value == 7
    assert engine.evaluate_expression("known + x", {"x": 1}, scope_key=instance).value == 3
    with pytest.raises(NotFound):
        engine.set_variables(99, {"a": 1}, actor=ANN)
    with pytest.raises(Rejected):
        engine.evaluate_expression("=1 +")


def test_variables_of_an_ended_scope_stay_as_they_are(engine: Engine) -> None:
    deploy(engine, process().start().service_task("work").service_task("more").end())
    instance = start(engine)
    [scope] = [row.key for row in engine.search("element_instance", {"element_id": "work"}).items]
    work(engine, "work")

    with pytest.raises(Conflict, match="ended"):
        engine.set_variables(scope, {"a": 1}, actor=ANN)
    assert variables(engine, instance) == {}


def test_a_large_value_is_stored_once_and_read_whole(engine: Engine) -> None:
    text = "x" * 50_000
    deploy(engine, process().start().service_task("work").end())
    instance = start(engine, one=text, two=text)

    assert variables(engine, instance) == {"one": text, "two": text}
    with engine.database.reading() as connection:
        assert engine.database.rows(connection, "SELECT count(*) FROM value_blob")[0][0] == 1
    assert lease(engine, "work")[0].variables == {"one": text, "two": text}


def test_an_incident_of_the_kernel_is_resolved_by_repeating_what_failed(engine: Engine) -> None:
    deploy(engine, process().start().script_task("script", '=assert(amount, amount > 5, "too small")', "checked").end())
    instance = start(engine, amount=1)
    [incident] = incidents(engine, instance)

    engine.resolve_incident(incident.key, actor=ANN)
    [again] = incidents(engine, instance)
    assert again.key != incident.key

    engine.set_variables(instance, {"amount": 7}, actor=ANN)
    engine.resolve_incident(again.key, actor=ANN)
    assert state(engine, instance) == "COMPLETED"
    assert not engine.get("process_instance", instance).has_incident


def test_history_tells_every_step(engine: Engine) -> None:
    deploy(engine, process().start().service_task("work").gateway("big").when("=sum > 10").end("yes").at("big").otherwise().end("no"))
    instance = start(engine, sum=1)
    work(engine, "work", sum=11)

    records = engine.history(instance)

    assert [(record.seq, record.command, record.actor) for record in records] == [(1, "Create", "ann"), (2, "CompleteJob", "worker")]
    assert [element["id"] for element in records[1].facts["elements"]] == ["work", "big", "yes", "process"]
    assert records[1].facts["variables"] == [{"scope": instance, "name": "sum", "value": 11}]
    assert len(engine.sequence_flows(instance)) == 3
    with pytest.raises(NotFound):
        engine.history(1)


def test_a_loop_costs_the_same_on_every_turn(engine: Engine) -> None:
    diagram = process().start().service_task("work").gateway("again").when("=turn < 30").to("work").at("again").otherwise().end()
    deploy(engine, diagram)
    instance = start(engine)
    for turn in range(1, 31):
        assert work(engine, "work", turn=turn) == 1
    assert state(engine, instance) == "COMPLETED"
    assert engine.search("element_instance", {"process_instance_key": instance, "element_id": "work"}, page=Page(limit=5)).total == 30


def test_a_parallel_multi_instance_runs_every_item(engine: Engine) -> None:
    deploy(
        engine,
        process().start().service_task("work", each="=items", element="item", collect=("results", "=result")).end(),
    )
    instance = start(engine, items=list(range(20)))
    jobs = lease(engine, "work")
    for job in reversed(jobs):
        engine.complete_job(job.key, {"result": job.variables["item"] * 2}, actor=ANN)

    assert state(engine, instance) == "COMPLETED"
    assert variables(engine, instance)["results"] == [number * 2 for number in range(20)]


def test_cancelling_a_multi_instance_ends_all_its_children(engine: Engine) -> None:
    deploy(
        engine,
        process()
        .start()
        .service_task("work", each="=items", element="item")
        .end()
        .boundary("stop", on="work", message="stop")
        .end("stopped"),
    )
    instance = start(engine, items=list(range(50)))
    engine.correlate_message("stop", actor=ANN)

    assert state(engine, instance) == "COMPLETED"
    assert {job.state for job in engine.search("job").items} == {"CANCELED"}
