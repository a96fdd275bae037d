"""Under which condition is a sequence flow taken? (BPMN 2.0 §8.3.13)"""

from bpmn.model import SequenceFlow
from bpmn.namespaces import B
from bpmn.problems import title
from bpmn.reading import Reading, local_reference, sentence
from bpmn.structure import Structure
from bpmn.xml import text_of


def read_flows(structure: Structure, reading: Reading) -> dict[str, SequenceFlow]:
    flows: dict[str, SequenceFlow] = {}
    for raw in structure.flows.values():
        expression = raw.element.find(B + "conditionExpression")
        condition = None
        if expression is not None and text_of(expression):
            condition = reading.condition(text_of(expression), expression, "condition")
        name = raw.element.get("name") or None
        flows[raw.id] = SequenceFlow(raw.id, raw.source, raw.target, condition, name, raw.element.sourceline)
    return flows


def default_flow(node: str, structure: Structure, flows: dict[str, SequenceFlow], reading: Reading) -> str | None:
    """The flow taken when no condition holds."""
    element = structure.elements[node]
    reference = local_reference(element.get("default") or "")
    if not reference:
        return None
    flow = flows.get(reference)
    if flow is None or flow.source != node:
        reading.problems.error(
            "dangling-reference",
            element,
            f'{sentence(title(element))} has the default flow "{reference}", which '
            + ("does not exist." if flow is None else "does not leave it."),
            "Choose one of its outgoing flows as default, or none.",
        )
        return None
    if flow.condition is not None:
        reading.problems.warning(
            "default-with-condition",
            structure.flows[reference].element,
            f"{sentence(title(structure.flows[reference].element))} is a default flow; its condition is never looked at.",
            "Remove the condition, or choose another default flow.",
        )
    return reference
