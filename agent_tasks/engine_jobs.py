"""How does a worker inside the server's process get its jobs? From the engine directly."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from threading import Event
from typing import TYPE_CHECKING, Any

from agent_tasks.errors import ResourceMissing, ServerUnreachable
from agent_tasks.jobs import JOB_TYPE, AgentJob, DeployedFile, JobGone
from agent_tasks.journal.database import DatabaseJournal
from engine.errors import Busy, Conflict, NotFound, StorageUnavailable
from engine.runtime.inputs import Actor, Notice
from engine.store.rows import ActivatedJob, Page

if TYPE_CHECKING:
    from engine.runtime.facade import Engine

_WORKER = "agent-worker"


class EngineJobs:
    """A `JobSource` over an engine of this process. Wakes up when the engine says that jobs became available."""

    def __init__(self, engine: "Engine", *, actor: Actor | None = None) -> None:
        self._engine = engine
        self._actor = actor or Actor(_WORKER, "worker")
        self._available = Event()
        self._unsubscribe = engine.subscribe(self._notice)
        self.journal = DatabaseJournal(engine)

    def close(self) -> None:
        """Listens to the engine no more."""
        self._unsubscribe()
        self.wake()

    def wake(self) -> None:
        self._available.set()

    def take_back(self, worker: str) -> int:
        """Ends the leases that a worker of this name holds; how many. Only for when that worker is known to be gone."""
        held = self._engine.search("job", {"type": JOB_TYPE, "state": "ACTIVATED", "worker": worker}, (), Page(limit=10_000)).items
        for job in held:
            with suppress(NotFound, Conflict):
                self._engine.update_job(job.key, timeout_ms=1, actor=self._actor)
        return len(held)

    def activate(self, worker: str, lease_ms: int, most: int, wait_seconds: float) -> Sequence[AgentJob]:
        self._available.clear()
        jobs = self._activate(worker, lease_ms, most)
        if not jobs and self._available.wait(wait_seconds):
            jobs = self._activate(worker, lease_ms, most)
        return jobs

    def _activate(self, worker: str, lease_ms: int, most: int) -> list[AgentJob]:
        try:
            jobs = self._engine.activate_jobs(type=JOB_TYPE, worker=worker, timeout_ms=lease_ms, max_jobs=most, actor=self._actor)
        except (Busy, StorageUnavailable) as problem:
            raise ServerUnreachable(str(problem)) from problem
        return [_job(job) for job in jobs]

    def file(self, kind: str, id: str, job: AgentJob) -> DeployedFile:
        try:
            found = self._engine.resource(kind, id, deployment_of_instance=job.process_instance_key)
        except NotFound as problem:
            raise ResourceMissing(f"No {kind} {id!r} is deployed: deploy its file together with the diagram.") from problem
        return DeployedFile(found.key, found.id, found.version, found.sha256, found.content, found.name)

    def extend(self, job: AgentJob, lease_ms: int) -> None:
        self._do(lambda: self._engine.update_job(job.key, timeout_ms=lease_ms, lease=_lease(job), actor=self._actor))

    def complete(self, job: AgentJob, variables: Mapping[str, Any]) -> None:
        self._do(lambda: self._engine.complete_job(job.key, variables, lease=_lease(job), actor=self._actor))

    def fail(self, job: AgentJob, retries: int, message: str, backoff_ms: int) -> None:
        self._do(lambda: self._engine.fail_job(job.key, retries, message, backoff_ms, lease=_lease(job), actor=self._actor))

    def throw_error(self, job: AgentJob, code: str, message: str) -> None:
        self._do(lambda: self._engine.throw_job_error(job.key, code, message, {}, lease=_lease(job), actor=self._actor))

    def _notice(self, notice: Notice) -> None:
        if notice.kind == "job" and notice.type in (None, JOB_TYPE):
            self._available.set()

    @staticmethod
    def _do(command: Any) -> None:
        try:
            command()
        except (NotFound, Conflict) as problem:
            raise JobGone(str(problem)) from problem
        except (Busy, StorageUnavailable) as problem:
            raise ServerUnreachable(str(problem)) from problem


def _job(job: ActivatedJob) -> AgentJob:
    return AgentJob(
        key=job.key,
        process_instance_key=job.process_instance_key,
        element_instance_key=job.element_instance_key,
        element_id=job.element_id,
        process_id=job.process_id,
        definition_key=job.definition_key,
        retries=job.retries,
        headers=job.headers,
        variables=job.variables,
        lease=job.lease,
    )


def _lease(job: AgentJob) -> int | None:
    return job.lease if isinstance(job.lease, int) else None
