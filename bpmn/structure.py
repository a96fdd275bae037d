"""Which elements does a process have, what lies in what, and which flows connect them? (No meaning yet.)"""

from dataclasses import dataclass, field

from bpmn.namespaces import B, bpmn_name
from bpmn.problems import Problems, title, words
from bpmn.reading import local_reference, sentence
from bpmn.xml import Element, text_of

TASKS = frozenset({"task", "serviceTask", "userTask", "manualTask", "receiveTask", "sendTask", "scriptTask", "businessRuleTask"})
CONTAINERS = frozenset({"subProcess", "transaction", "adHocSubProcess"})
ACTIVITIES = TASKS | CONTAINERS | {"callActivity"}
EVENTS = frozenset({"startEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent", "endEvent"})
GATEWAYS = frozenset({"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway", "complexGateway"})
FLOW_NODES = ACTIVITIES | EVENTS | GATEWAYS
GLOBAL_TASKS = {
    "globalTask": "task",
    "globalUserTask": "userTask",
    "globalManualTask": "manualTask",
    "globalScriptTask": "scriptTask",
    "globalBusinessRuleTask": "businessRuleTask",
}

_SILENT = frozenset(
    [
        "documentation",
        "extensionElements",
        "ioSpecification",
        "property",
        "dataObject",
        "dataObjectReference",
        "dataStoreReference",
        "textAnnotation",
        "group",
        "auditing",
        "monitoring",
        "incoming",
        "outgoing",
        "multiInstanceLoopCharacteristics",
        "standardLoopCharacteristics",
        "dataInputAssociation",
        "dataOutputAssociation",
        "resourceRole",
        "performer",
        "humanPerformer",
        "potentialOwner",
        "correlationSubscription",
        "supports",
        "completionCondition",
        "supportedInterfaceRef",
        "ioBinding",
        "categoryValueRef",
    ]
)


@dataclass(slots=True)
class RawFlow:
    id: str
    source: str
    target: str
    element: Element


@dataclass(slots=True)
class Structure:
    """One process taken apart. Everything is keyed by element id; lists are in document order; the process is its own scope."""

    process: Element
    id: str  # of the scope
    definition_id: str = ""  # of the definition where it is another one
    elements: dict[str, Element] = field(default_factory=dict[str, Element])  # flow nodes at every depth
    kinds: dict[str, str] = field(default_factory=dict[str, str])
    scope_of: dict[str, str] = field(default_factory=dict[str, str])
    inside: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    flows: dict[str, RawFlow] = field(default_factory=dict[str, RawFlow])
    incoming: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    outgoing: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    boundary: dict[str, list[str]] = field(default_factory=dict[str, list[str]])  # host to its boundary events
    associations: list[tuple[str, str, Element]] = field(default_factory=list[tuple[str, str, Element]])
    lanes: dict[str, str] = field(default_factory=dict[str, str])  # node to lane name
    handlers: dict[str, str] = field(default_factory=dict[str, str])  # host to the handler of its compensation boundary event
    undoing: frozenset[str] = frozenset()  # the handlers

    def is_event_sub_process(self, node: str) -> bool:
        return self.kinds[node] == "subProcess" and self.elements[node].get("triggeredByEvent") in ("true", "1")

    def is_compensation_handler(self, node: str) -> bool:
        return self.elements[node].get("isForCompensation") in ("true", "1") or node in self.undoing

    def starts_itself(self, node: str) -> bool:
        """Whether something other than a sequence flow starts the node."""
        return self.kinds[node] == "boundaryEvent" or self.is_event_sub_process(node) or self.is_compensation_handler(node)


def take_apart(process: Element, process_id: str, problems: Problems) -> Structure:
    structure = Structure(process, process_id)
    flows: list[Element] = []
    open_scopes = [(process, process_id)]
    while open_scopes:
        container, scope = open_scopes.pop()
        structure.inside[scope] = _read_scope(container, scope, structure, flows, open_scopes, problems)
    flows.sort(key=lambda flow: flow.sourceline or 0)
    for flow in flows:
        _connect(flow, structure, problems)
    _attach(structure, problems)
    structure.handlers = _compensation_handlers(structure)
    structure.undoing = frozenset(structure.handlers.values())
    return structure


def around_global_task(task: Element, task_id: str) -> Structure:
    """A global task (BPMN 2.0 §10.3.3.2) runs as a process that consists of this task."""
    scope = f"{task_id}_process"
    structure = Structure(task, scope, definition_id=task_id)
    structure.elements[task_id] = task
    structure.kinds[task_id] = GLOBAL_TASKS[bpmn_name(task.tag)]
    structure.scope_of[task_id] = scope
    structure.inside[scope] = [task_id]
    return structure


