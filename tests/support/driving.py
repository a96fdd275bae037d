"""How does a test drive the engine? Deploys diagrams, does the jobs of a type, and reads what happened."""

from __future__ import annotations

from typing import Any

from support.diagrams import Diagram

from engine.runtime import ActivatedJob, Actor, Deployment, Engine, Resource
from engine.store.json_text import loads

ANN = Actor("ann")
WORKER = Actor("worker", "worker")


def deploy(engine: Engine, *diagrams: Diagram) -> Deployment:
    return engine.deploy([Resource(f"{diagram.id}.bpmn", diagram.xml()) for diagram in diagrams], actor=ANN)


def start(engine: Engine, process_id: str = "process", **variables: Any) -> int:
    return engine.create_instance(process_id=process_id, variables=variables, actor=ANN).key


def lease(engine: Engine, type: str, *, max_jobs: int = 100, timeout_ms: int = 60_000) -> list[ActivatedJob]:
    return engine.activate_jobs(type=type, worker="w", timeout_ms=timeout_ms, max_jobs=max_jobs, actor=WORKER)


def work(engine: Engine, type: str, **variables: Any) -> int:
    """Completes all jobs of a type that can be had now; how many."""
    jobs = lease(engine, type)
    for job in jobs:
        engine.complete_job(job.key, variables, lease=job.lease, actor=WORKER)
    return len(jobs)


def state(engine: Engine, instance: int) -> str:
    found: str = engine.get("process_instance", instance).state
    return found


def variables(engine: Engine, instance: int, scope: int | None = None) -> dict[str, Any]:
    """Those of the instance's root scope, or of one scope."""
    rows = engine.search("variable", {"process_instance_key": instance, "scope_key": scope or instance}).items
    return {row.name: loads(row.value) for row in rows}


def elements(engine: Engine, instance: int, **filter: Any) -> list[tuple[str, str]]:
    """(element id, state) in the order in which they began."""
    rows = engine.search("element_instance", {"process_instance_key": instance, **filter}).items
    return [(row.element_id, row.state) for row in rows]


def user_task(engine: Engine, instance: int, **filter: Any) -> Any:
    return engine.search("user_task", {"process_instance_key": instance, "state": "CREATED", **filter}).items[0]


def incidents(engine: Engine, instance: int) -> list[Any]:
    found: list[Any] = engine.search("incident", {"process_instance_key": instance, "state": "ACTIVE"}).items
    return found


def history_commands(engine: Engine, instance: int) -> list[str]:
    return [record.command for record in engine.history(instance)]
