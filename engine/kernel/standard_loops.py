"""How often is an activity repeated by a standard loop? (BPMN 2.0 §13.3.6)"""

from bpmn.model import FlowNode, StandardLoop
from engine.kernel.activities import whole_number
from engine.kernel.compensation import record_for_compensation
from engine.kernel.step import Step
from engine.kernel.variables import is_true, put_local
from engine.model import ElementInstance, Ended


def begin_loop(step: Step, body: ElementInstance, loop: StandardLoop) -> None:
    """With `test_before` perhaps not even once."""
    maximum = None if loop.maximum is None else whole_number(step, body, loop.maximum, "loop maximum")
    body.data.update(total=0, done=0)
    if maximum is not None:
        body.data["maximum"] = maximum
    step.touch(body)
    put_local(step, body, "loopCounter", 0)
    if loop.test_before and not _goes_on(step, body, body, loop, 0):
        step.then("finish", body)
    else:
        _repeat(step, body)


def leave_round(step: Step, body: ElementInstance, child: ElementInstance, node: FlowNode, loop: StandardLoop) -> None:
    """One round is done; the condition decides on the next."""
    done = body.data["done"] + 1
    goes_on = _goes_on(step, body, child, loop, done)
    record_for_compensation(step, body, child, node)
    step.end(child, Ended.COMPLETED)
    body.data["done"] = done
    step.touch(body)
    step.count(body, -1)
    if goes_on:
        put_local(step, body, "loopCounter", done)
        _repeat(step, body)
    else:
        step.then("finish", body)


def _repeat(step: Step, body: ElementInstance) -> None:
    body.data["total"] += 1
    step.count(body, 1)
    step.then("begin_child", body, [body.data["done"], None], step.depth + 1)


def _goes_on(step: Step, body: ElementInstance, at: ElementInstance, loop: StandardLoop, done: int) -> bool:
    """Below the maximum while the condition holds. A loop with neither runs once."""
    maximum: int | None = body.data.get("maximum")
    if maximum is not None and done >= maximum:
        return False
    if loop.condition is None:
        return maximum is not None or done == 0
    return is_true(step, loop.condition, at, "loop condition", {"loopCounter": done})
