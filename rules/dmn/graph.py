"""In which order are decisions evaluated, and which names does each see (DMN 1.5 §6.3, §10.4)?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from rules.dmn.boxed import Logic
from rules.dmn.elements import DecisionElement, Element, InputData, KnowledgeModel, ServiceElement
from rules.dmn.json_inputs import has_temporals, read_texts
from rules.dmn.results import EvaluatedDecision, NamedValue
from rules.dmn.run import DecisionFailureError, DecisionRun, Names
from rules.feel.run import Run
from rules.feel.types import ANY, FeelType
from rules.feel.values import Function

Key = tuple[str, str]
"""Namespace and id of an element."""
Path = tuple[str, ...]
"""The name under which an element is seen: of imported ones behind the name of the import."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """An element another one reads, and the names it can be read by (several when imported on several ways)."""

    key: Key
    paths: tuple[Path, ...]


@dataclass(slots=True)
class GraphNode:
    """An element with its compiled logic. `conform` converts a value to the type of its variable."""

    key: Key
    element: Element
    requirements: tuple[Requirement, ...] = ()
    logic: Logic | None = None
    conform: Callable[[Run, object], object] = lambda _run, value: value
    kind: str = ""
    structure: FeelType | None = None
    order: tuple[Key, ...] | None = field(default=None)


class Graph:
    """The elements of a model and of all it imports."""

    def __init__(self) -> None:
        self.nodes: dict[Key, GraphNode] = {}

    def order_of(self, key: Key) -> tuple[Key, ...]:
        """The decisions and inputs an element needs, each after those it needs itself, the element last."""
        node = self.nodes[key]
        if node.order is None:
            node.order = tuple(self._sorted((key,)))
        return node.order

    def order_of_all(self, keys: Iterable[Key]) -> list[Key]:
        """The elements and all they need, each after those it needs itself."""
        return self._sorted(tuple(keys))

    def cycles(self, keys: Iterable[Key]) -> Iterator[list[Key]]:
        """Elements that need each other in a circle, starting and ending with the same one."""
        done: set[Key] = set()
        for start in keys:
            stack = [] if start in done else [(start, iter(self._required(start)))]
            trail = {start: 0} if stack else {}
            while stack:
                key, pending = stack[-1]
                following = next(pending, None)
                if following is None:
                    stack.pop()
                    trail.pop(key)
                    done.add(key)
                elif following in trail:
                    yield [*[part for part, _ in stack[trail[following] :]], following]
                elif following not in done:
                    trail[following] = len(stack)
                    stack.append((following, iter(self._required(following))))

    def evaluate(self, run: DecisionRun, targets: Sequence[Key], given: Mapping[Key, object]) -> dict[Key, object]:
        """The values of the targets and all they need. `given` values are taken instead of evaluating."""
        values: dict[Key, object] = dict(given)
        outside = run.variables
        for key in self._needed(targets, given):
            if key not in values:
                values[key] = self._value(run, self.nodes[key], values, outside)
        return values

    def _needed(self, targets: Sequence[Key], given: Mapping[Key, object]) -> Iterator[Key]:
        if not given and len(targets) == 1:
            return iter(self.order_of(targets[0]))
        return iter(self._sorted(targets, given))

    def _sorted(self, targets: Sequence[Key], given: Mapping[Key, object] | None = None) -> list[Key]:
        result: list[Key] = []
        done: set[Key] = set(given or ())
        for target in targets:
            stack = [(target, iter(self._required(target)))] if target not in done else []
            done.add(target)
            while stack:
                key, pending = stack[-1]
                following = next(pending, None)
                if following is None:
                    result.append(key)
                    stack.pop()
                elif following not in done and following in self.nodes:
                    done.add(following)
                    stack.append((following, iter(self._required(following))))
        return result

    def _required(self, key: Key) -> list[Key]:
        node = self.nodes.get(key)
        return [] if node is None else [requirement.key for requirement in node.requirements]

    def _value(self, run: DecisionRun, node: GraphNode, values: Mapping[Key, object], outside: Mapping[str, object]) -> object:
        element = node.element
        match element:
            case InputData():
                given = _given_input(element, outside)
                if node.structure is not None and has_temporals(node.structure):
                    given = read_texts(given, node.structure)
                return node.conform(run, given)
            case DecisionElement():
                return self._decision(run, node, values)
            case KnowledgeModel():
                return self._knowledge(run, node, values)
            case ServiceElement():
                return self._service_function(node, element, outside)

    def _decision(self, run: DecisionRun, node: GraphNode, values: Mapping[Key, object]) -> object:
        element = cast(DecisionElement, node.element)
        visible = self._visible(node, values)
        saved = run.warnings, run.inputs, run.matched
        outside = run.variables
        warnings: list[str] = []
        run.warnings, run.inputs, run.matched = warnings, [], []
        value: object = None
        try:
            run.variables = Names(visible, outside)
            value = node.conform(run, None if node.logic is None else node.logic(run))
        except DecisionFailureError as failure:
            warnings.append(str(failure))
            raise DecisionFailureError(f"Decision '{element.name}': {failure}") from None
        finally:
            inputs = run.inputs or self._read(node, values)
            run.evaluated.append(
                EvaluatedDecision(element.id, element.name, node.kind, value, tuple(inputs), tuple(run.matched), tuple(warnings))
            )
            run.warnings, run.inputs, run.matched = saved
            run.variables = outside
        return value

    def _read(self, node: GraphNode, values: Mapping[Key, object]) -> list[NamedValue]:
        return [
            NamedValue(requirement.key[1], ".".join(requirement.paths[0]), values.get(requirement.key))
            for requirement in node.requirements
            if requirement.key in self.nodes and isinstance(self.nodes[requirement.key].element, (InputData, DecisionElement))
        ]

    def _visible(self, node: GraphNode, values: Mapping[Key, object]) -> dict[str, object]:
        visible: dict[str, object] = {}
        for requirement in node.requirements:
            if requirement.key not in values:
                continue
            for path in requirement.paths:
                *prefix, name = path
                scope = visible
                for part in prefix:
                    scope = cast(dict[str, object], scope.setdefault(part, {}))
                scope[name] = values[requirement.key]
        return visible

    def _knowledge(self, run: DecisionRun, node: GraphNode, values: Mapping[Key, object]) -> object:
        if node.logic is None:
            return None
        visible = self._visible(node, values)
        with run.scope(visible):
            function = node.logic(run)
        if not isinstance(function, Function):
            return function
        result = function.result if function.result != ANY else node.structure or ANY
        named = Function(function.parameters, function.types, result, function.call, node.element.name)
        visible.setdefault(node.element.variable.name, named)
        return named

    def _service_function(self, node: GraphNode, service: ServiceElement, outside: Mapping[str, object]) -> object:
        inputs = self.service_inputs(node.key, service)
        names = tuple(self._variable_name(key) for key in inputs)
        types = tuple(self._type_of(key) for key in inputs)

        def call(caller: Run, arguments: Sequence[object]) -> object:
            run = cast(DecisionRun, caller)
            given = {key: self.nodes[key].conform(run, argument) for key, argument in zip(inputs, arguments, strict=True)}
            with run.scope({}):
                return self.service_value(run, node.key, service, given)

        return Function(names, types, node.structure or ANY, call, service.name)

    def service_inputs(self, key: Key, service: ServiceElement) -> list[Key]:
        """The parameters of a service: input data, then input decisions (§10.4)."""
        return [found for ref in (*service.input_data, *service.input_decisions) if (found := reference(ref, key[0])) in self.nodes]

    def service_arguments(self, run: DecisionRun, key: Key, service: ServiceElement) -> dict[Key, object]:
        """The values of the input decisions of a service among the variables."""
        result: dict[Key, object] = {}
        for ref in service.input_decisions:
            node = self.nodes.get(reference(ref, key[0]))
            if node is not None:
                name = node.element.variable.name
                given = run.variables[name] if name in run.variables else None  # noqa: SIM401 (a lookup may go to the outer names)
                result[node.key] = node.conform(run, read_texts(given, node.structure or ANY))
        return result

    def service_value(self, run: DecisionRun, key: Key, service: ServiceElement, given: Mapping[Key, object]) -> object:
        """The output of a service: one value, or a context of several."""
        outputs = [found for ref in service.outputs if (found := reference(ref, key[0])) in self.nodes]
        fixed = {found: None for ref in service.input_decisions if (found := reference(ref, key[0])) in self.nodes} | dict(given)
        values = self.evaluate(run, outputs, fixed)
        if len(outputs) == 1:
            value = values.get(outputs[0])
        else:
            value = {self._variable_name(output): values.get(output) for output in outputs}
        return self.nodes[key].conform(run, value)

    def _variable_name(self, key: Key) -> str:
        return self.nodes[key].element.variable.name

    def _type_of(self, key: Key) -> FeelType:
        return self.nodes[key].structure or ANY


def reference(href: str, namespace: str) -> Key:
    """The key a reference names."""
    prefix, _, id_ = href.rpartition("#")
    return (prefix or namespace, id_)


def _given_input(element: InputData, outside: Mapping[str, object]) -> object:
    for name in (element.variable.name, element.name):
        if name in outside:
            return outside[name]
    return None
