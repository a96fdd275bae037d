"""When have enough tokens come? A parallel join: one on each incoming flow (BPMN 2.0 §13.4.1); an activity: its start quantity."""

from bpmn.model import FlowNode
from engine.kernel.step import Step
from engine.model import ElementInstance, Json


def join_is_complete(step: Step, scope: ElementInstance, node: FlowNode, flow_id: str) -> bool:
    """Takes one token in. When every incoming flow has one, takes one from each and says so; two on one flow do not make a pair."""
    joins: dict[str, Json] = scope.data.setdefault("joins", {})
    waiting: dict[str, int] = joins.setdefault(node.id, {})
    waiting[flow_id] = waiting.get(flow_id, 0) + 1
    step.touch(scope)
    if len(waiting) < len(node.incoming):
        return False
    for flow in node.incoming:
        waiting[flow] -= 1
        if not waiting[flow]:
            del waiting[flow]
    if not waiting:
        del joins[node.id]
        if not joins:
            del scope.data["joins"]
    step.count(scope, 1 - len(node.incoming))
    return True


def has_start_quantity(step: Step, scope: ElementInstance, node: FlowNode, flow_id: str) -> bool:
    """Takes one token in. When as many have come as the activity's `startQuantity` asks for, on whatever flows, takes them all and says
    so (BPMN 2.0 §10.3, table 10.3)."""
    joins: dict[str, Json] = scope.data.setdefault("joins", {})
    waiting: dict[str, int] = joins.setdefault(node.id, {})
    waiting[flow_id] = waiting.get(flow_id, 0) + 1
    step.touch(scope)
    if sum(waiting.values()) < node.start_quantity:
        return False
    del joins[node.id]
    if not joins:
        del scope.data["joins"]
    step.count(scope, 1 - node.start_quantity)
    return True
