"""What is the value of a form property that may be FEEL?"""

from collections.abc import Mapping
from typing import Any

from forms.model import Form
from rules.feel import FeelError, to_json


def is_expression(value: object) -> bool:
    return isinstance(value, str) and value.startswith("=")


def expression_text(value: str) -> str:
    return value[1:].strip()


def evaluate(form: Form, value: object, context: Mapping[str, Any]) -> Any:
    """The value itself, or what its FEEL gives as JSON; null where the expression fails. Never raises."""
    if not isinstance(value, str) or not is_expression(value):
        return value
    expression = form.expressions.get(expression_text(value))
    if expression is None:
        return None
    try:
        return to_json(expression.evaluate(context))
    except (FeelError, ArithmeticError, ValueError, TypeError, RecursionError):
        return None


def holds(form: Form, condition: object, context: Mapping[str, Any]) -> bool:
    """Does a condition of the form (`conditional.hide`, `readonly`) hold? As in form-js, one whose FEEL gives null holds too."""
    if is_expression(condition):
        return evaluate(form, condition, context) in (True, None)
    return condition is True


def scope_context(data: Mapping[str, Any], *, this: object = None, parent: object = None, indexes: tuple[int, ...] = ()) -> dict[str, Any]:
    """The names an expression sees: all data, and inside a list `this`, `parent` and `i` (1-based), as form-js has them."""
    special = {"this": data if this is None else this, "parent": parent, "i": list(indexes)}
    return {**special, **data, **{f"_{name}_": value for name, value in special.items()}}
