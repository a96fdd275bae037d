"""A step costs the same whatever else is stored: no statement of the hot path reads a whole table (SQLite's query plans)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection
from support.diagrams import process
from support.driving import ANN, WORKER, deploy, lease, start, user_task, work

from engine.clock import TestClock
from engine.runtime import Changeset, Engine
from engine.store.database import Database, Rows

# Nothing that grows is read: the requests of one statement, constants and partial indexes of what is due or waits.
ALLOWED = re.compile(r"SCAN (chain|wanted|\d+ CONSTANT ROWS?|CONSTANT ROW)")


@pytest.fixture
def database_url(tmp_path: Any) -> str:
    return f"sqlite:///{tmp_path / 'engine.db'}"


def test_no_step_reads_a_whole_table(engine: Engine, clock: TestClock, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, Sequence[Any]] = {}
    for name in ("rows", "run", "many"):
        original = getattr(Database, name)

        def watch(self: Database, connection: Connection, sql: str, values: Any = (), original: Any = original, name: str = name) -> Rows:
            if sql.lstrip().upper().startswith(("SELECT", "WITH", "UPDATE", "DELETE")):
                seen[sql] = values[0] if name == "many" else values
            result: Rows = original(self, connection, sql, values)
            return result

        monkeypatch.setattr(Database, name, watch)

    deploy(
        engine,
        process()
        .start()
        .service_task("work", retries="2")
        .catch("paid", message="payment", correlation_key="=order")
        .user_task("look", candidate_groups="sales")
        .call("sub", "child")
        .service_task("each", each="=[1, 2, 3]", collect=("all", "=1"))
        .catch("pause", timer="PT1M")
        .end()
        .boundary("nag", on="look", interrupting=False, cycle="R/PT1H")
        .end("nagged"),
        process("child").start().service_task("inside").end(),
    )
    instance = start(engine, order="A", large="x" * 20_000)
    [job] = lease(engine, "work")
    engine.fail_job(job.key, 0, "broken", actor=WORKER)
    [incident] = engine.search("incident").items
    engine.resolve_incident(incident.key, actor=ANN)
    work(engine, "work")
    engine.publish_message("payment", "A", 1000, "id", actor=ANN)
    task = user_task(engine, instance).key
    engine.claim_user_task(task, "ann", actor=ANN)
    engine.update_user_task(task, Changeset(candidate_groups=["it"]), actor=ANN)
    engine.pin_clock(clock.now() + timedelta(hours=2))
    engine.set_variables(instance, {"x": 1}, actor=ANN)
    engine.complete_user_task(task, actor=ANN)
    work(engine, "inside")
    work(engine, "each")
    engine.pin_clock(clock.now() + timedelta(minutes=2))
    assert engine.get("process_instance", instance).state == "COMPLETED"
    cancelled = start(engine, order="B")
    engine.cancel_instance(cancelled, actor=ANN)
    monkeypatch.undo()

    assert len(seen) > 25
    with engine.database.reading() as connection:
        for sql, values in seen.items():
            plan = [row[3] for row in engine.database.rows(connection, f"EXPLAIN QUERY PLAN {sql}", list(values))]
            scans = [line for line in plan if line.startswith("SCAN") and not ALLOWED.match(line) and "USING" not in line]
            assert not scans, f"{scans}: {sql}"
