"""Which user tasks wait for me, for my groups, for anybody I may help?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from api.auth import Permission, User, current_user
from api.pages.live import events_address
from api.pages.site import engine_of, page
from api.pages.subjects import subjects_of
from api.rest.task_visibility import visible_tasks
from engine.runtime.facade import Engine
from engine.store.rows import Page

router = APIRouter(include_in_schema=False)

PAGE_SIZE = 50
SORTS: Mapping[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    "due": ("Due first", (("due_date", "asc"), ("priority", "desc"))),
    "priority": ("Most important first", (("priority", "desc"), ("due_date", "asc"))),
    "newest": ("Newest first", (("creation_date", "desc"),)),
    "oldest": ("Oldest first", (("creation_date", "asc"),)),
}
DUE: Mapping[str, tuple[str, timedelta]] = {
    "overdue": ("Overdue", timedelta()),
    "day": ("Within a day", timedelta(days=1)),
    "week": ("Within a week", timedelta(days=7)),
}
NOBODY = {"$exists": False}


@dataclass(frozen=True, slots=True)
class View:
    id: str
    name: str
    count: int
    address: str


@router.get("/tasks")
def tasks(
    request: Request,
    user: Annotated[User, Depends(current_user)],
    view: str = "",
    sort: str = "due",
    process: str = "",
    text: str = "",
    due: str = "",
    offset: int = 0,
) -> Response:
    engine = engine_of(request)
    events, now = events_address(engine), engine.clock.now()
    filters = view_filters(user)
    counts = {name: _count(engine, {**only, "state": "CREATED"}) for name, only in filters.items() if name != "done"}
    chosen = view if view in filters else next((name for name, count in counts.items() if count), "all")
    only = filters[chosen]
    wanted: dict[str, Any] = {"state": "COMPLETED" if chosen == "done" else "CREATED", **only}
    if process:
        wanted["process_id"] = process
    if text.strip():
        wanted["name"] = {"$like": f"*{_literal(text.strip())}*"}
    if due in DUE and chosen != "done":
        wanted["due_date"] = {"$lt": now + DUE[due][1]}
    order = (("completion_date", "desc"),) if chosen == "done" else SORTS.get(sort, SORTS["due"])[1]
    offset = max(offset, 0)
    found = engine.search("user_task", wanted, order, Page(offset=offset, limit=PAGE_SIZE))
    keep = {"sort": sort, "process": process, "text": text, "due": due}
    return page(
        request,
        "tasks.html",
        here="tasks",
        events=events,
        tasks=found.items,
        subjects=subjects_of(engine, found.items),
        total=found.total,
        now=now,
        views=[View(name, label, counts.get(name, -1), _address(view=name, **keep)) for name, label in _VIEWS if name in filters],
        view=chosen,
        sort=sort if sort in SORTS else "due",
        sorts={name: label for name, (label, _) in SORTS.items()},
        process=process,
        processes=processes_known(engine),
        text=text,
        due=due if due in DUE else "",
        dues={name: label for name, (label, _) in DUE.items()},
        is_filtered=bool(process or text.strip() or due),
        first=offset + 1,
        last=offset + len(found.items),
        before=_address(view=chosen, **keep, offset=max(offset - PAGE_SIZE, 0)) if offset else "",
        after=_address(view=chosen, **keep, offset=offset + PAGE_SIZE) if offset + PAGE_SIZE < found.total else "",
        here_address=str(request.url.path) + (f"?{request.url.query}" if request.url.query else ""),
    )


_VIEWS = (("mine", "Mine"), ("groups", "Open to me"), ("all", "All"), ("done", "Completed by me"))


def view_filters(user: User) -> dict[str, Mapping[str, Any]]:
    """The filters of the views this user has; each shows only what the user may see."""
    unnamed = {"candidate_users": NOBODY, "candidate_groups": NOBODY}
    named: list[Mapping[str, Any]] = [{"candidate_user": user.username}]
    if user.groups:
        named.append({"candidate_group": {"$in": list(user.groups)}})
    open_to_me = {"assignee": NOBODY, "$or": [*named, unnamed]}
    every = visible_tasks(user)
    views: dict[str, Mapping[str, Any]] = {"all": every, "done": {"completed_by": user.username}}
    if user.may(Permission.WORK_TASKS):
        return {"mine": {"assignee": user.username}, "groups": open_to_me, **views}
    return {"all": every}


def processes_known(engine: Engine) -> list[tuple[str, str]]:
    """Ids and names of the deployed processes, for filters."""
    found = engine.search("process_definition", {"is_latest": True}, (("process_id", "asc"),), Page(limit=500))
    return sorted(((row.process_id, row.name or row.process_id) for row in found.items), key=lambda pair: pair[1].lower())


def _count(engine: Engine, filter: Mapping[str, Any]) -> int:
    return engine.search("user_task", filter, (), Page(limit=0)).total


def _literal(text: str) -> str:
    """Text that people type is no pattern."""
    return text.replace("\\", "\\\\").replace("*", "\\*").replace("?", "\\?")


def _address(**parts: Any) -> str:
    kept = {name: value for name, value in parts.items() if value not in ("", 0, None)}
    return f"/tasks?{urlencode(kept)}" if kept else "/tasks"
