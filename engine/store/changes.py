"""What will be written? Inserts, updates and deletes of one transaction, kept per row until they are flushed in bulk.

Every change can be taken back: `mark` remembers a point, `undo` returns to it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from sqlalchemy import Connection

from engine.store.bulk import SHAPES, BulkWriter
from engine.store.database import Database

RowKey: TypeAlias = tuple[Any, ...]


class Changes:
    def __init__(self) -> None:
        self._inserts: defaultdict[str, dict[RowKey, list[Any]]] = defaultdict(dict)
        self._updates: defaultdict[str, dict[RowKey, dict[str, Any]]] = defaultdict(dict)
        self._deletes: defaultdict[str, dict[RowKey, None]] = defaultdict(dict)
        self._bulk_deletes: list[tuple[str, tuple[Any, ...]]] = []
        self._undo: list[tuple[Callable[..., Any], tuple[Any, ...]]] = []

    # ------------------------------------------------------------ taking back

    def mark(self) -> int:
        return len(self._undo)

    def undo(self, mark: int) -> None:
        while len(self._undo) > mark:
            function, arguments = self._undo.pop()
            function(*arguments)

    def on_undo(self, function: Callable[..., Any], *arguments: Any) -> None:
        self._undo.append((function, arguments))

    def assign(self, thing: object, name: str, value: object) -> None:
        """Sets an attribute of a cached object, so that it can be taken back."""
        self._undo.append((setattr, (thing, name, getattr(thing, name))))
        setattr(thing, name, value)

    def put(self, mapping: dict[Any, Any], key: Any, value: Any) -> None:
        """Sets an entry of a cached dict, so that it can be taken back."""
        if key in mapping:
            self._undo.append((mapping.__setitem__, (key, mapping[key])))
        else:
            self._undo.append((mapping.pop, (key, None)))
        mapping[key] = value

    def drop(self, mapping: dict[Any, Any], key: Any) -> None:
        if key in mapping:
            self._undo.append((mapping.__setitem__, (key, mapping.pop(key))))

    def add(self, members: set[Any], member: Any) -> None:
        if member not in members:
            members.add(member)
            self._undo.append((members.discard, (member,)))

    # ------------------------------------------------------------ rows

    def insert(self, table: str, key: RowKey, row: list[Any]) -> None:
        """A new row, or (variable, item) one that replaces what is there. `row` has a value for every column, in order."""
        rows = self._inserts[table]
        if key in rows:
            self.put(rows, key, row)
        else:
            rows[key] = row
            self._undo.append((rows.pop, (key, None)))

    def update(self, table: str, key: RowKey, **columns: Any) -> None:
        row = self._inserts[table].get(key)
        if row is not None:
            position = SHAPES[table].position
            for name, value in columns.items():
                at = position[name]
                self._undo.append((row.__setitem__, (at, row[at])))
                row[at] = value
            return
        waiting = self._updates[table].get(key)
        if waiting is None:
            updates = self._updates[table]
            updates[key] = columns
            self._undo.append((updates.pop, (key, None)))
        else:
            for name, value in columns.items():
                self.put(waiting, name, value)

    def delete(self, table: str, key: RowKey) -> None:
        if key in self._inserts[table]:
            self.drop(self._inserts[table], key)
            return
        self.drop(self._updates[table], key)
        self.put(self._deletes[table], key, None)

    def delete_items(self, instance: int, owner: int | None = None) -> None:
        """All items of an owner, or of the whole instance."""
        inserts = self._inserts["item"]
        for key in [k for k in inserts if k[0] == instance and owner in (None, k[1])]:
            self.drop(inserts, key)
        if owner is None:
            self._bulk_deletes.append(("DELETE FROM item WHERE process_instance_key = ?", (instance,)))
        else:
            self._bulk_deletes.append(("DELETE FROM item WHERE process_instance_key = ? AND owner_key = ?", (instance, owner)))
        self._undo.append((self._bulk_deletes.pop, ()))

    def has_update(self, table: str, key: RowKey) -> bool:
        return key in self._updates[table] or key in self._inserts[table]

    def is_deleted(self, table: str, key: RowKey) -> bool:
        return key in self._deletes[table]

    def pending(self, table: str) -> Iterable[list[Any]]:
        """The rows that will be inserted."""
        return self._inserts[table].values()

    @property
    def is_empty(self) -> bool:
        return not self._bulk_deletes and not any(any(rows.values()) for rows in (self._inserts, self._updates, self._deletes))

    # ------------------------------------------------------------ writing

    def flush(self, database: Database, connection: Connection) -> int:
        """Writes everything, in bulk: deletes, then updates, then inserts. The number of rows."""
        writer = BulkWriter(database, connection)
        with database.pipelined(connection):
            for sql, values in self._bulk_deletes:
                writer.run(sql, values)
            for table, keys in self._deletes.items():
                writer.delete(table, list(keys))
            for table, changed in self._updates.items():
                groups: defaultdict[tuple[str, ...], list[tuple[Any, ...]]] = defaultdict(list)
                for key, columns in changed.items():
                    groups[tuple(columns)].append((*columns.values(), *key))
                for names, rows in groups.items():
                    writer.update(table, names, rows)
            for table, new in self._inserts.items():
                writer.insert(table, list(new.values()))
        self.forget()
        return writer.count

    def forget(self) -> None:
        """Empties everything (after a flush or a rollback)."""
        self._inserts.clear()
        self._updates.clear()
        self._deletes.clear()
        self._bulk_deletes.clear()
        self._undo.clear()
