"""What lies in a sub-process, and where does it begin? (BPMN 2.0 §10.3.5, §13.3.4, §13.3.5)"""

from bpmn.extensions import Extensions
from bpmn.model import AdHocSubProcess, SubProcess
from bpmn.namespaces import B
from bpmn.reading import Reading
from bpmn.structure import Structure
from bpmn.xml import Element, text_of


def read_sub_process(scope: str, structure: Structure, links: frozenset[str]) -> SubProcess:
    """`links`: the catch ends of link events, which begin nothing by themselves."""
    nodes = structure.inside[scope]
    starts = [node for node in nodes if structure.kinds[node] == "startEvent" or is_instantiating(node, structure)]
    return SubProcess(
        nodes=tuple(nodes),
        starts=tuple(starts or [node for node in nodes if begins(node, structure) and node not in links]),
        event_sub_processes=tuple(node for node in nodes if structure.is_event_sub_process(node)),
    )


def read_ad_hoc(element: Element, scope: str, structure: Structure, ext: Extensions, reading: Reading) -> AdHocSubProcess:
    nodes = structure.inside[scope]
    completion = element.find(B + "completionCondition")
    condition = None
    if completion is not None and text_of(completion):
        condition = reading.condition(text_of(completion), completion, "completion condition")
    return AdHocSubProcess(
        nodes=tuple(nodes),
        entries=tuple(node for node in nodes if begins(node, structure)),
        sequential=element.get("ordering") == "Sequential",
        completion_condition=condition,
        cancel_remaining_instances=element.get("cancelRemainingInstances") not in ("false", "0"),
        active_elements=ext.active_elements,
        output_collection=ext.output_collection,
        output_element=ext.output_element,
        job=ext.job(),
        event_sub_processes=tuple(node for node in nodes if structure.is_event_sub_process(node)),
    )


def begins(node: str, structure: Structure) -> bool:
    """Whether nothing leads to the node, so that it begins with its scope."""
    return not structure.incoming.get(node) and not structure.starts_itself(node)


def is_instantiating(node: str, structure: Structure) -> bool:
    """A receive task or event-based gateway that starts the process by itself (BPMN 2.0 §13.2)."""
    return (
        structure.kinds[node] in ("receiveTask", "eventBasedGateway")
        and structure.elements[node].get("instantiate") in ("true", "1")
        and not structure.incoming.get(node)
    )
