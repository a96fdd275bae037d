"""Can a token somewhere in a scope still reach a join? (BPMN 2.0 §13.4.3, table 13.3)"""

from bpmn.model import FlowNode, LinkEvent, ThrowEvent
from engine.kernel.step import Step
from engine.kernel.tables import Tables
from engine.model import ElementInstance


def is_nothing_coming(step: Step, scope: ElementInstance, join: FlowNode, filled: set[str]) -> bool:
    """True when no token elsewhere in the scope can reach an incoming flow of the join that has none, unless it can also reach one that
    has a token. Call it when no token is on its way."""
    for position in _positions(step, scope, join):
        reachable = _reachable(step.tables, position, join)
        if reachable and not reachable & filled:
            return False
    return True


def _positions(step: Step, scope: ElementInstance, join: FlowNode) -> set[str]:
    """The nodes at which tokens of the scope stand: active element instances, and joins where tokens wait."""
    positions = set(step.positions(scope))
    positions.update(node for node in scope.data.get("joins", {}) if node != join.id)
    return positions


def _reachable(tables: Tables, position: str, join: FlowNode) -> frozenset[str]:
    """The incoming flows of the join that a token leaving the position can reach without passing the join. Computed once per definition
    for the pairs that occur."""
    cached = tables.reach.get((position, join.id))
    if cached is not None:
        return cached
    found: set[str] = set()
    seen = {position}
    waiting = [position]
    while waiting:
        for flow_id, target in _ways_out(tables, waiting.pop()):
            if target == join.id:
                found.add(flow_id)
            elif target not in seen:
                seen.add(target)
                waiting.append(target)
    tables.reach[position, join.id] = cached = frozenset(found)
    return cached


def _ways_out(tables: Tables, node_id: str) -> list[tuple[str, str]]:
    """Where a token can go directly: along a flow, by a boundary event of the activity, or through a link."""
    node = tables.nodes[node_id]
    ways = [(flow.id, flow.target) for flow in tables.outgoing[node_id]]
    ways.extend(("", event) for event in node.boundary_events)
    if isinstance(node.detail, ThrowEvent) and isinstance(node.detail.event, LinkEvent):
        ways.append(("", tables.links[node.scope, node.detail.event.name]))
    return ways
