"""How do due timers reach the processor? By themselves as time passes, or all at once when a test moves the clock."""

import time
from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime
from typing import Any

from engine.clock import Clock, TestClock
from engine.errors import Conflict
from engine.runtime import requests
from engine.runtime.inputs import SYSTEM, Actor
from engine.scheduler.agenda import Agenda
from engine.scheduler.alarm import Alarm
from engine.store.database import Database
from engine.store.times import micros, moment

_TROUBLE_PAUSE = 10.0


class TimeKeeper:
    """`submit` hands a request to the processor."""

    def __init__(self, database: Database, clock: Clock, submit: Callable[[requests.Request, Actor], "Future[Any]"]) -> None:
        self._clock = clock
        self._submit = submit
        self._agenda = Agenda(database)
        self._troubled: dict[int, float] = {}
        self.alarm = Alarm(self._agenda, clock, self._fire_due)

    def _fire_due(self, now: datetime, until: datetime) -> bool:
        """Fires the timers due by `until`, oldest first, and ends leases and messages; whether that got any further.

        A timer that cannot be fired is tried again a little later, so that it does not keep others from firing.
        """
        seconds = time.monotonic()
        self._troubled = {key: again for key, again in self._troubled.items() if again > seconds}
        due = self._agenda.due_timers(until, skip=frozenset(self._troubled))
        futures = {key: self._submit(requests.FireTimerRequest(instance, key), SYSTEM) for instance, key in due.timers}
        if due.must_sweep:
            futures[0] = self._submit(requests.Sweep(until), SYSTEM)
        for key, future in futures.items():
            if future.exception() is not None:
                self._troubled[key] = seconds + _TROUBLE_PAUSE
        return any(future.exception() is None for future in futures.values())

    def advance(self, at: datetime) -> None:
        """Moves a test clock to `at`, from due time to due time; what a timer starts is seen at its own time."""
        clock = self._clock
        assert isinstance(clock, TestClock)
        target = micros(at)
        with self.alarm.silenced():
            due = self._agenda.next_due()
            while due is not None and due <= target:
                moment_of_due = moment(due)
                clock.pin(max(moment_of_due, clock.now()) if clock.is_pinned else moment_of_due)
                if not self._fire_due(clock.now(), moment_of_due):
                    raise Conflict(f"A timer due at {moment_of_due.isoformat()} cannot be fired: see the log.")
                due = self._agenda.next_due()
            clock.pin(at)
