"""Can an operator migrate, delete and change many instances over HTTP?"""

from __future__ import annotations

import httpx
from support.diagrams import Diagram, process
from support.rest_server import deploy, eventually


def start(client: httpx.Client, process_id: str, **variables: object) -> str:
    answer = client.post("/v2/process-instances", json={"processDefinitionId": process_id, "variables": variables})
    assert answer.status_code == 200, answer.text
    return answer.json()["processInstanceKey"]


def search(client: httpx.Client, what: str, **filter: object) -> list[dict]:
    answer = client.post(f"/v2/{what}/search", json={"filter": filter})
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def put(client: httpx.Client, diagram: Diagram) -> str:
    """The key of the new definition."""
    return deploy(client, (f"{diagram.id}.bpmn", diagram.xml()))["deployments"][0]["processDefinition"]["processDefinitionKey"]


def begin(client: httpx.Client, what: str, **body: object) -> dict:
    answer = client.post(f"/v2/process-instances/{what}", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def ended(client: httpx.Client, created: dict) -> dict:
    """The batch operation once it has ended."""
    path = f"/v2/batch-operations/{created['batchOperationKey']}"
    return eventually(lambda: (found := client.get(path).json())["endDate"] and found)


def counts(batch: dict) -> tuple[str, int, int, int]:
    return batch["state"], *(batch[f"operations{name}Count"] for name in ("Total", "Completed", "Failed"))


def state(client: httpx.Client, key: str) -> str:
    return client.get(f"/v2/process-instances/{key}").json()["state"]


def test_an_instance_is_judged_and_migrated(client: httpx.Client) -> None:
    put(client, process("moved").start().user_task("a").end())
    key = start(client, "moved")
    target = put(client, process("moved").start().user_task("b").end())
    plan = {"targetProcessDefinitionKey": target, "mappingInstructions": []}

    refused = client.post(f"/v2/process-instances/{key}/migration/verdict", json=plan).json()
    assert (refused["isPossible"], refused["processInstanceKey"]) == (False, key)
    assert [(one["elementId"], one["reason"][:40]) for one in refused["obstacles"]] == [("a", "The target definition has no element 'a'")]
    answer = client.post(f"/v2/process-instances/{key}/migration", json=plan)
    assert (answer.status_code, answer.headers["content-type"]) == (409, "application/problem+json")
    assert "no element 'a'" in answer.json()["detail"]

    plan["mappingInstructions"] = [{"sourceElementId": "a", "targetElementId": "b"}]
    assert client.post(f"/v2/process-instances/{key}/migration/verdict", json=plan).json()["isPossible"] is True
    assert client.post(f"/v2/process-instances/{key}/migration", json=plan).status_code == 204
    assert client.get(f"/v2/process-instances/{key}").json()["processDefinitionKey"] == target
    assert [task["elementId"] for task in search(client, "user-tasks", processInstanceKey=key)] == ["b"]
    assert client.get(f"/v2/process-instances/{key}/history").json()["items"][-1]["command"] == "MigrateInstance"


def test_a_plan_that_maps_twice_or_to_nothing_is_refused(client: httpx.Client) -> None:
    put(client, process("unmoved").start().user_task("a").end())
    key = start(client, "unmoved")
    twice = [{"sourceElementId": "a", "targetElementId": "b"}, {"sourceElementId": "a", "targetElementId": "c"}]
    answer = client.post(f"/v2/process-instances/{key}/migration", json={"targetProcessDefinitionKey": "1", "mappingInstructions": twice})
    assert answer.status_code == 400 and "twice" in answer.text
    plan = {"targetProcessDefinitionKey": "1", "mappingInstructions": []}
    assert client.post(f"/v2/process-instances/{key}/migration", json=plan).status_code == 404
    answer = client.post("/v2/process-instances/migration", json={"filter": {"processInstanceKey": key}, "migrationPlan": plan})
    assert answer.status_code == 400


def test_many_instances_are_judged_and_migrated(client: httpx.Client) -> None:
    put(client, process("many").start().user_task("a").user_task("gone").end())
    keys = [start(client, "many") for _ in range(3)]
    (task,) = search(client, "user-tasks", processInstanceKey=keys[2])
    client.post(f"/v2/user-tasks/{task['userTaskKey']}/completion", json={})
    target = put(client, process("many").start().user_task("b").end())
    plan = {"targetProcessDefinitionKey": target, "mappingInstructions": [{"sourceElementId": "a", "targetElementId": "b"}]}
    body = {"filter": {"processDefinitionId": "many"}, "migrationPlan": plan}

    judged = client.post("/v2/process-instances/migration/verdict", json=body).json()
    assert (judged["totalItems"], judged["possibleItems"]) == (3, 2)
    assert [one["processInstanceKey"] for one in judged["refused"]] == [keys[2]]

    created = begin(client, "migration", **body)
    assert created["batchOperationType"] == "MIGRATE_PROCESS_INSTANCE"
    assert counts(ended(client, created)) == ("COMPLETED", 3, 2, 1)
    (failed,) = search(client, "batch-operation-items", batchOperationKey=created["batchOperationKey"], state="FAILED")
    assert failed["processInstanceKey"] == keys[2] and "'gone'" in failed["errorMessage"]
    assert [client.get(f"/v2/process-instances/{key}").json()["processDefinitionVersion"] for key in keys] == [2, 2, 1]


def test_instances_are_suspended_resumed_moved_cancelled_and_deleted_by_a_filter(client: httpx.Client) -> None:
    put(client, process("batch").start().service_task("a", type="batch-a").service_task("b", type="batch-b").end())
    keys = [start(client, "batch", group=group) for group in ("x", "x", "y")]
    x = {"processDefinitionId": "batch", "variables": [{"name": "group", "value": '"x"'}]}

    assert counts(ended(client, begin(client, "suspension", filter=x))) == ("COMPLETED", 2, 2, 0)
    assert [state(client, key) for key in keys] == ["SUSPENDED", "SUSPENDED", "ACTIVE"]
    assert counts(ended(client, begin(client, "resumption", filter={"state": "SUSPENDED", "processDefinitionId": "batch"})))[2] == 2

    moves = [{"sourceElementId": "a", "targetElementId": "b"}]
    assert counts(ended(client, begin(client, "modification", filter=x, moveInstructions=moves)))[2] == 2
    assert {job["elementId"] for job in search(client, "jobs", processInstanceKey=keys[0], state="CREATED")} == {"b"}

    cancelled = ended(client, begin(client, "cancellation", filter=x))
    assert cancelled["batchOperationType"] == "CANCEL_PROCESS_INSTANCE"
    assert [state(client, key) for key in keys] == ["TERMINATED", "TERMINATED", "ACTIVE"]

    assert counts(ended(client, begin(client, "deletion", filter={"processDefinitionId": "batch"})))[2] == 2
    assert [client.get(f"/v2/process-instances/{key}").status_code for key in keys] == [404, 404, 200]
    assert client.post(f"/v2/process-instances/{keys[2]}/deletion").status_code == 409


def test_incidents_are_resolved_by_instance_and_by_filter(client: httpx.Client) -> None:
    put(client, process("broken").start().service_task("w", type="broken-w").end())
    keys = [start(client, "broken") for _ in range(2)]

    def fail() -> None:
        body = {"type": "broken-w", "timeout": 60_000, "maxJobsToActivate": 10, "worker": "w"}
        jobs = client.post("/v2/jobs/activation", json=body).json()["jobs"]
        for job in jobs:
            assert client.post(f"/v2/jobs/{job['jobKey']}/failure", json={"retries": 0, "errorMessage": "no"}).status_code == 204
        assert jobs

    def open_incidents() -> int:
        return len(search(client, "incidents", processDefinitionId="broken", state="ACTIVE"))

    fail()
    created = client.post(f"/v2/process-instances/{keys[0]}/incident-resolution").json()
    assert counts(ended(client, created)) == ("COMPLETED", 1, 1, 0)
    assert open_incidents() == 1
    fail()
    created = begin(client, "incident-resolution", filter={"processDefinitionId": "broken", "hasIncident": True})
    assert counts(ended(client, created)) == ("COMPLETED", 2, 2, 0)
    assert open_incidents() == 0


def test_a_batch_needs_a_condition_and_known_fields(client: httpx.Client) -> None:
    for body in ({}, {"filter": {}}, {"filter": {"nonsense": 1}}, {"filter": {"state": "ACTIVE"}, "more": 1}):
        answer = client.post("/v2/process-instances/cancellation", json=body)
        assert answer.status_code == 400, body
    assert client.get("/v2/batch-operations/1").status_code == 404
    assert client.post("/v2/batch-operations/1/cancellation").status_code == 404
