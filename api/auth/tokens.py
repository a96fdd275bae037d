"""Whose bearer token is this? Tokens are shown once and kept as hashes."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select

from api.auth.accounts import Account, AccountError, Accounts
from api.auth.schema import auth_token, auth_user
from api.auth.sessions import aware, hash_secret
from engine.store.database import Database

PREFIX = "gw_"  # so that secret scanners and people recognise one


class Tokens:
    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, username: str, *, name: str = "token", days: int | None = None) -> str:
        """Returns the token: the only time it can be read. Raises AccountError for an unknown user."""
        if Accounts(self._database).get(username) is None:
            raise AccountError(f"There is no user '{username}': add one with 'gatewise user add {username}'.")
        token, now = PREFIX + secrets.token_urlsafe(32), datetime.now(UTC)
        with self._database.writing() as connection:
            connection.execute(
                insert(auth_token).values(
                    token_hash=hash_secret(token),
                    username=username,
                    name=name,
                    created_at=now,
                    expires_at=now + timedelta(days=days) if days else None,
                )
            )
        return token

    def find(self, token: str) -> Account | None:
        query = select(auth_token.c.expires_at.label("token_expires_at"), auth_user).join_from(
            auth_token, auth_user, auth_token.c.username == auth_user.c.username
        )
        with self._database.reading() as connection:
            row: Any = connection.execute(query.where(auth_token.c.token_hash == hash_secret(token))).first()
        if row is None or not row.is_active:
            return None
        if row.token_expires_at is not None and aware(row.token_expires_at) <= datetime.now(UTC):
            return None
        return Account(
            username=row.username,
            display_name=row.display_name,
            email=row.email,
            roles=tuple(row.roles),
            groups=tuple(row.groups),
            is_active=True,
            created_at=row.created_at,
            password_hash=None,
        )

    def revoke(self, token: str) -> None:
        with self._database.writing() as connection:
            connection.execute(delete(auth_token).where(auth_token.c.token_hash == hash_secret(token)))

    def revoke_all(self, username: str) -> None:
        with self._database.writing() as connection:
            connection.execute(delete(auth_token).where(auth_token.c.username == username))
