"""What does the OpenAPI document say beyond the routes: how to sign in, and that every error is a problem document?"""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

_PROBLEM = {
    "type": "object",
    "description": "A problem document (RFC 9457).",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong, and the way out."},
        "instance": {"type": "string"},
        "problems": {
            "type": "array",
            "description": "Of a refused deployment: everything wrong in its files.",
            "items": {"$ref": "#/components/schemas/FileProblem"},
        },
        "errors": {
            "type": "object",
            "description": "Of a submission that a form refused: why, by field.",
            "additionalProperties": {"type": "string"},
        },
    },
}
_FILE_PROBLEM = {
    "type": "object",
    "required": ["severity", "file", "message"],
    "properties": {
        "severity": {"type": "string", "enum": ["error", "warning"]},
        "file": {"type": "string"},
        "line": {"type": ["integer", "null"]},
        "elementId": {"type": ["string", "null"]},
        "message": {"type": "string"},
        "advice": {"type": "string"},
        "rule": {"type": "string"},
    },
}
_ERROR = {
    "description": "Refused or failed",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_SCHEMES = {
    "basic": {"type": "http", "scheme": "basic"},
    "bearer": {"type": "http", "scheme": "bearer", "description": "A token made with 'gatewise user token'."},
}


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, made once."""
    if app.openapi_schema is None:
        document = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
        components = document.setdefault("components", {})
        schemas = components.setdefault("schemas", {})
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        schemas["Problem"], schemas["FileProblem"] = _PROBLEM, _FILE_PROBLEM
        components["securitySchemes"] = _SCHEMES
        document["security"] = [{name: []} for name in _SCHEMES]
        for operation in (operation for methods in document["paths"].values() for operation in methods.values()):
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = _ERROR
        app.openapi_schema = document
    return app.openapi_schema
