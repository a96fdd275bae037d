"""Who may do what over HTTP? Every operation with every role, and every user task with every person."""

from collections.abc import Iterator

import httpx
import pytest
from support.diagrams import process
from support.rest_files import FORM
from support.rest_server import PASSWORD, RunningServer, deploy

ROLES = ("analyst", "operator", "worker", "person", "auditor", "admin")
EVERYBODY = set(ROLES)
READ_DEFINITIONS = EVERYBODY
READ_INSTANCES = {"analyst", "operator", "auditor", "admin"}
START = {"analyst", "operator", "worker", "person", "admin"}
OPERATE = {"operator", "admin"}
PUBLISH = {"operator", "worker", "admin"}
WORK = {"worker", "admin"}
EVALUATE = {"analyst", "operator", "worker", "admin"}
SEE_TASKS = {"person", "operator", "auditor", "admin"}
MANAGE = {"admin"}

ALLOWED: dict[str, set[str]] = {
    "POST /v2/deployments": {"analyst", "admin"},
    "POST /v2/process-definitions/search": READ_DEFINITIONS,
    "GET /v2/process-definitions/{key}": READ_DEFINITIONS,
    "GET /v2/process-definitions/{key}/xml": READ_DEFINITIONS,
    "GET /v2/process-definitions/{key}/form": READ_DEFINITIONS,
    "POST /v2/process-instances": START,
    "POST /v2/process-instances/search": READ_INSTANCES,
    "GET /v2/process-instances/{key}": READ_INSTANCES,
    "POST /v2/process-instances/{key}/cancellation": OPERATE,
    "GET /v2/process-instances/{key}/sequence-flows": READ_INSTANCES,
    "GET /v2/process-instances/{key}/call-hierarchy": READ_INSTANCES,
    "GET /v2/process-instances/{key}/history": READ_INSTANCES,
    "POST /v2/process-instances/{key}/incidents/search": READ_INSTANCES,
    "POST /v2/process-instances/{key}/incident-resolution": OPERATE,
    "POST /v2/element-instances/search": READ_INSTANCES,
    "GET /v2/element-instances/{key}": READ_INSTANCES,
    "PUT /v2/element-instances/{key}/variables": OPERATE,
    "POST /v2/element-instances/{key}/incidents/search": READ_INSTANCES,
    "POST /v2/element-instances/ad-hoc-activities/{key}/activation": OPERATE,
    "POST /v2/variables/search": READ_INSTANCES,
    "GET /v2/variables/{key}": READ_INSTANCES,
    "POST /v2/jobs/activation": WORK,
    "POST /v2/jobs/{key}/completion": WORK,
    "POST /v2/jobs/{key}/failure": WORK,
    "POST /v2/jobs/{key}/error": WORK,
    "PATCH /v2/jobs/{key}": WORK | OPERATE,
    "POST /v2/jobs/search": READ_INSTANCES,
    "POST /v2/user-tasks/search": SEE_TASKS,
    "GET /v2/user-tasks/{key}": EVERYBODY,  # and the task itself decides: see below
    "GET /v2/user-tasks/{key}/form": EVERYBODY,
    "POST /v2/user-tasks/{key}/variables/search": EVERYBODY,
    "POST /v2/user-tasks/{key}/effective-variables/search": EVERYBODY,
    "POST /v2/user-tasks/{key}/assignment": EVERYBODY,
    "DELETE /v2/user-tasks/{key}/assignee": EVERYBODY,
    "POST /v2/user-tasks/{key}/completion": EVERYBODY,
    "PATCH /v2/user-tasks/{key}": OPERATE,
    "POST /v2/messages/publication": PUBLISH,
    "POST /v2/messages/correlation": PUBLISH,
    "POST /v2/signals/broadcast": PUBLISH,
    "POST /v2/message-subscriptions/search": READ_INSTANCES,
    "POST /v2/incidents/search": READ_INSTANCES,
    "GET /v2/incidents/{key}": READ_INSTANCES,
    "POST /v2/incidents/{key}/resolution": OPERATE,
    "POST /v2/decision-definitions/search": READ_DEFINITIONS,
    "POST /v2/decision-definitions/evaluation": EVALUATE,
    "GET /v2/decision-definitions/{key}": READ_DEFINITIONS,
    "GET /v2/decision-definitions/{key}/xml": READ_DEFINITIONS,
    "POST /v2/decision-requirements/search": READ_DEFINITIONS,
    "GET /v2/decision-requirements/{key}": READ_DEFINITIONS,
    "GET /v2/decision-requirements/{key}/xml": READ_DEFINITIONS,
    "POST /v2/decision-instances/search": READ_INSTANCES,
    "GET /v2/decision-instances/{key}": READ_INSTANCES,
    "POST /v2/expression/evaluation": EVALUATE,
    "PUT /v2/clock": OPERATE,
    "POST /v2/clock/reset": OPERATE,
    "POST /v2/agent-runs": WORK,
    "POST /v2/agent-runs/{key}/entries": WORK,
    "POST /v2/agent-runs/search": READ_INSTANCES,
    "GET /v2/agent-runs/{key}": READ_INSTANCES,
    "GET /v2/agent-runs/{key}/entries": READ_INSTANCES,
    "POST /v2/agent-instances/search": READ_INSTANCES,
    "GET /v2/agent-instances/{key}": READ_INSTANCES,
    "POST /v2/agent-instances/{key}/history/search": READ_INSTANCES,
    "GET /v2/process-instances/{key}/resources/{kind}/{resource_id}": WORK,
    "POST /v2/process-instances/{key}/modification": OPERATE,
    "POST /v2/process-instances/{key}/migration": OPERATE,
    "POST /v2/process-instances/{key}/migration/verdict": OPERATE,
    "POST /v2/process-instances/{key}/deletion": {"admin"},
    "POST /v2/process-instances/cancellation": OPERATE,
    "POST /v2/process-instances/suspension": OPERATE,
    "POST /v2/process-instances/resumption": OPERATE,
    "POST /v2/process-instances/incident-resolution": OPERATE,
    "POST /v2/process-instances/modification": OPERATE,
    "POST /v2/process-instances/migration": OPERATE,
    "POST /v2/process-instances/migration/verdict": OPERATE,
    "POST /v2/process-instances/deletion": {"admin"},
    "POST /v2/batch-operations/search": READ_INSTANCES,
    "GET /v2/batch-operations/{key}": READ_INSTANCES,
    "POST /v2/batch-operations/{key}/cancellation": OPERATE,
    "POST /v2/batch-operations/{key}/suspension": OPERATE,
    "POST /v2/batch-operations/{key}/resumption": OPERATE,
    "POST /v2/batch-operation-items/search": READ_INSTANCES,
    "POST /v2/process-instances/{key}/suspension": OPERATE,
    "POST /v2/process-instances/{key}/resumption": OPERATE,
    "POST /v2/resources/search": READ_DEFINITIONS,
    "GET /v2/resources/{key}": READ_DEFINITIONS,
    "GET /v2/resources/{key}/content": READ_DEFINITIONS,
    "GET /v2/forms/{key}": READ_DEFINITIONS,
    "GET /v2/topology": EVERYBODY,
    "GET /v2/authentication/me": EVERYBODY,
    "POST /v2/users": MANAGE,
    "POST /v2/users/search": MANAGE,
    "GET /v2/users/{username}": MANAGE,
    "PATCH /v2/users/{username}": MANAGE,
    "DELETE /v2/users/{username}": MANAGE,
    "POST /v2/users/{username}/tokens": MANAGE,
    "DELETE /v2/users/{username}/tokens": MANAGE,
}
PUBLIC = {"GET /v2/status", "GET /v2/license"}


