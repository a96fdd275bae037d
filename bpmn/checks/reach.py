"""Which elements can a token never reach?"""

from bpmn.model import AdHocSubProcess, CatchEvent, LinkEvent, ProcessDefinition, SubProcess, ThrowEvent
from bpmn.problems import Problems, title
from bpmn.reading import sentence
from bpmn.structure import Structure


def check_reach(definition: ProcessDefinition, structure: Structure, problems: Problems) -> None:
    reached = reachable(definition)
    for node in definition.nodes.values():
        if node.id not in reached and (node.scope in reached or node.scope == definition.process_node.id):
            problems.warning(
                "unreachable",
                structure.elements[node.id],
                f"{sentence(title(structure.elements[node.id]))} can never be reached.",
                "Lead a sequence flow to it, or delete it.",
            )


def reachable(definition: ProcessDefinition) -> set[str]:
    """The ids of all nodes that something can start."""
    links = {
        (node.scope, node.detail.event.name): node.id
        for node in definition.nodes.values()
        if isinstance(node.detail, CatchEvent) and isinstance(node.detail.event, LinkEvent)
    }
    reached: set[str] = set()
    open_nodes = [definition.process_node.id]
    while open_nodes:
        current = open_nodes.pop()
        if current in reached:
            continue
        reached.add(current)
        node = definition.process_node if current == definition.process_node.id else definition.nodes[current]
        open_nodes += [definition.flows[flow].target for flow in node.outgoing]
        open_nodes += node.boundary_events
        if node.compensation_handler:
            open_nodes.append(node.compensation_handler)
        match node.detail:
            case SubProcess(starts=starts, event_sub_processes=event_sub_processes):
                open_nodes += [*starts, *event_sub_processes]
            case AdHocSubProcess(entries=entries, event_sub_processes=event_sub_processes):
                open_nodes += [*entries, *event_sub_processes]
            case ThrowEvent(event=LinkEvent(name=name)) if (node.scope, name) in links:
                open_nodes.append(links[node.scope, name])
            case _:
                pass
    return reached
