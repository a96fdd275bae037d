"""Which process instances are there, and which need help?"""

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from api.auth import Permission, User, require
from api.pages.live import events_address
from api.pages.site import engine_of, go_to, page
from api.pages.task_lists import View, processes_known
from engine.runtime.facade import Engine
from engine.store.rows import Page

router = APIRouter(include_in_schema=False)

PAGE_SIZE = 50
VIEWS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "running": ("Running", {"state": "ACTIVE"}),
    "incidents": ("With incidents", {"state": "ACTIVE", "has_incident": True}),
    "completed": ("Completed", {"state": "COMPLETED"}),
    "cancelled": ("Cancelled", {"state": "TERMINATED"}),
    "all": ("All", {}),
}


@router.get("/instances")
def instances(
    request: Request,
    user: Annotated[User, Depends(require(Permission.READ_INSTANCES))],
    view: str = "running",
    process: str = "",
    key: str = "",
    offset: int = 0,
) -> Response:
    engine = engine_of(request)
    events = events_address(engine)
    if key.strip().isdigit() and len(key.strip()) < 19 and engine.get("process_instance", int(key)) is not None:
        return go_to(f"/instances/{int(key)}")
    chosen = view if view in VIEWS else "running"
    narrowed: dict[str, Any] = {"process_id": process} if process else {}
    offset = max(offset, 0)
    found = engine.search(
        "process_instance", {**VIEWS[chosen][1], **narrowed}, (("start_date", "desc"),), Page(offset=offset, limit=PAGE_SIZE)
    )
    keep = {"process": process}
    return page(
        request,
        "instances.html",
        here="instances",
        events=events,
        instances=found.items,
        waits=_waits(engine, [row.key for row in found.items if row.state == "ACTIVE"]),
        total=found.total,
        views=[
            View(name, label, _count(engine, {**only, **narrowed}), _address(view=name, **keep)) for name, (label, only) in VIEWS.items()
        ],
        view=chosen,
        process=process,
        processes=processes_known(engine),
        key=key,
        first=offset + 1,
        last=offset + len(found.items),
        before=_address(view=chosen, **keep, offset=max(offset - PAGE_SIZE, 0)) if offset else "",
        after=_address(view=chosen, **keep, offset=offset + PAGE_SIZE) if offset + PAGE_SIZE < found.total else "",
        here_address=request.url.path + (f"?{request.url.query}" if request.url.query else ""),
    )


_SILENT = ("PROCESS", "SUB_PROCESS", "EVENT_SUB_PROCESS", "MULTI_INSTANCE_BODY")


def _waits(engine: Engine, keys: list[int]) -> dict[int, str]:
    """Where each running instance is, in a few words."""
    if not keys:
        return {}
    wanted = {"process_instance_key": {"$in": keys}, "state": "ACTIVE", "type": {"$notIn": list(_SILENT)}}
    names: dict[int, list[str]] = {}
    for row in engine.search("element_instance", wanted, (("key", "asc"),), Page(limit=500)).items:
        known = names.setdefault(row.process_instance_key, [])
        name = row.element_name or row.element_id
        if name not in known:
            known.append(name)
    return {key: ", ".join(each[:3]) + (f" and {len(each) - 3} more" if len(each) > 3 else "") for key, each in names.items()}


def _count(engine: Engine, filter: Mapping[str, Any]) -> int:
    return engine.search("process_instance", filter, (), Page(limit=0)).total


def _address(**parts: Any) -> str:
    kept = {name: value for name, value in parts.items() if value not in ("", 0, None)}
    return f"/instances?{urlencode(kept)}"
