"""What stands in a form when it is opened?"""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any, Final

from forms.model import MULTIPLE_TYPES, OPTION_TYPES, Field, Form
from forms.moments import read_moment
from forms.options import contains, options_of
from forms.places import ABSENT, overlay, read, write
from forms.property_rules import decimal_of

MAX_ROWS: Final = 500


def initial_values(form: Form, variables: Mapping[str, Any]) -> dict[str, Any]:
    """The values of all fields: from the variables where they fit the field, else the field's default, else its empty value."""
    return _scope(form, form.fields, variables, variables)


def initial_rows(form: Form, field: Field, source: object, variables: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows of a dynamic list."""
    rows = read(source, field.place)
    if not isinstance(rows, list):
        count = field.properties.get("defaultRepetitions", 1)
        rows = [{}] * min(count if isinstance(count, int) and not isinstance(count, bool) else 1, MAX_ROWS)
    return [_scope(form, field.children, row if isinstance(row, Mapping) else {}, variables) for row in rows[:MAX_ROWS]]


def initial_value(form: Form, field: Field, source: object, variables: Mapping[str, Any]) -> Any:
    value = read(source, field.place)
    if value is not ABSENT:
        value = _fitting(form, field, value, variables)
    if value is ABSENT:
        value = field.properties.get("defaultValue", ABSENT)
    return empty_value(field) if value is ABSENT else value


def empty_value(field: Field) -> Any:
    match field.type:
        case "textfield" | "textarea":
            return ""
        case "checkbox":
            return False
        case "checklist" | "taglist":
            return []
        case _:
            return None


def _scope(form: Form, fields: tuple[Field, ...], source: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field in fields:
        if field.is_list:
            write(values, field.place, initial_rows(form, field, source, variables))
        elif field.type == "group":
            inner_source = read(source, field.place) if field.place else source
            inner = _scope(form, field.children, inner_source if isinstance(inner_source, Mapping) else {}, variables)
            if field.place:
                held = read(values, field.place)
                write(values, field.place, {**(held if isinstance(held, Mapping) else {}), **inner})
            else:
                overlay(values, inner)
        elif field.is_keyed:
            write(values, field.place, initial_value(form, field, source, variables))
    return values


def _fitting(form: Form, field: Field, value: Any, variables: Mapping[str, Any]) -> Any:
    """The variable as the field can hold it. What does not fit becomes the empty value, as in form-js."""
    if isinstance(value, datetime | date | time):
        value = value.isoformat()
    match field.type:
        case "textfield":
            return "" if value is None or isinstance(value, list | Mapping) else _plain(value).replace("\r\n", " ").translate(_LINE_BREAKS)
        case "textarea":
            return "" if value is None or isinstance(value, list | Mapping) else _plain(value)
        case "number":
            number = decimal_of(value)
            if number is None or value == "":
                return None
            if field.properties.get("serializeToString"):
                return _plain(value)
            return value if not isinstance(value, str) else _number(value)
        case "checkbox":
            return value is True
        case "datetime":
            is_fitting = isinstance(value, str) and read_moment(value, str(field.properties.get("subtype", "date"))) is not None
            return value if is_fitting else None
        case _ if field.type in OPTION_TYPES and not field.properties.get("valuesExpression"):
            options = options_of(form, field, variables, variables)
            if field.type in MULTIPLE_TYPES:
                return [item for item in value if contains(options, item)] if isinstance(value, list) else []
            return value if contains(options, value) else None
        case _:
            return value


_LINE_BREAKS: Final = {9: " ", 10: " ", 13: " "}


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _number(text: str) -> int | float:
    number = decimal_of(text)
    assert number is not None
    return int(number) if number == number.to_integral_value() and abs(number) < 10**15 else float(number)
