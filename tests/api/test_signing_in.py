"""Who is let in over HTTP, and what can another site make a browser do?"""

import re

import httpx
import pytest
from support.rest_server import PASSWORD, RunningServer

from api import pages
from api.auth import COOKIE
from api.auth.sessions import hash_secret


@pytest.fixture
def browser(local_server: RunningServer):
    with local_server.client(follow_redirects=False, headers={"Sec-Fetch-Site": "same-origin"}) as client:
        yield client


def sign_in(browser: httpx.Client, name: str = "person", password: str = PASSWORD) -> httpx.Response:
    return browser.post("/sign-in", data={"username": name, "password": password, "next": "/tasks"})


def test_without_credentials_rest_answers_401_as_a_problem(browser: httpx.Client) -> None:
    answer = browser.get("/v2/topology")
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_basic_credentials_and_bearer_tokens_are_accepted(local_server: RunningServer) -> None:
    with local_server.client("person") as client:
        me = client.get("/v2/authentication/me").json()
    assert (me["username"], me["roles"]) == ("person", ["person"])
    token = local_server.app.state.guard.tokens.create("auditor")
    with local_server.client(headers={"Authorization": f"Bearer {token}"}) as client:
        assert client.get("/v2/authentication/me").json()["username"] == "auditor"


@pytest.mark.parametrize("header", ["Basic !!", "Basic YQ==", "Bearer gw_wrong", "Basic " + "A" * 4000, "Basic AAAA", "Bearer", "Basic"])
def test_broken_credentials_answer_401(browser: httpx.Client, header: str) -> None:
    assert browser.get("/v2/topology", headers={"Authorization": header}).status_code == 401


def test_status_needs_no_sign_in(browser: httpx.Client) -> None:
    assert browser.get("/v2/status").status_code == 204


def test_signing_in_sets_a_strict_cookie_that_works(browser: httpx.Client) -> None:
    answer = sign_in(browser)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/tasks"
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert browser.get("/v2/authentication/me").json()["username"] == "person"


def test_a_wrong_password_is_told_and_gives_no_cookie(browser: httpx.Client) -> None:
    answer = sign_in(browser, password="wrong password")
    assert answer.status_code == 401
    assert COOKIE not in answer.cookies


def test_signing_in_gives_a_new_session_id_and_ends_the_old(browser: httpx.Client, local_server: RunningServer) -> None:
    sign_in(browser)
    before = browser.cookies[COOKIE]
    browser.headers["X-CSRF-Token"] = local_server.app.state.guard.sessions.find(before).csrf_token
    sign_in(browser)
    after = browser.cookies[COOKIE]
    assert before != after
    assert local_server.app.state.guard.sessions.find(before) is None
    assert local_server.app.state.guard.sessions.find(after) is not None


def test_an_attacker_cannot_choose_the_session_id(browser: httpx.Client, local_server: RunningServer) -> None:
    browser.cookies.set(COOKIE, "chosen-by-attacker", domain="127.0.0.1")
    sign_in(browser)
    assert local_server.app.state.guard.sessions.find("chosen-by-attacker") is None


def test_signing_out_ends_the_session_on_the_server(browser: httpx.Client, local_server: RunningServer) -> None:
    sign_in(browser)
    session_id = browser.cookies[COOKIE]
    token = local_server.app.state.guard.sessions.find(session_id).csrf_token
    browser.post("/sign-out", data={"csrf_token": token})
    assert local_server.app.state.guard.sessions.find(session_id) is None


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/a\nb"])
def test_signing_in_leads_nowhere_else(browser: httpx.Client, target: str) -> None:
    answer = browser.post("/sign-in", data={"username": "person", "password": PASSWORD, "next": target})
    assert answer.headers["location"] == "/"


def test_a_change_with_the_cookie_alone_is_refused(browser: httpx.Client, local_server: RunningServer) -> None:
    sign_in(browser, "operator")
    body = {"signalName": "go"}
    assert browser.post("/v2/signals/broadcast", json=body).status_code == 403
    assert browser.post("/v2/signals/broadcast", json=body, headers={"X-CSRF-Token": "wrong"}).status_code == 403
    token = local_server.app.state.guard.sessions.find(browser.cookies[COOKIE]).csrf_token
    assert browser.post("/v2/signals/broadcast", json=body, headers={"X-CSRF-Token": token}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
    ],
)
def test_a_change_sent_by_another_site_is_refused_even_with_credentials(local_server: RunningServer, headers: dict[str, str]) -> None:
    with local_server.client("operator") as client:
        assert client.post("/v2/signals/broadcast", json={"signalName": "go"}, headers=headers).status_code == 403
        assert client.get("/v2/topology", headers=headers).status_code == 200


