"""Where do agent jobs come from, and where do their results go? The seam between the worker and the engine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from agent_tasks.journal.entries import Journal

JOB_TYPE = "gatewise.agent"


@dataclass(frozen=True, slots=True)
class AgentJob:
    """A job leased to this worker. `lease` fences: a result that comes with an older one is refused."""

    key: int
    process_instance_key: int
    element_instance_key: int
    element_id: str
    process_id: str
    definition_key: int
    retries: int
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    variables: Mapping[str, Any] = field(default_factory=dict[str, Any])
    lease: str | int | None = None


@dataclass(frozen=True, slots=True)
class DeployedFile:
    """A deployed agent or data file in the version that a process instance uses."""

    key: int
    id: str
    version: int
    sha256: str
    content: bytes
    name: str


class JobGone(Exception):
    """The job is no longer ours: completed, cancelled, or leased to another worker."""


class JobSource(Protocol):
    """The engine, seen by a worker: in the same process or over HTTP. Calls that change a job raise `JobGone`.

    Any call may raise `ServerUnreachable`: nothing is known of what it did, and repeating it is safe.
    """

    @property
    def journal(self) -> Journal: ...

    def activate(self, worker: str, lease_ms: int, most: int, wait_seconds: float) -> Sequence[AgentJob]:
        """Leases up to `most` jobs of type `gatewise.agent`; waits for the first one up to `wait_seconds`."""
        ...

    def wake(self) -> None:
        """Lets an `activate` that waits return soon."""
        ...

    def file(self, kind: str, id: str, job: AgentJob) -> DeployedFile:
        """The file deployed together with the definition of the job's instance, else the newest. Raises `ResourceMissing`."""
        ...

    def close(self) -> None:
        """Called once, by the worker that stops."""
        ...

    def extend(self, job: AgentJob, lease_ms: int) -> None:
        """Renews the lease: it ends `lease_ms` from now."""
        ...

    def complete(self, job: AgentJob, variables: Mapping[str, Any]) -> None: ...

    def fail(self, job: AgentJob, retries: int, message: str, backoff_ms: int) -> None: ...

    def throw_error(self, job: AgentJob, code: str, message: str) -> None: ...