def operations(server: RunningServer) -> set[str]:
    paths = server.app.openapi()["paths"]
    return {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods if path.startswith("/v2/")}


def ask(client: httpx.Client, operation: str) -> int:
    method, path = operation.split()
    body = None if method == "GET" else {}
    return client.request(method, path.format(key="1", username="nobody", kind="agent", resource_id="none"), json=body).status_code


def test_every_operation_is_in_the_table(local_server: RunningServer) -> None:
    assert operations(local_server) == ALLOWED.keys() | PUBLIC


@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_do_what_the_table_says_and_nothing_else(local_server: RunningServer, role: str) -> None:
    with local_server.client(role) as client:
        answers = {operation: ask(client, operation) for operation in ALLOWED}
    wrongly_refused = {o: s for o, s in answers.items() if role in ALLOWED[o] and s in (401, 403)}
    wrongly_allowed = {o: s for o, s in answers.items() if role not in ALLOWED[o] and s != 403}
    assert (wrongly_refused, wrongly_allowed) == ({}, {})
    assert not {o: s for o, s in answers.items() if s >= 500}


def test_nobody_may_do_nothing_but_ask_for_the_status(local_server: RunningServer) -> None:
    with local_server.client() as client:
        assert {ask(client, operation) for operation in ALLOWED} == {401}
        assert client.get("/v2/status").status_code == 204


