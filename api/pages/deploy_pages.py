"""Uploading diagrams, decisions, forms and agent files, with every problem shown at its place."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, UploadFile
from starlette.datastructures import FormData
from starlette.datastructures import UploadFile as Uploaded
from starlette.requests import Request
from starlette.responses import Response

from api.auth import Permission, User, require, verify_csrf
from api.pages.site import actor_of, engine_of, page
from api.pages.task_pages import posted_fields
from bpmn.model import Problem
from engine.errors import DeploymentRefused
from engine.runtime.inputs import Resource
from engine.store.rows import Deployment, Page

router = APIRouter(prefix="/deploy", include_in_schema=False)

Deployer = Annotated[User, Depends(require(Permission.DEPLOY))]


@router.get("")
def deploy_page(request: Request, user: Deployer) -> Response:
    return _show(request)


async def uploaded_files(posted: Annotated[FormData, Depends(posted_fields)]) -> list[Resource]:
    files = [each for each in posted.getlist("files") if isinstance(each, (Uploaded, UploadFile)) and each.filename]
    return [Resource(str(each.filename), await each.read()) for each in files]


@router.post("", dependencies=[Depends(verify_csrf)])
def deploy(request: Request, user: Deployer, files: Annotated[list[Resource], Depends(uploaded_files)]) -> Response:
    if not files:
        return _show(request, trouble="Choose at least one file.", status=422)
    try:
        deployment = engine_of(request).deploy(files, actor=actor_of(user))
    except DeploymentRefused as refused:
        return _show(request, problems=refused.problems, status=422)
    return _show(request, deployment=deployment, problems=deployment.warnings)


def _show(
    request: Request,
    *,
    deployment: Deployment | None = None,
    problems: Sequence[Problem] = (),
    trouble: str = "",
    status: int = 200,
) -> Response:
    ordered = sorted(problems, key=lambda each: (each.severity != "error", each.file, each.line or 0))
    recent = engine_of(request).search("deployment", {}, (("key", "desc"),), Page(limit=10)).items
    return page(
        request,
        "deploy.html",
        status=status,
        here="deployments",
        deployment=deployment,
        problems=ordered,
        errors=sum(each.severity == "error" for each in ordered),
        trouble=trouble,
        recent=recent,
    )
