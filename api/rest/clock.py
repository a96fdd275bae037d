"""Pinning the engine's clock, for tests: only a server started with --test-clock has one that can be set."""

from datetime import UTC, datetime

from fastapi import APIRouter, HTTPException, Request, Response
from pydantic import Field as Member

from api.rest.context import EngineHere, Operator
from api.rest.json_body import JsonRoute
from api.rest.wire import Ask

router = APIRouter(tags=["Clock"], route_class=JsonRoute)


class Pin(Ask):
    """Milliseconds since 1970."""

    timestamp: int = Member(ge=0, le=253_402_300_799_000)


@router.put("/clock", status_code=204, response_class=Response)
def pin_clock(request: Request, engine: EngineHere, _user: Operator, body: Pin) -> None:
    """Stops the clock at that moment; every timer due by then has fired when it answers."""
    _check(request)
    engine.pin_clock(datetime.fromtimestamp(body.timestamp / 1000, UTC))


@router.post("/clock/reset", status_code=204, response_class=Response)
def reset_clock(request: Request, engine: EngineHere, _user: Operator) -> None:
    """Lets the clock run with the system's again."""
    _check(request)
    engine.reset_clock()


def _check(request: Request) -> None:
    if not request.app.state.settings.test_clock:
        raise HTTPException(404, "This server's clock cannot be set: start it with --test-clock.")
