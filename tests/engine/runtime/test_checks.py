"""The check of the database finds what only a bug can cause."""

from __future__ import annotations

import pytest
from support.diagrams import process
from support.driving import ANN, WORKER, deploy, lease, start

from engine.runtime import Engine

BREAKS = {
    "an orphaned job": "UPDATE element_instance SET state = 'COMPLETED' WHERE type = 'SERVICE_TASK'",
    "a forgotten job": "DELETE FROM job",
    "a forgotten user task": "UPDATE user_task SET state = 'COMPLETED'",
    "a forgotten timer": "DELETE FROM timer",
    "a forgotten subscription": "DELETE FROM subscription",
    "an uncounted incident": "UPDATE incident SET state = 'RESOLVED'",
    "a wrong count": "UPDATE process_instance SET incidents = incidents + 1",
    "a lost history record": "DELETE FROM history_record WHERE seq = 1",
    "an ended instance that goes on": "UPDATE process_instance SET state = 'COMPLETED'",
    "an instance without root": "UPDATE element_instance SET state = 'COMPLETED' WHERE type = 'PROCESS'",
    "a called instance without caller": "UPDATE element_instance SET state = 'COMPLETED' WHERE type = 'CALL_ACTIVITY'",
}


@pytest.mark.parametrize("broken", BREAKS)
def test_every_inconsistency_is_found(database_url: str, broken: str) -> None:
    with Engine(database_url) as engine:
        deploy(
            engine,
            process()
            .start()
            .parallel("fork")
            .service_task("work")
            .end()
            .at("fork")
            .user_task("look")
            .end("looked")
            .boundary("late", on="look", timer="PT1H")
            .end("escalated")
            .at("fork")
            .catch("wait", message="go")
            .end("gone")
            .at("fork")
            .call("sub", "child")
            .end("called"),
            process("child").start().service_task("inside").end(),
        )
        start(engine)
        [job] = lease(engine, "inside")
        engine.fail_job(job.key, 0, "broken", actor=WORKER)
        assert engine.check() == []

        with engine.database.writing() as connection:
            assert engine.database.run(connection, BREAKS[broken]) > 0

        assert engine.check() != [], broken


def test_a_finished_instance_leaves_nothing_open(engine: Engine) -> None:
    deploy(engine, process().start().user_task("look").end().boundary("late", on="look", timer="PT1H").end("escalated"))
    instance = start(engine)
    engine.cancel_instance(instance, actor=ANN)
    assert engine.check() == []
    assert [engine.search(entity).total for entity in ("timer", "message_subscription")] == [0, 0]
