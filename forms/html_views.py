"""How do the parts of a form that only show something look as plain HTML?"""

import re
from collections.abc import Mapping
from typing import Any, Final

from markupsafe import Markup

from forms.expressions import evaluate
from forms.markdown import render_markdown
from forms.model import Field, Form
from forms.safe_html import safe_html
from forms.templates import fill

MAX_ROWS: Final = 1_000
_IMAGE: Final = re.compile(r"(?:https?://|/(?!/)|data:image/(?:png|jpeg|gif|webp);base64,)[^\s\"'<>]+", re.IGNORECASE)
_PAGE: Final = re.compile(r"https://[^\s\"'<>]+", re.IGNORECASE)


def render(form: Form, item: Field, context: Mapping[str, Any]) -> Markup:
    properties = item.properties
    match item.type:
        case "text":
            return Markup('<div class="gw-text">{}</div>').format(render_markdown(form, properties.get("text"), context))
        case "html":
            content = fill(form, properties.get("content"), context, lambda value: str(Markup.escape(value)))
            return Markup('<div class="gw-html">{}</div>').format(safe_html(content))
        case "separator":
            return Markup("<hr>")
        case "image":
            return _image(form, properties, context)
        case "iframe":
            return _page(form, item, context)
        case "table":
            return _table(form, item, context)
        case "documentPreview":
            return _documents(form, item, context)
        case _:
            return Markup("")  # spacers are a matter of layout; buttons to send are the page's


def _image(form: Form, properties: Mapping[str, Any], context: Mapping[str, Any]) -> Markup:
    source = fill(form, properties.get("source"), context)
    if not _IMAGE.fullmatch(source):
        return Markup("")
    return Markup('<img class="gw-image" src="{}" alt="{}">').format(source, fill(form, properties.get("alt"), context))


def _page(form: Form, item: Field, context: Mapping[str, Any]) -> Markup:
    """A page inside the page is offered as a link."""
    address = fill(form, item.properties.get("url"), context)
    if not _PAGE.fullmatch(address):
        return Markup("")
    label = fill(form, item.label, context) or address
    return Markup('<p><a href="{}" rel="noopener noreferrer" target="_blank">{}</a></p>').format(address, label)


def _table(form: Form, item: Field, context: Mapping[str, Any]) -> Markup:
    rows = evaluate(form, item.properties.get("dataSource"), context)
    found = evaluate(form, item.properties.get("columnsExpression"), context) or item.properties.get("columns")
    columns = [column for column in found if isinstance(column, Mapping)] if isinstance(found, list) else []
    head = Markup("").join(Markup('<th scope="col">{}</th>').format(fill(form, column.get("label"), context)) for column in columns)
    body: list[Markup] = []
    for row in (rows if isinstance(rows, list) else [])[:MAX_ROWS]:
        cells = [row.get(str(column.get("key"))) if isinstance(row, Mapping) else None for column in columns]
        body.append(
            Markup("<tr>{}</tr>").format(Markup("").join(Markup("<td>{}</td>").format("" if cell is None else cell) for cell in cells))
        )
    caption = fill(form, item.label, context)
    return Markup('<table class="gw-table"><caption>{}</caption><thead><tr>{}</tr></thead><tbody>{}</tbody></table>').format(
        caption, head, Markup("").join(body) or Markup('<tr><td colspan="{}">Nothing to show.</td></tr>').format(max(1, len(columns)))
    )


def _documents(form: Form, item: Field, context: Mapping[str, Any]) -> Markup:
    found = evaluate(form, item.properties.get("dataSource"), context)
    names: list[str] = []
    for document in (found if isinstance(found, list) else [])[:100]:
        metadata = document.get("metadata") if isinstance(document, Mapping) else None
        if isinstance(metadata, Mapping) and metadata.get("fileName"):
            names.append(str(metadata["fileName"]))
    rows = Markup("").join(Markup("<li>{}</li>").format(name) for name in names)
    return (
        Markup('<div class="gw-documents"><p>{}</p><ul>{}</ul></div>').format(fill(form, item.label, context), rows)
        if names
        else Markup("")
    )
