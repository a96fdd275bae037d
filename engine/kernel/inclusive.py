"""When does an inclusive join fire? When no token can still come on a flow that has none (BPMN 2.0 §13.4.3)."""

from bpmn.model import ComplexGateway, FlowNode, InclusiveGateway
from engine.kernel.complex import may_fire
from engine.kernel.reachability import is_nothing_coming
from engine.kernel.step import Step
from engine.model import ElementInstance, Json


def wait_at_join(step: Step, scope: ElementInstance, node: FlowNode, flow_id: str) -> None:
    """Takes one token in. Whether the join fires is seen when no token is on its way any more."""
    waiting: dict[str, int] = scope.data.setdefault("joins", {}).setdefault(node.id, {})
    waiting[flow_id] = waiting.get(flow_id, 0) + 1
    step.touch(scope)
    if step.joining is not None:
        step.joining[scope.key] = scope


def fire_joins(step: Step) -> bool:
    """In each loaded scope the first join that may fire; true when one did. Called at rest, until none fires."""
    if step.joining is None:
        step.joining = {scope.key: scope for scope in step.state.elements.values() if _has_joins(scope)}
    fired = False
    for scope in list(step.joining.values()):
        if not step.is_active(scope) or not _has_joins(scope):
            del step.joining[scope.key]
            continue
        joins = dict.fromkeys([*scope.data.get("joins", ()), *scope.data.get("complex", ())])
        fired = any(_fires(step, scope, step.tables.nodes[join]) for join in joins) or fired
    return fired


def _has_joins(scope: ElementInstance) -> bool:
    return "joins" in scope.data or "complex" in scope.data


def _fires(step: Step, scope: ElementInstance, node: FlowNode) -> bool:
    waiting: dict[str, int] = scope.data.get("joins", {}).get(node.id, {})
    match node.detail:
        case InclusiveGateway():
            filled = set(waiting)
            ready = len(filled) == len(node.incoming) or is_nothing_coming(step, scope, node, filled)
        case ComplexGateway():
            ready = may_fire(step, scope, node, waiting)
        case _:
            return False
    if ready:
        step.then("join", scope, node.id)
    return ready


def take_tokens(step: Step, scope: ElementInstance, node: FlowNode) -> None:
    """One from each incoming flow that has one; a single token goes on in their place."""
    joins: dict[str, Json] = scope.data["joins"]
    waiting: dict[str, int] = joins[node.id]
    taken = list(waiting)
    for flow in taken:
        waiting[flow] -= 1
        if not waiting[flow]:
            del waiting[flow]
    if not waiting:
        del joins[node.id]
    if not joins:
        del scope.data["joins"]
    step.touch(scope)
    step.count(scope, 1 - len(taken))


def settle(step: Step, scope: ElementInstance, argument: Json) -> None:
    """Repeats the look at a join whose condition failed: all joins are looked at when the step comes to rest."""
