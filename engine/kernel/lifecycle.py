"""Which phases does an element instance go through? The one table of the kernel is `PHASES`.

    token on a flow ─ arrive ─┐
    event happened ─ activate ┴► prepare ──► begin ──► work ──┬──────────► finish ──► leave ─► tokens on flows
                                 input       boundary  what   │  waits     output     ends the instance,
                                 mappings    and event the    └► happen,   mappings   picks the flows
                                             waits     element   resume
                                             open      does

A failure in a phase is an incident at the element instance; resolving it repeats that phase and goes on from there. Every phase evaluates
before it changes anything. A scope finishes when its last token and child are gone.
"""

from collections.abc import Callable

from bpmn.model import (
    AdHocSubProcess,
    BoundaryEvent,
    ComplexGateway,
    ElementType,
    EndEvent,
    EventGateway,
    FlowNode,
    InclusiveGateway,
    LinkEvent,
    MultiInstance,
    MultipleEvent,
    ParallelGateway,
    StandardLoop,
    StartEvent,
    SubProcess,
    TerminateEvent,
    ThrowEvent,
    UserTask,
)
from engine.kernel.ad_hoc import ad_hoc_check, ad_hoc_job, finish_ad_hoc, leave_inner
from engine.kernel.boundary import open_boundary_events, trigger_boundary
from engine.kernel.compensation import leave_handler, record_for_compensation
from engine.kernel.complex import take_complex
from engine.kernel.event_gateways import choose_event
from engine.kernel.event_sub_processes import trigger_event_sub_process
from engine.kernel.events import is_all_of, take_variables
from engine.kernel.flows import leaving_flows
from engine.kernel.incidents import step_limit
from engine.kernel.inclusive import settle, take_tokens, wait_at_join
from engine.kernel.listeners import CREATING, END, START, has_listeners, listeners_of, tell, tell_again
from engine.kernel.multi_instance import enter_child, finish_body, items_of, leave_child, spread
from engine.kernel.parallel import has_start_quantity, join_is_complete
from engine.kernel.process import begin_process, complete_process
from engine.kernel.standard_loops import begin_loop, leave_round
from engine.kernel.step import Step
from engine.kernel.sub_processes import begin_scope
from engine.kernel.tables import catches, is_activity
from engine.kernel.termination import terminate_children
from engine.kernel.timers import reopen_timer
from engine.kernel.transactions import cancelled, compensated
from engine.kernel.user_tasks import complete_task
from engine.kernel.variables import map_inputs, map_outputs, put_all_local
from engine.kernel.work import is_done
from engine.model import ElementInstance, Ended, Json, RecordFlow, Refused

_INSIDE = (SubProcess, AdHocSubProcess)


def arrive(step: Step, scope: ElementInstance, flow_id: Json) -> None:
    """A token reaches the end of a flow. It becomes an element instance, unless it has to wait for others at a join."""
    node = step.tables.arrivals[flow_id]
    if node.start_quantity > 1 and not has_start_quantity(step, scope, node, flow_id):
        return
    if len(node.incoming) > 1:
        match node.detail:
            case ParallelGateway():
                if not join_is_complete(step, scope, node, flow_id):
                    return
            case InclusiveGateway() | ComplexGateway():
                wait_at_join(step, scope, node, flow_id)
                return
            case _:
                pass
    _enter(step, scope, node, None)


def join(step: Step, scope: ElementInstance, node_id: Json) -> None:
    """An inclusive or complex join fires."""
    node = step.tables.nodes[node_id]
    if isinstance(node.detail, ComplexGateway):
        has_tokens, is_reset = take_complex(step, scope, node)
        if has_tokens:
            _enter(step, scope, node, {"reset": True} if is_reset else None)
    else:
        take_tokens(step, scope, node)
        _enter(step, scope, node, None)


def activate(step: Step, scope: ElementInstance, argument: Json) -> None:
    """A token is put on an element without a flow: a start, an event that happened, or a request from outside."""
    _enter(step, scope, step.tables.nodes[argument["node"]], argument)


def _enter(step: Step, scope: ElementInstance, node: FlowNode, argument: Json) -> None:
    is_body = node.loop is not None and scope.type is not ElementType.MULTI_INSTANCE_BODY
    data: dict[str, Json] | None = {"n": 0} if is_body or isinstance(node.detail, _INSIDE) else None
    instance = step.begin(node.id, ElementType.MULTI_INSTANCE_BODY if is_body else node.type, scope, data=data)
    if argument:
        for name in ("undoes", "of", "reset"):
            if name in argument:
                instance.data[name] = argument[name]
        if argument.get("local"):
            put_all_local(step, instance, argument["local"])
    if is_body:
        begin_body(step, instance, None)
    else:
        prepare(step, instance, argument)


