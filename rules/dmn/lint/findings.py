"""How is something doubtful in a decision table told?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from rules.dmn.errors import DmnProblem
from rules.feel.conversion import to_json

FindingKind = Literal["gap", "overlap", "unreachable", "not allowed"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something doubtful. `rules` count from 1; `example` are inputs that show it, by input expression, as FEEL values."""

    kind: FindingKind
    decision_id: str
    message: str
    advice: str
    rules: tuple[int, ...] = ()
    example: Mapping[str, object] = field(default_factory=dict[str, object])
    element_id: str | None = None
    line: int | None = None

    def as_problem(self) -> DmnProblem:
        """The finding as a warning about the file."""
        return DmnProblem("warning", self.message, self.advice, self.element_id, self.line)

    def to_json(self) -> dict[str, object]:
        """The finding as JSON."""
        return {
            "kind": self.kind,
            "decisionId": self.decision_id,
            "message": self.message,
            "advice": self.advice,
            "rules": list(self.rules),
            "example": to_json(self.example),
            "elementId": self.element_id,
            "line": self.line,
        }
