"""Operations on one process instance beyond its ordinary life: migrating it to another definition, deleting it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import Field as Member
from pydantic import model_validator

from api.auth import Permission, User, require
from api.rest.context import EngineHere, Operator, actor
from api.rest.json_body import JsonRoute
from api.rest.process_instances import Operation, instance
from api.rest.wire import Answer, Ask, Key, Name, PathKey
from engine.runtime.migration import Obstacle

router = APIRouter(tags=["Process instances"], route_class=JsonRoute)

Deleter = Annotated[User, Depends(require(Permission.DELETE_INSTANCES))]


class MappingInstruction(Ask):
    source_element_id: Name
    target_element_id: Name


class MigrationPlan(Ask):
    """Elements (and sequence flows on which tokens wait at joins) that no instruction names keep their ids."""

    target_process_definition_key: Key
    mapping_instructions: list[MappingInstruction] = Member(default=[], max_length=10_000)
    operation_reference: int | None = None

    @model_validator(mode="after")
    def _maps_once(self) -> "MigrationPlan":
        sources = [item.source_element_id for item in self.mapping_instructions]
        twice = next((source for source in sources if sources.count(source) > 1), None) if len(set(sources)) < len(sources) else None
        if twice is not None:
            raise ValueError(f"mappingInstructions map '{twice}' twice")
        return self

    @property
    def mapping(self) -> dict[str, str]:
        return {item.source_element_id: item.target_element_id for item in self.mapping_instructions}


class MigrationObstacle(Answer):
    """`elementInstanceKey` null: it concerns the mapping itself."""

    element_id: str
    element_instance_key: Key | None
    reason: str


class Verdict(Answer):
    process_instance_key: Key
    is_possible: bool
    obstacles: list[MigrationObstacle]


@router.post("/process-instances/{key}/migration", status_code=204, response_class=Response)
def migrate_process_instance(engine: EngineHere, user: Operator, key: PathKey, body: MigrationPlan) -> None:
    """409 with the reason when an active element does not fit; ask for the verdict to see all reasons."""
    instance(engine, key)
    engine.migrate_instance(key, body.target_process_definition_key, body.mapping, actor=actor(user))


@router.post("/process-instances/{key}/migration/verdict")
def judge_migration(engine: EngineHere, _user: Operator, key: PathKey, body: MigrationPlan) -> Verdict:
    """Could it be migrated by this plan, and if not, why? Changes nothing."""
    instance(engine, key)
    return verdict(key, engine.plan_migration(key, body.target_process_definition_key, body.mapping))


def verdict(key: int, obstacles: tuple[Obstacle, ...]) -> Verdict:
    found = [
        MigrationObstacle(element_id=one.element_id, element_instance_key=one.element_instance_key, reason=one.reason) for one in obstacles
    ]
    return Verdict(process_instance_key=key, is_possible=not found, obstacles=found)


@router.post("/process-instances/{key}/deletion", status_code=204, response_class=Response)
def delete_process_instance(engine: EngineHere, user: Deleter, key: PathKey, _body: Operation | None = None) -> None:
    """Deletes an ended instance with its history and all instances it called. Who did it is kept as a batch operation of one item."""
    engine.delete_instance(key, actor=actor(user))
