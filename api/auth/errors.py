"""What can be wrong with who asks.

AuthError
├── SignInNeeded      nobody is signed in, or the credentials are wrong      401
├── NotPermitted      somebody is, but may not do this                       403
├── ForgedRequest     the request came from another site (CSRF)              403
└── TooManyAttempts   sign-ins failed too often                              429
"""


class AuthError(Exception):
    status = 401

    def __init__(self, message: str, *, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class SignInNeeded(AuthError):
    status = 401


class NotPermitted(AuthError):
    status = 403


class ForgedRequest(AuthError):
    status = 403


class TooManyAttempts(AuthError):
    status = 429