def test_a_user_without_a_role_may_do_nothing_to_others(local_server: RunningServer) -> None:
    local_server.accounts.add("guest", PASSWORD, roles=[])
    with local_server.client("guest") as client:
        answers = {operation: ask(client, operation) for operation in ALLOWED}
    alone = {
        o
        for o, roles in ALLOWED.items()
        if (roles == EVERYBODY and "/user-tasks" in o) or o in ("GET /v2/topology", "GET /v2/authentication/me")
    }
    assert {o for o, s in answers.items() if s != 403} == alone


TASKS = {
    "for-ann": {"assignee": "ann"},
    "for-the-group": {"candidate_groups": "claims"},
    "for-bob-to-take": {"candidate_users": "bob"},
    "for-others": {"candidate_groups": "lawyers"},
    "for-everybody": {},
}
SEES = {
    "ann": {"for-ann", "for-the-group", "for-everybody"},
    "bob": {"for-the-group", "for-bob-to-take", "for-everybody"},
    "person": {"for-everybody"},
    "operator": set(TASKS),
    "auditor": set(TASKS),
    "admin": set(TASKS),
    "analyst": set(),
    "worker": set(),
}


@pytest.fixture(scope="module")
def tasks(local_server: RunningServer) -> Iterator[dict[str, str]]:
    """The keys of one user task of each kind."""
    with local_server.client("admin") as admin:
        for name, options in TASKS.items():
            diagram = process(f"p-{name}").start("start").user_task(name, **options).end("end")
            deploy(admin, (f"{name}.bpmn", diagram.xml()))
            admin.post("/v2/process-instances", json={"processDefinitionId": f"p-{name}", "variables": {"secret": name}})
        found = admin.post("/v2/user-tasks/search", json={}).json()["items"]
    yield {task["elementId"]: task["userTaskKey"] for task in found}


@pytest.mark.parametrize("user", SEES)
def test_a_task_one_may_not_see_does_not_exist(local_server: RunningServer, tasks: dict[str, str], user: str) -> None:
    with local_server.client(user) as client:
        for name, key in tasks.items():
            answers = [
                client.get(f"/v2/user-tasks/{key}"),
                client.get(f"/v2/user-tasks/{key}/form"),
                client.post(f"/v2/user-tasks/{key}/variables/search", json={}),
            ]
            unknown = client.get("/v2/user-tasks/4")
            if name in SEES[user]:
                assert all(answer.is_success for answer in answers), (user, name)
            else:
                assert {answer.status_code for answer in answers} == {404}, (user, name)
                assert answers[0].json()["detail"] == unknown.json()["detail"].replace("4:", f"{key}:")
                for method, place in (("POST", "completion"), ("POST", "assignment"), ("DELETE", "assignee")):
                    answer = client.request(
                        method, f"/v2/user-tasks/{key}/{place}", json={"assignee": user} if place == "assignment" else {}
                    )
                    assert answer.status_code == 404, (user, name, place)


