"""Can a token somewhere in a scope still reach a join? (BPMN 2.0 §13.4.3, table 13.3)"""

from bpmn.model import FlowNode, LinkEvent, ThrowEvent
from engine.kernel.step import Step
from engine.kernel.tables import Tables
from engine.model import ElementInstance

Reach = dict[str, frozenset[str]]


def is_nothing_coming(step: Step, scope: ElementInstance, join: FlowNode, filled: set[str]) -> bool:
    """True when no token elsewhere in the scope can reach an incoming flow of the join that has none, unless it can also reach one that
    has a token. Call it when no token is on its way."""
    reach = _reach(step.tables, join)
    for position in _positions(step, scope, join):
        reachable = reach.get(position)
        if reachable and not reachable & filled:
            return False
    return True


def _positions(step: Step, scope: ElementInstance, join: FlowNode) -> set[str]:
    """The nodes at which tokens of the scope stand: active element instances, and joins where tokens wait."""
    positions = {child.element_id for child in step.children(scope)}
    positions.update(node for node in scope.data.get("joins", {}) if node != join.id)
    return positions


def _reach(tables: Tables, join: FlowNode) -> Reach:
    """For each node the incoming flows of the join that a token leaving the node can reach without passing the join."""
    cached = tables.reach.get(join.id)
    if cached is not None:
        return cached
    found: dict[str, set[str]] = {}
    for flow_id in join.incoming:
        waiting = [tables.definition.flows[flow_id].source]
        while waiting:
            node = tables.nodes[waiting.pop()]
            reached = found.setdefault(node.id, set())
            if flow_id in reached:
                continue
            reached.add(flow_id)
            if node.id == join.id:
                continue
            waiting.extend(_before(tables, node))
    tables.reach[join.id] = cached = {node: frozenset(flows) for node, flows in found.items()}
    return cached


def _before(tables: Tables, node: FlowNode) -> list[str]:
    """The nodes from which a token can come directly: by a flow, from the activity a boundary event is attached to, or by a link."""
    before = [tables.definition.flows[flow].source for flow in node.incoming]
    if node.id in tables.hosts:
        before.append(tables.hosts[node.id])
    before.extend(
        other.id
        for other in tables.link_throws
        if isinstance(other.detail, ThrowEvent)
        and isinstance(other.detail.event, LinkEvent)
        and tables.links.get((other.scope, other.detail.event.name)) == node.id
    )
    return before