def begin_body(step: Step, body: ElementInstance, argument: Json) -> None:
    """Boundary events belong to the whole loop, not to one round of it."""
    step.at = ("begin_body", body, argument)
    if step.is_runaway():
        raise step_limit(body.element_id)
    open_boundary_events(step, body, step.tables.nodes[body.element_id])
    loop(step, body, argument)


def loop(step: Step, body: ElementInstance, argument: Json) -> None:
    step.at = ("loop", body, argument)
    node = step.tables.nodes[body.element_id]
    match node.loop:
        case MultiInstance() as characteristics:
            spread(step, body, characteristics, items_of(step, body, characteristics))
        case StandardLoop() as characteristics:
            begin_loop(step, body, characteristics)
        case None:
            pass


def begin_child(step: Step, body: ElementInstance, argument: Json) -> None:
    """One round of a loop: an instance of the activity itself, inside the body."""
    index, item = argument
    node = step.tables.nodes[body.element_id]
    data: dict[str, Json] | None = {"n": 0} if isinstance(node.detail, _INSIDE) else None
    child = step.begin(node.id, node.type, body, data=data)
    if isinstance(node.loop, MultiInstance):
        enter_child(step, child, node.loop, index, item)
    else:
        put_all_local(step, child, {"loopCounter": index + 1})
    prepare(step, child, None)


def prepare(step: Step, instance: ElementInstance, argument: Json) -> None:
    step.at = ("prepare", instance, argument)
    if step.is_runaway():
        raise step_limit(instance.element_id)
    node = step.tables.nodes[instance.element_id]
    if node.inputs:
        map_inputs(step, instance, node.inputs)
    if node.execution_listeners and has_listeners(node.execution_listeners, START):
        tell(step, instance, node.execution_listeners, START, "begin", argument)
    else:
        begin(step, instance, argument)


def begin(step: Step, instance: ElementInstance, argument: Json) -> None:
    """From here on what happens to the instance is heard."""
    step.at = ("begin", instance, argument)
    node = step.tables.nodes[instance.element_id]
    if node.boundary_events and node.loop is None:
        open_boundary_events(step, instance, node)
    if isinstance(node.detail, _INSIDE):
        begin_scope(step, instance, node)
    if argument and "given" in argument and not isinstance(node.detail, SubProcess | EventGateway):
        take_variables(step, instance, node, argument["given"])
        finish(step, instance, None)
    else:
        work(step, instance, argument)


def work(step: Step, instance: ElementInstance, argument: Json) -> None:
    """What the element does itself."""
    step.at = ("work", instance, argument)
    node = step.tables.nodes[instance.element_id]
    if isinstance(node.detail, UserTask) and "created" not in instance.data and has_listeners(node.detail.listeners, CREATING):
        instance.data["created"] = True
        tell(step, instance, node.detail.listeners, CREATING, "work", argument)
        return
    if is_done(step, instance, node, argument):
        finish(step, instance, None)


def happen(step: Step, host: ElementInstance, argument: Json) -> None:
    """An event that the host listens to has happened: its own, one at its boundary, one behind it or one inside it."""
    event_id, given = argument["event"], argument.get("given", {})
    event = step.tables.nodes.get(event_id)
    if event is None:
        raise Refused(f"The process has no element '{event_id}'.")
    stays = isinstance(event.detail, BoundaryEvent | StartEvent) and not event.detail.interrupting
    if stays and "timer" in argument:
        reopen_timer(step, host, event_id)
    definition = catches(event)
    if isinstance(definition, MultipleEvent) and not is_all_of(step, host, event_id, definition, argument, stays=stays):
        return
    match event.detail:
        case BoundaryEvent() as detail:
            trigger_boundary(step, host, event, detail, given)
        case StartEvent():
            for start in step.tables.event_starts.get(host.element_id, ()):
                if start.start.id == event_id:
                    trigger_event_sub_process(step, host, start, given)
                    return
            raise Refused(f"'{event_id}' starts nothing inside '{host.element_id}'.")
        case _ if event_id == host.element_id:
            step.then("resume", host, {"given": given})
        case _ if isinstance(step.node(host).detail, EventGateway):
            choose_event(step, host, step.node(host), event_id, given)
        case _:
            raise Refused(f"'{host.element_id}' does not wait for '{event_id}'.")


