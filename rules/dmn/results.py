"""What did a decision decide, and why?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class NamedValue(NamedTuple):
    """An input or output of a decision as the history shows it."""

    id: str
    name: str
    value: object


@dataclass(frozen=True, slots=True)
class MatchedRule:
    """A rule of a decision table that matched; `index` counts from 1, `text` is the rule in readable form."""

    id: str
    index: int
    outputs: tuple[NamedValue, ...] = ()
    annotations: tuple[str, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True)
class EvaluatedDecision:
    """One decision of the requirement graph: the inputs it read, its value, and the reason of every null."""

    id: str
    name: str
    type: str
    value: object
    inputs: tuple[NamedValue, ...] = ()
    matched: tuple[MatchedRule, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DecisionResult:
    """The value of a decision, and every decision evaluated for it in order; `failure` says why there is none."""

    decision_id: str
    decision_name: str
    value: object
    failure: str | None = None
    evaluated: tuple[EvaluatedDecision, ...] = ()

    def to_json(self) -> dict[str, object]:
        from rules.dmn.history import to_json

        return to_json(self)
