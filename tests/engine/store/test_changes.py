"""Pending changes: written in bulk, taken back without a trace."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.store import schema
from engine.store.changes import Changes
from engine.store.database import Database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{tmp_path / 'store.db'}")
    opened.open()
    yield opened
    opened.close()


def timer(key: int, **changed: Any) -> list[Any]:
    row = {"process_instance_key": 1, "key": key, "element_id": "a", "event": "a", "due": key, "repetitions": 1, "definition_key": 5}
    row.update(changed)
    return [row.get(column.name) for column in schema.timer.columns]


def stored(database: Database) -> list[tuple[Any, ...]]:
    with database.reading() as connection:
        return database.rows(connection, "SELECT key, due, repetitions FROM timer ORDER BY key")


def written(database: Database, changes: Changes) -> list[tuple[Any, ...]]:
    with database.writing() as connection:
        changes.flush(database, connection)
    return stored(database)


def test_rows_are_inserted_updated_and_deleted(database: Database) -> None:
    changes = Changes()
    for key in (1, 2, 3):
        changes.insert("timer", (1, key), timer(key))
    changes.update("timer", (1, 2), due=20)
    changes.delete("timer", (1, 3))
    assert written(database, changes) == [(1, 1, 1), (2, 20, 1)]

    changes.update("timer", (1, 1), due=10)
    changes.update("timer", (1, 1), repetitions=4)
    changes.update("timer", (1, 2), repetitions=9)
    changes.update("timer", (1, 1), due=11)
    assert written(database, changes) == [(1, 11, 4), (2, 20, 9)]

    changes.update("timer", (1, 1), due=12)
    changes.delete("timer", (1, 1))
    assert written(database, changes) == [(2, 20, 9)]
    assert changes.is_empty


def test_what_is_taken_back_is_not_written(database: Database) -> None:
    changes = Changes()
    changes.insert("timer", (1, 1), timer(1))
    changes.insert("timer", (1, 2), timer(2))
    kept: dict[str, int] = {"a": 1}

    mark = changes.mark()
    changes.update("timer", (1, 1), due=99)
    changes.insert("timer", (1, 3), timer(3))
    changes.delete("timer", (1, 2))
    changes.put(kept, "a", 2)
    changes.put(kept, "b", 3)
    changes.drop(kept, "a")
    changes.delete_items(1)
    changes.undo(mark)

    assert kept == {"a": 1}
    assert written(database, changes) == [(1, 1, 1), (2, 2, 1)]

    mark = changes.mark()
    changes.update("timer", (1, 1), due=50)
    changes.undo(mark)
    assert changes.is_empty
    assert written(database, changes) == [(1, 1, 1), (2, 2, 1)]


def test_a_variable_written_again_replaces_the_value_and_keeps_its_key(database: Database) -> None:
    changes = Changes()
    changes.insert("variable", (1, 1, "x"), [1, 1, "x", 100, "1", None])
    with database.writing() as connection:
        changes.flush(database, connection)
    changes.insert("variable", (1, 1, "x"), [1, 1, "x", 200, "2", None])
    with database.writing() as connection:
        changes.flush(database, connection)
        assert database.rows(connection, "SELECT key, value FROM variable") == [(100, "2")]


def test_a_transaction_that_fails_writes_nothing(database: Database) -> None:
    changes = Changes()
    changes.insert("timer", (1, 1), timer(1))
    with pytest.raises(ValueError, match="midway"), database.writing() as connection:
        changes.flush(database, connection)
        raise ValueError("midway")
    assert stored(database) == []
