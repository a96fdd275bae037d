"""Agents on the real engine: deployed with the diagram, pinned, journalled in its database."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from support.agent_jobs import agent_job
from support.diagrams import process
from support.model_server import ModelServer, answer, failure
from support.postgresql import Cluster, binaries

from agent_tasks import resource_kinds
from agent_tasks.engine_jobs import EngineJobs
from agent_tasks.errors import RunTaken
from agent_tasks.journal import DatabaseJournal, EntryKind, RunOrigin, RunRef
from agent_tasks.runner import Workshop
from agent_tasks.worker import AgentWorker, worker_for_engine, workshop
from engine.errors import DeploymentRefused
from engine.runtime.facade import Engine
from engine.runtime.inputs import Actor, Resource
from engine.store.rows import Page

ACTOR = Actor("tester")


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    found = binaries()
    if found is None:
        pytest.skip("PostgreSQL IS NOT INSTALLED: half of these tests do not run. Install it (Debian: apt-get install postgresql).")
    running = Cluster(found)
    running.start()
    yield running
    running.remove()


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    is_sqlite = request.param == "sqlite"
    url = f"sqlite:///{tmp_path}/engine.db" if is_sqlite else request.getfixturevalue("cluster").new_database()
    with Engine(url, resource_kinds=resource_kinds()) as engine:
        yield engine


def diagram(agent: str = "classify") -> Resource:
    inputs = {"text": "=inquiry"}
    xml = process("p").start().agent_task("work", agent=agent, result="result", inputs=inputs).user_task("look").end().xml()
    return Resource("p.bpmn", xml)


def agent_files(jobs: Any) -> list[Resource]:
    return [Resource(f"{id}.{kind}.yaml", content) for (kind, id), content in jobs.files.items()]


def variables(engine: Engine, instance: int) -> dict[str, Any]:
    return {row.name: orjson.loads(row.value) for row in engine.search("variable", {"process_instance_key": instance}).items}


def wait_until(condition: Any, seconds: float = 30.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


def start(engine: Engine, text: str = "I want my money back") -> int:
    return engine.create_instance(process_id="p", variables={"inquiry": text}, actor=ACTOR).key


def offline(engine: Engine, **settings: Any) -> AgentWorker:
    return worker_for_engine(engine, shop=workshop({}), **settings)


def test_an_agent_task_runs_and_its_outcome_lands_in_the_result_variable(engine: Engine, jobs: Any):
    engine.deploy([diagram(), *agent_files(jobs)], actor=ACTOR)
    worker = offline(engine).start()
    instance = start(engine)
    assert wait_until(lambda: engine.search("user_task", {"process_instance_key": instance}).total == 1)
    outcome = variables(engine, instance)["result"]
    assert outcome["value"]["topic"] == "refund"
    assert outcome["confidenceSource"] == "calibrated"
    journal = DatabaseJournal(engine)
    [run] = journal.runs({"process_instance_key": instance}).items
    assert (run.status, run.agent_id, run.element_id, run.attempt, run.risk) == ("COMPLETED", "classify", "work", 1, outcome["risk"])
    assert str(run.key) == outcome["runKey"]
    assert [e.kind for e in journal.entries(run.key)] == ["RUN_STARTED", "FUNCTION_CALL", "FUNCTION_RESULT", "OUTCOME"]
    notes = journal.entries(run.key)[2].data["notes"]
    assert notes["quality"]["held_out"] > 0
    assert worker.stop()


def test_an_instance_keeps_the_agent_that_was_deployed_with_its_definition(engine: Engine, jobs: Any):
    engine.deploy([diagram(), *agent_files(jobs)], actor=ACTOR)
    old = start(engine)
    changed = jobs.files["agent", "classify"].replace(b"name: Inquiry classifier", b"name: Second version")
    engine.deploy([Resource("classify.agent.yaml", changed)], actor=ACTOR)
    worker = offline(engine).start()
    assert wait_until(lambda: "result" in variables(engine, old))
    assert variables(engine, old)["result"]["agent"]["name"] == "Inquiry classifier"
    engine.deploy([diagram().__class__("p.bpmn", diagram().content + b"<!-- 2 -->"), Resource("classify.agent.yaml", changed)], actor=ACTOR)
    new = start(engine)
    assert wait_until(lambda: "result" in variables(engine, new))
    assert variables(engine, new)["result"]["agent"]["name"] == "Second version"
    assert variables(engine, new)["result"]["agent"]["version"] == 2
    assert worker.stop()


def test_a_broken_agent_file_refuses_the_whole_deployment_with_its_line(engine: Engine, jobs: Any):
    jobs.files["agent", "classify"] += b"limits: {tokns: 3}\n"
    with pytest.raises(DeploymentRefused) as refused:
        engine.deploy([diagram(), *agent_files(jobs)], actor=ACTOR)
    [problem] = [p for p in refused.value.problems if p.severity == "error"]
    assert (problem.file, problem.line) == ("classify.agent.yaml", 10)
    assert engine.search("process_definition", {}).total == 0


def test_a_failing_agent_becomes_an_incident_that_can_be_resolved(engine: Engine, jobs: Any):
    engine.deploy([diagram("triage"), *agent_files(jobs)], actor=ACTOR)
    worker = offline(engine).start()
    instance = start(engine)
    assert wait_until(lambda: engine.search("incident", {"process_instance_key": instance}).total == 1)
    [incident] = engine.search("incident", {"process_instance_key": instance}).items
    assert "GATEWISE_MODEL" in incident.message
    assert worker.stop()
    with ModelServer([answer({"topic": "refund"})]) as server:
        worker = worker_for_engine(engine, shop=workshop(server.environment)).start()
        engine.update_job(incident.job_key, retries=1, actor=ACTOR)
        engine.resolve_incident(incident.key, actor=ACTOR)
        assert wait_until(lambda: "result" in variables(engine, instance))
        assert worker.stop()
    runs = DatabaseJournal(engine).runs({"process_instance_key": instance}, sort=[("attempt", "asc")]).items
    assert [(run.attempt, run.status) for run in runs] == [(1, "FAILED"), (2, "COMPLETED")]


def test_a_model_that_fails_for_a_while_is_asked_again_after_a_pause(engine: Engine, jobs: Any):
    jobs.files["agent", "triage"] = jobs.files["agent", "triage"].replace(b"backoff_seconds: 1", b"backoff_seconds: 0.1")
    engine.deploy([diagram("triage"), *agent_files(jobs)], actor=ACTOR)
    with ModelServer([failure(503), failure(429), answer({"topic": "refund"})]) as server:
        worker = worker_for_engine(engine, shop=workshop(server.environment)).start()
        instance = start(engine)
        assert wait_until(lambda: "result" in variables(engine, instance))
        assert worker.stop()
        assert len(server.requests) == 3
        assert len({request.idempotency_key for request in server.requests}) == 1
    [run] = DatabaseJournal(engine).runs({"process_instance_key": instance}).items
    assert (run.model_calls, run.failures, run.input_tokens) == (3, 2, 100)


def test_sixty_instances_are_worked_by_four_threads(engine: Engine, jobs: Any):
    engine.deploy([diagram(), *agent_files(jobs)], actor=ACTOR)
    worker = offline(engine, threads=4).start()
    for number in range(60):
        start(engine, f"the app crashes, number {number}")
    assert wait_until(lambda: engine.search("user_task", {"state": "CREATED"}).total == 60, 30)
    assert worker.stop()
    assert DatabaseJournal(engine).runs({"status": "COMPLETED"}).total == 60


def test_a_cancelled_instance_stops_the_run(engine: Engine, jobs: Any):
    engine.deploy([diagram("triage"), *agent_files(jobs)], actor=ACTOR)
    with ModelServer([answer({"topic": "refund"}, wait=3)]) as server:
        worker = worker_for_engine(engine, shop=workshop(server.environment), lease_ms=600).start()
        instance = start(engine)
        assert wait_until(lambda: len(server.requests) == 1)
        engine.cancel_instance(instance, actor=ACTOR)
        assert wait_until(lambda: worker.running == 0, 2.5)
        assert worker.stop()
    assert engine.get("process_instance", instance).state == "TERMINATED"


def test_after_a_crash_the_jobs_of_the_worker_before_are_taken_back_at_once(tmp_path: Path, jobs: Any):
    with Engine(f"sqlite:///{tmp_path}/e.db", resource_kinds=resource_kinds()) as engine:
        engine.deploy([diagram(), *agent_files(jobs)], actor=ACTOR)
        instance = start(engine)
        [held] = EngineJobs(engine).activate("server", 600_000, 1, 0)  # and then its process was killed
        assert held.process_instance_key == instance
        worker = offline(engine).start()
        assert wait_until(lambda: "result" in variables(engine, instance))
        assert worker.stop()


def test_two_engines_on_one_postgresql_share_the_work_and_run_each_job_once(cluster: Cluster, jobs: Any):
    url = cluster.new_database()
    with Engine(url, resource_kinds=resource_kinds()) as one, Engine(url, resource_kinds=resource_kinds()) as other:
        one.deploy([diagram(), *agent_files(jobs)], actor=ACTOR)
        workers = [offline(engine, threads=2, name=name).start() for engine, name in ((one, "one"), (other, "other"))]
        for number in range(30):
            start(one if number % 2 else other, f"the app crashes, number {number}")
        assert wait_until(lambda: one.search("user_task", {"state": "CREATED"}).total == 30)
        assert all(worker.stop() for worker in workers)
        runs = DatabaseJournal(one).runs({}).items
        assert [run.status for run in runs] == ["COMPLETED"] * 30
        assert {run.worker for run in runs} == {"one", "other"}
        assert {run.entry_count for run in runs} == {4}


def test_a_worker_that_is_stopped_in_the_middle_of_a_call_leaves_the_run_to_the_next(engine: Engine, jobs: Any):
    engine.deploy([diagram("triage"), *agent_files(jobs)], actor=ACTOR)
    with ModelServer(lambda request: answer({"topic": "refund"}, wait=4.0 if request.number == 1 else 0.0)) as server:
        first = worker_for_engine(engine, shop=workshop(server.environment), name="first", lease_ms=1000).start()
        instance = start(engine)
        assert wait_until(lambda: len(server.requests) == 1)
        began = time.monotonic()
        assert first.stop(timeout=0.2) is False
        assert time.monotonic() - began < 3
        second = worker_for_engine(engine, shop=workshop(server.environment), name="second").start()
        assert wait_until(lambda: "result" in variables(engine, instance))
        assert second.stop()
        assert len({request.idempotency_key for request in server.requests}) == 1
    [run] = DatabaseJournal(engine).runs({"process_instance_key": instance}).items
    assert (run.status, run.worker, run.attempt, run.model_calls) == ("COMPLETED", "second", 1, 2)
    kinds = [entry.kind for entry in DatabaseJournal(engine).entries(run.key)]
    assert kinds.count(EntryKind.CALL_UNKNOWN) + kinds.count(EntryKind.CALL_FAILED) == 1


# ---------------------------------------------------------------- the journal itself


def origin(job: int = 5) -> RunOrigin:
    return RunOrigin(7, 8, "work", "p", 9, job, "classify", "Classifier", 1, "a" * 64, 3, "w")


def test_the_journal_gives_the_same_run_until_it_failed(engine: Engine):
    journal = DatabaseJournal(engine)
    first = journal.open(origin())
    journal.append(first.ref, 1, EntryKind.RUN_STARTED, {"inputs": {"ü": "€\u2028"}, "mode": "model", "model": "m"})
    again = DatabaseJournal(engine).open(origin())
    assert again.ref == first.ref
    assert [(e.seq, e.kind, e.data["inputs"]) for e in again.entries] == [(1, EntryKind.RUN_STARTED, {"ü": "€\u2028"})]
    journal.append(first.ref, 2, EntryKind.FAILURE, {"code": "X", "message": "y"})
    other = journal.open(origin())
    assert (other.attempt, other.entries) == (2, ())
    assert other.ref.key != first.ref.key
    run = journal.run(first.ref.key)
    assert run is not None
    assert (run.status, run.error, run.model, run.entry_count) == ("FAILED", "X: y", "m", 2)
    assert run.ended_at is not None


def test_an_entry_that_exists_already_is_refused(engine: Engine):
    journal = DatabaseJournal(engine)
    run = journal.open(origin()).ref
    journal.append(run, 1, EntryKind.RUN_STARTED, {})
    for seq in (1, 3, 0):
        with pytest.raises(RunTaken):
            journal.append(run, seq, EntryKind.RESUMED, {})
    journal.append(run, 2, EntryKind.OUTCOME, {"confidence": 0.5, "risk": "low"})
    with pytest.raises(RunTaken):
        journal.append(run, 3, EntryKind.RESUMED, {})
    with pytest.raises(RunTaken):
        journal.append(RunRef(7, 12345), 1, EntryKind.RESUMED, {})


def test_many_threads_append_to_many_runs(engine: Engine):
    journal = DatabaseJournal(engine)

    def work(number: int) -> None:
        run = journal.open(origin(number)).ref
        for seq in range(1, 6):
            journal.append(run, seq, EntryKind.MODEL_REQUEST if seq < 5 else EntryKind.OUTCOME, {"call": seq})

    threads = [threading.Thread(target=work, args=(n,)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = journal.runs({"agent_id": "classify"}, page=Page(limit=50))
    assert found.total == 20
    assert len({run.key for run in found.items}) == 20
    assert all((run.model_calls, run.status) == (4, "COMPLETED") for run in found.items)


def test_runs_are_found_by_their_columns_and_paged(engine: Engine):
    journal = DatabaseJournal(engine)
    for number in range(5):
        journal.open(origin(number))
    assert journal.runs({"status": {"$in": ["RUNNING", "FAILED"]}}, page=Page(3, 10)).total == 5
    assert len(journal.runs({"status": {"$in": ["RUNNING", "FAILED"]}}, page=Page(3, 10)).items) == 2
    assert journal.runs({"agent_id": "other"}).total == 0
    assert journal.entries(999) == ()
    assert journal.run(999) is None


def test_the_tables_are_those_of_the_migration(engine: Engine):
    from sqlalchemy import inspect

    from agent_tasks.journal.schema import metadata

    with engine.database.reading() as connection:
        found = inspect(connection)
        for table in metadata.sorted_tables:
            there = {column["name"]: (column["nullable"], str(column["type"])) for column in found.get_columns(table.name)}
            meant = {c.name: (bool(c.nullable), str(c.type.compile(connection.dialect))) for c in table.columns}
            assert there == meant
            indexes = {str(index["name"]): tuple(index["column_names"]) for index in found.get_indexes(table.name)}
            assert indexes == {str(index.name): tuple(c.name for c in index.columns) for index in table.indexes}


def test_an_unused_shop_needs_no_environment():
    assert Workshop(workshop({}).models).models.find("default") is None
    assert agent_job().key == 1
