"""Where does an element that is activated from outside belong? In the innermost active scope around it."""

from collections.abc import Iterable

from bpmn.model import BoundaryEvent, ElementType, FlowNode, StartEvent
from engine.kernel.step import Step
from engine.kernel.tables import INNER_INSTANCE
from engine.model import Activation, ElementInstance, ElementKey, Json, Refused

_TRANSPARENT = (ElementType.MULTI_INSTANCE_BODY, ElementType.AD_HOC_SUB_PROCESS_INNER_INSTANCE)


def activations_inside(step: Step, activations: Iterable[Activation]) -> list[Json]:
    """For an instance that just begins: what to activate at its root."""
    return [argument for _, argument in place(step, [(activation, None) for activation in activations])]


def place(step: Step, activations: Iterable[tuple[Activation, ElementKey | None]]) -> list[tuple[ElementInstance, Json]]:
    """The active scopes and what to activate in each. Scopes that are missing in between begin too, without their own start events,
    once for all activations that need them."""
    placed: list[tuple[ElementInstance, Json]] = []
    begun: dict[tuple[ElementKey, str], Json] = {}
    for activation, ancestor in activations:
        node = _node(step, activation)
        scope, missing = _place(step, node, ancestor)
        argument: Json = {"node": node.id, "local": dict(activation.variables)}
        if missing and (scope.key, missing[0]) in begun:
            _nest(begun[scope.key, missing[0]], missing[1:], argument)
            continue
        if missing:
            outermost: Json = {"node": missing[0], "inner": []}
            begun[scope.key, missing[0]] = outermost
            _nest(outermost, missing[1:], argument)
            argument = outermost
        if scope.type is ElementType.AD_HOC_SUB_PROCESS:
            argument = {"node": scope.element_id + INNER_INSTANCE, "inner": [argument]}
        placed.append((scope, argument))
    return placed


def _nest(outermost: Json, path: list[str], argument: Json) -> None:
    at: dict[str, Json] = outermost
    for scope_id in path:
        inside: list[dict[str, Json]] = at["inner"]
        inner = next((entry for entry in inside if entry["node"] == scope_id and "inner" in entry), None)
        if inner is None:
            inner = dict[str, Json](node=scope_id, inner=[])
            inside.append(inner)
        at = inner
    at["inner"].append(argument)


def _node(step: Step, activation: Activation) -> FlowNode:
    node = step.tables.definition.nodes.get(activation.element_id)
    if node is None:
        raise Refused(f"The process has no element '{activation.element_id}'.")
    if isinstance(node.detail, BoundaryEvent) or node.type is ElementType.EVENT_SUB_PROCESS:
        raise Refused(f"'{node.id}' cannot be activated: it only happens to something else. Activate the element behind it.")
    if isinstance(node.detail, StartEvent) and step.tables.nodes[node.scope].type is ElementType.EVENT_SUB_PROCESS:
        raise Refused(f"'{node.id}' cannot be activated: it starts an event sub-process.")
    return node


def _place(step: Step, node: FlowNode, ancestor: ElementKey | None) -> tuple[ElementInstance, list[str]]:
    """The active scope to begin in, and the ids of the scopes that are missing between it and the element."""
    path = [node.scope]
    while path[0] != step.tables.definition.process_node.id:
        path.insert(0, step.tables.nodes[path[0]].scope)
    if ancestor is not None:
        at = step.state.elements.get(ancestor)
        if at is None or at.element_id not in path:
            raise Refused(f"{ancestor} is no active scope around '{node.id}'.")
    else:
        at = step.root()
    missing = path[path.index(at.element_id) + 1 :]
    while True:
        found = [child for child in step.children(at) if _is_scope_of(child, at, missing)]
        if len(found) > 1:
            raise Refused(f"'{found[0].element_id}' is active {len(found)} times: name the one in which '{node.id}' shall begin.")
        if not found:
            return at, missing
        at = found[0]
        if at.type not in _TRANSPARENT:
            missing = missing[1:]


def _is_scope_of(child: ElementInstance, at: ElementInstance, missing: list[str]) -> bool:
    if child.type is ElementType.AD_HOC_SUB_PROCESS_INNER_INSTANCE:
        return False
    return bool(missing) and child.element_id == missing[0]
