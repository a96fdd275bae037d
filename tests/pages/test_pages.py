"""What do the pages answer: who may see what, which headers, what is refused?"""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from support import approval_files as files

from engine.runtime.inputs import Actor

PASSWORD = "correct horse battery"


class Guest:
    """A browser without scripts: keeps cookies, sends forms with the token of the page."""

    def __init__(self, url: str) -> None:
        self.client = httpx.Client(base_url=url, timeout=30, trust_env=False)

    def sign_in(self, username: str) -> "Guest":
        answer = self.client.post("/sign-in", data={"username": username, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        return self

    def get(self, path: str) -> httpx.Response:
        return self.client.get(path)

    def token(self) -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.get("/start").text)
        assert found
        return found[1]

    def send(self, path: str, **data: str) -> httpx.Response:
        return self.client.post(path, data={"csrf_token": self.token(), **data})


@pytest.fixture
def guest(site: Any) -> Iterator[Any]:
    guests: list[Guest] = []

    def come(username: str = "") -> Guest:
        guest = Guest(site.url)
        guests.append(guest)
        return guest.sign_in(username) if username else guest

    yield come
    for each in guests:
        each.client.close()


@pytest.mark.parametrize("path", ["/", "/tasks", "/tasks/1", "/instances", "/start", "/processes", "/deploy", "/processes/1/diagram"])
def test_who_is_not_signed_in_is_sent_to_sign_in_and_back(guest: Any, path: str) -> None:
    answer = guest().get(path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in?next=%2F")


@pytest.mark.parametrize("next", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_signing_in_leads_only_to_own_pages(guest: Any, next: str) -> None:
    answer = guest().client.post("/sign-in", data={"username": "ada", "password": PASSWORD, "next": next})
    assert answer.headers["location"] == "/"


def test_a_wrong_password_is_said_and_nobody_is_signed_in(guest: Any) -> None:
    visitor = guest()
    answer = visitor.client.post("/sign-in", data={"username": "ada", "password": "guessed it"})
    assert answer.status_code == 401
    assert "The user name or the password is wrong." in answer.text
    assert visitor.get("/tasks").status_code == 303


def test_signing_out_ends_the_session(guest: Any) -> None:
    ada = guest("ada")
    cookies = dict(ada.client.cookies)
    assert ada.send("/sign-out").headers["location"] == "/sign-in"
    ada.client.cookies.update(cookies)
    assert ada.get("/tasks").status_code == 303


@pytest.mark.parametrize(
    ("user", "allowed", "refused"),
    [
        ("ada", ["/tasks", "/start", "/processes"], ["/instances", "/deploy"]),
        ("olga", ["/tasks", "/instances", "/start", "/processes"], ["/deploy"]),
        ("ana", ["/instances", "/start", "/processes", "/deploy"], ["/tasks"]),
        ("root", ["/tasks", "/instances", "/start", "/processes", "/deploy"], []),
    ],
)
def test_people_reach_the_pages_of_their_roles_only(guest: Any, user: str, allowed: list[str], refused: list[str]) -> None:
    person = guest(user)
    home = person.client.get("/", follow_redirects=True)
    assert home.status_code == 200
    for path in allowed:
        assert person.get(path).status_code == 200, path
        assert f'href="{path}"' in home.text
    for path in refused:
        assert person.get(path).status_code == 403, path
        assert f'href="{path}"' not in home.text


def test_a_task_of_another_group_does_not_exist(site: Any, guest: Any) -> None:
    task = site.task_of(site.start_inquiry("Grace"))
    ben = guest("ben")
    assert ben.get(f"/tasks/{task}").status_code == 404
    assert ben.send(f"/tasks/{task}/claim").status_code == 404
    assert ben.send(f"/tasks/{task}/complete", decision="approve").status_code == 404
    assert f"/tasks/{task}" not in ben.get("/tasks?view=all").text


def test_a_claimed_task_is_completed_by_its_owner_only(site: Any, guest: Any) -> None:
    key = site.start_inquiry("Grace")
    task = site.task_of(key)
    ada, olga = guest("ada"), guest("olga")
    assert ada.send(f"/tasks/{task}/claim").status_code == 303
    assert "ada works on this task" in olga.get(f"/tasks/{task}").text
    assert olga.send(f"/tasks/{task}/complete", decision="approve").status_code == 403
    assert ada.send(f"/tasks/{task}/unclaim").status_code == 303
    assert ada.send(f"/tasks/{task}/claim").status_code == 303
    assert ada.send(f"/tasks/{task}/complete", decision="approve", reason="").status_code == 303
    again = ada.send(f"/tasks/{task}/complete", decision="reject", reason="")
    assert again.status_code == 409
    assert "already completed" in again.text
    assert site.variable(key, "decision") == '"approve"'


def test_instances_positions_and_incidents_are_for_who_reads_instances(site: Any, guest: Any) -> None:
    key = site.start_inquiry("Grace")
    ada, olga = guest("ada"), guest("olga")
    assert ada.get(f"/instances/{key}").status_code == 403
    assert ada.get(f"/instances/{key}/positions").status_code == 403
    assert ada.send(f"/instances/{key}/cancel").status_code == 403
    positions = olga.get(f"/instances/{key}/positions").json()
    assert positions["active"] == {"approve": 1}
    assert positions["completed"] == {"start": 1, "draft": 1, "rate": 1}
    assert positions["flows"] == ["to_approve", "to_draft", "to_rate"]


def test_changes_without_the_token_of_the_page_are_refused(site: Any, guest: Any) -> None:
    task = site.task_of(site.start_inquiry("Grace"))
    ada = guest("ada")
    for path in (f"/tasks/{task}/claim", f"/tasks/{task}/complete", "/sign-out", "/start/1"):
        assert ada.client.post(path, data={"decision": "approve"}).status_code == 403, path
        assert ada.client.post(path, data={"csrf_token": "guessed", "decision": "approve"}).status_code == 403, path
    from_elsewhere = ada.client.post(f"/tasks/{task}/claim", data={"csrf_token": ada.token()}, headers={"Sec-Fetch-Site": "cross-site"})
    assert from_elsewhere.status_code == 403
    assert site.engine.get("user_task", task).assignee is None


def test_pages_forbid_inline_code_and_foreign_content(guest: Any) -> None:
    answer = guest("ada").get("/tasks")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "style-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert not re.search(r"<[^>]+\sstyle=", answer.text)
    assert not re.search(r"<[^>]+\son\w+=", answer.text)
    assert not re.search(r'(src|href)="(https?:)?//', answer.text)


def test_bundles_are_cached_by_their_content(guest: Any) -> None:
    visitor = guest()
    page = visitor.get("/sign-in").text
    address = re.search(r'src="(/static/app\.js\?v=[0-9a-f]{12})"', page)
    assert address
    bundle = visitor.get(address[1])
    assert "immutable" in bundle.headers["cache-control"]
    assert bundle.headers["content-type"].startswith("text/javascript")
    assert visitor.get("/static/app.js").headers["cache-control"] == "no-cache"
    assert "bpmn-js" in visitor.get("/static/THIRD_PARTY_LICENSES.txt").text
    assert "watermark" in visitor.get("/static/THIRD_PARTY_LICENSES.txt").text
    for path in ("/static/..%2Fapp.py", "/static/%2e%2e/app.py", "/static/.hidden.js", "/static/app.py", "/static/missing.js"):
        assert visitor.get(path).status_code == 404, path


def test_starting_with_variables_says_what_is_wrong_with_them(site: Any, guest: Any) -> None:
    ana = guest("ana")
    key = site.engine.search("process_definition", {"process_id": "reply", "is_latest": True}).items[0].key
    answer = ana.send(f"/start/{key}", variables='{"amount": 1,}')
    assert answer.status_code == 422
    assert "This is not JSON" in answer.text
    assert "line 1, column" in answer.text
    assert "Variables are an object" in ana.send(f"/start/{key}", variables="[1]").text
    started = ana.send(f"/start/{key}", variables='{"customer": "Ada", "amount": 1}')
    instance = int(re.findall(r"/instances/(\d+)", started.headers["location"])[0])
    assert site.variable(instance, "customer") == '"Ada"'


def test_an_upload_is_refused_with_file_element_line_and_advice(guest: Any) -> None:
    ana = guest("ana")
    broken = files.diagram(process_id="broken").replace(b"=decision = ", b"=decision = = ")
    answer = ana.client.post("/deploy", data={"csrf_token": ana.token()}, files=[("files", ("broken.bpmn", broken, "application/xml"))])
    assert answer.status_code == 422
    assert "broken.bpmn" in answer.text
    assert "<code>to_send</code>" in answer.text
    line = 1 + broken[: broken.index(b"=decision = = ")].count(b"\n")
    assert re.search(rf'data-label="Line" class="number">{line}<', answer.text)
    assert ana.client.post("/deploy", data={"csrf_token": ana.token()}).status_code == 422


def test_a_list_is_filtered_sorted_and_paged(site: Any, guest: Any) -> None:
    ada = guest("ada")
    keys = [site.task_of(site.start_inquiry(f"Customer {n}")) for n in range(3)]
    newest = re.findall(r'href="/tasks/(\d+)"', ada.get("/tasks?view=all&sort=newest").text)
    assert [int(key) for key in newest[:3]] == keys[::-1]
    assert "No task matches" in ada.get("/tasks?view=all&text=no such name").text
    assert "No task matches" in ada.get("/tasks?view=all&text=*").text, "an asterisk is a character like others"
    assert "No task matches" in ada.get("/tasks?view=all&process=unknown").text
    assert f"/tasks/{keys[0]}" in ada.get("/tasks?view=all&due=overdue&sort=newest").text
    assert ada.get("/tasks?view=unknown&sort=unknown&offset=-5").status_code == 200


def test_an_instance_is_found_by_its_number(site: Any, guest: Any) -> None:
    key = site.start_inquiry("Grace")
    olga = guest("olga")
    assert olga.get(f"/instances?key={key}").headers["location"] == f"/instances/{key}"
    assert "There is no instance 123." in olga.get("/instances?key=123").text
    assert olga.get("/instances/123").status_code == 404


def test_history_tells_in_plain_words_who_did_what(site: Any, guest: Any) -> None:
    key = site.engine.create_instance(process_id="reply", variables={"customer": "Ken", "amount": 1}, actor=Actor("ana")).key
    jobs = site.engine.activate_jobs(type="draft-reply", worker="mail", timeout_ms=60_000, max_jobs=100, actor=Actor("mail", "worker"))
    job = next(job for job in jobs if job.process_instance_key == key)
    site.engine.fail_job(job.key, 1, "Mail server busy", lease=job.lease, actor=Actor("mail", "worker"))
    site.work("draft-reply", {"draft": files.outcome("Dear Ken")}, key)
    ada = guest("ada")
    task = site.task_of(key)
    ada.send(f"/tasks/{task}/claim")
    ada.send(f"/tasks/{task}/complete", decision="reject", reason="No")
    told = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", guest("olga").get(f"/instances/{key}").text.split('id="history-heading"')[1]))
    for words_in_order in (
        "The process was started by ana",
        "“Draft a reply” waits for a worker",
        "Work failed: Mail server busy (1 more try) by mail",
        "“Draft a reply” was done by mail",
        "The rules decided: Rate the risk",
        "“Approve the reply” waits for a person",
        "Claimed “Approve the reply” by ada",
        "Completed “Approve the reply” by ada",
        "Reached the end “Rejected”",
        "The process was completed",
        "Data changed: decision, reason",
    ):
        assert words_in_order in told, told


def test_the_stream_says_at_once_what_a_page_missed_and_then_what_happens(site: Any, guest: Any) -> None:
    key = site.start_inquiry("Grace")
    olga = guest("olga")
    address = re.search(r'data-events="([^"]+)"', olga.get(f"/instances/{key}").text)
    assert address
    site.engine.set_variables(key, {"note": "changed after the page was drawn"}, actor=Actor("ana"))
    with olga.client.stream("GET", address[1].replace("&amp;", "&")) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        lines = stream.iter_lines()
        assert _next_event(lines) == "event: changed"
        site.engine.set_variables(key, {"note": "changed again"}, actor=Actor("ana"))
        assert _next_event(lines) == "event: changed"


def test_the_stream_is_for_people_who_are_signed_in(guest: Any) -> None:
    assert guest().get("/events").headers["location"] == "/sign-in"


def _next_event(lines: Iterator[str]) -> str:
    return next(line for line in lines if line.startswith("event:"))
