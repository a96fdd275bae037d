"""One user task: what is proposed, how sure and why, what deciding will do, and the form to decide with."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from api.auth import NotPermitted, Permission, User, current_user, may_claim_task, may_complete_task, may_see_task, verify_csrf
from api.pages.data import variables_at
from api.pages.decisions_taken import DecisionTaken, decisions_taken
from api.pages.diagrams import Diagram, diagram_of
from api.pages.form_views import FormView, read_form, read_submission, view, view_after_list_change
from api.pages.live import events_address
from api.pages.outcomes import Outcome, is_outcome, number, outcomes_in
from api.pages.site import actor_of, engine_of, go_to, page
from api.pages.subjects import subjects_of
from api.pages.words import is_nothing, kind
from engine.errors import Conflict, NotFound, Rejected
from engine.runtime.facade import Engine
from engine.store.rows import UserTaskRow
from forms import Field, Form

router = APIRouter(prefix="/tasks/{key:int}", include_in_schema=False)


async def posted_fields(request: Request) -> FormData:
    return await request.form()


@router.get("")
def task_page(request: Request, key: int, user: Annotated[User, Depends(current_user)]) -> Response:
    return _show(request, _task(request, key, user), user)


@router.post("/claim", dependencies=[Depends(verify_csrf)])
def claim(request: Request, key: int, user: Annotated[User, Depends(current_user)]) -> Response:
    task = _task(request, key, user)
    if not may_claim_task(user, task):
        raise NotPermitted("This task is not open to you.")
    engine_of(request).claim_user_task(key, user.username, actor=actor_of(user))
    return go_to(f"/tasks/{key}", "claimed")


@router.post("/unclaim", dependencies=[Depends(verify_csrf)])
def unclaim(request: Request, key: int, user: Annotated[User, Depends(current_user)]) -> Response:
    task = _task(request, key, user)
    if task.assignee != user.username and not user.may(Permission.ASSIGN_TASKS):
        raise NotPermitted("Only the person a task is assigned to, or an operator, can give it back.")
    engine_of(request).unassign_user_task(key, actor=actor_of(user))
    return go_to(f"/tasks/{key}", "unclaimed")


@router.post("/complete", dependencies=[Depends(verify_csrf)])
def complete(
    request: Request, key: int, user: Annotated[User, Depends(current_user)], posted: Annotated[FormData, Depends(posted_fields)]
) -> Response:
    task = _task(request, key, user)
    if not may_complete_task(user, task):
        raise NotPermitted("This task is assigned to somebody else: only they can complete it.")
    if task.state != "CREATED":
        raise Conflict("This task was already completed or withdrawn. Nothing was changed.")
    engine = engine_of(request)
    form, variables = _form_and_variables(engine, task)
    values: Mapping[str, Any] = {}
    if form is not None:
        changed = view_after_list_change(form, posted, variables)
        if changed is not None:
            return _show(request, task, user, form_view=changed)
        submission = read_submission(form, posted, variables)
        if submission.errors:
            return _show(
                request, task, user, form_view=view(form, variables, values=submission.values, errors=submission.errors), status=422
            )
        values = submission.values
    engine.complete_user_task(key, values, actor=actor_of(user))
    return go_to("/tasks", "completed")


@dataclass(frozen=True, slots=True)
class Parts:
    """A proposal that is a record: what to read first, the long texts, and the rest."""

    head: Mapping[str, Any]
    texts: Mapping[str, str]
    rest: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """What the person decides on. `proposal` is what an agent suggests; `others` what agents found on the way there."""

    proposal: Outcome | None
    parts: Parts | None
    others: list[Outcome]
    decisions: list[DecisionTaken]
    consequence: str | None
    facts: dict[str, Any]


def case_of(engine: Engine, diagram: Diagram, task: UserTaskRow, variables: Mapping[str, Any], form: Form | None) -> Case:
    wanted = diagram.note(task.element_id, "proposal")
    threshold = number(diagram.note(task.element_id, "threshold"))
    asked = set(_asked(form.fields)) if form else set()
    outcomes = outcomes_in(engine, diagram, task.process_instance_key, variables, threshold=threshold)
    proposal = next((each for each in outcomes if each.variable == wanted), None) if wanted else next(iter(outcomes), None)
    decisions = decisions_taken(engine, task.process_instance_key)
    ruled = [each.value for each in decisions]
    return Case(
        proposal=proposal,
        parts=_parts(proposal.value) if proposal and isinstance(proposal.value, Mapping) else None,
        others=[each for each in outcomes if each is not proposal],
        decisions=decisions,
        consequence=diagram.note(task.element_id, "consequence"),
        facts={
            name: value
            for name, value in sorted(variables.items())
            if name not in asked and value not in ruled and not is_outcome(value) and not is_nothing(value)
        },
    )


_READ_FIRST = ("title", "subject", "to", "recipient", "summary", "amount", "decision", "action")


def _parts(value: Mapping[str, Any]) -> Parts:
    texts = {name: each for name, each in value.items() if kind(each) == "long-text"}
    short = {name: each for name, each in value.items() if name not in texts and not is_nothing(each)}
    head = {name: short[name] for name in _READ_FIRST if name in short} if texts else short
    return Parts(head, texts, {name: each for name, each in short.items() if name not in head})


def _asked(fields: Iterable[Field]) -> Iterator[str]:
    """The variables that the form itself shows and asks for."""
    for field in fields:
        if field.place:
            yield field.place[0]
        else:
            yield from _asked(field.children)


def _task(request: Request, key: int, user: User) -> UserTaskRow:
    task = engine_of(request).get("user_task", key)
    if task is None or not may_see_task(user, task):
        raise NotFound(f"There is no task {key} for you. It may belong to others, or its process was removed.")
    return task


def _form_and_variables(engine: Engine, task: UserTaskRow) -> tuple[Form | None, dict[str, Any]]:
    variables = variables_at(engine, task.process_instance_key, task.element_instance_key)
    row = engine.form(task.key)
    return (read_form(row) if row else None), variables


def _show(request: Request, task: UserTaskRow, user: User, *, form_view: FormView | None = None, status: int = 200) -> Response:
    engine = engine_of(request)
    events = events_address(engine, task.process_instance_key)
    form, variables = _form_and_variables(engine, task)
    diagram = diagram_of(engine, task.definition_key, task.process_id)
    form_trouble = ""
    if form is not None and form_view is None:
        try:
            form_view = view(form, variables)
        except Rejected as error:
            form_trouble = str(error)
    is_open = task.state == "CREATED"
    return page(
        request,
        "task.html",
        status=status,
        here="tasks",
        events=events,
        task=task,
        title=task.name or diagram.name(task.element_id),
        subject=subjects_of(engine, [task]).get(task.key, ""),
        documentation=diagram.documentation(task.element_id),
        case=case_of(engine, diagram, task, variables, form),
        form=form_view,
        form_trouble=form_trouble,
        is_open=is_open,
        is_mine=task.assignee == user.username,
        may_claim=is_open and not task.assignee and may_claim_task(user, task),
        may_unclaim=is_open and bool(task.assignee) and (task.assignee == user.username or user.may(Permission.ASSIGN_TASKS)),
        may_complete=is_open and may_complete_task(user, task),
        may_see_instance=user.may(Permission.READ_INSTANCES),
        now=engine.clock.now(),
    )
