"""What is in the files of a deployment, and what is wrong with them, each alone and all together?"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import bpmn
from bpmn import Reference
from bpmn.model import Problem, ProcessDefinition
from engine.runtime.inputs import Resource, ResourceKind
from forms import Form, FormError, FormProblem, parse_form
from rules.dmn import DecisionModel, DmnProblem, read_decision_files

_BPMN = (".bpmn", ".bpmn20.xml")
_MOST_RULES_CHECKED = 3000  # of a file's tables for gaps and overlaps: a deployment must not wait long for what is no error


@dataclass(frozen=True, slots=True)
class DiagramFile:
    resource: Resource
    processes: tuple[ProcessDefinition, ...]
    references: tuple[Reference, ...]


@dataclass(frozen=True, slots=True)
class DecisionFile:
    resource: Resource
    model: DecisionModel


@dataclass(frozen=True, slots=True)
class FormFile:
    resource: Resource
    form: Form


@dataclass(frozen=True, slots=True)
class OtherFile:
    resource: Resource
    kind: str
    id: str


@dataclass(slots=True)
class Checked:
    """Everything found in the files. `problems` in the order of the files; decision files after those they import."""

    diagrams: list[DiagramFile] = field(default_factory=list[DiagramFile])
    decisions: list[DecisionFile] = field(default_factory=list[DecisionFile])
    forms: list[FormFile] = field(default_factory=list[FormFile])
    others: list[OtherFile] = field(default_factory=list[OtherFile])
    problems: list[Problem] = field(default_factory=list[Problem])

    @property
    def has_errors(self) -> bool:
        return any(problem.severity == "error" for problem in self.problems)

    def ids(self) -> list[tuple[str, str, str]]:
        """(kind, id, file) of everything that gets a version."""
        return [
            *(("process", process.id, file.resource.name) for file in self.diagrams for process in file.processes),
            *(("decision file", file.model.id, file.resource.name) for file in self.decisions),
            *(("decision", decision, file.resource.name) for file in self.decisions for decision in file.model.decisions),
            *(("form", file.form.id, file.resource.name) for file in self.forms),
            *((file.kind, file.id, file.resource.name) for file in self.others),
        ]


def check(resources: Sequence[Resource], kinds: Sequence[ResourceKind], imports: Sequence[Resource] = ()) -> Checked:
    """Reads every file; never raises for what is in them. `imports` are stored decision files that the new ones may import."""
    checked = Checked()
    if not resources:
        checked.problems.append(_error("", "The deployment holds no file.", "Add at least one diagram, decision, form or agent file."))
    for name, count in Counter(resource.name for resource in resources).items():
        if count > 1:
            checked.problems.append(_error(name, f"{count} files have the name {name!r}.", "Give every file of a deployment its own name."))
    doubts = _check_decisions(resources, imports, kinds, checked)
    for resource in resources:
        _check_one(resource, kinds, checked)
        checked.problems.extend(doubts.pop(resource.name, ()))
    _check_ids(checked)
    return checked


def _check_decisions(
    resources: Sequence[Resource], imports: Sequence[Resource], kinds: Sequence[ResourceKind], checked: Checked
) -> dict[str, list[Problem]]:
    """Reads the decision files together, as they may import each other. The answer: the problems of each."""
    files = {resource.name: resource for resource in resources if _is_decision_file(resource.name, kinds)}
    models, found = read_decision_files({resource.name: resource.content for resource in (*files.values(), *imports)})
    problems: dict[str, list[Problem]] = {name: [] for name in files}
    for problem in found:
        if problem.file in files:
            problems[problem.file].append(_problem(files[problem.file], problem))
    for name, model in models.items():
        if name in files:
            checked.decisions.append(DecisionFile(files[name], model))
            if not any(problem.severity == "error" for problem in problems[name]):
                problems[name].extend(_doubts(files[name], model))
    return problems


def _is_decision_file(name: str, kinds: Sequence[ResourceKind]) -> bool:
    return name.lower().endswith(".dmn") and not any(name.lower().endswith(kind.suffix.lower()) for kind in kinds)


def _doubts(resource: Resource, model: DecisionModel) -> list[Problem]:
    """Gaps, overlaps and idle rules of the tables: warnings, which never refuse a deployment."""
    if model.rule_count > _MOST_RULES_CHECKED:
        message = f"The tables have {model.rule_count} rules: gaps and overlaps are not looked for."
        advice = f"They are looked for in files of up to {_MOST_RULES_CHECKED} rules."
        return [Problem("warning", resource.name, message, advice, rule="decision-too-large")]
    findings = [(found.kind, found.as_problem()) for found in model.lint()]
    return [
        Problem("warning", resource.name, told.message, told.advice, told.element_id, told.line, f"decision-{kind.replace(' ', '-')}")
        for kind, told in findings
    ]


def _check_one(resource: Resource, kinds: Sequence[ResourceKind], checked: Checked) -> None:
    name = resource.name.lower()
    other = next((kind for kind in kinds if name.endswith(kind.suffix.lower())), None)
    if other is not None:
        found = other.check(resource)
        checked.problems.extend(found.problems)
        checked.others.append(OtherFile(resource, other.kind, found.id))
    elif name.endswith(_BPMN):
        parsed = bpmn.parse(resource.content, file=resource.name)
        checked.problems.extend(parsed.problems)
        checked.diagrams.append(DiagramFile(resource, parsed.processes, parsed.references))
    elif name.endswith(".dmn"):
        pass  # read together with the others
    elif name.endswith(".form"):
        try:
            form = parse_form(resource.content, file=resource.name)
        except FormError as error:
            checked.problems.extend(_problem(resource, found) for found in error.problems)
        else:
            checked.problems.extend(_problem(resource, found) for found in form.problems)
            checked.forms.append(FormFile(resource, form))
    else:
        known = ", ".join([".bpmn", ".dmn", ".form", *(kind.suffix for kind in kinds)])
        checked.problems.append(
            _error(resource.name, f"{resource.name!r} is no kind of file that can be deployed.", f"Deploy files that end with {known}.")
        )


def _check_ids(checked: Checked) -> None:
    files: dict[tuple[str, str], list[str]] = {}
    for kind, id, file in checked.ids():
        files.setdefault((kind, id), []).append(file)
    for (kind, id), where in files.items():
        if len(where) > 1:
            names = " and ".join(repr(name) for name in dict.fromkeys(where))
            message = f"{len(where)} of the deployed {kind} definitions have the id {id!r}: in {names}."
            line = next(
                (
                    p.line
                    for file in checked.diagrams
                    if file.resource.name == where[-1]
                    for p in file.processes
                    if (kind, p.id) == ("process", id)
                ),
                None,
            )
            checked.problems.append(Problem("error", where[-1], message, f"Give each {kind} its own id.", id, line, f"duplicate-{kind}"))


def _problem(resource: Resource, found: DmnProblem | FormProblem) -> Problem:
    return Problem(found.severity, resource.name, found.message, found.advice, found.element_id, found.line)


def _error(file: str, message: str, advice: str) -> Problem:
    return Problem("error", file, message, advice)
