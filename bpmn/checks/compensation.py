"""Does every compensation have something to undo, and something that undoes it? (BPMN 2.0 §10.7)"""

from bpmn.model import BoundaryEvent, CompensateEvent, EndEvent, ProcessDefinition, ThrowEvent
from bpmn.problems import Problems, title
from bpmn.reading import sentence
from bpmn.structure import ACTIVITIES, Structure


def check_compensation(definition: ProcessDefinition, structure: Structure, problems: Problems) -> None:
    for node in definition.nodes.values():
        element = structure.elements[node.id]
        match node.detail:
            case BoundaryEvent(event=CompensateEvent(), attached_to=host):
                if host not in structure.handlers:
                    problems.error(
                        "compensation-without-handler",
                        element,
                        f"{sentence(title(element))} is not associated with an activity that undoes the work.",
                        "Draw an association from the event to a compensation activity.",
                    )
                if node.outgoing:
                    problems.error(
                        "outgoing-not-allowed",
                        element,
                        f"{sentence(title(element))}: a compensation event has an association to its handler, not a sequence flow.",
                        "Replace the flow by an association to the compensation activity.",
                    )
            case ThrowEvent(event=CompensateEvent(activity=str(activity))) | EndEvent(event=CompensateEvent(activity=str(activity))):
                if structure.kinds.get(activity) not in ACTIVITIES:
                    problems.error(
                        "dangling-reference",
                        element,
                        f'{sentence(title(element))} compensates "{activity}", which is no activity of this process.',
                        "Choose an activity, or leave it empty to compensate the whole scope.",
                    )
            case _:
                pass
        if node.is_for_compensation and (node.incoming or node.outgoing):
            problems.error(
                "compensation-in-flow",
                element,
                f"{sentence(title(element))} is a compensation activity, so no sequence flow may lead to it or leave it.",
                "Remove its sequence flows, or the compensation mark.",
            )
    for host, handler in structure.handlers.items():
        if structure.scope_of.get(host) != structure.scope_of.get(handler):
            problems.error(
                "compensation-without-handler",
                structure.elements[handler],
                f"{sentence(title(structure.elements[handler]))} lies in another sub-process than the activity that it undoes.",
                "Move it beside the activity that it undoes.",
            )
