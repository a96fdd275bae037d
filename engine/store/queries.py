"""What can readers ask? One row by its key, searches, and the few questions with answers of their own."""

from collections.abc import Mapping, Sequence
from typing import Any

from engine.errors import NotFound, Rejected
from engine.store.database import Database
from engine.store.entities import ENTITIES, Entity
from engine.store.json_text import loads
from engine.store.rows import DecisionInstanceRow, Found, HistoryRecord, Page, StoredResource
from engine.store.search import Question


def decision_instance_row(row: Sequence[Any]) -> DecisionInstanceRow:
    """From a row of `decision_instance` in column order."""
    instance, key, element, element_id, id, name, definition, state, failure, result, details, at, *_ = row
    made: DecisionInstanceRow = ENTITIES["decision_instance"].make(
        (key, id, name, definition, state, failure, result, details, at, element_id, element, instance or None, None, None)
    )
    return made


class Queries:
    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, entity: str, key: int) -> Any:
        found = self.search(entity, {"key": key}, (), Page(limit=1), count=False).items
        return found[0] if found else None

    def search(
        self, name: str, filter: Mapping[str, Any], sort: Sequence[tuple[str, str]], page: Page, *, count: bool = True
    ) -> Found[Any]:
        entity = _entity(name)
        question = Question(name, entity, filter, sort, page)
        with self._database.reading() as connection:
            rows = self._database.rows(connection, question.sql, question.values)
            total = len(rows)
            if count and (len(rows) == page.limit or page.offset or page.after is not None):
                total = self._database.rows(connection, question.count_sql, question.count_values)[0][0]
        cursor = question.cursor(rows[-1]) if rows else None
        return Found([entity.make(row) for row in rows], total, cursor)

    # ------------------------------------------------------------ instances

    def history(self, instance: int) -> list[HistoryRecord]:
        rows = self._read(
            "SELECT process_instance_key, seq, at, actor, actor_kind, command, facts FROM history_record "
            "WHERE process_instance_key = ? ORDER BY seq",
            instance,
        )
        return [ENTITIES["history"].make(row) for row in rows]

    def sequence_flows(self, instance: int) -> list[str]:
        rows = self._read("SELECT facts FROM history_record WHERE process_instance_key = ? ORDER BY seq", instance)
        return [flow for row in rows for flow in loads(row[0]).get("flows", ())]

    def visible_variables(self, scope: int) -> dict[str, Any]:
        """All variables seen from an element instance or process instance. `NotFound` when there is none."""
        rows = self._read(
            "WITH RECURSIVE chain AS (SELECT process_instance_key, key, scope_key, 0 AS far FROM element_instance WHERE key = ? "
            "UNION ALL SELECT e.process_instance_key, e.key, e.scope_key, chain.far + 1 FROM chain JOIN element_instance e "
            "ON e.process_instance_key = chain.process_instance_key AND e.key = chain.scope_key) "
            "SELECT v.name, coalesce(v.value, b.value) FROM chain "
            "LEFT JOIN variable v ON v.process_instance_key = chain.process_instance_key AND v.scope_key = chain.key "
            "LEFT JOIN value_blob b ON b.process_instance_key = v.process_instance_key AND b.sha256 = v.sha256 ORDER BY chain.far DESC",
            scope,
        )
        if not rows:
            raise NotFound(f"No process or element instance {scope}.")
        return {name: loads(value) for name, value in rows if name is not None}

    # ------------------------------------------------------------ resources

    def process_xml(self, definition: int) -> str:
        rows = self._read("SELECT c.bytes FROM process_definition d JOIN content c ON c.sha256 = d.sha256 WHERE d.key = ?", definition)
        if not rows:
            raise NotFound(f"No process definition {definition}.")
        return _decoded(rows[0][0])

    def decision_xml(self, key: int) -> str:
        rows = self._read(
            "SELECT c.bytes FROM decision_requirements r JOIN content c ON c.sha256 = r.sha256 WHERE r.key = ? "
            "OR r.key = (SELECT requirements_key FROM decision_definition WHERE key = ?)",
            key,
            key,
        )
        if not rows:
            raise NotFound(f"No decision file or decision {key}.")
        return _decoded(rows[0][0])

    def resource(self, kind: str, id: str, *, deployment_of_instance: int | None, version: int | None) -> StoredResource:
        sql = (
            "SELECT t.key, t.kind, t.id, t.name, t.version, t.sha256, t.deployment_key, c.bytes, t.version_tag "
            "FROM resource t JOIN content c ON c.sha256 = t.sha256 "
        )
        where = f"{kind} {id!r}"
        if deployment_of_instance is not None:
            rows = self._read(
                sql  # noqa: S608 - words of our own
                + "JOIN deployment_resource l ON l.resource_key = t.key WHERE t.kind = ? AND t.id = ? AND l.deployment_key = "
                "(SELECT d.deployment_key FROM process_instance p JOIN process_definition d ON d.key = p.definition_key WHERE p.key = ?)",
                kind,
                id,
                deployment_of_instance,
            )
            if not rows:
                rows = self._read(sql + "WHERE t.kind = ? AND t.id = ? AND t.is_latest", kind, id)
        elif version is not None:
            where += f" in version {version}"
            rows = self._read(sql + "WHERE t.kind = ? AND t.id = ? AND t.version = ?", kind, id, version)
        else:
            rows = self._read(sql + "WHERE t.kind = ? AND t.id = ? AND t.is_latest", kind, id)
        if not rows:
            raise NotFound(f"No {where} is deployed.")
        *front, data, tag = rows[0]
        return StoredResource(*front, content=bytes(data), version_tag=tag)

    def _read(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        if any(isinstance(value, int) and not -(2**63) <= value < 2**63 for value in values):
            return []
        with self._database.reading() as connection:
            return self._database.rows(connection, sql, values)


def _entity(name: str) -> Entity:
    entity = ENTITIES.get(name)
    if entity is None:
        raise Rejected(f"There is no entity {name!r}. Known: {', '.join(ENTITIES)}.")
    return entity


def _decoded(data: bytes) -> str:
    data = bytes(data)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "latin-1")
