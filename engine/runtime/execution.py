"""How is one command carried out to its end? The step it asks for, then every step that follows in other instances."""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from engine.kernel import advance
from engine.model import (
    BroadcastSignal,
    Cancel,
    CancelChild,
    Command,
    Create,
    DefinitionKey,
    Effect,
    ElementKey,
    IncidentKey,
    IncidentKind,
    NotifyParent,
    OpenIncident,
    PublishMessage,
    Refused,
    StartChild,
    StateNeeded,
)
from engine.runtime.definitions import Definitions
from engine.runtime.inputs import Actor, Notice
from engine.runtime.lookups import Lookups
from engine.runtime.suspended import refuse_if_suspended
from engine.store.cells import InstanceCell, SubscriptionCell
from engine.store.effects import EffectWriter
from engine.store.json_text import dumps
from engine.store.places import Places
from engine.store.steps import Outward, Step
from engine.store.times import micros
from engine.store.workspace import Workspace, chain

CALL_DEPTH_LIMIT = 300
GENERATION_LIMIT = 1_000
FOLLOW_UP_BUDGET = 100_000


@dataclass(frozen=True, slots=True)
class _FollowUp:
    """What a step asks of others; `generation` counts how many steps led here, one because of the other."""

    source: InstanceCell
    ask: Outward | SubscriptionCell
    generation: int


