"""Can every process and sub-process begin? (BPMN 2.0 §10.3.5, §13.3.4)"""

from bpmn.model import AdHocSubProcess, ElementType, FlowNode, ProcessDefinition, StartEvent, SubProcess
from bpmn.problems import Problems, title
from bpmn.reading import sentence
from bpmn.structure import Structure
from bpmn.xml import Element


def check_scopes(definition: ProcessDefinition, structure: Structure, problems: Problems) -> None:
    for node in (definition.process_node, *definition.nodes.values()):
        element = structure.elements.get(node.id, structure.process)
        match node.detail:
            case SubProcess() if node.type == ElementType.EVENT_SUB_PROCESS:
                _check_event_sub_process(node, node.detail, element, definition, problems)
            case SubProcess():
                _check_sub_process(node, node.detail, element, definition, structure, problems)
            case AdHocSubProcess():
                _check_ad_hoc(node.detail, element, definition, structure, problems)
            case _:
                pass


def _check_sub_process(
    node: FlowNode, detail: SubProcess, element: Element, definition: ProcessDefinition, structure: Structure, problems: Problems
) -> None:
    if not detail.nodes:
        add = problems.error if node.type == ElementType.PROCESS else problems.warning
        add("empty-scope", element, f"{sentence(title(element))} contains nothing.", "Draw what it should do.")
    elif not detail.starts:
        problems.error(
            "no-start",
            element,
            f"{sentence(title(element))} cannot begin: it has no start event, and something leads to every element in it.",
            "Add a start event.",
        )
    if node.type == ElementType.PROCESS:
        return
    for start in detail.starts:
        inner = definition.nodes[start].detail
        if isinstance(inner, StartEvent) and inner.event is not None:
            problems.error(
                "start-with-trigger",
                structure.elements[start],
                f"{sentence(title(structure.elements[start]))} has a trigger, but the sub-process begins when a token reaches it.",
                "Use a start event without trigger, or make it an event sub-process.",
            )


def _check_event_sub_process(
    node: FlowNode, detail: SubProcess, element: Element, definition: ProcessDefinition, problems: Problems
) -> None:
    starts = [start for start in (definition.nodes[node_id].detail for node_id in detail.nodes) if isinstance(start, StartEvent)]
    if len(starts) != 1:
        problems.error(
            "event-sub-process-start",
            element,
            f"{sentence(title(element))} is an event sub-process and has {len(starts) or 'no'} start events; it needs exactly one.",
            "Give it one start event with a trigger, as a message or a timer.",
        )
    elif starts[0].event is None:
        problems.error(
            "event-sub-process-start",
            element,
            f"{sentence(title(element))} is an event sub-process, but its start event has no trigger.",
            "Choose a trigger, as a message or a timer.",
        )
    if node.incoming or node.outgoing:
        problems.error(
            "event-sub-process-in-flow",
            element,
            f"{sentence(title(element))} is an event sub-process, so no sequence flow may lead to it or leave it.",
            "Remove its sequence flows, or make it an embedded sub-process.",
        )


def _check_ad_hoc(
    detail: AdHocSubProcess, element: Element, definition: ProcessDefinition, structure: Structure, problems: Problems
) -> None:
    if not detail.entries:
        problems.error(
            "empty-scope",
            element,
            f"{sentence(title(element))} has no activity that could be activated.",
            "Draw at least one activity without incoming flow into it.",
        )
    for node_id in detail.nodes:
        if definition.nodes[node_id].type in (ElementType.START_EVENT, ElementType.END_EVENT):
            problems.warning(
                "event-in-ad-hoc",
                structure.elements[node_id],
                f"{sentence(title(structure.elements[node_id]))} lies in an ad-hoc sub-process, which BPMN gives no start and end events.",
                "Remove it; activities without incoming flow are what can be activated.",
            )
