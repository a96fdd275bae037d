"""Which problem document does each error become?"""

import json
import sqlite3

import pytest
from starlette.requests import Request

from api.auth import ForgedRequest, NotPermitted, SignInNeeded, TooManyAttempts
from api.rest.problems import BadRequest, problem_of
from bpmn.model import Problem
from engine.errors import Busy, Conflict, DeploymentRefused, NotFound, OutcomeUnknown, Rejected, StorageUnavailable

REFUSED = DeploymentRefused((Problem("error", "a.bpmn", "It is broken.", "Mend it.", "task", 7, "rule"),))


@pytest.mark.parametrize(
    ("error", "status", "title"),
    [
        (NotFound("gone"), 404, "Not Found"),
        (Conflict("taken"), 409, "Conflict"),
        (Rejected("wrong"), 400, "Bad Request"),
        (BadRequest("unclear"), 400, "Bad Request"),
        (REFUSED, 400, "Deployment refused"),
        (Busy("full", 2.2), 503, "RESOURCE_EXHAUSTED"),
        (StorageUnavailable("away"), 503, "Service Unavailable"),
        (OutcomeUnknown("away while committing"), 503, "Service Unavailable"),
        (sqlite3.OperationalError("disk full"), 503, "Service Unavailable"),
        (SignInNeeded("who"), 401, "Unauthorized"),
        (NotPermitted("no"), 403, "Forbidden"),
        (ForgedRequest("no"), 403, "Forbidden"),
        (TooManyAttempts("slow down", retry_after=30), 429, "Too Many Requests"),
        (RuntimeError("secret"), 500, "Internal Server Error"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_an_error_becomes_a_problem_document(error: Exception, status: int, title: str) -> None:
    request = Request({"type": "http", "path": "/v2/x", "headers": [], "query_string": b"", "state": {"request_id": "r-1"}})
    answer = problem_of(request, error)
    body = json.loads(bytes(answer.body))
    assert (answer.status_code, body["status"], body["title"], body["instance"]) == (status, status, title, "/v2/x")
    assert answer.media_type == "application/problem+json"
    assert body["detail"]
    if isinstance(error, Busy):
        assert answer.headers["retry-after"] == "2"
    if isinstance(error, TooManyAttempts):
        assert answer.headers["retry-after"] == "30"
    if isinstance(error, RuntimeError):
        assert "secret" not in body["detail"]
        assert "r-1" in body["detail"]
    if error is REFUSED:
        assert body["problems"] == [
            {
                "severity": "error",
                "file": "a.bpmn",
                "message": "It is broken.",
                "advice": "Mend it.",
                "elementId": "task",
                "line": 7,
                "rule": "rule",
            }
        ]
