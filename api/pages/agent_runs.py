"""What did agents do in an instance: every call, what it cost, and what came of it?"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from api.pages.diagrams import Diagram
from engine.runtime.facade import Engine


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of an agent's journal."""

    at: datetime
    kind: str
    title: str
    details: Any


@dataclass(frozen=True, slots=True)
class AgentRun:
    name: str
    agent_id: str
    state: str
    started_at: datetime
    entries: tuple[Entry, ...]
    tokens: int | None = None
    confidence: float | None = None


def agent_runs(engine: Engine, diagram: Diagram, instance_key: int) -> list[AgentRun]:
    return []
