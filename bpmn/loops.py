"""How often does an activity run: once, in a loop, or once per item? (BPMN 2.0 §13.3.6 and §13.3.7)"""

from bpmn.extensions import Extensions
from bpmn.model import MultiInstance, StandardLoop
from bpmn.namespaces import B
from bpmn.problems import title
from bpmn.reading import Reading, sentence
from bpmn.xml import Element, text_of


def multi_instance_of(element: Element) -> Element | None:
    return element.find(B + "multiInstanceLoopCharacteristics")


def read_loop(element: Element, ext: Extensions | None, reading: Reading) -> MultiInstance | StandardLoop | None:
    """`ext`: the extensions below `multiInstanceLoopCharacteristics`."""
    standard = element.find(B + "standardLoopCharacteristics")
    multi = multi_instance_of(element)
    if multi is not None and ext is not None:
        return _multi_instance(element, multi, ext, reading)
    return None if standard is None else _standard_loop(standard, reading)


def _multi_instance(element: Element, multi: Element, ext: Extensions, reading: Reading) -> MultiInstance | None:
    if multi.get("behavior") in ("None", "One", "Complex"):
        reading.problems.error(
            "not-supported",
            element,
            f'{sentence(title(element))} cannot run: events of its instances (behavior "{multi.get("behavior")}") are not supported.',
            "Remove the behavior, and throw the event inside a sub-process instead.",
        )
    cardinality, completion = multi.find(B + "loopCardinality"), multi.find(B + "completionCondition")
    number = (
        reading.number(text_of(cardinality), cardinality, "loop cardinality") if cardinality is not None and text_of(cardinality) else None
    )
    collection = ext.input_collection
    if isinstance(collection, str):
        reading.problems.error(
            "not-feel",
            multi,
            f'{sentence(title(element))}: the input collection "{collection}" is a text, not a list.',
            f'Begin it with "=", as ={collection}.',
        )
        return None
    if number is None and collection is None and (cardinality is None or not text_of(cardinality)) and not ext.says_something:
        reading.problems.error(
            "multi-instance-without-items",
            element,
            f"{sentence(title(element))} runs once per item, but has neither an input collection nor a number of instances.",
            "Write the input collection, as =items, in the properties panel.",
        )
        return None
    condition = None
    if completion is not None and text_of(completion):
        condition = reading.condition(text_of(completion), completion, "completion condition")
    return MultiInstance(
        sequential=multi.get("isSequential") in ("true", "1"),
        input_collection=collection,
        input_element=ext.input_element,
        output_collection=ext.output_collection,
        output_element=ext.output_element,
        cardinality=number,
        completion_condition=condition,
    )


def _standard_loop(loop: Element, reading: Reading) -> StandardLoop:
    condition, maximum = loop.find(B + "loopCondition"), (loop.get("loopMaximum") or "").strip()
    return StandardLoop(
        test_before=loop.get("testBefore") in ("true", "1"),
        maximum=reading.number(maximum, loop, "loop maximum") if maximum else None,
        condition=reading.condition(text_of(condition), condition, "loop condition")
        if condition is not None and text_of(condition)
        else None,
    )
