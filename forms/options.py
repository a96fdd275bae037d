"""What can be chosen in a field with options?"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from forms.expressions import evaluate
from forms.model import Field, Form

MAX_OPTIONS: Final = 5_000


@dataclass(frozen=True, slots=True)
class Option:
    label: str
    value: Any


def options_of(form: Form, field: Field, data: Mapping[str, Any], context: Mapping[str, Any]) -> list[Option]:
    """Static `values`, the variable named by `valuesKey`, or what `valuesExpression` gives. Entries that are no options are left out."""
    properties = field.properties
    if properties.get("valuesExpression"):
        found = evaluate(form, properties["valuesExpression"], context)
    elif properties.get("valuesKey"):
        found = data.get(str(properties["valuesKey"]))
    else:
        found = properties.get("values")
    entries = found[:MAX_OPTIONS] if isinstance(found, list) else []
    return [option for option in map(_option, entries) if option is not None]


def contains(options: list[Option], value: object) -> bool:
    return any(is_same(option.value, value) for option in options)


def is_same(left: object, right: object) -> bool:
    """JSON equality: true is not 1."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return left == right


def _option(entry: object) -> Option | None:
    if _is_plain(entry):
        return Option(_text(entry), entry)
    if not isinstance(entry, Mapping):
        return None
    label, value = entry.get("label"), entry.get("value")
    if isinstance(label, str) and label and (_is_plain(value) or (isinstance(value, Mapping) and value)):
        return Option(label, value)
    return Option(_text(value), value) if _is_plain(value) else None


def _is_plain(value: object) -> bool:
    return isinstance(value, bool | int | float) or (isinstance(value, str) and value != "")


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
