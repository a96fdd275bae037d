"""What does a diagram file contain, for the comparison with other tools (nodes, flows, counts)? Nothing need be executable."""

from collections import Counter
from typing import TypedDict

from bpmn.document import is_bpmn
from bpmn.model import Problem
from bpmn.namespaces import B, bpmn_name
from bpmn.problems import Problems
from bpmn.reading import local_reference
from bpmn.structure import FLOW_NODES
from bpmn.xml import DEFAULT_LIMITS, Limits, read_xml


class Node(TypedDict):
    id: str
    type: str
    name: str | None


class Flow(TypedDict):
    id: str
    source: str
    target: str


class Contents(TypedDict):
    flow_nodes: list[Node]
    sequence_flows: list[Flow]
    other_counts: dict[str, int]


def contents(data: bytes, *, file: str = "", limits: Limits = DEFAULT_LIMITS) -> Contents | tuple[Problem, ...]:
    """Every flow node and sequence flow of all processes at every depth, types by their BPMN tag, and how often other
    elements occur; or the problems that stop the reading."""
    root = read_xml(data, file=file, limits=limits)
    if isinstance(root, Problem):
        return (root,)
    problems = Problems(file)
    if not is_bpmn(root, problems):
        return problems.in_order()
    nodes: list[Node] = []
    flows: list[Flow] = []
    counts: Counter[str] = Counter()
    for element in root.iter(f"{B}*"):
        tag = bpmn_name(element.tag)
        if tag in FLOW_NODES:
            nodes.append({"id": element.get("id") or f"{tag}-{len(nodes)}", "type": tag, "name": element.get("name")})
        elif tag == "sequenceFlow":
            source, target = local_reference(element.get("sourceRef") or ""), local_reference(element.get("targetRef") or "")
            flows.append({"id": element.get("id") or f"{source}-to-{target}", "source": source, "target": target})
        else:
            counts[tag] += 1
    return {"flow_nodes": nodes, "sequence_flows": flows, "other_counts": dict(counts)}
