"""How does a form look as plain HTML, without JavaScript?"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from markupsafe import Markup

from forms import html_inputs, html_views
from forms.expressions import scope_context
from forms.html_inputs import Rendering
from forms.initial import initial_values
from forms.model import SHOWN_TYPES, Field, Form
from forms.places import ABSENT, dotted, overlay, read
from forms.validation import is_hidden


def render_html(
    form: Form,
    values: Mapping[str, Any],
    errors: Mapping[str, str] | None = None,
    *,
    variables: Mapping[str, Any] | None = None,
    id_prefix: str = "form",
) -> Markup:
    """The fields of the form (no `<form>` tag, no buttons to send it), labelled and with errors at their fields.

    `values` is what `initial_values` gives, or the values of a refused submission; `variables` feed options, conditions and texts.
    """
    shown = initial_values(form, variables or {})
    overlay(shown, values)  # what was sent has no disabled fields
    data = {**(variables or {}), **shown}
    rendering = Rendering(form, data, dict(errors or {}), id_prefix)
    body = _fields(rendering, form.fields, shown, (), scope_context(data), ())
    return Markup('<div class="gw-form">{}</div>').format(body)


def _fields(
    rendering: Rendering,
    fields: tuple[Field, ...],
    values: object,
    base: tuple[str | int, ...],
    context: Mapping[str, Any],
    indexes: tuple[int, ...],
) -> Markup:
    visible = [item for item in fields if not is_hidden(rendering.form, item, context)]
    rows: list[Markup] = []
    for row, members in groupby(enumerate(visible), key=lambda pair: _row(pair[1]) or pair[0]):
        parts = [_column(item, _field(rendering, item, values, base, context, indexes)) for _, item in members]
        rows.append(
            Markup('<div class="gw-row">{}</div>').format(Markup("").join(parts)) if isinstance(row, str) else Markup("").join(parts)
        )
    return Markup("\n").join(rows)


def _row(item: Field) -> str | None:
    layout = item.properties.get("layout")
    row = layout.get("row") if isinstance(layout, Mapping) else None
    return row if isinstance(row, str) else None


def _column(item: Field, body: Markup) -> Markup:
    layout = item.properties.get("layout")
    columns = layout.get("columns") if isinstance(layout, Mapping) else None
    width = f" gw-columns-{columns}" if isinstance(columns, int) and 1 <= columns <= 16 else ""
    return Markup('<div class="gw-column{}">{}</div>').format(width, body) if body else Markup("")


def _field(
    rendering: Rendering, item: Field, values: object, base: tuple[str | int, ...], context: Mapping[str, Any], indexes: tuple[int, ...]
) -> Markup:
    place = (*base, *item.place)
    if item.type == "group":
        inner = read(values, item.place) if item.place else values
        body = _fields(rendering, item.children, inner, place, context, indexes)
        return rendering.fieldset(item, dotted(place) if item.place else "", body, context)
    if item.is_list:
        return _list(rendering, item, values, place, context, indexes)
    if item.type in SHOWN_TYPES:
        return html_views.render(rendering.form, item, context)
    value = read(values, item.place)
    return html_inputs.render(rendering, item, dotted(place), None if value is ABSENT else value, context)


def _list(
    rendering: Rendering, item: Field, values: object, place: tuple[str | int, ...], context: Mapping[str, Any], indexes: tuple[int, ...]
) -> Markup:
    found = read(values, item.place)
    rows: Sequence[Any] = found if isinstance(found, list) else []
    name = dotted(place)
    parts = list(_rows(rendering, item, rows, place, context, indexes))
    if item.properties.get("allowAddRemove") is not False:
        parts.append(
            Markup('<button type="submit" class="gw-add" name="_change" value="add {}" formnovalidate>Add a row</button>').format(name)
        )
    parts.append(Markup('<input type="hidden" name="{}.#" value="{}">').format(name, len(rows)))
    return rendering.fieldset(item, name, Markup("\n").join(parts), context)


def _rows(
    rendering: Rendering,
    item: Field,
    rows: Sequence[Any],
    place: tuple[str | int, ...],
    context: Mapping[str, Any],
    indexes: tuple[int, ...],
) -> Iterator[Markup]:
    removable = item.properties.get("allowAddRemove") is not False
    for index, row in enumerate(rows):
        numbers = (*indexes, index + 1)
        inner = scope_context(rendering.data, this=row, parent=context.get("this"), indexes=numbers)
        body = _fields(rendering, item.children, row, (*place, index), inner, numbers)
        button = Markup('<button type="submit" class="gw-remove" name="_change" value="remove {} {}" formnovalidate>Remove row {}</button>')
        yield Markup('<fieldset class="gw-list-row"><legend>Row {}</legend>{}{}</fieldset>').format(
            index + 1, body, button.format(dotted(place), index, index + 1) if removable else ""
        )
