"""Are the properties of a form field what form-js understands?"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from forms.expressions import is_expression
from forms.model import KEYED_TYPES, OPTION_TYPES
from forms.pattern_syntax import PatternError
from forms.patterns import compile_pattern
from forms.source_lines import Path

PLACED_TYPES: Final = KEYED_TYPES | {"group", "dynamiclist"}
SUBTYPES: Final = ("date", "time", "datetime")
TIME_FORMATS: Final = ("utc_offset", "utc_normalized", "no_timezone")
VALIDATION_TYPES: Final = ("custom", "email", "phone")


@dataclass(frozen=True, slots=True)
class PropertyProblem:
    path: Path
    message: str
    advice: str
    is_error: bool = True


def check(component: Mapping[str, Any], kind: str) -> Iterator[PropertyProblem]:
    yield from _conditional(component)
    yield from _validation(component)
    yield from _flags(component)
    if kind == "number":
        yield from _number(component)
    if kind == "datetime":
        yield from _datetime(component)
    if kind in OPTION_TYPES:
        yield from _options(component)
    if kind == "dynamiclist":
        yield from _count(component, ("defaultRepetitions",))
    if kind == "expression" and not is_expression(component.get("expression")):
        yield PropertyProblem(("expression",), "An expression field needs a FEEL expression.", "Write it with a leading '='.")
    if kind == "filepicker":
        yield PropertyProblem((), "Files cannot be uploaded here.", "The field is shown without an upload.", is_error=False)


def _conditional(component: Mapping[str, Any]) -> Iterator[PropertyProblem]:
    conditional = component.get("conditional")
    if conditional is None:
        return
    if not isinstance(conditional, Mapping):
        yield PropertyProblem(("conditional",), "conditional is an object.", 'Write {"hide": "=…"}.')
        return
    hide = conditional.get("hide")
    if hide not in (None, "") and not is_expression(hide):
        yield PropertyProblem(("conditional", "hide"), "The condition is not FEEL.", "Start it with '='.")


def _validation(component: Mapping[str, Any]) -> Iterator[PropertyProblem]:
    rules = component.get("validate")
    if rules is None:
        return
    if not isinstance(rules, Mapping):
        yield PropertyProblem(("validate",), "validate is an object.", 'Write for example {"required": true}.')
        return
    required = rules.get("required")
    if required is not None and not isinstance(required, bool):
        yield PropertyProblem(("validate", "required"), "required is true or false.", "Correct the value.")
    for name in ("minLength", "maxLength"):
        yield from _count(rules, (name,), ("validate",))
    for name in ("min", "max"):
        limit = rules.get(name)
        if limit not in (None, "") and not is_expression(limit) and decimal_of(limit) is None:
            yield PropertyProblem(("validate", name), f"{name} is not a number.", "Write a number, or FEEL with a leading '='.")
    pattern = rules.get("pattern")
    if isinstance(pattern, str) and pattern:
        try:
            compile_pattern(pattern)
        except PatternError as error:
            yield PropertyProblem(("validate", "pattern"), f"The pattern cannot be used: {error}.", "Write a simpler pattern.")
    elif pattern not in (None, ""):
        yield PropertyProblem(("validate", "pattern"), "pattern is text.", "Write a regular expression.")
    kind = rules.get("validationType")
    if kind not in (None, "", *VALIDATION_TYPES):
        yield PropertyProblem(("validate", "validationType"), f"There is no validation type {kind!r}.", "Use email, phone or custom.")


def _flags(component: Mapping[str, Any]) -> Iterator[PropertyProblem]:
    for name in ("disabled", "readonly"):
        value = component.get(name)
        if value is not None and not isinstance(value, bool) and not is_expression(value):
            yield PropertyProblem((name,), f"{name} is true or false.", "Correct the value, or write FEEL with a leading '='.")


def _number(component: Mapping[str, Any]) -> Iterator[PropertyProblem]:
    yield from _count(component, ("decimalDigits",))
    increment = component.get("increment")
    step = decimal_of(increment)
    if increment not in (None, "") and (step is None or step <= 0):
        yield PropertyProblem(("increment",), "increment is not a number above 0.", "Correct the value.")


def _datetime(component: Mapping[str, Any]) -> Iterator[PropertyProblem]:
    if component.get("subtype", "date") not in SUBTYPES:
        yield PropertyProblem(("subtype",), "The subtype is unknown.", f"Use one of: {', '.join(SUBTYPES)}.")
    if component.get("timeSerializingFormat", "utc_offset") not in TIME_FORMATS:
        yield PropertyProblem(("timeSerializingFormat",), "The time format is unknown.", f"Use one of: {', '.join(TIME_FORMATS)}.")
    interval = component.get("timeInterval")
    if interval is not None and (not _is_count(interval) or not 1 <= interval <= 720):
        yield PropertyProblem(("timeInterval",), "The time interval is minutes between 1 and 720.", "Correct the value.")


def _options(component: Mapping[str, Any]) -> Iterator[PropertyProblem]:
    values = component.get("values")
    if values is not None and not isinstance(values, list):
        yield PropertyProblem(("values",), "values is a list of options.", 'Write [{"label": "Yes", "value": "yes"}].')
    expression = component.get("valuesExpression")
    if expression not in (None, "") and not is_expression(expression):
        yield PropertyProblem(("valuesExpression",), "The expression does not start with '='.", "Write FEEL that gives a list.")


def _count(holder: Mapping[str, Any], names: tuple[str, ...], path: Path = ()) -> Iterator[PropertyProblem]:
    for name in names:
        value = holder.get(name)
        if value not in (None, "") and not _is_count(value) and not is_expression(value):
            yield PropertyProblem((*path, name), f"{name} is not a whole number from 0.", "Correct the value.")


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def decimal_of(value: object) -> Decimal | None:
    """The exact finite number that JSON carries as a number or as text, else None. Texts above 100 characters are none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    if isinstance(value, str) and len(value) > 100:
        return None
    try:
        number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    except (InvalidOperation, ValueError):
        return None
    return number if number.is_finite() else None
