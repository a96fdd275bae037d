"""How do instances behave? An engine in memory: applies the kernel's effects to dictionaries and checks them after every command.

Before every command an instance is loaded anew from JSON, and only as far as the kernel asks for it: what it forgets to tell is lost.
"""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bpmn.model import ElementType, FormRef, MessageEvent, ProcessDefinition, ReceiveTask, ResourceRef, SignalEvent, StartEvent
from engine.kernel import advance
from engine.model import (
    AdHocResult,
    BroadcastSignal,
    Cancel,
    CancelChild,
    ChangeUserTask,
    CloseIncident,
    CloseWaits,
    Command,
    CompleteJob,
    CompleteUserTask,
    Create,
    DefinitionKey,
    DropItems,
    Effect,
    ElementInstance,
    ElementKey,
    EndElement,
    EndInstance,
    FireTimer,
    InstanceKey,
    InstanceState,
    NotifyParent,
    OpenIncident,
    OpenJob,
    OpenSubscription,
    OpenTimer,
    OpenUserTask,
    PublishMessage,
    PutElement,
    PutItem,
    PutVariable,
    RecordDecision,
    RecordFlow,
    Refused,
    Retry,
    SetVariables,
    StartChild,
    StateNeeded,
    ThrowError,
    Trigger,
)
from rules.dmn import DecisionResult

START = datetime(2030, 1, 1, 8, 0, tzinfo=UTC)

Wait = OpenJob | OpenUserTask | OpenTimer | OpenSubscription


class Keys:
    def __init__(self) -> None:
        self.last = 0

    def next(self) -> int:
        self.last += 1
        return self.last


@dataclass
class MemoryResources:
    definitions: dict[str, int]
    decisions: Mapping[str, Any] = field(default_factory=dict[str, Any])
    forms: Mapping[str, int] = field(default_factory=dict[str, int])

    def decide(self, ref: ResourceRef, decision_id: str, context: Mapping[str, Any], now: datetime) -> DecisionResult | None:
        found = self.decisions.get(decision_id)
        return None if found is None else found(context)

    def form_key(self, ref: FormRef, form_id: str) -> int | None:
        return self.forms.get(form_id)

    def process(self, ref: ResourceRef, process_id: str) -> DefinitionKey | None:
        key = self.definitions.get(process_id)
        return None if key is None else DefinitionKey(key)


@dataclass(frozen=True, slots=True)
class Stored:
    """An active element instance as a store holds it."""

    element_id: str
    type: ElementType
    parent: int | None
    started_at: datetime
    data: str  # JSON


@dataclass
class Ended:
    """One element instance in the history."""

    key: int
    element_id: str
    type: ElementType
    how: str
    parent: int | None


