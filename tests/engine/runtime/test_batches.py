"""Many commands at once: each is applied alone, all are committed together, and nobody suffers from a neighbour."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Connection, text
from support.diagrams import process
from support.driving import ANN, WORKER, deploy, lease, start, state, variables

from engine.errors import Busy, Conflict, NotFound, StorageUnavailable
from engine.runtime import Engine, Notice
from engine.runtime import requests as ask
from engine.store.invariants import violations


def in_one_batch(engine: Engine, requests: list[ask.Request]) -> list[Future[Any]]:
    """Holds the processor back until all requests wait."""
    gate = threading.Event()
    taken = threading.Event()

    def hold(_: Notice) -> None:
        taken.set()
        gate.wait(10)

    stop = engine.subscribe(hold)
    deploy(engine, process("gate").start().end())
    holder = threading.Thread(target=start, args=(engine, "gate"))
    holder.start()
    assert taken.wait(10)
    try:
        return [engine.submit(request, actor=ANN) for request in requests]
    finally:
        stop()
        gate.set()
        holder.join()


def test_a_failing_command_does_not_harm_its_neighbours(engine: Engine) -> None:
    deploy(engine, process().start().service_task("work").end())
    instances = [start(engine) for _ in range(4)]
    jobs = lease(engine, "work")

    futures = in_one_batch(
        engine,
        [
            ask.CompleteJobRequest(jobs[0].key, {"a": 1}),
            ask.CompleteJobRequest(1, {}),
            ask.FailJob(jobs[1].key, -1, "", 0),
            ask.CompleteJobRequest(jobs[2].key, {"a": 3}),
        ],
    )

    assert [type(future.exception()).__name__ for future in futures] == ["NoneType", "NotFound", "Rejected", "NoneType"]
    assert [state(engine, instance) for instance in instances] == ["COMPLETED", "ACTIVE", "COMPLETED", "ACTIVE"]
    assert violations(engine.database) == []


def test_commands_for_one_instance_see_each_other(engine: Engine) -> None:
    deploy(engine, process().start().parallel("fork").service_task("a").parallel("join").end().at("fork").service_task("b").to("join"))
    instance = start(engine)
    [a], [b] = lease(engine, "a"), lease(engine, "b")

    futures = in_one_batch(
        engine,
        [
            ask.SetVariablesRequest(instance, {"x": 1}),
            ask.CompleteJobRequest(a.key, {"x": 2}),
            ask.CompleteJobRequest(a.key, {"x": 99}),
            ask.CompleteJobRequest(b.key, {"y": 3}),
        ],
    )

    assert [type(future.exception()).__name__ for future in futures] == ["NoneType", "NoneType", "NotFound", "NoneType"]
    assert state(engine, instance) == "COMPLETED"
    assert variables(engine, instance) == {"x": 2, "y": 3}
    assert [record.seq for record in engine.history(instance)] == [1, 2, 3, 4]
    assert violations(engine.database) == []


def test_a_step_that_breaks_halfway_leaves_no_trace(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    deploy(engine, process().start().service_task("work").service_task("more").end())
    instances = [start(engine) for _ in range(2)]
    jobs = lease(engine, "work")
    original = engine._processor.batch.writer.close_step
    broken = instances[0]

    def close_step(step: Any) -> None:
        if step.cell.key == broken:
            raise RuntimeError("in the middle of a step")
        original(step)

    monkeypatch.setattr(engine._processor.batch.writer, "close_step", close_step)
    futures = in_one_batch(engine, [ask.CompleteJobRequest(job.key, {"a": 1}) for job in jobs])
    assert [type(future.exception()).__name__ for future in futures] == ["RuntimeError", "NoneType"]
    monkeypatch.undo()

    assert variables(engine, instances[0]) == {}
    assert engine.search("job", {"type": "more"}).total == 1
    assert violations(engine.database) == []
    engine.complete_job(jobs[0].key, {"a": 2}, lease=jobs[0].lease, actor=WORKER)
    assert variables(engine, instances[0]) == {"a": 2}
    assert violations(engine.database) == []


def test_a_batch_that_cannot_be_written_is_tried_command_by_command(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    deploy(engine, process().start().service_task("work").end())
    instances = [start(engine) for _ in range(3)]
    jobs = lease(engine, "work")
    original = engine._processor.batch.workspace.flush

    def flush() -> None:
        if any(
            (row[0], row[5]) == (instances[1], "CompleteJob") for row in engine._processor.batch.workspace.changes.pending("history_record")
        ):
            raise RuntimeError("this row cannot be written")
        original()

    monkeypatch.setattr(engine._processor.batch.workspace, "flush", flush)
    futures = in_one_batch(engine, [ask.CompleteJobRequest(job.key, {}) for job in jobs])

    assert [type(future.exception()).__name__ for future in futures] == ["NoneType", "RuntimeError", "NoneType"]
    monkeypatch.undo()
    assert [state(engine, instance) for instance in instances] == ["COMPLETED", "ACTIVE", "COMPLETED"]
    assert violations(engine.database) == []


def test_of_many_completions_of_one_job_exactly_one_counts(engine: Engine) -> None:
    deploy(engine, process().start().service_task("work").service_task("more").end())
    start(engine)
    [job] = lease(engine, "work")

    def complete(number: int) -> str:
        try:
            engine.complete_job(job.key, {"winner": number}, actor=WORKER)
        except (NotFound, Conflict):
            return "refused"
        return "done"

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(complete, range(32)))

    assert sorted(answers) == ["done", *["refused"] * 31]
    assert engine.search("job", {"type": "more"}).total == 1


def test_of_many_messages_for_one_subscription_exactly_one_is_received(engine: Engine) -> None:
    deploy(engine, process().start().catch("wait", message="go", correlation_key="=id").end())
    instance = start(engine, id="7")

    def correlate(number: int) -> str:
        try:
            engine.correlate_message("go", "7", {"winner": number}, actor=WORKER)
        except NotFound:
            return "refused"
        return "done"

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(correlate, range(32)))

    assert sorted(answers) == ["done", *["refused"] * 31]
    assert state(engine, instance) == "COMPLETED"


def test_a_full_queue_says_so_at_once(database_url: str) -> None:
    with Engine(database_url, queue_limit=2) as engine:
        deploy(engine, process().start().service_task("work").end())
        with pytest.raises(Busy):
            in_one_batch(engine, [ask.CreateInstance("process", None, None, {}) for _ in range(3)])
        deadline = time.monotonic() + 10
        while engine.search("process_instance", {"process_id": "process"}).total < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
        start(engine)


def test_nothing_is_accepted_after_the_end_and_before_the_start(database_url: str) -> None:
    engine = Engine(database_url)
    with pytest.raises(StorageUnavailable, match="start it first"):
        deploy(engine, process().start().end())
    with engine:
        deploy(engine, process().start().end())
    with pytest.raises(StorageUnavailable):
        start(engine)
    with pytest.raises(StorageUnavailable):
        engine.search("job")


def test_notices_follow_the_commit(engine: Engine) -> None:
    deploy(engine, process().start().service_task("work").user_task("look").end())
    heard: list[Notice] = []
    seen: list[int] = []

    def listen(notice: Notice) -> None:
        heard.append(notice)
        if notice.kind == "job" and not engine.database.is_in_memory:
            seen.append(engine.search("job", {"type": notice.type}).total)

    stop = engine.subscribe(listen)
    instance = start(engine)
    [job] = lease(engine, "work")
    engine.complete_job(job.key, {}, actor=WORKER)
    stop()
    start(engine)

    assert [notice.kind for notice in heard] == ["instance", "job", "instance", "user_task"]
    assert heard[1] == Notice("job", "work", instance)
    assert seen == [1]


def test_a_subscriber_that_fails_harms_nobody(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    def fail(_: Notice) -> None:
        raise ValueError("deaf")

    engine.subscribe(fail)
    deploy(engine, process().start().service_task("work").end())
    start(engine)
    start(engine)  # the first one's notices are sent before this one is answered
    assert "deaf" in caplog.text


def test_other_rooms_write_in_the_same_commit_and_only_their_failure_is_taken_back(engine: Engine) -> None:
    def pin(at: int) -> Any:
        def work(connection: Connection) -> int:
            connection.execute(text("INSERT INTO clock_pin (id, pinned_at) VALUES (:at, :at)"), {"at": at})
            if at == 2:
                raise ValueError("not this one")
            return at

        return work

    deploy(engine, process().start().service_task("work").end())
    futures = in_one_batch(
        engine, [ask.Write(pin(1)), ask.Write(pin(2)), ask.CreateInstance("process", None, None, {}), ask.Write(pin(1)), ask.Write(pin(3))]
    )

    assert [type(future.exception()).__name__ for future in futures] == ["NoneType", "ValueError", "NoneType", "IntegrityError", "NoneType"]
    assert engine.write(lambda connection: connection.execute(text("SELECT count(*) FROM clock_pin")).scalar()) == 2
    assert engine.read(lambda connection: connection.execute(text("SELECT count(*) FROM job")).scalar()) == 1


def test_everybody_gets_an_answer_when_the_engine_stops(database_url: str) -> None:
    answers: list[str] = []
    with Engine(database_url) as engine:
        deploy(engine, process().start().service_task("work").end())

        def drive() -> None:
            while True:
                try:
                    start(engine)
                    answers.append("done")
                except StorageUnavailable:
                    answers.append("stopped")
                    return

        threads = [threading.Thread(target=drive) for _ in range(8)]
        for thread in threads:
            thread.start()
        time.sleep(0.3)
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive()
    with Engine(database_url) as engine:
        assert engine.search("process_instance").total == answers.count("done") > 0
    assert answers.count("stopped") == 8
