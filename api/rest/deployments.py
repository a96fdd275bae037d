"""Deploying files, and what a deployment holds."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, UploadFile
from fastapi.concurrency import run_in_threadpool
from pydantic import Field as Member

from api.file_problems import problem_json
from api.rest.context import Deployer, EngineHere, actor
from api.rest.json_body import JsonRoute
from api.rest.problems import BadRequest
from api.rest.wire import TENANT, Answer, Key
from engine.runtime.inputs import Resource
from engine.store.rows import DecisionDefinitionRow, DecisionRequirementsRow, Deployment, FormRow, ProcessDefinitionRow, ResourceRow

router = APIRouter(tags=["Deployments"], route_class=JsonRoute)

_MAXIMUM_FILES = 200


class DeployedProcess(Answer):
    process_definition_id: str
    process_definition_version: int
    process_definition_key: Key
    resource_name: str
    tenant_id: str = TENANT


class DeployedDecision(Answer):
    decision_definition_id: str
    decision_definition_key: Key
    version: int
    name: str
    decision_requirements_id: str
    decision_requirements_key: Key
    tenant_id: str = TENANT


class DeployedRequirements(Answer):
    decision_requirements_id: str
    decision_requirements_key: Key
    decision_requirements_name: str
    version: int
    resource_name: str
    tenant_id: str = TENANT


class DeployedForm(Answer):
    form_id: str
    form_key: Key
    version: int
    resource_name: str
    tenant_id: str = TENANT


class DeployedResource(Answer):
    resource_id: str
    resource_key: Key
    version: int
    resource_name: str
    tenant_id: str = TENANT


class Deployed(Answer):
    """Exactly one is set."""

    process_definition: DeployedProcess | None = None
    decision_definition: DeployedDecision | None = None
    decision_requirements: DeployedRequirements | None = None
    form: DeployedForm | None = None
    resource: DeployedResource | None = None


class DeploymentAnswer(Answer):
    """`warnings`: problems that did not stop the deployment."""

    deployment_key: Key
    tenant_id: str = TENANT
    deployments: list[Deployed]
    warnings: list[dict[str, Any]] = Member(default_factory=list)


@router.post("/deployments")
async def deploy(
    engine: EngineHere, user: Deployer, resources: list[UploadFile], tenant_id: Annotated[str | None, Form(alias="tenantId")] = None
) -> DeploymentAnswer:
    """Deploys files together: diagrams, decisions, forms and agents. All of them, or none with all problems of all files."""
    if tenant_id not in (None, "", TENANT):
        raise BadRequest(f"There is one tenant, '{TENANT}': leave tenantId out.")
    if len(resources) > _MAXIMUM_FILES:
        raise BadRequest(f"{len(resources)} files are too many for one deployment: deploy up to {_MAXIMUM_FILES} together.")
    files = [Resource(_file_name(upload), await upload.read()) for upload in resources]
    names = [file.name for file in files]
    if len(set(names)) < len(names):
        raise BadRequest("Two files have the same name: each needs its own.")
    return deployment_answer(await run_in_threadpool(engine.deploy, files, actor=actor(user)))


def deployment_answer(deployment: Deployment) -> DeploymentAnswer:
    return DeploymentAnswer(
        deployment_key=deployment.key,
        deployments=[
            *(Deployed(process_definition=_process(row)) for row in deployment.process_definitions),
            *(Deployed(decision_requirements=_requirements(row)) for row in deployment.decision_requirements),
            *(Deployed(decision_definition=_decision(row)) for row in deployment.decision_definitions),
            *(Deployed(form=_form(row)) for row in deployment.forms),
            *(Deployed(resource=_resource(row)) for row in deployment.resources),
        ],
        warnings=[problem_json(found) for found in deployment.warnings],
    )


def _file_name(upload: UploadFile) -> str:
    name = upload.filename or ""
    if not name or len(name) > 500 or not name.isprintable() or not _is_storable(name):
        raise BadRequest("Every file needs a name of up to 500 printable characters; its suffix says what it is.")
    return name


def _is_storable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _process(row: ProcessDefinitionRow) -> DeployedProcess:
    return DeployedProcess(
        process_definition_id=row.process_id,
        process_definition_version=row.version,
        process_definition_key=row.key,
        resource_name=row.resource_name,
    )


def _decision(row: DecisionDefinitionRow) -> DeployedDecision:
    return DeployedDecision(
        decision_definition_id=row.decision_id,
        decision_definition_key=row.key,
        version=row.version,
        name=row.name or row.decision_id,
        decision_requirements_id=row.requirements_id,
        decision_requirements_key=row.requirements_key,
    )


def _requirements(row: DecisionRequirementsRow) -> DeployedRequirements:
    return DeployedRequirements(
        decision_requirements_id=row.requirements_id,
        decision_requirements_key=row.key,
        decision_requirements_name=row.name or row.requirements_id,
        version=row.version,
        resource_name=row.resource_name,
    )


def _form(row: FormRow) -> DeployedForm:
    return DeployedForm(form_id=row.form_id, form_key=row.key or 0, version=row.version or 1, resource_name=row.resource_name)


def _resource(row: ResourceRow) -> DeployedResource:
    return DeployedResource(resource_id=row.id, resource_key=row.key, version=row.version, resource_name=row.name)
