"""What does one call of `advance` carry along? The loaded state, the work still to do and the effects so far."""

from collections import deque
from datetime import datetime

from bpmn.model import ElementType, FlowNode
from engine.kernel.tables import Tables
from engine.model import (
    CloseWaits,
    Effect,
    ElementInstance,
    ElementKey,
    Ended,
    EndElement,
    IncidentKind,
    InstanceState,
    Json,
    Keys,
    PutElement,
    Resources,
    StateNeeded,
)


class Failure(Exception):
    """What the diagram asks for cannot be done now. It becomes an incident (`incidents.py`); raised before any effect of its phase."""

    def __init__(self, kind: IncidentKind, message: str) -> None:
        super().__init__(message)
        self.kind, self.message = kind, message


Work = tuple[str, ElementInstance, Json]  # a phase of lifecycle.PHASES, the element instance it is for, its argument

WIDTH = 20  # how many times as many elements as the longest chain of flows may begin in one step


class Step:
    """Collects effects and work in the order in which they happen.

    `data` of an element instance uses short names: `n` tokens and active children inside it, `joins` tokens that wait at
    joins, `w` it holds wait states besides the one that is its own work, `failed` the work an incident stopped.

    The step budget limits `depth`, the number of flows taken one because of the other: a loop that nothing ends is deep, much data is wide.
    """

    __slots__ = (
        "_born",
        "_counted",
        "_dirty",
        "_fresh",
        "_positions",
        "at",
        "budget",
        "changed",
        "computed",
        "deepest",
        "depth",
        "depths",
        "effects",
        "joining",
        "keys",
        "now",
        "queue",
        "resources",
        "state",
        "tables",
        "width",
    )

    def __init__(self, tables: Tables, state: InstanceState, now: datetime, resources: Resources, keys: Keys, budget: int) -> None:
        self.tables, self.state, self.now, self.resources, self.keys, self.budget = tables, state, now, resources, keys, budget
        self.effects: list[Effect | None] = []
        self.queue: deque[tuple[str, ElementInstance, Json, int]] = deque()
        self.depth = self.deepest = 0
        self.depths: dict[ElementKey, int] = {}
        self.width = budget * WIDTH
        self.computed = 0  # characters of values computed so far
        self.changed: list[tuple[ElementKey, str, str]] = []  # variables: scope, name, create or update
        self.at: Work | None = None
        self._fresh: dict[ElementKey, int] = {}
        self._born: set[ElementKey] = set()
        self._dirty: dict[ElementKey, ElementInstance] = {}
        self.joining: dict[ElementKey, ElementInstance] | None = None  # scopes where tokens wait at joins, once somebody asked
        self._positions: dict[ElementKey, dict[str, int]] = {}
        self._counted: dict[ElementKey, tuple[ElementInstance, int]] = {}

    # ------------------------------------------------------------ work

    def then(self, phase: str, instance: ElementInstance, argument: Json = None, depth: int | None = None) -> None:
        """Do this later in the step, after what is already waiting."""
        self.queue.append((phase, instance, argument, self.depth if depth is None else depth))

    def is_runaway(self) -> bool:
        """One more element begins: is that too many, or too deep?"""
        self.width -= 1
        return self.width < 0 or self.depth > self.budget

    def drop_arrivals(self, scope: ElementInstance) -> None:
        """Tokens on their way inside a scope vanish with the interrupted flow."""
        self.queue = deque(work for work in self.queue if work[1] is not scope)

    # ------------------------------------------------------------ element instances

    def node(self, instance: ElementInstance) -> FlowNode:
        return self.tables.nodes[instance.element_id]

    def begin(
        self,
        element_id: str,
        element_type: ElementType,
        parent: ElementInstance | None,
        key: int | None = None,
        data: dict[str, Json] | None = None,
    ) -> ElementInstance:
        """A new element instance. It does not count in its parent: the token that became it already does."""
        new_key = ElementKey(self.keys.next() if key is None else key)
        instance = ElementInstance(
            new_key, element_id, element_type, parent.key if parent else None, self.now, {} if data is None else data
        )
        state = self.state
        state.elements[new_key] = instance
        state.variables[new_key] = {}
        state.children_loaded.add(new_key)
        if self._positions and parent is not None and parent.key in self._positions:
            positions = self._positions[parent.key]
            positions[element_id] = positions.get(element_id, 0) + 1
        self._fresh[new_key] = len(self.effects)
        self._born.add(new_key)
        self.effects.append(PutElement(instance, True))
        return instance

    def end(self, instance: ElementInstance, how: Ended) -> None:
        """Closes what the instance still holds and takes it out of the state. The parent's count is the caller's business."""
        key = instance.key
        if how is Ended.TERMINATED or "w" in instance.data:
            self.effects.append(CloseWaits(key))
        index = self._fresh.pop(key, None)
        if index is not None:
            self.effects[index] = None
        self.effects.append(EndElement(instance, how, self.now, index is not None))
        if self.tables.has_conditions:
            self._unwatch(key)
        if self._positions and instance.parent is not None and instance.parent in self._positions:
            self._positions[instance.parent][instance.element_id] -= 1
        del self.state.elements[key]
        self.state.variables.pop(key, None)

    def is_active(self, instance: ElementInstance) -> bool:
        return instance.key in self.state.elements

    def is_fresh(self, instance: ElementInstance) -> bool:
        """Did it begin in this very step? Then nothing of it is stored yet."""
        return instance.key in self._born

    def knows_items(self, owner: ElementKey, name: str) -> bool:
        """Are all items of that list at hand?"""
        return owner in self._born or (owner, name) in self.state.items_loaded

    def touch(self, instance: ElementInstance) -> None:
        """The `data` of the instance changed."""
        if instance.key not in self._fresh:
            self._dirty[instance.key] = instance

    def count(self, scope: ElementInstance, difference: int) -> int:
        """Tokens or children came or went; returns how many there are now."""
        data = scope.data
        before = data["n"]
        if scope.key not in self._counted and scope.key not in self._fresh:
            self._counted[scope.key] = (scope, before)
        data["n"] = after = before + difference
        return after

    def parent(self, instance: ElementInstance) -> ElementInstance:
        """The scope around an instance that is not the process instance itself."""
        if instance.parent is None:
            raise ValueError(f"{instance.element_id} has no parent")
        return self.element(instance.parent)

    def element(self, key: ElementKey) -> ElementInstance:
        found = self.state.elements.get(key)
        if found is None:
            raise StateNeeded(elements=(key,))
        return found

    def root(self) -> ElementInstance:
        return self.state.elements[ElementKey(self.state.key)]

    def children(self, scope: ElementInstance) -> list[ElementInstance]:
        """The active children, in the order in which they began."""
        self._need_children(scope)
        return sorted((i for i in self.state.elements.values() if i.parent == scope.key), key=lambda i: i.key)

    def positions(self, scope: ElementInstance) -> list[str]:
        """The ids of the elements that are active in the scope; counted once, then kept up to date."""
        counted = self._positions.get(scope.key)
        if counted is None:
            self._need_children(scope)
            counted = self._positions[scope.key] = {}
            for instance in self.state.elements.values():
                if instance.parent == scope.key:
                    counted[instance.element_id] = counted.get(instance.element_id, 0) + 1
        return [element_id for element_id, count in counted.items() if count]

    def _need_children(self, scope: ElementInstance) -> None:
        if scope.key not in self.state.children_loaded and scope.data.get("n"):
            raise StateNeeded(children_of=(scope.key,))

    def _unwatch(self, key: ElementKey) -> None:
        root = self.root()
        if root.data.get("conditions", {}).pop(str(key), None) is not None:
            self.touch(root)

    # ------------------------------------------------------------ the end of the step

    def finish(self) -> list[Effect]:
        dirty = self._dirty
        for key, (scope, before) in self._counted.items():
            if scope.data["n"] != before:
                dirty[key] = scope
        elements = self.state.elements
        effects = [effect for effect in self.effects if effect is not None]
        effects.extend(PutElement(instance, False) for key, instance in dirty.items() if key in elements)
        return effects
