"""What surrounds every request: its id, its size limit, the host it may name, and the security headers of its answer."""

import logging
import secrets
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.rest.problems import problem, problem_of
from api.settings import Settings

log = logging.getLogger("gatewise.api")

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "style-src-attr 'unsafe-inline'",  # bpmn-js positions its overlays with style attributes
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = (
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
)
_LOOPBACK_NAMES = {"localhost", "127.0.0.1", "[::1]", "testserver"}


class Envelope:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app, self._settings = app, settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        request, has_begun = Request(scope), False

        async def send_with_headers(message: Message) -> None:
            nonlocal has_begun
            if message["type"] == "http.response.start":
                has_begun = True
                headers: list[tuple[bytes, bytes]] = message.setdefault("headers", [])
                present = {name.lower() for name, _ in headers}
                headers.extend((name, value) for name, value in _HEADERS if name not in present)
                headers.append((b"x-request-id", request_id.encode()))
                if scope["scheme"] == "https":
                    headers.append((b"strict-transport-security", b"max-age=31536000"))
                if b"cache-control" not in present:
                    headers.append((b"cache-control", b"no-store"))
            await send(message)

        limit = self._settings.max_upload if scope["path"] in ("/v2/deployments", "/deploy") else self._settings.max_body
        refusal = self._refusal(request, limit)
        if refusal is not None:
            status, detail = refusal
            await problem(request, status, detail)(scope, receive, send_with_headers)
            return
        try:
            await self._app(scope, _limited(receive, limit), send_with_headers)
        except Exception as error:
            if has_begun:
                raise
            await problem_of(request, error)(scope, receive, send_with_headers)

    def _refusal(self, request: Request, limit: int) -> tuple[int, str] | None:
        length = request.headers.get("content-length", "")
        if length.isdigit() and (len(length) > 15 or int(length) > limit):
            return 413, _too_large(limit)
        if "\0" in request.scope["path"] or b"%00" in request.scope["query_string"]:
            return 400, "The address contains the character U+0000, which names nothing."
        if self._settings.auth == "none" and _host_name(request.headers.get("host", "localhost")) not in _LOOPBACK_NAMES:
            # another site's name that resolves to 127.0.0.1 (DNS rebinding) would reach an open server
            return 421, "Without authentication this server answers only to localhost. Open http://127.0.0.1 or start it with --auth local."
        return None


def _limited(receive: Receive, limit: int) -> Receive:
    """Counts the body while it arrives, for requests that did not say their length."""
    received = 0

    async def count() -> Message:
        nonlocal received
        message = await receive()
        if message["type"] == "http.request":
            received += len(message.get("body", b""))
            if received > limit:
                raise HTTPException(413, _too_large(limit))
        return message

    return count


def _too_large(limit: int) -> str:
    return f"The body is larger than {limit} bytes. Send less, or start the server with a higher GATEWISE_MAX_BODY or GATEWISE_MAX_UPLOAD."


def _host_name(host: str) -> str:
    return host.lower() if host.endswith("]") else host.lower().rpartition(":")[0] or host.lower()


def add_envelope(app: Any, settings: Settings) -> None:
    app.add_middleware(Envelope, settings=settings)
