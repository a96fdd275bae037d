"""User tasks: finding, assigning, changing and completing them. A task one may not see does not exist."""

from collections.abc import Mapping
from typing import Any

import orjson
from fastapi import APIRouter, Response

from api.auth import NotPermitted, Permission, User, may_claim_task, may_complete_task, may_see_task
from api.rest import task_models as shape
from api.rest.context import EngineHere, SignedIn, TaskAssigner, actor
from api.rest.json_body import JsonRoute
from api.rest.problems import BadRequest
from api.rest.process_definitions import FormAnswer, form_answer
from api.rest.searches import TENANT_FIELD, Field, PageInfo, Search, find, page_info, read_filter, read_page, read_sort
from api.rest.task_visibility import visible_tasks
from api.rest.variable_filters import instances_with
from api.rest.variables import FoundVariables, TruncateValues, found_variable
from api.rest.wire import PathKey
from engine.errors import NotFound
from engine.runtime.facade import Engine
from engine.store.rows import Page, UserTaskRow, VariableRow
from forms import parse_form, validate

router = APIRouter(tags=["User tasks"], route_class=JsonRoute)

FIELDS = {
    "userTaskKey": Field("key", "key"),
    "name": Field("name"),
    "state": Field("state"),
    "assignee": Field("assignee"),
    "candidateUser": Field("candidate_user"),
    "candidateGroup": Field("candidate_group"),
    "creationDate": Field("creation_date", "date"),
    "completionDate": Field("completion_date", "date"),
    "dueDate": Field("due_date", "date"),
    "followUpDate": Field("follow_up_date", "date"),
    "priority": Field("priority", "int"),
    "elementId": Field("element_id"),
    "elementInstanceKey": Field("element_instance_key", "key"),
    "processInstanceKey": Field("process_instance_key", "key"),
    "processDefinitionKey": Field("definition_key", "key"),
    "processDefinitionId": Field("process_id"),
    "tenantId": TENANT_FIELD,
}
VARIABLE_FIELDS = {
    "name": Field("name"),
    "value": Field("value"),
    "variableKey": Field("key", "key"),
    "scopeKey": Field("scope_key", "key"),
}


@router.post("/user-tasks/search")
def search_user_tasks(engine: EngineHere, user: SignedIn, search: Search | None = None) -> shape.UserTasks:
    """The user tasks that the caller may see. The filter may also hold `processInstanceVariables`: [{name, value}]."""
    only = visible_tasks(user)
    search, keys = instances_with(engine, search, "processInstanceVariables")
    if keys is not None:
        only = {**only, "process_instance_key": {"$in": keys or [-1]}}
    found = find(engine, "user_task", search, FIELDS, only=only)
    return shape.UserTasks(items=[_answer(row) for row in found.items], page=page_info(found))


@router.get("/user-tasks/{key}")
def get_user_task(engine: EngineHere, user: SignedIn, key: PathKey) -> shape.UserTask:
    return _answer(_visible(engine, user, key))


@router.get("/user-tasks/{key}/form", response_model=FormAnswer, responses={204: {"description": "It has no form."}})
def get_user_task_form(engine: EngineHere, user: SignedIn, key: PathKey) -> Any:
    _visible(engine, user, key)
    form = engine.form(key)
    return form_answer(form) if form else Response(status_code=204)


@router.post("/user-tasks/{key}/variables/search")
@router.post("/user-tasks/{key}/effective-variables/search")
def search_user_task_variables(
    engine: EngineHere, user: SignedIn, key: PathKey, search: Search | None = None, truncate_values: TruncateValues = True
) -> FoundVariables:
    """The variables that the task sees: of its own scope and those around it, the nearest of each name."""
    task = _visible(engine, user, key)
    found = _seen_variables(engine, task, search or Search())
    page = read_page((search or Search()).page)
    chosen = found[page.offset : page.offset + page.limit]
    return FoundVariables(items=[found_variable(row, truncate_values) for row in chosen], page=PageInfo(total_items=len(found)))


@router.post("/user-tasks/{key}/assignment", status_code=204, response_class=Response)
def assign_user_task(engine: EngineHere, user: SignedIn, key: PathKey, body: shape.Assignment) -> None:
    """Whoever may assign tasks may give it to anybody; others may take it for themselves when they are entitled to it."""
    task = _visible(engine, user, key)
    override = body.allow_override is not False
    if not user.may(Permission.ASSIGN_TASKS):
        if body.assignee != user.username or not may_claim_task(user, task):
            raise NotPermitted(f"'{user.username}' may take this task, not give it to '{body.assignee}'.")
        override = False
    engine.assign_user_task(key, body.assignee, override, body.action or "assign", actor=actor(user))


