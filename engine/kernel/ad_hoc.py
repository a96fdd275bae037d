"""Who decides what runs inside an ad-hoc sub-process, and when is it done? (BPMN 2.0 §13.3.5, with zeebe's collection and job)

Each activation runs in a scope of its own, an inner instance, with its own variables. `done` in the data says that nothing new may begin.
"""

from collections.abc import Iterable
from typing import cast

from bpmn.model import AdHocSubProcess, FlowNode
from engine.kernel.activities import open_job
from engine.kernel.ad_hoc_elements import describe_elements
from engine.kernel.compensation import record_for_compensation
from engine.kernel.events import take_variables
from engine.kernel.step import Failure, Step
from engine.kernel.tables import INNER_INSTANCE
from engine.kernel.termination import terminate_children
from engine.kernel.variables import evaluate_json, is_true, not_a, put_local, read_value, write
from engine.model import ActivateAdHoc, Activation, AdHocResult, CloseWaits, ElementInstance, Ended, IncidentKind, Json, Refused, Variables


def begin_ad_hoc(step: Step, ad_hoc: ElementInstance, node: FlowNode, detail: AdHocSubProcess, argument: Json) -> bool:
    """A job worker decides, or the collection names what begins, or it waits for requests. True when it is empty and done at once."""
    if argument and "inner" in argument:
        for inner in argument["inner"]:
            step.count(ad_hoc, 1)
            step.then("activate", ad_hoc, {"node": ad_hoc.element_id + INNER_INSTANCE, "inner": [inner]})
        return False
    elements = None if detail.active_elements is None else _active_elements(step, ad_hoc, detail)
    _put_elements(step, ad_hoc, detail)
    if detail.job is not None:
        open_job(step, ad_hoc, detail.job, "AD_HOC_SUB_PROCESS")
        ad_hoc.data["w"] = 1
        step.touch(ad_hoc)
    if elements:
        _begin(step, ad_hoc, detail, [Activation(element) for element in elements])
        return False
    return elements is not None and detail.job is None and detail.completion_condition is None


def activate_ad_hoc(step: Step, ad_hoc: ElementInstance, command: ActivateAdHoc) -> None:
    """A request from outside. In a sequential one only one activity runs at a time (BPMN 2.0 §10.3.5)."""
    detail = step.node(ad_hoc).detail
    if not isinstance(detail, AdHocSubProcess) or "total" in ad_hoc.data:
        raise Refused(f"'{ad_hoc.element_id}' is no ad-hoc sub-process instance.")
    if "done" in ad_hoc.data:
        raise Refused(f"'{ad_hoc.element_id}' is completing: nothing new can begin in it.")
    _check(detail, ad_hoc, command.activate)
    if command.cancel_remaining:
        terminate_children(step, ad_hoc)
        ad_hoc.data.pop("queue", None)
    if detail.sequential and (ad_hoc.data["n"] or len(command.activate) > 1):
        raise Refused(f"'{ad_hoc.element_id}' is sequential: one activity at a time, and one is active.")
    _begin(step, ad_hoc, detail, command.activate)


def take_decision(step: Step, ad_hoc: ElementInstance, node: FlowNode, result: AdHocResult, given: Variables) -> None:
    """The job worker has decided what happens next."""
    detail = node.detail
    if not isinstance(detail, AdHocSubProcess):
        return
    if "done" not in ad_hoc.data:
        _check(detail, ad_hoc, result.activate)
    take_variables(step, ad_hoc, node, given)
    if result.is_cancel_remaining_instances:
        terminate_children(step, ad_hoc)
    if result.is_completion_condition_fulfilled:
        _complete(step, ad_hoc, is_cancelling=result.is_cancel_remaining_instances)
    elif "done" not in ad_hoc.data:
        _begin(step, ad_hoc, detail, result.activate)


def leave_inner(step: Step, ad_hoc: ElementInstance, child: ElementInstance, detail: AdHocSubProcess) -> None:
    """A flow inside has ended: its output is kept; then the condition, the job worker or the lack of anything left decides."""
    collected: dict[str, Json] = {}
    if detail.output_collection is not None and detail.output_element is not None:
        output = evaluate_json(step, detail.output_element, child, IncidentKind.EXTRACT_VALUE_ERROR)
        before = step.state.variables[ad_hoc.key].get(detail.output_collection)
        collected[detail.output_collection] = [*cast(Iterable[Json], before if isinstance(before, list) else ()), output]
    condition = detail.completion_condition
    is_fulfilled = condition is not None and is_true(step, condition, ad_hoc, "completion condition", collected)
    record_for_compensation(step, ad_hoc, child, step.node(child))
    step.end(child, Ended.COMPLETED)
    for name, value in collected.items():
        put_local(step, ad_hoc, name, value)
    active = step.count(ad_hoc, -1)
    queue: list[str] = ad_hoc.data.get("queue", [])
    if is_fulfilled:
        _complete(step, ad_hoc, is_cancelling=detail.cancel_remaining_instances)
    elif "done" in ad_hoc.data or "interrupted" in ad_hoc.data:
        _complete(step, ad_hoc, is_cancelling=False)
    elif detail.job is not None:
        step.at = ("ad_hoc_job", ad_hoc, None)
        ask_worker(step, ad_hoc, detail)
    elif queue and not active:
        following = queue.pop(0)
        step.touch(ad_hoc)
        _activate(step, ad_hoc, Activation(following))
    elif condition is None and not active:
        _complete(step, ad_hoc, is_cancelling=False)


