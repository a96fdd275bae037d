"""The database: opened safely, migrated, and its keys never given twice."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import inspect

from engine.errors import Rejected, StorageUnavailable
from engine.store import schema
from engine.store.database import Database
from engine.store.keys import BLOCK, KeyBlocks


def opened(path: Path) -> Database:
    database = Database(f"sqlite:///{path}")
    database.open()
    return database


def test_an_acknowledged_change_is_on_disk(tmp_path: Path) -> None:
    database = opened(tmp_path / "store.db")
    with database.reading() as connection:
        assert database.rows(connection, "PRAGMA synchronous") == [(2,)]
        assert database.rows(connection, "PRAGMA journal_mode") == [("wal",)]
    database.close()


def test_the_migrated_schema_is_the_one_in_the_code(tmp_path: Path) -> None:
    database = opened(tmp_path / "store.db")
    with database.reading() as connection:
        found = inspect(connection)
        for table in schema.metadata.tables.values():
            columns = {column["name"]: column["nullable"] for column in found.get_columns(table.name)}
            assert columns == {column.name: bool(column.nullable) for column in table.columns}, table.name
            assert found.get_pk_constraint(table.name)["constrained_columns"] == [column.name for column in table.primary_key.columns]
            indexes = {index["name"]: index["unique"] for index in found.get_indexes(table.name)}
            assert indexes == {index.name: int(index.unique) for index in table.indexes}, table.name
    database.close()


def test_every_table_of_instances_leads_its_key_with_the_instance() -> None:
    alone = {
        "deployment",
        "content",
        "resource",
        "deployment_resource",
        "process_definition",
        "decision_requirements",
        "decision_definition",
        "form",
        "message",
        "message_receipt",
        "key_block",
        "clock_pin",
        "batch_operation",
        "batch_operation_item",
        "process_instance",
    }
    for table in schema.metadata.tables.values():
        first = next(iter(table.primary_key.columns)).name
        assert first == "process_instance_key" or table.name in alone, table.name


def test_opening_again_changes_nothing(tmp_path: Path) -> None:
    opened(tmp_path / "store.db").close()
    before = sqlite3.connect(tmp_path / "store.db").execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
    opened(tmp_path / "store.db").close()
    assert sqlite3.connect(tmp_path / "store.db").execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall() == before


def test_another_process_cannot_open_the_same_file_until_the_first_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    code = f"from engine.store.database import Database; d = Database('sqlite:///{path}'); d.open(); print('open', flush=True); input()"
    child = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None and child.stdout.readline() == "open\n"

    with pytest.raises(StorageUnavailable, match=f"in use by process {child.pid}"):
        opened(path)

    child.kill()
    child.wait()
    child.stdout.close()
    assert child.stdin is not None
    child.stdin.close()
    opened(path).close()


def test_keys_are_never_given_twice(tmp_path: Path) -> None:
    database = opened(tmp_path / "store.db")
    given: set[int] = set()
    for _ in range(3):
        keys = KeyBlocks(database)
        with database.writing() as connection:
            keys.begin(connection)
            given.update(keys.next() for _ in range(BLOCK // 2))
        keys.committed()
        with pytest.raises(RuntimeError), database.writing() as connection:
            keys.begin(connection)
            for _ in range(BLOCK):
                keys.next()
            raise RuntimeError
        keys.discard()
        with database.writing() as connection:
            keys.begin(connection)
            given.update(keys.next() for _ in range(BLOCK // 2))
        keys.committed()
    assert len(given) == 3 * 2 * (BLOCK // 2)
    assert all(key >> 51 == 1 for key in given)
    with pytest.raises(StorageUnavailable):
        for _ in range(BLOCK + 1):
            keys.next()
    database.close()


def test_what_is_no_database_is_refused() -> None:
    for url in ("nonsense", "mysql://localhost/x", ""):
        with pytest.raises(Rejected):
            Database(url)
    with pytest.raises(StorageUnavailable, match="cannot be opened"):
        Database("postgresql://nobody@127.0.0.1:1/none").open()


def test_a_file_that_is_no_database_is_refused_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_bytes(b"not a database at all, but long enough to look at" * 50)
    with pytest.raises(StorageUnavailable):
        opened(path)
    assert path.read_bytes().startswith(b"not a database")


def test_without_a_file_the_database_lives_in_memory() -> None:
    database = Database("sqlite://")
    database.open()
    with database.writing() as connection:
        database.run(connection, "INSERT INTO clock_pin (id, pinned_at) VALUES (?, ?)", (1, 2))
    with database.reading() as connection:
        assert database.rows(connection, "SELECT pinned_at FROM clock_pin") == [(2,)]
    database.close()
