"""Messages and signals: who receives them, how often, and how long they wait."""

from __future__ import annotations

from datetime import timedelta

import pytest
from support.diagrams import Diagram, process
from support.driving import ANN, deploy, elements, start, state, variables, work

from engine.clock import TestClock
from engine.errors import Conflict, NotFound
from engine.runtime import Engine


def waiting_for_payment() -> Diagram:
    return process().start().catch("paid", message="payment", correlation_key="=order").end()


def test_a_message_reaches_the_instance_with_its_key(engine: Engine) -> None:
    deploy(engine, waiting_for_payment())
    one, two = start(engine, order="A"), start(engine, order="B")

    engine.publish_message("payment", "B", variables={"sum": 5}, actor=ANN)

    assert (state(engine, one), state(engine, two)) == ("ACTIVE", "COMPLETED")
    assert variables(engine, two) == {"order": "B", "sum": 5}
    assert [s.correlation_key for s in engine.search("message_subscription").items] == ["A"]


def test_a_published_message_without_receiver_waits_until_its_time_is_over(engine: Engine, clock: TestClock) -> None:
    deploy(engine, waiting_for_payment())
    engine.publish_message("payment", "A", ttl_ms=60_000, actor=ANN)
    engine.publish_message("payment", "B", ttl_ms=0, actor=ANN)

    early, missed = start(engine, order="A"), start(engine, order="B")
    assert (state(engine, early), state(engine, missed)) == ("COMPLETED", "ACTIVE")

    engine.publish_message("payment", "C", ttl_ms=1000, actor=ANN)
    engine.pin_clock(clock.now() + timedelta(seconds=2))
    assert state(engine, start(engine, order="C")) == "ACTIVE"


def test_a_buffered_message_is_received_once_per_process(engine: Engine) -> None:
    other = process("other").start().catch("paid", message="payment", correlation_key="=order").end()
    deploy(engine, waiting_for_payment(), other)
    engine.publish_message("payment", "A", ttl_ms=60_000, actor=ANN)

    assert [state(engine, start(engine, order="A")) for _ in range(2)] == ["COMPLETED", "ACTIVE"]
    assert [state(engine, start(engine, "other", order="A")) for _ in range(2)] == ["COMPLETED", "ACTIVE"]


def test_a_message_id_is_taken_once_while_it_waits(engine: Engine, clock: TestClock) -> None:
    engine.publish_message("payment", "A", 1000, "id-1", actor=ANN)

    with pytest.raises(Conflict, match="id-1"):
        engine.publish_message("payment", "A", 1000, "id-1", actor=ANN)
    engine.pin_clock(clock.now() + timedelta(seconds=2))
    engine.publish_message("payment", "A", 1000, "id-1", actor=ANN)


def test_correlating_reaches_exactly_one_receiver(engine: Engine) -> None:
    deploy(engine, process().start().catch("heard", message="news").end())
    one, two = start(engine), start(engine)

    _, instance = engine.correlate_message("news", None, {"text": "hi"}, actor=ANN)

    assert instance == one
    assert (state(engine, one), state(engine, two)) == ("COMPLETED", "ACTIVE")
    engine.correlate_message("news", "any key", actor=ANN)
    with pytest.raises(NotFound, match="Nothing waits"):
        engine.correlate_message("news", actor=ANN)


def test_a_message_begins_an_instance_when_none_waits(engine: Engine) -> None:
    deploy(engine, process().start(message="order").service_task("ship").end())

    key, instance = engine.correlate_message("order", "17", {"item": "cup"}, actor=ANN)

    assert key != instance
    assert variables(engine, instance) == {"item": "cup"}
    assert work(engine, "ship") == 1
    assert state(engine, instance) == "COMPLETED"


def test_only_the_newest_version_is_started_by_a_message(engine: Engine) -> None:
    deploy(engine, process().start(message="order").service_task("old").end())
    deploy(engine, process().start(message="order").service_task("new").end())

    engine.publish_message("order", "1", actor=ANN)

    assert (work(engine, "old"), work(engine, "new")) == (0, 1)
    assert engine.search("process_instance").total == 1


def test_a_signal_reaches_everybody(engine: Engine) -> None:
    deploy(
        engine,
        process().start().catch("heard", signal="alarm").end(),
        process("begun").start(signal="alarm").service_task("react").end(),
    )
    waiting = [start(engine) for _ in range(3)]

    engine.broadcast_signal("alarm", {"level": 3}, actor=ANN)

    assert {state(engine, instance) for instance in waiting} == {"COMPLETED"}
    assert work(engine, "react") == 1
    assert variables(engine, waiting[0]) == {"level": 3}


def test_a_non_interrupting_boundary_message_is_heard_again_and_again(engine: Engine) -> None:
    diagram = process().start().user_task("think").end().boundary("asked", on="think", interrupting=False, message="ask").end("noted")
    deploy(engine, diagram)
    instance = start(engine)

    for _ in range(3):
        engine.publish_message("ask", "", actor=ANN)

    assert elements(engine, instance, element_id="noted") == [("noted", "COMPLETED")] * 3
    assert state(engine, instance) == "ACTIVE"


def test_a_subscription_ends_with_its_element(engine: Engine) -> None:
    deploy(engine, process().start().service_task("work").end().boundary("stop", on="work", message="stop").end("stopped"))
    start(engine)
    assert engine.search("message_subscription").total == 1

    work(engine, "work")

    assert engine.search("message_subscription").total == 0
    with pytest.raises(NotFound):
        engine.correlate_message("stop", actor=ANN)
