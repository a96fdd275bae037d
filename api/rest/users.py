"""Users of this server, for administrators."""

from fastapi import APIRouter, Request, Response
from pydantic import Field as Member

from api.auth import Account, AccountError, guard_of
from api.rest.context import UserManager
from api.rest.json_body import JsonRoute
from api.rest.problems import BadRequest
from api.rest.searches import PageInfo, Search
from api.rest.wire import Answer, Ask
from engine.errors import Conflict, NotFound

router = APIRouter(tags=["Users"], route_class=JsonRoute)


class UserAnswer(Answer):
    username: str
    name: str | None
    email: str | None
    roles: list[str]
    groups: list[str]
    is_active: bool


class Users(Answer):
    items: list[UserAnswer]
    page: PageInfo


class NewUser(Ask):
    username: str = Member(max_length=256)
    password: str | None = Member(default=None, max_length=1024)
    name: str | None = Member(default=None, max_length=1000)
    email: str | None = Member(default=None, max_length=1000)
    roles: list[str] = Member(default=["person"], max_length=10)
    groups: list[str] = Member(default=[], max_length=100)


class UserChange(Ask):
    """Members left out stay as they are."""

    password: str | None = Member(default=None, max_length=1024)
    roles: list[str] | None = Member(default=None, max_length=10)
    groups: list[str] | None = Member(default=None, max_length=100)
    is_active: bool | None = None


class NewToken(Ask):
    name: str = Member(default="token", max_length=200)
    days: int | None = Member(default=None, ge=1, le=3660)


class TokenAnswer(Answer):
    """The only time the token can be read."""

    token: str


@router.post("/users", status_code=201)
def add_user(request: Request, _user: UserManager, body: NewUser) -> UserAnswer:
    accounts = guard_of(request).accounts
    if accounts.get(body.username) is not None:
        raise Conflict(f"There is already a user '{body.username}': change it with PATCH /v2/users/{body.username}.")
    try:
        account = accounts.add(body.username, body.password, roles=body.roles, groups=body.groups, display_name=body.name, email=body.email)
    except AccountError as error:
        raise BadRequest(str(error)) from None
    return _answer(account)


@router.post("/users/search")
def search_users(request: Request, _user: UserManager, search: Search | None = None) -> Users:
    """All users, by name; filter and sort are not offered."""
    if search and (search.filter or search.sort):
        raise BadRequest("Users are listed by name; leave filter and sort out.")
    found = guard_of(request).accounts.all()
    page = search.page if search else None
    start, limit = (page.from_, page.limit) if page else (0, 100)
    return Users(items=[_answer(account) for account in found[start : start + limit]], page=PageInfo(total_items=len(found)))


@router.get("/users/{username}")
def get_user(request: Request, _user: UserManager, username: str) -> UserAnswer:
    return _answer(_account(request, username))


@router.patch("/users/{username}", status_code=204, response_class=Response)
def change_user(request: Request, _user: UserManager, username: str, body: UserChange) -> None:
    """A new password, and switching off, end the user's sessions."""
    _account(request, username)
    accounts = guard_of(request).accounts
    try:
        accounts.change(username, roles=body.roles, groups=body.groups, is_active=body.is_active)
        if body.password is not None:
            accounts.set_password(username, body.password)
    except AccountError as error:
        raise BadRequest(str(error)) from None


@router.delete("/users/{username}", status_code=204, response_class=Response)
def delete_user(request: Request, user: UserManager, username: str) -> None:
    _account(request, username)
    if username == user.username:
        raise Conflict("You cannot delete yourself: let another administrator do it.")
    guard_of(request).accounts.remove(username)


@router.post("/users/{username}/tokens", status_code=201)
def create_token(request: Request, _user: UserManager, username: str, body: NewToken | None = None) -> TokenAnswer:
    _account(request, username)
    body = body or NewToken()
    return TokenAnswer(token=guard_of(request).tokens.create(username, name=body.name, days=body.days))


@router.delete("/users/{username}/tokens", status_code=204, response_class=Response)
def revoke_tokens(request: Request, _user: UserManager, username: str) -> None:
    """All of the user's tokens."""
    _account(request, username)
    guard_of(request).tokens.revoke_all(username)


def _account(request: Request, username: str) -> Account:
    account = guard_of(request).accounts.get(username) if username.isprintable() else None
    if account is None:
        raise NotFound(f"No user '{username[:256]}'.")
    return account


def _answer(account: Account) -> UserAnswer:
    return UserAnswer(
        username=account.username,
        name=account.display_name,
        email=account.email,
        roles=list(account.roles),
        groups=list(account.groups),
        is_active=account.is_active,
    )
