"""What does an agent task give back? Value, confidence, risk, evidence and usage, and how they are judged."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from agent_tasks.definition.agent_file import ConfidencePolicy

Json = Any
RISKS = ("low", "medium", "high")
CONFIDENCE_SOURCES = ("calibrated", "measured", "self_reported", "none")


@dataclass(frozen=True, slots=True)
class Usage:
    """What a run used so far. `money` in US dollars. A call whose answer was lost counts as a call."""

    model_calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    money: float = 0.0
    seconds: float = 0.0

    def plus(self, other: "Usage") -> "Usage":
        return Usage(
            self.model_calls + other.model_calls,
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.money + other.money,
            self.seconds + other.seconds,
        )

    def to_json(self) -> dict[str, Json]:
        return {
            "modelCalls": self.model_calls,
            "inputTokens": self.input_tokens,
            "outputTokens": self.output_tokens,
            "money": round(self.money, 6),
            "seconds": round(self.seconds, 3),
        }


@dataclass(frozen=True, slots=True)
class Outcome:
    """The typed result of a run, before the confidence policy has been applied to it."""

    value: Mapping[str, Json]
    confidence: float | None = None
    confidence_source: str = "none"
    risk: str = "low"
    evidence: Sequence[Mapping[str, Json]] = ()
    usage: Usage = Usage()

    def to_json(self) -> dict[str, Json]:
        return {
            "value": dict(self.value),
            "confidence": self.confidence,
            "confidenceSource": self.confidence_source,
            "risk": self.risk,
            "evidence": [dict(item) for item in self.evidence],
            "usage": self.usage.to_json(),
        }


def judged(outcome: Outcome, policy: ConfidencePolicy) -> Outcome:
    """The outcome under the agent's policy: self-reported confidence capped, low confidence turned into risk.

    Risk only ever rises. A missing confidence counts as 0 where the policy requires one.
    """
    confidence, source = outcome.confidence, outcome.confidence_source
    if confidence is not None and not math.isfinite(confidence):
        confidence = None
    if confidence is None:
        source = "none"
    elif source == "self_reported":
        confidence = min(confidence, policy.self_reported_at_most)
    risk = outcome.risk if outcome.risk in RISKS else "high"
    counted = 0.0 if confidence is None and policy.required else confidence
    if counted is not None:
        if policy.high_risk_below is not None and counted < policy.high_risk_below:
            risk = worst(risk, "high")
        elif policy.medium_risk_below is not None and counted < policy.medium_risk_below:
            risk = worst(risk, "medium")
    return replace(outcome, confidence=confidence, confidence_source=source, risk=risk)


def worst(*risks: str) -> str:
    return max(risks, key=RISKS.index)


def verified_evidence(evidence: Sequence[Mapping[str, Json]], inputs: Mapping[str, Json]) -> list[dict[str, Json]]:
    """Evidence that a model gave, each quote marked with whether it stands word for word in the inputs."""
    said = _plain(" ".join(_texts(inputs)))
    return [{**item, "verified": bool(quote := _plain(str(item.get("quote", "")))) and quote in said} for item in evidence]


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip().casefold()


def _texts(value: Json) -> Iterator[str]:
    stack = [value]
    while stack:
        match stack.pop():
            case str() as text:
                yield text
            case Mapping() as mapping:
                stack.extend(reversed(list(mapping.values())))
            case list() as items:
                stack.extend(reversed(items))
            case bool() | None:
                pass
            case number:
                yield str(number)
