"""May this sign-in be tried now? Counts failures of the last minutes by user name and by address."""

import threading
import time
from collections import OrderedDict, deque

from api.auth.errors import TooManyAttempts

_KEPT = 10_000  # names and addresses watched at once; the oldest go first


class Attempts:
    def __init__(self, *, per_name: int = 10, per_address: int = 50, window: float = 300) -> None:
        self._limits = {"name": per_name, "address": per_address}
        self._window = window
        self._failures: OrderedDict[tuple[str, str], deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def check(self, username: str, address: str) -> None:
        """Raises TooManyAttempts."""
        now = time.monotonic()
        with self._lock:
            for kind, value in (("name", username), ("address", address)):
                recent = self._recent((kind, value), now)
                if len(recent) >= self._limits[kind]:
                    wait = int(recent[0] + self._window - now) + 1
                    raise TooManyAttempts(f"Too many failed sign-ins: try again in {wait} seconds.", retry_after=wait)

    def failed(self, username: str, address: str) -> None:
        now = time.monotonic()
        with self._lock:
            for key in (("name", username), ("address", address)):
                self._failures.setdefault(key, deque()).append(now)
                self._failures.move_to_end(key)
            while len(self._failures) > _KEPT:
                self._failures.popitem(last=False)

    def succeeded(self, username: str) -> None:
        with self._lock:
            self._failures.pop(("name", username), None)

    def _recent(self, key: tuple[str, str], now: float) -> deque[float]:
        recent = self._failures.get(key, deque())
        while recent and recent[0] <= now - self._window:
            recent.popleft()
        return recent
