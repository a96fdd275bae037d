"""How does an ended instance vanish with all that belongs to it? From every table whose primary key leads with its key."""

from collections.abc import Sequence
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, inspect

from engine.store.database import Database, marks
from engine.store.loading import chunks

_TABLES: WeakKeyDictionary[Database, tuple[str, ...]] = WeakKeyDictionary()


def erase(database: Database, connection: Connection, instances: Sequence[int]) -> None:
    """Deletes the rows of the instances at once, also in the tables of other rooms."""
    for some in chunks(instances):
        for table in _tables(database, connection):
            sql = f"DELETE FROM {table} WHERE process_instance_key IN ({marks(len(some))})"  # noqa: S608 - names of our own tables
            database.run(connection, sql, some)
        database.run(connection, f"DELETE FROM process_instance WHERE key IN ({marks(len(some))})", some)  # noqa: S608


def _tables(database: Database, connection: Connection) -> tuple[str, ...]:
    known = _TABLES.get(database)
    if known is None:
        found = inspect(connection)
        keys = {table: found.get_pk_constraint(table)["constrained_columns"] for table in found.get_table_names()}
        known = _TABLES[database] = tuple(sorted(table for table, columns in keys.items() if columns[:1] == ["process_instance_key"]))
    return known
