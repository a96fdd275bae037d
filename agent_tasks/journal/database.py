"""How are agent runs kept in the engine's database?

An entry is a row; the row of its run counts the entries, so that of two workers who go on with the same run one is
refused: the statement that counts also asks that nobody has written that entry yet.
"""

from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Any, Protocol

from sqlalchemy import Connection, String, Text, insert, select

from agent_tasks.errors import RunTaken
from agent_tasks.journal.entries import AgentRun, EntryKind, JournalEntry, OpenedRun, RunOrigin, RunRef
from agent_tasks.journal.schema import agent_journal_entry as entry_table
from agent_tasks.journal.schema import agent_run as run_table
from agent_tasks.journal.totals import added, assigned
from engine.clock import Clock
from engine.store.database import Database
from engine.store.entities import Entity, Field
from engine.store.json_text import dumps, loads
from engine.store.keys import KeyBlocks
from engine.store.rows import Found, Page
from engine.store.search import Question
from engine.store.times import micros, moment


class _Engine(Protocol):
    """What the journal needs of the engine."""

    @property
    def database(self) -> Database: ...
    @property
    def clock(self) -> Clock: ...


class DatabaseJournal:
    """The journal in the engine's database. Thread-safe."""

    def __init__(self, engine: _Engine) -> None:
        self._engine = engine
        self._keys = KeyBlocks(engine.database)
        self._lock = Lock()

    # ------------------------------------------------------------ writing

    def open(self, origin: RunOrigin) -> OpenedRun:
        with self._lock:
            try:
                with self._engine.database.writing() as connection:
                    self._keys.begin(connection)
                    opened = self._open(connection, origin)
            except BaseException:
                self._keys.discard()
                raise
            self._keys.committed()
            return opened

    def _open(self, connection: Connection, origin: RunOrigin) -> OpenedRun:
        last = connection.execute(
            select(run_table.c.key, run_table.c.attempt, run_table.c.status)
            .where(run_table.c.process_instance_key == origin.process_instance_key, run_table.c.job_key == origin.job_key)
            .order_by(run_table.c.attempt.desc())
            .limit(1)
        ).first()
        if last is not None and last.status != "FAILED":
            ref = RunRef(origin.process_instance_key, last.key)
            return OpenedRun(ref, last.attempt, _entries(connection, ref))
        attempt = 1 if last is None else last.attempt + 1
        key = self._keys.next()
        connection.execute(insert(run_table).values(_new_run(origin, key, attempt, micros(self._engine.clock.now()))))
        return OpenedRun(RunRef(origin.process_instance_key, key), attempt)

    def append(self, run: RunRef, seq: int, kind: EntryKind, data: Mapping[str, Any]) -> JournalEntry:
        at = self._engine.clock.now()
        now = micros(at)
        text = dumps(dict(data))
        more, fixed = added(kind, data), {**assigned(kind, data), "entry_count": seq, "updated_at": now}
        if fixed.get("status", "RUNNING") != "RUNNING":
            fixed["ended_at"] = now
        changes = ", ".join([*(f"{name} = {name} + ?" for name in more), *(f"{name} = ?" for name in fixed)])
        here = (run.process_instance_key, run.key)
        database = self._engine.database
        with database.writing() as connection:
            counted = database.run(
                connection,
                f"UPDATE agent_run SET {changes} "  # noqa: S608 - names of our own columns
                "WHERE process_instance_key = ? AND key = ? AND entry_count = ? AND status = 'RUNNING'",
                (*more.values(), *fixed.values(), *here, seq - 1),
            )
            if counted != 1:
                raise RunTaken(f"Agent run {run.key} has entry {seq} already or is over: another worker went on with it.")
            database.run(
                connection,
                "INSERT INTO agent_journal_entry (process_instance_key, run_key, seq, kind, at, data) VALUES (?, ?, ?, ?, ?, ?)",
                (*here, seq, kind.value, now, text),
            )
        return JournalEntry(seq, kind, at, data)

    # ------------------------------------------------------------ reading

    def run(self, key: int) -> AgentRun | None:
        found = self.runs({"key": key}, limit=1).items
        return found[0] if found else None

    def runs(
        self,
        filter: Mapping[str, Any] | None = None,
        *,
        sort: Sequence[tuple[str, str]] = (("started_at", "desc"),),
        limit: int = 100,
        page: Page | None = None,
    ) -> Found[AgentRun]:
        """Runs by their fields, as `Engine.search` does: a value, or {"$in": […], "$gt": …, …}. The first `limit`, or a page."""
        question = Question("agent_run", _RUNS, filter or {}, sort, page or Page(limit=limit))
        database = self._engine.database
        with database.reading() as connection:
            rows = database.rows(connection, question.sql, question.values)
            total = database.rows(connection, question.count_sql, question.count_values)[0][0]
        return Found([_RUNS.make(row) for row in rows], total, question.cursor(rows[-1]) if rows else None)

    def entries(self, key: int) -> tuple[JournalEntry, ...]:
        """All entries of a run, in order; empty when there is no such run."""
        run = self.run(key)
        if run is None:
            return ()
        with self._engine.database.reading() as connection:
            return _entries(connection, RunRef(run.process_instance_key, run.key))


def _new_run(origin: RunOrigin, key: int, attempt: int, now: int) -> dict[str, Any]:
    copied = {name: getattr(origin, name) for name in RunOrigin.__dataclass_fields__}
    zeros = dict.fromkeys(("model_calls", "input_tokens", "output_tokens", "money", "seconds", "failures", "entry_count"), 0)
    return {**copied, **zeros, "key": key, "attempt": attempt, "status": "RUNNING", "started_at": now, "updated_at": now}


def _made(stored: Sequence[Any]) -> AgentRun:
    found = dict(zip(_COLUMNS, stored, strict=True))
    for name in _TIMES:
        found[name] = moment(found[name])
    return AgentRun(**found)


_COLUMNS = tuple(AgentRun.__dataclass_fields__)
_TIMES = ("started_at", "updated_at", "ended_at")
_NUMBERS = {c.name for c in run_table.columns if not isinstance(c.type, (Text, String))}
_RUNS = Entity(
    "agent_run t",
    {name: Field(f"t.{name}", "time" if name in _TIMES else "int" if name in _NUMBERS else "text") for name in _COLUMNS},
    _made,
    {},
)


def _entries(connection: Connection, run: RunRef) -> tuple[JournalEntry, ...]:
    rows = connection.execute(
        select(entry_table.c.seq, entry_table.c.kind, entry_table.c.at, entry_table.c.data)
        .where(entry_table.c.process_instance_key == run.process_instance_key, entry_table.c.run_key == run.key)
        .order_by(entry_table.c.seq)
    ).all()
    return tuple(JournalEntry(row.seq, EntryKind(row.kind), moment(row.at), loads(row.data)) for row in rows)
