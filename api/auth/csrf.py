"""Did one of our own pages send this? Refuses changes that another site made a browser send."""

import hmac
from urllib.parse import urlsplit

from starlette.requests import Request

from api.auth.errors import ForgedRequest
from api.auth.guard import Guard

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
HEADER, FIELD = "x-csrf-token", "csrf_token"


def check_origin(request: Request, public_url: str) -> None:
    """Browsers say where a request came from (Sec-Fetch-Site, Origin); other clients send neither and are let through."""
    if request.method in SAFE_METHODS:
        return
    site = request.headers.get("sec-fetch-site")
    if site in ("cross-site", "same-site"):
        raise ForgedRequest("This request came from another site. Open Gatewise itself and try there.")
    origin = request.headers.get("origin")
    if origin is None or site == "same-origin":
        return
    own = {request.headers.get("host", "").lower(), urlsplit(public_url).netloc.lower()}
    if urlsplit(origin).netloc.lower() not in own - {""}:
        raise ForgedRequest(f"Requests from {origin[:200]} are not accepted. Set GATEWISE_PUBLIC_URL when a proxy changes the address.")


async def check_token(request: Request, guard: Guard) -> None:
    """A change by a signed-in browser must carry the token of its session, in the header or in the form."""
    if request.method in SAFE_METHODS or "authorization" in request.headers:
        return
    session = guard.session_of(request)
    if session is None:
        return
    sent = request.headers.get(HEADER)
    if sent is None and request.headers.get("content-type", "").startswith(("application/x-www-form-urlencoded", "multipart/form-data")):
        field = (await request.form()).get(FIELD)
        sent = field if isinstance(field, str) else None
    if sent is None or not hmac.compare_digest(sent.encode("utf-8", "replace"), session.csrf_token.encode()):
        raise ForgedRequest("The page was open too long or is not ours. Load it again and repeat.")
