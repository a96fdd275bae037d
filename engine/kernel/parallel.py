"""When does a parallel join fire? With one token on each incoming flow (BPMN 2.0 §13.4.1)."""

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
