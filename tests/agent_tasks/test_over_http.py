"""A worker beside the server: jobs, files and journal over REST; and what readers see there."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.diagrams import process
from support.model_server import ModelServer, answer
from support.rest_server import RunningServer, deploy, eventually, running

from agent_tasks.errors import ResourceMissing, RunTaken, ServerUnreachable
from agent_tasks.http_jobs import HttpJobs
from agent_tasks.jobs import AgentJob, JobGone
from agent_tasks.journal import EntryKind, RunOrigin
from agent_tasks.runner import Workshop
from agent_tasks.worker import AgentWorker, run_worker, workshop
from api.settings import Settings


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    with running(Settings(database_url=f"sqlite:///{tmp_path}/s.db", auth="none", with_worker=False)) as server:
        yield server


@pytest.fixture
def client(server: RunningServer) -> Iterator[httpx.Client]:
    with server.client() as client:
        yield client


def deploy_agent(client: httpx.Client, jobs: Any, agent: str = "triage") -> None:
    begun = process("p").start().agent_task("work", agent=agent, result="result", inputs={"text": "=inquiry"})
    xml = begun.user_task("look").end().xml()
    deploy(client, ("p.bpmn", xml), *((f"{id}.{kind}.yaml", content) for (kind, id), content in jobs.files.items()))


def start(client: httpx.Client, text: str = "I want my money back") -> str:
    answer = client.post("/v2/process-instances", json={"processDefinitionId": "p", "variables": {"inquiry": text}})
    assert answer.status_code == 200, answer.text
    return answer.json()["processInstanceKey"]


def result(client: httpx.Client, instance: str) -> Any:
    found = client.post("/v2/variables/search", json={"filter": {"processInstanceKey": instance, "name": "result"}}).json()["items"]
    return found[0]["value"] if found else None


def take_job(source: HttpJobs, lease_ms: int = 60_000) -> AgentJob:
    [job] = source.activate("w", lease_ms, 1, 2)
    return job


def work(source: HttpJobs, shop: Workshop, job: AgentJob) -> None:
    AgentWorker(source, shop, name="w").work(job)
    shop.models.close()


def origin(job: AgentJob) -> RunOrigin:
    return RunOrigin(
        job.process_instance_key, job.element_instance_key, job.element_id, "p", job.definition_key, job.key, "x", "x", 1, "x", 1, "w"
    )


def test_a_worker_beside_the_server_does_the_job(server: RunningServer, client: httpx.Client, jobs: Any):
    deploy_agent(client, jobs)
    stop = threading.Event()
    with ModelServer([answer({"topic": "nonsense"}), answer({"topic": "refund"})]) as model:
        worker = threading.Thread(
            target=run_worker, args=(server.url,), kwargs={"stop": stop, "threads": 2, "shop": workshop(model.environment)}
        )
        worker.start()
        instance = start(client)
        eventually(lambda: result(client, instance))
        stop.set()
        worker.join(10)
        assert not worker.is_alive()
    assert '"topic":"refund"' in str(result(client, instance)).replace(" ", "")
    [run] = client.post("/v2/agent-runs/search", json={"filter": {"processInstanceKey": instance}}).json()["items"]
    assert (run["status"], run["modelCalls"], run["inputTokens"]) == ("COMPLETED", 2, 200)
    assert (run["agentId"], run["agentName"], run["agentVersion"]) == ("triage", "Triage", 1)
    entries = client.get(f"/v2/agent-runs/{run['runKey']}/entries").json()["items"]
    kinds = [entry["kind"] for entry in entries]
    assert kinds == ["RUN_STARTED", "MODEL_REQUEST", "MODEL_REPLY", "SCHEMA_ERROR", "MODEL_REQUEST", "MODEL_REPLY", "OUTCOME"]
    assert client.get(f"/v2/agent-runs/{run['runKey']}").json() == run


def test_function_agents_get_their_data_over_http(server: RunningServer, client: httpx.Client, jobs: Any):
    deploy_agent(client, jobs, "classify")
    instance = start(client)
    source = HttpJobs(server.url)
    work(source, workshop({}), take_job(source))
    source.close()
    assert '"topic":"refund"' in str(result(client, instance)).replace(" ", "")


def test_camundas_client_reads_runs_as_agent_instances(server: RunningServer, client: httpx.Client, jobs: Any):
    from camunda_orchestration_sdk import CamundaClient

    deploy_agent(client, jobs)
    instance = start(client)
    source = HttpJobs(server.url)
    with ModelServer([answer({"topic": "refund"})]) as model:
        work(source, workshop(model.environment), take_job(source))
    source.close()
    with CamundaClient({"CAMUNDA_REST_ADDRESS": f"{server.url}/v2"}) as camunda:
        from camunda_orchestration_sdk.models import AgentInstanceSearchQuery

        found = camunda.search_agent_instances(data=AgentInstanceSearchQuery())
        [run] = found.items
        assert str(run.status) == "COMPLETED"
        assert run.process_instance_key == instance
        assert (run.definition.model, run.definition.provider) == ("scripted", "server")
        assert (run.metrics.input_tokens, run.metrics.model_calls) == (100, 1)
        one = camunda.get_agent_instance(agent_instance_key=run.agent_instance_key)
        assert "You classify inquiries" in one.definition.system_prompt[0].text
        history = camunda.search_agent_instance_history(agent_instance_key=run.agent_instance_key)
        assert [str(item.role) for item in history.items] == ["CONFIGURATION", "USER", "ASSISTANT"]
        assert "money back" in history.items[1].content[0].text
        assert history.items[2].metrics.output_tokens == 20


def test_camundas_client_reads_runs_of_functions_too(server: RunningServer, client: httpx.Client, jobs: Any):
    from camunda_orchestration_sdk import CamundaClient

    deploy_agent(client, jobs, "classify")
    start(client)
    source = HttpJobs(server.url)
    work(source, workshop({}), take_job(source))
    source.close()
    with CamundaClient({"CAMUNDA_REST_ADDRESS": f"{server.url}/v2"}) as camunda:
        from camunda_orchestration_sdk.models import AgentInstanceSearchQuery

        [run] = camunda.search_agent_instances(data=AgentInstanceSearchQuery()).items
        items = camunda.search_agent_instance_history(agent_instance_key=run.agent_instance_key).items
        assert [str(item.role) for item in items] == ["CONFIGURATION", "USER", "ASSISTANT"]
        assert items[2].content[0].to_dict()["object"]["topic"] == "refund"


def test_agent_instances_are_filtered_by_status(client: httpx.Client, server: RunningServer, jobs: Any):
    deploy_agent(client, jobs)
    start(client)
    source = HttpJobs(server.url)
    source.open(origin(take_job(source)))
    for status, total in (("THINKING", 1), ("COMPLETED", 0), ("TOOL_CALLING", 0), ({"$in": ["IDLE", "THINKING"]}, 1)):
        page = client.post("/v2/agent-instances/search", json={"filter": {"status": status}}).json()["page"]
        assert page["totalItems"] == total, status
    assert client.post("/v2/agent-instances/search", json={"filter": {"nonsense": 1}}).status_code == 400
    assert client.get("/v2/agent-instances/4711").status_code == 404
    source.close()


def test_two_workers_cannot_write_the_same_entry_but_one_may_repeat_itself(client: httpx.Client, server: RunningServer, jobs: Any):
    deploy_agent(client, jobs)
    start(client)
    source = HttpJobs(server.url)
    run = source.open(origin(take_job(source))).ref
    first = source.append(run, 1, EntryKind.RUN_STARTED, {"inputs": {}, "mode": "model", "holder": "a"})
    assert source.append(run, 1, EntryKind.RUN_STARTED, {"inputs": {}, "mode": "model", "holder": "a"}) == first
    with pytest.raises(RunTaken):
        source.append(run, 1, EntryKind.RUN_STARTED, {"inputs": {}, "mode": "model", "holder": "b"})
    with pytest.raises(RunTaken):
        source.append(run, 3, EntryKind.RESUMED, {})
    source.close()


def test_only_the_worker_that_leased_the_job_opens_its_run(client: httpx.Client, server: RunningServer, jobs: Any):
    deploy_agent(client, jobs)
    start(client)
    source = HttpJobs(server.url)
    job = take_job(source)
    with pytest.raises(JobGone, match="not leased to thief"):
        source.open(replace(origin(job), worker="thief"))
    with pytest.raises(JobGone):
        source.open(replace(origin(job), job_key=4711))
    run = source.open(origin(job)).ref
    source.fail(job, 0, "no", 0)
    with pytest.raises(RunTaken):
        source.append(run, 1, EntryKind.RUN_STARTED, {"inputs": {}})
    with pytest.raises(JobGone):
        source.complete(job, {})
    source.close()


def test_an_expired_lease_goes_on_with_the_same_run_and_the_late_worker_is_refused(client: httpx.Client, server: RunningServer, jobs: Any):
    deploy_agent(client, jobs)
    instance = start(client)
    source = HttpJobs(server.url)
    late = take_job(source, lease_ms=2500)
    run = source.open(origin(late))
    source.append(run.ref, 1, EntryKind.RUN_STARTED, {"inputs": {"text": "recorded"}, "mode": "model", "model": "m"})
    job = eventually(lambda: source.activate("w", 60_000, 1, 1))[0]
    assert job.key == late.key
    with ModelServer([answer({"topic": "other"})]) as model:
        work(source, workshop(model.environment), job)
        assert "recorded" in model.requests[0].user
    with pytest.raises(RunTaken):
        source.append(run.ref, 2, EntryKind.MODEL_REQUEST, {"call": 1})
    with pytest.raises(JobGone):
        source.complete(late, {"result": "late"})
    assert "other" in str(result(client, instance))
    source.close()


def test_files_of_other_kinds_and_unknown_ones_are_not_handed_out(client: httpx.Client, server: RunningServer, jobs: Any):
    deploy_agent(client, jobs)
    start(client)
    source = HttpJobs(server.url)
    job = take_job(source)
    with pytest.raises(ResourceMissing):
        source.file("agent", "nobody", job)
    assert client.get(f"/v2/process-instances/{job.process_instance_key}/resources/form/x").status_code == 400
    assert client.get("/v2/process-instances/1/resources/agent/triage").status_code == 404
    source.close()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"seq": 0, "kind": "RUN_STARTED", "data": {}},
        {"seq": 1, "kind": "NONSENSE", "data": {}},
        {"seq": 1, "kind": "RUN_STARTED", "data": []},
        {"seq": 1, "kind": "MODEL_REPLY", "data": {"inputTokens": "many"}},
        {"seq": 1, "kind": "MODEL_REPLY", "data": {"money": {}}},
        {"seq": 1, "kind": "RUN_STARTED", "data": {}, "more": 1},
    ],
)
def test_broken_entries_are_refused(client: httpx.Client, server: RunningServer, jobs: Any, body: dict[str, Any]):
    deploy_agent(client, jobs)
    start(client)
    source = HttpJobs(server.url)
    run = source.open(origin(take_job(source))).ref
    answer = client.post(f"/v2/agent-runs/{run.key}/entries", json=body)
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    source.close()


def test_a_server_that_is_away_is_unreachable_not_gone():
    source = HttpJobs("http://127.0.0.1:9")
    with pytest.raises(ServerUnreachable):
        source.activate("w", 1000, 1, 0.1)
    source.close()


def test_people_may_not_write_journals(tmp_path: Path, jobs: Any):
    settings = Settings(database_url=f"sqlite:///{tmp_path}/s.db", auth="local", with_worker=False)
    with running(settings) as server:
        from support.rest_server import PASSWORD

        server.accounts.add("ann", PASSWORD, roles=["person"])
        server.accounts.add("wally", PASSWORD, roles=["worker"])
        with server.client("ann") as ann, server.client("wally") as wally, server.client() as nobody:
            for client, codes in ((nobody, {401}), (ann, {403}), (wally, {404})):
                assert client.post("/v2/agent-runs", json={"jobKey": "1", "worker": "w"}).status_code in codes
                assert client.post("/v2/agent-runs/1/entries", json={"seq": 1, "kind": "RESUMED", "data": {}}).status_code in codes
                assert client.get("/v2/process-instances/1/resources/agent/x").status_code in codes
            for client in (ann, nobody, wally):
                assert client.post("/v2/agent-runs/search", json={}).status_code in (401, 403)
                assert client.post("/v2/agent-instances/search", json={}).status_code in (401, 403)
                assert client.get("/v2/agent-runs/1/entries").status_code in (401, 403)
