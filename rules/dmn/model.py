"""What is in a decision file, ready to be evaluated?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from rules.dmn.boxed import Workshop
from rules.dmn.elements import (
    DecisionElement,
    Definitions,
    Element,
    InputData,
    ItemDefinition,
    KnowledgeModel,
    Place,
    ServiceElement,
)
from rules.dmn.errors import DmnError, DmnProblem
from rules.dmn.graph import Graph, GraphNode, Key, Path, Requirement, reference
from rules.dmn.item_types import ItemType, TypeTable
from rules.dmn.json_inputs import read_texts
from rules.dmn.lint import Finding, lint_table
from rules.dmn.naming import boxed_kind, member_names
from rules.dmn.reader import read_definitions
from rules.dmn.results import DecisionResult
from rules.dmn.run import DecisionFailureError, DecisionRun
from rules.feel.conversion import to_feel
from rules.feel.errors import FeelError
from rules.feel.types import ANY, FunctionType


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision, or decision service, that can be asked for."""

    id: str
    name: str
    version_tag: str | None = None
    kind: Literal["decision", "service"] = "decision"


class DecisionModel:
    """The decisions of one file, compiled (DMN 1.5 §6.3)."""

    def __init__(self, definitions: Definitions, imports: Sequence[DecisionModel], file: str) -> None:
        self.definitions = definitions
        self.id = definitions.id
        self.name = definitions.name
        self.namespace = definitions.namespace
        self.file = file
        self._found: list[DmnProblem] = []
        self._findings: tuple[Finding, ...] | None = None
        self.imported = self._link_imports(imports)
        self.types = TypeTable(definitions.items, {name: model.types for name, model in self.imported}, self._bad_type)
        self.members: set[str] = member_names(definitions).union(*(model.members for _, model in self.imported))
        self.workshop = Workshop(self.types, self.members, self._report)
        self.graph = Graph()
        for _, model in self.imported:
            self.graph.nodes.update(model.graph.nodes)
        self._add_elements()
        self.decisions: Mapping[str, Decision] = {
            element.id: Decision(element.id, element.name, element.version_tag if isinstance(element, DecisionElement) else None, kind)
            for element in definitions.elements
            for kind in _kinds(element)
        }
        self.problems: tuple[DmnProblem, ...] = tuple(self._found)

    def evaluate(
        self,
        decision_id: str,
        context: Mapping[str, object],
        *,
        now: dt.datetime | None = None,
        given: Mapping[str, object] | None = None,
    ) -> DecisionResult:
        """Evaluate a decision, or decision service, by id or name, with all decisions it requires.

        `context` holds the input data by name, for a service also its input decisions. `given` are values, by name, of
        decisions that are not to be evaluated. Raises KeyError when there is no such decision.
        """
        decision = self.find(decision_id)
        if decision is None:
            raise KeyError(f"No decision '{decision_id}' in {self.file or self.name}")
        run = DecisionRun(context, now)
        fixed = self._given(run, given or {})
        failure: str | None = None
        value: object = None
        key = (self.namespace, decision.id)
        try:
            element = self.graph.nodes[key].element
            if isinstance(element, ServiceElement):
                fixed = self.graph.service_arguments(run, key, element) | fixed
                value = self.graph.service_value(run, key, element, fixed)
            else:
                value = self.graph.evaluate(run, [key], fixed)[key]
        except (DecisionFailureError, FeelError) as failed:
            failure = str(failed)
        except RecursionError:
            failure = "The decision is nested too deeply"
        return DecisionResult(decision.id, decision.name, value, failure, tuple(run.evaluated))

    @property
    def rule_count(self) -> int:
        """The number of rules in all decision tables."""
        return sum(len(table.table.rules) for _, table in self.workshop.tables)

    def lint(self) -> tuple[Finding, ...]:
        """What is doubtful in the decision tables: gaps, overlaps, rules that never decide, values that are not allowed."""
        if self._findings is None:
            self._findings = tuple(finding for owner, table in self.workshop.tables for finding in lint_table(owner, table))
        return self._findings

    def find(self, name: str) -> Decision | None:
        """The decision with the id, else with the name."""
        return self.decisions.get(name) or next((found for found in self.decisions.values() if found.name == name), None)

    def _given(self, run: DecisionRun, given: Mapping[str, object]) -> dict[Key, object]:
        fixed: dict[Key, object] = {}
        if not given:
            return fixed
        for key, node in self.graph.nodes.items():
            if isinstance(node.element, DecisionElement) and node.element.name in given:
                value = read_texts(to_feel(given[node.element.name]), node.structure or ANY)
                fixed[key] = node.conform(run, value)
        return fixed

    # compiling

    def _link_imports(self, models: Sequence[DecisionModel]) -> list[tuple[str, DecisionModel]]:
        linked: list[tuple[str, DecisionModel]] = []
        for wanted in self.definitions.imports:
            if "DMN" not in wanted.kind.upper():
                continue
            model = next((found for found in models if found.namespace == wanted.namespace), None)
            if model is None:
                advice = "Deploy the imported file together with this one."
                self._report(f"The imported model '{wanted.namespace}' is missing", advice, wanted.place)
            else:
                linked.append((wanted.name, model))
        return linked

    def _add_elements(self) -> None:
        seen: dict[str, None] = {}
        for element in self.definitions.elements:
            if element.id in seen:
                self._report(f"Two elements have the id '{element.id}'", "Give each its own.", element.place)
                continue
            seen[element.id] = None
            key = (self.namespace, element.id)
            self.graph.nodes[key] = GraphNode(key, element)
        for element in self.definitions.elements:
            node = self.graph.nodes[(self.namespace, element.id)]
            node.requirements = tuple(self._requirements(element))
        keys = [(self.namespace, id_) for id_ in seen]
        for cycle in self.graph.cycles(keys):
            if not all(isinstance(self.graph.nodes[part].element, KnowledgeModel) for part in cycle):
                names = " → ".join(self.graph.nodes[part].element.name for part in cycle)
                place = self.graph.nodes[cycle[0]].element.place
                self._report(f"Decisions require each other in a circle: {names}", "Remove one of the requirements.", place)
        for key in self.graph.order_of_all(keys):
            if key[0] == self.namespace:
                self._compile(self.graph.nodes[key])

    def _requirements(self, element: Element) -> Iterable[Requirement]:
        match element:
            case DecisionElement():
                refs = (*element.inputs, *element.decisions, *element.knowledge)
            case KnowledgeModel():
                refs = element.knowledge
            case _:
                refs = ()
        for ref in refs:
            key = reference(ref, self.namespace)
            paths = sorted(self._paths(key), key=len)
            if paths:
                yield Requirement(key, tuple(paths))
            else:
                message = f"'{element.name}' requires '{ref}', which does not exist"
                self._report(message, "Remove or correct the requirement.", element.place)

    def _paths(self, key: Key) -> Iterator[Path]:
        if key[0] == self.namespace:
            if key in self.graph.nodes:
                yield (self.graph.nodes[key].element.variable.name,)
            return
        for prefix, model in self.imported:
            for inner in model._paths(key):
                yield (prefix, *inner) if prefix else inner

    def _compile(self, node: GraphNode) -> None:
        element = node.element
        self.workshop.owner = element.id
        names = [path[0] for requirement in node.requirements for path in requirement.paths]
        if element.variable.type_ref is not None:
            type_ = self.workshop.type_of(element.variable.type_ref, element.place)
            if isinstance(type_.structure, FunctionType) and isinstance(element, (KnowledgeModel, ServiceElement)):
                type_ = ItemType(type_.structure.result)
            elif isinstance(element, KnowledgeModel):
                type_ = ItemType(ANY)
            label = f"'{element.name}'"
            node.structure = type_.structure
            node.conform = lambda run, value: self.types.conform(run, value, type_, label)
        match element:
            case DecisionElement():
                node.kind = boxed_kind(element.expression)
                if element.expression is not None:
                    node.logic = self.workshop.logic(element.expression, names)
            case KnowledgeModel():
                if element.function is not None:
                    node.logic = self.workshop.function(element.function, [*names, element.variable.name])
            case InputData() | ServiceElement():
                pass

    def _report(self, message: str, advice: str, place: Place, severity: Literal["error", "warning"] = "error") -> None:
        self._found.append(DmnProblem(severity, message, advice, place.id, place.line, self.file))

    def _bad_type(self, item: ItemDefinition, text: str, failure: FeelError) -> None:
        self._report(f"Type '{item.name}' allows '{text}', which is no FEEL: {failure}", "Correct the values.", item.place)


