"""Does a database from before instances could be suspended get what it lacks?"""

from __future__ import annotations

from sqlalchemy import text
from support.diagrams import process
from support.driving import ANN, deploy, lease, start

from engine.runtime import Engine


def test_an_older_database_is_brought_up_to_date(database_url: str) -> None:
    with Engine(database_url) as engine:
        deploy(engine, process().start().service_task("a").end())
        instance = start(engine)
        assert engine.database._writer is not None
        with engine.database._writer.begin() as connection:
            for statement in (
                "DROP INDEX process_instance_suspended",
                "ALTER TABLE process_instance DROP COLUMN suspended_at",
                "DROP TABLE batch_operation_item",
                "DROP TABLE batch_operation",
                "UPDATE alembic_version SET version_num = '0003'",
            ):
                connection.execute(text(statement))

    with Engine(database_url) as engine:
        engine.suspend_instance(instance, actor=ANN)
        assert lease(engine, "a") == []
        engine.resume_instance(instance, actor=ANN)
        engine.start_batch("CANCEL_PROCESS_INSTANCE", {"key": instance}, actor=ANN)
