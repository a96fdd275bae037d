"""Which sequence flows leave an element? (BPMN 2.0 §13.2.1, §13.3.1, §13.4.2 exclusive, §13.4.3 inclusive)"""

from bpmn.model import ExclusiveGateway, FlowNode, InclusiveGateway, SequenceFlow
from engine.kernel.step import Failure, Step
from engine.kernel.variables import describe, evaluate, reasons
from engine.model import ElementInstance, IncidentKind


def leaving_flows(step: Step, node: FlowNode, instance: ElementInstance) -> tuple[SequenceFlow, ...]:
    """The flows that get a token; conditions are evaluated in document order."""
    flows = step.tables.outgoing[node.id]
    if isinstance(node.detail, ExclusiveGateway):
        return _first_that_holds(step, node, flows, instance)
    if node.default_flow is None and all(flow.condition is None for flow in flows):
        return flows
    return _all_that_hold(step, node, flows, instance)


def _first_that_holds(step: Step, node: FlowNode, flows: tuple[SequenceFlow, ...], instance: ElementInstance) -> tuple[SequenceFlow, ...]:
    default: SequenceFlow | None = None
    for flow in flows:
        if flow.id == node.default_flow:
            default = flow
        elif flow.condition is None or _holds(step, flow, instance):
            return (flow,)
    if default is not None:
        return (default,)
    if not flows:
        return ()
    raise _nothing_holds(step, node, flows, instance)


def _all_that_hold(step: Step, node: FlowNode, flows: tuple[SequenceFlow, ...], instance: ElementInstance) -> tuple[SequenceFlow, ...]:
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
        elif _holds(step, flow, instance):
            taken.append(flow)
            is_decided = True
    if default is not None and not is_decided:
        taken.append(default)
    if not taken:
        raise _nothing_holds(step, node, flows, instance)
    return tuple(taken)


def _holds(step: Step, flow: SequenceFlow, instance: ElementInstance) -> bool:
    condition = flow.condition
    if condition is None:
        return True
    found = evaluate(step, condition, instance, IncidentKind.CONDITION_ERROR)
    if found is True:
        return True
    if found is False:
        return False
    message = f"The condition '{condition.text}' of flow '{flow.id}' must be true or false, but it is {describe(found)}."
    raise Failure(IncidentKind.CONDITION_ERROR, f"{message} {reasons(step, condition, instance)}".strip())


def _nothing_holds(step: Step, node: FlowNode, flows: tuple[SequenceFlow, ...], instance: ElementInstance) -> Failure:
    conditions = ", ".join(f"'{flow.condition.text}'" for flow in flows if flow.condition is not None)
    return Failure(
        IncidentKind.CONDITION_ERROR,
        f"No flow leaves '{node.id}': none of its conditions ({conditions}) is true and it has no default flow. "
        "Set the variables they read, then resolve this incident; or add a default flow to the diagram.",
    )