def _read_scope(
    container: Element, scope: str, structure: Structure, flows: list[Element], open_scopes: list[tuple[Element, str]], problems: Problems
) -> list[str]:
    nodes: list[str] = []
    for child in container:
        kind = bpmn_name(child.tag)
        if kind in FLOW_NODES:
            node_id = child.get("id")
            if not node_id:
                problems.error(
                    "missing-id",
                    child,
                    f"A {words(kind)} has no id.",
                    "Give it an id, or draw it again in a BPMN editor.",
                    line=child.sourceline,
                )
                continue
            if node_id in structure.elements or node_id == structure.id:
                continue  # reported as a duplicate id
            nodes.append(node_id)
            structure.elements[node_id] = child
            structure.kinds[node_id] = kind
            structure.scope_of[node_id] = scope
            if kind in CONTAINERS:
                open_scopes.append((child, node_id))
        elif kind == "sequenceFlow":
            flows.append(child)
        elif kind == "association":
            source, target = child.get("sourceRef"), child.get("targetRef")
            if source and target:
                structure.associations.append((local_reference(source), local_reference(target), child))
        elif kind == "laneSet":
            _read_lanes(child, structure)
        elif kind and kind not in _SILENT:
            problems.error(
                "unknown-element",
                child,
                f"{sentence(title(child))} is not an element that can run inside a process.",
                "Replace it by a task, event, gateway or sub-process.",
            )
    return nodes


def _read_lanes(lane_set: Element, structure: Structure) -> None:
    for lane in lane_set.iter(B + "lane"):  # document order: an inner lane overrules the lane around it
        name = lane.get("name") or lane.get("id") or ""
        for reference in lane.iterfind(B + "flowNodeRef"):
            structure.lanes[text_of(reference)] = name


def _connect(flow: Element, structure: Structure, problems: Problems) -> None:
    ends: list[str] = []
    for attribute, word in (("sourceRef", "source"), ("targetRef", "target")):
        reference = local_reference(flow.get(attribute) or "")
        if not reference:
            problems.error(
                "missing-attribute", flow, f"{sentence(title(flow))} has no {word}.", "Connect both ends of the flow, or delete it."
            )
        elif reference not in structure.elements:
            problems.error(
                "dangling-reference",
                flow,
                f'{sentence(title(flow))} has the {word} "{reference}", which is no task, event, gateway or sub-process of this process.',
                "Connect the flow to an element of the same process, or delete it.",
            )
        else:
            ends.append(reference)
    if len(ends) != 2:
        return
    source, target = ends
    if structure.scope_of[source] != structure.scope_of[target]:
        problems.error(
            "flow-crosses-boundary",
            flow,
            f"{sentence(title(flow))} leads across the border of a sub-process.",
            "End the inner path with an end event and continue from the sub-process itself, or use a boundary event.",
        )
        return
    flow_id = flow.get("id") or _made_up_id(source, target, structure)
    if flow_id in structure.flows or flow_id in structure.elements:
        return  # reported as a duplicate id
    structure.flows[flow_id] = RawFlow(flow_id, source, target, flow)
    structure.outgoing.setdefault(source, []).append(flow_id)
    structure.incoming.setdefault(target, []).append(flow_id)


def _made_up_id(source: str, target: str, structure: Structure) -> str:
    """BPMN lets a sequence flow have no id; ours is made of its ends and is the same for the same file."""
    flow_id, number = f"{source}-to-{target}", 1
    while flow_id in structure.flows:
        number += 1
        flow_id = f"{source}-to-{target}-{number}"
    return flow_id


def _attach(structure: Structure, problems: Problems) -> None:
    for node, kind in structure.kinds.items():
        if kind != "boundaryEvent":
            continue
        element = structure.elements[node]
        host = local_reference(element.get("attachedToRef") or "")
        if not host:
            problems.error(
                "wrong-host", element, f"{sentence(title(element))} is attached to nothing.", "Attach it to a task or sub-process."
            )
        elif host not in structure.elements:
            problems.error(
                "dangling-reference",
                element,
                f'{sentence(title(element))} is attached to "{host}", which does not exist in this process.',
                "Attach it to a task or sub-process.",
            )
        elif structure.kinds[host] not in ACTIVITIES or structure.is_event_sub_process(host):
            problems.error(
                "wrong-host",
                element,
                f"{sentence(title(element))} is attached to the {title(structure.elements[host])}; "
                "boundary events belong to tasks, sub-processes and call activities.",
                "Attach it to a task or sub-process, or use an intermediate event.",
            )
        elif structure.scope_of[host] != structure.scope_of[node]:
            problems.error(
                "wrong-host",
                element,
                f"{sentence(title(element))} lies in another sub-process than its host.",
                "Move it into the scope of its host.",
            )
        else:
            structure.boundary.setdefault(host, []).append(node)


def _compensation_handlers(structure: Structure) -> dict[str, str]:
    """Host activity to the activity that its compensation boundary event is associated with, in either direction."""
    boundary = {
        node: host
        for host, nodes in structure.boundary.items()
        for node in nodes
        if structure.elements[node].find(B + "compensateEventDefinition") is not None
    }
    handlers: dict[str, str] = {}
    for source, target, _ in structure.associations:
        event, handler = (source, target) if source in boundary else (target, source)
        if event in boundary and structure.kinds.get(handler) in ACTIVITIES:
            handlers[boundary[event]] = handler
    return handlers