def resume(step: Step, instance: ElementInstance, argument: Json) -> None:
    """What the instance waited for has come."""
    step.at = ("resume", instance, argument)
    node = step.tables.nodes[instance.element_id]
    given = argument.get("given")
    if given:
        take_variables(step, instance, node, given)
    left = instance.data.get("parts_left", 1) - 1
    if left:
        instance.data["parts_left"] = left
        step.touch(instance)
        return
    finish(step, instance, None)


def finish(step: Step, instance: ElementInstance, argument: Json) -> None:
    """The work of the instance is done. A scope that got new work meanwhile goes on; a cancelled transaction does not end this way."""
    if instance.data.get("n") or "cancelling" in instance.data:
        return
    step.at = ("finish", instance, argument)
    node = step.tables.nodes[instance.element_id]
    if instance.type is ElementType.MULTI_INSTANCE_BODY:
        if isinstance(node.loop, MultiInstance):
            finish_body(step, instance, node.loop)
    elif node.outputs:
        map_outputs(step, instance, node.outputs)
    elif isinstance(node.detail, AdHocSubProcess):
        finish_ad_hoc(step, instance, node, node.detail)
    if node.execution_listeners and instance.type is not ElementType.MULTI_INSTANCE_BODY and has_listeners(node.execution_listeners, END):
        tell(step, instance, node.execution_listeners, END, "leave", argument)
    else:
        leave(step, instance, argument)


def leave(step: Step, instance: ElementInstance, argument: Json) -> None:
    """The instance ends; a token goes on each flow that leaves it. Without one the token ends here (BPMN 2.0 §13.2.1)."""
    step.at = ("leave", instance, argument)
    if instance.parent is None:
        complete_process(step, instance)
        return
    node = step.tables.nodes[instance.element_id]
    scope = step.parent(instance)
    if scope.type is ElementType.MULTI_INSTANCE_BODY:
        if isinstance(node.loop, MultiInstance):
            leave_child(step, scope, instance, node, node.loop)
        elif isinstance(node.loop, StandardLoop):
            leave_round(step, scope, instance, node, node.loop)
        return
    if scope.type is ElementType.AD_HOC_SUB_PROCESS:
        detail = step.tables.nodes[scope.element_id].detail
        if isinstance(detail, AdHocSubProcess):
            leave_inner(step, scope, instance, detail)
        return
    if "undoes" in instance.data:
        leave_handler(step, scope, instance)
        return
    flows = leaving_flows(step, node, instance)
    if node.completion_quantity > 1:
        if node.completion_quantity > step.budget:
            raise step_limit(node.id)
        flows = flows * node.completion_quantity
    record_for_compensation(step, scope, instance, node)
    step.end(instance, Ended.COMPLETED)
    detail = node.detail
    if isinstance(detail, EndEvent) and isinstance(detail.event, TerminateEvent):
        step.count(scope, -1)
        terminate_children(step, scope)
        step.then("finish", scope)
        return
    if isinstance(detail, ThrowEvent) and isinstance(detail.event, LinkEvent):
        step.then("activate", scope, {"node": step.tables.links[(node.scope, detail.event.name)]}, step.depth + 1)
        return
    if scope.type is ElementType.AD_HOC_SUB_PROCESS_INNER_INSTANCE and (flows or scope.data["n"] > 1) and is_activity(node):
        step.then("ad_hoc_check", step.parent(scope))
    for flow in flows:
        step.effects.append(RecordFlow(flow.id))
        step.then("arrive", scope, flow.id, step.depth + 1)
    if step.count(scope, len(flows) - 1) == 0:
        step.then("finish", scope)


def tell_listener(step: Step, instance: ElementInstance, argument: Json) -> None:
    """Asks a listener whose job could not be opened again."""
    step.at = ("tell", instance, argument)
    tell_again(step, instance, listeners_of(step, instance))


PHASES: dict[str, Callable[[Step, ElementInstance, Json], None]] = {
    "arrive": arrive,
    "join": join,
    "activate": activate,
    "begin_body": begin_body,
    "loop": loop,
    "begin_child": begin_child,
    "prepare": prepare,
    "begin": begin,
    "work": work,
    "happen": happen,
    "resume": resume,
    "finish": finish,
    "leave": leave,
    "begin_process": begin_process,
    "tell": tell_listener,
    "complete_task": complete_task,
    "compensated": compensated,
    "cancelled": cancelled,
    "ad_hoc_check": ad_hoc_check,
    "ad_hoc_job": ad_hoc_job,
    "settle": settle,
}
