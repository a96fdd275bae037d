"""What does the diagram of a deployed process say, for pages: names, notes and agents of its elements?"""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock
from weakref import WeakKeyDictionary

from bpmn import parse
from bpmn.model import FlowNode, JobTask, ProcessDefinition
from engine.runtime.facade import Engine

AGENT_JOB = "gatewise.agent"
_KEPT = 64  # parsed definitions per engine; they never change


@dataclass(frozen=True, slots=True)
class AgentElement:
    """A service task that an agent does; its outcome lands in the variable `result`."""

    element_id: str
    name: str
    agent_id: str
    result: str


class Diagram:
    """One deployed process, or nothing where its file cannot be read (any more)."""

    def __init__(self, definition: ProcessDefinition | None) -> None:
        self._definition = definition

    def node(self, element_id: str) -> FlowNode | None:
        return self._definition.nodes.get(element_id) if self._definition else None

    def name(self, element_id: str) -> str:
        """What people call the element: its name, else its id."""
        node = self.node(element_id)
        return (node.name if node else None) or element_id

    def note(self, element_id: str, name: str) -> str | None:
        """An element property `gatewise:<name>` of the diagram."""
        node = self.node(element_id)
        if node is None:
            return None
        return node.properties.get(f"gatewise:{name}") or None

    def documentation(self, element_id: str) -> str | None:
        node = self.node(element_id)
        return node.documentation if node else None

    def agents(self) -> Iterator[AgentElement]:
        for node in self._definition.nodes.values() if self._definition else ():
            if isinstance(node.detail, JobTask) and node.detail.job.type == AGENT_JOB:
                headers = node.detail.job.headers
                agent_id = headers.get("agentId", "")
                yield AgentElement(node.id, node.name or node.id, agent_id, headers.get("resultVariable") or agent_id)


_diagrams: "WeakKeyDictionary[Engine, OrderedDict[int, Diagram]]" = WeakKeyDictionary()
_lock = Lock()


def diagram_of(engine: Engine, definition_key: int, process_id: str) -> Diagram:
    with _lock:
        known = _diagrams.setdefault(engine, OrderedDict())
        if definition_key in known:
            known.move_to_end(definition_key)
            return known[definition_key]
    processes = parse(engine.process_xml(definition_key).encode(), file="").processes
    diagram = Diagram(next((process for process in processes if process.id == process_id), None))
    with _lock:
        known[definition_key] = diagram
        while len(known) > _KEPT:
            known.popitem(last=False)
    return diagram
