"""How long does a request wait for something to happen? Jobs to become available, an instance to complete."""

import time
from collections.abc import Callable
from typing import Any

import orjson
from fastapi import HTTPException, Request
from fastapi.concurrency import run_in_threadpool

from api.rest.job_signals import JobSignals
from engine.runtime.facade import Engine
from engine.store.rows import ActivatedJob, Page

DEFAULT_WAIT = 10.0  # seconds, when the caller leaves it to us
_LOOK_AGAIN = 2.0  # for what gives no notice: an ended backoff or lease, and other processes on the same database


async def await_jobs(request: Request, type: str, wait_ms: int, activate: Callable[[], list[ActivatedJob]]) -> list[ActivatedJob]:
    """`wait_ms`: below 0 not at all, 0 as long as we think right. Returns nothing to a caller that has gone."""
    signals: JobSignals = request.app.state.signals
    end = time.monotonic() + _seconds(request, wait_ms)
    subject = ("job", type)
    while True:
        with signals.place(subject) as place:
            jobs = await run_in_threadpool(activate)
            if jobs:
                signals.wake(subject)
                return jobs
            left = end - time.monotonic()
            if left <= 0 or not signals.is_attached:
                return []
            await place.wait(min(left, _LOOK_AGAIN))
        if await request.is_disconnected():
            return []


async def await_completion(request: Request, engine: Engine, key: int, wait_ms: int, names: list[str] | None) -> dict[str, Any]:
    """The root variables of an instance once it is completed. HTTPException 504 when that takes longer than the caller waits."""
    signals: JobSignals = request.app.state.signals
    end = time.monotonic() + _seconds(request, wait_ms)
    while True:
        with signals.place(("instance", key)) as place:
            row = await run_in_threadpool(engine.get, "process_instance", key)
            if row.state == "COMPLETED":
                return await run_in_threadpool(_root_variables, engine, key, names)
            if row.state == "TERMINATED":
                raise HTTPException(409, f"Process instance {key} was cancelled before it completed.")
            left = end - time.monotonic()
            if left <= 0 or not signals.is_attached:
                raise HTTPException(504, f"Process instance {key} was started and goes on; it was not completed in time.")
            await place.wait(min(left, _LOOK_AGAIN))
        if await request.is_disconnected():
            return {}


def _seconds(request: Request, wait_ms: int) -> float:
    if wait_ms < 0:
        return 0.0
    return min(wait_ms / 1000 if wait_ms else DEFAULT_WAIT, float(request.app.state.settings.max_poll))


def _root_variables(engine: Engine, key: int, names: list[str] | None) -> dict[str, Any]:
    condition: dict[str, Any] = {"process_instance_key": key, "scope_key": key}
    if names is not None:
        condition["name"] = {"$in": names}
    return {row.name: orjson.loads(row.value) for row in engine.search("variable", condition, (), Page(limit=10_000)).items}
