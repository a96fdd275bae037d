"""Servers for the tests of this room."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from support.postgresql import Cluster, binaries
from support.rest_server import PASSWORD, RunningServer, running

from api.settings import Settings


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("server")


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    found = binaries()
    if found is None:
        pytest.skip("PostgreSQL is not installed: half of these tests do not run. Install it (Debian: apt-get install postgresql).")
    running = Cluster(found)
    running.start()
    yield running
    running.remove()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, folder: Path) -> str:
    return f"sqlite:///{folder}/open.db" if request.param == "sqlite" else request.getfixturevalue("cluster").new_database()


@pytest.fixture(scope="module")
def open_server(database_url: str) -> Iterator[RunningServer]:
    """Everybody may do everything; its clock can be set."""
    with running(Settings(database_url=database_url, auth="none", test_clock=True, with_worker=False)) as server:
        yield server


@pytest.fixture(scope="module")
def client(open_server: RunningServer) -> Iterator[httpx.Client]:
    with open_server.client() as client:
        yield client


@pytest.fixture(scope="module")
def local_server(folder: Path) -> Iterator[RunningServer]:
    """One user per role, and `ann` and `bob`, persons of the group claims; all with PASSWORD."""
    settings = Settings(database_url=f"sqlite:///{folder}/local.db", auth="local", with_worker=False)
    with running(replace(settings, create_admin=f"admin:{PASSWORD}")) as server:
        for role in ("analyst", "operator", "worker", "person", "auditor"):
            server.accounts.add(role, PASSWORD, roles=[role])
        for name in ("ann", "bob"):
            server.accounts.add(name, PASSWORD, roles=["person"], groups=["claims"])
        yield server
