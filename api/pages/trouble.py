"""What does a page say when something cannot be done?"""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from api.auth import SIGN_IN_PATH, AuthError, SignInNeeded
from api.pages.site import go_to, page
from engine.errors import Busy, Conflict, DeploymentRefused, GatewiseError, NotFound, Rejected, StorageUnavailable

_ANSWERS: tuple[tuple[type[GatewiseError], int, str], ...] = (
    (NotFound, 404, "Not found"),
    (Conflict, 409, "This has changed meanwhile"),
    (DeploymentRefused, 422, "The files have errors"),
    (Rejected, 400, "This cannot be done"),
    (Busy, 503, "Too much to do right now"),
    (StorageUnavailable, 503, "The database cannot be reached"),
)


def auth_trouble(request: Request, error: AuthError) -> Response:
    """Sends people who are not signed in to the sign-in page; tells others why not."""
    if isinstance(error, SignInNeeded):
        if request.method != "GET" or request.url.path.startswith(("/events", "/static")):
            return go_to(SIGN_IN_PATH)
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return go_to(f"{SIGN_IN_PATH}?next={quote(here, safe='')}")
    heading = "Too many attempts" if error.status == 429 else "You may not do this"
    answer = trouble(request, error.status, heading, str(error))
    if error.retry_after:
        answer.headers["Retry-After"] = str(error.retry_after)
    return answer


def engine_trouble(request: Request, error: GatewiseError) -> Response:
    for kind, status, heading in _ANSWERS:
        if isinstance(error, kind):
            return trouble(request, status, heading, str(error))
    return trouble(request, 500, "Something went wrong", str(error))


def trouble(request: Request, status: int, heading: str, message: str) -> Response:
    return page(request, "trouble.html", status=status, heading=heading, message=message)
