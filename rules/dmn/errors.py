"""What can be wrong with a decision file?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class DmnProblem:
    """One thing wrong in a decision file, what to do about it, and where it is."""

    severity: Literal["error", "warning"]
    message: str
    advice: str = ""
    element_id: str | None = None
    line: int | None = None
    file: str = ""


class DmnError(Exception):
    """A decision file that cannot be used; all its problems at once."""

    def __init__(self, problems: tuple[DmnProblem, ...]) -> None:
        self.problems = problems
        super().__init__("; ".join(f"{p.message} (line {p.line})" if p.line else p.message for p in problems))
