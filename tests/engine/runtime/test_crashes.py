"""Processes are killed at any instant: what was acknowledged stays, nothing happens twice, nothing is left half done.

`GATEWISE_KILLS` sets how many times the process is killed (default 6); the seed is printed.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from support.diagrams import process
from support.driving import deploy, work

from engine.runtime import Engine, Page
from engine.store.invariants import violations

ROOT = Path(__file__).parents[3]
KILLS = int(os.environ.get("GATEWISE_KILLS", "6"))


def test_a_killed_engine_loses_nothing_and_repeats_nothing(database_url: str, tmp_path: Path) -> None:
    seed = int(os.environ.get("GATEWISE_SEED", time.time_ns() % 100_000))
    print(f"seed {seed}")
    dice = random.Random(seed)
    log = tmp_path / "acknowledged.jsonl"
    with Engine(database_url) as engine:
        deploy(
            engine,
            process().start().service_task("one", type="work").service_task("two", type="work").end(),
            process("begun").start(message="order").service_task("react", type="work").end(),
        )

    for kill in range(KILLS):
        run_and_kill(database_url, log, seed + kill, dice.uniform(0.05, 0.8))

    with Engine(database_url) as engine:
        acknowledged = [json.loads(line) for line in log.read_text().splitlines()]
        did = Counter(entry["did"] for entry in acknowledged)
        assert did["create"] > 0 and did["complete"] > 0 and did["message"] > 0, did
        check_nothing_lost(engine, acknowledged)
        check_nothing_repeated(engine)
        assert violations(engine.database) == []
        while work(engine, "work"):
            pass
        assert engine.search("process_instance", {"state": "ACTIVE"}).total == 0
        assert violations(engine.database) == []


def test_the_check_notices_an_engine_that_forgets(tmp_path: Path) -> None:
    """The negative control of the test above."""
    url, log = f"sqlite:///{tmp_path / 'engine.db'}", tmp_path / "acknowledged.jsonl"
    with Engine(url) as engine:
        deploy(
            engine,
            process().start().service_task("one", type="work").service_task("two", type="work").end(),
            process("begun").start(message="order").service_task("react", type="work").end(),
        )

    run_and_kill(url, log, 1, 1.5, sabotage="forget-commits")

    with Engine(url) as engine, pytest.raises(AssertionError):
        check_nothing_lost(engine, [json.loads(line) for line in log.read_text().splitlines()])


def run_and_kill(url: str, log: Path, seed: int, seconds: float, sabotage: str = "") -> None:
    """Lets the child work for some time from its first acknowledgement on, then kills it."""
    before = log.stat().st_size if log.exists() else 0
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}", "GATEWISE_SABOTAGE": sabotage}
    child = subprocess.Popen([sys.executable, "-m", "support.crash_child", url, str(log), str(seed)], env=environment, cwd=ROOT)
    try:
        deadline = time.monotonic() + 60
        while (not log.exists() or log.stat().st_size == before) and time.monotonic() < deadline:
            assert child.poll() is None, "the child ended by itself"
            time.sleep(0.01)
        time.sleep(seconds)
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()


def everything(engine: Engine, entity: str, **filter: Any) -> list[Any]:
    found: list[Any] = []
    cursor: str | None = None
    while True:
        page = engine.search(entity, filter, [("key", "asc")], Page(limit=1000, after=cursor))
        if not page.items:
            return found
        found.extend(page.items)
        cursor = page.end_cursor


def check_nothing_lost(engine: Engine, acknowledged: list[dict[str, Any]]) -> None:
    instances = {row.key for row in everything(engine, "process_instance")}
    completed = {row.key for row in everything(engine, "job", state="COMPLETED")}
    orders = Counter(json.loads(row.value) for row in everything(engine, "variable", name="order"))
    for entry in acknowledged:
        match entry["did"]:
            case "create":
                assert entry["key"] in instances, entry
            case "complete":
                assert entry["key"] in completed, entry
            case "message":
                assert orders[entry["order"]] == 1, entry


def check_nothing_repeated(engine: Engine) -> None:
    orders = Counter(row.value for row in everything(engine, "variable", name="order"))
    ids = Counter(row.value for row in everything(engine, "variable", name="id"))
    assert max(orders.values(), default=1) == 1 and max(ids.values(), default=1) == 1
    for row in everything(engine, "process_instance", process_id="process"):
        jobs = Counter(job.element_id for job in everything(engine, "job", process_instance_key=row.key))
        assert max(jobs.values()) == 1, row
        assert jobs["two"] == (
            1 if engine.search("job", {"process_instance_key": row.key, "element_id": "one", "state": "COMPLETED"}).total else 0
        )
