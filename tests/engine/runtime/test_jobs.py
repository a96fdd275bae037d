"""Jobs: leased once, finished once, retried, failed into incidents."""

from __future__ import annotations

from datetime import timedelta

import pytest
from support.diagrams import process
from support.driving import ANN, WORKER, deploy, incidents, lease, start, state, variables, work

from engine.clock import TestClock
from engine.errors import Conflict, NotFound, Rejected
from engine.runtime import Engine


def given_one_job(engine: Engine, **options: str) -> int:
    deploy(engine, process().start().service_task("work", **options).end())
    return start(engine, amount=12)


def test_a_completed_job_moves_the_instance_to_its_end(engine: Engine) -> None:
    instance = given_one_job(engine)

    assert work(engine, "work", result={"ok": True}) == 1

    assert state(engine, instance) == "COMPLETED"
    assert variables(engine, instance) == {"amount": 12, "result": {"ok": True}}
    assert [job.state for job in engine.search("job").items] == ["COMPLETED"]


def test_a_leased_job_is_offered_to_nobody_else(engine: Engine) -> None:
    given_one_job(engine)

    [job] = lease(engine, "work")

    assert lease(engine, "work") == []
    assert (job.variables, job.element_id, job.retries) == ({"amount": 12}, "work", 3)


def test_only_the_variables_asked_for_are_fetched(engine: Engine) -> None:
    deploy(engine, process().start().service_task("work").end())
    start(engine, a=1, b=2)

    [job] = engine.activate_jobs(type="work", worker="w", timeout_ms=1000, max_jobs=1, fetch_variables=["b", "c"], actor=WORKER)

    assert job.variables == {"b": 2}


def test_completing_a_job_twice_is_refused(engine: Engine) -> None:
    given_one_job(engine)
    [job] = lease(engine, "work")
    engine.complete_job(job.key, {}, lease=job.lease, actor=WORKER)

    with pytest.raises(NotFound, match="was completed or cancelled"):
        engine.complete_job(job.key, {}, lease=job.lease, actor=WORKER)


def test_a_job_whose_lease_expired_is_offered_again_and_the_late_result_is_refused(engine: Engine, clock: TestClock) -> None:
    instance = given_one_job(engine)
    [late] = lease(engine, "work", timeout_ms=1000)
    engine.pin_clock(clock.now() + timedelta(seconds=2))

    [again] = lease(engine, "work")

    assert again.key == late.key and again.lease != late.lease
    with pytest.raises(Conflict, match="lease"):
        engine.complete_job(late.key, {"who": "late"}, lease=late.lease, actor=WORKER)
    engine.complete_job(again.key, {"who": "again"}, lease=again.lease, actor=WORKER)
    assert variables(engine, instance)["who"] == "again"


def test_a_result_after_the_deadline_is_refused_even_when_nobody_took_over(engine: Engine, clock: TestClock) -> None:
    given_one_job(engine)
    [late] = lease(engine, "work", timeout_ms=1000)
    clock.pin(clock.now() + timedelta(seconds=2))

    with pytest.raises(Conflict, match=r"expired|over"):
        engine.complete_job(late.key, {}, lease=late.lease, actor=WORKER)


def test_a_renewed_lease_lasts_longer(engine: Engine, clock: TestClock) -> None:
    instance = given_one_job(engine)
    [job] = lease(engine, "work", timeout_ms=1000)
    engine.update_job(job.key, timeout_ms=10_000, lease=job.lease, actor=WORKER)
    engine.pin_clock(clock.now() + timedelta(seconds=5))

    assert lease(engine, "work") == []
    engine.complete_job(job.key, {}, lease=job.lease, actor=WORKER)
    assert state(engine, instance) == "COMPLETED"


def test_a_failed_job_is_offered_again_after_its_back_off(engine: Engine, clock: TestClock) -> None:
    given_one_job(engine)
    [job] = lease(engine, "work")
    engine.fail_job(job.key, 2, "no answer", 5000, lease=job.lease, actor=WORKER)

    assert lease(engine, "work") == []
    engine.pin_clock(clock.now() + timedelta(seconds=6))
    [again] = lease(engine, "work")
    assert again.retries == 2
    assert engine.get("job", job.key).error_message == "no answer"


