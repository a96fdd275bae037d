"""Does Camunda's own Python client work with this server, unmodified?"""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from camunda_orchestration_sdk import CamundaAsyncClient, CamundaClient, WorkerConfig
from camunda_orchestration_sdk import models as m
from camunda_orchestration_sdk.runtime.job_worker import JobError, JobFailure
from support.diagrams import process
from support.rest_files import DECISION, FORM
from support.rest_server import PASSWORD, RunningServer, eventually

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def configuration(local_server: RunningServer) -> dict[str, str]:
    return {
        "CAMUNDA_REST_ADDRESS": f"{local_server.url}/v2",
        "CAMUNDA_AUTH_STRATEGY": "BASIC",
        "CAMUNDA_BASIC_AUTH_USERNAME": "admin",
        "CAMUNDA_BASIC_AUTH_PASSWORD": PASSWORD,
    }


@pytest.fixture
def camunda(configuration: dict[str, str]) -> Iterator[CamundaClient]:
    with CamundaClient(configuration=configuration) as client:
        yield client


@contextmanager
def working(configuration: dict[str, str], config: WorkerConfig, callback: Callable) -> Iterator[None]:
    """The SDK's job worker, in a thread with an event loop of its own."""
    stop = threading.Event()

    async def work() -> None:
        async with CamundaAsyncClient(configuration=configuration) as client:
            client.create_job_worker(config, callback, execution_strategy="thread")
            running = asyncio.create_task(client.run_workers())
            while not stop.is_set():
                await asyncio.sleep(0.02)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    thread = threading.Thread(target=lambda: asyncio.run(work()), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(20)
        assert not thread.is_alive()


def variables(kind: type, **values: object):
    return kind.from_dict(values)


def start(camunda: CamundaClient, process_id: str, **values: object) -> m.CreateProcessInstanceResult:
    given = variables(m.ProcessInstanceCreationInstructionBaseVariables, **values)
    return camunda.create_process_instance(data=m.ProcessCreationById(process_definition_id=process_id, variables=given))


def tasks_of(camunda: CamundaClient, instance_key: str) -> list[m.UserTaskResult]:
    query = m.UserTaskSearchQuery.from_dict({"filter": {"processInstanceKey": instance_key}})
    return camunda.search_user_tasks(data=query).items


def test_deploy_start_work_and_complete(camunda: CamundaClient, configuration: dict[str, str], tmp_path: Path) -> None:
    # Given a diagram with a service task and a user task, deployed from its file
    diagram = process("sdk-order").start("start").service_task("pack", type="sdk-pack").user_task("approve", assignee="admin").end("end")
    file = tmp_path / "order.bpmn"
    file.write_bytes(diagram.xml())
    deployed = camunda.deploy_resources_from_files([file])
    assert [p.process_definition_id for p in deployed.processes] == ["sdk-order"]

    # When an instance is started and a job worker does its job
    instance = start(camunda, "sdk-order", amount=3, customer={"name": "Ann"})
    seen: list[dict] = []

    def work(job) -> dict:
        seen.append(job.variables.to_dict())
        return {"packed": job.variables["amount"] * 2}

    config = WorkerConfig(job_type="sdk-pack", job_timeout_milliseconds=10_000, request_timeout_milliseconds=2_000, with_lease=True)
    with working(configuration, config, work):
        task = eventually(lambda: tasks_of(camunda, instance.process_instance_key))[0]
    assert seen == [{"amount": 3, "customer": {"name": "Ann"}}]
    assert (task.element_id, task.assignee, task.state) == ("approve", "admin", m.UserTaskStateEnum.CREATED)

    # And the user task is completed
    given = variables(m.UserTaskCompletionRequestVariables, approved=True)
    camunda.complete_user_task(user_task_key=task.user_task_key, data=m.UserTaskCompletionRequest(variables=given))

    # Then the instance is completed with the variables of both
    found = camunda.get_process_instance(process_instance_key=instance.process_instance_key)
    assert found.state == m.ProcessInstanceStateEnum.COMPLETED
    query = m.VariableSearchQuery.from_dict({"filter": {"processInstanceKey": instance.process_instance_key}})
    values = {v.name: v.value for v in camunda.search_variables(data=query).items}
    assert values == {"amount": "3", "customer": '{"name":"Ann"}', "packed": "6", "approved": "true"}
    assert camunda.get_user_task(user_task_key=task.user_task_key).state == m.UserTaskStateEnum.COMPLETED


def test_a_worker_throws_a_bpmn_error_and_fails_a_job(camunda: CamundaClient, configuration: dict[str, str], tmp_path: Path) -> None:
    diagram = (
        process("sdk-errors")
        .start("start")
        .service_task("risky", type="sdk-risky", retries="2")
        .end("done")
        .boundary("caught", "risky", error="NO_STOCK")
        .end("handled")
    )
    file = tmp_path / "errors.bpmn"
    file.write_bytes(diagram.xml())
    camunda.deploy_resources_from_files([file])

    def work(job) -> dict:
        if job.variables["how"] == "error":
            raise JobError("NO_STOCK", "nothing left", {"missing": 4})
        raise JobFailure("the shelf broke", retries=0)

    caught, failed = start(camunda, "sdk-errors", how="error"), start(camunda, "sdk-errors", how="failure")
    config = WorkerConfig(job_type="sdk-risky", job_timeout_milliseconds=10_000, request_timeout_milliseconds=2_000)
    with working(configuration, config, work):
        eventually(lambda: camunda.get_process_instance(process_instance_key=caught.process_instance_key).state == "COMPLETED")
        eventually(lambda: camunda.get_process_instance(process_instance_key=failed.process_instance_key).has_incident)
    query = m.IncidentSearchQuery.from_dict({"filter": {"processInstanceKey": failed.process_instance_key}})
    (incident,) = camunda.search_incidents(data=query).items
    assert (incident.error_type, incident.error_message) == ("JOB_NO_RETRIES", "the shelf broke")
    jobs = camunda.search_jobs(data=m.JobSearchQuery.from_dict({"filter": {"jobKey": incident.job_key}})).items
    assert [job.retries for job in jobs] == [0]
    camunda.cancel_process_instance(process_instance_key=failed.process_instance_key, data=m.CancelProcessInstanceRequest())
    assert camunda.get_process_instance(process_instance_key=failed.process_instance_key).state == "TERMINATED"


def test_the_worker_is_woken_by_a_new_job(camunda: CamundaClient, configuration: dict[str, str], tmp_path: Path) -> None:
    """A long poll that waits gets a job as soon as there is one, not when it is repeated."""
    file = tmp_path / "wake.bpmn"
    file.write_bytes(process("sdk-wake").start("start").service_task("go", type="sdk-wake").end("end").xml())
    camunda.deploy_resources_from_files([file])
    times: list[float] = []
    config = WorkerConfig(job_type="sdk-wake", job_timeout_milliseconds=10_000, request_timeout_milliseconds=20_000)
    with working(configuration, config, lambda job: times.append(time.monotonic())):
        time.sleep(1)
        began = time.monotonic()
        start(camunda, "sdk-wake")
        eventually(lambda: times)
    assert times[0] - began < 1.0


def test_what_the_client_reads_has_every_field_it_wants(camunda: CamundaClient, tmp_path: Path) -> None:
    """Its models refuse answers that lack a required field: reading is the test."""
    file = tmp_path / "reading.bpmn"
    file.write_bytes(process("sdk-reading").start("start").service_task("s", type="sdk-reading").end("end").xml())
    deployed = camunda.deploy_resources_from_files([file])
    instance = start(camunda, "sdk-reading", a=[1, 2])
    key = instance.process_instance_key
    by_instance = {"filter": {"processInstanceKey": key}, "page": {"from": 0, "limit": 5}}

    camunda.get_topology()
    camunda.get_authentication()
    camunda.get_license()
    assert camunda.search_process_definitions(data=m.ProcessDefinitionSearchQuery.from_dict({})).items
    definition_key = deployed.processes[0].process_definition_key
    assert camunda.get_process_definition(process_definition_key=definition_key).version == 1
    assert "sdk-reading" in camunda.get_process_definition_xml(process_definition_key=definition_key)
    assert camunda.search_process_instances(data=m.ProcessInstanceSearchQuery.from_dict(by_instance)).page.total_items == 1
    elements = camunda.search_element_instances(data=m.ElementInstanceSearchQuery.from_dict(by_instance)).items
    assert {e.element_id for e in elements} >= {"start", "s"}
    camunda.get_element_instance(element_instance_key=elements[0].element_instance_key)
    variable = camunda.search_variables(data=m.VariableSearchQuery.from_dict(by_instance)).items[0]
    assert camunda.get_variable(variable_key=variable.variable_key).value == "[1,2]"
    assert camunda.search_jobs(data=m.JobSearchQuery.from_dict(by_instance)).items[0].state == m.JobStateEnum.CREATED
    flows = camunda.get_process_instance_sequence_flows(process_instance_key=key).items
    assert len(flows) == 1
    hierarchy = camunda.get_process_instance_call_hierarchy(process_instance_key=key)
    assert [entry.process_instance_key for entry in hierarchy] == [key]
    result = camunda.evaluate_expression(data=m.ExpressionEvaluationRequest(expression="=1 + 2"))
    assert result.result == 3
    camunda.broadcast_signal(data=m.SignalBroadcastRequest(signal_name="sdk-signal"))
    camunda.publish_message(data=m.MessagePublicationRequest(name="sdk-message", correlation_key="1", time_to_live=0))
    camunda.cancel_process_instance(process_instance_key=key, data=m.CancelProcessInstanceRequest())


def test_decisions_forms_messages_and_tasks_are_read_and_changed(camunda: CamundaClient, tmp_path: Path) -> None:
    diagram = (
        process("sdk-rest")
        .start("start")
        .user_task("review", form="approval", candidate_groups="g")
        .catch("paid", message="sdk-paid", correlation_key="=order")
    )
    diagram.service_task("last", type="sdk-last").end("end")
    for name, content in (("rest.bpmn", diagram.xml()), ("risk.dmn", DECISION), ("approval.form", FORM)):
        (tmp_path / name).write_bytes(content)
    deployed = camunda.deploy_resources_from_files(sorted(tmp_path.iterdir()))
    assert (len(deployed.processes), len(deployed.decisions), len(deployed.forms)) == (1, 1, 1)

    decision = m.DecisionEvaluationByID(decision_definition_id="risk", variables=variables(m.DecisionEvaluationByIdVariables, amount=2000))
    evaluated = camunda.evaluate_decision(data=decision)
    assert evaluated.output == '"high"'
    assert camunda.get_decision_instance(decision_evaluation_instance_key=f"{evaluated.decision_evaluation_key}-1").matched_rules
    assert camunda.search_decision_instances(data=m.DecisionInstanceSearchQuery.from_dict({})).items
    (definition,) = camunda.search_decision_definitions(
        data=m.DecisionDefinitionSearchQuery.from_dict({"filter": {"isLatestVersion": True, "decisionDefinitionId": "risk"}})
    ).items
    assert "decisionTable" in camunda.get_decision_definition_xml(decision_definition_key=definition.decision_definition_key)
    camunda.get_decision_requirements(decision_requirements_key=definition.decision_requirements_key)

    key = start(camunda, "sdk-rest", order="o-9").process_instance_key
    (task,) = tasks_of(camunda, key)
    assert camunda.get_user_task_form(user_task_key=task.user_task_key).form_id == "approval"
    seen = camunda.search_user_task_variables(user_task_key=task.user_task_key, data=m.UserTaskVariableSearchQueryRequest.from_dict({}))
    assert [v.name for v in seen.items] == ["order"]
    camunda.assign_user_task(user_task_key=task.user_task_key, data=m.UserTaskAssignmentRequest(assignee="ann"))
    camunda.update_user_task(user_task_key=task.user_task_key, data=m.UserTaskUpdateRequest(changeset=m.Changeset(priority=90)))
    camunda.unassign_user_task(user_task_key=task.user_task_key)
    changed = camunda.get_user_task(user_task_key=task.user_task_key)
    assert (changed.priority, changed.assignee) == (90, None)
    camunda.complete_user_task(user_task_key=task.user_task_key, data=m.UserTaskCompletionRequest())

    by_instance = {"filter": {"processInstanceKey": key}}
    (subscription,) = camunda.search_message_subscriptions(data=m.MessageSubscriptionSearchQuery.from_dict(by_instance)).items
    assert subscription.correlation_key == "o-9"
    correlated = camunda.correlate_message(data=m.MessageCorrelationRequest(name="sdk-paid", correlation_key="o-9"))
    assert correlated.process_instance_key == key

    activation = m.JobActivationRequest(type_="sdk-last", timeout=60_000, max_jobs_to_activate=1, worker="w", request_timeout=-1)
    (job,) = camunda.activate_jobs(data=activation).jobs
    assert camunda.search_jobs(data=m.JobSearchQuery.from_dict(by_instance)).items[0].worker == "w"
    camunda.fail_job(job_key=job.job_key, data=m.JobFailRequest(retries=0, error_message="no"))
    (incident,) = camunda.search_process_instance_incidents(process_instance_key=key, data=m.IncidentSearchQuery.from_dict({})).items
    camunda.get_incident(incident_key=incident.incident_key)
    camunda.update_job(job_key=job.job_key, data=m.JobUpdateRequest(changeset=m.JobChangeset(retries=1)))
    camunda.resolve_process_instance_incidents(process_instance_key=key)
    eventually(lambda: not camunda.get_process_instance(process_instance_key=key).has_incident)  # a batch does it
    update = m.SetVariableRequest(variables=variables(m.SetVariableRequestVariables, extra=1))
    camunda.create_element_instance_variables(element_instance_key=key, data=update)
    move = {
        "moveInstructions": [{"sourceElementInstruction": {"sourceType": "byId", "sourceElementId": "last"}, "targetElementId": "review"}]
    }
    camunda.modify_process_instance(process_instance_key=key, data=m.ProcessInstanceModificationInstruction.from_dict(move))
    assert [t.state for t in tasks_of(camunda, key)] == ["COMPLETED", "CREATED"]
