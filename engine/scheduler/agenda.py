"""What is due, and when will something be due next? Read from the indexes of timers, leases, back-offs and messages."""

from dataclasses import dataclass
from datetime import datetime

from engine.store.database import Database
from engine.store.suspended import IS_NOT_SUSPENDED
from engine.store.times import micros

AT_ONCE = 500

_NEXT_TIMER = f"SELECT (SELECT due FROM timer WHERE {IS_NOT_SUSPENDED} ORDER BY due, key LIMIT 1)"  # noqa: S608 - our own words
_SWEPT = (
    "SELECT min(deadline) FROM job WHERE state = 'ACTIVATED'",
    "SELECT min(due) FROM job WHERE due IS NOT NULL",
    "SELECT min(expires_at) FROM message",
)


@dataclass(frozen=True, slots=True)
class Due:
    """`timers`: (instance, key) in the order in which they are due. `must_sweep`: a lease, back-off or message has ended."""

    timers: tuple[tuple[int, int], ...]
    must_sweep: bool

    @property
    def has_more(self) -> bool:
        return len(self.timers) >= AT_ONCE


class Agenda:
    def __init__(self, database: Database) -> None:
        self._database = database

    def next_due(self) -> int | None:
        """In microseconds since 1970; None: nothing is set."""
        with self._database.reading() as connection:
            found = [self._database.rows(connection, sql)[0][0] for sql in (_NEXT_TIMER, *_SWEPT)]
        return min((due for due in found if due is not None), default=None)

    def due_timers(self, until: datetime, *, skip: frozenset[int] = frozenset()) -> Due:
        at = micros(until)
        with self._database.reading() as connection:
            timers = self._database.rows(
                connection,
                f"SELECT process_instance_key, key FROM timer WHERE due <= ? AND {IS_NOT_SUSPENDED} "  # noqa: S608 - our own words
                f"ORDER BY due, key LIMIT {AT_ONCE + len(skip)}",
                (at,),
            )
            ends = [self._database.rows(connection, sql)[0][0] for sql in _SWEPT]
        return Due(tuple((row[0], row[1]) for row in timers if row[1] not in skip), any(end is not None and end <= at for end in ends))