def ad_hoc_check(step: Step, ad_hoc: ElementInstance, argument: Json) -> None:
    """After every completion of an activity inside: is it enough, even where flows lead on from the activity?"""
    step.at = ("ad_hoc_check", ad_hoc, argument)
    detail = step.node(ad_hoc).detail
    if not isinstance(detail, AdHocSubProcess) or detail.completion_condition is None or "done" in ad_hoc.data:
        return
    if is_true(step, detail.completion_condition, ad_hoc, "completion condition"):
        _complete(step, ad_hoc, is_cancelling=detail.cancel_remaining_instances)


def ask_worker(step: Step, ad_hoc: ElementInstance, detail: AdHocSubProcess) -> None:
    """One job at a time: a decision that is still being made is superseded, because its basis has changed."""
    if detail.job is not None:
        step.effects.append(CloseWaits(ad_hoc.key, ad_hoc.element_id))
        open_job(step, ad_hoc, detail.job, "AD_HOC_SUB_PROCESS")


def ad_hoc_job(step: Step, ad_hoc: ElementInstance, argument: Json) -> None:
    """Asks a worker whose job could not be opened again."""
    step.at = ("ad_hoc_job", ad_hoc, argument)
    detail = step.node(ad_hoc).detail
    if isinstance(detail, AdHocSubProcess):
        ask_worker(step, ad_hoc, detail)


def finish_ad_hoc(step: Step, ad_hoc: ElementInstance, node: FlowNode, detail: AdHocSubProcess) -> None:
    """The collected output leaves, unless output mappings decide what leaves."""
    own = step.state.variables[ad_hoc.key]
    if detail.output_collection is not None and detail.output_collection in own and not node.outputs:
        write(step, step.parent(ad_hoc), detail.output_collection, own[detail.output_collection])


def _complete(step: Step, ad_hoc: ElementInstance, *, is_cancelling: bool) -> None:
    """Without cancelling, what is active comes to its end first."""
    if ad_hoc.data["n"] and is_cancelling:
        terminate_children(step, ad_hoc)
    if ad_hoc.data["n"]:
        ad_hoc.data["done"] = True
        step.touch(ad_hoc)
    else:
        step.then("finish", ad_hoc)


def _begin(step: Step, ad_hoc: ElementInstance, detail: AdHocSubProcess, activations: Iterable[Activation]) -> None:
    for position, activation in enumerate(activations):
        if detail.sequential and position:
            ad_hoc.data.setdefault("queue", []).append(activation.element_id)
            step.touch(ad_hoc)
        else:
            _activate(step, ad_hoc, activation)


def _activate(step: Step, ad_hoc: ElementInstance, activation: Activation) -> None:
    step.count(ad_hoc, 1)
    step.then(
        "activate",
        ad_hoc,
        {"node": ad_hoc.element_id + INNER_INSTANCE, "inner": [{"node": activation.element_id}], "local": dict(activation.variables)},
    )


def _check(detail: AdHocSubProcess, ad_hoc: ElementInstance, activations: Iterable[Activation]) -> None:
    for activation in activations:
        if activation.element_id not in detail.entries:
            raise Refused(_not_an_entry(activation.element_id, ad_hoc, detail))


def _not_an_entry(element: object, ad_hoc: ElementInstance, detail: AdHocSubProcess) -> str:
    known = ", ".join(detail.entries) or "nothing"
    return f"'{element}' cannot be activated in '{ad_hoc.element_id}'; what can: {known}."


def _active_elements(step: Step, ad_hoc: ElementInstance, detail: AdHocSubProcess) -> list[str]:
    value = detail.active_elements or ""
    found = read_value(step, value, ad_hoc, IncidentKind.EXTRACT_VALUE_ERROR)
    if not isinstance(found, list):
        raise not_a(step, value, found, "collection of active elements", "a list of element ids", ad_hoc)
    elements = cast(list[object], found)
    for element in elements:
        if element not in detail.entries:
            raise Failure(IncidentKind.EXTRACT_VALUE_ERROR, _not_an_entry(element, ad_hoc, detail))
    return [str(element) for element in elements]


def _put_elements(step: Step, ad_hoc: ElementInstance, detail: AdHocSubProcess) -> None:
    """What a deciding worker reads: the activities it may choose from; and the empty collection of outputs."""
    put_local(step, ad_hoc, "adHocSubProcessElements", describe_elements(step.tables, detail))
    if detail.output_collection is not None:
        put_local(step, ad_hoc, detail.output_collection, [])
