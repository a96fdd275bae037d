"""How is a form put on a page, with form-js and without any script?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from markupsafe import Markup
from starlette.datastructures import FormData

from engine.errors import Rejected
from engine.store.rows import FormRow
from forms import Form, FormError, Submission, changed_lists, initial_values, parse_form, render_html, validate, validate_html

_SUBMITTED = "submission"  # the hidden field in which form-js' data travels
_OURS = frozenset({"csrf_token", _SUBMITTED})


@dataclass(frozen=True, slots=True)
class FormView:
    """`rich` is what form-js gets: schema, values, errors. `plain` holds the fields as HTML; it has no <form> around it."""

    plain: Markup
    rich: Mapping[str, Any]
    submit_label: str
    errors: Mapping[str, str] = field(default_factory=dict[str, str])


def read_form(row: FormRow) -> Form:
    """Raises `Rejected` for a form that was deployed before a rule that it breaks existed."""
    try:
        return parse_form(row.schema.encode(), file=row.resource_name)
    except FormError as error:
        raise Rejected(f"The form '{row.form_id}' cannot be shown: {error}. Ask whoever draws the process to mend and deploy it.") from None


def view(
    form: Form, variables: Mapping[str, Any], *, values: Mapping[str, Any] | None = None, errors: Mapping[str, str] | None = None
) -> FormView:
    """`values`: what was submitted and refused; else the form's initial values."""
    shown = dict(values) if values is not None else initial_values(form, variables)
    named = {name for expression in form.expressions.values() for name in expression.names}
    context = {name: variables[name] for name in named if name in variables}
    errors = errors or {}
    return FormView(
        plain=render_html(form, shown, errors, variables=variables),
        rich={"schema": _without_submit(form.schema), "values": {**context, **shown}, "errors": dict(errors)},
        submit_label=_submit_label(form.schema) or "Complete",
        errors=errors,
    )


def read_submission(form: Form, posted: FormData, variables: Mapping[str, Any]) -> Submission:
    """The same rules for both ways a browser submits: JSON from form-js, or plain fields."""
    rich = posted.get(_SUBMITTED)
    if isinstance(rich, str) and rich:
        return validate(form, _json_object(rich), variables=variables)
    return validate_html(form, posted, variables=variables, ignore=_OURS)


def view_after_list_change(form: Form, posted: FormData, variables: Mapping[str, Any]) -> FormView | None:
    """Without scripts, adding or removing a row of a list is a submission of its own: the form as it looks then, else None."""
    values = changed_lists(form, posted, variables=variables)
    return None if values is None else view(form, variables, values=values)


def _json_object(text: str) -> Mapping[str, Any]:
    try:
        data = orjson.loads(text)
    except orjson.JSONDecodeError:
        data = None
    if not isinstance(data, dict):
        raise Rejected("The form was sent in a shape that cannot be read. Load the page again and repeat.")
    return data


def _submit_label(schema: Mapping[str, Any]) -> str | None:
    for component in schema.get("components") or ():
        if _is_submit(component):
            return str(component.get("label") or "") or None
    return None


def _without_submit(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The page has the one submit button, with the label of the form's own."""
    return {**schema, "components": [each for each in schema.get("components") or () if not _is_submit(each)]}


def _is_submit(component: Any) -> bool:
    return isinstance(component, Mapping) and component.get("type") == "button" and component.get("action", "submit") == "submit"
