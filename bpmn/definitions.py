"""How does one process element become a ProcessDefinition? Puts together what the chapters read."""

import re
from types import MappingProxyType

from bpmn.activities import read_activity, refer_form
from bpmn.dialects import read_extensions, read_loop_extensions, read_process_extensions
from bpmn.events import read_event
from bpmn.extensions import Extensions
from bpmn.flows import default_flow, read_flows
from bpmn.gateways import read_gateway
from bpmn.loops import multi_instance_of, read_loop
from bpmn.model import CatchEvent, Detail, ElementType, FlowNode, LinkEvent, ProcessDefinition, SequenceFlow, StartEvent
from bpmn.namespaces import B
from bpmn.problems import title
from bpmn.reading import Reading, sentence
from bpmn.structure import ACTIVITIES, CONTAINERS, EVENTS, GATEWAYS, Structure
from bpmn.sub_processes import read_ad_hoc, read_sub_process
from bpmn.xml import text_of
from bpmn.zeebe import read_zeebe

_TYPES = {
    "task": ElementType.TASK,
    "serviceTask": ElementType.SERVICE_TASK,
    "userTask": ElementType.USER_TASK,
    "manualTask": ElementType.MANUAL_TASK,
    "receiveTask": ElementType.RECEIVE_TASK,
    "sendTask": ElementType.SEND_TASK,
    "scriptTask": ElementType.SCRIPT_TASK,
    "businessRuleTask": ElementType.BUSINESS_RULE_TASK,
    "callActivity": ElementType.CALL_ACTIVITY,
    "subProcess": ElementType.SUB_PROCESS,
    "transaction": ElementType.TRANSACTION,
    "adHocSubProcess": ElementType.AD_HOC_SUB_PROCESS,
    "startEvent": ElementType.START_EVENT,
    "intermediateCatchEvent": ElementType.INTERMEDIATE_CATCH_EVENT,
    "intermediateThrowEvent": ElementType.INTERMEDIATE_THROW_EVENT,
    "boundaryEvent": ElementType.BOUNDARY_EVENT,
    "endEvent": ElementType.END_EVENT,
    "exclusiveGateway": ElementType.EXCLUSIVE_GATEWAY,
    "parallelGateway": ElementType.PARALLEL_GATEWAY,
    "inclusiveGateway": ElementType.INCLUSIVE_GATEWAY,
    "eventBasedGateway": ElementType.EVENT_BASED_GATEWAY,
    "complexGateway": ElementType.COMPLEX_GATEWAY,
}


def read_process(structure: Structure, reading: Reading) -> ProcessDefinition | None:
    """None when some part could not be read; the problems say which."""
    extensions = {node: read_extensions(element, reading) for node, element in structure.elements.items()}
    flows = read_flows(structure, reading)
    details = {node: _simple_detail(node, structure, extensions[node], reading) for node in structure.elements}
    links = frozenset(node for node, detail in details.items() if isinstance(detail, CatchEvent) and isinstance(detail.event, LinkEvent))
    nodes: dict[str, FlowNode] = {}
    for node in structure.elements:
        detail = details[node]
        if structure.kinds[node] in CONTAINERS:
            detail = _container(node, structure, extensions[node], links, reading)
        if detail is not None:
            nodes[node] = _flow_node(node, detail, structure, extensions[node], flows, reading)
    _check_embedded_forms(structure, extensions, reading)
    if len(nodes) < len(structure.elements):
        return None
    return _definition(structure, nodes, flows, links, reading)


def _simple_detail(node: str, structure: Structure, ext: Extensions, reading: Reading) -> Detail | None:
    element, kind = structure.elements[node], structure.kinds[node]
    if kind in EVENTS:
        detail = read_event(element, kind, ext, reading)
        if isinstance(detail, StartEvent):
            refer_form(detail.form, element, reading)
        return detail
    if kind in GATEWAYS:
        return read_gateway(element, kind, reading)
    return None if kind in CONTAINERS else read_activity(element, kind, ext, reading)


