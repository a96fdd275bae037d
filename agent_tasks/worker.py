"""How are agent jobs worked? Leased, run in threads, their leases renewed, their outcomes delivered, their failures decided."""

import logging
import os
import queue
import socket
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from agent_tasks.definition.agent_file import OnFailure
from agent_tasks.definition.check import AgentDefinition
from agent_tasks.engine_jobs import EngineJobs
from agent_tasks.errors import AgentTaskError, ResourceMissing, RunTaken, ServerUnreachable, Unexpected
from agent_tasks.failure import Failure, RaiseIncident, ThrowBpmnError, TryAgain, decide
from agent_tasks.http_jobs import Credentials, HttpJobs
from agent_tasks.jobs import AgentJob, DeployedFile, JobGone, JobSource
from agent_tasks.journal.entries import EntryKind, RunOrigin
from agent_tasks.model.configured import ConfiguredModels
from agent_tasks.model.prices import read_prices
from agent_tasks.pinned_files import PinnedFiles
from agent_tasks.redaction import known_secrets, redactor
from agent_tasks.runner import RunLog, Workshop, run_agent

if TYPE_CHECKING:
    from engine.runtime.facade import Engine

_LOG = logging.getLogger(__name__)
_LEASE_MS = 30_000
_WAIT_SECONDS = 5.0
_LONGEST_PAUSE = 10.0
_DELIVERY_TRIES = 6


