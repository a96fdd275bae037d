"""A scripted OpenAI-compatible server over real HTTP.

    with ModelServer([reply({"value": {"topic": "refund"}, "confidence": 0.9, "risk": "low", "evidence": []})]) as server:
        ...  # GATEWISE_MODEL_BASE_URL = server.url
    assert server.requests[0].idempotency_key == "…"

A script is a list of steps, answered in order (the last one repeats), or a function from a request to a step.
"""

import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class ModelRequest:
    """One request as it came over the wire."""

    number: int
    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]

    @property
    def idempotency_key(self) -> str | None:
        return self.headers.get("idempotency-key")

    @property
    def system(self) -> str:
        return "\n".join(m["content"] for m in self.body["messages"] if m["role"] in ("system", "developer"))

    @property
    def user(self) -> str:
        """The last user message."""
        content = [m["content"] for m in self.body["messages"] if m["role"] == "user"][-1]
        return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)


@dataclass(frozen=True)
class Step:
    """What the server does: waits, then answers with a status and body, or drops the connection."""

    status: int = 200
    content: str | None = None
    body: Any = None
    wait: float = 0.0
    drop: bool = False
    input_tokens: int = 100
    output_tokens: int = 20
    finish: str = "stop"
    headers: Mapping[str, str] = field(default_factory=dict)


def reply(content: Any, **settings: Any) -> Step:
    """A chat completion. What is not a text is sent as JSON."""
    return Step(content=content if isinstance(content, str) else json.dumps(content), **settings)


def answer(value: Any, *, confidence: float = 0.8, risk: str = "low", evidence: Sequence[Mapping[str, str]] = (), **settings: Any) -> Step:
    """A reply in the shape that agents ask for."""
    return reply({"value": value, "confidence": confidence, "risk": risk, "evidence": list(evidence)}, **settings)


def failure(status: int, message: str = "no", **settings: Any) -> Step:
    return Step(status=status, body={"error": {"message": message, "type": "error"}}, **settings)


Script = Sequence[Step] | Callable[[ModelRequest], Step]


class ModelServer:
    """Listens on a free port of 127.0.0.1 while the block runs. `replied` counts completions sent in full, by idempotency key."""

    def __init__(self, script: Script, *, port: int = 0) -> None:
        self.requests: list[ModelRequest] = []
        self.replied: dict[str | None, int] = {}
        self._script = script
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    @property
    def environment(self) -> dict[str, str]:
        return {"GATEWISE_MODEL_BASE_URL": self.url, "GATEWISE_MODEL_NAME": "scripted", "GATEWISE_MODEL_API_KEY": "key-of-the-test"}

    def __enter__(self) -> "ModelServer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _step(self, request: ModelRequest) -> Step:
        if callable(self._script):
            return self._script(request)
        return self._script[min(request.number, len(self._script)) - 1]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers.get("content-length", 0))))
                with outer._lock:
                    request = ModelRequest(len(outer.requests) + 1, self.path, {k.lower(): v for k, v in self.headers.items()}, body)
                    outer.requests.append(request)
                    step = outer._step(request)
                if step.wait:
                    time.sleep(step.wait)
                if step.drop:
                    self.close_connection = True
                    self.connection.close()
                    return
                payload = json.dumps(step.body if step.content is None else _completion(request, step)).encode()
                if isinstance(step.body, bytes):
                    payload = step.body
                try:
                    self.send_response(step.status)
                    for name, value in {"content-type": "application/json", **step.headers}.items():
                        self.send_header(name, value)
                    self.send_header("content-length", str(len(payload)))
                    self.end_headers()
                    self.wfile.write(payload)
                    self.wfile.flush()
                except OSError:
                    return
                if step.status == 200:
                    with outer._lock:
                        outer.replied[request.idempotency_key] = outer.replied.get(request.idempotency_key, 0) + 1

            def log_message(self, *_: object) -> None:
                pass

        return Handler


def _completion(request: ModelRequest, step: Step) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{request.number}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": request.body.get("model", "scripted"),
        "choices": [{"index": 0, "finish_reason": step.finish, "message": {"role": "assistant", "content": step.content}}],
        "usage": {
            "prompt_tokens": step.input_tokens,
            "completion_tokens": step.output_tokens,
            "total_tokens": step.input_tokens + step.output_tokens,
        },
    }