def _container(node: str, structure: Structure, ext: Extensions, links: frozenset[str], reading: Reading) -> Detail:
    if structure.kinds[node] == "adHocSubProcess":
        return read_ad_hoc(structure.elements[node], node, structure, ext, reading)
    return read_sub_process(node, structure, links)


def _flow_node(
    node: str,
    detail: Detail,
    structure: Structure,
    ext: Extensions,
    flows: dict[str, SequenceFlow],
    reading: Reading,
) -> FlowNode:
    element, kind = structure.elements[node], structure.kinds[node]
    loop = None
    if kind in ACTIVITIES:
        multi = multi_instance_of(element)
        loop = read_loop(element, None if multi is None else read_loop_extensions(multi, reading), reading)
    return FlowNode(
        id=node,
        type=ElementType.EVENT_SUB_PROCESS if structure.is_event_sub_process(node) else _TYPES[kind],
        scope=structure.scope_of[node],
        detail=detail,
        name=element.get("name") or None,
        line=element.sourceline,
        incoming=tuple(structure.incoming.get(node, ())),
        outgoing=tuple(structure.outgoing.get(node, ())),
        default_flow=default_flow(node, structure, flows, reading),
        boundary_events=tuple(structure.boundary.get(node, ())),
        inputs=tuple(ext.inputs),
        outputs=tuple(ext.outputs),
        loop=loop,
        is_for_compensation=structure.is_compensation_handler(node) if kind in ACTIVITIES else False,
        compensation_handler=structure.handlers.get(node),
        execution_listeners=tuple(ext.execution_listeners),
        properties=MappingProxyType(ext.properties),
        documentation=text_of(element.find(B + "documentation")) or None,
        lane=_lane(node, structure),
        start_quantity=_quantity(element.get("startQuantity")),
        completion_quantity=_quantity(element.get("completionQuantity")),
    )


def _quantity(text: str | None) -> int:
    """One unless it is a greater number; what is no number the schema reports."""
    return max(1, int(text)) if text and re.fullmatch(r"\d{1,9}", text) else 1


def _lane(node: str, structure: Structure) -> str | None:
    """The lane of the node, or of the nearest sub-process around it that lies in one."""
    current: str | None = node
    while current is not None:
        if current in structure.lanes:
            return structure.lanes[current]
        current = structure.scope_of.get(current)
    return None


def _definition(
    structure: Structure,
    nodes: dict[str, FlowNode],
    flows: dict[str, SequenceFlow],
    links: frozenset[str],
    reading: Reading,
) -> ProcessDefinition:
    process, scope = structure.process, structure.id
    ext = read_process_extensions(process, reading)
    process_node = FlowNode(
        id=scope,
        type=ElementType.PROCESS,
        scope=scope,
        detail=read_sub_process(scope, structure, links),
        name=process.get("name") or None,
        line=process.sourceline,
        execution_listeners=tuple(ext.execution_listeners),
        properties=MappingProxyType(ext.properties),
        documentation=text_of(process.find(B + "documentation")) or None,
    )
    return ProcessDefinition(
        id=structure.definition_id or scope,
        process_node=process_node,
        nodes=MappingProxyType(nodes),
        flows=MappingProxyType(flows),
        name=process.get("name") or None,
        version_tag=ext.version_tag,
        embedded_forms=MappingProxyType(ext.embedded_forms),
        candidate_starter_users=ext.starter_users,
        candidate_starter_groups=ext.starter_groups,
        line=process.sourceline,
    )


def _check_embedded_forms(structure: Structure, extensions: dict[str, Extensions], reading: Reading) -> None:
    wanted = {node: ext.form.embedded_key for node, ext in extensions.items() if ext.form is not None and ext.form.embedded_key}
    if not wanted:
        return
    embedded = read_zeebe(structure.process, reading).embedded_forms
    for node, key in wanted.items():
        if key not in embedded:
            element = structure.elements[node]
            reading.problems.error(
                "dangling-reference",
                element,
                f'{sentence(title(element))} refers to the embedded form "{key}", which the process does not contain.',
                "Choose the form again, or link a form file by its id.",
            )