class AgentWorker:
    """Works agent jobs of a source with `threads` at a time. Start it once; `stop` lets running jobs finish.

    A job still running after the time that `stop` grants is left to its lease: whoever gets it then goes on with its journal.
    """

    def __init__(self, source: JobSource, shop: Workshop, *, name: str | None = None, threads: int = 4, lease_ms: int = _LEASE_MS) -> None:
        if threads < 1:
            raise ValueError("A worker needs at least one thread.")
        self.name = name or f"agents-{socket.gethostname()}-{os.getpid()}"
        self._source, self._shop, self._lease_ms = source, shop, lease_ms
        self._files = PinnedFiles(shop.functions)
        self._stopping = threading.Event()
        self._free = threading.Semaphore(threads)
        self._work: queue.SimpleQueue[AgentJob | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._running: dict[int, tuple[AgentJob, threading.Event]] = {}
        self._slots = [threading.Thread(target=self._serve, name=f"{self.name}-{n}", daemon=True) for n in range(threads)]
        self._others = [
            threading.Thread(target=self._lease_jobs, name=f"{self.name}-jobs", daemon=True),
            threading.Thread(target=self._renew_leases, name=f"{self.name}-leases", daemon=True),
        ]

    def start(self) -> "AgentWorker":
        for thread in (*self._slots, *self._others):
            thread.start()
        return self

    def stop(self, timeout: float = 10.0) -> bool:
        """Takes no more jobs and waits for the running ones. True when all of them finished in time."""
        with self._lock:
            self._stopping.set()
            for _ in self._slots:
                self._work.put(None)
        self._source.wake()
        deadline = time.monotonic() + timeout
        for thread in (*self._slots, *self._others):
            thread.join(max(0.0, deadline - time.monotonic()))
        with self._lock:
            left = [stop for _, stop in self._running.values()]
        for stop in left:
            stop.set()
        self._shop.models.close()
        self._source.close()
        return not left

    @property
    def running(self) -> int:
        """How many jobs are being worked now."""
        with self._lock:
            return len(self._running)

    # ------------------------------------------------------------ threads

    def _lease_jobs(self) -> None:
        """Leases as many jobs as there are free threads."""
        pause = 0.5
        while not self._stopping.is_set():
            if not self._free.acquire(timeout=0.5):
                continue
            free = 1
            while self._free.acquire(blocking=False):
                free += 1
            jobs: list[AgentJob] = []
            try:
                if not self._stopping.is_set():
                    jobs = list(self._source.activate(self.name, self._lease_ms, free, _WAIT_SECONDS))
                pause = 0.5
            except ServerUnreachable as problem:
                _LOG.warning("No jobs can be fetched: %s. Trying again in %.1f s.", problem, pause)
                self._stopping.wait(pause)
                pause = min(_LONGEST_PAUSE, pause * 2)
            for job in jobs:
                self._take(job)
            for _ in range(free - len(jobs)):
                self._free.release()

    def _take(self, job: AgentJob) -> None:
        with self._lock:
            is_taken = not self._stopping.is_set()
            if is_taken:
                self._running[job.key] = (job, threading.Event())
                self._work.put(job)
        if not is_taken:  # leased while the worker was being stopped: let another one have it
            with suppress(JobGone, ServerUnreachable):
                self._source.extend(job, 1)

    def _serve(self) -> None:
        while (job := self._work.get()) is not None:
            with self._lock:
                stop = self._running[job.key][1]
            try:
                self.work(job, stop)
            except Exception:
                _LOG.exception("The job %s could not be worked; its lease will expire.", job.key)
            finally:
                with self._lock:
                    self._running.pop(job.key, None)
                self._free.release()

    def _renew_leases(self) -> None:
        """Renews the leases of running jobs; stops the runs whose job is gone."""
        while not self._stopping.wait(self._lease_ms / 3000):
            with self._lock:
                running = list(self._running.values())
            for job, stop in running:
                try:
                    self._source.extend(job, self._lease_ms)
                except JobGone:
                    stop.set()
                except ServerUnreachable as problem:
                    _LOG.warning("The lease of job %s could not be renewed: %s", job.key, problem)

    # ------------------------------------------------------------ one job

    def work(self, job: AgentJob, stop: threading.Event | None = None) -> None:
        """Runs a leased job to its end: completed, failed, or a BPMN error thrown; or leaves it alone when it is gone."""
        try:
            self._work_known(job, stop or threading.Event())
        except (JobGone, RunTaken) as gone:
            _LOG.info("Job %s is left alone: %s", job.key, gone)
        except ServerUnreachable as problem:
            _LOG.warning("Job %s is left to its lease: %s", job.key, problem)

    def _work_known(self, job: AgentJob, stop: threading.Event) -> None:
        agent: AgentDefinition | None = None
        log: RunLog | None = None
        attempt = 1
        try:
            agent_id = job.headers.get("agentId", "")
            if not agent_id:
                raise ResourceMissing(f"The element {job.element_id!r} names no agent: add the task header `agentId`.")
            agent, file = self._files.agent(self._source, agent_id, job)
            origin = self._origin(job, agent, file)
            opened = self._source.journal.open(origin)
            attempt = opened.attempt
            log = RunLog(self._source.journal, origin, opened, stop)
            outcome = run_agent(agent, job.variables, log, self._files.data_of(self._source, job), self._shop)
        except (JobGone, RunTaken, ServerUnreachable):
            raise
        except AgentTaskError as error:
            self._failed(job, agent, log, attempt, error)
        except Exception as error:
            _LOG.exception("Job %s of element %s failed unexpectedly.", job.key, job.element_id)
            self._failed(job, agent, log, attempt, Unexpected(f"{type(error).__name__}: {error}"))
        else:
            self._deliver(lambda: self._source.complete(job, {job.headers.get("resultVariable") or agent.id: outcome}))

    def _failed(self, job: AgentJob, agent: AgentDefinition | None, log: RunLog | None, attempt: int, error: AgentTaskError) -> None:
        before = attempt - 1 + (log.progress.failed_tries if log else 0)
        failure = Failure(error.code, str(self._shop.redact(str(error))), error.is_retryable, before, error.retry_after)
        decision = decide(failure, agent.spec.on_failure if agent else OnFailure(), job.retries)
        match decision:
            case TryAgain(retries, backoff_ms, text):
                if log is not None and log.progress.outcome is None:
                    kind = EntryKind.FAILURE if error.ends_run else EntryKind.TRY_FAILED
                    log.record(kind, {"code": failure.code, "message": failure.message, "backoffMs": backoff_ms, "then": "retry"})
                self._deliver(lambda: self._source.fail(job, retries, text, backoff_ms))
            case RaiseIncident(text):
                self._end(log, failure, "incident")
                self._deliver(lambda: self._source.fail(job, 0, text, 0))
            case ThrowBpmnError(error_code, text):
                self._end(log, failure, "error")
                self._deliver(lambda: self._source.throw_error(job, error_code, text))

    @staticmethod
    def _end(log: RunLog | None, failure: Failure, then: str) -> None:
        if log is not None and log.progress.outcome is None:
            log.record(EntryKind.FAILURE, {"code": failure.code, "message": failure.message, "then": then})

    def _deliver(self, command: Any) -> None:
        """Hands a result over; while the server does not answer, tries again for a while: repeating it is safe."""
        pause = 0.5
        for left in reversed(range(_DELIVERY_TRIES)):
            try:
                return command()
            except ServerUnreachable:
                if left == 0:
                    raise
                time.sleep(pause)
                pause *= 2
        return None

    def _origin(self, job: AgentJob, agent: AgentDefinition, file: DeployedFile) -> RunOrigin:
        return RunOrigin(
            process_instance_key=job.process_instance_key,
            element_instance_key=job.element_instance_key,
            element_id=job.element_id,
            process_id=job.process_id,
            definition_key=job.definition_key,
            job_key=job.key,
            agent_id=agent.id,
            agent_name=agent.spec.name,
            agent_version=file.version,
            agent_sha256=file.sha256,
            agent_key=file.key,
            worker=self.name,
        )


def workshop(environment: Mapping[str, str] = os.environ) -> Workshop:
    """What the environment configures: models, prices, and the secrets to be masked. Raises `FileRefused` for a broken price table."""
    prices = read_prices(environment.get("GATEWISE_PRICES"))
    return Workshop(ConfiguredModels(environment), prices=prices, redact=redactor(known_secrets(environment)))


def worker_for_engine(
    engine: "Engine", *, name: str | None = None, threads: int = 4, lease_ms: int = _LEASE_MS, shop: Workshop | None = None
) -> AgentWorker:
    """A worker inside the engine's process, not started yet. The engine must be running.

    One process at a time has a SQLite database: agent jobs that the worker before this one held when it was killed are taken
    back at once, rather than when their leases expire.
    """
    source = EngineJobs(engine)
    if engine.database.is_sqlite:
        name = name or "server"
        source.take_back(name)
    return AgentWorker(source, shop or workshop(), name=name, threads=threads, lease_ms=lease_ms)


def run_worker(
    url: str,
    credentials: Credentials = None,
    *,
    threads: int = 4,
    name: str | None = None,
    lease_ms: int = _LEASE_MS,
    stop: threading.Event | None = None,
    shop: Workshop | None = None,
) -> None:
    """Works the agent jobs of the server at `url` until `stop` is set, then lets running jobs finish."""
    worker = AgentWorker(HttpJobs(url, credentials), shop or workshop(), name=name, threads=threads, lease_ms=lease_ms).start()
    (stop or threading.Event()).wait()
    worker.stop()