def test_a_job_without_retries_raises_an_incident_that_new_retries_resolve(engine: Engine) -> None:
    instance = given_one_job(engine)
    [job] = lease(engine, "work")
    engine.fail_job(job.key, 0, "broken", variables={"why": "disk"}, lease=job.lease, actor=WORKER)

    [incident] = incidents(engine, instance)
    assert (incident.kind, incident.message, incident.job_key) == ("JOB_NO_RETRIES", "broken", job.key)
    assert engine.get("process_instance", instance).has_incident
    assert lease(engine, "work") == []

    engine.update_job(job.key, retries=1, actor=ANN)
    engine.resolve_incident(incident.key, actor=ANN)

    assert not engine.get("process_instance", instance).has_incident
    with pytest.raises(Conflict, match="resolved already"):
        engine.resolve_incident(incident.key, actor=ANN)
    assert work(engine, "work") == 1
    assert state(engine, instance) == "COMPLETED"


def test_a_bpmn_error_goes_to_the_boundary_event(engine: Engine) -> None:
    diagram = process().start().service_task("work").end("good").boundary("caught", on="work", error="oops").end("bad")
    deploy(engine, diagram)
    instance = start(engine)
    [job] = lease(engine, "work")

    engine.throw_job_error(job.key, "oops", "not today", {"detail": 1}, lease=job.lease, actor=WORKER)

    assert state(engine, instance) == "COMPLETED"
    assert "caught" in [row.element_id for row in engine.search("element_instance", {"process_instance_key": instance}).items]
    assert engine.get("job", job.key).state == "ERROR_THROWN"


def test_older_jobs_come_first(engine: Engine) -> None:
    deploy(engine, process().start().service_task("work").end())
    instances = [start(engine, number=number) for number in range(5)]

    jobs = lease(engine, "work", max_jobs=3)

    assert [job.process_instance_key for job in jobs] == instances[:3]
    assert [job.process_instance_key for job in lease(engine, "work")] == instances[3:]


def test_a_cancelled_instance_takes_its_jobs_with_it(engine: Engine) -> None:
    instance = given_one_job(engine)
    [job] = lease(engine, "work")

    engine.cancel_instance(instance, actor=ANN)

    assert state(engine, instance) == "TERMINATED"
    assert engine.get("job", job.key).state == "CANCELED"
    with pytest.raises(NotFound):
        engine.complete_job(job.key, {}, actor=WORKER)
    with pytest.raises(NotFound, match="terminated"):
        engine.cancel_instance(instance, actor=ANN)


def test_wrong_requests_are_refused_and_change_nothing(engine: Engine) -> None:
    given_one_job(engine)
    [job] = lease(engine, "work")

    with pytest.raises(Rejected):
        engine.complete_job(job.key, {"bad": "\ud800"}, actor=WORKER)
    with pytest.raises(Rejected):
        engine.complete_job(job.key, {"": 1}, actor=WORKER)
    with pytest.raises(Rejected):
        engine.fail_job(job.key, -1, "", actor=WORKER)
    with pytest.raises(Rejected):
        engine.activate_jobs(type="work", worker="w", timeout_ms=0, max_jobs=1, actor=WORKER)
    with pytest.raises(NotFound):
        engine.complete_job(1, {}, actor=WORKER)
    for wrong in (
        lambda: engine.complete_job(10**30, {}, actor=WORKER),
        lambda: engine.fail_job(job.key, 2**40, "", actor=WORKER),
        lambda: engine.fail_job(job.key, 1, "a\x00b", actor=WORKER),
        lambda: engine.fail_job(job.key, 1, "a", 10**20, actor=WORKER),
        lambda: engine.throw_job_error(job.key, "\udfff", "", actor=WORKER),
        lambda: engine.publish_message("m\x00", "", actor=WORKER),
        lambda: engine.create_instance(process_id="process", tags=["a\x00"], actor=WORKER),
        lambda: engine.activate_jobs(type="work", worker="\ud800", timeout_ms=1, max_jobs=1, actor=WORKER),
    ):
        with pytest.raises(Rejected):
            wrong()
    assert engine.get("job", job.key).state == "ACTIVATED"
    assert engine.sequence_flows(10**30) == []