class Instance:
    """One process instance with everything a store would hold of it."""

    def __init__(self, engine: MemoryEngine, key: int, definition: int, parent: tuple[Instance, ElementKey] | None) -> None:
        self.engine, self.key, self.definition_key, self.parent = engine, key, definition, parent
        self.depth = 0 if parent is None else parent[0].depth + 1
        self.elements: dict[int, Stored] = {}
        self.variable_values: dict[int, dict[str, str]] = {}
        self.items: dict[tuple[int, str, int], str] = {}
        self.waits: dict[int, Wait] = {}
        self.open_incidents: dict[int, OpenIncident] = {}
        self.history: list[Ended] = []
        self.flows: list[str] = []
        self.decisions: list[RecordDecision] = []
        self.effects: list[Effect] = []
        self.state = "ACTIVE"

    # ------------------------------------------------------------ what tests do

    def complete(self, element_id: str, variables: Mapping[str, Any] | None = None, *, nth: int = 0, **more: Any) -> Instance:
        """Completes the (nth) open job or user task of the element."""
        wait = self.wait(element_id, nth)
        given = {**(variables or {}), **more}
        if isinstance(wait, OpenJob):
            del self.waits[wait.key]
            self.do(CompleteJob(wait.element, wait.key, given))
        else:
            assert isinstance(wait, OpenUserTask)
            self.do(CompleteUserTask(wait.element, given))
        return self

    def decide_ad_hoc(self, element_id: str, result: AdHocResult, **variables: Any) -> Instance:
        wait = self.wait(element_id)
        del self.waits[wait.key]
        self.do(CompleteJob(wait.element, wait.key, variables, ad_hoc=result))  # type: ignore[arg-type]
        return self

    def throw(self, element_id: str, code: str, *, nth: int = 0, **variables: Any) -> Instance:
        wait = self.wait(element_id, nth)
        del self.waits[wait.key]
        self.do(ThrowError(wait.element, code, "it failed", variables))
        return self

    def fire(self, event_id: str) -> Instance:
        """Fires the timer of the event now, whenever it is due."""
        timer = next(w for w in self.waits.values() if isinstance(w, OpenTimer) and w.event == event_id)
        self.engine.fire(self, timer)
        return self

    def set(self, variables: Mapping[str, Any] | None = None, *, scope: int | None = None, local: bool = False, **more: Any) -> Instance:
        self.do(SetVariables(ElementKey(scope or self.key), {**(variables or {}), **more}, local))
        return self

    def resolve(self, nth: int = 0) -> Instance:
        incident = list(self.open_incidents.values())[nth]
        self.do(Retry(incident.element, incident.key))
        return self

    def cancel(self) -> Instance:
        self.do(Cancel())
        return self

    def do(self, command: Command) -> Instance:
        self.engine.run(self, command)
        return self

    # ------------------------------------------------------------ what tests look at

    def wait(self, element_id: str, nth: int = 0) -> OpenJob | OpenUserTask:
        found = [w for w in self.waits.values() if isinstance(w, OpenJob | OpenUserTask) and w.element_id == element_id]
        assert len(found) > nth, f"nothing to do at {element_id}, but at {sorted(self.waiting.elements())}"
        return found[nth]

    @property
    def waiting(self) -> Counter[str]:
        """Open jobs and user tasks by element id."""
        return Counter(w.element_id for w in self.waits.values() if isinstance(w, OpenJob | OpenUserTask))

    @property
    def events(self) -> Counter[str]:
        """Open timers and subscriptions by the catching element's id."""
        return Counter(w.event for w in self.waits.values() if isinstance(w, OpenTimer | OpenSubscription))

    @property
    def completed(self) -> list[str]:
        return [e.element_id for e in self.history if e.how == "COMPLETED" and e.type is not ElementType.MULTI_INSTANCE_BODY]

    @property
    def cancelled(self) -> list[str]:
        return [e.element_id for e in self.history if e.how == "TERMINATED" and e.type is not ElementType.MULTI_INSTANCE_BODY]

    @property
    def active(self) -> Counter[str]:
        return Counter(stored.element_id for key, stored in self.elements.items() if key != self.key)

    @property
    def variables(self) -> dict[str, Any]:
        """Of the root scope, also after the end."""
        return self.local(self.key)

    def local(self, key: int) -> dict[str, Any]:
        return {name: json.loads(text) for name, text in self.variable_values.get(key, {}).items()}

    @property
    def incidents(self) -> list[OpenIncident]:
        return list(self.open_incidents.values())

    @property
    def children(self) -> list[Instance]:
        return [i for i in self.engine.instances if i.parent is not None and i.parent[0] is self]

    def keys_of(self, element_id: str) -> list[int]:
        """Keys of the active instances of the element."""
        return [key for key, stored in self.elements.items() if stored.element_id == element_id]


