"""Which sequence flows leave an element? (BPMN 2.0 §13.2.1, §13.3.1, §13.4.2 exclusive, §13.4.3 inclusive)"""

from bpmn.model import ExclusiveGateway, FlowNode, InclusiveGateway, ParallelGateway, SequenceFlow
from engine.kernel.step import Failure, Step
from engine.kernel.variables import is_true
from engine.model import ElementInstance, IncidentKind, Json

Flows = tuple[SequenceFlow, ...]


def leaving_flows(step: Step, node: FlowNode, instance: ElementInstance) -> Flows:
    """The flows that get a token; conditions are evaluated in document order."""
    flows = step.tables.outgoing[node.id]
    if isinstance(node.detail, ExclusiveGateway):
        return _first_that_holds(step, node, flows, instance)
    if "reset" in instance.data:
        return tuple(flow for flow in flows if flow.condition is not None and _is_taken(step, flow, instance, {"waitingForStart": False}))
    if isinstance(node.detail, ParallelGateway):
        return flows  # whatever conditions are drawn on them (BPMN 2.0 §10.6.4)
    if node.default_flow is None and all(flow.condition is None for flow in flows):
        return flows
    return _all_that_hold(step, node, flows, instance)


def _first_that_holds(step: Step, node: FlowNode, flows: Flows, instance: ElementInstance) -> Flows:
    default: SequenceFlow | None = None
    for flow in flows:
        if flow.id == node.default_flow:
            default = flow
        elif flow.condition is None or _is_taken(step, flow, instance):
            return (flow,)
    if default is not None:
        return (default,)
    if not flows:
        return ()
    raise _nothing_holds(step, node, flows, instance)


def _all_that_hold(step: Step, node: FlowNode, flows: Flows, instance: ElementInstance) -> Flows:
    """Unconditional flows always; the default flow only when no condition holds."""
    taken: list[SequenceFlow] = []
    default: SequenceFlow | None = None
    is_decided = False
    for flow in flows:
        if flow.id == node.default_flow:
            default = flow
        elif flow.condition is None:
            taken.append(flow)
            is_decided = is_decided or isinstance(node.detail, InclusiveGateway)
        elif _is_taken(step, flow, instance):
            taken.append(flow)
            is_decided = True
    if default is not None and not is_decided:
        taken.append(default)
    if not taken:
        raise _nothing_holds(step, node, flows, instance)
    return tuple(taken)


def _is_taken(step: Step, flow: SequenceFlow, instance: ElementInstance, extra: dict[str, Json] | None = None) -> bool:
    return flow.condition is None or is_true(step, flow.condition, instance, f"condition of flow '{flow.id}':", extra)


def _nothing_holds(step: Step, node: FlowNode, flows: Flows, instance: ElementInstance) -> Failure:
    conditions = ", ".join(f"'{flow.condition.text}'" for flow in flows if flow.condition is not None)
    return Failure(
        IncidentKind.CONDITION_ERROR,
        f"No flow leaves '{node.id}': none of its conditions ({conditions}) is true and it has no default flow. "
        "Set the variables they read, then resolve this incident; or add a default flow to the diagram.",
    )
