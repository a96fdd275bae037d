"""What does the cancel end event of a transaction do? (BPMN 2.0 §13.3.4.2 and §10.3.5)"""

from bpmn.model import CancelEvent, CompensateEvent, ElementType
from engine.kernel.boundary import trigger_boundary
from engine.kernel.compensation import compensate, is_compensated
from engine.kernel.propagation import parts_of
from engine.kernel.step import Step
from engine.kernel.termination import terminate, terminate_children
from engine.model import ElementInstance, ElementKey, Ended, Json


def cancel_transaction(step: Step, source: ElementInstance) -> None:
    """All work inside ends, then what was completed is compensated, then the flow goes on from the cancel boundary event."""
    transaction = step.parent(source)
    while transaction.type is not ElementType.TRANSACTION and transaction.parent is not None:
        transaction = step.parent(transaction)
    step.count(step.parent(source), -1)
    step.end(source, Ended.COMPLETED)
    terminate_children(step, transaction)
    transaction.data["cancelling"] = True
    step.touch(transaction)
    if compensate(step, transaction, transaction, CompensateEvent()):
        step.then("cancelled", transaction, {})


def compensated(step: Step, host: ElementInstance, within: Json) -> None:
    """A compensation handler that the host waits for has ended."""
    if not is_compensated(step, host, step.element(ElementKey(within))):
        return
    step.then("cancelled" if "cancelling" in host.data else "resume", host, {})


def cancelled(step: Step, transaction: ElementInstance, argument: Json) -> None:
    """The flow goes on from the cancel boundary event; without one the token ends with the transaction."""
    scope = step.parent(transaction)
    host = scope if scope.type is ElementType.MULTI_INSTANCE_BODY else transaction
    for event, detail in step.tables.boundaries.get(transaction.element_id, ()):
        if any(isinstance(part, CancelEvent) for part in parts_of(detail.event)):
            trigger_boundary(step, host, event, detail, {})
            return
    terminate(step, transaction)
    if step.count(scope, -1) == 0:
        step.then("finish", scope)
