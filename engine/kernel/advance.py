"""How does one command change a process instance?"""

from datetime import datetime

from bpmn.model import CallActivity, ElementType, ProcessDefinition
from engine.kernel.ad_hoc import activate_ad_hoc, take_decision
from engine.kernel.call_activities import take_result
from engine.kernel.conditions import look_at_conditions
from engine.kernel.incidents import raise_incident, retry
from engine.kernel.inclusive import fire_joins
from engine.kernel.lifecycle import PHASES
from engine.kernel.listeners import COMPLETING, has_listeners, heard, listeners_of, tell
from engine.kernel.modification import move
from engine.kernel.process import cancel, create
from engine.kernel.propagation import throw_error, throw_escalation
from engine.kernel.step import Failure, Step
from engine.kernel.tables import tables_of
from engine.kernel.user_tasks import complete_task
from engine.kernel.variables import put_all_local, write_all
from engine.model import (
    ActivateAdHoc,
    AdHocResult,
    Cancel,
    ChildEnded,
    ChildThrew,
    Command,
    CompleteJob,
    CompleteUserTask,
    Create,
    Effect,
    ElementInstance,
    ElementKey,
    FireTimer,
    InstanceState,
    Keys,
    Move,
    Refused,
    Resources,
    Retry,
    SetVariables,
    ThrowError,
    Trigger,
)


def advance(
    definition: ProcessDefinition,
    state: InstanceState,
    command: Command,
    now: datetime,
    *,
    resources: Resources,
    keys: Keys,
    step_budget: int = 10_000,
) -> list[Effect]:
    """Apply `command` and follow the flow until every path waits.

    The effects are in the order in which they happened. Raises `StateNeeded` when more of the instance must be loaded,
    `Refused` when the command does not fit the state; in both cases nothing has changed for the caller.
    """
    step = Step(tables_of(definition), state, now, resources, keys, step_budget)
    _guarded(step, command)
    come_to_rest(step)
    return step.finish()


def come_to_rest(step: Step) -> None:
    """Follows the flow until every path waits."""
    _drain(step)
    tables = step.tables
    while (tables.has_conditions and look_at_conditions(step)) or (tables.waits_at_joins and fire_joins(step)):
        _drain(step)


def _drain(step: Step) -> None:
    elements = step.state.elements
    while step.queue:
        phase, instance, argument, depth = step.queue.popleft()
        if instance.key not in elements:
            continue
        step.depth = depth
        if depth > step.deepest:
            step.deepest = depth
        try:
            PHASES[phase](step, instance, argument)
        except Failure as failure:
            raise_incident(step, failure)
    step.depth = step.deepest + 1  # of what follows from coming to rest


def _guarded(step: Step, command: Command) -> None:
    try:
        _apply(step, command)
    except Failure as failure:
        raise_incident(step, failure)


def _apply(step: Step, command: Command) -> None:
    match command:
        case CompleteJob():
            _complete_job(step, command)
        case Create():
            create(step, command)
        case CompleteUserTask():
            instance = _addressed(step, command.element)
            if "listening" in instance.data:
                raise Refused(f"The user task of '{instance.element_id}' waits for one of its listeners.")
            listeners = listeners_of(step, instance)
            if has_listeners(listeners, COMPLETING):
                step.at = ("tell", instance, None)
                tell(step, instance, listeners, COMPLETING, "complete_task", {"given": command.variables})
            else:
                complete_task(step, instance, {"given": command.variables})
        case FireTimer():
            step.then("happen", _addressed(step, command.element), {"event": command.event, "key": command.timer, "timer": True})
        case Trigger():
            argument = {"event": command.event, "key": command.subscription, "given": command.variables}
            step.then("happen", _addressed(step, command.element), argument)
        case ThrowError():
            instance = _addressed(step, command.element)
            step.at = ("work", instance, None)
            throw_error(step, instance, command.code, command.message, command.variables)
        case SetVariables():
            instance = _addressed(step, command.element)
            (put_all_local if command.local else write_all)(step, instance, command.variables)
        case Cancel():
            _addressed(step, ElementKey(step.state.key))
            cancel(step)
        case Retry():
            retry(step, command)
        case ChildEnded():
            instance = _addressed(step, command.element)
            node = step.node(instance)
            if isinstance(node.detail, CallActivity):
                take_result(step, instance, node, node.detail, command)
                step.then("finish", instance)
        case ChildThrew():
            instance = _addressed(step, command.element)
            step.at = ("work", instance, None)
            if command.kind == "error":
                instance.data.pop("called", None)
                throw_error(step, instance, command.code, command.message, command.variables)
            else:
                throw_escalation(step, instance, command.code, command.variables)
        case ActivateAdHoc():
            activate_ad_hoc(step, _addressed(step, command.element), command)
        case Move():
            _addressed(step, ElementKey(step.state.key))
            move(step, command)


def _complete_job(step: Step, command: CompleteJob) -> None:
    instance = _addressed(step, command.element)
    if "listening" in instance.data:
        heard(step, instance, listeners_of(step, instance), command)
    elif instance.type is ElementType.AD_HOC_SUB_PROCESS:
        take_decision(step, instance, step.node(instance), command.ad_hoc or AdHocResult(), command.variables)
    else:
        step.then("resume", instance, {"given": command.variables})


def _addressed(step: Step, key: ElementKey) -> ElementInstance:
    instance = step.state.elements.get(key)
    if instance is None:
        raise Refused(f"No active element instance {key}: it was completed or cancelled.")
    return instance
