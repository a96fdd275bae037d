"""What did the agents find, how sure are they, and on what grounds?

An outcome is the typed result of an agent: value, confidence (0 to 1), risk, evidence and usage.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from api.pages.data import every
from api.pages.diagrams import AgentElement, Diagram
from api.pages.words import readable
from engine.errors import NotFound
from engine.runtime.facade import Engine

_MARKS = {"value", "confidence", "evidence"}


@dataclass(frozen=True, slots=True)
class Source:
    """One piece of evidence. `id` names the article or record, `quote` what it says."""

    id: str
    title: str
    quote: str
    score: float | None = None
    is_verified: bool | None = None  # a model's quote stands word for word in what it was given


@dataclass(frozen=True, slots=True)
class Outcome:
    """`threshold`: the confidence below which a closer look is asked for, where that is known: by the diagram
    (`is_threshold_drawn`) or by the policy of the agent's file."""

    variable: str
    title: str
    value: Any
    confidence: float | None
    threshold: float | None
    risk: Any
    evidence: tuple[Source, ...]
    confidence_source: str = ""
    is_threshold_drawn: bool = True

    @property
    def is_unsure(self) -> bool:
        return self.confidence is not None and self.threshold is not None and self.confidence < self.threshold


def is_outcome(value: Any) -> bool:
    return isinstance(value, Mapping) and value.keys() >= _MARKS


def outcomes_in(
    engine: Engine, diagram: Diagram, instance_key: int, variables: Mapping[str, Any], *, threshold: float | None = None
) -> list[Outcome]:
    """The outcomes among the variables, the newest first."""
    ended = _last_ends(engine, instance_key)
    agents = {agent.result: agent for agent in diagram.agents()}
    found: list[tuple[int, Outcome]] = []
    for name, value in variables.items():
        if not is_outcome(value):
            continue
        agent = agents.get(name)
        drawn = threshold if threshold is not None else _drawn_threshold(diagram, agent)
        limit = drawn if drawn is not None else _policy_threshold(engine, agent, instance_key)
        title = agent.name if agent else name
        order = ended.get(agent.element_id, -1) if agent else -1
        found.append((order, outcome(name, title, value, limit, is_threshold_drawn=drawn is not None)))
    return [each for _, each in sorted(found, key=lambda pair: pair[0], reverse=True)]


def outcome(
    variable: str, title: str, value: Mapping[str, Any], threshold: float | None = None, *, is_threshold_drawn: bool = True
) -> Outcome:
    return Outcome(
        variable=variable,
        title=title,
        value=value.get("value"),
        confidence=share(value.get("confidence")),
        threshold=threshold,
        risk=value.get("risk"),
        evidence=tuple(_sources(value.get("evidence"))),
        confidence_source=str(value.get("confidenceSource") or ""),
        is_threshold_drawn=is_threshold_drawn,
    )


def share(value: Any) -> float | None:
    """A number from 0 to 1, else None."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if 0 <= value <= 1 else None


def _sources(evidence: Any) -> Iterator[Source]:
    entries: Sequence[Any] = evidence if isinstance(evidence, list) else [] if evidence is None else [evidence]
    for entry in entries:
        if isinstance(entry, Mapping):
            yield Source(
                id=_source(_text(entry, "source", "id", "key")),
                title=_text(entry, "title", "name"),
                quote=_text(entry, "quote", "text", "excerpt", "snippet", "note", "detail"),
                score=share(entry.get("score")),
                is_verified=entry.get("verified") if isinstance(entry.get("verified"), bool) else None,
            )
        else:
            yield Source(id="", title="", quote=str(entry))


def _source(text: str) -> str:
    """`article:KB-014` → Article KB-014."""
    kind, colon, id = text.partition(":")
    return f"{readable(kind)} {id}" if colon and kind.isidentifier() and id else text


def _text(entry: Mapping[str, Any], *names: str) -> str:
    return next((str(entry[name]) for name in names if entry.get(name) not in (None, "")), "")


def _last_ends(engine: Engine, instance_key: int) -> dict[str, int]:
    """Element ids with a number that grows with the time their last activation completed."""
    rows = every(
        engine, "element_instance", {"process_instance_key": instance_key, "state": "COMPLETED"}, (("end_date", "asc"), ("key", "asc"))
    )
    return {row.element_id: index for index, row in enumerate(rows)}


def _drawn_threshold(diagram: Diagram, agent: AgentElement | None) -> float | None:
    """The element property `gatewise:threshold` of the agent's task."""
    return number(diagram.note(agent.element_id, "threshold")) if agent else None


def _policy_threshold(engine: Engine, agent: AgentElement | None, instance_key: int) -> float | None:
    """Below which confidence the agent's own file calls its results risky."""
    if agent is None:
        return None
    try:
        content = engine.resource("agent", agent.agent_id, deployment_of_instance=instance_key).content
        policy = yaml.safe_load(content).get("confidence") or {}
    except (NotFound, yaml.YAMLError, AttributeError):
        return None
    return share(policy.get("medium_risk_below", policy.get("high_risk_below")))


def number(text: str | None) -> float | None:
    try:
        return share(float(text)) if text else None
    except ValueError:
        return None
