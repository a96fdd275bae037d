"""Puts the rooms together: engine, agent worker, sign-in, REST, pages and static files in one application."""

import importlib
import importlib.util
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import anyio.to_thread
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from api.auth import AuthError, Guard, Role
from api.envelope import Envelope
from api.rest import documentation, rest_router
from api.rest.job_signals import JobSignals
from api.rest.problems import BadRequest, problem_of
from api.settings import Settings
from engine.clock import TestClock
from engine.errors import GatewiseError
from engine.runtime.facade import Engine
from engine.runtime.inputs import ResourceKind

log = logging.getLogger("gatewise")

_THREADS = 64  # requests that may wait for the engine at once


def create_app(settings: Settings) -> FastAPI:
    """The application. Engine and worker start and stop with its lifespan. Raises BadSettings."""
    settings.check()
    engine = create_engine(settings)
    signals = JobSignals()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = _THREADS
        await anyio.to_thread.run_sync(engine.start)
        worker = None
        try:
            await anyio.to_thread.run_sync(_create_admin, settings, app.state.guard)
            signals.attach(engine)
            worker = await anyio.to_thread.run_sync(start_worker, settings, engine)
            yield
        finally:
            signals.detach()
            if worker is not None:
                await anyio.to_thread.run_sync(worker.stop)
            await anyio.to_thread.run_sync(engine.close)

    app = FastAPI(title="Gatewise", version="0.1.0", summary="Runs BPMN 2.0 diagrams", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.settings, app.state.engine, app.state.signals = settings, engine, signals
    app.state.guard = Guard(settings, engine.database)
    app.include_router(rest_router())
    app.include_router(documentation.router)
    if _exists("api.pages"):
        app.include_router(importlib.import_module("api.pages").router)
    _add_errors(app)
    app.add_middleware(Envelope, settings=settings)
    return app


def create_engine(settings: Settings) -> Engine:
    """The engine over the settings' database, not started, that knows agent files."""
    clock = TestClock() if settings.test_clock else None
    return Engine(settings.database_url, clock=clock, resource_kinds=_resource_kinds())


def start_worker(settings: Settings, engine: Engine) -> Any:
    """The agents' worker, running in this process; None when it is switched off."""
    if not settings.with_worker or not _exists("agent_tasks.worker"):
        return None
    worker = importlib.import_module("agent_tasks.worker").AgentWorker(engine)
    worker.start()
    return worker


def _resource_kinds() -> Sequence[ResourceKind]:
    return (importlib.import_module("agent_tasks").agent_resource_kind(),) if _exists("agent_tasks.worker") else ()


def _exists(module: str) -> bool:
    found = importlib.util.find_spec(module.partition(".")[0]) and importlib.util.find_spec(module)
    return bool(found and found.origin)


def _create_admin(settings: Settings, guard: Guard) -> None:
    """The first user, when the settings name one and there is nobody yet."""
    username, colon, password = settings.create_admin.partition(":")
    if settings.auth == "local" and guard.accounts.is_empty():
        if colon:
            guard.accounts.add(username, password, roles=[Role.ADMIN.value])
            log.warning("Created the administrator '%s'.", username)
        else:
            log.warning("There are no users yet: stop the server and add one with 'gatewise user add NAME --role admin'.")


def _add_errors(app: FastAPI) -> None:
    """Errors become problem documents under /v2 and pages elsewhere."""

    async def answer(request: Request, error: Exception) -> Response:
        if request.url.path.startswith("/v2") or not _exists("api.pages"):
            return problem_of(request, error)
        page = importlib.import_module("api.pages.trouble")
        match error:
            case AuthError():
                return await anyio.to_thread.run_sync(page.auth_trouble, request, error)
            case GatewiseError():
                return await anyio.to_thread.run_sync(page.engine_trouble, request, error)
            case HTTPException():
                return await anyio.to_thread.run_sync(page.trouble, request, error.status_code, "This cannot be shown", str(error.detail))
            case _:
                return await anyio.to_thread.run_sync(page.trouble, request, 400, "This cannot be done", "The request is invalid.")

    for kind in (GatewiseError, BadRequest, RequestValidationError, AuthError, HTTPException):
        app.add_exception_handler(kind, answer)
