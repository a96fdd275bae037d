"""How does data become a page: templates, headers, navigation?"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api.auth import Permission, User, csrf_token, guard_of, optional_user
from api.auth.errors import AuthError
from api.pages import words
from api.pages.outcomes import is_outcome
from engine.runtime.facade import Engine
from engine.runtime.inputs import Actor

ROOM = Path(__file__).parent.parent
STATIC = ROOM / "static"

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the navigation."""

    id: str
    name: str
    address: str
    permissions: tuple[Permission, ...]


NAVIGATION = (
    Place("tasks", "Tasks", "/tasks", (Permission.WORK_TASKS, Permission.READ_ALL_TASKS)),
    Place("instances", "Instances", "/instances", (Permission.READ_INSTANCES,)),
    Place("start", "Start", "/start", (Permission.START,)),
    Place("processes", "Processes", "/processes", (Permission.READ_DEFINITIONS,)),
    Place("deployments", "Deploy", "/deploy", (Permission.DEPLOY,)),
)


def engine_of(request: Request) -> Engine:
    return request.app.state.engine


def actor_of(user: User) -> Actor:
    return Actor(user.username)


def places_for(user: User) -> list[Place]:
    return [place for place in NAVIGATION if any(user.may(permission) for permission in place.permissions)]


def home_of(user: User) -> str:
    """The first page this user may open."""
    return next((place.address for place in places_for(user)), "/sign-in")


def page(request: Request, template: str, *, status: int = 200, here: str = "", **values: Any) -> HTMLResponse:
    """Renders a template with what every page needs. `here`: the id of the navigation's current place."""
    user = _user_of(request)
    context: dict[str, Any] = {
        "request_path": request.url.path,
        "user": user,
        "places": places_for(user) if user else [],
        "here": here,
        "csrf_token": csrf_token(request) if user else "",
        "is_sign_in_needed": not guard_of(request).is_open,
        "said": SAID.get(request.query_params.get("said", "")),
        "events": "",
        **values,
    }
    return HTMLResponse(_environment().get_template(template).render(context), status_code=status, headers=HEADERS)


def go_to(address: str, said: str = "") -> Response:
    """After a change: see the result, and reload without sending it again. `said` names one of `SAID`."""
    if said:
        address += ("&" if "?" in address else "?") + f"said={said}"
    return RedirectResponse(address, status_code=303, headers={"Cache-Control": "no-store"})


SAID: Mapping[str, str] = {
    "completed": "Done. The process goes on.",
    "claimed": "This task is yours now.",
    "unclaimed": "The task is free for others again.",
    "started": "The process was started.",
    "cancelled": "The instance was cancelled.",
    "retried": "It was tried again. If it fails once more, a new incident appears here.",
}
"""What a page says after a change: fixed sentences, so that an address cannot put words on a page."""


def static_address(name: str) -> str:
    """The address of a bundle, with a mark that changes with its content."""
    path = STATIC / name
    try:
        mark = _mark(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        mark = "missing"
    return f"/static/{name}?v={mark}"


@lru_cache(maxsize=64)
def _mark(path: Path, modified: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def _user_of(request: Request) -> User | None:
    try:
        return optional_user(request)
    except AuthError:
        return None


@lru_cache(maxsize=1)
def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(ROOM / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals["static"] = static_address
    environment.filters.update(words.FILTERS)
    environment.tests.update(outcome=is_outcome, nothing=words.is_nothing, flat=lambda value: words.kind(value) == "flat")
    return environment
