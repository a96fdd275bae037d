"""Real processes killed with SIGKILL while agents work: the run goes on, and no recorded reply is asked for again."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.diagrams import process
from support.model_server import ModelRequest, ModelServer, Step, answer
from support.rest_server import eventually, running

from agent_tasks import resource_kinds
from agent_tasks.journal import DatabaseJournal, EntryKind, JournalEntry
from api.settings import Settings
from engine.runtime.facade import Engine
from engine.runtime.inputs import Actor, Resource

ACTOR = Actor("tester")
CHILD = Path(__file__).parent.parent / "support" / "agent_child.py"


def script(request: ModelRequest) -> Step:
    """The first call of every run is answered with nonsense, the others well."""
    is_first = str(request.idempotency_key).endswith("-1")
    return answer({"topic": "nonsense" if is_first else "refund"}, wait=0.05)


@pytest.fixture
def model() -> Iterator[ModelServer]:
    with ModelServer(script) as server:
        yield server


def child(where: str, kill_after: int, model: ModelServer) -> "subprocess.Popen[bytes]":
    environment = {**os.environ, **model.environment, "PYTHONPATH": str(CHILD.parent.parent.parent)}
    return subprocess.Popen([sys.executable, str(CHILD), where, str(kill_after)], env=environment)


def files(jobs: Any) -> list[tuple[str, bytes]]:
    triage = jobs.files["agent", "triage"].replace(b"model_calls: 6", b"model_calls: 60")
    xml = (
        process("p").start().agent_task("work", agent="triage", result="result", inputs={"text": "=inquiry"}).user_task("look").end().xml()
    )
    return [("p.bpmn", xml), ("triage.agent.yaml", triage)]


def check_journal(entries: tuple[JournalEntry, ...], model: ModelServer) -> None:
    """What must hold of the journal of a completed run, whatever happened to the processes that wrote it."""
    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
    kinds = [entry.kind for entry in entries]
    assert kinds.count(EntryKind.RUN_STARTED) == 1
    assert kinds.count(EntryKind.OUTCOME) == 1
    assert kinds[-1] is EntryKind.OUTCOME
    assert [entry.data["call"] for entry in entries if entry.kind is EntryKind.MODEL_REPLY] == [1, 2]
    assert [entry.data["call"] for entry in entries if entry.kind is EntryKind.SCHEMA_ERROR] == [1]
    requests = [entry for entry in entries if entry.kind is EntryKind.MODEL_REQUEST]
    unknown = [entry for entry in entries if entry.kind is EntryKind.CALL_UNKNOWN]
    assert len(requests) == 2 + len(unknown)
    for call in (1, 2):
        [key] = {entry.data["idempotencyKey"] for entry in requests if entry.data["call"] == call}
        answered = model.replied.get(key, 0)
        asked_in_vain = sum(entry.data["call"] == call for entry in unknown)
        assert 1 <= answered <= 1 + asked_in_vain, "a recorded reply was asked for again"


def test_a_process_killed_after_each_journal_entry_in_turn_finishes_the_run(tmp_path: Path, jobs: Any, model: ModelServer):
    url = f"sqlite:///{tmp_path}/e.db"
    with Engine(url, resource_kinds=resource_kinds()) as engine:
        engine.deploy([Resource(name, content) for name, content in files(jobs)], actor=ACTOR)
        instance = engine.create_instance(process_id="p", variables={"inquiry": "money back"}, actor=ACTOR).key
    killed = 0
    for kill_after in range(1, 12):
        code = child(url, kill_after, model).wait(60)
        if code == 0:
            break
        assert code == -signal.SIGKILL
        killed += 1
    assert killed >= 3
    with Engine(url, resource_kinds=resource_kinds()) as engine:
        [task] = engine.search("user_task", {"process_instance_key": instance}).items
        assert task.state == "CREATED"
        [run] = DatabaseJournal(engine).runs({"process_instance_key": instance}).items
        entries = DatabaseJournal(engine).entries(run.key)
    assert (run.status, run.attempt) == ("COMPLETED", 1)
    assert [entry.kind for entry in entries].count(EntryKind.RESUMED) >= killed - 1
    check_journal(entries, model)
    assert set(model.replied.values()) == {1}  # killed only behind durable entries: no reply was on its way, none is paid twice


def test_workers_beside_the_server_killed_at_random_moments_lose_nothing(tmp_path: Path, jobs: Any, model: ModelServer):
    chance = random.Random(20261120)
    settings = Settings(database_url=f"sqlite:///{tmp_path}/s.db", auth="none", with_worker=False)
    with running(settings) as server, server.client() as client:
        from support.rest_server import deploy

        deploy(client, *files(jobs))
        for number in range(8):
            client.post("/v2/process-instances", json={"processDefinitionId": "p", "variables": {"inquiry": f"money back {number}"}})
        engine = server.app.state.engine
        for _ in range(3):
            one = child(server.url, chance.randint(3, 14), model)
            time.sleep(chance.uniform(2.0, 5.0))
            one.kill()
            one.wait()
        last = child(server.url, 0, model)
        try:
            eventually(lambda: engine.search("user_task", {"state": "CREATED"}).total == 8, 60)
        finally:
            last.kill()
            last.wait()
        journal = DatabaseJournal(engine)
        runs = journal.runs({}).items
        assert [run.status for run in runs] == ["COMPLETED"] * 8
        for run in runs:
            check_journal(journal.entries(run.key), model)
