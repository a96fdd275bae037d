"""Who waits for this message or signal, and which messages wait? Stored rows together with those not yet written."""

from dataclasses import dataclass
from typing import Any

from engine.store.json_text import loads
from engine.store.workspace import Workspace

_COLUMNS = "process_instance_key, key, element_instance_key, event, name, correlation_key, interrupting, definition_key, process_id"
_LIMIT = 10_000


@dataclass(frozen=True, slots=True)
class Receiver:
    """A subscription. `instance` 0: a start event of a definition."""

    instance: int
    key: int
    element: int | None
    event: str
    name: str
    correlation_key: str | None
    interrupting: bool
    definition: int
    process_id: str


@dataclass(frozen=True, slots=True)
class BufferedMessage:
    key: int
    name: str
    correlation_key: str
    variables: dict[str, Any]


class Routing:
    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def receivers(self, kind: str, name: str, correlation_key: str | None = None, *, any_key: bool = False) -> list[Receiver]:
        """Waiting instances first, oldest first; then start events. `any_key`: whatever correlation key they wait for."""
        narrow = "" if any_key else " AND (correlation_key IS NULL OR correlation_key = ?)"
        rows = self._workspace.database.rows(
            self._workspace.connection,
            f"SELECT {_COLUMNS} FROM subscription WHERE kind = ? AND name = ?{narrow} ORDER BY key LIMIT {_LIMIT}",  # noqa: S608
            (kind, name) if any_key else (kind, name, correlation_key),
        )
        found = [Receiver(*row) for row in rows if not self._workspace.is_deleted("subscription", row[0], row[1])]
        for row in self._workspace.changes.pending("subscription"):
            instance, key, element, _, event, its_kind, its_name, its_key, interrupting, definition, process_id, _ = row
            if (its_kind, its_name) == (kind, name) and (any_key or its_key is None or its_key == correlation_key):
                found.append(Receiver(instance, key, element, event, its_name, its_key, interrupting, definition, process_id))
        return sorted(found, key=lambda receiver: (receiver.instance == 0, receiver.key))

    def buffered(self, name: str, correlation_key: str | None, process_id: str, now: int) -> list[BufferedMessage]:
        """Messages that wait for such a receiver and were not yet received by that process; oldest first."""
        narrow = "" if correlation_key is None else " AND correlation_key = ?"
        values = (name, now) if correlation_key is None else (name, now, correlation_key)
        rows: list[Any] = list(
            self._workspace.database.rows(
                self._workspace.connection,
                "SELECT key, name, correlation_key, variables FROM message "  # noqa: S608
                f"WHERE name = ? AND expires_at > ?{narrow} ORDER BY key LIMIT 100",
                values,
            )
        )
        for key, its_name, its_key, _, expires, variables in self._workspace.changes.pending("message"):
            if its_name == name and expires > now and correlation_key in (None, its_key):
                rows.append((key, its_name, its_key, variables))
        return [BufferedMessage(row[0], row[1], row[2], loads(row[3])) for row in rows if not self._was_received(row[0], process_id)]

    def _was_received(self, message: int, process_id: str) -> bool:
        if any(row[0] == message and row[1] == process_id for row in self._workspace.changes.pending("message_receipt")):
            return True
        return bool(
            self._workspace.database.rows(
                self._workspace.connection,
                "SELECT message_key FROM message_receipt WHERE message_key = ? AND process_id = ?",
                (message, process_id),
            )
        )

    def has_message(self, name: str, correlation_key: str, message_id: str) -> bool:
        for row in self._workspace.changes.pending("message"):
            if (row[1], row[2], row[3]) == (name, correlation_key, message_id):
                return True
        return bool(
            self._workspace.database.rows(
                self._workspace.connection,
                "SELECT key FROM message WHERE name = ? AND correlation_key = ? AND message_id = ?",
                (name, correlation_key, message_id),
            )
        )
