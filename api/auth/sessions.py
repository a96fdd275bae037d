"""Which browser is signed in? Sessions are rows; the cookie holds only an opaque id, the row only its hash."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update

from api.auth.accounts import Account
from api.auth.schema import auth_session, auth_user
from engine.store.database import Database

_SEEN_EVERY = timedelta(minutes=1)  # how precisely the last use of a session is kept


@dataclass(frozen=True, slots=True)
class Session:
    id_hash: str
    account: Account
    csrf_token: str


class Sessions:
    """`idle` and `lifetime` are seconds: a session ends when unused for the one, and at the latest after the other."""

    def __init__(self, database: Database, *, idle: int, lifetime: int) -> None:
        self._database = database
        self._idle, self._lifetime = timedelta(seconds=idle), timedelta(seconds=lifetime)

    def begin(self, username: str) -> str:
        """Returns the id for the cookie: always a new one. Rows of expired sessions go on the way."""
        session_id, now = secrets.token_urlsafe(32), datetime.now(UTC)
        with self._database.writing() as connection:
            connection.execute(delete(auth_session).where(auth_session.c.expires_at < now))
            connection.execute(
                insert(auth_session).values(
                    id_hash=hash_secret(session_id),
                    username=username,
                    csrf_token=secrets.token_urlsafe(32),
                    created_at=now,
                    seen_at=now,
                    expires_at=now + self._lifetime,
                )
            )
        return session_id

    def find(self, session_id: str) -> Session | None:
        """The session of a cookie, unless it expired or its user was switched off."""
        id_hash, now = hash_secret(session_id), datetime.now(UTC)
        query = select(auth_session, auth_user).join_from(auth_session, auth_user, auth_session.c.username == auth_user.c.username)
        with self._database.reading() as connection:
            row: Any = connection.execute(query.where(auth_session.c.id_hash == id_hash)).first()
        if row is None or not row.is_active:
            return None
        seen_at, expires_at = aware(row.seen_at), aware(row.expires_at)
        if now >= expires_at or now - seen_at >= self._idle:
            self.end(session_id)
            return None
        if now - seen_at >= _SEEN_EVERY:
            with self._database.writing() as connection:
                connection.execute(update(auth_session).where(auth_session.c.id_hash == id_hash).values(seen_at=now))
        account = Account(
            username=row.username,
            display_name=row.display_name,
            email=row.email,
            roles=tuple(row.roles),
            groups=tuple(row.groups),
            is_active=row.is_active,
            created_at=row.created_at,
            password_hash=None,
        )
        return Session(id_hash, account, row.csrf_token)

    def end(self, session_id: str) -> None:
        with self._database.writing() as connection:
            connection.execute(delete(auth_session).where(auth_session.c.id_hash == hash_secret(session_id)))


def hash_secret(secret: str) -> str:
    """SHA-256 is enough for secrets of 256 random bits."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def aware(moment: datetime) -> datetime:
    """SQLite gives times back without their zone; all of ours are UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
