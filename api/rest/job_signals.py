"""Who is waiting for jobs of this type? Wakes one waiting request at a time, without holding a thread for it."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from engine.runtime.facade import Engine
from engine.runtime.inputs import Notice

Subject = tuple[str, str | int | None]


class Place:
    """One request's place in the queue for a subject."""

    def __init__(self) -> None:
        self.woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.is_used = False

    async def wait(self, seconds: float) -> bool:
        """Until woken; False when the time is over."""
        done, _ = await asyncio.wait((self.woken,), timeout=max(0.0, seconds))
        self.is_used = bool(done)
        return self.is_used


class JobSignals:
    """Lives in the event loop; the engine's notices arrive from its thread.

    A notice about jobs wakes the request that waits longest; one about an instance wakes all. A request takes its place
    before it looks for jobs, so that nothing happens between looking and waiting.
    """

    def __init__(self) -> None:
        self._places: defaultdict[Subject, deque[Place]] = defaultdict(deque)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._unsubscribe: Callable[[], None] | None = None

    def attach(self, engine: Engine) -> None:
        """Call it in the event loop."""
        self._loop = asyncio.get_running_loop()
        self._unsubscribe = engine.subscribe(self._noticed)

    def detach(self) -> None:
        if self._unsubscribe is not None:
            self._unsubscribe()
        self._unsubscribe = self._loop = None
        for subject in list(self._places):
            self._wake_all(subject)

    def stop(self) -> None:
        """Ends all waiting, from any thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self.detach)

    @property
    def is_attached(self) -> bool:
        """False when the server stops: requests then end their waiting."""
        return self._loop is not None

    @contextmanager
    def place(self, subject: Subject) -> Iterator[Place]:
        place, places = Place(), self._places[subject]
        places.append(place)
        try:
            yield place
        finally:
            if place in places:
                places.remove(place)
            if place.woken.done() and not place.is_used:
                self.wake(subject)  # the signal must not be lost with this request
            if not places:
                self._places.pop(subject, None)

    def wake(self, subject: Subject) -> None:
        """Wakes the first in the queue. Whoever found jobs calls it: there may be more."""
        places = self._places.get(subject)
        if places:
            places.popleft().woken.set_result(None)

    def _wake_all(self, subject: Subject) -> None:
        while self._places.get(subject):
            self.wake(subject)

    def _noticed(self, notice: Notice) -> None:
        loop = self._loop
        if loop is None or loop.is_closed():
            return
        if notice.kind == "job":
            loop.call_soon_threadsafe(self.wake, ("job", notice.type))
        elif notice.kind == "instance" and ("instance", notice.instance_key) in self._places:
            loop.call_soon_threadsafe(self._wake_all, ("instance", notice.instance_key))
