"""The description of the REST interface as a page for people: /docs, drawn from the same OpenAPI document as /openapi.json."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup, escape

router = APIRouter(include_in_schema=False)

_PAGE = Markup("""<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} REST interface</title>
<main>
<h1>{title} {version}: REST interface</h1>
<p>For programs: <a href="/openapi.json">/openapi.json</a>. Keys are strings of digits. Errors are problem documents (RFC 9457).
Sign in with basic authentication or a bearer token.</p>
<p>{contents}</p>
{sections}
<h2 id="Shapes">Shapes</h2>
{shapes}
</main></html>""")


@router.get("/docs", response_class=HTMLResponse)
async def documentation(request: Request) -> HTMLResponse:
    """Needs no script and nothing from elsewhere."""
    return HTMLResponse(draw(request.app.openapi()))


def draw(document: Mapping[str, Any]) -> str:
    groups: dict[str, list[Markup]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            group = (operation.get("tags") or ["Other"])[0]
            groups.setdefault(group, []).append(_operation(path, method, operation))
    schemas = document.get("components", {}).get("schemas", {})
    sections = Markup("").join(
        Markup('<h2 id="{}">{}</h2>{}').format(_anchor(name), name, Markup("").join(operations)) for name, operations in groups.items()
    )
    shapes = Markup("").join(_schema(name, schema) for name, schema in sorted(schemas.items()))
    contents = Markup(" · ").join(Markup('<a href="#{}">{}</a>').format(_anchor(name), name) for name in [*groups, "Shapes"])
    return _PAGE.format(
        title=document["info"]["title"], version=document["info"]["version"], contents=contents, sections=sections, shapes=shapes
    )


def _operation(path: str, method: str, operation: Mapping[str, Any]) -> Markup:
    sent = _type(_content(operation.get("requestBody", {})))
    answers = ", ".join(f"{status} {_type(_content(answer))}".strip() for status, answer in operation.get("responses", {}).items())
    return Markup("<details><summary><code>{} {}</code> {}</summary><p>{}</p>{}<p>Answers: {}</p></details>").format(
        method.upper(),
        path,
        operation.get("summary", ""),
        operation.get("description", ""),
        Markup("<p>Send: {}</p>").format(sent) if sent else "",
        answers,
    )


def _schema(name: str, schema: Mapping[str, Any]) -> Markup:
    rows = Markup("").join(
        Markup("<tr><td><code>{}</code></td><td>{}</td><td>{}</td></tr>").format(
            member, _type(shape), "required" if member in schema.get("required", ()) else ""
        )
        for member, shape in schema.get("properties", {}).items()
    )
    return Markup("<details id='{}'><summary><code>{}</code></summary><p>{}</p><table>{}</table></details>").format(
        _anchor(name), name, schema.get("description", ""), rows
    )


def _content(part: Mapping[str, Any]) -> Mapping[str, Any]:
    return next((media.get("schema", {}) for media in part.get("content", {}).values()), {})


def _type(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " or ".join(_type(option) for option in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    return str(schema.get("type", ""))


def _anchor(name: str) -> str:
    return str(escape(name)).replace(" ", "-")
