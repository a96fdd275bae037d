"""Who wants to know that something was committed? Keeps the callbacks and calls them."""

import logging
import threading
from collections.abc import Callable, Iterable

from engine.runtime.inputs import Notice

_log = logging.getLogger(__name__)


class Notices:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._callbacks: dict[int, Callable[[Notice], None]] = {}
        self._next = 0

    def subscribe(self, callback: Callable[[Notice], None]) -> Callable[[], None]:
        with self._lock:
            number = self._next = self._next + 1
            self._callbacks = {**self._callbacks, number: callback}

        def unsubscribe() -> None:
            with self._lock:
                self._callbacks = {n: c for n, c in self._callbacks.items() if n != number}

        return unsubscribe

    @property
    def has_subscribers(self) -> bool:
        return bool(self._callbacks)

    def send(self, notices: Iterable[Notice]) -> None:
        """A callback that fails is logged; the engine goes on."""
        callbacks = list(self._callbacks.values())
        for notice in notices:
            for callback in callbacks:
                try:
                    callback(notice)
                except Exception:
                    _log.exception("A subscriber failed on %s.", notice)
