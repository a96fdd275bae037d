"""What happens to each element of a file from another engine: runs as is, runs with a change, or is refused?"""

from dataclasses import dataclass
from enum import StrEnum

from bpmn import Limits, parse
from bpmn.model import Problem
from bpmn.namespaces import B, bpmn_name
from bpmn.structure import FLOW_NODES
from bpmn.xml import DEFAULT_LIMITS, Element, read_xml


class Verdict(StrEnum):
    AS_IS = "runs as is"
    CHANGED = "runs with a change"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ImportEntry:
    """`notes`: the changes, or why it is refused and what to do."""

    element_id: str
    type: str
    name: str | None
    line: int | None
    verdict: Verdict
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportReport:
    """Entries are in the order of the file. `problems` are those of the file as a whole, as malformed XML."""

    file: str
    dialect: str
    entries: tuple[ImportEntry, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def counts(self) -> dict[Verdict, int]:
        return {verdict: sum(entry.verdict == verdict for entry in self.entries) for verdict in Verdict}

    @property
    def is_runnable(self) -> bool:
        return not any(problem.severity == "error" for problem in self.problems) and not self.counts[Verdict.REFUSED]


def import_report(data: bytes, *, file: str, limits: Limits = DEFAULT_LIMITS) -> ImportReport:
    """The verdict on every process and flow node, and on every other element with a change or a problem."""
    parsed = parse(data, file=file, limits=limits)
    root = read_xml(data, file=file, limits=limits)
    if isinstance(root, Problem):
        return ImportReport(file, parsed.dialect, (), parsed.problems)
    notes: dict[str, list[str]] = {}
    refused: set[str] = set()
    for problem in parsed.problems:
        if problem.element_id is not None and problem.severity == "error":
            refused.add(problem.element_id)
            notes.setdefault(problem.element_id, []).append(f"{problem.message} {problem.advice}")
    for element_id, what in parsed.changes:
        notes.setdefault(element_id, []).append(what)
    entries = [_entry(element, notes, refused) for element in root.iter(f"{B}*") if _is_listed(element, notes)]
    return ImportReport(file, parsed.dialect, tuple(entries), tuple(problem for problem in parsed.problems if problem.element_id is None))


def _is_listed(element: Element, notes: dict[str, list[str]]) -> bool:
    element_id = element.get("id")
    return element_id is not None and (bpmn_name(element.tag) in FLOW_NODES or bpmn_name(element.tag) == "process" or element_id in notes)


def _entry(element: Element, notes: dict[str, list[str]], refused: set[str]) -> ImportEntry:
    element_id = element.get("id") or ""
    verdict = Verdict.REFUSED if element_id in refused else Verdict.CHANGED if element_id in notes else Verdict.AS_IS
    name = " ".join((element.get("name") or "").split()) or None
    return ImportEntry(element_id, bpmn_name(element.tag), name, element.sourceline, verdict, tuple(notes.get(element_id, ())))
