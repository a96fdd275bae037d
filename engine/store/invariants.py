"""Is what is stored consistent? Finds wait states without owner, owners without wait state, and wrong counts."""

from dataclasses import dataclass

from sqlalchemy import Connection

from engine.store.database import Database
from engine.store.json_text import loads


@dataclass(frozen=True, slots=True)
class Violation:
    rule: str
    instance: int
    key: int
    text: str


_OPEN = {
    "job": ("j", "state IN ('CREATED', 'ACTIVATED', 'FAILED')"),
    "user_task": ("u", "state = 'CREATED'"),
    "timer": ("t", "process_instance_key <> 0"),
    "subscription": ("s", "process_instance_key <> 0"),
    "incident": ("i", "state = 'ACTIVE'"),
}

_RULES = {
    "an active element instance lies in an active instance": (
        "SELECT e.process_instance_key, e.key, e.element_id FROM element_instance e JOIN process_instance p "
        "ON p.key = e.process_instance_key WHERE e.state = 'ACTIVE' AND p.state <> 'ACTIVE'"
    ),
    "an active element instance lies in an active scope": (
        "SELECT e.process_instance_key, e.key, e.element_id FROM element_instance e LEFT JOIN element_instance s "
        "ON s.process_instance_key = e.process_instance_key AND s.key = e.scope_key "
        "WHERE e.state = 'ACTIVE' AND e.scope_key IS NOT NULL AND (s.key IS NULL OR s.state <> 'ACTIVE')"
    ),
    "an active instance has its active root scope": (
        "SELECT p.key, p.key, p.process_id FROM process_instance p LEFT JOIN element_instance e "
        "ON e.process_instance_key = p.key AND e.key = p.key WHERE p.state = 'ACTIVE' AND (e.key IS NULL OR e.state <> 'ACTIVE')"
    ),
    "the history of an instance has no gaps": (
        "SELECT p.key, p.key, p.process_id FROM process_instance p LEFT JOIN history_record h ON h.process_instance_key = p.key "
        "GROUP BY p.key, p.process_id HAVING count(h.seq) = 0 OR count(h.seq) <> max(h.seq)"
    ),
    "an active called instance has an active caller": (
        "SELECT p.key, p.key, p.process_id FROM process_instance p LEFT JOIN element_instance e "
        "ON e.process_instance_key = p.parent_process_instance_key AND e.key = p.parent_element_instance_key "
        "WHERE p.state = 'ACTIVE' AND p.parent_process_instance_key IS NOT NULL AND (e.key IS NULL OR e.state <> 'ACTIVE')"
    ),
}


def violations(database: Database) -> list[Violation]:
    """Reads everything that is open: for tests and for an operator's check, not for the hot path."""
    found: list[Violation] = []
    with database.reading() as connection:
        for rule, sql in _RULES.items():
            found.extend(Violation(rule, row[0], row[1], str(row[2])) for row in database.rows(connection, sql))
        stored: dict[tuple[str, int], int] = {}
        for instance, key, waits in database.rows(
            connection, "SELECT process_instance_key, key, waits FROM element_instance WHERE state = 'ACTIVE' AND waits IS NOT NULL"
        ):
            kinds: dict[str, list[int]] = loads(waits)
            for kind, keys in kinds.items():
                for wait in keys:
                    stored[kind, wait] = key
                    found.extend([] if instance else [Violation("a wait belongs to an instance", 0, wait, kind)])
        for table, (kind, is_open) in _OPEN.items():
            rows = database.rows(connection, f"SELECT process_instance_key, key, element_instance_key FROM {table} WHERE {is_open}")  # noqa: S608
            for instance, key, element in rows:
                if stored.pop((kind, key), None) != element:
                    found.append(Violation("an open wait state is known to its active element instance", instance, key, table))
        found.extend(Violation("a known wait state is open", 0, key, kind) for kind, key in stored)
        for key, count, root in _wrong_counts(database, connection):
            found.append(Violation("an instance counts its open incidents and those of the instances it called", key, root, str(count)))
    return found


def _wrong_counts(database: Database, connection: Connection) -> list[tuple[int, int, int]]:
    parents: dict[int, tuple[int | None, int, int]] = {
        key: (parent, incidents, root)
        for key, parent, incidents, root in database.rows(
            connection, "SELECT key, parent_process_instance_key, incidents, root_process_instance_key FROM process_instance"
        )
    }
    counted = dict.fromkeys(parents, 0)
    for (instance,) in database.rows(connection, "SELECT process_instance_key FROM incident WHERE state = 'ACTIVE'"):
        current: int | None = instance
        while current is not None:
            counted[current] += 1
            current = parents[current][0]
    return [(key, count, parents[key][2]) for key, count in counted.items() if parents[key][1] != count]
