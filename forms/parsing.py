"""Is a file a form that can be shown and validated? Reads form-js JSON and reports every problem with its line."""

import json
from collections.abc import Mapping
from typing import Any, Final

from forms import property_rules
from forms.model import CONTAINER_TYPES, FIELD_TYPES, OPTION_TYPES, Field, Form, FormError, FormProblem
from forms.places import Place
from forms.source_lines import Path, path_text, value_lines
from forms.templates import template_expressions
from rules.feel import Expression, FeelSyntaxError, compile_expression

MAX_BYTES: Final = 1_000_000
MAX_FIELDS: Final = 2_000
MAX_DEPTH: Final = 20
NEWEST_SCHEMA_VERSION: Final = 19


def parse_form(data: bytes, *, file: str = "") -> Form:
    """Raises FormError with all problems of the file; a form that is returned carries only warnings."""
    if len(data) > MAX_BYTES:
        raise FormError((FormProblem("error", file, f"The form has more than {MAX_BYTES:,} bytes.", "Split it into several forms."),))
    try:
        text = data.decode("utf-8-sig")
        schema = json.loads(text)
    except json.JSONDecodeError as error:
        message = f"This is not JSON: {error.msg} (column {error.colno})."
        raise FormError((FormProblem("error", file, message, "Export the form again from the form editor.", line=error.lineno),)) from None
    except (ValueError, RecursionError):
        message = "This is not JSON text in UTF-8, or it is nested too deeply."
        raise FormError((FormProblem("error", file, message, "Export the form again from the form editor."),)) from None
    return _Reader(text, file).form(schema)


