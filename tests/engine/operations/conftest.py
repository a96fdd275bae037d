"""The engines of the runtime's tests: on SQLite and PostgreSQL, warm and cold."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.postgresql import Cluster, binaries

from engine.clock import TestClock
from engine.runtime import Engine
from engine.store.invariants import violations

NO_POSTGRESQL = "PostgreSQL IS NOT INSTALLED: half of these tests do not run. Install it (Debian: apt-get install postgresql)."


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    found = binaries()
    if found is None:
        pytest.skip(NO_POSTGRESQL)
    running = Cluster(found)
    running.start()
    yield running
    running.remove()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'engine.db'}"
    running: Cluster = request.getfixturevalue("cluster")
    return running.new_database()


@pytest.fixture
def clock() -> TestClock:
    return TestClock(datetime(2030, 1, 1, 12, tzinfo=UTC))


@pytest.fixture(params=["warm", "cold"])
def engine(request: pytest.FixtureRequest, database_url: str, clock: TestClock) -> Iterator[Engine]:
    """Cold: after every commit all is forgotten, as if the process had been started anew. At the end what is stored is consistent."""
    with Engine(database_url, clock=clock) as running:
        if request.param == "cold":
            workspace = running._processor.batch.workspace
            committed = workspace.committed

            def forget() -> None:
                committed()
                workspace.forget_all()
                running._processor.batch.places.forget_all()

            workspace.committed = forget
        yield running
        assert violations(running.database) == []
