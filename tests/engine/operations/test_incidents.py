"""Is work without retries offered again when its incident is resolved, whatever kind of job it is?"""

from __future__ import annotations

import pytest
from support.diagrams import Diagram, process
from support.driving import ANN, deploy, incidents, lease, start, state, work

from engine.errors import Conflict
from engine.runtime import Engine


def served(kind: str) -> Diagram:
    match kind:
        case "BPMN_ELEMENT":
            return process().start().service_task("a").end()
        case "EXECUTION_LISTENER":
            return process().start().task("a", listeners=[("start", "a")]).end()
        case _:
            return process().start().user_task("t", task_listeners=[("creating", "a")]).end()


@pytest.mark.parametrize("kind", ["BPMN_ELEMENT", "EXECUTION_LISTENER", "TASK_LISTENER"])
def test_a_job_without_retries_is_offered_again(engine: Engine, kind: str) -> None:
    deploy(engine, served(kind))
    instance = start(engine)
    (job,) = lease(engine, "a")
    assert job.kind == kind
    engine.fail_job(job.key, 0, "broken", lease=job.lease, actor=ANN)
    assert lease(engine, "a") == []

    engine.resolve_incident(incidents(engine, instance)[0].key, actor=ANN)

    assert incidents(engine, instance) == []
    assert work(engine, "a") == 1


def test_an_incident_of_a_suspended_instance_waits_for_its_resumption(engine: Engine) -> None:
    deploy(engine, process().start().gateway("g").when("=x.y = 1").end("e1").at("g").when("=x.y > 1").end("e2"))
    instance = start(engine)
    (incident,) = incidents(engine, instance)
    engine.suspend_instance(instance, actor=ANN)
    engine.set_variables(instance, {"x": {"y": 1}}, actor=ANN)

    with pytest.raises(Conflict, match="suspended"):
        engine.resolve_incident(incident.key, actor=ANN)
    assert len(incidents(engine, instance)) == 1

    engine.resume_instance(instance, actor=ANN)
    engine.resolve_incident(incident.key, actor=ANN)
    assert state(engine, instance) == "COMPLETED"
