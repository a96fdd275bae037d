"""Who sent this request? Reads credentials and session cookies, and signs browsers in and out."""

import base64
import binascii
import hashlib
import hmac
import logging
import secrets
import time
from collections import OrderedDict

from starlette.requests import Request
from starlette.responses import Response

from api.auth.accounts import Account, Accounts
from api.auth.attempts import Attempts
from api.auth.errors import SignInNeeded
from api.auth.sessions import Session, Sessions
from api.auth.tokens import Tokens
from api.auth.user import LOCAL_USER, User
from api.settings import Settings
from engine.store.database import Database

log = logging.getLogger("gatewise.auth")

COOKIE = "gatewise_session"
_REMEMBERED, _REMEMBER_SECONDS = 1_000, 60  # passwords of basic authentication that were right a moment ago


class Guard:
    """One per application, in `app.state.guard`."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.settings = settings
        self.accounts = Accounts(database)
        self.sessions = Sessions(database, idle=settings.session_idle, lifetime=settings.session_lifetime)
        self.tokens = Tokens(database)
        self.attempts = Attempts()
        self._secret = secrets.token_bytes(32)
        self._remembered: OrderedDict[bytes, tuple[float, str]] = OrderedDict()

    @property
    def is_open(self) -> bool:
        return self.settings.auth == "none"

    def identify(self, request: Request) -> User | None:
        """The user of a request, None for nobody. Raises SignInNeeded for credentials that are wrong, TooManyAttempts."""
        if self.is_open:
            return LOCAL_USER
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "basic":
            return self._basic(value.strip(), address_of(request))
        if scheme.lower() == "bearer":
            account = self.tokens.find(value.strip())
            if account is None:
                raise SignInNeeded("The bearer token is unknown, expired or belongs to a user that was switched off.")
            return account.as_user("token")
        session = self.session_of(request)
        return session.account.as_user("session") if session else None

    def session_of(self, request: Request) -> Session | None:
        if not hasattr(request.state, "session"):
            session_id = request.cookies.get(COOKIE)
            request.state.session = self.sessions.find(session_id) if session_id and not self.is_open else None
        return request.state.session

    def check_password(self, username: str, password: str, address: str) -> Account:
        """Raises SignInNeeded for a wrong name or password, TooManyAttempts."""
        self.attempts.check(username, address)
        account = self.accounts.verify(username, password)
        if account is None:
            self.attempts.failed(username, address)
            log.warning("A sign-in as %.100r from %s failed.", username, address)
            raise SignInNeeded("The user name or the password is wrong.")
        self.attempts.succeeded(username, address)
        return account

    def sign_in(self, request: Request, response: Response, username: str, password: str) -> User:
        """Checks the password and sets a cookie with a new session id; the session the browser had before ends."""
        account = self.check_password(username, password, address_of(request))
        self._end_session(request)
        log.info("%s signed in from %s.", account.username, address_of(request))
        response.set_cookie(
            COOKIE,
            self.sessions.begin(account.username),
            httponly=True,
            samesite="lax",
            secure=self._is_secure(request),
            path="/",
            max_age=self.settings.session_lifetime,
        )
        return account.as_user("session")

    def sign_out(self, request: Request, response: Response) -> None:
        self._end_session(request)
        response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax", secure=self._is_secure(request))

    def _end_session(self, request: Request) -> None:
        session_id = request.cookies.get(COOKIE)
        if session_id:
            self.sessions.end(session_id)
        request.state.session = None

    def _is_secure(self, request: Request) -> bool:
        return request.url.scheme == "https" or self.settings.public_url.startswith("https://")

    def _basic(self, encoded: str, address: str) -> User:
        try:
            username, colon, password = base64.b64decode(encoded, validate=True).decode("utf-8").partition(":")
        except (binascii.Error, ValueError):
            raise SignInNeeded("The Authorization header is not 'Basic' with base64 of user:password.") from None
        if not colon:
            raise SignInNeeded("The Authorization header holds no 'user:password'.")
        # argon2 is slow on purpose: a password that was right within the last minute is recognised by its keyed hash,
        # as long as the stored hash of the account is still the same.
        account = self.accounts.get(username)
        if account and account.is_active and account.password_hash:
            mark = hmac.digest(self._secret, f"{username}\0{password}\0{account.password_hash}".encode(), hashlib.sha256)
            remembered = self._remembered.get(mark)
            if remembered and remembered[0] > time.monotonic():
                return account.as_user("password")
            account = self.check_password(username, password, address)
            self._remembered[mark] = (time.monotonic() + _REMEMBER_SECONDS, username)
            while len(self._remembered) > _REMEMBERED:
                self._remembered.popitem(last=False)
            return account.as_user("password")
        return self.check_password(username, password, address).as_user("password")


def address_of(request: Request) -> str:
    return request.client.host if request.client else "?"