class _Reader:
    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        self.problems: list[FormProblem] = []
        self.expressions: dict[str, Expression] = {}
        self.ids: dict[str, Path] = {}
        self.count = 0
        self.lines: dict[Path, int] | None = None

    def form(self, schema: object) -> Form:
        if not isinstance(schema, Mapping):
            self.error((), "A form is a JSON object.", "Export the form from a form editor.")
            raise FormError(tuple(self.problems))
        if schema.get("type") != "default":
            self.error(("type",) if "type" in schema else (), 'The type of a form is "default".', 'Set "type": "default".')
        form_id = schema.get("id")
        if not isinstance(form_id, str) or not form_id.strip():
            self.error(("id",) if "id" in schema else (), "The form has no id.", 'Give it one, for example "id": "approve-reply".')
        version = schema.get("schemaVersion")
        if isinstance(version, int) and version > NEWEST_SCHEMA_VERSION:
            self.warn(("schemaVersion",), f"Schema version {version} is newer than {NEWEST_SCHEMA_VERSION}.", "New properties are ignored.")
        components = schema.get("components", [])
        fields = self.fields(components, ("components",), 1)
        self.check_places(fields, {})
        if any(problem.severity == "error" for problem in self.problems):
            raise FormError(tuple(self.problems))
        return Form(str(form_id), schema, fields, self.expressions, tuple(self.problems))

    def fields(self, components: object, path: Path, depth: int) -> tuple[Field, ...]:
        if not isinstance(components, list):
            self.error(path, "Components are a list.", "Write a list of fields, [] for none.")
            return ()
        if depth > MAX_DEPTH:
            self.error(path, f"Groups are nested more than {MAX_DEPTH} deep.", "Flatten the form.")
            return ()
        found: list[Field] = []
        for index, component in enumerate(components):
            self.count += 1
            if self.count > MAX_FIELDS:
                if self.count == MAX_FIELDS + 1:
                    self.error(path, f"The form has more than {MAX_FIELDS} fields.", "Split it into several forms.")
                break
            field = self.field(component, (*path, index), depth)
            if field is not None:
                found.append(field)
        return tuple(found)

    def field(self, component: object, path: Path, depth: int) -> Field | None:
        if not isinstance(component, Mapping):
            self.error(path, "A field is a JSON object.", "Remove it, or write the field.")
            return None
        kind = component.get("type")
        if not isinstance(kind, str) or kind not in FIELD_TYPES:
            known = ", ".join(sorted(FIELD_TYPES))
            self.error((*path, "type"), f"There is no field type {json.dumps(kind)[:80]}.", f"Use one of: {known}.", self.id_of(component))
            return None
        field_id = self.claim_id(component, path)
        place = self.place(component, kind, path)
        children: tuple[Field, ...] = ()
        if kind in CONTAINER_TYPES:
            children = self.fields(component.get("components", []), (*path, "components"), depth + 1)
        self.check_properties(component, kind, path, field_id)
        label = component.get("label")
        return Field(field_id, kind, place, label if isinstance(label, str) else "", component, children, self.line(path))

    def claim_id(self, component: Mapping[str, Any], path: Path) -> str:
        field_id = self.id_of(component) or "Field_" + "_".join(str(name) for name in path if isinstance(name, int))
        if field_id in self.ids:
            message = f"Two fields have the id {field_id!r} (the other: {path_text(self.ids[field_id])})."
            self.error(path, message, "Give each field its own id.", field_id)
        self.ids[field_id] = path
        return field_id

    def place(self, component: Mapping[str, Any], kind: str, path: Path) -> Place:
        name = {"group": "path", "dynamiclist": "path"}.get(kind, "key")
        if kind not in property_rules.PLACED_TYPES:
            return ()
        value = component.get(name)
        if value in (None, "") and kind == "group":
            return ()
        if not isinstance(value, str) or not value:
            self.error(path, f"The {kind} has no {name}.", f'Set "{name}": the variable it is bound to.', self.id_of(component))
            return ()
        place = tuple(value.split("."))
        if not all(place):
            self.error(
                (*path, name), f"{value!r} is not a place in the data.", "Write names separated by single dots.", self.id_of(component)
            )
        return place

    def check_places(self, fields: tuple[Field, ...], taken: dict[Place, tuple[Field, bool]], base: Place = ()) -> None:
        """No two values may share a place, and none may lie inside another one's value."""
        for field in fields:
            place = (*base, *field.place)
            if field.type == "group":
                self.check_places(field.children, taken, place)
            elif field.place:
                self.claim(field, place, taken)
            if field.is_list:
                self.check_places(field.children, {})

    def claim(self, field: Field, place: Place, taken: dict[Place, tuple[Field, bool]]) -> None:
        """`taken` holds each claimed place (True) and every place on the way to one (False)."""
        clash = taken.get(place) or next(
            (taken[place[:end]] for end in range(1, len(place)) if taken.get(place[:end], (0, False))[1]), None
        )
        if clash is not None:
            message = f"{'.'.join(place)!r} is also used by the field {clash[0].id!r}."
            self.error(self.ids[field.id], message, "Bind each field to its own place in the data.", field.id)
            return
        for end in range(1, len(place)):
            taken.setdefault(place[:end], (field, False))
        taken[place] = (field, True)

    def check_properties(self, component: Mapping[str, Any], kind: str, path: Path, field_id: str) -> None:
        for problem in property_rules.check(component, kind):
            report = self.error if problem.is_error else self.warn
            report((*path, *problem.path), problem.message, problem.advice, field_id)
        for sub, value in _texts(component, path):
            if value.startswith("="):
                self.compile(value[1:].strip(), sub, field_id)
            elif "{{" in value:
                for text in template_expressions(value):
                    self.compile(text, sub, field_id)
        if kind in OPTION_TYPES and not any(component.get(name) for name in ("values", "valuesKey", "valuesExpression")):
            self.warn(path, f"The {kind} has no options.", "Set values, valuesKey or valuesExpression.", field_id)

    def compile(self, text: str, path: Path, field_id: str) -> None:
        if text in self.expressions:
            return
        try:
            self.expressions[text] = compile_expression(text)
        except FeelSyntaxError as error:
            self.error(path, f"The expression does not compile: {error}", "Correct the FEEL expression.", field_id)
        except RecursionError:
            self.error(path, "The expression is nested too deeply.", "Simplify the FEEL expression.", field_id)

    def id_of(self, component: Mapping[str, Any]) -> str | None:
        value = component.get("id")
        return value if isinstance(value, str) and value else None

    def line(self, path: Path) -> int | None:
        if self.lines is None:
            self.lines = value_lines(self.text)
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)

    def error(self, path: Path, message: str, advice: str, element_id: str | None = None) -> None:
        self.problems.append(FormProblem("error", self.file, message, advice, path_text(path), element_id, self.line(path)))

    def warn(self, path: Path, message: str, advice: str, element_id: str | None = None) -> None:
        self.problems.append(FormProblem("warning", self.file, message, advice, path_text(path), element_id, self.line(path)))


def _texts(component: Mapping[str, Any], path: Path) -> list[tuple[Path, str]]:
    """Every text property of a component that may hold FEEL, without its children and static options."""
    found: list[tuple[Path, str]] = []
    stack: list[tuple[Path, Any]] = [
        ((*path, name), value) for name, value in component.items() if name not in ("components", "values", "defaultValue")
    ]
    while stack:
        place, value = stack.pop()
        if isinstance(value, str):
            if place[-1] not in ("pattern", "patternErrorMessage", "key", "path", "id"):
                found.append((place, value))
        elif isinstance(value, Mapping):
            stack.extend(((*place, str(name)), inner) for name, inner in value.items())
        elif isinstance(value, list):
            stack.extend(((*place, index), inner) for index, inner in enumerate(value))
    return found
