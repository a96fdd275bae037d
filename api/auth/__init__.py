"""Who is asking, and may they? What routers and pages use.

Dependencies (FastAPI): `current_user` gives the `User` or raises SignInNeeded; `optional_user` gives None for nobody;
`require("start")` gives the `User` or raises NotPermitted; `verify_csrf` belongs on every route that changes something
(`dependencies=[Depends(verify_csrf)]`). In pages: `csrf_token(request)` is the value of the hidden form field `csrf_token`
or of the header `X-CSRF-Token`; `sign_in` and `sign_out` set and clear the cookie on the response they are given.

The application turns the errors into answers: a problem document under /v2, for pages a redirect to `SIGN_IN_PATH?next=…`
(SignInNeeded) or an error page (NotPermitted and ForgedRequest 403, TooManyAttempts 429). When authentication is
switched off, everybody is `LOCAL_USER` and `csrf_token` is empty.
"""

from collections.abc import Awaitable, Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.auth.accounts import Account, AccountError, Accounts
from api.auth.csrf import check_origin, check_token
from api.auth.errors import AuthError, ForgedRequest, NotPermitted, SignInNeeded, TooManyAttempts
from api.auth.guard import COOKIE, Guard
from api.auth.permissions import ROLE_PERMISSIONS, Permission, Role, permissions_of
from api.auth.task_access import is_entitled, may_claim_task, may_complete_task, may_see_task
from api.auth.tokens import Tokens
from api.auth.user import LOCAL_USER, User

SIGN_IN_PATH = "/sign-in"

__all__ = [
    "COOKIE",
    "LOCAL_USER",
    "ROLE_PERMISSIONS",
    "SIGN_IN_PATH",
    "Account",
    "AccountError",
    "Accounts",
    "AuthError",
    "ForgedRequest",
    "Guard",
    "NotPermitted",
    "Permission",
    "Role",
    "SignInNeeded",
    "Tokens",
    "TooManyAttempts",
    "User",
    "csrf_token",
    "current_user",
    "guard_of",
    "is_entitled",
    "may_claim_task",
    "may_complete_task",
    "may_see_task",
    "optional_user",
    "permissions_of",
    "require",
    "safe_next",
    "sign_in",
    "sign_out",
    "signed_in",
    "verify_csrf",
]


def guard_of(request: Request) -> Guard:
    return request.app.state.guard


def optional_user(request: Request) -> User | None:
    """The user of the request, None for nobody. Wrong credentials raise SignInNeeded all the same."""
    if not hasattr(request.state, "user"):
        request.state.user = guard_of(request).identify(request)
    return request.state.user


def current_user(request: Request) -> User:
    user = optional_user(request)
    if user is None:
        raise SignInNeeded("Sign in first: send basic credentials, a bearer token, or sign in with the browser.")
    return user


async def signed_in(request: Request) -> User:
    """`current_user` for asynchronous routes and dependencies: looks into the database in a thread, and only when it must."""
    return current_user(request) if guard_of(request).is_open else await run_in_threadpool(current_user, request)


def require(*permissions: Permission | str) -> Callable[[Request], Awaitable[User]]:
    """A dependency that gives the user when they have one of the permissions."""
    needed = tuple(Permission(permission) for permission in permissions)

    async def permitted(request: Request) -> User:
        user = await signed_in(request)
        if not any(map(user.may, needed)):
            roles = ", ".join(sorted(role for role, given in ROLE_PERMISSIONS.items() if given & {*needed}))
            raise NotPermitted(f"'{user.username}' may not do this: it takes the permission '{needed[0]}', which have: {roles}.")
        return user

    return permitted


async def verify_csrf(request: Request) -> None:
    """Raises ForgedRequest when a change does not come from our own page (browsers) or another program (credentials)."""
    guard = guard_of(request)
    check_origin(request, guard.settings.public_url)
    await check_token(request, guard)


def csrf_token(request: Request) -> str:
    """The token of the browser's session; empty before sign-in."""
    session = guard_of(request).session_of(request)
    return session.csrf_token if session else ""


def sign_in(request: Request, response: Response, username: str, password: str) -> User:
    """Sets the cookie of a new session. Blocking (argon2): call it from a `def` route. Raises SignInNeeded, TooManyAttempts."""
    return guard_of(request).sign_in(request, response, username, password)


def sign_out(request: Request, response: Response) -> None:
    guard_of(request).sign_out(request, response)


def safe_next(path: str | None, default: str = "/") -> str:
    """Where to go after signing in: only a path of our own."""
    if not path or not path.startswith("/") or path.startswith(("//", "/\\")) or any(ord(c) < 32 for c in path):
        return default
    return path
