"""Does bad input ever get more than a refusal? Every endpoint, with what databases and parsers choke on."""

import json

import httpx
import pytest
from support.rest_server import RunningServer, running

from api.settings import Settings

KEY = "2251799813685249"
NASTY = {
    "nul": b'{"variables": {"a": "x\\u0000y"}, "filter": {"name": "\\u0000"}, "name": "\\u0000"}',
    "nul in a key": b'{"variables": {"a\\u0000": 1}, "filter": {"\\u0000": 1}}',
    "lone surrogate": b'{"variables": {"a": "\\ud800"}, "filter": {"name": "\\udfff"}}',
    "NaN": b'{"variables": {"a": NaN}, "page": {"from": NaN}}',
    "Infinity": b'{"variables": {"a": -Infinity}}',
    "1e400": b'{"variables": {"a": 1e400}, "page": {"limit": 1e400}}',
    "deep": b'{"variables": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "rather deep": b'{"variables": {"a": ' + b"[" * 500 + b"]" * 500 + b"}}",
    "not utf-8": b'{"variables": {"a": "\xff\xfe"}}',
    "not json": b"{variables: 1}",
    "a list": b"[1, 2]",
    "a text": b'"text"',
    "null": b"null",
    "empty": b"",
    "unknown member": b'{"gatewise": true}',
    "wrong types": b'{"variables": 3, "filter": [], "page": "x", "sort": {"a": 1}, "name": [], "type": {}}',
    "huge numbers": b'{"page": {"from": 99999999999999999999, "limit": 99999999999999999999}, "timeout": 99999999999999999999}',
}
TEMPLATES = {"key": KEY, "username": "nobody", "kind": "agent", "resource_id": "none"}


@pytest.fixture(scope="module")
def operations(open_server: RunningServer) -> list[tuple[str, str]]:
    return [
        (method.upper(), path)
        for path, methods in open_server.app.openapi()["paths"].items()
        for method in methods
        if path.startswith("/v2/")
    ]


def is_refusal(answer: httpx.Response) -> bool:
    return 400 <= answer.status_code < 500 and answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("what", NASTY)
def test_no_endpoint_breaks_on_nasty_json(client: httpx.Client, operations: list[tuple[str, str]], what: str) -> None:
    may_accept = {"empty", "null"}  # where the body is optional
    for method, path in operations:
        if method == "GET" or path == "/v2/clock/reset":
            continue
        answer = client.request(method, path.format(**TEMPLATES), content=NASTY[what], headers={"Content-Type": "application/json"})
        if what in may_accept and answer.status_code < 300:
            continue
        has_body = "requestBody" in client_operation(client, method, path)
        assert is_refusal(answer) or (not has_body and answer.status_code < 500), (
            f"{method} {path}: {answer.status_code} {answer.text[:200]}"
        )


_document: dict = {}


def client_operation(client: httpx.Client, method: str, path: str) -> dict:
    if not _document:
        _document.update(client.get("/openapi.json").json())
    return _document["paths"][path][method.lower()]


@pytest.mark.parametrize(
    "key", ["abc", "-1", "1.5", "%00", "99999999999999999999999", "٣", "1e5", "0x10", "' OR 1=1 --", "..%2f..", "%ed%a0%80"]
)
def test_no_endpoint_breaks_on_nasty_keys(client: httpx.Client, operations: list[tuple[str, str]], key: str) -> None:
    for method, path in operations:
        if "{" in path:
            nasty = path.replace("{key}", key)
            for name in ("username", "kind", "resource_id"):
                nasty = nasty.replace("{" + name + "}", key)
            answer = client.request(method, nasty, json={})
            assert 400 <= answer.status_code < 500, f"{method} {path}: {answer.status_code}"


def test_unknown_keys_are_not_found(client: httpx.Client, operations: list[tuple[str, str]]) -> None:
    for method, path in operations:
        if method == "GET" and "{key}" in path:
            answer = client.get(path.format(**TEMPLATES))
            assert answer.status_code == 404, f"{path}: {answer.status_code} {answer.text[:200]}"
            assert answer.json()["status"] == 404
            assert answer.json()["instance"] == path.format(**TEMPLATES)


def test_nul_in_an_address_is_refused(client: httpx.Client) -> None:
    for address in ("/v2/users/%00", "/v2/variables/search?truncateValues=%00", "/v2/process-instances/1/resources/agent/%00", "/%00"):
        assert is_refusal(client.get(address)), address


def test_unknown_places_and_methods_are_problems(client: httpx.Client) -> None:
    for method, path, status in (("GET", "/v2/nothing", 404), ("GET", "/v2/jobs/activation", 405), ("DELETE", "/v2/deployments", 405)):
        answer = client.request(method, path)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["title"]


def test_a_body_that_is_too_large_is_refused_before_it_is_read(client: httpx.Client) -> None:
    answer = client.post("/v2/process-instances", content=b"x" * 50_000_000, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_body_without_a_length_is_counted_while_it_arrives(client: httpx.Client) -> None:
    def endless():
        for _ in range(500):
            yield b" " * 100_000

    answer = client.post("/v2/process-instances", content=endless(), headers={"Content-Type": "application/json"})
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "files",
    [
        [],
        [("resources", ("a.bpmn", b""))],
        [("resources", ("", b"x"))],
        [("resources", ("a\x00.bpmn", b"<x/>"))],
        [("resources", ("a.exe", b"MZ"))],
        [("resources", ("a.bpmn", b"\x00" * 1000))],
        [("other", ("a.bpmn", b"<x/>"))],
        [("resources", ("a.bpmn", b"<x/>")), ("resources", ("a.bpmn", b"<y/>"))],
        [("resources", (f"{i}.bpmn", b"<x/>")) for i in range(300)],
        [("resources", ("../../etc/passwd.bpmn", b"<x/>"))],
    ],
    ids=["none", "empty", "no name", "nul in name", "unknown kind", "noise", "other field", "same name", "too many", "traversal"],
)
def test_broken_uploads_are_refused(client: httpx.Client, files: list) -> None:
    answer = client.post("/v2/deployments", files=files or None, data={"tenantId": ""} if not files else None)
    assert is_refusal(answer), f"{answer.status_code} {answer.text[:300]}"


def test_broken_multipart_is_refused(client: httpx.Client) -> None:
    for content, kind in (
        (b"--x\r\nContent-Disposition: form-data; name=resources", "multipart/form-data; boundary=x"),
        (b"nonsense", "multipart/form-data"),
        (b"a=b", "application/x-www-form-urlencoded"),
        (b"{}", "application/json"),
        (b"x", "text/plain"),
    ):
        answer = client.post("/v2/deployments", content=content, headers={"Content-Type": kind})
        assert is_refusal(answer), f"{kind}: {answer.status_code} {answer.text[:300]}"


@pytest.mark.parametrize(
    "search",
    [
        {"filter": {"nothing": 1}},
        {"filter": {"state": {"$regex": "x"}}},
        {"filter": {"state": {}}},
        {"filter": {"processInstanceKey": "abc"}},
        {"filter": {"processInstanceKey": {"$in": "abc"}}},
        {"filter": {"startDate": "yesterday"}},
        {"filter": {"startDate": {"$gt": 5}}},
        {"filter": {"hasIncident": "yes"}},
        {"filter": {"$or": {}}},
        {"filter": {"variables": [{"name": "a"}]}},
        {"sort": [{"field": "nothing"}]},
        {"sort": [{"field": "state", "order": "UP"}]},
        {"filter": {"$or": [{"state": "ACTIVE"}] * 100}},
        {"filter": {"state": {"$in": ["ACTIVE"] * 2000}}},
        {"filter": {"$or": [{"$or": [{"state": {"$in": ["A"] * 30}}] * 10}] * 10}},
        {"page": {"limit": -1}},
        {"page": {"limit": 100_000}},
        {"page": {"after": "nonsense"}},
        {"page": {"before": "x"}},
    ],
    ids=lambda search: json.dumps(search)[:60],
)
def test_broken_searches_are_refused_with_the_way_out(client: httpx.Client, search: dict) -> None:
    answer = client.post("/v2/process-instances/search", json=search)
    assert is_refusal(answer), f"{answer.status_code} {answer.text[:300]}"
    assert len(answer.json()["detail"]) > 20


def test_security_headers_are_on_every_answer(client: httpx.Client) -> None:
    for path in ("/v2/topology", "/v2/nothing", "/docs", "/nothing"):
        headers = client.get(path).headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"], path
        assert "unsafe-inline" not in headers["content-security-policy"].split("style-src-attr")[0]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-request-id"]
        assert "server" not in headers


def test_an_unexpected_failure_says_no_more_than_its_request_id(folder) -> None:
    settings = Settings(database_url=f"sqlite:///{folder}/broken.db", auth="none", with_worker=False)
    with running(settings) as server:

        def broken(*_: object, **__: object) -> None:
            raise RuntimeError("the secret of the database")

        server.app.state.engine.search = broken
        with server.client() as client:
            answer = client.post("/v2/jobs/search", json={})
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.headers["x-request-id"] in answer.json()["detail"]
