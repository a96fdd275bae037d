"""When does the engine wake up by itself? One thread sleeps until the next due time, or until somebody sets an earlier one."""

import logging
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import datetime

from engine.clock import Clock, TestClock
from engine.errors import GatewiseError
from engine.scheduler.agenda import Agenda
from engine.store.times import micros

_log = logging.getLogger(__name__)

_LONGEST = 5.0  # seconds: clocks jump, and other processes set timers in the same database
_AFTER_FAILURE = 1.0


class Alarm:
    """`fire(now, until)` fires what is due by `until` and says whether it got any further."""

    def __init__(self, agenda: Agenda, clock: Clock, fire: Callable[[datetime, datetime], bool]) -> None:
        self._agenda = agenda
        self._clock = clock
        self._fire = fire
        self._wake = threading.Event()
        self._firing = threading.Lock()
        self._is_stopping = False
        self._thread: threading.Thread | None = None
        self._next: int | None = None

    def start(self) -> None:
        self._is_stopping = False
        self._thread = threading.Thread(target=self._run, name="gatewise-alarm", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._is_stopping = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def wake(self) -> None:
        self._wake.set()

    def due_at(self, due: int) -> None:
        """Something was set for that time (microseconds since 1970)."""
        if self._next is None or due < self._next:
            self._wake.set()

    @contextmanager
    def silenced(self) -> Generator[None]:
        """While a test clock is moved, only the mover fires timers."""
        with self._firing:
            yield
        self._wake.set()

    def _run(self) -> None:
        while not self._is_stopping:
            wait = _AFTER_FAILURE
            try:
                wait = self._once()
            except GatewiseError as problem:
                if not self._is_stopping:
                    _log.warning("Due timers wait: %s", problem)
            except Exception:
                _log.exception("The scheduler failed; it tries again.")
            if wait > 0:
                self._wake.wait(wait)
            self._wake.clear()

    def _once(self) -> float:
        """Fires what is due; the seconds to sleep then."""
        with self._firing:
            now = self._clock.now()
            self._next = None
            due = self._agenda.next_due()
            if due is not None and due <= micros(now):
                return 0.0 if self._fire(now, now) else _AFTER_FAILURE
            self._next = due
        if isinstance(self._clock, TestClock) and self._clock.is_pinned:
            return _LONGEST  # it stands still until somebody moves it, and wakes us
        return _LONGEST if due is None else min(_LONGEST, max((due - micros(now)) / 1e6, 0.001))