@pytest.mark.parametrize("user", [user for user, seen in SEES.items() if seen])
def test_a_search_shows_and_counts_only_what_one_may_see(local_server: RunningServer, tasks: dict[str, str], user: str) -> None:
    with local_server.client(user) as client:
        found = client.post("/v2/user-tasks/search", json={}).json()
        assert {task["elementId"] for task in found["items"]} == SEES[user]
        assert found["page"]["totalItems"] == len(SEES[user])
        # a filter cannot widen it, also with the same fields
        wide = {"$or": [{"assignee": "ann"}, {"candidateGroup": "lawyers"}, {"candidateUser": "bob"}, {"assignee": {"$exists": False}}]}
        found = client.post("/v2/user-tasks/search", json={"filter": wide}).json()
        assert {task["elementId"] for task in found["items"]} == SEES[user]
        for narrow in ({"assignee": "ann"}, {"candidateUser": "bob"}, {"candidateGroup": "lawyers"}):
            found = client.post("/v2/user-tasks/search", json={"filter": narrow}).json()
            assert {task["elementId"] for task in found["items"]} <= SEES[user]


def test_persons_take_and_complete_only_what_is_theirs(local_server: RunningServer, tasks: dict[str, str]) -> None:
    def send(user: str, name: str, place: str, body: dict | None = None, method: str = "POST") -> int:
        with local_server.client(user) as client:
            return client.request(method, f"/v2/user-tasks/{tasks[name]}/{place}", json=body or {}).status_code

    assert send("ann", "for-the-group", "assignment", {"assignee": "bob"}) == 403  # not give it to somebody else
    assert send("auditor", "for-the-group", "completion") == 403  # seeing is not working
    assert send("operator", "for-the-group", "completion") == 403
    assert send("ann", "for-the-group", "assignment", {"assignee": "ann"}) == 204
    assert send("bob", "for-the-group", "assignment", {"assignee": "bob"}) == 409  # taken already
    assert send("bob", "for-the-group", "completion") == 403
    assert send("bob", "for-the-group", "assignee", method="DELETE") == 403
    assert send("operator", "for-the-group", "assignment", {"assignee": "bob"}) == 204
    assert send("ann", "for-the-group", "completion") == 403  # taken away meanwhile
    assert send("bob", "for-the-group", "completion", {"variables": {"ok": True}}) == 204
    assert send("bob", "for-the-group", "completion") in (404, 409)  # once
    assert send("person", "for-everybody", "completion") == 204
    with local_server.client("admin") as admin:
        done = admin.get(f"/v2/user-tasks/{tasks['for-the-group']}").json()
    assert (done["state"], done["assignee"]) == ("COMPLETED", "bob")


def test_a_person_sends_only_what_the_form_of_the_task_allows(local_server: RunningServer) -> None:
    with local_server.client("admin") as admin, local_server.client("ann") as ann:
        diagram = process("p-form").start("start").user_task("approve", assignee="ann", form="approval").end("end")
        deploy(admin, ("approval.form", FORM), ("form.bpmn", diagram.xml()))
        keys = [admin.post("/v2/process-instances", json={"processDefinitionId": "p-form"}).json()["processInstanceKey"] for _ in range(2)]
        found = [admin.post("/v2/user-tasks/search", json={"filter": {"processInstanceKey": key}}).json()["items"][0] for key in keys]
        mine, other = (task["userTaskKey"] for task in found)
        sneaky = ann.post(f"/v2/user-tasks/{mine}/completion", json={"variables": {"approved": True, "risk": "low"}})
        assert sneaky.status_code == 400
        assert sneaky.json()["errors"].keys() == {"risk"}
        wrong = ann.post(f"/v2/user-tasks/{mine}/completion", json={"variables": {"approved": "perhaps"}})
        assert wrong.json()["errors"].keys() == {"approved"}
        assert ann.post(f"/v2/user-tasks/{mine}/completion", json={"variables": {"approved": True}}).status_code == 204
        assert admin.post(f"/v2/user-tasks/{other}/completion", json={"variables": {"risk": "low"}}).status_code == 204