class MemoryEngine:
    """Several definitions and their instances. `load_all` gives the kernel everything at once instead of what it asks for."""

    def __init__(
        self,
        *definitions: ProcessDefinition,
        decisions: Mapping[str, Any] | None = None,
        forms: Mapping[str, int] | None = None,
        load_all: bool = False,
        step_budget: int = 10_000,
    ) -> None:
        self.definitions = dict(enumerate(definitions, 1))
        self.resources = MemoryResources({d.id: key for key, d in self.definitions.items()}, decisions or {}, forms or {})
        self.keys, self.now, self.instances = Keys(), START, list[Instance]()
        self.load_all, self.step_budget = load_all, step_budget
        self.published: list[PublishMessage] = []
        self.refused: list[Command] = []
        self.loads = 0
        self._todo: deque[tuple[Instance, Command]] = deque()

    # ------------------------------------------------------------ what tests do

    def start(
        self, variables: Mapping[str, Any] | None = None, *, process: str | None = None, event: str | None = None, **more: Any
    ) -> Instance:
        return self.create(Create({**(variables or {}), **more}, start_event=event), process)

    def create(self, command: Create, process: str | None = None) -> Instance:
        key = 1 if process is None else self.resources.definitions[process]
        instance = Instance(self, self.keys.next(), key, None)
        self.instances.append(instance)
        self.run(instance, command)
        return instance

    def advance_time(self, **by: float) -> None:
        """Moves the clock and fires what becomes due, in due order."""
        end = self.now + timedelta(**by)
        while True:
            due = [(w.due, w.key, i, w) for i in self.instances for w in i.waits.values() if isinstance(w, OpenTimer) and w.due <= end]
            if not due:
                break
            moment, _, instance, timer = min(due, key=lambda found: found[:2])
            self.now = max(self.now, moment)
            self.fire(instance, timer)
        self.now = end

    def fire(self, instance: Instance, timer: OpenTimer) -> None:
        del instance.waits[timer.key]
        self.run(instance, FireTimer(timer.element, timer.key, timer.event))

    def message(self, name: str, key: str | None = None, **variables: Any) -> bool:
        """To one subscription, else to a message start event. False when nobody wants it."""
        for instance in self.instances:
            for wait in instance.waits.values():
                if not isinstance(wait, OpenSubscription) or wait.kind != "message" or wait.name != name:
                    continue
                if wait.correlation_key in (None, key) or key is None:
                    self._trigger(instance, wait, variables)
                    return True
        return bool(self._start_by(MessageEvent, name, variables, only_one=True))

    def signal(self, name: str, **variables: Any) -> None:
        reached = [
            (i, w)
            for i in self.instances
            for w in i.waits.values()
            if isinstance(w, OpenSubscription) and w.kind == "signal" and w.name == name
        ]
        for instance, wait in reached:
            if wait.key in instance.waits:
                self._trigger(instance, wait, variables)
        self._start_by(SignalEvent, name, variables)

    def run(self, instance: Instance, command: Command) -> None:
        """Applies the command and all that follows from it in other instances."""
        self._apply(instance, command)
        while self._todo:
            other, following = self._todo.popleft()
            try:
                self._apply(other, following)
            except Refused:
                self.refused.append(following)

    # ------------------------------------------------------------ loading

    def _apply(self, instance: Instance, command: Command) -> None:
        address = getattr(command, "element", ElementKey(instance.key))
        needed: list[StateNeeded] = []
        while True:
            state = self._load(instance, address, needed)
            self.loads += len(state.elements)
            try:
                effects = advance(
                    self.definitions[instance.definition_key],
                    state,
                    command,
                    self.now,
                    resources=self.resources,
                    keys=self.keys,
                    step_budget=self.step_budget,
                )
                break
            except StateNeeded as need:
                assert len(needed) < 200, "the kernel asks without end"
                needed.append(need)
        if isinstance(command, Create):
            instance.elements.clear()
        for effect in effects:
            self._take(instance, effect)
        instance.effects.extend(effects)
        check(instance)

    def _load(self, instance: Instance, address: ElementKey, needed: list[StateNeeded]) -> InstanceState:
        state = InstanceState(InstanceKey(instance.key), DefinitionKey(instance.definition_key), depth=instance.depth)
        if instance.parent is not None:
            state.parent_instance, state.parent_element = InstanceKey(instance.parent[0].key), instance.parent[1]
        keys = set(instance.elements) if self.load_all else self._chain(instance, address)
        for need in needed:
            for key in need.elements:
                keys |= self._chain(instance, key)
            for scope in need.children_of:
                inside = self._inside(instance, scope, deep=need.deep)
                keys |= inside
                state.children_loaded |= {scope} | ({ElementKey(k) for k in inside} if need.deep else set())
            for owner, name, index in need.items:
                found = {k: v for k, v in instance.items.items() if k[:2] == (owner, name) and index in (None, k[2])}
                state.items.update({(ElementKey(k[0]), k[1], k[2]): json.loads(v) for k, v in found.items()})
                if index is None:
                    state.items_loaded.add((owner, name))
        if self.load_all:
            state.children_loaded |= {ElementKey(k) for k in keys}
            state.items.update({(ElementKey(k[0]), k[1], k[2]): json.loads(v) for k, v in instance.items.items()})
            state.items_loaded |= {(ElementKey(k[0]), k[1]) for k in instance.items}
        for key in sorted(keys):
            row = instance.elements[key]
            parent = None if row.parent is None else ElementKey(row.parent)
            state.elements[ElementKey(key)] = ElementInstance(
                ElementKey(key), row.element_id, row.type, parent, row.started_at, json.loads(row.data)
            )
            state.variables[ElementKey(key)] = instance.local(key)
        return state

    def _chain(self, instance: Instance, key: int | None) -> set[int]:
        chain: set[int] = set()
        while key is not None and key in instance.elements:
            chain.add(key)
            key = instance.elements[key].parent
        return chain

    def _inside(self, instance: Instance, scope: int, *, deep: bool) -> set[int]:
        by_parent: dict[int | None, list[int]] = {}
        for key, stored in instance.elements.items():
            by_parent.setdefault(stored.parent, []).append(key)
        inside = list(by_parent.get(scope, ()))
        if deep:
            for child in inside:
                inside.extend(by_parent.get(child, ()))
        return set(inside)

    # ------------------------------------------------------------ writing

    def _take(self, instance: Instance, effect: Effect) -> None:
        match effect:
            case PutElement(instance=element, is_new=is_new):
                assert (element.key in instance.elements) is not is_new, f"{element} is_new={is_new}"
                instance.elements[element.key] = _stored(element)
            case EndElement(instance=element, how=how, is_new=is_new):
                assert (element.key in instance.elements) is not is_new, f"{element} is_new={is_new}"
                instance.elements.pop(element.key, None)
                instance.history.append(Ended(element.key, element.element_id, element.type, how.value, element.parent))
            case PutVariable(scope=scope, name=name, value=value):
                instance.variable_values.setdefault(scope, {})[name] = json.dumps(value)
            case PutItem(owner=owner, name=name, index=index, value=value):
                instance.items[(owner, name, index)] = json.dumps(value)
            case DropItems(owner=owner):
                instance.items = {key: value for key, value in instance.items.items() if key[0] != owner}
            case OpenJob() | OpenUserTask() | OpenTimer() | OpenSubscription():
                assert not isinstance(effect, OpenTimer) or effect.due >= self.now - timedelta(days=4000)
                instance.waits[effect.key] = effect
            case ChangeUserTask(element=element):
                gone = [k for k, w in instance.waits.items() if isinstance(w, OpenUserTask) and w.element == element]
                assert len(gone) == 1
                del instance.waits[gone[0]]
            case CloseWaits(element=element, event=event):
                instance.waits = {k: w for k, w in instance.waits.items() if not (w.element == element and event in (None, _event(w)))}
                if event is None:
                    instance.open_incidents = {k: i for k, i in instance.open_incidents.items() if i.element != element}
            case OpenIncident(key=key):
                instance.open_incidents[key] = effect
            case CloseIncident(key=key):
                del instance.open_incidents[key]
            case StartChild(element=element, definition=definition, variables=variables):
                child = Instance(self, self.keys.next(), definition, (instance, element))
                self.instances.append(child)
                self._todo.append((child, Create(variables)))
            case CancelChild(element=element):
                self._todo.extend((i, Cancel()) for i in self.instances if i.parent == (instance, element) and i.state == "ACTIVE")
            case NotifyParent(command=command):
                assert instance.parent is not None
                self._todo.append((instance.parent[0], command))
            case PublishMessage():
                self.published.append(effect)
                self._later(lambda: self.message(effect.name, effect.correlation_key or None, **effect.variables))
            case BroadcastSignal():
                self._later(lambda: self.signal(effect.name, **effect.variables))
            case RecordDecision():
                instance.decisions.append(effect)
            case RecordFlow(flow_id=flow_id):
                instance.flows.append(flow_id)
            case EndInstance(how=how):
                instance.state = how.value
                instance.items.clear()

    def _later(self, action: Any) -> None:
        self._actions = [*getattr(self, "_actions", []), action]

    def settle(self) -> None:
        """Delivers the messages and signals that instances have thrown."""
        while actions := getattr(self, "_actions", []):
            self._actions = []
            for action in actions:
                action()

    def _trigger(self, instance: Instance, wait: OpenSubscription, variables: Mapping[str, Any]) -> None:
        if wait.interrupting:
            del instance.waits[wait.key]
        self.run(instance, Trigger(wait.element, wait.key, wait.event, variables))

    def _start_by(self, kind: type, name: str, variables: Mapping[str, Any], *, only_one: bool = False) -> list[Instance]:
        started: list[Instance] = []
        for definition in self.definitions.values():
            for start in definition.process_node.detail.starts:  # type: ignore[union-attr]
                detail = definition.nodes[start].detail
                event = detail.event if isinstance(detail, StartEvent) else detail.message if isinstance(detail, ReceiveTask) else None
                if isinstance(event, kind) and event.name == name and not (only_one and started):  # type: ignore[attr-defined]
                    started.append(self.start(dict(variables), process=definition.id, event=start))
        return started