@router.delete("/user-tasks/{key}/assignee", status_code=204, response_class=Response)
def unassign_user_task(engine: EngineHere, user: SignedIn, key: PathKey) -> None:
    task = _visible(engine, user, key)
    if not user.may(Permission.ASSIGN_TASKS) and task.assignee != user.username:
        raise NotPermitted("Only its assignee, and those who assign tasks, can give a task back.")
    engine.unassign_user_task(key, actor=actor(user))


@router.post("/user-tasks/{key}/completion", status_code=204, response_class=Response)
def complete_user_task(engine: EngineHere, user: SignedIn, key: PathKey, body: shape.Completion | None = None) -> None:
    """A person sends what the task's form allows, checked as on the page; administrators and tasks without a form are not bound."""
    task = _visible(engine, user, key)
    if not may_complete_task(user, task):
        raise NotPermitted("Only its assignee can complete this task: take it first, if it is free.")
    body = body or shape.Completion()
    variables = body.variables or {}
    if not user.may(Permission.COMPLETE_ALL_TASKS):
        variables = _as_the_form_allows(engine, task, variables)
    engine.complete_user_task(key, variables, body.action or "complete", actor=actor(user))


@router.patch("/user-tasks/{key}", status_code=204, response_class=Response)
def update_user_task(engine: EngineHere, user: TaskAssigner, key: PathKey, body: shape.Update | None = None) -> None:
    """Changes dates, candidates and priority."""
    _visible(engine, user, key)
    if body is None or (body.changeset is None and body.action is None):
        raise BadRequest("Give a changeset or an action.")
    changes = body.changeset or shape.Changes()
    engine.update_user_task(key, changes.as_changeset(), body.action or "update", actor=actor(user))


def _as_the_form_allows(engine: Engine, task: UserTaskRow, variables: Mapping[str, Any]) -> Mapping[str, Any]:
    found = engine.form(task.key)
    if found is None:
        return variables
    seen = {row.name: orjson.loads(row.value) for row in _seen_variables(engine, task, Search())}
    submission = validate(parse_form(found.schema.encode(), file=found.resource_name), variables, variables=seen)
    if not submission.is_valid:
        raise BadRequest("The form refuses what was sent: see errors, by field.", errors=dict(submission.errors))
    return submission.values


def _visible(engine: Engine, user: User, key: int) -> UserTaskRow:
    task: UserTaskRow | None = engine.get("user_task", key)
    if task is None or not may_see_task(user, task):
        raise NotFound(f"No user task {key}: search them at /v2/user-tasks/search.")
    return task


def _seen_variables(engine: Engine, task: UserTaskRow, search: Search) -> list[VariableRow]:
    scopes, scope = [], task.element_instance_key
    while scope is not None:
        scopes.append(scope)
        element = engine.get("element_instance", scope)
        scope = element.scope_key if element else None
    if task.process_instance_key not in scopes:
        scopes.append(task.process_instance_key)
    rows: list[VariableRow] = engine.search("variable", {"scope_key": {"$in": scopes}}, (), Page(limit=10_000)).items
    nearest: dict[str, VariableRow] = {}
    for row in sorted(rows, key=lambda row: -scopes.index(row.scope_key)):
        nearest[row.name] = row
    wanted = read_filter(search.filter or {}, VARIABLE_FIELDS)
    sort = read_sort(search.sort or [], VARIABLE_FIELDS) or [("name", "asc")]
    keys = {row.key for row in nearest.values()}
    matching = engine.search("variable", {"$or": [wanted], "scope_key": {"$in": scopes}}, sort, Page(limit=10_000)).items
    return [row for row in matching if row.key in keys]


def _answer(row: UserTaskRow) -> shape.UserTask:
    return shape.UserTask(
        user_task_key=row.key,
        name=row.name or row.element_id,
        state=row.state,
        assignee=row.assignee,
        candidate_users=list(row.candidate_users),
        candidate_groups=list(row.candidate_groups),
        creation_date=row.creation_date,
        completion_date=row.completion_date,
        due_date=row.due_date,
        follow_up_date=row.follow_up_date,
        priority=row.priority,
        form_key=row.form_key,
        external_form_reference=row.external_form,
        custom_headers=dict(row.headers),
        element_id=row.element_id,
        element_instance_key=row.element_instance_key,
        process_instance_key=row.process_instance_key,
        root_process_instance_key=row.root_process_instance_key,
        process_definition_key=row.definition_key,
        process_definition_id=row.process_id,
        process_definition_version=row.version,
        process_name=row.process_name,
    )
