"""How does stored state become cells? Few statements for many instances at once."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection

from bpmn.model import ElementType
from engine.model import IncidentKind
from engine.store.cells import (
    ElementCell,
    IncidentCell,
    InstanceCell,
    JobCell,
    SubscriptionCell,
    TimerCell,
    UserTaskCell,
    Waits,
)
from engine.store.database import Database, marks, padded
from engine.store.json_text import loads
from engine.store.times import moment

INSTANCE_COLUMNS = (
    "key, definition_key, process_id, state, start_date, end_date, parent_process_instance_key, parent_element_instance_key, "
    "root_process_instance_key, depth, incidents, started_by, tags, "
    "coalesce((SELECT max(h.seq) FROM history_record h WHERE h.process_instance_key = process_instance.key), 0), suspended_at"
)
_ELEMENT = "process_instance_key, key, element_id, type, start_date, scope_key, data, waits"
_OF_E = ", ".join(f"e.{name}" for name in _ELEMENT.split(", "))
_AT_ONCE = 256

Pair = tuple[int, int]


def chunks(values: Sequence[Any]) -> Iterable[list[Any]]:
    for start in range(0, len(values), _AT_ONCE):
        yield padded(values[start : start + _AT_ONCE])


def pair_marks(count: int) -> str:
    return ",".join(["(?,?)"] * count)


def flat(pairs: Iterable[Pair]) -> list[int]:
    return [number for pair in pairs for number in pair]


def instance_cell(row: tuple[Any, ...]) -> InstanceCell:
    return InstanceCell(
        key=row[0],
        definition_key=row[1],
        process_id=row[2],
        state=row[3],
        start_date=moment(row[4]),
        end_date=moment(row[5]),
        parent_instance=row[6],
        parent_element=row[7],
        root=row[8],
        depth=row[9],
        incidents=row[10],
        started_by=row[11],
        tags=tuple(loads(row[12])) if row[12] else (),
        revision=row[13],
        suspended_at=row[14],
    )


def load_instances(database: Database, connection: Connection, keys: Sequence[int]) -> list[InstanceCell]:
    found: list[InstanceCell] = []
    for some in chunks(list(dict.fromkeys(keys))):
        sql = f"SELECT {INSTANCE_COLUMNS} FROM process_instance WHERE key IN ({marks(len(some))})"  # noqa: S608 - placeholders only
        found.extend(instance_cell(row) for row in database.rows(connection, sql, some))
    return found


def load_chains(database: Database, connection: Connection, wanted: Sequence[Pair]) -> list[tuple[int, ElementCell]]:
    """The element instances (instance, element) that are active, each with the scopes around it."""
    found: list[tuple[int, ElementCell]] = []
    for some in chunks(wanted):
        sql = (
            f"WITH RECURSIVE wanted (instance, element) AS (VALUES {pair_marks(len(some))}), chain AS (SELECT {_OF_E} "  # noqa: S608
            "FROM wanted CROSS JOIN element_instance e "
            "WHERE e.process_instance_key = wanted.instance AND e.key = wanted.element AND e.state = 'ACTIVE' UNION "
            f"SELECT {_OF_E} FROM chain CROSS JOIN element_instance e "
            "WHERE e.process_instance_key = chain.process_instance_key AND e.key = chain.scope_key) "
            f"SELECT {_ELEMENT} FROM chain"
        )
        found.extend((row[0], _element(row)) for row in database.rows(connection, sql, flat(some)))
    return found


def load_children(database: Database, connection: Connection, instance: int) -> list[ElementCell]:
    """All active element instances of an instance."""
    sql = f"SELECT {_ELEMENT} FROM element_instance WHERE process_instance_key = ? AND state = 'ACTIVE' ORDER BY key"  # noqa: S608
    return [_element(row) for row in database.rows(connection, sql, (instance,))]


def load_variables(database: Database, connection: Connection, wanted: Sequence[Pair]) -> list[tuple[int, int, str, Any]]:
    """(instance, scope, name, value) of every variable of the scopes (instance, scope)."""
    found: list[tuple[int, int, str, Any]] = []
    for some in chunks(wanted):
        sql = (
            f"WITH wanted (instance, scope) AS (VALUES {pair_marks(len(some))}) "  # noqa: S608 - placeholders only
            "SELECT v.process_instance_key, v.scope_key, v.name, v.value, b.value FROM wanted CROSS JOIN variable v "
            "LEFT JOIN value_blob b ON b.process_instance_key = v.process_instance_key AND b.sha256 = v.sha256 "
            "WHERE v.process_instance_key = wanted.instance AND v.scope_key = wanted.scope"
        )
        for instance, scope, name, value, blob in database.rows(connection, sql, flat(some)):
            found.append((instance, scope, name, loads(blob if value is None else value)))
    return found


def load_waits(database: Database, connection: Connection, wanted: Sequence[tuple[int, ElementCell]]) -> None:
    """Fills `waits` of the element instances (instance, cell) from the keys stored with them."""
    keys: dict[str, list[Pair]] = {"j": [], "u": [], "t": [], "s": [], "i": []}
    waits: dict[int, Waits] = {}
    for instance, cell in wanted:
        cell.waits = waits[cell.key] = Waits()
        stored: dict[str, list[int]] = loads(cell.stored_waits) if cell.stored_waits else {}
        for kind, some in stored.items():
            keys[kind].extend((instance, key) for key in some)

    def rows(kind: str, columns: str, table: str) -> Iterable[tuple[Any, ...]]:
        for some in chunks(keys[kind]):
            sql = (
                f"WITH wanted (instance, wait) AS (VALUES {pair_marks(len(some))}) SELECT element_instance_key, key, {columns} "  # noqa: S608
                f"FROM wanted CROSS JOIN {table} WHERE process_instance_key = wanted.instance AND key = wanted.wait"
            )
            yield from database.rows(connection, sql, flat(some))

    for row in rows("j", JOB_COLUMNS, "job"):
        waits[row[0]].jobs[row[1]] = job_cell(row)
    for row in rows("u", "element_id, assignee, candidate_users, candidate_groups, priority", "user_task"):
        waits[row[0]].user_tasks[row[1]] = UserTaskCell(row[1], row[0], row[2], row[3], names(row[4]), names(row[5]), row[6])
    for row in rows("t", "event", "timer"):
        waits[row[0]].timers[row[1]] = TimerCell(row[1], row[0], row[2])
    for row in rows("s", "event, kind, name, correlation_key, interrupting", "subscription"):
        waits[row[0]].subscriptions[row[1]] = SubscriptionCell(row[1], row[0], row[2], row[3], row[4], row[5], bool(row[6]))
    for row in rows("i", "kind, job_key, retry", "incident"):
        waits[row[0]].incidents[row[1]] = IncidentCell(row[1], row[0], IncidentKind(row[2]), row[3], row[4])


JOB_COLUMNS = (
    "process_instance_key, element_id, type, kind, listener_event, state, retries, priority, worker, lease, deadline, due, headers"
)


def job_cell(row: tuple[Any, ...]) -> JobCell:
    """From `element_instance_key, key` and JOB_COLUMNS."""
    return JobCell(
        key=row[1],
        instance=row[2],
        element=row[0],
        element_id=row[3],
        type=row[4],
        kind=row[5],
        listener_event=row[6],
        state=row[7],
        retries=row[8],
        priority=row[9],
        worker=row[10],
        lease=row[11],
        deadline=row[12],
        due=row[13],
        headers=loads(row[14]) if row[14] else {},
    )


def load_items(
    database: Database, connection: Connection, instance: int, owner: int, name: str, position: int | None
) -> dict[tuple[int, str, int], Any]:
    sql = "SELECT position, value FROM item WHERE process_instance_key = ? AND owner_key = ? AND name = ?"
    values: tuple[Any, ...] = (instance, owner, name)
    if position is not None:
        sql, values = sql + " AND position = ?", (*values, position)
    return {(owner, name, row[0]): loads(row[1]) for row in database.rows(connection, sql, values)}


def names(text: str | None) -> tuple[str, ...]:
    """A list of names stored as JSON text."""
    return tuple(loads(text)) if text else ()


def _element(row: tuple[Any, ...]) -> ElementCell:
    return ElementCell(
        key=row[1],
        element_id=row[2],
        type=ElementType(row[3]),
        parent=row[5],
        started_at=moment(row[4]),
        data=row[6],
        stored_waits=row[7],
        waits=None,
    )
