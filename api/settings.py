"""What can be set when Gatewise starts, by flags of the command line and `GATEWISE_*` variables of the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from ipaddress import ip_address
from typing import Any

_TRUE = {"1", "true", "yes", "on"}


class BadSettings(ValueError):
    """A setting cannot be used; the message says which and what to do."""


@dataclass(frozen=True, slots=True)
class Settings:
    """`database_url` is an SQLAlchemy address. Sizes are bytes, times seconds."""

    database_url: str = "sqlite:///gatewise.db"
    host: str = "127.0.0.1"
    port: int = 8080
    auth: str = "local"  # local | none
    test_clock: bool = False
    with_worker: bool = True  # agents work in the server's process
    public_url: str = ""  # where browsers reach the server, when that is not http://host:port
    max_body: int = 4 * 1024 * 1024  # of a JSON request or a form post
    max_upload: int = 32 * 1024 * 1024  # of a deployment
    session_idle: int = 8 * 3600
    session_lifetime: int = 24 * 3600
    max_poll: int = 60  # how long an activation of jobs may wait
    create_admin: str = ""  # "user:password": created at start when no user exists yet

    @property
    def is_loopback(self) -> bool:
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False

    def check(self) -> None:
        """Raises BadSettings for a combination that must not start."""
        if self.auth not in ("local", "none"):
            raise BadSettings(f"--auth {self.auth!r} is unknown: use 'local' (users with passwords) or 'none' (loopback only).")
        if self.auth == "none" and not self.is_loopback:
            raise BadSettings(
                f"--auth none would let everybody who reaches {self.host} change everything. "
                "Bind to 127.0.0.1, or use --auth local and add users with 'gatewise user add'."
            )
        if not 0 <= self.port <= 65535:
            raise BadSettings(f"--port {self.port} is not a port: use 0 to 65535.")


_FIELDS: Mapping[str, type] = {
    "database_url": str,
    "host": str,
    "port": int,
    "auth": str,
    "test_clock": bool,
    "with_worker": bool,
    "public_url": str,
    "max_body": int,
    "max_upload": int,
    "session_idle": int,
    "session_lifetime": int,
    "max_poll": int,
    "create_admin": str,
}


def read_settings(environment: Mapping[str, str] | None = None, **flags: Any) -> Settings:
    """Settings from the environment, overruled by flags that are not None. Raises BadSettings for a text that is no number."""
    environment = os.environ if environment is None else environment
    values: dict[str, Any] = {}
    for name, kind in _FIELDS.items():
        text = environment.get(f"GATEWISE_{name.upper()}")
        if text is not None:
            values[name] = _parse(name, kind, text)
    values.update({name: value for name, value in flags.items() if value is not None})
    return replace(Settings(), **values)


def _parse(name: str, kind: type, text: str) -> Any:
    if kind is bool:
        return text.strip().lower() in _TRUE
    if kind is int:
        try:
            return int(text)
        except ValueError:
            raise BadSettings(f"GATEWISE_{name.upper()}={text!r} is not a whole number.") from None
    return text
