"""Modifying a running instance: ending what is active, activating something else."""

from collections.abc import Iterator
from typing import Literal

from fastapi import APIRouter, Response
from pydantic import Field as Member

from api.rest.context import EngineHere, Operator, actor
from api.rest.json_body import JsonRoute
from api.rest.problems import BadRequest
from api.rest.process_instances import instance
from api.rest.wire import Ask, Key, Name, PathKey, Variables
from engine.errors import NotFound
from engine.model import Activation
from engine.runtime.facade import Engine
from engine.store.rows import ElementInstanceRow, Page

router = APIRouter(tags=["Process instances"], route_class=JsonRoute)


class LocalVariables(Ask):
    """`scopeId` is the element's own id: variables of outer scopes are set with PUT /element-instances/{key}/variables."""

    variables: Variables
    scope_id: str | None = None


class Activate(Ask):
    element_id: Name
    variable_instructions: list[LocalVariables] = Member(default=[], max_length=100)
    ancestor_element_instance_key: Key | None = None


class TerminateByKey(Ask):
    element_instance_key: Key


class TerminateById(Ask):
    element_id: Name


class SourceById(Ask):
    source_type: Literal["byId"]
    source_element_id: Name


class SourceByKey(Ask):
    source_type: Literal["byKey"]
    source_element_instance_key: Key


class Ancestor(Ask):
    """direct: the scope with that key; inferred: the only one there is; sourceParent: that of the source."""

    ancestor_scope_type: Literal["direct", "inferred", "sourceParent"]
    ancestor_element_instance_key: Key | None = None


class Move(Ask):
    """Each active instance of the source is ended and the target activated once for it."""

    source_element_instruction: SourceById | SourceByKey
    target_element_id: Name
    ancestor_scope_instruction: Ancestor | None = None
    variable_instructions: list[LocalVariables] = Member(default=[], max_length=100)


class Modification(Ask):
    activate_instructions: list[Activate] = Member(default=[], max_length=1000)
    terminate_instructions: list[TerminateByKey | TerminateById] = Member(default=[], max_length=1000)
    move_instructions: list[Move] = Member(default=[], max_length=1000)
    operation_reference: int | None = None


@router.post("/process-instances/{key}/modification", status_code=204, response_class=Response)
def modify_process_instance(engine: EngineHere, user: Operator, key: PathKey, body: Modification) -> None:
    """All instructions together, or none."""
    instance(engine, key)
    terminate = [ended for item in body.terminate_instructions for ended in _ended(engine, key, item)]
    activate = [
        (_activation(item.element_id, item.variable_instructions), item.ancestor_element_instance_key)
        for item in body.activate_instructions
    ]
    for move in body.move_instructions:
        for source in _sources(engine, key, move.source_element_instruction):
            terminate.append(source.key)
            activate.append(
                (_activation(move.target_element_id, move.variable_instructions), _ancestor(move.ancestor_scope_instruction, source))
            )
    if not terminate and not activate:
        raise BadRequest("Nothing is to be changed: give activateInstructions, terminateInstructions or moveInstructions.")
    engine.modify_instance(key, terminate=tuple(dict.fromkeys(terminate)), activate=tuple(activate), actor=actor(user))


def _ended(engine: Engine, key: int, item: TerminateByKey | TerminateById) -> Iterator[int]:
    if isinstance(item, TerminateByKey):
        yield item.element_instance_key
    else:
        yield from (row.key for row in _active(engine, key, item.element_id))


def _sources(engine: Engine, key: int, source: SourceById | SourceByKey) -> list[ElementInstanceRow]:
    if isinstance(source, SourceById):
        return _active(engine, key, source.source_element_id)
    row = engine.get("element_instance", source.source_element_instance_key)
    if row is None or row.process_instance_key != key:
        raise NotFound(f"Process instance {key} has no element instance {source.source_element_instance_key}.")
    return [row]


def _active(engine: Engine, key: int, element_id: str) -> list[ElementInstanceRow]:
    wanted = {"process_instance_key": key, "element_id": element_id, "state": "ACTIVE"}
    found = engine.search("element_instance", wanted, (), Page(limit=1000))
    if not found.items:
        raise NotFound(f"Nothing of '{element_id}' is active in process instance {key}.")
    if found.total > len(found.items):
        raise BadRequest(f"More than {len(found.items)} instances of '{element_id}' are active: name them by their keys.")
    return found.items


def _activation(element_id: str, instructions: list[LocalVariables]) -> Activation:
    variables: Variables = {}
    for item in instructions:
        if item.scope_id != element_id:
            raise BadRequest(
                f"Variables of '{element_id}' need scopeId '{element_id}'; set others with PUT /v2/element-instances/{{key}}/variables."
            )
        variables.update(item.variables)
    return Activation(element_id, variables)


def _ancestor(instruction: Ancestor | None, source: ElementInstanceRow) -> int | None:
    match instruction:
        case Ancestor(ancestor_scope_type="direct"):
            return instruction.ancestor_element_instance_key
        case Ancestor(ancestor_scope_type="sourceParent"):
            return source.scope_key
        case _:
            return None
