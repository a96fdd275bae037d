"""Which forms do these tests use? Builds form-js schemas."""

import json
from typing import Any

from forms import Form, parse_form


def schema(*components: dict[str, Any], **extra: Any) -> dict[str, Any]:
    return {"type": "default", "id": "approve", "schemaVersion": 19, "components": list(components), **extra}


def form(*components: dict[str, Any]) -> Form:
    return parse_form(json.dumps(schema(*components)).encode(), file="approve.form")


def text(key: str, **properties: Any) -> dict[str, Any]:
    return {"type": "textfield", "id": f"Field_{key}", "key": key, "label": key.capitalize(), **properties}


def number(key: str, **properties: Any) -> dict[str, Any]:
    return {**text(key, **properties), "type": "number"}


def choice(key: str, *values: Any, kind: str = "select", **properties: Any) -> dict[str, Any]:
    return {**text(key, **properties), "type": kind, "values": [{"label": str(value).upper(), "value": value} for value in values]}


def group(path: str, *components: dict[str, Any], **properties: Any) -> dict[str, Any]:
    return {"type": "group", "id": f"Group_{path}", "path": path, "label": path, "components": list(components), **properties}


def rows(path: str, *components: dict[str, Any], **properties: Any) -> dict[str, Any]:
    return {**group(path, *components, **properties), "type": "dynamiclist", "isRepeating": True}
