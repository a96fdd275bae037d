"""The REST interface under /v2, in the shapes of Camunda 8's Orchestration Cluster API."""

import importlib
import importlib.util

from fastapi import APIRouter, Depends

from api.auth import verify_csrf


def rest_router() -> APIRouter:
    """Every route of the interface. Changes by browsers are checked for forgery here, permissions route by route."""
    router = APIRouter(prefix="/v2", dependencies=[Depends(verify_csrf)])
    for name in ROUTERS:
        router.include_router(importlib.import_module(f"api.rest.{name}").router)
    return router


ROUTERS = (
    "deployments",
    "process_definitions",
    "process_instances",
    "element_instances",
    "variables",
    "jobs",
    "user_tasks",
    "messages",
    "incidents",
    "decisions",
    "decision_instances",
    "expressions",
    "clock",
    "cluster",
    "users",
    "agent_runs",
    "agent_instances",
)
