"""May this sign-in be tried now? Counts the failures of the last minutes."""

import threading
import time
from collections import OrderedDict, deque

from api.auth.errors import TooManyAttempts

_KEPT = 10_000  # names and addresses watched at once; the oldest go first


class Attempts:
    """Limits failures of a name from an address, of an address, and of a name from anywhere: the last one higher, so that an
    attacker elsewhere cannot easily lock somebody out. `window` is in seconds."""

    def __init__(self, *, per_pair: int = 10, per_address: int = 50, per_name: int = 100, window: float = 300) -> None:
        self._limits = {"pair": per_pair, "address": per_address, "name": per_name}
        self._window = window
        self._failures: OrderedDict[tuple[str, ...], deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def check(self, username: str, address: str) -> None:
        """Raises TooManyAttempts."""
        now = time.monotonic()
        with self._lock:
            for key in _keys(username, address):
                recent = self._recent(key, now)
                if len(recent) >= self._limits[key[0]]:
                    wait = int(recent[0] + self._window - now) + 1
                    raise TooManyAttempts(f"Too many failed sign-ins: try again in {wait} seconds.", retry_after=wait)

    def failed(self, username: str, address: str) -> None:
        now = time.monotonic()
        with self._lock:
            for key in _keys(username, address):
                self._failures.setdefault(key, deque()).append(now)
                self._failures.move_to_end(key)
            while len(self._failures) > _KEPT:
                self._failures.popitem(last=False)

    def succeeded(self, username: str, address: str) -> None:
        with self._lock:
            self._failures.pop(("pair", username, address), None)

    def _recent(self, key: tuple[str, ...], now: float) -> deque[float]:
        recent = self._failures.get(key, deque())
        while recent and recent[0] <= now - self._window:
            recent.popleft()
        return recent


def _keys(username: str, address: str) -> tuple[tuple[str, ...], ...]:
    return ("pair", username, address), ("address", address), ("name", username)
