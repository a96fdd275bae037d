"""Which type does a typeRef name, and does a value conform to it (DMN 1.5 §7.3.2, §10.3.2.9.2)?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import cast

from rules.dmn.elements import ItemDefinition
from rules.feel.conformance import belongs
from rules.feel.errors import FeelError
from rules.feel.expression import UnaryTests, Vocabulary
from rules.feel.invocation import fit
from rules.feel.run import Run
from rules.feel.types import ANY, SIMPLE_TYPES, ContextType, FeelType, FunctionType, ListType, NamedType, RangeType
from rules.feel.values import SIMPLE_TYPE_OF, type_name

Check = Callable[[object], bool]
_CAMUNDA_7 = {"integer": "number", "long": "number", "double": "number"}


@dataclass(frozen=True, slots=True)
class ItemType:
    """A type and the check of its allowed values; `allowed` is the text of those that hold for the value itself."""

    structure: FeelType
    check: Check | None = None
    allowed: str | None = None


class TypeTable:
    """The types of a model by name, those of imported models as `import.name`."""

    def __init__(
        self,
        items: Iterable[ItemDefinition],
        imported: Mapping[str, TypeTable],
        report: Callable[[ItemDefinition, str, FeelError], None],
    ) -> None:
        self._items = {item.name: item for item in items}
        self._imported = imported
        self._built: dict[str, ItemType] = {}
        self._building: set[str] = set()
        self._report = report
        self._vocabulary = Vocabulary()

    @property
    def names(self) -> list[str]:
        return [*self._items, *(f"{prefix}.{name}" if prefix else name for prefix, table in self._imported.items() for name in table.names)]

    def find(self, name: str | None) -> ItemType | None:
        """The type a typeRef names; None when there is no such type."""
        if name is None:
            return ItemType(ANY)
        bare = name.removeprefix("feel:").strip()
        if bare in self._items:
            return self._item(bare)
        simple = SIMPLE_TYPES.get(_CAMUNDA_7.get(bare, bare))
        if simple is not None:
            return ItemType(ANY if bare == "function" else simple)
        for prefix, table in self._imported.items():
            if not prefix:
                found = table.find(bare)
            elif bare.startswith(prefix + "."):
                found = table.find(bare[len(prefix) + 1 :])
            else:
                continue
            if found is not None:
                return found
        return None

    def resolve(self, type_: FeelType) -> FeelType | None:
        """The type with all names replaced by what they stand for; None when one is unknown."""
        match type_:
            case NamedType():
                found = self.find(type_.name)
                return None if found is None else found.structure
            case ListType():
                element = self.resolve(type_.element)
                return None if element is None else ListType(element)
            case RangeType():
                element = self.resolve(type_.element)
                return None if element is None else RangeType(element)
            case ContextType():
                entries = {name: self.resolve(entry) for name, entry in type_.entries.items()}
                return None if None in entries.values() else ContextType(cast(dict[str, FeelType], entries))
            case FunctionType():
                parts = [self.resolve(part) for part in (*type_.parameters, type_.result)]
                if None in parts:
                    return None
                *parameters, result = cast(list[FeelType], parts)
                return FunctionType(tuple(parameters), result)
            case _:
                return type_

    def conform(self, run: Run, value: object, type_: ItemType, what: str) -> object:
        """The value converted to the type, or null with a reason."""
        if type_.check is None and (value is None or SIMPLE_TYPE_OF.get(type(value)) is type_.structure):
            return value
        if type_.structure != ANY:
            fitted = fit(value, type_.structure)
            if not belongs(fitted, type_.structure):
                run.null(f"{what} is a {type_name(value)}, not a {type_.structure}")
                return None
            value = fitted
        if type_.check is not None and not type_.check(value):
            run.null(f"{what} is not among the allowed values{f' {type_.allowed}' if type_.allowed else ''}")
            return None
        return value

    def _item(self, name: str) -> ItemType:
        if name in self._built:
            return self._built[name]
        if name in self._building:
            return ItemType(ANY, lambda value: self._recursive(name, value))
        self._building.add(name)
        built = self._built[name] = self._build(self._items[name])
        self._building.discard(name)
        return built

    def _recursive(self, name: str, value: object) -> bool:
        type_ = self._built[name]
        return belongs(value, type_.structure) and (type_.check is None or type_.check(value))

    def _build(self, item: ItemDefinition) -> ItemType:
        type_ = self._unrestricted(item)
        if item.allowed:
            type_ = ItemType(type_.structure, _both(type_.check, self._tests(item, item.allowed)), item.allowed)
        if item.is_collection:
            element = type_.check
            check = None if element is None else _each(element)
            type_ = ItemType(ListType(type_.structure), check, type_.allowed)
        if item.constraint:
            type_ = ItemType(type_.structure, _both(type_.check, self._tests(item, item.constraint)), item.constraint)
        return type_

    def _unrestricted(self, item: ItemDefinition) -> ItemType:
        if item.components:
            parts = {component.name: self._build(component) for component in item.components}
            checks = {name: part.check for name, part in parts.items() if part.check is not None}
            structure = ContextType({name: part.structure for name, part in parts.items()})
            return ItemType(structure, _entries(checks) if checks else None)
        if item.function is not None:
            parameters = tuple(self._structure(parameter.type_ref) for parameter in item.function.parameters)
            return ItemType(FunctionType(parameters, self._structure(item.function.output_type_ref)))
        return self.find(item.type_ref) or ItemType(ANY)

    def _structure(self, name: str | None) -> FeelType:
        found = self.find(name)
        return ANY if found is None else found.structure

    def _tests(self, item: ItemDefinition, text: str) -> Check | None:
        try:
            tests = self._vocabulary.unary_tests(text)
        except FeelError as failure:
            self._report(item, text, failure)
            return None
        return lambda value: value is None or _passes(tests, value)


def _passes(tests: UnaryTests, value: object) -> bool:
    return tests.run(Run({"?": value}, trusted=True)) is True


def _both(first: Check | None, second: Check | None) -> Check | None:
    if first is None or second is None:
        return first or second
    return lambda value: first(value) and second(value)


def _each(check: Check) -> Check:
    return lambda value: not isinstance(value, list) or all(check(item) for item in cast(list[object], value))


def _entries(checks: Mapping[str, Check]) -> Check:
    def check(value: object) -> bool:
        if not isinstance(value, dict):
            return True
        entries = cast(dict[str, object], value)
        return all(test(entries.get(name)) for name, test in checks.items())

    return check
