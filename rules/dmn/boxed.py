"""How is a boxed expression evaluated (DMN 1.5 §10.2)? Compiles elements to closures over a run."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Literal, Protocol, assert_never, cast

from rules.dmn.elements import (
    Boxed,
    BoxedConditional,
    BoxedContext,
    BoxedFilter,
    BoxedFunction,
    BoxedIterator,
    BoxedList,
    DecisionTable,
    Invocation,
    LiteralExpression,
    Place,
    Relation,
)
from rules.dmn.item_types import ItemType, TypeTable
from rules.dmn.run import DecisionRun
from rules.dmn.table import CompiledTable, compile_table
from rules.feel.builtins import BUILTINS, invoke_named
from rules.feel.compiler.loops import iterate
from rules.feel.compiler.paths import as_list
from rules.feel.errors import FeelError, FeelSyntaxError
from rules.feel.expression import Expression, UnaryTests, Vocabulary
from rules.feel.invocation import call_named
from rules.feel.java import external_function
from rules.feel.names import did_you_mean
from rules.feel.run import Run, UndefinedError
from rules.feel.types import ANY, FunctionType
from rules.feel.values import Function, type_name
from rules.juel import is_juel, to_feel

Logic = Callable[[DecisionRun], object]


class Report(Protocol):
    """Notes a problem: message, advice, place and severity."""

    def __call__(self, message: str, advice: str, place: Place, severity: Literal["error", "warning"] = "error", /) -> None: ...


class Workshop:
    """Compiles the boxed expressions of one model; problems are reported, and what cannot be compiled is null."""

    def __init__(self, types: TypeTable, members: Collection[str], report: Report) -> None:
        self.types = types
        self.report = report
        self.owner = ""
        self._base = Vocabulary(members=members, types=types.names, resolve_type=types.resolve)
        self.tables: list[tuple[str, CompiledTable]] = []

    def vocabulary(self, names: Collection[str]) -> Vocabulary:
        """The names in scope, with the entries and types of the model."""
        return self._base.within(names)

    def expression(self, text: str, vocabulary: Vocabulary, place: Place) -> Expression | None:
        """The compiled text, or None after reporting what is wrong with it."""
        try:
            found = vocabulary.expression(text)
        except FeelSyntaxError as failure:
            self._wrong(text, failure, place)
            return None
        self._warn_of_unknown(found, place)
        if "{" in text:
            for name in vocabulary.members.compound:
                self._base.members.add(name)
        return found

    def written_in(self, language: str | None, text: str, vocabulary: Vocabulary, place: Place) -> Expression | None:
        """The compiled text of an expression language: FEEL, or the JUEL of Camunda 7; None after reporting another."""
        name = (language or "feel").lower()
        if name == "feel" or "/feel" in name:
            return self.expression(text, vocabulary, place)
        if name == "juel":
            try:
                return self.expression(to_feel(text if is_juel(text) else f"${{{text}}}"), vocabulary, place)
            except FeelSyntaxError as failure:
                self.report(f"'{text}' cannot be translated to FEEL: {failure}", "Write the expression in FEEL.", place)
                return None
        self.report(f"The expression language '{language}' is not supported", "Write the expression in FEEL.", place)
        return None

    def tests(self, text: str, vocabulary: Vocabulary, place: Place) -> UnaryTests | None:
        """The compiled cell, or None after reporting what is wrong with it."""
        try:
            found = vocabulary.unary_tests(text)
        except FeelSyntaxError as failure:
            self._wrong(text, failure, place)
            return None
        self._warn_of_unknown(found, place)
        return found

    def type_of(self, ref: str | None, place: Place) -> ItemType:
        found = self.types.find(ref)
        if found is None:
            self.report(f"There is no type '{ref}'", "Define it as item definition, or use one of FEEL's types.", place)
        return found or ItemType(ANY)

    def _warn_of_unknown(self, expression: Expression, place: Place) -> None:
        for name in sorted(expression.unknown_functions):
            advice = did_you_mean(name, BUILTINS.keys()) or "Define it as a business knowledge model and require it, or correct its name."
            self.report(f"There is no function '{name}'", advice, place, "warning")

    def _wrong(self, text: str, failure: FeelError, place: Place) -> None:
        shown = text if len(text) <= 60 else text[:57] + "…"
        self.report(f"'{shown}' is no FEEL: {failure}", "Correct the expression.", place)

    def logic(self, boxed: Boxed | None, names: Collection[str]) -> Logic:
        """The closure that evaluates the boxed expression with these names in scope."""
        if boxed is None:
            return _nothing
        code = self._untyped(boxed, names)
        if boxed.type_ref is None or isinstance(boxed, BoxedFunction):
            return code
        type_ = self.type_of(boxed.type_ref, boxed.place)
        return code if type_.structure == ANY and type_.check is None else self._typed(code, type_, "The result")

    def typed(self, code: Logic, ref: str | None, place: Place, what: str) -> Logic:
        """The closure with its value converted to the type, or null."""
        type_ = self.type_of(ref, place)
        return code if type_.structure == ANY and type_.check is None else self._typed(code, type_, what)

    def _typed(self, code: Logic, type_: ItemType, what: str) -> Logic:
        conform = self.types.conform
        return lambda run: conform(run, code(run), type_, what)

    def _untyped(self, boxed: Boxed, names: Collection[str]) -> Logic:
        match boxed:
            case LiteralExpression():
                return self._literal(boxed, names)
            case BoxedContext():
                return self._context(boxed, names)
            case BoxedList():
                items = [self.logic(item, names) for item in boxed.items]
                return lambda run: [item(run) for item in items]
            case Relation():
                return self._relation(boxed, names)
            case BoxedFunction():
                return self.function(boxed, names)
            case Invocation():
                return self._invocation(boxed, names)
            case BoxedConditional():
                return self._conditional(boxed, names)
            case BoxedFilter():
                return self._filter(boxed, names)
            case BoxedIterator():
                return self._iterator(boxed, names)
            case DecisionTable():
                table = compile_table(self, boxed, names)
                self.tables.append((self.owner, table))
                return table.evaluate
            case _:
                assert_never(boxed)

    def _literal(self, boxed: LiteralExpression, names: Collection[str]) -> Logic:
        if not boxed.text:
            return _nothing
        expression = self.written_in(boxed.language, boxed.text, self.vocabulary(names), boxed.place)
        return _nothing if expression is None else expression.run

    def _context(self, boxed: BoxedContext, names: Collection[str]) -> Logic:
        known = list(names)
        entries: list[tuple[str | None, Logic]] = []
        for variable, value in boxed.entries:
            scope = [*known, variable.name] if variable is not None and isinstance(value, BoxedFunction) else known
            code = self.logic(value, scope)
            if variable is None:
                entries.append((None, code))
                continue
            entries.append((variable.name, self.typed(code, variable.type_ref, boxed.place, f"Entry '{variable.name}'")))
            known.append(variable.name)

        def evaluate(run: DecisionRun) -> object:
            result: dict[str, object] = {}
            with run.inner({}) as scope:
                for name, code in entries:
                    value = code(run)
                    if name is None:
                        return value
                    result[name] = scope[name] = value
            return result

        return evaluate

    def _relation(self, boxed: Relation, names: Collection[str]) -> Logic:
        rows = [
            [
                (column.name, self.typed(self.logic(cell, names), column.type_ref, boxed.place, f"Column '{column.name}'"))
                for column, cell in zip(boxed.columns, row, strict=False)
            ]
            for row in boxed.rows
        ]
        return lambda run: [{name: cell(run) for name, cell in row} for row in rows]

    def function(self, boxed: BoxedFunction, names: Collection[str]) -> Logic:
        """The closure whose value is the function."""
        parameters = tuple(parameter.name for parameter in boxed.parameters)
        if boxed.kind.upper() != "FEEL":
            return _external(parameters, boxed.kind.lower(), self.logic(boxed.body, names))
        types = [self.type_of(parameter.type_ref, boxed.place) for parameter in boxed.parameters]
        body = self.logic(boxed.body, [*names, *parameters])
        declared = ANY if boxed.type_ref is None else self.type_of(boxed.type_ref, boxed.place).structure
        result = declared.result if isinstance(declared, FunctionType) else declared
        conform = self.types.conform

        def define(run: DecisionRun) -> object:
            variables = run.variables

            def call(caller: Run, arguments: Sequence[object]) -> object:
                inside = cast(DecisionRun, caller)
                checked = [
                    argument if type_.check is None else conform(inside, argument, type_, f"Argument '{name}'")
                    for name, type_, argument in zip(parameters, types, arguments, strict=True)
                ]
                with inside.scope(variables), inside.inner(dict(zip(parameters, checked, strict=True))):
                    return body(inside)

            return Function(parameters, tuple(type_.structure for type_ in types), result, call)

        return define

    def _invocation(self, boxed: Invocation, names: Collection[str]) -> Logic:
        bindings = [(name, self.logic(value, names)) for name, value in boxed.bindings]
        called = boxed.function
        if isinstance(called, LiteralExpression) and called.text in BUILTINS and called.text not in names:
            signatures = BUILTINS[called.text]
            return lambda run: invoke_named(run, signatures, {name: value(run) for name, value in bindings})
        function = self.logic(called, names)
        return lambda run: call_named(run, function(run), {name: value(run) for name, value in bindings})

    def _conditional(self, boxed: BoxedConditional, names: Collection[str]) -> Logic:
        condition = self.logic(boxed.condition, names)
        then, otherwise = self.logic(boxed.then, names), self.logic(boxed.otherwise, names)
        return lambda run: then(run) if condition(run) is True else otherwise(run)

    def _filter(self, boxed: BoxedFilter, names: Collection[str]) -> Logic:
        source = self.logic(boxed.source, names)
        match = self.logic(boxed.match, [*names, "item"])

        def select(run: DecisionRun) -> object:
            result: list[object] = []
            for item in as_list(source(run)):
                run.spend(1)
                with run.inner({"item": item, **_members(item)}):
                    wanted = match(run)
                if wanted is True:
                    result.append(item)
                elif wanted is not None and wanted is not False:
                    run.null(f"A boxed filter needs a boolean, not a {type_name(wanted)}")
                    return None
            return result

        return select

    def _iterator(self, boxed: BoxedIterator, names: Collection[str]) -> Logic:
        source = self.logic(boxed.source, names)
        body = self.logic(boxed.body, [*names, boxed.variable, "partial"])
        kind, variable = boxed.kind, boxed.variable

        def loop(run: DecisionRun) -> object:
            results: list[object] = []
            try:
                for item in iterate(run, source(run)):
                    run.spend(1)
                    with run.inner({variable: item, "partial": list(results)} if kind == "for" else {variable: item}):
                        results.append(body(run))
            except UndefinedError as undefined:
                run.null(str(undefined))
                return None
            return results if kind == "for" else _quantified(results, kind)

        return loop


def _quantified(results: list[object], kind: str) -> bool | None:
    decisive = kind == "some"
    if not all(result is None or isinstance(result, bool) for result in results):
        return None
    if any(result is decisive for result in results):
        return decisive
    return not decisive if all(isinstance(result, bool) for result in results) else None


def _members(item: object) -> dict[str, object]:
    return cast(dict[str, object], item) if isinstance(item, dict) else {}


def _nothing(_run: DecisionRun) -> object:
    return None


def _external(parameters: tuple[str, ...], kind: str, mapping: Logic) -> Logic:
    def define(run: DecisionRun) -> object:
        try:
            return external_function(parameters, {kind: mapping(run)})
        except UndefinedError as reason:
            run.null(str(reason))
            return None

    return define
