"""Which variables does a submission become, and which fields refuse it?"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from forms.expressions import evaluate, holds, scope_context
from forms.initial import MAX_ROWS, initial_rows, initial_value
from forms.model import MULTIPLE_TYPES, OPTION_TYPES, Field, Form, Submission
from forms.options import options_of
from forms.places import ABSENT, Place, dotted, read, remove, write
from forms.value_rules import refusal

UNKNOWN = "This is not a field of the form."


def validate(form: Form, data: Mapping[str, Any], *, variables: Mapping[str, Any] | None = None, now: datetime | None = None) -> Submission:
    """Checks what a person sent against the form, as form-js does and more strictly.

    Hidden fields are dropped, disabled and read-only fields keep the value of the variables, a field that was not sent
    keeps its initial value, an untouched select is null, computed fields are computed here, unknown names are errors.
    Objects of the variables keep what the form does not show. Never raises for bad data.
    """
    if not isinstance(data, Mapping):
        return Submission({}, {"": "Send an object with the fields of the form."})
    known = dict(variables or {})
    context, _ = seen_by_expressions(form, data, known)
    check = _Check(form, known, context, now or datetime.now(UTC))
    values = check.scope(form.fields, data, known, (), _Scope(context, context, None, ()), False)
    check.unknown_names(form.fields, data, ())
    kept = {name: _kept(known.get(name), value, (name,), check.dropped) for name, value in values.items()}
    return Submission(kept, check.errors)


def seen_by_expressions(form: Form, data: Mapping[str, Any], variables: Mapping[str, Any]) -> tuple[dict[str, Any], frozenset[str]]:
    """The data that conditions read, and the ids of the fields outside lists that are hidden."""
    hidden: frozenset[str] = frozenset()
    for _ in range(3):  # a field may be hidden by one that is hidden itself
        found = frozenset(_hidden_fields(form, _without_hidden(form, data, variables, hidden)))
        if found == hidden:
            break
        hidden = found
    return _without_hidden(form, data, variables, hidden), hidden


def open_fields(form: Form, data: Mapping[str, Any], variables: Mapping[str, Any]) -> Iterator[tuple[str, Field]]:
    """The fields outside lists that can be seen and changed, by their dotted places."""
    context, hidden = seen_by_expressions(form, data, variables)
    names = scope_context(context)
    stack: list[tuple[Field, Place]] = [(item, item.place) for item in reversed(form.fields)]
    while stack:
        item, place = stack.pop()
        if item.id in hidden:
            continue
        if item.type == "group":
            stack.extend((child, (*place, *child.place)) for child in reversed(item.children))
        elif item.is_keyed and item.type != "expression" and not is_fixed(form, item, names):
            yield dotted(place), item


@dataclass(frozen=True, slots=True)
class _Scope:
    """What expressions see at one place: all data, the enclosing row and its parent, and the row numbers."""

    data: Mapping[str, Any]
    this: Any
    parent: Any
    indexes: tuple[int, ...]

    @property
    def context(self) -> dict[str, Any]:
        return scope_context(self.data, this=self.this, parent=self.parent, indexes=self.indexes)


@dataclass(slots=True)
class _Check:
    form: Form
    variables: Mapping[str, Any]
    context: Mapping[str, Any]
    now: datetime
    errors: dict[str, str] = field(default_factory=dict[str, str])
    dropped: set[tuple[str | int, ...]] = field(default_factory=set[tuple[str | int, ...]])

    def scope(
        self, fields: tuple[Field, ...], data: object, source: object, base: tuple[str | int, ...], scope: _Scope, hidden: bool
    ) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for item in fields:
            place = (*base, *item.place)
            if hidden or is_hidden(self.form, item, scope.context):
                self.drop(item, place)
                continue
            if item.type == "group":
                self.group(item, data, source, place, scope, values)
            elif item.is_list:
                rows = self.rows(item, data, source, place, scope)
                if rows is not None:
                    write(values, item.place, rows)
            elif item.is_keyed and item.properties.get("disabled") is not True:
                write(values, item.place, self.value(item, data, source, place, scope))
        return values

    def drop(self, item: Field, place: tuple[str | int, ...]) -> None:
        if item.type == "group":
            for child in item.children:
                self.drop(child, (*place, *child.place))
        elif item.place:
            self.dropped.add(place)

    def group(self, item: Field, data: object, source: object, place: tuple[str | int, ...], scope: _Scope, values: dict[str, Any]) -> None:
        inner_data = read(data, item.place) if item.place else data
        if inner_data is not ABSENT and inner_data is not None and not isinstance(inner_data, Mapping):
            self.errors[dotted(place)] = "Send an object with the fields of this group."
            return
        inner_source = read(source, item.place) if item.place else source
        inner = self.scope(item.children, inner_data or {}, inner_source, place, scope, False)
        _merge_at(values, item.place, inner)

    def rows(self, item: Field, data: object, source: object, place: tuple[str | int, ...], scope: _Scope) -> list[dict[str, Any]] | None:
        sent = read(data, item.place)
        before = initial_rows(self.form, item, source, self.variables)
        if sent is ABSENT or sent is None:
            sent = before
        if not isinstance(sent, list) or not all(isinstance(row, Mapping) for row in sent):
            self.errors[dotted(place)] = "Send a list of rows."
            return None
        if len(sent) > MAX_ROWS:
            self.errors[dotted(place)] = f"Enter at most {MAX_ROWS} rows."
            return None
        if item.properties.get("allowAddRemove") is False and len(sent) != len(before):
            self.errors[dotted(place)] = f"Rows cannot be added or removed here: send {len(before)}."
            return None
        rows: list[dict[str, Any]] = []
        for index, row in enumerate(sent):
            inner = _Scope(scope.data, row, scope.this, (*scope.indexes, index + 1))
            row_source = before[index] if index < len(before) else {}
            rows.append(self.scope(item.children, row, row_source, (*place, index), inner, False))
        return rows

    def value(self, item: Field, data: object, source: object, place: tuple[str | int, ...], scope: _Scope) -> Any:
        context = scope.context
        if item.type == "expression":
            return evaluate(self.form, item.properties.get("expression"), context)
        before = initial_value(self.form, item, source, self.variables)
        if is_fixed(self.form, item, context):
            variable = read(source, item.place)
            return before if variable is ABSENT else variable
        value = read(data, item.place)
        if value is ABSENT:
            value = before
        value = _normal(item, value)
        options = options_of(self.form, item, {**self.variables, **self.context}, context) if item.type in OPTION_TYPES else []
        reason = refusal(self.form, item, value, options, context, self.now)
        if reason is not None:
            self.errors[dotted(place)] = reason
        return value

    def unknown_names(self, fields: tuple[Field, ...], data: Mapping[str, Any], base: tuple[str | int, ...]) -> None:
        tree = _name_tree(fields)
        stack: list[tuple[dict[str, Any], Mapping[str, Any], tuple[str | int, ...]]] = [(tree, data, base)]
        while stack:
            names, held, at = stack.pop()
            for name, value in held.items():
                inner = names.get(name, ABSENT)
                if inner is ABSENT:
                    if len(self.errors) < 1_000:
                        self.errors[dotted((*at, str(name)[:200]))] = UNKNOWN
                elif isinstance(inner, dict) and isinstance(value, Mapping):
                    stack.append((inner, value, (*at, name)))
                elif isinstance(inner, Field) and isinstance(value, list):
                    row_names = _name_tree(inner.children)
                    stack.extend((row_names, row, (*at, name, i)) for i, row in enumerate(value[:MAX_ROWS]) if isinstance(row, Mapping))


def is_fixed(form: Form, item: Field, context: Mapping[str, Any]) -> bool:
    """True for disabled and read-only fields."""
    return item.properties.get("disabled") is True or holds(form, item.properties.get("readonly"), context)


def is_hidden(form: Form, item: Field, context: Mapping[str, Any]) -> bool:
    conditional = item.properties.get("conditional")
    return isinstance(conditional, Mapping) and holds(form, conditional.get("hide"), context)


def _hidden_fields(form: Form, context: Mapping[str, Any]) -> list[str]:
    """The ids of the fields outside lists that are hidden."""
    found: list[str] = []
    seen_by_all = scope_context(context)
    stack = [(item, False) for item in form.fields]
    while stack:
        item, inherited = stack.pop()
        hidden = inherited or is_hidden(form, item, seen_by_all)
        if hidden:
            found.append(item.id)
        if item.type == "group":
            stack.extend((child, hidden) for child in item.children)
    return found


def _without_hidden(form: Form, data: Mapping[str, Any], variables: Mapping[str, Any], hidden: frozenset[str]) -> dict[str, Any]:
    """The variables with what was sent for fields that can be seen and changed: what the expressions of the form read."""
    context = dict(variables)
    stack: list[tuple[Field, Place]] = [(item, item.place) for item in form.fields]
    while stack:
        item, place = stack.pop()
        if item.type == "group":
            stack.extend((child, (*place, *child.place)) for child in item.children)
        if not item.place or item.type == "group":
            continue
        if item.id in hidden:
            remove(context, place)
            continue
        sent = read(data, place)
        fixed = item.properties.get("disabled") is True or item.properties.get("readonly") is True
        if sent is not ABSENT and not fixed and item.type != "expression":
            write(context, place, sent)
        elif item.is_keyed and (fixed or read(context, place) is ABSENT):
            write(context, place, initial_value(form, item, _source(variables, place, item), variables))
    return context


def _source(variables: Mapping[str, Any], place: Place, item: Field) -> object:
    return read(variables, place[: len(place) - len(item.place)])


def _normal(item: Field, value: Any) -> Any:
    """What form-js would have sent: a select without choice is null, an empty number is null, a text field has one line."""
    if item.type == "textfield" and isinstance(value, str):
        return value.replace("\r\n", " ").translate({9: " ", 10: " ", 13: " "})
    if item.type in ("textfield", "textarea") and value is None:
        return ""
    if item.type == "checkbox" and value is None:
        return False
    if (
        item.type == "number"
        and item.properties.get("serializeToString")
        and isinstance(value, int | float)
        and not isinstance(value, bool)
    ):
        return str(value)
    if item.type in MULTIPLE_TYPES and value is None:
        return []
    if item.type in ("number", "datetime", "select", "radio", "filepicker") and value == "":
        return None
    return value


def _name_tree(fields: tuple[Field, ...]) -> dict[str, Any]:
    """Nested names of all places; a list stands as its Field, a value as None."""
    tree: dict[str, Any] = {}
    for item in fields:
        holder = tree
        if item.type == "group":
            for name in item.place:
                holder = holder.setdefault(name, {})
            _merge_at(holder, (), _name_tree(item.children))
        elif item.place:
            for name in item.place[:-1]:
                holder = holder.setdefault(name, {})
            holder[item.place[-1]] = item if item.is_list else None
    return tree


def _merge_at(target: dict[str, Any], place: Place, source: Mapping[str, Any]) -> None:
    if not source:
        return
    for name in place:
        target = target.setdefault(name, {})
    for name, value in source.items():
        held = target.get(name)
        if isinstance(held, dict) and isinstance(value, dict):
            _merge_at(held, (), value)
        else:
            target[name] = value


def _kept(before: object, value: Any, place: tuple[str | int, ...], dropped: set[tuple[str | int, ...]]) -> Any:
    """The submitted value over the object that the variable held, without what the form hides."""
    if not isinstance(before, Mapping) or not isinstance(value, dict):
        return value
    merged = {name: held for name, held in before.items() if (*place, name) not in dropped}
    for name, inner in value.items():
        merged[name] = _kept(before.get(name), inner, (*place, name), dropped)
    return merged
