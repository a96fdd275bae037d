"""Timers: each fires once, never early, in order."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from support.diagrams import process
from support.driving import ANN, deploy, elements, start, state, user_task, work

from engine.clock import TestClock
from engine.errors import Rejected
from engine.runtime import Engine

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


def test_a_timer_fires_when_it_is_due_and_not_before(engine: Engine) -> None:
    deploy(engine, process().start().catch("wait", timer="PT1H").end())
    instance = start(engine)

    engine.pin_clock(NOON + timedelta(minutes=59, seconds=59))
    assert state(engine, instance) == "ACTIVE"

    engine.pin_clock(NOON + timedelta(hours=1))
    assert state(engine, instance) == "COMPLETED"
    assert engine.search("timer").total == 0


def test_timers_on_the_way_fire_in_order_at_their_own_time(engine: Engine) -> None:
    deploy(engine, process().start().catch("first", timer="PT10M").catch("second", timer="PT20M").end())
    instance = start(engine)

    engine.pin_clock(NOON + timedelta(hours=5))

    ended = {row.element_id: row.end_date for row in engine.search("element_instance", {"process_instance_key": instance}).items}
    assert ended["first"] == NOON + timedelta(minutes=10)
    assert ended["second"] == NOON + timedelta(minutes=30)
    assert engine.clock.now() == NOON + timedelta(hours=5)


def test_a_cycle_fires_as_often_as_it_says(engine: Engine) -> None:
    diagram = process().start().user_task("think").end().boundary("nag", on="think", interrupting=False, cycle="R3/PT10M").end("nagged")
    deploy(engine, diagram)
    instance = start(engine)

    engine.pin_clock(NOON + timedelta(minutes=25))
    assert len(elements(engine, instance, element_id="nagged")) == 2
    engine.pin_clock(NOON + timedelta(days=1))
    assert len(elements(engine, instance, element_id="nagged")) == 3
    assert engine.search("timer").total == 0


def test_a_completed_task_takes_its_timers_with_it(engine: Engine) -> None:
    diagram = process().start().user_task("think").end().boundary("nag", on="think", interrupting=False, cycle="R/PT10M").end("nagged")
    deploy(engine, diagram)
    instance = start(engine)
    engine.pin_clock(NOON + timedelta(minutes=15))

    engine.complete_user_task(user_task(engine, instance).key, actor=ANN)
    engine.pin_clock(NOON + timedelta(days=1))

    assert len(elements(engine, instance, element_id="nagged")) == 1
    assert engine.search("timer").total == 0


def test_a_timer_start_event_begins_instances_of_the_newest_version(engine: Engine) -> None:
    deploy(engine, process().start(cycle="R/PT1H").service_task("old").end())
    deploy(engine, process().start(cycle="R/PT1H").service_task("new").end())

    engine.pin_clock(NOON + timedelta(hours=3, minutes=30))

    assert engine.search("process_instance").total == 3
    assert (work(engine, "old"), work(engine, "new")) == (0, 3)
    [timer] = engine.search("timer").items
    assert timer.due == NOON + timedelta(hours=4)


def test_a_hundred_timers_due_together_all_fire(engine: Engine) -> None:
    deploy(engine, process().start().catch("wait", timer="PT1M").end())
    instances = [start(engine) for _ in range(100)]

    engine.pin_clock(NOON + timedelta(minutes=1))

    assert {state(engine, instance) for instance in instances} == {"COMPLETED"}


def test_with_the_running_clock_a_timer_fires_by_itself(database_url: str) -> None:
    with Engine(database_url) as engine:
        deploy(engine, process().start().catch("wait", timer="PT0.2S").end())
        instance = start(engine)
        deadline = time.monotonic() + 10
        while state(engine, instance) == "ACTIVE" and time.monotonic() < deadline:
            time.sleep(0.02)
        assert state(engine, instance) == "COMPLETED"
        [row] = engine.search("element_instance", {"process_instance_key": instance, "element_id": "wait"}).items
        assert timedelta(seconds=0.2) <= row.end_date - row.start_date < timedelta(seconds=5)


def test_what_was_due_while_the_engine_was_down_fires_after_the_start(database_url: str) -> None:
    clock = TestClock(NOON)
    with Engine(database_url, clock=clock) as engine:
        deploy(engine, process().start().catch("wait", timer="PT1H").end())
        instance = start(engine)
    clock.pin(NOON + timedelta(hours=2))
    with Engine(database_url, clock=clock) as engine:
        deadline = time.monotonic() + 10
        while state(engine, instance) == "ACTIVE" and time.monotonic() < deadline:
            time.sleep(0.02)
        assert state(engine, instance) == "COMPLETED"


def test_a_pinned_clock_stays_pinned_over_a_restart_until_it_is_reset(database_url: str) -> None:
    with Engine(database_url, clock=TestClock()) as engine:
        engine.pin_clock(NOON)
        engine.pin_clock(NOON + timedelta(days=1))
    with Engine(database_url, clock=TestClock()) as engine:
        assert engine.clock.now() == NOON + timedelta(days=1)
        engine.reset_clock()
        assert engine.clock.now() < NOON
    with Engine(database_url, clock=TestClock()) as engine:
        assert engine.clock.now() < NOON
    with Engine(database_url) as engine, pytest.raises(Rejected, match="test clock"):
        engine.pin_clock(NOON)
