"""Which parts of texts must not reach prompts, journals and logs?

Secrets that this process knows (values of environment variables whose names say so) and texts that look like
credentials. Inputs are redacted before the model sees them, replies before anything reads them, so that what is recorded
is what was used.
"""

import os
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

MASK = "[redacted]"

Redact = Callable[[Any], Any]

_SECRET_NAME = re.compile(r"(?:api[_-]?key|token|secret|passw(?:or)?d|credential|private[_-]?key)s?\Z", re.IGNORECASE)
_CREDENTIAL = re.compile(
    r"\bsk-[A-Za-z0-9_-]{16,}|\bgh[pousr]_[A-Za-z0-9]{30,}|\bxox[abprs]-[A-Za-z0-9-]{10,}|\bAKIA[0-9A-Z]{16}\b|\bAIza[0-9A-Za-z_-]{35}"
    r"|\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
    r"|(?<=[Bb]earer )[A-Za-z0-9._~+/-]{16,}=*|(?<=://)[^/\s:@]{1,64}:[^/\s@]{1,128}(?=@)",
    re.DOTALL,
)
_SHORTEST_SECRET = 8


def known_secrets(environment: Mapping[str, str] = os.environ) -> list[str]:
    """Values of variables named like `…_API_KEY`, `…_TOKEN`, `…_PASSWORD`, `…_SECRET`."""
    return [value for name, value in environment.items() if _SECRET_NAME.search(name) and len(value) >= _SHORTEST_SECRET]


def redactor(secrets: Iterable[str] = ()) -> Redact:
    """A function that masks secrets and credentials in every text of a JSON value, keys included."""
    longest_first = sorted({secret for secret in secrets if len(secret) >= _SHORTEST_SECRET}, key=lambda s: (-len(s), s))

    def text(value: str) -> str:
        for secret in longest_first:
            value = value.replace(secret, MASK)
        return _CREDENTIAL.sub(MASK, value)

    def redact(value: Any) -> Any:
        match value:
            case str():
                return text(value)
            case Mapping():
                return {text(str(key)): redact(item) for key, item in value.items()}
            case list() | tuple():
                return [redact(item) for item in value]
            case _:
                return value

    return redact