def check(instance: Instance) -> None:
    """What must hold of an instance at rest."""
    elements = instance.elements
    for wait in instance.waits.values():
        assert wait.element in elements, f"{wait} waits at an element that has ended"
    for incident in instance.open_incidents.values():
        assert incident.element in elements, f"{incident} at an element that has ended"
    if instance.state != "ACTIVE":
        assert not elements, f"still active: {elements}"
        assert not instance.waits
        return
    assert instance.key in elements
    held = Counter(w.element for w in instance.waits.values()) + Counter(i.element for i in instance.open_incidents.values())
    inside = Counter(stored.parent for stored in elements.values())
    watched = json.loads(elements[instance.key].data).get("conditions", {})
    for key, element in elements.items():
        assert element.parent is None or element.parent in elements, f"{element} is an orphan"
        data = json.loads(element.data)
        holds = held[ElementKey(key)]
        if "n" in data:
            tokens = sum(sum(flows.values()) for flows in data.get("joins", {}).values())
            assert data["n"] == inside[key] + tokens, f"{element} does not count {inside[key]} children and {tokens} tokens"
            assert data["n"] or holds or element.type is ElementType.AD_HOC_SUB_PROCESS, f"{element} holds nothing"
        else:
            assert holds or "called" in data or "waits_for" in data or str(key) in watched, f"{element} waits for nothing"
    ends = {e.key: i for i, e in enumerate(instance.history)}
    assert len(ends) == len(instance.history), "an element instance ended twice"
    for ended in instance.history:
        if ended.parent in ends:
            assert ends[ended.parent] > ends[ended.key], f"the scope of {ended} ended before it"


def _event(wait: Wait) -> str:
    return wait.event if isinstance(wait, OpenTimer | OpenSubscription) else wait.element_id


def _stored(element: ElementInstance) -> Stored:
    return Stored(element.element_id, element.type, element.parent, element.started_at, json.dumps(element.data))