def parse_decisions(data: bytes, *, file: str = "", imports: Sequence[DecisionModel] = ()) -> DecisionModel:
    """Read and compile a DMN 1.3, 1.4 or 1.5 file; `imports` are the models it imports.

    Raises DmnError with all problems when one of them is an error.
    """
    model = read_model(data, file=file, imports=imports)
    if any(problem.severity == "error" for problem in model.problems):
        raise DmnError(model.problems)
    return model


def parse_decision_files(files: Mapping[str, bytes]) -> dict[str, DecisionModel]:
    """Read several files, by name, that may import each other; raises DmnError with the problems of all of them."""
    models, problems = read_decision_files(files)
    if any(problem.severity == "error" for problem in problems):
        raise DmnError(problems)
    return models


def read_decision_files(files: Mapping[str, bytes]) -> tuple[dict[str, DecisionModel], tuple[DmnProblem, ...]]:
    """Like parse_decision_files, but keep the models with problems. Imported models come before those that import them."""
    pending: dict[str, Definitions] = {}
    problems: list[DmnProblem] = []
    for file, data in files.items():
        try:
            pending[file] = read_definitions(data)
        except DmnError as failure:
            problems.extend(replace(problem, file=file) for problem in failure.problems)
    models: dict[str, DecisionModel] = {}
    while pending:
        waiting = {definitions.namespace for definitions in pending.values()}
        ready = [
            file
            for file, definitions in pending.items()
            if not any(wanted.namespace in waiting and wanted.namespace != definitions.namespace for wanted in definitions.imports)
        ]
        for file in ready or [next(iter(pending))]:
            models[file] = DecisionModel(pending.pop(file), list(models.values()), file)
    problems.extend(problem for model in models.values() for problem in model.problems)
    return models, tuple(problems)


def read_imports(data: bytes) -> tuple[str, frozenset[str]]:
    """The namespace of a decision file, and those of the models it imports. Nothing, when it is no DMN file."""
    try:
        definitions = read_definitions(data)
    except DmnError:
        return "", frozenset()
    return definitions.namespace, frozenset(wanted.namespace for wanted in definitions.imports if "DMN" in wanted.kind.upper())


def read_model(data: bytes, *, file: str = "", imports: Sequence[DecisionModel] = ()) -> DecisionModel:
    """Like parse_decisions, but keep a model with problems: what could not be compiled is null."""
    return DecisionModel(read_definitions(data), imports, file)


def _kinds(element: Element) -> list[Literal["decision", "service"]]:
    match element:
        case DecisionElement():
            return ["decision"]
        case ServiceElement():
            return ["service"]
        case _:
            return []
