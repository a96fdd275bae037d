"""The REST interface under /v2, in the shapes of Camunda 8's Orchestration Cluster API."""

from fastapi import APIRouter, Depends

from api.auth import verify_csrf
from api.rest import (
    agent_instances,
    agent_runs,
    batch_operations,
    clock,
    cluster,
    decision_instances,
    decisions,
    deployments,
    element_instances,
    expressions,
    incidents,
    instance_operations,
    jobs,
    messages,
    modifications,
    process_definitions,
    process_instances,
    resources,
    user_tasks,
    users,
    variables,
)

_ROOMS = (
    deployments,
    process_definitions,
    process_instances,
    modifications,
    instance_operations,
    batch_operations,
    element_instances,
    variables,
    jobs,
    user_tasks,
    messages,
    incidents,
    decisions,
    decision_instances,
    expressions,
    resources,
    agent_runs,
    agent_instances,
    clock,
    cluster,
    users,
)


def rest_router() -> APIRouter:
    """Every route of the interface. Changes by browsers are checked for forgery here, permissions route by route."""
    router = APIRouter(prefix="/v2", dependencies=[Depends(verify_csrf)])
    for room in _ROOMS:
        router.include_router(room.router)
    return router
