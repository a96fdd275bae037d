"""Is this request body JSON that can be stored? Refuses what databases and programs choke on, before anything reads it."""

from collections.abc import Callable, Coroutine
from typing import Any

import orjson
from fastapi import HTTPException, Request, Response
from fastapi.routing import APIRoute

from rules.feel import read_json_text

MAXIMUM_DEPTH = 100


class JsonRequest(Request):
    async def json(self) -> Any:
        if not hasattr(self, "_json"):
            self._json = read_json(await self.body())
        return self._json


class ExactJsonRequest(Request):
    async def json(self) -> Any:
        if not hasattr(self, "_json"):
            self._json = read_exact_json(await self.body())
        return self._json


class JsonRoute(APIRoute):
    """A route whose bodies are read by `read_json`."""

    request: type[Request] = JsonRequest

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            return await handler(self.request(request.scope, request.receive))

        return handle


class ExactJsonRoute(JsonRoute):
    """A route whose bodies are read by `read_exact_json`."""

    request = ExactJsonRequest


def read_json(body: bytes) -> Any:
    """The value of a JSON text. HTTPException 400 for NaN, numbers out of range, lone surrogates, NUL characters, deep nesting."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise HTTPException(400, f"The body is not valid JSON: {error}.") from None
    if b"\\u0000" in body or body.count(b"[") + body.count(b"{") > MAXIMUM_DEPTH:
        _check(value)
    return value


def read_exact_json(body: bytes) -> Any:
    """Like `read_json`, but numbers with a fraction are decimals with all their digits."""
    read_json(body)
    try:
        return read_json_text(body)
    except (ValueError, RecursionError) as error:
        raise HTTPException(400, f"The body is not valid JSON: {error}.") from None


def _check(value: Any) -> None:
    """Walks the value level by level: without recursion."""
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > MAXIMUM_DEPTH:
            raise HTTPException(400, f"The body is nested deeper than {MAXIMUM_DEPTH} levels.")
        below: list[Any] = []
        for item in level:
            if isinstance(item, str):
                _check_text(item)
            elif isinstance(item, dict):
                for name, inner in item.items():
                    _check_text(name)
                    below.append(inner)
            elif isinstance(item, list):
                below.extend(item)
        level = below


def _check_text(text: str) -> None:
    if "\0" in text:
        raise HTTPException(400, "The body contains the character U+0000, which cannot be stored. Remove it.")
