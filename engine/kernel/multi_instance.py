"""How is an activity done once for each item? (BPMN 2.0 §13.3.7, multi-instance)

The body counts (`total`, `next` to begin, `done`); items of a sequential one and outputs are kept one by one (`PutItem`), so that a
child costs the same however many there are.
"""

from typing import cast

from bpmn.model import FlowNode, MultiInstance
from engine.kernel.activities import whole_number
from engine.kernel.compensation import record_for_compensation
from engine.kernel.incidents import step_limit
from engine.kernel.step import Failure, Step
from engine.kernel.termination import terminate_children
from engine.kernel.variables import evaluate_json, is_true, loop_counters, not_a, put_local, read_value, storable, write
from engine.model import DropItems, ElementInstance, Ended, IncidentKind, Json, PutItem, StateNeeded

MAX_INSTANCES = 100_000

_INPUT, _OUTPUT = "input", "output"


def items_of(step: Step, body: ElementInstance, loop: MultiInstance) -> list[Json]:
    """The collection, or as many nulls as the cardinality says."""
    kind = IncidentKind.EXTRACT_VALUE_ERROR
    if loop.input_collection is not None:
        found = read_value(step, loop.input_collection, body, kind)
        if not isinstance(found, list):
            raise not_a(step, loop.input_collection, found, "input collection", "a list", body)
        items = cast(list[Json], storable(step, cast(object, found), kind, "input collection"))
        number = len(items)
    else:
        number = 0 if loop.cardinality is None else whole_number(step, body, loop.cardinality, "loop cardinality")
        items = []
    if not 0 <= number <= MAX_INSTANCES:
        raise Failure(kind, f"The number of instances must be from 0 to {MAX_INSTANCES:,}, but it is {number:,}.")
    if number > step.width:
        raise step_limit(body.element_id)
    return items if loop.input_collection is not None else [None] * number


def spread(step: Step, body: ElementInstance, loop: MultiInstance, items: list[Json]) -> None:
    """Begins all children, or the first one."""
    total = len(items)
    body.data.update(total=total, done=0, next=0)
    step.touch(body)
    step.depths[body.key] = step.depth
    if not loop.sequential:
        for index, item in enumerate(items):
            _begin_child(step, body, index, item)
    elif items:
        if loop.input_element is not None and loop.input_collection is not None:
            for index, item in enumerate(items):
                _put_item(step, body, _INPUT, index, item)
        _begin_child(step, body, 0, items[0])
    if not items:
        step.then("finish", body)


def enter_child(step: Step, child: ElementInstance, loop: MultiInstance, index: int, item: Json) -> None:
    """The local variables of one child. The output variable is one of them, so that children do not write over each other."""
    child.data["index"] = index
    if loop.input_element is not None and loop.input_collection is not None:
        put_local(step, child, loop.input_element, item)
    output = "" if loop.output_element is None else loop.output_element.text.partition(".")[0].strip()
    if output.isidentifier() and output != loop.input_element:
        put_local(step, child, output, None)
    put_local(step, child, "loopCounter", index + 1)


def leave_child(step: Step, body: ElementInstance, child: ElementInstance, node: FlowNode, loop: MultiInstance) -> None:
    """One child is done: its output is kept, and either the next begins or, after the last or when the completion condition holds,
    the body finishes."""
    output = None
    if loop.output_element is not None:
        output = evaluate_json(step, loop.output_element, child, IncidentKind.EXTRACT_VALUE_ERROR)
    data = body.data
    is_enough = _is_enough(step, body, child, loop)
    index = child.data["index"]
    record_for_compensation(step, body, child, node)
    step.end(child, Ended.COMPLETED)
    if loop.output_element is not None:
        _put_item(step, body, _OUTPUT, index, output)
    data["done"] += 1
    step.touch(body)
    active = step.count(body, -1)
    if is_enough:
        terminate_children(step, body)
        step.then("finish", body)
    elif loop.sequential and data["next"] < data["total"]:
        following: int = data["next"]
        _begin_child(step, body, following, _input(step, body, loop, following))
    elif not active:
        step.then("finish", body)


def finish_body(step: Step, body: ElementInstance, loop: MultiInstance) -> None:
    """The outputs become one list, in the order of the items; null where a child did not complete."""
    if loop.output_collection is not None:
        outputs = _outputs(step, body) if loop.output_element is not None else []
        write(step, step.parent(body), loop.output_collection, outputs)
    drop_items(step, body)


def drop_items(step: Step, body: ElementInstance) -> None:
    """Unless compensation may still need what is kept under the body's key."""
    if body.data.pop("items", None) and "comp" not in body.data:
        step.effects.append(DropItems(body.key))


def _is_enough(step: Step, body: ElementInstance, child: ElementInstance, loop: MultiInstance) -> bool:
    condition = loop.completion_condition
    if condition is None:
        return False
    counters = loop_counters(body)
    counters["numberOfCompletedInstances"] += 1
    counters["numberOfActiveInstances"] -= 1
    return is_true(step, condition, child, "completion condition", counters)


def _begin_child(step: Step, body: ElementInstance, index: int, item: Json) -> None:
    body.data["next"] = index + 1
    step.count(body, 1)
    step.then("begin_child", body, [index, item], step.depths.get(body.key, 0))  # items in a row are no loop that nothing ends


def _input(step: Step, body: ElementInstance, loop: MultiInstance, index: int) -> Json:
    if loop.input_element is None or loop.input_collection is None:
        return None
    key = (body.key, _INPUT, index)
    if key not in step.state.items:
        raise StateNeeded(items=(key,))
    return step.state.items[key]


def _outputs(step: Step, body: ElementInstance) -> list[Json]:
    if not step.knows_items(body.key, _OUTPUT):
        raise StateNeeded(items=((body.key, _OUTPUT, None),))
    items = step.state.items
    return [items.get((body.key, _OUTPUT, index)) for index in range(body.data["total"])]


def _put_item(step: Step, body: ElementInstance, name: str, index: int, value: Json) -> None:
    step.state.items[(body.key, name, index)] = value
    step.effects.append(PutItem(body.key, name, index, value))
    body.data["items"] = True
