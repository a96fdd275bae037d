"""Signing in and out, and where to go first."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from starlette.requests import Request
from starlette.responses import Response

from api.auth import (
    SIGN_IN_PATH,
    SignInNeeded,
    TooManyAttempts,
    User,
    current_user,
    optional_user,
    safe_next,
    sign_in,
    sign_out,
    verify_csrf,
)
from api.pages.site import go_to, home_of, page

router = APIRouter(include_in_schema=False)


@router.get("/")
def home(user: Annotated[User, Depends(current_user)]) -> Response:
    return go_to(home_of(user))


@router.get(SIGN_IN_PATH)
def sign_in_page(request: Request, next: str = "/") -> Response:
    if optional_user(request):
        return go_to(safe_next(next))
    return _form(request, safe_next(next))


@router.post(SIGN_IN_PATH, dependencies=[Depends(verify_csrf)])
def sign_in_now(
    request: Request, username: Annotated[str, Form()] = "", password: Annotated[str, Form()] = "", next: Annotated[str, Form()] = "/"
) -> Response:
    answer = go_to(safe_next(next))
    try:
        sign_in(request, answer, username.strip(), password)
    except (SignInNeeded, TooManyAttempts) as error:
        return _form(request, safe_next(next), username=username, error=str(error), status=error.status)
    return answer


@router.post("/sign-out", dependencies=[Depends(verify_csrf)])
def sign_out_now(request: Request) -> Response:
    answer = go_to(SIGN_IN_PATH)
    sign_out(request, answer)
    return answer


def _form(request: Request, next: str, *, username: str = "", error: str = "", status: int = 200) -> Response:
    return page(request, "sign_in.html", status=status, next=next, username=username, error=error)
