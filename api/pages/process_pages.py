"""Which processes and decisions are deployed, and what do they look like?"""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from api.auth import Permission, User, require
from api.pages.decision_tables import decision_tables
from api.pages.site import engine_of, page
from engine.errors import NotFound
from engine.store.rows import Page

router = APIRouter(include_in_schema=False)

Reader = Annotated[User, Depends(require(Permission.READ_DEFINITIONS))]


@router.get("/processes")
def processes(request: Request, user: Reader) -> Response:
    engine = engine_of(request)
    latest, by_name, all_of_them = {"is_latest": True}, (("name", "asc"), ("key", "asc")), Page(limit=500)
    return page(
        request,
        "processes.html",
        here="processes",
        processes=engine.search("process_definition", latest, by_name, all_of_them).items,
        decisions=engine.search("decision_definition", latest, by_name, all_of_them).items,
        forms=engine.search("form", latest, (("form_id", "asc"),), all_of_them).items,
        others=engine.search(
            "resource", {"is_latest": True, "kind": {"$notIn": ["process", "decision", "form"]}}, (("id", "asc"),), all_of_them
        ).items,
    )


@router.get("/processes/{key:int}")
def process(request: Request, key: int, user: Reader) -> Response:
    engine = engine_of(request)
    definition = engine.get("process_definition", key)
    if definition is None:
        raise NotFound(f"There is no deployed process {key}.")
    return page(
        request,
        "process.html",
        here="processes",
        definition=definition,
        title=definition.name or definition.process_id,
        versions=engine.search("process_definition", {"process_id": definition.process_id}, (("version", "desc"),), Page(limit=50)).items,
        may_read_instances=user.may(Permission.READ_INSTANCES),
        may_start=user.may(Permission.START),
    )


@router.get("/processes/{key:int}/diagram")
def diagram(request: Request, key: int, user: Reader) -> Response:
    xml = engine_of(request).process_xml(key)
    return Response(xml, media_type="application/xml", headers={"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"})


@router.get("/decisions/{key:int}")
def decision(request: Request, key: int, user: Reader) -> Response:
    engine = engine_of(request)
    definition = engine.get("decision_definition", key)
    if definition is None:
        raise NotFound(f"There is no deployed decision {key}.")
    return page(
        request,
        "decision.html",
        here="processes",
        definition=definition,
        title=definition.name or definition.decision_id,
        tables=decision_tables(engine.decision_xml(key), definition.decision_id),
    )
