"""How does a running instance come to another definition, and what would keep it from that?"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.errors import Conflict, Rejected
from engine.kernel.migration import Migration, plan_migration
from engine.model import ElementKey, StateNeeded
from engine.runtime import requests
from engine.runtime.definitions import LoadedDefinition
from engine.runtime.execution import Execution
from engine.runtime.instances import active
from engine.runtime.lookups import Lookups
from engine.store.cells import ElementCell, InstanceCell


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why an instance cannot be migrated: one element (instance; None for the mapping itself) and the reason in words."""

    element_id: str
    element_instance_key: int | None
    reason: str


def verdict(execution: Execution, request: requests.PlanMigration) -> tuple[Obstacle, ...]:
    """What keeps the instance from being migrated; nothing is changed. Empty: it can be."""
    cell = active(execution, request.key)
    plan, _ = _plan(execution, cell, _target(execution, cell, request.target), request.mapping)
    return _obstacles(plan)


def migrate(execution: Execution, request: requests.MigrateInstance) -> None:
    """All of it, or `Conflict` with what keeps it from being migrated."""
    workspace, changes = execution.workspace, execution.workspace.changes
    cell = active(execution, request.key)
    target = _target(execution, cell, request.target)
    plan, lookups = _plan(execution, cell, target, request.mapping)
    if plan.obstacles:
        first, *others = plan.obstacles
        more = f" (and {len(others)} more)" if others else ""
        raise Conflict(f"Process instance {cell.key} cannot be migrated: {first.reason}{more}")
    step = execution.open_step(cell, "MigrateInstance")
    step.decision_keys = {id(result): key for result, key in lookups.decided}
    renamed = {cell.elements[key].element_id: new for key, new in plan.element_ids.items() if key != cell.key}
    step.facts.action = {"from": cell.definition_key, "to": target.key, "elements": renamed}
    execution.writer.apply(step, list(plan.closes))
    changes.assign(cell, "definition_key", target.key)
    changes.assign(cell, "process_id", target.process_id)
    changes.update("process_instance", (cell.key,), definition_key=target.key, process_id=target.process_id)
    for key, element_id in plan.element_ids.items():
        owner = workspace.element(cell, key)
        if owner is not None:
            _rename(execution, cell, owner, element_id, plan.events)
    execution.writer.apply(step, list(plan.effects))
    step.touches_user_tasks = True
    execution.close(step)
    execution.settle()


def _target(execution: Execution, cell: InstanceCell, key: int) -> LoadedDefinition:
    if key == cell.definition_key:
        raise Rejected(f"Process instance {cell.key} has the definition {key} already.")
    return execution.definitions.definition(execution.workspace.connection, key)


def _plan(execution: Execution, cell: InstanceCell, target: LoadedDefinition, mapping: Mapping[str, str]) -> tuple[Migration, Lookups]:
    workspace = execution.workspace
    source = execution.definitions.definition(workspace.connection, cell.definition_key)
    workspace.element(cell, cell.key)
    keys = [cell.key, *workspace.load_children(cell, [cell.key], deep=True)]
    workspace.load_waits([(cell, cell.elements[key]) for key in keys])
    lookups = Lookups(execution.definitions, workspace.connection, target)
    items: dict[tuple[int, str, int], Any] = {}
    lists: set[tuple[int, str]] = set()
    while True:
        try:
            plan = plan_migration(
                source.process,
                target.process,
                workspace.state(cell, keys, keys, items, lists),
                {ElementKey(key): _open_events(execution, cell, cell.elements[key]) for key in keys},
                mapping,
                execution.now,
                resources=lookups,
                keys=workspace.keys,
            )
        except StateNeeded as needed:
            if all((owner, name) in lists for owner, name, _ in needed.items):
                raise
            lookups.decided.clear()
            for owner, name, _ in needed.items:
                items.update(workspace.items(cell, owner, name, None))
                lists.add((owner, name))
        else:
            return plan, lookups


def _obstacles(plan: Migration) -> tuple[Obstacle, ...]:
    return tuple(Obstacle(one.element_id, one.element, one.reason) for one in plan.obstacles)


def _open_events(execution: Execution, cell: InstanceCell, owner: ElementCell) -> Iterable[str]:
    waits = execution.workspace.waits(cell, owner)
    return {wait.event for wait in (*waits.timers.values(), *waits.subscriptions.values())}


def _rename(
    execution: Execution, cell: InstanceCell, owner: ElementCell, element_id: str, events: Mapping[tuple[ElementKey, str], str]
) -> None:
    """The element instance and its wait states belong to the target from now on; their keys stay."""
    workspace, changes = execution.workspace, execution.workspace.changes
    waits = workspace.waits(cell, owner)
    if owner.element_id != element_id:
        changes.assign(owner, "element_id", element_id)
        changes.update("element_instance", (cell.key, owner.key), element_id=element_id)
        for job in waits.jobs.values():
            changes.assign(job, "element_id", element_id)
            changes.update("job", (cell.key, job.key), element_id=element_id)
        for task in waits.user_tasks.values():
            changes.assign(task, "element_id", element_id)
            changes.update("user_task", (cell.key, task.key), element_id=element_id)
        for incident in waits.incidents:
            changes.update("incident", (cell.key, incident), element_id=element_id)
    for key, timer in list(waits.timers.items()):
        event = events[ElementKey(owner.key), timer.event]
        changes.put(waits.timers, key, replace(timer, event=event))
        changes.update("timer", (cell.key, key), element_id=element_id, event=event, definition_key=cell.definition_key)
    for key, subscription in list(waits.subscriptions.items()):
        event = events[ElementKey(owner.key), subscription.event]
        changes.put(waits.subscriptions, key, replace(subscription, event=event))
        changes.update(
            "subscription",
            (cell.key, key),
            element_id=element_id,
            event=event,
            definition_key=cell.definition_key,
            process_id=cell.process_id,
        )
