"""Where do all problems of one file come together, each with its element and line?"""

from dataclasses import dataclass, field

from bpmn.model import Problem
from bpmn.namespaces import bpmn_name
from bpmn.xml import Element

_PARTS = (
    "EventDefinition",
    "LoopCharacteristics",
    "Expression",
    "extensionElements",
    "timeDate",
    "timeDuration",
    "timeCycle",
    "condition",
    "loopCondition",
    "loopCardinality",
    "completionCondition",
    "activationCondition",
    "incoming",
    "outgoing",
    "script",
    "documentation",
    "flowNodeRef",
    "performer",
    "humanPerformer",
    "potentialOwner",
)


def owner_of(element: Element) -> Element:
    """The diagram element with an id that a part (an event definition, an expression, an extension) belongs to."""
    current: Element | None = element
    while current is not None:
        name = bpmn_name(current.tag)
        if name and not name.endswith(_PARTS) and current.get("id"):
            return current
        current = current.getparent()
    return element


@dataclass(slots=True)
class Problems:
    """Collects; never raises. Every problem is reported once."""

    file: str
    found: list[Problem] = field(default_factory=list[Problem])
    _seen: set[tuple[str, str | None, int | None, str]] = field(default_factory=set[tuple[str, str | None, int | None, str]])

    def error(self, rule: str, at: Element | None, message: str, advice: str, *, line: int | None = None) -> None:
        self._add("error", rule, at, message, advice, line)

    def warning(self, rule: str, at: Element | None, message: str, advice: str, *, line: int | None = None) -> None:
        self._add("warning", rule, at, message, advice, line)

    def append(self, problem: Problem) -> None:
        key = (problem.rule, problem.element_id, problem.line, problem.message)
        if key not in self._seen:
            self._seen.add(key)
            self.found.append(problem)

    def in_order(self) -> tuple[Problem, ...]:
        return tuple(sorted(self.found, key=lambda problem: (problem.line or 0, problem.severity)))

    @property
    def has_errors(self) -> bool:
        return any(problem.severity == "error" for problem in self.found)

    def _add(self, severity: str, rule: str, at: Element | None, message: str, advice: str, line: int | None) -> None:
        element_id = None
        if at is not None:
            element_id = owner_of(at).get("id")
            line = line or at.sourceline
        self.append(Problem(severity, self.file, message, advice, element_id, line, rule))


def title(element: Element) -> str:
    """How a message names an element: its kind and its name or id, as `service task "Send reply"`."""
    kind = words(bpmn_name(element.tag) or element.tag.rpartition("}")[2])
    label = " ".join((element.get("name") or "").split()) or element.get("id") or ""
    return f'{kind} "{label[:80]}"' if label else kind


def words(name: str) -> str:
    """`serviceTask` as words: `service task`."""
    return "".join(f" {c.lower()}" if c.isupper() else c for c in name).strip()
