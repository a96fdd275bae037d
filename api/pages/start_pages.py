"""Starting a process: with its start form, or with variables."""

from collections.abc import Mapping
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from api.auth import Permission, User, require, verify_csrf
from api.pages.form_views import FormView, read_form, read_submission, view, view_after_list_change
from api.pages.site import actor_of, engine_of, go_to, page
from api.pages.task_pages import posted_fields
from engine.errors import NotFound
from engine.runtime.facade import Engine
from engine.store.rows import Page, ProcessDefinitionRow, ProcessInstanceRow

router = APIRouter(prefix="/start", include_in_schema=False)

Starter = Annotated[User, Depends(require(Permission.START))]
LONGEST_VARIABLES = 1_000_000


@router.get("")
def startable(request: Request, user: Starter) -> Response:
    found = engine_of(request).search("process_definition", {"is_latest": True}, (("name", "asc"), ("key", "asc")), Page(limit=500))
    return page(request, "start_list.html", here="start", processes=found.items)


@router.get("/{key:int}")
def start_page(request: Request, key: int, user: Starter) -> Response:
    definition = _definition(engine_of(request), key)
    return _show(request, definition)


@router.post("/{key:int}", dependencies=[Depends(verify_csrf)])
def start(request: Request, key: int, user: Starter, posted: Annotated[FormData, Depends(posted_fields)]) -> Response:
    engine = engine_of(request)
    definition = _definition(engine, key)
    row = engine.start_form(key)
    if row is None:
        text = str(posted.get("variables") or "")
        variables, trouble = _read_variables(text)
        if trouble:
            return _show(request, definition, text=text, trouble=trouble)
    else:
        form = read_form(row)
        changed = view_after_list_change(form, posted, {})
        if changed is not None:
            return _show(request, definition, form_view=changed)
        submission = read_submission(form, posted, {})
        if submission.errors:
            return _show(request, definition, form_view=view(form, {}, values=submission.values, errors=submission.errors))
        variables = submission.values
    instance: ProcessInstanceRow = engine.create_instance(definition_key=key, variables=variables, actor=actor_of(user))
    if user.may(Permission.READ_INSTANCES):
        return go_to(f"/instances/{instance.key}", "started")
    return go_to("/start", "started")


def _definition(engine: Engine, key: int) -> ProcessDefinitionRow:
    definition = engine.get("process_definition", key)
    if definition is None:
        raise NotFound(f"There is no deployed process {key}.")
    return definition


def _show(
    request: Request, definition: ProcessDefinitionRow, *, form_view: FormView | None = None, text: str = "", trouble: str = ""
) -> Response:
    engine = engine_of(request)
    row = engine.start_form(definition.key)
    if row is not None and form_view is None:
        form_view = view(read_form(row), {})
    is_refused = bool(trouble or (form_view and form_view.errors))
    return page(
        request,
        "start.html",
        status=422 if is_refused else 200,
        here="start",
        definition=definition,
        title=definition.name or definition.process_id,
        form=form_view,
        text=text,
        trouble=trouble,
    )


def _read_variables(text: str) -> tuple[Mapping[str, Any], str]:
    """The variables and no complaint, or nothing and why the text cannot be used."""
    if not text.strip():
        return {}, ""
    if len(text) > LONGEST_VARIABLES:
        return {}, f"The variables are longer than {LONGEST_VARIABLES} characters."
    try:
        variables = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        return {}, f"This is not JSON: {error.msg}, line {error.lineno}, column {error.colno}."
    if not isinstance(variables, dict):
        return {}, 'Variables are an object: write {"name": value, …}.'
    return variables, ""
