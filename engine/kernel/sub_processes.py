"""How does a scope of flow begin and end? Embedded, event and transaction sub-processes and the process itself (BPMN 2.0 §13.3.4)."""

from bpmn.model import EventGateway, FlowNode, ReceiveTask, StartEvent, SubProcess
from engine.kernel.event_sub_processes import open_event_starts
from engine.kernel.step import Step
from engine.model import ElementInstance, Json


def begin_scope(step: Step, scope: ElementInstance, node: FlowNode) -> None:
    """From here on events inside the scope are heard."""
    if step.tables.event_starts:
        open_event_starts(step, scope, node)


def start_flow(step: Step, scope: ElementInstance, node: FlowNode, detail: SubProcess, argument: Json) -> bool:
    """Puts a token on every none start event (where there is none: on every node without incoming flow), or on the start event that
    triggered an event sub-process. True when there is nothing to run."""
    if argument and "start" in argument:
        step.count(scope, 1)
        step.then("activate", scope, {"node": argument["start"], "given": argument.get("given", {})})
        return False
    if argument and "inner" in argument:
        step.count(scope, len(argument["inner"]))
        for inner in argument["inner"]:
            step.then("activate", scope, inner)
        return False
    starts = none_starts(step, detail)
    if not starts:
        return True
    step.count(scope, len(starts))
    for start in starts:
        step.then("activate", scope, {"node": start})
    return False


def none_starts(step: Step, detail: SubProcess) -> list[str]:
    """Where a scope begins when nothing particular triggered it."""
    found: list[str] = []
    for start_id in detail.starts:
        node = step.tables.nodes[start_id]
        if node.is_for_compensation:
            continue
        match node.detail:
            case StartEvent(event=event):
                if event is None:
                    found.append(start_id)
            case ReceiveTask(instantiate=True) | EventGateway(instantiate=True):
                pass
            case _:
                found.append(start_id)
    return found
