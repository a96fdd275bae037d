"""Where do keys come from? Blocks of numbers taken from the database; the partition stands in the high bits."""

from sqlalchemy import Connection

from engine.errors import StorageUnavailable
from engine.store.database import Database

PARTITION = 1
_PARTITION_BITS = 51
BLOCK = 20_000


class KeyBlocks:
    """Hands out keys inside a transaction. After a rollback call `discard`: the blocks taken in it are not ours."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Connection | None = None
        self._next = 0
        self._end = 0
        self._taken_now = False

    def begin(self, connection: Connection) -> None:
        self._connection = connection
        self._taken_now = False

    def committed(self) -> None:
        self._connection = None

    def discard(self) -> None:
        self._connection = None
        if self._taken_now:
            self._next = self._end = 0

    def next(self) -> int:
        if self._next >= self._end:
            self._take()
        key = self._next
        self._next += 1
        return key

    def _take(self) -> None:
        if self._connection is None:
            raise StorageUnavailable("Keys are only given inside a transaction.")
        rows = self._database.rows(
            self._connection,
            "INSERT INTO key_block (partition_id, next) VALUES (?, ?) "
            "ON CONFLICT (partition_id) DO UPDATE SET next = key_block.next + ? RETURNING next",
            (PARTITION, BLOCK + 1, BLOCK),
        )
        end: int = rows[0][0]
        base = PARTITION << _PARTITION_BITS
        self._next, self._end = base + end - BLOCK, base + end
        self._taken_now = True
