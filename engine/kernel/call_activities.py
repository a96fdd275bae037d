"""How does a call activity run another process? (BPMN 2.0 §13.3.4 and §10.3.6)"""

from bpmn.model import CallActivity, FlowNode
from engine.kernel.events import take_variables
from engine.kernel.step import Failure, Step
from engine.kernel.variables import read_text, visible
from engine.model import ChildEnded, ElementInstance, Ended, IncidentKind, StartChild

MAX_CALL_DEPTH = 1000


def call_process(step: Step, instance: ElementInstance, task: CallActivity) -> None:
    """Starts the called process; the instance waits for its end."""
    kind = IncidentKind.CALLED_ELEMENT_ERROR
    process_id = read_text(step, task.process.id, instance, kind, "process id")
    if step.state.depth >= MAX_CALL_DEPTH:
        raise Failure(kind, f"'{process_id}' is not called: {MAX_CALL_DEPTH} calls are already nested, which looks like endless recursion.")
    definition = step.resources.process(task.process, process_id)
    if definition is None:
        raise Failure(kind, f"No process '{process_id}' is deployed: deploy it, then resolve this incident.")
    if task.propagate_all_parent_variables:
        variables = dict(visible(step, instance))
    else:
        variables = dict(step.state.variables[instance.key])
    instance.data["called"] = True
    step.touch(instance)
    step.effects.append(StartChild(instance.key, definition, variables))


def take_result(step: Step, instance: ElementInstance, node: FlowNode, task: CallActivity, command: ChildEnded) -> None:
    """The called process completed. Without output mappings its variables come back, unless propagation is switched off."""
    instance.data.pop("called", None)
    if command.how is Ended.TERMINATED:
        step.at = ("work", instance, None)
        raise Failure(
            IncidentKind.CALLED_ELEMENT_ERROR,
            "The called process was cancelled: resolve this incident to call it again, or cancel this instance too.",
        )
    if node.outputs or task.propagate_all_child_variables:
        take_variables(step, instance, node, command.variables)
