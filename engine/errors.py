"""Which errors does the engine raise, and what does each mean to the caller?

GatewiseError
├── NotFound            nothing has this key or id (any more)
├── Conflict            it exists, but its state does not allow the command
├── Rejected            the command itself is invalid: a wrong value, a missing name, a forbidden combination
├── DeploymentRefused   the files have errors; `problems` holds all of them; nothing was stored
├── Busy                too much is waiting: try again after `retry_after` seconds
└── StorageUnavailable  the database cannot be used: locked by another process, out of reach, out of space; nothing was changed
    └── OutcomeUnknown  it went away during the commit: the change may be there or not; look before you repeat it
"""

from bpmn.model import Problem


class GatewiseError(Exception):
    """A refused command. The message names the thing and the way out."""


class NotFound(GatewiseError):
    """Nothing has this key or id."""


class Conflict(GatewiseError):
    """The state of the thing does not allow the command."""


class Rejected(GatewiseError):
    """The command is invalid whatever the state."""


class DeploymentRefused(GatewiseError):
    """The files have errors. Nothing was stored."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        errors = [p for p in problems if p.severity == "error"]
        first = errors[0].message if errors else "unknown"
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        super().__init__(f"The deployment was refused: {first}{more}")
        self.problems = problems


class Busy(GatewiseError):
    """Too many commands wait. `retry_after` is in seconds."""

    def __init__(self, message: str, retry_after: float = 1.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class StorageUnavailable(GatewiseError):
    """The database cannot be used now. Nothing was changed."""


class OutcomeUnknown(StorageUnavailable):
    """The database went away during the commit: the change may be there or not."""
