"""How does an error reach the caller? As a problem document (RFC 9457), whatever went wrong."""

import logging
import sqlite3
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.auth.errors import AuthError, SignInNeeded
from api.file_problems import problem_json
from engine.errors import Busy, Conflict, DeploymentRefused, GatewiseError, NotFound, Rejected, StorageUnavailable

log = logging.getLogger("gatewise.api")


class BadRequest(Exception):
    """The request cannot be understood; the message says what and how to mend it. `more` are extension members of the problem."""

    def __init__(self, message: str, **more: Any) -> None:
        super().__init__(message)
        self.more = more


def problem(
    request: Request, status: int, detail: str, *, title: str | None = None, headers: Mapping[str, str] | None = None, **more: Any
) -> Response:
    """`more` are extension members."""
    body = {
        "type": "about:blank",
        "title": title or HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": request.url.path,
        **more,
    }
    return JSONResponse(body, status_code=status, media_type="application/problem+json", headers=dict(headers or {}))


_STATUS: dict[type[GatewiseError], int] = {
    NotFound: 404,
    Conflict: 409,
    Rejected: 400,
    DeploymentRefused: 400,
    Busy: 503,
    StorageUnavailable: 503,
}


def problem_of(request: Request, error: Exception) -> Response:
    """The problem document of an error. Errors that nobody expected are logged and say no more than their request id."""
    match error:
        case DeploymentRefused():
            found = [problem_json(p) for p in error.problems]
            return problem(request, 400, str(error), title="Deployment refused", problems=found)
        case Busy():
            headers = {"Retry-After": str(max(1, round(error.retry_after)))}
            return problem(request, 503, str(error), title="RESOURCE_EXHAUSTED", headers=headers)
        case GatewiseError():
            return problem(request, next((s for kind, s in _STATUS.items() if isinstance(error, kind)), 400), str(error))
        case BadRequest():
            return problem(request, 400, str(error), **error.more)
        case RequestValidationError():
            return problem(request, 400, _validation_text(error))
        case AuthError():
            headers = {"WWW-Authenticate": 'Bearer realm="gatewise"'} if isinstance(error, SignInNeeded) else {}
            if error.retry_after:
                headers["Retry-After"] = str(error.retry_after)
            return problem(request, error.status, str(error), headers=headers)
        case HTTPException():
            return problem(request, error.status_code, _http_text(request, error), headers=error.headers)
        case sqlite3.OperationalError() | OperationalError():
            log.exception("the database failed", exc_info=error)
            return problem(request, 503, "The database cannot be used now: try again.", headers={"Retry-After": "1"})
        case _:
            log.exception("request failed", exc_info=error)
            request_id = getattr(request.state, "request_id", None)
            return problem(request, 500, f"Something went wrong inside Gatewise. The server's log has it under request {request_id}.")


def _validation_text(error: RequestValidationError) -> str:
    parts: list[str] = []
    for one in error.errors()[:10]:
        where = ".".join(str(p) for p in one["loc"][1:]) or str(one["loc"][0])
        parts.append(f"{where}: {one['msg']}")
    return "The request is invalid. " + "; ".join(parts) + "."


def _http_text(request: Request, error: HTTPException) -> str:
    match error.status_code:
        case 404 if error.detail == "Not Found":
            return f"There is nothing at {request.url.path}. The interface is described at /docs."
        case 405:
            return f"{request.method} is not possible at {request.url.path}. The interface is described at /docs."
        case _:
            return str(error.detail)
