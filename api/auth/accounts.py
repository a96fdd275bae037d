"""Which users exist, and is this their password?"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from api.auth.permissions import Role
from api.auth.schema import auth_session, auth_token, auth_user
from api.auth.user import User
from engine.store.database import Database

MINIMUM_PASSWORD = 8
_MAXIMUM_PASSWORD = 1024
_hasher = PasswordHasher()
_hashing = threading.BoundedSemaphore(4)  # a hash takes 64 MiB on purpose: not for as many requests at once as there are


class AccountError(ValueError):
    """The account cannot be created or changed; the message says why."""


@dataclass(frozen=True, slots=True)
class Account:
    username: str
    display_name: str | None
    email: str | None
    roles: tuple[str, ...]
    groups: tuple[str, ...]
    is_active: bool
    created_at: datetime
    password_hash: str | None

    def as_user(self, how: str) -> User:
        return User(self.username, self.display_name, self.email, self.roles, self.groups, how)


class Accounts:
    """The users of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, username: str) -> Account | None:
        if not username.isprintable():
            return None
        with self._database.reading() as connection:
            row = connection.execute(select(auth_user).where(auth_user.c.username == username)).mappings().first()
        return _account(row) if row else None

    def all(self) -> list[Account]:
        with self._database.reading() as connection:
            return [_account(row) for row in connection.execute(select(auth_user).order_by(auth_user.c.username)).mappings()]

    def is_empty(self) -> bool:
        with self._database.reading() as connection:
            return connection.execute(select(func.count()).select_from(auth_user)).scalar_one() == 0

    def add(
        self,
        username: str,
        password: str | None,
        *,
        roles: Sequence[str] = (Role.PERSON.value,),
        groups: Sequence[str] = (),
        display_name: str | None = None,
        email: str | None = None,
    ) -> Account:
        """Raises AccountError: the name is taken or unusable, a role is unknown, the password too short."""
        _check_name(username)
        row = {
            "username": username,
            "display_name": display_name,
            "email": email,
            "password_hash": None if password is None else hash_password(password),
            "roles": _roles(roles),
            "groups": list(dict.fromkeys(groups)),
            "is_active": True,
            "created_at": datetime.now(UTC),
        }
        try:
            with self._database.writing() as connection:
                connection.execute(insert(auth_user).values(row))
        except IntegrityError:
            raise AccountError(f"There is already a user '{username}': set a new password with 'gatewise user passwd'.") from None
        return _account(row)

    def set_password(self, username: str, password: str) -> None:
        """Ends all sessions of the user, too."""
        self._change(username, {"password_hash": hash_password(password)}, end_sessions=True)

    def change(
        self, username: str, *, roles: Sequence[str] | None = None, groups: Sequence[str] | None = None, is_active: bool | None = None
    ) -> None:
        values: dict[str, Any] = {}
        if roles is not None:
            values["roles"] = _roles(roles)
        if groups is not None:
            values["groups"] = list(dict.fromkeys(groups))
        if is_active is not None:
            values["is_active"] = is_active
        if values:
            self._change(username, values, end_sessions=is_active is False)

    def remove(self, username: str) -> None:
        with self._database.writing() as connection:
            for table in (auth_session, auth_token):
                connection.execute(delete(table).where(table.c.username == username))
            if not connection.execute(delete(auth_user).where(auth_user.c.username == username)).rowcount:
                raise AccountError(f"There is no user '{username}'.")

    def verify(self, username: str, password: str) -> Account | None:
        """The account, when it is active and the password is right. Takes equally long for users that do not exist."""
        account = self.get(username)
        known = account.password_hash if account else None
        try:
            with _hashing:
                _hasher.verify(known or _nobody(), password[:_MAXIMUM_PASSWORD])
        except (Argon2Error, InvalidHashError):
            return None
        return account if account and known and account.is_active else None

    def _change(self, username: str, values: Mapping[str, Any], *, end_sessions: bool) -> None:
        with self._database.writing() as connection:
            if not connection.execute(update(auth_user).where(auth_user.c.username == username).values(**values)).rowcount:
                raise AccountError(f"There is no user '{username}': add one with 'gatewise user add {username}'.")
            if end_sessions:
                connection.execute(delete(auth_session).where(auth_session.c.username == username))


def hash_password(password: str) -> str:
    if len(password) < MINIMUM_PASSWORD:
        raise AccountError(f"The password is too short: use at least {MINIMUM_PASSWORD} characters.")
    if len(password) > _MAXIMUM_PASSWORD:
        raise AccountError(f"The password is too long: use at most {_MAXIMUM_PASSWORD} characters.")
    return _hasher.hash(password)


@cache
def _nobody() -> str:
    """A hash to verify for unknown users, so that the answer takes equally long."""
    return _hasher.hash("the password of nobody")


def _check_name(username: str) -> None:
    if not username or len(username) > 256 or not username.isprintable() or any(c.isspace() or c == ":" for c in username):
        raise AccountError(f"'{username}' cannot be a user name: use 1 to 256 characters without spaces and colons.")


def _roles(roles: Sequence[str]) -> list[str]:
    known = {role.value for role in Role}
    for name in roles:
        if name not in known:
            raise AccountError(f"There is no role '{name}': use {', '.join(sorted(known))}.")
    return list(dict.fromkeys(roles))


def _account(row: Mapping[Any, Any]) -> Account:
    return Account(
        username=row["username"],
        display_name=row["display_name"],
        email=row["email"],
        roles=tuple(row["roles"]),
        groups=tuple(row["groups"]),
        is_active=row["is_active"],
        created_at=row["created_at"],
        password_hash=row["password_hash"],
    )
