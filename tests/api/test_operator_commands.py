"""Can an operator move, migrate and end instances from the command line?"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

import httpx
import pytest
from support.diagrams import Diagram, process
from support.rest_server import PASSWORD, RunningServer, deploy
from typer.testing import CliRunner, Result

from api.cli import build


def gatewise(server: RunningServer, *arguments: object, user: str = "admin", answer: str | None = None) -> Result:
    known = {name: None for name in os.environ if name.startswith("GATEWISE_")}
    given = {"GATEWISE_URL": server.url, "GATEWISE_USER": user, "GATEWISE_PASSWORD": PASSWORD}
    return CliRunner().invoke(build(), [str(a) for a in arguments], env={**known, **given}, input=answer)


@pytest.fixture
def admin(local_server: RunningServer) -> Iterator[httpx.Client]:
    with local_server.client("admin") as client:
        yield client


def put(client: httpx.Client, diagram: Diagram) -> None:
    deploy(client, (f"{diagram.id}.bpmn", diagram.xml()))


def start(client: httpx.Client, process_id: str) -> str:
    return client.post("/v2/process-instances", json={"processDefinitionId": process_id}).json()["processInstanceKey"]


def state(client: httpx.Client, key: str) -> str:
    return client.get(f"/v2/process-instances/{key}").json()["state"]


def active(client: httpx.Client, key: str) -> list[str]:
    found = client.post("/v2/element-instances/search", json={"filter": {"processInstanceKey": key, "state": "ACTIVE"}}).json()["items"]
    return [item["elementId"] for item in found if item["type"] != "PROCESS"]


def test_instances_are_changed_one_by_one(local_server: RunningServer, admin: httpx.Client) -> None:
    put(admin, process("ops").start().user_task("a").user_task("b").end())
    key = start(admin, "ops")

    assert gatewise(local_server, "suspend", key).exit_code == 0
    assert state(admin, key) == "SUSPENDED"
    assert gatewise(local_server, "suspend", key).exit_code == 1
    assert gatewise(local_server, "resume", key).exit_code == 0
    assert gatewise(local_server, "move", key, "--from", "a", "--to", "b").exit_code == 0
    assert active(admin, key) == ["b"]
    assert gatewise(local_server, "set", key, "--var", "x=1").exit_code == 0
    assert json.loads(gatewise(local_server, "instances", key, "--json").stdout)["variables"][0]["value"] == "1"
    assert gatewise(local_server, "delete", key).exit_code == 1
    assert gatewise(local_server, "cancel", key).exit_code == 0
    assert gatewise(local_server, "delete", key, user="operator").exit_code == 4
    assert gatewise(local_server, "delete", key).exit_code == 0
    assert admin.get(f"/v2/process-instances/{key}").status_code == 404


def test_many_instances_are_changed_after_a_question(local_server: RunningServer, admin: httpx.Client) -> None:
    put(admin, process("crowd").start().user_task("a").end())
    keys = [start(admin, "crowd") for _ in range(3)]

    assert gatewise(local_server, "cancel").exit_code == 2
    refused = gatewise(local_server, "cancel", "--process", "crowd", answer="n\n")
    assert refused.exit_code == 1 and "3 instances match" in refused.stderr
    assert {state(admin, key) for key in keys} == {"ACTIVE"}

    done = gatewise(local_server, "cancel", "--process", "crowd", answer="y\n")
    assert done.exit_code == 0 and "3 of 3 done" in done.stdout
    assert {state(admin, key) for key in keys} == {"TERMINATED"}
    (batch,) = [b for b in json.loads(gatewise(local_server, "batches", "--json").stdout)["items"] if b["operationsTotalCount"] == 3]
    assert (batch["batchOperationType"], batch["actorId"]) == ("CANCEL_PROCESS_INSTANCE", "admin")
    assert keys[0] in gatewise(local_server, "batches", batch["batchOperationKey"]).stdout


def test_a_migration_is_tried_before_it_is_done(local_server: RunningServer, admin: httpx.Client) -> None:
    put(admin, process("walker").start().user_task("a").end())
    keys = [start(admin, "walker") for _ in range(2)]
    put(admin, process("walker").start().user_task("b").end())

    tried = gatewise(local_server, "migrate", "--process", "walker", "--dry-run")
    assert tried.exit_code == 1 and "0 of 2 can be migrated" in tried.stdout and "no element" in tried.stdout
    failed = gatewise(local_server, "migrate", "--process", "walker", "--yes")
    assert failed.exit_code == 1 and failed.stdout.startswith("0 of 2 done")
    assert gatewise(local_server, "migrate", keys[0], "--map", "a=b", "--dry-run").exit_code == 0
    assert active(admin, keys[0]) == ["a"]
    assert gatewise(local_server, "migrate", keys[0], "--map", "a=b").exit_code == 0
    assert gatewise(local_server, "migrate", "--process", "walker", "--version", 1, "--to", 2, "--map", "a=b", "--yes").exit_code == 0
    assert [active(admin, key) for key in keys] == [["b"], ["b"]]
    assert gatewise(local_server, "migrate", keys[0], "--map", "broken").exit_code == 2
    assert gatewise(local_server, "migrate", keys[0], "--to", 9).exit_code == 5


def test_incidents_are_resolved_by_instance_and_by_process(local_server: RunningServer, admin: httpx.Client) -> None:
    put(admin, process("stuck").start().gateway("g").when("=x.y > 1").end("e1").at("g").when("=x.y = 1").end("e2"))
    one, two, three = (start(admin, "stuck") for _ in range(3))
    for key in (one, two, three):
        assert gatewise(local_server, "set", key, "--var", 'x={"y": 1}').exit_code == 0
    incident = admin.post("/v2/incidents/search", json={"filter": {"processInstanceKey": one}}).json()["items"][0]["incidentKey"]

    assert gatewise(local_server, "resolve", incident).exit_code == 0
    assert gatewise(local_server, "resolve", "--instance", two).exit_code == 0
    assert gatewise(local_server, "resolve", "--process", "stuck", "--yes").exit_code == 0
    assert {state(admin, key) for key in (one, two, three)} == {"COMPLETED"}
