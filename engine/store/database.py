"""How is the database reached? One connection that writes, a pool that reads, and statements compiled once."""

import sqlite3
import threading
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import QueuePool, StaticPool

from engine.errors import OutcomeUnknown, Rejected, StorageUnavailable
from engine.store.migrations import migrate
from engine.store.one_writer import OneWriter

Rows = list[tuple[Any, ...]]

_PATIENCE = 30.0  # seconds to wait for a database that went away during a commit


class Database:
    """`url`: sqlite:///PATH, sqlite:// (in memory, gone at the end) or postgresql[+psycopg]://…"""

    def __init__(self, url: str) -> None:
        try:
            parsed = make_url(url)
        except ArgumentError as problem:
            raise Rejected(f"Not a database URL: {url!r}. Write sqlite:///PATH or postgresql://USER@HOST/NAME.") from problem
        if parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        if parsed.get_backend_name() not in ("sqlite", "postgresql"):
            raise Rejected(f"The database {parsed.get_backend_name()!r} is not supported: use sqlite or postgresql.")
        self.url = parsed
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self.is_in_memory = self.is_sqlite and parsed.database in (None, "", ":memory:")
        self._one_writer = OneWriter(Path(parsed.database or "")) if self.is_sqlite and not self.is_in_memory else None
        self._writer: Engine | None = None
        self._readers: Engine | None = None
        self._memory_lock = threading.RLock()
        self._statements: dict[str, str] = {}

    @property
    def driver_errors(self) -> tuple[type[Exception], ...]:
        """What the driver raises itself, where statements do not go through SQLAlchemy."""
        if self._writer is None:
            return (sqlite3.Error,)
        return (self._writer.dialect.loaded_dbapi.Error,)

    def is_lost(self, problem: BaseException) -> bool:
        """The connection is gone: the database restarts, or the network is cut."""
        found = problem.orig if isinstance(problem, DBAPIError) else problem
        if self.is_sqlite or self._writer is None:
            return False
        driver = self._writer.dialect.loaded_dbapi
        if not isinstance(found, (driver.OperationalError, driver.InterfaceError)):
            return False
        state = getattr(found, "sqlstate", None)
        return state is None or state.startswith(("08", "57P"))

    # ------------------------------------------------------------ life

    def open(self) -> None:
        """Connects, takes the file's lock and migrates the schema. Raises `StorageUnavailable`."""
        if self._one_writer is not None:
            Path(self.url.database or "").parent.mkdir(parents=True, exist_ok=True)
            self._one_writer.take()
        try:
            self._writer = self._create(pool=1)
            self._readers = self._writer if self.is_in_memory else self._create(pool=8)
            migrate(self._writer)
        except (DBAPIError, NoSuchModuleError, ImportError) as problem:
            self.close()
            raise StorageUnavailable(f"The database {self.url.render_as_string()} cannot be opened: {problem}") from problem

    def close(self) -> None:
        for engine in (self._readers, self._writer):
            if engine is not None:
                engine.dispose()
        self._writer = self._readers = None
        if self._one_writer is not None:
            self._one_writer.release()

    def _create(self, *, pool: int) -> Engine:
        if self.is_in_memory:
            engine = create_engine(self.url, poolclass=StaticPool, connect_args={"check_same_thread": False})
        elif self.is_sqlite:
            engine = create_engine(
                self.url, poolclass=QueuePool, pool_size=pool, max_overflow=0, connect_args={"check_same_thread": False, "timeout": 10}
            )
        else:
            engine = create_engine(self.url, pool_size=pool, max_overflow=0, pool_pre_ping=True)
        if self.is_sqlite:
            event.listen(engine, "connect", _prepare_sqlite)
        return engine

    # ------------------------------------------------------------ use

    @contextmanager
    def writing(self) -> Generator[Connection]:
        """The one writing connection, in a transaction that ends with the block. When it returns, the changes are on disk.

        Raises `OutcomeUnknown` when the database went away during the commit and does not come back to say what became of it.
        """
        if self._writer is None:
            raise StorageUnavailable("The engine is not running: start it first.")
        with self._memory(), self._writer.connect() as connection:
            try:
                connection.begin()
                if self.is_sqlite:
                    connection.exec_driver_sql("BEGIN IMMEDIATE")
                yield connection
            except BaseException as problem:
                self._take_back(connection, problem)
                raise
            self._commit(connection)

    def _take_back(self, connection: Connection, problem: BaseException) -> None:
        """Rolls back. A connection that may be broken is closed, so that the next one is new."""
        if isinstance(problem, (DBAPIError, *self.driver_errors)) and not self.is_in_memory:
            connection.invalidate()
            return
        try:
            connection.rollback()
        except (DBAPIError, *self.driver_errors):
            connection.invalidate()

    def _commit(self, connection: Connection) -> None:
        """Commits. On PostgreSQL a connection that breaks meanwhile leaves open whether it did: the transaction's number tells."""
        number = None
        try:
            if not self.is_sqlite:
                number = self.rows(connection, "SELECT pg_current_xact_id()::text")[0][0]
            connection.commit()
        except (DBAPIError, *self.driver_errors) as problem:
            self._take_back(connection, problem)
            if number is None or not self._was_committed(number):
                raise

    def _was_committed(self, number: str) -> bool:
        assert self._readers is not None
        give_up = time.monotonic() + _PATIENCE
        while True:
            try:
                with self._readers.connect() as connection:
                    status = self.rows(connection, "SELECT pg_xact_status(?::xid8)", (number,))[0][0]
                if status != "in progress":
                    return status == "committed"
            except (DBAPIError, *self.driver_errors) as problem:
                if time.monotonic() > give_up:
                    raise OutcomeUnknown(
                        "The database went away while it was asked to commit: the change may be there or not."
                    ) from problem
            time.sleep(0.1)

    @contextmanager
    def reading(self) -> Generator[Connection]:
        """A reading connection. Raises `StorageUnavailable` when the database is out of reach."""
        if self._readers is None:
            raise StorageUnavailable("The engine is not running: start it first.")
        try:
            with self._memory(), self._readers.connect() as connection:
                try:
                    yield connection
                except BaseException as problem:
                    if self.is_lost(problem):
                        connection.invalidate()
                    raise
        except (DBAPIError, *self.driver_errors) as problem:
            if self.is_lost(problem):
                raise StorageUnavailable(f"The database is out of reach: {problem}") from problem
            raise

    @contextmanager
    def _memory(self) -> Generator[None]:
        """A database in memory has one connection for all."""
        if self.is_in_memory:
            with self._memory_lock:
                yield
        else:
            yield

    # ------------------------------------------------------------ statements in bulk

    def many(self, connection: Connection, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Executes `sql` (with ? for each value) once per row, in bulk."""
        cursor = connection.connection.cursor()
        try:
            cursor.executemany(self._sql(sql), rows)
        finally:
            cursor.close()

    @contextmanager
    def pipelined(self, connection: Connection) -> Generator[None]:
        """Statements whose answers nobody reads are sent without waiting for each (PostgreSQL)."""
        if self.is_sqlite:
            yield
            return
        driver: Any = connection.connection.driver_connection
        with driver.pipeline():
            yield

    def run(self, connection: Connection, sql: str, values: Sequence[Any] = ()) -> int:
        """Executes `sql` (with ? for each value); the number of changed rows."""
        cursor = connection.connection.cursor()
        try:
            cursor.execute(self._sql(sql), tuple(values))
            return cursor.rowcount
        finally:
            cursor.close()

    def rows(self, connection: Connection, sql: str, values: Sequence[Any] = ()) -> Rows:
        """The rows of a query (with ? for each value)."""
        cursor = connection.connection.cursor()
        try:
            cursor.execute(self._sql(sql), tuple(values))
            return cast(Rows, cursor.fetchall())
        finally:
            cursor.close()

    def _sql(self, sql: str) -> str:
        if self.is_sqlite:
            return sql
        known = self._statements.get(sql)
        if known is None:
            known = self._statements[sql] = sql.replace("%", "%%").replace("?", "%s")
        return known


def marks(count: int) -> str:
    """`count` placeholders. Rounded up by the caller (see `padded`) so that few different statements arise."""
    return ",".join("?" * count)


def padded(values: Sequence[Any]) -> list[Any]:
    """The values, the last repeated up to the next power of two: an IN list then has few different lengths to prepare."""
    size = 1
    while size < len(values):
        size *= 2
    return [*values, *([values[-1]] * (size - len(values)))]


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=OFF",
        "busy_timeout=10000",
        "temp_store=MEMORY",
        "cache_size=-65536",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
