"""What does every route need? The engine, and who acts."""

from typing import Annotated

from fastapi import Depends, Request

from api.auth import Permission, User, require, signed_in
from engine.runtime.facade import Engine
from engine.runtime.inputs import Actor


def engine_of(request: Request) -> Engine:
    return request.app.state.engine


async def _engine(request: Request) -> Engine:
    return request.app.state.engine


EngineHere = Annotated[Engine, Depends(_engine)]
SignedIn = Annotated[User, Depends(signed_in)]

Deployer = Annotated[User, Depends(require(Permission.DEPLOY))]
DefinitionReader = Annotated[User, Depends(require(Permission.READ_DEFINITIONS))]
Starter = Annotated[User, Depends(require(Permission.START))]
InstanceReader = Annotated[User, Depends(require(Permission.READ_INSTANCES))]
HistoryReader = Annotated[User, Depends(require(Permission.READ_HISTORY))]
Operator = Annotated[User, Depends(require(Permission.OPERATE))]
Publisher = Annotated[User, Depends(require(Permission.PUBLISH))]
JobWorker = Annotated[User, Depends(require(Permission.WORK_JOBS))]
JobChanger = Annotated[User, Depends(require(Permission.WORK_JOBS, Permission.OPERATE))]
Evaluator = Annotated[User, Depends(require(Permission.EVALUATE))]
TaskAssigner = Annotated[User, Depends(require(Permission.ASSIGN_TASKS))]
UserManager = Annotated[User, Depends(require(Permission.MANAGE_USERS))]


def actor(user: User, kind: str = "user") -> Actor:
    """Who does it, for the engine's history."""
    return Actor(user.username, kind)
