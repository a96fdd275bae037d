"""The database fails: full disk, restart, cut connections. Nothing acknowledged is lost, nothing happens twice, work goes on."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url
from support.diagrams import process
from support.driving import ANN, deploy, start, state, work
from support.postgresql import Cluster, binaries

from engine.errors import StorageUnavailable
from engine.runtime import Engine
from engine.store.invariants import violations


def test_when_the_disk_is_full_writing_fails_and_reading_goes_on(tmp_path: Path) -> None:
    with Engine(f"sqlite:///{tmp_path / 'engine.db'}") as engine:
        deploy(engine, process().start().service_task("work").end())
        first = start(engine)
        with engine.database.writing() as connection:
            [(pages,)] = engine.database.rows(connection, "PRAGMA page_count")
            engine.database.rows(connection, f"PRAGMA max_page_count = {pages + 2}")

        with pytest.raises(StorageUnavailable, match="full"):
            for _ in range(200):
                start(engine, text="x" * 5000)

        assert state(engine, first) == "ACTIVE"
        before = engine.search("process_instance").total
        assert start(engine) > first  # the connection is a new one: there is space again
        assert engine.search("process_instance").total == before + 1
        assert violations(engine.database) == []


@pytest.fixture
def own_cluster() -> Iterator[Cluster]:
    found = binaries()
    if found is None:
        pytest.skip("PostgreSQL IS NOT INSTALLED: restarts of the database are not tested.")
    cluster = Cluster(found, durable=True)
    cluster.start()
    yield cluster
    cluster.remove()


def test_work_goes_on_after_the_database_was_killed(own_cluster: Cluster) -> None:
    with Engine(own_cluster.new_database()) as engine:
        deploy(engine, process().start().service_task("work").end())
        acknowledged = [start(engine)]
        for _ in range(2):
            stop = threading.Event()

            def drive(stop: threading.Event = stop) -> None:
                while not stop.is_set():
                    with contextlib.suppress(StorageUnavailable):
                        acknowledged.append(start(engine))

            threads = [threading.Thread(target=drive) for _ in range(4)]
            for thread in threads:
                thread.start()
            time.sleep(0.3)
            own_cluster.stop("immediate")
            own_cluster.start()
            count, deadline = len(acknowledged), time.monotonic() + 20
            while len(acknowledged) < count + 10 and time.monotonic() < deadline:
                time.sleep(0.05)
            stop.set()
            for thread in threads:
                thread.join()
            assert len(acknowledged) >= count + 10

        found = {row.key for row in engine.search("process_instance", {}, [("key", "asc")]).items}
        stored = engine.search("process_instance").total
        assert stored >= len(acknowledged) and found <= set(acknowledged) | found
        assert all(engine.get("process_instance", key) is not None for key in acknowledged)
        assert violations(engine.database) == []


class CuttingProxy:
    """Passes connections on to PostgreSQL; `cut` closes them all at once."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self._open: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._server.accept()
                server = socket.create_connection(("127.0.0.1", self._target))
                self._open |= {client, server}
                for source, target in ((client, server), (server, client)):
                    threading.Thread(target=self._copy, args=(source, target), daemon=True).start()

    def _copy(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def cut(self) -> None:
        for end in list(self._open):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
            self._open.discard(end)

    def close(self) -> None:
        self._server.close()
        self.cut()


def test_connections_cut_around_the_commit_duplicate_nothing(cluster: Cluster) -> None:
    url = make_url(cluster.new_database())
    proxy = CuttingProxy(cluster.port)
    answered: list[int] = []
    with Engine(url.set(port=proxy.port).render_as_string()) as engine:
        deploy(engine, process().start().service_task("work").end())
        stop = threading.Event()

        def drive(number: int) -> None:
            turn = number
            while not stop.is_set():
                turn += 10
                with contextlib.suppress(StorageUnavailable):
                    engine.create_instance(process_id="process", variables={"id": turn}, actor=ANN)
                    answered.append(turn)

        threads = [threading.Thread(target=drive, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for cut in range(12):
            seen, deadline = len(answered), time.monotonic() + 5
            while len(answered) == seen and time.monotonic() < deadline:
                time.sleep(0.001)
            time.sleep((cut * 7 % 13) / 1000)
            proxy.cut()
        time.sleep(0.5)
        stop.set()
        for thread in threads:
            thread.join()

        with engine.database.reading() as connection:
            ids = Counter(int(row[0]) for row in engine.database.rows(connection, "SELECT value FROM variable WHERE name = 'id'"))
        assert len(answered) > 12
        assert set(answered) <= set(ids), "an acknowledged instance is missing"
        assert max(ids.values()) == 1, "an instance was created twice"
        assert violations(engine.database) == []
        while work(engine, "work"):
            pass
    proxy.close()