@dataclass(slots=True)
class Execution:
    """One command from outside with all that follows from it: one atomic change."""

    workspace: Workspace
    places: Places
    writer: EffectWriter
    definitions: Definitions
    now: datetime
    actor: Actor
    deliver: "Delivery"
    notices: dict[Notice, None] = field(default_factory=dict[Notice, None])
    next_due: int | None = None
    _waiting: deque[_FollowUp] = field(default_factory=deque[_FollowUp])
    _spent: int = 0
    _generation: int = 0

    # ------------------------------------------------------------ steps

    def step(
        self,
        cell: InstanceCell,
        command: Command,
        elements: Iterable[int] = (),
        *,
        before: Callable[[Step], None] | None = None,
        facts: Mapping[str, Any] | None = None,
        action: str | None = None,
    ) -> None:
        """Advances one instance. `before` consumes the wait state that the command names. Raises `Refused`, and `Conflict` for a
        suspended instance."""
        refuse_if_suspended(cell, command)
        effects, lookups = self._advance(cell, command, elements)
        step = self.open_step(cell, type(command).__name__)
        step.action = action
        step.decision_keys = {id(result): key for result, key in lookups.decided}
        if facts:
            step.facts.action = dict(facts)
        if before is not None:
            before(step)
        self.writer.apply(step, effects)
        self.close(step)

    def open_step(self, cell: InstanceCell, command: str) -> Step:
        return Step(cell, self.now, self.actor.user, self.actor.kind, command)

    def close(self, step: Step) -> None:
        """Writes its history and puts what it asks of others in the queue."""
        self.writer.close_step(step)
        cell = step.cell
        if step.next_due is not None:
            self.next_due = step.next_due if self.next_due is None else min(self.next_due, step.next_due)
        self.notices[Notice("instance", None, cell.key)] = None
        for type in step.job_types:
            self.notices[Notice("job", type, cell.key)] = None
        if step.touches_user_tasks:
            self.notices[Notice("user_task", None, cell.key)] = None
        if step.touches_incidents:
            self.notices[Notice("incident", None, cell.key)] = None
        for ask in (*step.outward, *step.opened):
            self._waiting.append(_FollowUp(cell, ask, self._generation + 1))

    def _advance(self, cell: InstanceCell, command: Command, elements: Iterable[int]) -> tuple[list[Effect], Lookups]:
        loaded = self.definitions.definition(self.workspace.connection, cell.definition_key)
        lookups = Lookups(self.definitions, self.workspace.connection, loaded)
        wanted: dict[int, None] = {}
        for key in elements:
            self.workspace.element(cell, key)
            for element in chain(cell, key):
                wanted[element.key] = None
        children: dict[int, None] = {}
        items: dict[Any, Any] = {}
        lists: set[Any] = set()
        while True:
            state = self.workspace.state(cell, wanted, children, items, lists)
            try:
                effects = advance(loaded.process, state, command, self.now, resources=lookups, keys=self.workspace.keys)
            except StateNeeded as needed:
                lookups.decided.clear()
                self._load(cell, needed, wanted, children, items, lists)
            else:
                return effects, lookups

    def _load(
        self,
        cell: InstanceCell,
        needed: StateNeeded,
        wanted: dict[int, None],
        children: dict[int, None],
        items: dict[Any, Any],
        lists: set[Any],
    ) -> None:
        before = len(wanted) + len(children) + len(items) + len(lists)
        for key in needed.elements:
            if self.workspace.element(cell, key) is None:
                raise Refused(f"The element instance {key} is not active any more.")
            wanted.update((element.key, None) for element in chain(cell, key))
        if needed.children_of:
            found = self.workspace.load_children(cell, needed.children_of, needed.deep)
            wanted.update((key, None) for key in found)
            children.update((key, None) for key in needed.children_of)
            if needed.deep:
                children.update((key, None) for key in found)
        for owner, name, position in needed.items:
            items.update(self.workspace.items(cell, owner, name, position))
            if position is None:
                lists.add((owner, name))
            else:
                items.setdefault((owner, name, position), None)
        if len(wanted) + len(children) + len(items) + len(lists) == before:
            raise RuntimeError(f"The kernel asks again for state that was loaded: {vars(needed)}")

    # ------------------------------------------------------------ new instances

    def start(
        self,
        definition_key: int,
        command: Create,
        *,
        tags: tuple[str, ...] = (),
        parent: InstanceCell | None = None,
        parent_element: int | None = None,
    ) -> InstanceCell:
        loaded = self.definitions.definition(self.workspace.connection, definition_key)
        key = self.workspace.keys.next()
        cell = InstanceCell(
            key=key,
            definition_key=definition_key,
            process_id=loaded.process_id,
            state="ACTIVE",
            start_date=self.now,
            end_date=None,
            parent_instance=None if parent is None else parent.key,
            parent_element=parent_element,
            root=key if parent is None else parent.root,
            depth=0 if parent is None else parent.depth + 1,
            incidents=0,
            started_by=self.actor.user,
            tags=tags,
            revision=0,
            suspended_at=None if parent is None else parent.suspended_at,
            may_have_items=False,
        )
        self.workspace.add(cell)
        self.workspace.changes.insert(
            "process_instance",
            (key,),
            [
                key,
                definition_key,
                cell.process_id,
                cell.state,
                micros(cell.start_date),
                None,
                cell.parent_instance,
                cell.parent_element,
                cell.root,
                cell.depth,
                0,
                cell.started_by,
                dumps(tags) if tags else None,
                cell.suspended_at,
            ],
        )
        self.step(cell, command)
        return cell

    # ------------------------------------------------------------ what follows

    def settle(self) -> None:
        """Carries out all that the steps so far ask of other instances, and what follows from that."""
        while self._waiting:
            follow = self._waiting.popleft()
            self._generation = follow.generation
            self._spent += 1
            if self._is_too_much(follow):
                self._refuse(follow)
                continue
            mark = self.workspace.changes.mark()
            try:
                self._follow(follow)
            except Refused as refusal:
                self.workspace.changes.undo(mark)
                if isinstance(follow.ask, StartChild):
                    self._call_incident(follow.source, follow.ask, f"The called process cannot start: {refusal}")
        self._generation = 0

    def _follow(self, follow: _FollowUp) -> None:
        source, ask = follow.source, follow.ask
        match ask:
            case StartChild():
                self._start_child(source, ask)
            case NotifyParent():
                self._notify_parent(source, ask)
            case CancelChild():
                for key in self.workspace.children_of_element(source, ask.element):
                    child = self.workspace.cell(key)
                    if child is not None and child.state == "ACTIVE":
                        self.step(child, Cancel(), [child.key])
            case PublishMessage():
                self.deliver.publish(self, ask.name, ask.correlation_key, ask.time_to_live, None, ask.variables)
            case BroadcastSignal():
                self.deliver.broadcast(self, ask.name, ask.variables)
            case SubscriptionCell():
                if ask.kind == "message":
                    self.deliver.look_for_buffered(self, source, ask)

    def _start_child(self, source: InstanceCell, ask: StartChild) -> None:
        if ask.element not in source.elements:
            return
        if source.depth + 1 > CALL_DEPTH_LIMIT:
            self._call_incident(source, ask, f"Calls are nested deeper than {CALL_DEPTH_LIMIT}: does the process call itself without end?")
            return
        self.start(ask.definition, Create(ask.variables), parent=source, parent_element=ask.element)

    def _notify_parent(self, source: InstanceCell, ask: NotifyParent) -> None:
        if source.parent_instance is None:
            return
        parent = self.workspace.cell(source.parent_instance)
        if parent is None or self.workspace.element(parent, ask.command.element) is None:
            return
        self.step(parent, ask.command, [ask.command.element])

    # ------------------------------------------------------------ too much

    def _is_too_much(self, follow: _FollowUp) -> bool:
        if isinstance(follow.ask, NotifyParent | CancelChild):
            return False
        return follow.generation > GENERATION_LIMIT or self._spent > FOLLOW_UP_BUDGET

    def _refuse(self, follow: _FollowUp) -> None:
        message = (
            f"One change led to more than {min(follow.generation, GENERATION_LIMIT)} others, one after the other: a loop without a wait."
        )
        if isinstance(follow.ask, StartChild):
            self._call_incident(follow.source, follow.ask, message)
        elif follow.source.key in follow.source.elements:
            self._open_incident(follow.source, follow.source.key, IncidentKind.STEP_LIMIT_EXCEEDED, message, None)

    def _call_incident(self, source: InstanceCell, ask: StartChild, message: str) -> None:
        retry = dumps({"start": int(ask.definition), "variables": dict(ask.variables)})
        self._open_incident(source, ask.element, IncidentKind.CALLED_ELEMENT_ERROR, message, retry)

    def _open_incident(self, cell: InstanceCell, element: int, kind: IncidentKind, message: str, retry: str | None) -> None:
        owner = self.workspace.element(cell, element)
        if owner is None:
            return
        step = self.open_step(cell, "Incident")
        effect = OpenIncident(IncidentKey(self.workspace.keys.next()), ElementKey(element), owner.element_id, kind, message)
        self.writer.incidents.open_incident(step, effect, retry=retry)
        self.close(step)

    def retry_call(self, cell: InstanceCell, element: int, definition: int, variables: Mapping[str, Any]) -> None:
        """Starts the called instance that an incident kept from starting."""
        self._waiting.append(_FollowUp(cell, StartChild(ElementKey(element), DefinitionKey(definition), variables), 1))


class Delivery(Protocol):
    """What messages and signals do; their module needs executions itself."""

    def publish(
        self, execution: Execution, name: str, correlation_key: str, ttl_ms: int, message_id: str | None, variables: Mapping[str, Any]
    ) -> int: ...

    def broadcast(self, execution: Execution, name: str, variables: Mapping[str, Any]) -> int: ...

    def look_for_buffered(self, execution: Execution, cell: InstanceCell, subscription: SubscriptionCell) -> None: ...
