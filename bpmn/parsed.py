"""What does reading one diagram file give: processes, problems, and what the file refers to outside itself."""

from dataclasses import dataclass

from bpmn.model import Binding, Problem, ProcessDefinition


@dataclass(frozen=True, slots=True)
class Reference:
    """Something outside the file that must be deployed. `kind`: agent, decision, form or process. `id` is a literal."""

    kind: str
    id: str
    binding: Binding = Binding.LATEST
    element_id: str | None = None
    line: int | None = None
    version_tag: str | None = None


@dataclass(frozen=True, slots=True)
class Parsed:
    """`processes` is empty when there are errors. Problems are in the order of lines.

    `changes`: what elements of another engine's dialect do differently here, as (element id, what).
    """

    processes: tuple[ProcessDefinition, ...] = ()
    problems: tuple[Problem, ...] = ()
    references: tuple[Reference, ...] = ()
    dialect: str = "zeebe"
    changes: tuple[tuple[str, str], ...] = ()

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.severity == "error")

    @property
    def warnings(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.severity != "error")
