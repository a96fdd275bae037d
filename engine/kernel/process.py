"""How does a process instance begin and end? (BPMN 2.0 §13.1)"""

from bpmn.model import ElementType, EventGateway, FlowNode, SubProcess
from engine.kernel.listeners import START, has_listeners, tell
from engine.kernel.placement import activations_inside
from engine.kernel.step import Step
from engine.kernel.sub_processes import begin_scope, none_starts
from engine.kernel.termination import terminate
from engine.kernel.variables import put_local
from engine.model import ChildEnded, Create, ElementInstance, Ended, EndInstance, Json, NotifyParent, Refused


def create(step: Step, command: Create) -> None:
    """The root scope, its variables, and a token on the start that was triggered or on each none start event."""
    node = step.tables.definition.process_node
    if step.state.elements:
        raise Refused(f"Process instance {step.state.key} already exists.")
    root = step.begin(node.id, ElementType.PROCESS, None, key=step.state.key, data={"n": 0})
    event = command.start_event
    if event is not None and event not in step.tables.nodes:
        raise Refused(f"Process '{node.id}' has no element '{event}'.")
    if event is None or not step.tables.nodes[event].outputs:
        for name, value in command.variables.items():
            put_local(step, root, name, value)
    starts = _starts(step, command, node)
    if has_listeners(node.execution_listeners, START):
        step.at = ("tell", root, None)
        tell(step, root, node.execution_listeners, START, "begin_process", starts)
    else:
        begin_process(step, root, starts)


def begin_process(step: Step, root: ElementInstance, starts: Json) -> None:
    step.at = ("begin_process", root, starts)
    begin_scope(step, root, step.tables.definition.process_node)
    step.count(root, len(starts))
    for start in starts:
        step.then("activate", root, start)


def _starts(step: Step, command: Create, node: FlowNode) -> list[Json]:
    event, given = command.start_event, dict(command.variables)
    if command.activations:
        return activations_inside(step, command.activations)
    if event is None:
        starts = none_starts(step, node.detail) if isinstance(node.detail, SubProcess) else []
        if not starts:
            raise Refused(f"Process '{node.id}' has no none start event: it starts by a message, signal, timer or condition.")
        return [{"node": start} for start in starts]
    gateway = _instantiating_gateway(step, event)
    return [{"node": event, "given": given}] if gateway is None else [{"node": gateway, "chosen": event, "given": given}]


def complete_process(step: Step, root: ElementInstance) -> None:
    variables = dict(step.state.variables[root.key])
    step.end(root, Ended.COMPLETED)
    if step.state.parent_element is not None:
        step.effects.append(NotifyParent(ChildEnded(step.state.parent_element, Ended.COMPLETED, variables)))
    end_process(step, Ended.COMPLETED)


def cancel(step: Step) -> None:
    terminate(step, step.root())
    if step.state.parent_element is not None:
        step.effects.append(NotifyParent(ChildEnded(step.state.parent_element, Ended.TERMINATED, {})))
    end_process(step, Ended.TERMINATED)


def end_process(step: Step, how: Ended) -> None:
    step.effects.append(EndInstance(how, step.now))


def _instantiating_gateway(step: Step, event_id: str) -> str | None:
    """The instantiating event-based gateway the event stands behind (BPMN 2.0 §10.6.6)."""
    for flow_id in step.tables.nodes[event_id].incoming:
        source = step.tables.nodes[step.tables.definition.flows[flow_id].source]
        if isinstance(source.detail, EventGateway) and source.detail.instantiate:
            return source.id
    return None
