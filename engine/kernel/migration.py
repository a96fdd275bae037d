"""Can a running instance go on in another definition, and what has to change for that? Nothing is done here: the answer is data.

Each active element instance needs a target of the same type in the scope that its own scope becomes. What it waits for stays open where
the target defines it alike, and is opened anew where the definition differs; tokens that wait at joins need their flows.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bpmn.model import ElementType, FlowNode, MultiInstance, ProcessDefinition
from engine.kernel.advance import come_to_rest
from engine.kernel.events import open_waits
from engine.kernel.migrating_data import carry_over
from engine.kernel.migrating_waits import Reconciled, reconcile
from engine.kernel.step import Failure, Step
from engine.kernel.tables import INNER_INSTANCE, Tables, catches, tables_of
from engine.model import CloseWaits, Effect, ElementInstance, ElementKey, InstanceState, Keys, Resources


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why an instance cannot be migrated. `element` None: it concerns the mapping itself."""

    element_id: str
    element: ElementKey | None
    reason: str


@dataclass(frozen=True, slots=True)
class Migration:
    """`closes` come first, then element instances get their `element_ids` and kept waits their `events` (by element instance and event),
    then `effects`. With obstacles there is nothing else."""

    obstacles: tuple[Obstacle, ...] = ()
    closes: tuple[CloseWaits, ...] = ()
    element_ids: Mapping[ElementKey, str] = field(default_factory=dict[ElementKey, str])
    events: Mapping[tuple[ElementKey, str], str] = field(default_factory=dict[tuple[ElementKey, str], str])
    effects: tuple[Effect, ...] = ()


class ElementMapping:
    """Which id of the target stands for an id of the source? What the mapping leaves out keeps its id."""

    def __init__(self, source: ProcessDefinition, target: ProcessDefinition, given: Mapping[str, str]) -> None:
        self._given = {**given, source.process_node.id: target.process_node.id}

    def __call__(self, id: str) -> str:
        if id.endswith(INNER_INSTANCE):
            return self(id.removesuffix(INNER_INSTANCE)) + INNER_INSTANCE
        return self._given.get(id, id)


def plan_migration(
    source: ProcessDefinition,
    target: ProcessDefinition,
    state: InstanceState,
    open_events: Mapping[ElementKey, Iterable[str]],
    mapping: Mapping[str, str],
    now: datetime,
    *,
    resources: Resources,
    keys: Keys,
) -> Migration:
    """`state` holds all active element instances and may be changed. `open_events`: the events of their open timers and subscriptions."""
    old, new = tables_of(source), tables_of(target)
    to = ElementMapping(source, target, mapping)
    instances = sorted(state.elements.values(), key=lambda instance: instance.key)
    obstacles = list(_wrong_mapping(old, new, mapping))
    obstacles += [Obstacle(i.element_id, i.key, reason) for i in instances if (reason := _misfit(old, new, to, state, i))]
    if obstacles:
        return Migration(tuple(obstacles))
    reconciled = [reconcile(old, new, to, state, instance, set(open_events.get(instance.key, ()))) for instance in instances]
    for instance in instances:
        reason = carry_over(old, new, to, instance)
        if reason:
            obstacles.append(Obstacle(instance.element_id, instance.key, reason))
    if obstacles:
        return Migration(tuple(obstacles))
    element_ids = {instance.key: to(instance.element_id) for instance in instances}
    for instance in instances:
        instance.element_id = element_ids[instance.key]
    step = Step(new, state, now, resources, keys, 10_000)
    for instance, change in zip(instances, reconciled, strict=True):
        step.touch(instance)
        obstacles += _open(step, instance, change)
    if obstacles:
        return Migration(tuple(obstacles))
    come_to_rest(step)
    return Migration(
        (),
        tuple(CloseWaits(instance.key, event) for instance, change in zip(instances, reconciled, strict=True) for event in change.closed),
        element_ids,
        {(i.key, event): kept for i, change in zip(instances, reconciled, strict=True) for event, kept in change.kept.items()},
        tuple(step.finish()),
    )


def _open(step: Step, host: ElementInstance, change: Reconciled) -> Iterable[Obstacle]:
    for event, definition, interrupting in change.opened:
        try:
            opened = open_waits(step, host, event, definition, interrupting=interrupting)
        except Failure as failure:
            yield Obstacle(host.element_id, host.key, f"'{event}' of the target cannot be awaited: {failure.message}")
            continue
        if opened:
            host.data["w"] = 1
            step.effects.extend(opened)


# ---------------------------------------------------------------- do the elements fit?


def _wrong_mapping(old: Tables, new: Tables, mapping: Mapping[str, str]) -> Iterable[Obstacle]:
    for source, target in mapping.items():
        if source not in old.nodes and source not in old.definition.flows:
            yield Obstacle(source, None, f"The instance's definition has no element '{source}'.")
        elif target not in new.nodes and target not in new.definition.flows:
            yield Obstacle(source, None, f"The target definition has no element '{target}'.")


def _misfit(old: Tables, new: Tables, to: ElementMapping, state: InstanceState, instance: ElementInstance) -> str | None:
    """Why an element instance cannot become one of its target."""
    target_id = to(instance.element_id)
    source, target = old.nodes[instance.element_id], new.nodes.get(target_id)
    if target is None:
        return f"The target definition has no element '{target_id}': map '{source.id}' to the element that shall stand for it."
    if source.type is not target.type:
        return f"'{source.id}' is a {_word(source.type)}, '{target.id}' a {_word(target.type)}."
    if type(source.detail) is not type(target.detail):
        return f"'{source.id}' works as {type(source.detail).__name__}, '{target.id}' as {type(target.detail).__name__}."
    if type(catches(source)) is not type(catches(target)):
        return f"'{source.id}' and '{target.id}' wait for events of different kinds."
    if _loop(source) != _loop(target):
        return f"'{source.id}' and '{target.id}' loop in different ways."
    if instance.parent is None:
        return None
    return _misplaced(to, state.elements[instance.parent], source, target)


def _misplaced(to: ElementMapping, parent: ElementInstance, source: FlowNode, target: FlowNode) -> str | None:
    around = to(parent.element_id)
    if parent.type is ElementType.MULTI_INSTANCE_BODY and parent.element_id == source.id:
        return None
    if target.type is ElementType.AD_HOC_SUB_PROCESS_INNER_INSTANCE or target.scope == around.removesuffix(INNER_INSTANCE):
        return None
    return f"'{source.id}' lies in '{around}' after the migration, but '{target.id}' lies in '{target.scope}'."


def _loop(node: FlowNode) -> tuple[str, bool]:
    return type(node.loop).__name__, isinstance(node.loop, MultiInstance) and node.loop.sequential


def _word(type: ElementType) -> str:
    return type.value.lower().replace("_", " ")
