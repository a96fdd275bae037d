"""Do the endpoints do what they say, together, over HTTP?"""

import json
import re
import threading
import time

import httpx
import pytest
from support.diagrams import process
from support.rest_files import DECISION, FORM
from support.rest_server import RunningServer, deploy, eventually


def start(client: httpx.Client, process_id: str, **variables: object) -> str:
    answer = client.post("/v2/process-instances", json={"processDefinitionId": process_id, "variables": variables})
    assert answer.status_code == 200, answer.text
    return answer.json()["processInstanceKey"]


def search(client: httpx.Client, what: str, **filter: object) -> list[dict]:
    answer = client.post(f"/v2/{what}/search", json={"filter": filter})
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def activate(client: httpx.Client, type: str, wait: int = -1, **more: object) -> list[dict]:
    body = {"type": type, "timeout": 60_000, "maxJobsToActivate": 10, "worker": "w", "requestTimeout": wait, **more}
    answer = client.post("/v2/jobs/activation", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()["jobs"]


def test_a_deployment_names_what_it_holds_and_repeats_change_nothing(client: httpx.Client) -> None:
    diagram = process("deployed").start("start").end("end").xml()
    files = (("deployed.bpmn", diagram), ("risk.dmn", DECISION), ("approval.form", FORM))
    first = deploy(client, *files)
    kinds = [next(kind for kind, value in item.items() if value) for item in first["deployments"]]
    assert sorted(kinds) == ["decisionDefinition", "decisionRequirements", "form", "processDefinition"]
    assert all(sum(value is not None for value in item.values()) == 1 for item in first["deployments"])
    second = deploy(client, *files)
    assert second["deployments"] == first["deployments"]
    changed = deploy(client, ("deployed.bpmn", process("deployed").start("start").task("more").end("end").xml()))
    assert changed["deployments"][0]["processDefinition"]["processDefinitionVersion"] == 2


def test_a_refused_deployment_tells_every_problem_and_stores_nothing(client: httpx.Client) -> None:
    broken = process("broken").start("start").gateway("g").when("=1 +").end("a").at("g").when("=)").end("b").xml()
    answer = client.post("/v2/deployments", files=[("resources", ("broken.bpmn", broken)), ("resources", ("fine.dmn", DECISION + b" "))])
    assert answer.status_code == 400
    problems = [p for p in answer.json()["problems"] if p["severity"] == "error"]
    assert len(problems) >= 2
    assert all(p["file"] == "broken.bpmn" and p["line"] and p["message"] and p["advice"] for p in problems)
    assert search(client, "process-definitions", processDefinitionId="broken") == []


def test_definitions_are_searched_and_read(client: httpx.Client) -> None:
    for version in ("a", "b"):
        deploy(client, ("read.bpmn", process("read", version).start("start").task(version).end("end").xml()))
    found = search(client, "process-definitions", processDefinitionId="read", isLatestVersion=True)
    assert [(d["version"], d["name"]) for d in found] == [(2, "b")]
    key = found[0]["processDefinitionKey"]
    assert client.get(f"/v2/process-definitions/{key}").json() == found[0]
    xml = client.get(f"/v2/process-definitions/{key}/xml")
    assert xml.headers["content-type"].startswith("text/xml")
    assert b'id="read"' in xml.content
    assert client.get(f"/v2/process-definitions/{key}/form").status_code == 204


def test_a_job_is_leased_completed_and_not_completed_twice(client: httpx.Client) -> None:
    deploy(client, ("job.bpmn", process("job").start("start").service_task("work", type="rest-work", headers={"a": "b"}).end("end").xml()))
    key = start(client, "job", x=1, y="two")
    (job,) = activate(client, "rest-work", fetchVariable=["x"], withLease=True)
    assert (job["variables"], job["customHeaders"], job["kind"], job["retries"]) == ({"x": 1}, {"a": "b"}, "BPMN_ELEMENT", 3)
    assert activate(client, "rest-work") == []
    (leased,) = search(client, "jobs", jobKey=job["jobKey"], state="CREATED")  # Camunda's clients know no other state of a leased job
    assert (leased["state"], leased["worker"]) == ("CREATED", "w")
    assert search(client, "jobs", jobKey=job["jobKey"], state={"$neq": "CREATED"}) == []
    assert search(client, "jobs", jobKey=job["jobKey"], state={"$in": ["FAILED", "COMPLETED"]}) == []
    wrong = client.post(f"/v2/jobs/{job['jobKey']}/completion", json={"jobLeaseToken": str(int(job["jobLeaseToken"]) + 1)})
    assert wrong.status_code == 409
    body = {"variables": {"z": [1, {"a": None}]}, "jobLeaseToken": job["jobLeaseToken"]}
    assert client.post(f"/v2/jobs/{job['jobKey']}/completion", json=body).status_code == 204
    assert client.post(f"/v2/jobs/{job['jobKey']}/completion", json=body).status_code in (404, 409)
    assert client.get(f"/v2/process-instances/{key}").json()["state"] == "COMPLETED"
    values = {v["name"]: v["value"] for v in search(client, "variables", processInstanceKey=key)}
    assert values == {"x": "1", "y": '"two"', "z": '[1,{"a":null}]'}


def test_a_failed_job_is_retried_then_an_incident_then_resolved(client: httpx.Client) -> None:
    deploy(client, ("fail.bpmn", process("fail").start("start").service_task("work", type="rest-fail").end("end").xml()))
    key = start(client, "fail")
    (job,) = activate(client, "rest-fail")
    body = {"retries": 1, "errorMessage": "not yet"}
    assert client.post(f"/v2/jobs/{job['jobKey']}/failure", json=body).status_code == 204
    (job,) = activate(client, "rest-fail")
    client.post(f"/v2/jobs/{job['jobKey']}/failure", json={"retries": 0, "errorMessage": "broken"})
    assert client.get(f"/v2/process-instances/{key}").json()["hasIncident"] is True
    (incident,) = search(client, "incidents", processInstanceKey=key, state="ACTIVE")
    assert (incident["errorType"], incident["errorMessage"], incident["elementId"]) == ("JOB_NO_RETRIES", "broken", "work")
    assert client.get(f"/v2/incidents/{incident['incidentKey']}").json() == incident
    assert activate(client, "rest-fail") == []
    assert client.patch(f"/v2/jobs/{job['jobKey']}", json={"changeset": {"retries": 2}}).status_code == 204
    assert client.post(f"/v2/incidents/{incident['incidentKey']}/resolution").status_code == 204
    (job,) = activate(client, "rest-fail")
    assert job["retries"] == 2
    client.post(f"/v2/jobs/{job['jobKey']}/completion", json={})
    found = client.get(f"/v2/process-instances/{key}").json()
    assert (found["state"], found["hasIncident"]) == ("COMPLETED", False)


def test_a_bpmn_error_takes_the_boundary_event(client: httpx.Client) -> None:
    diagram = (
        process("err").start("s").service_task("work", type="rest-error").end("e").boundary("caught", "work", error="E1").end("handled")
    )
    deploy(client, ("err.bpmn", diagram.xml()))
    key = start(client, "err")
    (job,) = activate(client, "rest-error")
    answer = client.post(f"/v2/jobs/{job['jobKey']}/error", json={"errorCode": "E1", "errorMessage": "no", "variables": {"why": 1}})
    assert answer.status_code == 204
    states = {e["elementId"]: e["state"] for e in search(client, "element-instances", processInstanceKey=key)}
    assert (states["work"], states["caught"], states["handled"]) == ("TERMINATED", "COMPLETED", "COMPLETED")
    flows = client.get(f"/v2/process-instances/{key}/sequence-flows").json()["items"]
    assert len(flows) == 2


def test_user_tasks_are_found_assigned_changed_and_completed(client: httpx.Client) -> None:
    diagram = process("task").start("s").user_task("approve", candidate_groups="claims", form="approval", priority="70").end("e")
    deploy(client, ("approval.form", FORM), ("task.bpmn", diagram.xml()))
    key = start(client, "task", amount=7)
    (task,) = search(client, "user-tasks", processInstanceKey=key, candidateGroup="claims", priority={"$gte": 70})
    task_key = task["userTaskKey"]
    form = client.get(f"/v2/user-tasks/{task_key}/form").json()
    assert (form["formId"], json.loads(form["schema"])["components"][0]["key"]) == ("approval", "approved")
    seen = client.post(f"/v2/user-tasks/{task_key}/variables/search", json={}).json()["items"]
    assert [(v["name"], v["value"]) for v in seen] == [("amount", "7")]
    assert client.post(f"/v2/user-tasks/{task_key}/assignment", json={"assignee": "ann"}).status_code == 204
    assert client.post(f"/v2/user-tasks/{task_key}/assignment", json={"assignee": "bob", "allowOverride": False}).status_code == 409
    changes = {"dueDate": "2030-01-01T12:00:00+02:00", "candidateUsers": ["bob"], "priority": 10}
    assert client.patch(f"/v2/user-tasks/{task_key}", json={"changeset": changes}).status_code == 204
    changed = client.get(f"/v2/user-tasks/{task_key}").json()
    assert (changed["assignee"], changed["candidateUsers"], changed["priority"]) == ("ann", ["bob"], 10)
    assert changed["dueDate"].startswith("2030-01-01T10:00:00")
    assert client.patch(f"/v2/user-tasks/{task_key}", json={"changeset": {"dueDate": ""}}).status_code == 204
    assert client.get(f"/v2/user-tasks/{task_key}").json()["dueDate"] is None
    assert client.delete(f"/v2/user-tasks/{task_key}/assignee").status_code == 204
    assert client.post(f"/v2/user-tasks/{task_key}/completion", json={"variables": {"approved": True}}).status_code == 204
    assert client.post(f"/v2/user-tasks/{task_key}/completion", json={}).status_code in (404, 409)
    assert client.get(f"/v2/user-tasks/{task_key}").json()["state"] == "COMPLETED"
    assert client.get(f"/v2/process-instances/{key}").json()["state"] == "COMPLETED"


def test_a_local_variable_hides_an_outer_one_of_the_task(client: httpx.Client) -> None:
    deploy(client, ("hide.bpmn", process("hide").start("s").user_task("t", inputs={"amount": "=amount * 2"}).end("e").xml()))
    key = start(client, "hide", amount=4, other="x")
    (task,) = search(client, "user-tasks", processInstanceKey=key)
    place = f"/v2/user-tasks/{task['userTaskKey']}/effective-variables/search"
    seen = client.post(place, json={}).json()["items"]
    assert {v["name"]: v["value"] for v in seen} == {"amount": "8", "other": '"x"'}
    named = client.post(place, json={"filter": {"name": {"$in": ["other"]}}}).json()
    assert [v["name"] for v in named["items"]] == ["other"]


def test_element_types_that_camunda_does_not_know_have_names_it_does(client: httpx.Client) -> None:
    diagram = process("types").start("s").sub_process("t", transaction=True).start("i").user_task("u").end("o").done().end("e")
    deploy(client, ("types.bpmn", diagram.xml()))
    key = start(client, "types")
    found = search(client, "element-instances", processInstanceKey=key, type="SUB_PROCESS")
    assert [(e["elementId"], e["type"], e["elementType"]) for e in found] == [("t", "SUB_PROCESS", "TRANSACTION")]
    assert search(client, "element-instances", processInstanceKey=key, elementType="SUB_PROCESS") == []


def test_messages_are_published_correlated_and_refused(client: httpx.Client) -> None:
    diagram = process("message").start("s").catch("wait", message="paid", correlation_key="=order").end("e")
    deploy(client, ("message.bpmn", diagram.xml()))
    key = start(client, "message", order="o-1")
    subscription = search(client, "message-subscriptions", processInstanceKey=key)[0]
    assert (subscription["messageName"], subscription["correlationKey"]) == ("paid", "o-1")
    nobody = client.post("/v2/messages/correlation", json={"name": "paid", "correlationKey": "o-2"})
    assert nobody.status_code == 404
    answer = client.post("/v2/messages/correlation", json={"name": "paid", "correlationKey": "o-1", "variables": {"sum": 5}})
    assert answer.json()["processInstanceKey"] == key
    assert client.get(f"/v2/process-instances/{key}").json()["state"] == "COMPLETED"
    early = {"name": "paid", "correlationKey": "o-3", "timeToLive": 60_000, "messageId": "m-1"}
    assert client.post("/v2/messages/publication", json=early).status_code == 200
    assert client.post("/v2/messages/publication", json=early).status_code == 409
    later = start(client, "message", order="o-3")
    eventually(lambda: client.get(f"/v2/process-instances/{later}").json()["state"] == "COMPLETED")


def test_instances_are_cancelled_and_their_variables_changed(client: httpx.Client) -> None:
    deploy(client, ("cancel.bpmn", process("cancel").start("s").service_task("w", type="never").end("e").xml()))
    key = start(client, "cancel", a=1)
    assert client.put(f"/v2/element-instances/{key}/variables", json={"variables": {"a": 2, "b": 3}}).status_code == 204
    values = {v["name"]: v["value"] for v in search(client, "variables", processInstanceKey=key, scopeKey=key)}
    assert values == {"a": "2", "b": "3"}
    assert client.post(f"/v2/process-instances/{key}/cancellation", json={}).status_code == 204
    assert client.post(f"/v2/process-instances/{key}/cancellation").status_code in (404, 409)
    assert client.get(f"/v2/process-instances/{key}").json()["state"] == "TERMINATED"
    steps = client.get(f"/v2/process-instances/{key}/history").json()["items"]
    assert steps[0]["actor"] == "local"
    assert len(steps) >= 3


def test_a_running_instance_is_modified(client: httpx.Client) -> None:
    diagram = process("modified").start("s").user_task("first").user_task("second").user_task("third").end("e")
    deploy(client, ("modified.bpmn", diagram.xml()))
    key = start(client, "modified")
    place = f"/v2/process-instances/{key}/modification"

    def active() -> list[str]:
        return [t["elementId"] for t in search(client, "user-tasks", processInstanceKey=key, state="CREATED")]

    move = {"sourceElementInstruction": {"sourceType": "byId", "sourceElementId": "first"}, "targetElementId": "second"}
    variables = [{"variables": {"local": 1}, "scopeId": "second"}]
    assert client.post(place, json={"moveInstructions": [{**move, "variableInstructions": variables}]}).status_code == 204
    assert active() == ["second"]
    assert [v["value"] for v in search(client, "variables", processInstanceKey=key, name="local")] == ["1"]
    both = {"activateInstructions": [{"elementId": "third"}], "terminateInstructions": [{"elementId": "second"}]}
    assert client.post(place, json=both).status_code == 204
    assert active() == ["third"]
    for refused in ({}, {"activateInstructions": [{"elementId": "none"}]}, {"terminateInstructions": [{"elementId": "first"}]}):
        assert 400 <= client.post(place, json=refused).status_code < 500
    assert active() == ["third"]


def test_a_suspended_instance_stands_still_until_it_is_resumed(client: httpx.Client) -> None:
    deploy(client, ("suspended.bpmn", process("suspended").start("s").service_task("w", type="rest-suspended").end("e").xml()))
    key = start(client, "suspended")
    assert client.post(f"/v2/process-instances/{key}/suspension").status_code == 204
    assert client.post(f"/v2/process-instances/{key}/suspension").status_code == 409
    found = client.get(f"/v2/process-instances/{key}").json()
    assert found["state"] == "SUSPENDED"
    assert found["suspendedDate"]
    assert [i["processInstanceKey"] for i in search(client, "process-instances", state="SUSPENDED")] == [key]
    assert search(client, "process-instances", processInstanceKey=key, state="ACTIVE") == []
    assert activate(client, "rest-suspended") == []
    assert client.post(f"/v2/process-instances/{key}/resumption").status_code == 204
    assert client.get(f"/v2/process-instances/{key}").json()["suspendedDate"] is None
    assert len(activate(client, "rest-suspended")) == 1


def test_forms_and_other_files_are_read_by_their_keys(client: httpx.Client) -> None:
    agent = b"""id: greeter
name: Greeter
responsibility: Greets.
owner: Nobody in particular
kind: function
function: gatewise.summarize_text
input: {type: object, properties: {text: {type: string}}}
output: {type: object, properties: {summary: {type: string}}}
"""
    deployed = deploy(client, ("approval.form", FORM), ("greeter.agent.yaml", agent))["deployments"]
    keys = {kind: value for item in deployed for kind, value in item.items() if value}
    form = client.get(f"/v2/forms/{keys['form']['formKey']}").json()
    assert json.loads(form["schema"]) == json.loads(FORM)
    resource = client.get(f"/v2/resources/{keys['resource']['resourceKey']}").json()
    assert (resource["resourceId"], resource["kind"]) == ("greeter", "agent")
    assert client.get(f"/v2/resources/{resource['resourceKey']}/content").content == agent
    assert search(client, "resources", resourceId="greeter", isLatestVersion=True) == [resource]


def test_searches_filter_sort_and_page(client: httpx.Client) -> None:
    deploy(client, ("many.bpmn", process("many").start("s").user_task("t").end("e").xml()))
    keys = [start(client, "many", number=n, even=n % 2 == 0) for n in range(7)]
    mine = {"processDefinitionId": "many"}

    def ask(**body: object) -> dict:
        return client.post("/v2/process-instances/search", json={"filter": mine, **body}).json()

    first = ask(page={"limit": 3}, sort=[{"field": "processInstanceKey", "order": "DESC"}])
    assert [i["processInstanceKey"] for i in first["items"]] == keys[:-4:-1]
    assert first["page"]["totalItems"] == 7
    second = ask(page={"limit": 3, "after": first["page"]["endCursor"]}, sort=[{"field": "processInstanceKey", "order": "DESC"}])
    assert [i["processInstanceKey"] for i in second["items"]] == keys[-4:0:-1]
    third = ask(page={"from": 6, "limit": 3})
    assert len(third["items"]) == 1
    some = ask(filter={**mine, "processInstanceKey": {"$in": keys[:2]}})
    assert {i["processInstanceKey"] for i in some["items"]} == set(keys[:2])
    assert ask(filter={**mine, "tenantId": "other"})["items"] == []
    assert len(ask(filter={**mine, "tenantId": "<default>", "state": {"$neq": "COMPLETED"}})["items"]) == 7
    either = ask(filter={**mine, "$or": [{"processInstanceKey": keys[0]}, {"state": "TERMINATED"}]})
    assert [i["processInstanceKey"] for i in either["items"]] == keys[:1]
    by_value = ask(filter={**mine, "variables": [{"name": "number", "value": "3"}, {"name": "even", "value": "false"}]})
    assert [i["processInstanceKey"] for i in by_value["items"]] == [keys[3]]
    assert ask(filter={**mine, "variables": [{"name": "number", "value": "99"}]})["items"] == []
    like = search(client, "process-definitions", processDefinitionId={"$like": "man?"})
    assert [d["processDefinitionId"] for d in like] == ["many"]
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
    assert len(ask(filter={**mine, "startDate": {"$lt": now}})["items"]) == 7
    assert ask(filter={**mine, "startDate": {"$gt": now}})["items"] == []


def test_long_values_are_cut_in_searches_and_whole_by_key(client: httpx.Client) -> None:
    deploy(client, ("long.bpmn", process("long").start("s").user_task("t").end("e").xml()))
    key = start(client, "long", text="x" * 20_000)
    (cut,) = search(client, "variables", processInstanceKey=key)
    assert (len(cut["value"]), cut["isTruncated"]) == (8191, True)
    whole = client.get(f"/v2/variables/{cut['variableKey']}").json()["value"]
    assert whole == json.dumps("x" * 20_000)
    answer = client.post("/v2/variables/search", params={"truncateValues": "false"}, json={"filter": {"processInstanceKey": key}})
    assert answer.json()["items"][0] == {**cut, "value": whole, "isTruncated": False}


def test_decisions_are_evaluated_and_recorded_with_their_rules(client: httpx.Client) -> None:
    deploy(client, ("risk.dmn", DECISION))
    body = {"decisionDefinitionId": "risk", "variables": {"amount": 5000}}
    answer = client.post("/v2/decision-definitions/evaluation", json=body).json()
    assert json.loads(answer["output"]) == "high"
    assert answer["failureMessage"] is None
    (part,) = answer["evaluatedDecisions"]
    assert [(i["inputName"], i["inputValue"]) for i in part["evaluatedInputs"]] == [("Amount", "5000")]
    (rule,) = part["matchedRules"]
    assert (rule["ruleId"], rule["ruleIndex"]) == ("high", 1)
    assert json.loads(rule["evaluatedOutputs"][0]["outputValue"]) == "high"
    recorded = client.get(f"/v2/decision-instances/{answer['decisionEvaluationKey']}").json()
    assert (recorded["state"], recorded["decisionDefinitionType"], json.loads(recorded["result"])) == (
        "EVALUATED",
        "DECISION_TABLE",
        "high",
    )
    assert recorded["matchedRules"] == part["matchedRules"]
    assert search(client, "decision-instances", decisionEvaluationKey=answer["decisionEvaluationKey"])
    definition = answer["decisionDefinitionKey"]
    assert client.get(f"/v2/decision-definitions/{definition}").json()["decisionDefinitionId"] == "risk"
    assert b"decisionTable" in client.get(f"/v2/decision-definitions/{definition}/xml").content
    assert client.post("/v2/decision-definitions/evaluation", json={"decisionDefinitionId": "none"}).status_code == 404


def test_expressions_are_evaluated_with_warnings(client: httpx.Client) -> None:
    answer = client.post("/v2/expression/evaluation", json={"expression": "=a + 1", "variables": {"a": 2}}).json()
    assert (answer["result"], answer["warnings"]) == (3, [])
    answer = client.post("/v2/expression/evaluation", json={"expression": "=missing + 1"}).json()
    assert answer["result"] is None
    assert answer["warnings"]
    refused = client.post("/v2/expression/evaluation", json={"expression": "=1 +"})
    assert refused.status_code == 400


def test_the_clock_is_pinned_and_timers_have_fired_when_it_answers(client: httpx.Client) -> None:
    deploy(client, ("timer.bpmn", process("timer").start("s").catch("later", timer="PT1H").end("e").xml()))
    key = start(client, "timer")
    try:
        moment = int(time.time() * 1000) + 30 * 60_000
        assert client.put("/v2/clock", json={"timestamp": moment}).status_code == 204
        assert client.get(f"/v2/process-instances/{key}").json()["state"] == "ACTIVE"
        assert client.put("/v2/clock", json={"timestamp": moment + 40 * 60_000}).status_code == 204
        assert client.get(f"/v2/process-instances/{key}").json()["state"] == "COMPLETED"
    finally:
        assert client.post("/v2/clock/reset").status_code == 204


def test_a_server_without_a_test_clock_keeps_its_time(local_server: RunningServer) -> None:
    with local_server.client("admin") as admin:
        assert admin.put("/v2/clock", json={"timestamp": 0}).status_code == 404
        assert admin.post("/v2/clock/reset").status_code == 404


def test_waiting_for_completion_gives_the_variables(client: httpx.Client) -> None:
    deploy(client, ("await.bpmn", process("await").start("s").script_task("sum", "=a + 1", "b").end("e").xml()))
    body = {"processDefinitionId": "await", "variables": {"a": 1}, "awaitCompletion": True}
    assert client.post("/v2/process-instances", json=body).json()["variables"] == {"a": 1, "b": 2}
    assert client.post("/v2/process-instances", json={**body, "fetchVariables": ["b"]}).json()["variables"] == {"b": 2}
    deploy(client, ("slow.bpmn", process("slow").start("s").service_task("w", type="rest-slow").end("e").xml()))
    slow = {"processDefinitionId": "slow", "awaitCompletion": True, "requestTimeout": 200}
    assert client.post("/v2/process-instances", json=slow).status_code == 504
    answers: list[httpx.Response] = []
    waiting = threading.Thread(target=lambda: answers.append(client.post("/v2/process-instances", json={**slow, "requestTimeout": 20_000})))
    waiting.start()
    eventually(lambda: len(search(client, "process-instances", processDefinitionId="slow")) == 2)
    began = time.monotonic()
    for job in activate(client, "rest-slow", wait=2000):
        client.post(f"/v2/jobs/{job['jobKey']}/completion", json={"variables": {"done": 1}})
    waiting.join(10)
    assert answers[0].json()["variables"] == {"done": 1}
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(("wait", "least", "most"), [(-1, 0.0, 0.5), (400, 0.35, 1.5)])
def test_an_activation_waits_as_long_as_it_says(client: httpx.Client, wait: int, least: float, most: float) -> None:
    began = time.monotonic()
    assert activate(client, "nobody-offers", wait=wait) == []
    assert least <= time.monotonic() - began <= most


def test_many_waiting_workers_hold_no_threads_and_each_job_goes_to_one(client: httpx.Client, open_server: RunningServer) -> None:
    deploy(client, ("crowd.bpmn", process("crowd").start("s").service_task("w", type="rest-crowd").end("e").xml()))
    got: list[dict] = []
    before = threading.active_count()

    def work() -> None:
        with open_server.client() as own:
            got.extend(activate(own, "rest-crowd", wait=15_000, maxJobsToActivate=1))

    workers = [threading.Thread(target=work) for _ in range(80)]
    for worker in workers:
        worker.start()
    eventually(lambda: len(open_server.app.state.signals._places.get(("job", "rest-crowd"), ())) == 80)
    assert threading.active_count() - before - 80 < 70  # the server's own pool
    began = time.monotonic()
    for _ in range(80):
        start(client, "crowd")
    for worker in workers:
        worker.join(20)
    assert len({job["jobKey"] for job in got}) == len(got) == 80
    assert time.monotonic() - began < 12


def test_a_worker_that_hung_up_is_given_no_job(client: httpx.Client, open_server: RunningServer) -> None:
    deploy(client, ("gone.bpmn", process("gone").start("s").service_task("w", type="rest-gone").end("e").xml()))
    with open_server.client() as impatient, pytest.raises(httpx.ReadTimeout):
        impatient.post("/v2/jobs/activation", json={"type": "rest-gone", "timeout": 60_000, "maxJobsToActivate": 1}, timeout=0.3)
    time.sleep(0.2)
    start(client, "gone")
    assert len(activate(client, "rest-gone", wait=3000)) == 1


def test_the_description_of_the_interface_is_served(client: httpx.Client) -> None:
    page = client.get("/docs")
    assert page.status_code == 200
    assert "/v2/jobs/activation" in page.text
    assert "<script" not in page.text
    document = client.get("/openapi.json").json()
    assert document["openapi"].startswith("3.")
    assert document["paths"]["/v2/process-instances"]["post"]["responses"].keys() == {"200", "default"}
    assert document["components"]["securitySchemes"].keys() == {"basic", "bearer"}
    missing = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(document))) - document["components"]["schemas"].keys()
    assert missing == set()