def test_sessions_are_found_by_the_hash_of_their_id_only(browser: httpx.Client, local_server: RunningServer) -> None:
    sign_in(browser)
    stolen_from_the_database = hash_secret(browser.cookies[COOKIE])
    assert local_server.app.state.guard.sessions.find(stolen_from_the_database) is None


def test_failed_sign_ins_are_limited(local_server: RunningServer) -> None:
    local_server.accounts.add("victim", PASSWORD)
    with local_server.client() as client:
        answers = [client.get("/v2/topology", auth=("victim", "guess number")).status_code for _ in range(12)]
        assert answers[:10] == [401] * 10
        assert answers[10:] == [429, 429]
        answer = client.get("/v2/topology", auth=("victim", PASSWORD))
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0


def test_an_open_server_answers_only_to_names_of_this_machine(open_server: RunningServer) -> None:
    with open_server.client() as client:
        assert client.get("/v2/topology", headers={"Host": f"evil.example:{open_server.port}"}).status_code == 421
        assert client.get("/v2/topology", headers={"Host": f"localhost:{open_server.port}"}).status_code == 200


def page_routes() -> list[tuple[str, str]]:
    """Every method and address of the pages, keys filled in."""
    found: list[tuple[str, str]] = []

    def walk(routes: list) -> None:
        for route in routes:
            inner = getattr(route, "original_router", None)
            if inner is not None:
                walk(inner.routes)
            else:
                found.extend((method, re.sub(r"\{\w+(:\w+)?\}", "1", route.path)) for method in route.methods - {"HEAD"})

    walk(pages.router.routes)
    return sorted(found)


CHANGING = [(method, path) for method, path in page_routes() if method != "GET"]
FOR_ANYBODY = {"/sign-in", "/static/1", "/favicon.ico"}


def test_there_are_pages_that_change_something() -> None:
    assert len(CHANGING) > 5


@pytest.mark.parametrize(("method", "path"), CHANGING)
def test_no_page_changes_anything_for_another_site(browser: httpx.Client, local_server: RunningServer, method: str, path: str) -> None:
    sign_in(browser, "admin")
    token = local_server.app.state.guard.sessions.find(browser.cookies[COOKIE]).csrf_token
    for site in ("cross-site", "same-site"):
        answer = browser.request(method, path, data={"csrf_token": token}, headers={"Sec-Fetch-Site": site})
        assert answer.status_code == 403, site
    assert browser.request(method, path, data={"username": "x"}).status_code == 403  # our own site, but without the session's token


@pytest.mark.parametrize("path", [path for method, path in page_routes() if method == "GET" and path not in FOR_ANYBODY])
def test_no_page_shows_anything_before_signing_in(browser: httpx.Client, path: str) -> None:
    answer = browser.get(path)
    assert (answer.status_code, answer.headers.get("location", "").partition("?")[0]) in ((303, "/sign-in"), (401, "")), path


def test_users_are_managed_over_http_and_a_change_works_at_once(local_server: RunningServer) -> None:
    with local_server.client("admin") as admin:
        assert admin.post("/v2/users", json={"username": "gina", "password": PASSWORD, "roles": ["auditor"]}).status_code == 201
        assert admin.post("/v2/users", json={"username": "gina", "password": PASSWORD}).status_code == 409
        assert admin.post("/v2/users", json={"username": "hal", "password": "short"}).status_code == 400
        assert admin.post("/v2/users", json={"username": "hal", "password": PASSWORD, "roles": ["boss"]}).status_code == 400
        token = admin.post("/v2/users/gina/tokens", json={}).json()["token"]
        with local_server.client(headers={"Authorization": f"Bearer {token}"}) as gina:
            assert gina.post("/v2/signals/broadcast", json={"signalName": "x"}).status_code == 403
            assert admin.patch("/v2/users/gina", json={"roles": ["operator"]}).status_code == 204
            assert gina.post("/v2/signals/broadcast", json={"signalName": "x"}).status_code == 200
            assert admin.patch("/v2/users/gina", json={"isActive": False}).status_code == 204
            assert gina.get("/v2/topology").status_code == 401
        with local_server.client("gina") as gina:
            assert gina.get("/v2/topology").status_code == 401
        assert admin.delete("/v2/users/admin").status_code == 409
        assert admin.delete("/v2/users/gina").status_code == 204
        assert admin.get("/v2/users/gina").status_code == 404
        assert PASSWORD not in admin.post("/v2/users/search", json={}).text
        assert "argon2" not in admin.post("/v2/users/search", json={}).text


def test_failed_sign_ins_are_logged_without_the_password(local_server: RunningServer, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", "gatewise.auth"), local_server.client() as client:
        client.get("/v2/topology", auth=("mal\nory", "hunter22222"))
    assert "mal\\nory" in caplog.text
    assert "hunter22222" not in caplog.text
