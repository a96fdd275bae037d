"""Puts the rooms together: engine, agent worker, sign-in, REST, pages and static files in one application."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import anyio.to_thread
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from agent_tasks import resource_kinds
from agent_tasks.worker import AgentWorker, worker_for_engine
from api import __version__, pages
from api.auth import AuthError, Guard, Role
from api.envelope import Envelope
from api.rest import documentation, rest_router
from api.rest.description import describe
from api.rest.job_signals import JobSignals
from api.rest.problems import BadRequest, problem_of
from api.settings import Settings
from engine.clock import TestClock
from engine.errors import GatewiseError
from engine.runtime.facade import Engine

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

    app = FastAPI(title="Gatewise", version=__version__, summary="Runs BPMN 2.0 diagrams", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.settings, app.state.engine, app.state.signals = settings, engine, signals
    app.state.guard = Guard(settings, engine.database)
    app.include_router(rest_router())
    app.include_router(documentation.router)
    app.openapi = partial(describe, app)
    app.include_router(pages.router)
    _add_errors(app)
    app.add_middleware(Envelope, settings=settings)
    return app


def create_engine(settings: Settings) -> Engine:
    """The engine over the settings' database, not started, that knows agent files."""
    clock = TestClock() if settings.test_clock else None
    return Engine(settings.database_url, clock=clock, resource_kinds=resource_kinds())


def start_worker(settings: Settings, engine: Engine) -> AgentWorker | None:
    """The agents' worker, running in this process; None when it is switched off."""
    return worker_for_engine(engine).start() if settings.with_worker else None


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
        if request.url.path.startswith("/v2"):
            return problem_of(request, error)
        return await anyio.to_thread.run_sync(_page_of, request, error)

    for kind in (GatewiseError, BadRequest, RequestValidationError, AuthError, HTTPException):
        app.add_exception_handler(kind, answer)


def _page_of(request: Request, error: Exception) -> Response:
    match error:
        case AuthError():
            return pages.auth_trouble(request, error)
        case GatewiseError():
            return pages.engine_trouble(request, error)
        case HTTPException(status_code=404):
            return pages.trouble(request, 404, "Not found", "There is no page at this address.")
        case HTTPException():
            return pages.trouble(request, error.status_code, "This cannot be done", str(error.detail))
        case _:
            return pages.trouble(request, 400, "This cannot be done", "The request is invalid.")
