"""When does a complex gateway fire? When its activation condition holds; later it resets (BPMN 2.0 §13.4.4).

`scope.data["complex"]` names the gateways that have fired and wait for their reset, with the flows whose tokens they took.
"""

from bpmn.model import ComplexGateway, FlowNode
from engine.kernel.incidents import raise_incident
from engine.kernel.reachability import is_nothing_coming
from engine.kernel.step import Failure, Step
from engine.kernel.variables import is_true
from engine.model import ElementInstance, Json


def may_fire(step: Step, scope: ElementInstance, node: FlowNode, waiting: dict[str, int]) -> bool:
    """While it waits for its start: the condition, over `activationCount` tokens (without one: like an inclusive join).
    While it waits for its reset: once no token can come any more on the flows it has not taken one from."""
    taken: list[str] | None = scope.data.get("complex", {}).get(node.id)
    if taken is not None:
        return is_nothing_coming(step, scope, node, set(waiting) | set(taken))
    detail = node.detail
    condition = detail.activation_condition if isinstance(detail, ComplexGateway) else None
    if condition is None:
        return len(waiting) == len(node.incoming) or is_nothing_coming(step, scope, node, set(waiting))
    if any(entry[1:] == ["settle", node.id] for entry in scope.data.get("failed", [])):
        return False
    try:
        return is_true(step, condition, scope, f"activation condition of '{node.id}':", {"activationCount": sum(waiting.values())})
    except Failure as failure:
        step.at = ("settle", scope, node.id)
        raise_incident(step, failure)
        return False


def take_complex(step: Step, scope: ElementInstance, node: FlowNode) -> tuple[bool, bool]:
    """Takes the tokens of the start or of the reset. Returns whether there were any, and whether it was the reset."""
    waiting: dict[str, int] = scope.data.get("joins", {}).get(node.id, {})
    gateways: dict[str, Json] = scope.data.setdefault("complex", {})
    taken: list[str] | None = gateways.pop(node.id, None)
    flows = [flow for flow in waiting if taken is None or flow not in taken]
    if taken is None:
        gateways[node.id] = flows
    if not gateways:
        del scope.data["complex"]
    for flow in flows:
        waiting[flow] -= 1
        if not waiting[flow]:
            del waiting[flow]
    if not waiting and node.id in scope.data.get("joins", {}):
        del scope.data["joins"][node.id]
        if not scope.data["joins"]:
            del scope.data["joins"]
    step.touch(scope)
    step.count(scope, (1 if flows else 0) - len(flows))
    return bool(flows), taken is not None
