"""How are many rows of one table written at once? SQLite repeats a prepared statement; PostgreSQL takes arrays in one statement."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, Boolean, Connection, Integer, LargeBinary, Table

from engine.store import schema
from engine.store.database import Database, marks

_ON_CONFLICT = {
    "variable": "ON CONFLICT (process_instance_key, scope_key, name) DO UPDATE SET value = excluded.value, sha256 = excluded.sha256",
    "item": "ON CONFLICT (process_instance_key, owner_key, name, position) DO UPDATE SET value = excluded.value",
    "value_blob": "ON CONFLICT DO NOTHING",
    "content": "ON CONFLICT DO NOTHING",
    "message_receipt": "ON CONFLICT DO NOTHING",
    "deployment_resource": "ON CONFLICT DO NOTHING",
}

Row = Sequence[Any]


class Shape:
    """A table as the statements need it."""

    def __init__(self, table: Table) -> None:
        self.name = table.name
        self.columns = tuple(column.name for column in table.columns)
        self.key_columns = tuple(column.name for column in table.primary_key.columns)
        self.position = {name: at for at, name in enumerate(self.columns)}
        self.types = {column.name: _type(column.type) for column in table.columns}
        self.on_conflict = _ON_CONFLICT.get(table.name, "")


def _type(type: object) -> str:
    match type:
        case BigInteger():
            return "bigint"
        case Integer():
            return "integer"
        case Boolean():
            return "boolean"
        case LargeBinary():
            return "bytea"
        case _:
            return "text"


SHAPES = {table.name: Shape(table) for table in schema.metadata.tables.values()}


class BulkWriter:
    """`count`: the rows written so far."""

    _known: dict[tuple[bool, str, str, tuple[str, ...]], str] = {}  # noqa: RUF012 - statements, made once per process

    def __init__(self, database: Database, connection: Connection) -> None:
        self._database = database
        self._connection = connection
        self.count = 0

    def insert(self, table: str, rows: Sequence[Row]) -> None:
        """`rows` have a value for every column, in order."""
        self._write("insert", SHAPES[table], SHAPES[table].columns, rows)

    def update(self, table: str, columns: tuple[str, ...], rows: Sequence[Row]) -> None:
        """`rows`: the new values of the columns, then the key."""
        self._write("update", SHAPES[table], columns + SHAPES[table].key_columns, rows)

    def delete(self, table: str, keys: Sequence[Row]) -> None:
        self._write("delete", SHAPES[table], SHAPES[table].key_columns, keys)

    def run(self, sql: str, values: Row) -> None:
        self.count += max(0, self._database.run(self._connection, sql, values))

    def _write(self, what: str, shape: Shape, columns: tuple[str, ...], rows: Sequence[Row]) -> None:
        if not rows:
            return
        name = (self._database.is_sqlite, what, shape.name, columns)
        sql = self._known.get(name)
        if sql is None:
            sql = self._known[name] = (_sqlite if self._database.is_sqlite else _postgresql)(what, shape, columns)
        if self._database.is_sqlite:
            self._database.many(self._connection, sql, rows)
        else:
            self._database.run(self._connection, sql, [list(values) for values in zip(*rows, strict=True)])
        self.count += len(rows)


def _quoted(names: Sequence[str], prefix: str = "") -> list[str]:
    return [f'{prefix}"{name}"' for name in names]


def _sqlite(what: str, shape: Shape, columns: tuple[str, ...]) -> str:
    where = " AND ".join(f"{name} = ?" for name in _quoted(shape.key_columns))
    match what:
        case "insert":
            return f"INSERT INTO {shape.name} ({', '.join(_quoted(columns))}) VALUES ({marks(len(columns))}) {shape.on_conflict}"  # noqa: S608
        case "update":
            changed = columns[: -len(shape.key_columns)]
            return f"UPDATE {shape.name} SET {', '.join(f'{name} = ?' for name in _quoted(changed))} WHERE {where}"  # noqa: S608
        case _:
            return f"DELETE FROM {shape.name} WHERE {where}"  # noqa: S608 - names of our own tables


def _postgresql(what: str, shape: Shape, columns: tuple[str, ...]) -> str:
    """Every value is an array: one for each column."""
    arrays = ", ".join(f"?::{shape.types[name]}[]" for name in columns)
    new = f"unnest({arrays}) AS n ({', '.join(_quoted(columns))})"
    where = " AND ".join(f't."{name}" = n."{name}"' for name in shape.key_columns)
    match what:
        case "insert":
            return f"INSERT INTO {shape.name} ({', '.join(_quoted(columns))}) SELECT * FROM {new} {shape.on_conflict}"  # noqa: S608
        case "update":
            changed = columns[: -len(shape.key_columns)]
            sets = ", ".join(f'"{name}" = n."{name}"' for name in changed)
            return f"UPDATE {shape.name} t SET {sets} FROM {new} WHERE {where}"  # noqa: S608 - names of our own tables
        case _:
            return f"DELETE FROM {shape.name} t USING {new} WHERE {where}"  # noqa: S608 - names of our own tables
