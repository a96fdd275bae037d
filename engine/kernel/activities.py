"""What does a task do when it begins? Jobs, scripts and decisions (BPMN 2.0 §13.3.2 and §13.3.3)."""

from bpmn.model import DecisionTask, FlowNode, JobDefinition, ScriptTask, Value
from engine.kernel.events import take_variables
from engine.kernel.step import Failure, Step
from engine.kernel.variables import evaluate_json, not_a, read_text, read_value, storable, visible
from engine.model import ElementInstance, IncidentKind, JobKey, OpenJob, RecordDecision
from rules.feel import to_json


def open_job(
    step: Step, instance: ElementInstance, job: JobDefinition, kind: str = "BPMN_ELEMENT", listener_event: str | None = None
) -> None:
    """A job worker does it; the instance waits."""
    job_type = job.type
    if not isinstance(job_type, str):
        job_type = read_text(step, job_type, instance, IncidentKind.EXTRACT_VALUE_ERROR, "job type")
    retries = job_retries(step, instance, job)
    priority = 0 if job.priority is None else whole_number(step, instance, job.priority, "job priority")
    key = JobKey(step.keys.next())
    step.effects.append(OpenJob(key, instance.key, instance.element_id, job_type, retries, job.headers, kind, listener_event, priority))


def job_retries(step: Step, instance: ElementInstance, job: JobDefinition) -> int:
    if job.retries == "3":
        return 3
    return whole_number(step, instance, job.retries, "number of retries")


def whole_number(step: Step, instance: ElementInstance, value: Value, what: str) -> int:
    found = read_value(step, value, instance, IncidentKind.EXTRACT_VALUE_ERROR)
    number = to_json(found)
    if isinstance(number, str) and number.strip().lstrip("-").isdigit():
        number = int(number)
    if isinstance(number, float) and number.is_integer():
        number = int(number)
    if not isinstance(number, int) or isinstance(number, bool):
        raise not_a(step, value, found, what, "a whole number", instance)
    return number


def run_script(step: Step, instance: ElementInstance, node: FlowNode, script: ScriptTask) -> None:
    """`zeebe:script`: the value of the expression lands in the result variable."""
    value = evaluate_json(step, script.expression, instance, IncidentKind.EXTRACT_VALUE_ERROR)
    take_variables(step, instance, node, {script.result_variable: value})


def decide(step: Step, instance: ElementInstance, node: FlowNode, task: DecisionTask) -> None:
    """`zeebe:calledDecision` (BPMN 2.0 §10.3.3, business rule task)."""
    decision_id = read_text(step, task.decision.id, instance, IncidentKind.EXTRACT_VALUE_ERROR, "decision id")
    result = step.resources.decide(task.decision, decision_id, visible(step, instance), step.now)
    if result is None:
        raise Failure(
            IncidentKind.CALLED_DECISION_ERROR, f"No decision '{decision_id}' is deployed: deploy it, then resolve this incident."
        )
    step.effects.append(RecordDecision(instance.key, instance.element_id, result))
    if result.failure is not None:
        raise Failure(IncidentKind.DECISION_EVALUATION_ERROR, f"The decision '{decision_id}' failed: {result.failure}")
    value = storable(step, result.value, IncidentKind.DECISION_EVALUATION_ERROR, decision_id)
    take_variables(step, instance, node, {task.result_variable: value})
