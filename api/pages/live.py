"""How does a page hear that something changed? One stream of server-sent events per open tab."""

import asyncio
import secrets
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated
from weakref import WeakKeyDictionary

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from api.auth import NotPermitted, Permission, User, current_user
from api.pages.site import engine_of
from engine.runtime.facade import Engine
from engine.runtime.inputs import Notice

router = APIRouter(include_in_schema=False)

LONGEST = 600.0  # seconds; then the browser connects again and is asked again who it is
BREATH = 15.0  # seconds between signs of life
PAUSE = 0.2  # seconds in which changes are gathered


@dataclass(eq=False, slots=True)
class Listener:
    """One open tab. `instance`: it cares for this one only."""

    loop: asyncio.AbstractEventLoop
    changed: asyncio.Event
    instance: int | None


class Hub:
    """Passes the engine's notices, which come from its own thread, to the open tabs.

    `count` grows with every notice: a page that was drawn at an older count has missed something.
    """

    def __init__(self, engine: Engine) -> None:
        self._listeners: set[Listener] = set()
        self._lock = threading.Lock()
        self.count = secrets.randbits(40)  # differs from that of the process before a restart
        engine.subscribe(self._hear)

    def add(self, listener: Listener) -> None:
        with self._lock:
            self._listeners.add(listener)

    def remove(self, listener: Listener) -> None:
        with self._lock:
            self._listeners.discard(listener)

    def _hear(self, notice: Notice) -> None:
        with self._lock:
            self.count += 1
            listening = [each for each in self._listeners if each.instance in (None, notice.instance_key) and not each.changed.is_set()]
        for each in listening:
            try:
                each.loop.call_soon_threadsafe(each.changed.set)
            except RuntimeError:  # its loop has ended
                self.remove(each)


_hubs: "WeakKeyDictionary[Engine, Hub]" = WeakKeyDictionary()
_hubs_lock = threading.Lock()


def hub_of(engine: Engine) -> Hub:
    with _hubs_lock:
        hub = _hubs.get(engine)
        if hub is None:
            hub = _hubs[engine] = Hub(engine)
        return hub


def events_address(engine: Engine, instance: int | None = None) -> str:
    """Where a page listens. Call it before reading what the page shows: changes since then are announced at once."""
    return f"/events?since={hub_of(engine).count}" + (f"&instance={instance}" if instance is not None else "")


@router.get("/events")
async def events(request: Request, user: Annotated[User, Depends(current_user)], instance: int | None = None, since: int = -1) -> Response:
    """Says only *that* something changed: what, the page asks for itself, with the rights of its reader."""
    if not (user.may(Permission.WORK_TASKS) or user.may(Permission.READ_ALL_TASKS) or user.may(Permission.READ_INSTANCES)):
        raise NotPermitted("Nothing you may see changes by itself.")
    listener = Listener(asyncio.get_running_loop(), asyncio.Event(), instance)
    return StreamingResponse(
        _stream(request, hub_of(engine_of(request)), listener, since),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _stream(request: Request, hub: Hub, listener: Listener, since: int) -> AsyncIterator[str]:
    ends = listener.loop.time() + LONGEST
    hub.add(listener)
    if hub.count != since:
        listener.changed.set()
    try:
        yield "retry: 2000\n\n"
        while listener.loop.time() < ends and not await request.is_disconnected():
            try:
                await asyncio.wait_for(listener.changed.wait(), BREATH)
            except TimeoutError:
                yield ": still here\n\n"
                continue
            await asyncio.sleep(PAUSE)
            listener.changed.clear()
            yield "event: changed\ndata:\n\n"
    finally:
        hub.remove(listener)
