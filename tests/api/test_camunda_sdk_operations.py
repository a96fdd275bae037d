"""Does Camunda's Python client operate on our instances unmodified? Its models refuse answers that lack a field."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from camunda_orchestration_sdk import CamundaClient, models
from support.diagrams import Diagram, process
from support.rest_server import PASSWORD, RunningServer, deploy, eventually


@pytest.fixture
def camunda(local_server: RunningServer) -> Iterator[CamundaClient]:
    configuration = {
        "CAMUNDA_REST_ADDRESS": f"{local_server.url}/v2",
        "CAMUNDA_AUTH_STRATEGY": "BASIC",
        "CAMUNDA_BASIC_AUTH_USERNAME": "admin",
        "CAMUNDA_BASIC_AUTH_PASSWORD": PASSWORD,
    }
    with CamundaClient(configuration=configuration) as client:
        yield client


def put(server: RunningServer, diagram: Diagram) -> str:
    with server.client("admin") as client:
        answer = deploy(client, (f"{diagram.id}.bpmn", diagram.xml()))
    return answer["deployments"][0]["processDefinition"]["processDefinitionKey"]


def start(server: RunningServer, process_id: str) -> str:
    with server.client("admin") as client:
        return client.post("/v2/process-instances", json={"processDefinitionId": process_id}).json()["processInstanceKey"]


def test_an_instance_is_suspended_resumed_migrated_cancelled_and_deleted(camunda: CamundaClient, local_server: RunningServer) -> None:
    put(local_server, process("sdk-operated").start().user_task("a").end())
    key = start(local_server, "sdk-operated")
    target = put(local_server, process("sdk-operated").start().user_task("b").end())
    empty = models.SuspendProcessInstanceRequest()

    camunda.suspend_process_instance(key, data=empty)
    assert camunda.get_process_instance(key).state == "SUSPENDED"
    assert camunda.get_process_instance(key).suspended_date is not None
    camunda.resume_process_instance(key, data=models.ResumeProcessInstanceRequest())
    plan = {"targetProcessDefinitionKey": target, "mappingInstructions": [{"sourceElementId": "a", "targetElementId": "b"}]}
    camunda.migrate_process_instance(key, data=models.ProcessInstanceMigrationInstruction.from_dict(plan))
    assert camunda.get_process_instance(key).process_definition_key == target
    camunda.cancel_process_instance(key, data=models.CancelProcessInstanceRequest())
    camunda.delete_process_instance(key, data=models.DeleteProcessInstanceRequest())
    with pytest.raises(Exception, match="404"):
        camunda.get_process_instance(key)


def test_a_batch_operation_is_begun_and_watched(camunda: CamundaClient, local_server: RunningServer) -> None:
    put(local_server, process("sdk-batch").start().user_task("a").end())
    keys = [start(local_server, "sdk-batch") for _ in range(2)]
    asked = models.ProcessInstanceCancellationBatchOperationRequest.from_dict({"filter": {"processDefinitionId": "sdk-batch"}})

    created = camunda.cancel_process_instances_batch_operation(data=asked)

    assert created.batch_operation_type == "CANCEL_PROCESS_INSTANCE"
    batch = created.batch_operation_key
    found = eventually(lambda: (one := camunda.get_batch_operation(batch)).end_date and one)
    assert (found.state, found.operations_total_count, found.operations_completed_count) == ("COMPLETED", 2, 2)
    query = models.BatchOperationItemSearchQuery.from_dict({"filter": {"batchOperationKey": str(batch)}})
    items = camunda.search_batch_operation_items(data=query).items
    assert [(item.process_instance_key, item.state) for item in items] == [(key, "COMPLETED") for key in keys]
    listed = camunda.search_batch_operations(data=models.BatchOperationSearchQuery.from_dict({"filter": {"state": "COMPLETED"}}))
    assert batch in [one.batch_operation_key for one in listed.items]
