"""What does each kind of element do when its turn comes? (BPMN 2.0 §13.3 to §13.5)"""

from bpmn.model import (
    AdHocSubProcess,
    BoundaryEvent,
    CallActivity,
    CatchEvent,
    ComplexGateway,
    DecisionTask,
    EndEvent,
    EventGateway,
    ExclusiveGateway,
    FlowNode,
    InclusiveGateway,
    JobTask,
    LinkEvent,
    ParallelGateway,
    PassThroughTask,
    ReceiveTask,
    ScriptTask,
    StartEvent,
    SubProcess,
    ThrowEvent,
    UserTask,
)
from engine.kernel.activities import decide, open_job, run_script
from engine.kernel.ad_hoc import begin_ad_hoc
from engine.kernel.call_activities import call_process
from engine.kernel.event_gateways import choose_event, wait_for_events
from engine.kernel.events import open_waits
from engine.kernel.step import Step
from engine.kernel.sub_processes import start_flow
from engine.kernel.throws import throw
from engine.kernel.user_tasks import open_user_task
from engine.model import ElementInstance, Json


def is_done(step: Step, instance: ElementInstance, node: FlowNode, argument: Json) -> bool:
    """Does it; true when nothing is left to wait for."""
    match node.detail:
        case JobTask(job=job):
            open_job(step, instance, job)
            return False
        case ExclusiveGateway() | ParallelGateway() | InclusiveGateway() | ComplexGateway():
            return True
        case StartEvent() | BoundaryEvent() | PassThroughTask():
            return True
        case EndEvent(event=event) | ThrowEvent(event=event):
            return throw(step, instance, node, event)
        case UserTask() as task:
            open_user_task(step, instance, node, task)
            return False
        case ScriptTask() as script:
            run_script(step, instance, node, script)
            return True
        case DecisionTask() as task:
            decide(step, instance, node, task)
            return True
        case CatchEvent(event=LinkEvent()):
            return True
        case CatchEvent(event=event) | ReceiveTask(message=event):
            step.effects.extend(open_waits(step, instance, node.id, event, interrupting=True))
            return False
        case SubProcess() as detail:
            return start_flow(step, instance, node, detail, argument)
        case CallActivity() as task:
            call_process(step, instance, task)
            return False
        case EventGateway():
            if argument and "chosen" in argument:
                choose_event(step, instance, node, argument["chosen"], argument["given"])
            else:
                wait_for_events(step, instance, node)
            return False
        case AdHocSubProcess() as detail:
            return begin_ad_hoc(step, instance, node, detail, argument)
