"""What time is it for the engine? The system's clock, or one that a test pins and advances."""

import threading
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """`now()` is an aware datetime in UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class TestClock:
    """Runs with the system's clock until it is pinned; then it stands still until it is pinned again or reset."""

    __test__ = False

    def __init__(self, pinned: datetime | None = None) -> None:
        self._lock = threading.Lock()
        self._pinned = pinned

    def now(self) -> datetime:
        with self._lock:
            return self._pinned or datetime.now(UTC)

    @property
    def is_pinned(self) -> bool:
        return self._pinned is not None

    def pin(self, at: datetime) -> None:
        """`at` must be aware."""
        if at.tzinfo is None:
            raise ValueError("A clock is pinned to an aware datetime.")
        with self._lock:
            self._pinned = at.astimezone(UTC)

    def reset(self) -> None:
        with self._lock:
            self._pinned = None
