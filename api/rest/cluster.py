"""What is this server, is it well, and who am I to it?"""

from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import Field as Member
from sqlalchemy.exc import SQLAlchemyError

from api import __version__
from api.rest.context import EngineHere, SignedIn
from api.rest.json_body import JsonRoute
from api.rest.wire import TENANT, Answer
from engine.errors import GatewiseError
from engine.store.rows import Page

router = APIRouter(tags=["Server"], route_class=JsonRoute)


class Partition(Answer):
    partition_id: int = 1
    role: str = "leader"
    health: str = "healthy"
    state: str = "active"


class Broker(Answer):
    node_id: int = 0
    broker_id: str = "0"
    host: str
    port: int
    version: str
    partitions: tuple[Partition, ...] = (Partition(),)


class Topology(Answer):
    """One server is one broker with one partition; the database is what is shared."""

    brokers: list[Broker]
    cluster_id: str | None = None
    cluster_size: int = 1
    partitions_count: int = 1
    replication_factor: int = 1
    gateway_version: str
    last_completed_change_id: str = "-1"


class TenantAnswer(Answer):
    tenant_id: str = TENANT
    name: str = "Default"
    description: str | None = None


class Me(Answer):
    username: str
    display_name: str | None
    email: str | None
    roles: list[str]
    groups: list[str]
    permissions: list[str]
    tenants: tuple[TenantAnswer, ...] = (TenantAnswer(),)
    authorized_components: tuple[str, ...] = ("*",)
    sales_plan_type: str | None = None
    c8_links: dict[str, Any] = Member(default_factory=dict)
    can_logout: bool


class License(Answer):
    valid_license: bool = True
    license_type: str = "Apache-2.0"
    is_commercial: bool = False
    expires_at: str | None = None


@router.get("/topology")
async def topology(request: Request, _user: SignedIn) -> Topology:
    settings = request.app.state.settings
    return Topology(brokers=[Broker(host=settings.host, port=settings.port, version=__version__)], gateway_version=__version__)


@router.get("/status", status_code=204, response_class=Response)
async def status(engine: EngineHere) -> None:
    """Needs no sign-in. 204 when the database answers, 503 when not."""
    try:
        await run_in_threadpool(engine.search, "deployment", {}, (), Page(limit=1))
    except (GatewiseError, SQLAlchemyError) as error:
        raise HTTPException(503, "The database does not answer.") from error


@router.get("/authentication/me")
async def me(user: SignedIn) -> Me:
    return Me(
        username=user.username,
        display_name=user.display_name,
        email=user.email,
        roles=list(user.roles),
        groups=list(user.groups),
        permissions=sorted(user.permissions),
        can_logout=user.how == "session",
    )


@router.get("/license")
async def license_() -> License:
    return License()
