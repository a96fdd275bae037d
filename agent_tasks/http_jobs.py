"""How does a worker beside the server get its jobs and keep its journal? Over the server's REST interface."""

import threading
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import httpx
import orjson

from agent_tasks.errors import ResourceMissing, RunTaken, ServerUnreachable
from agent_tasks.jobs import JOB_TYPE, AgentJob, DeployedFile, JobGone
from agent_tasks.journal.entries import EntryKind, JournalEntry, OpenedRun, RunOrigin, RunRef

_PATIENCE = 30.0  # seconds for an answer, beside the time that a request may wait
_LONGEST_WAIT = 3.0  # seconds: so long a worker may take to stop
_PAUSES = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0)
_FILES_KEPT = 4096
Credentials = httpx.Auth | tuple[str, str] | str | None


class HttpJobs:
    """A `JobSource` and `Journal` over HTTP. `credentials`: a bearer token, (user, password), or an httpx auth."""

    def __init__(self, url: str, credentials: Credentials = None, *, transport: httpx.BaseTransport | None = None) -> None:
        headers = {"Authorization": f"Bearer {credentials}"} if isinstance(credentials, str) else {}
        auth = None if isinstance(credentials, str) else credentials
        self._client = httpx.Client(base_url=url, headers=headers, auth=auth, timeout=_PATIENCE, transport=transport, trust_env=False)
        self._lock = threading.Lock()
        self._files: dict[tuple[int, str, str], DeployedFile] = {}

    def close(self) -> None:
        self._client.close()

    @property
    def journal(self) -> "HttpJobs":
        return self

    # ------------------------------------------------------------ jobs

    def activate(self, worker: str, lease_ms: int, most: int, wait_seconds: float) -> Sequence[AgentJob]:
        wait_seconds = min(wait_seconds, _LONGEST_WAIT)
        body = {
            "type": JOB_TYPE,
            "worker": worker,
            "timeout": lease_ms,
            "maxJobsToActivate": most,
            "requestTimeout": max(1, round(wait_seconds * 1000)),
            "withLease": True,
        }
        answer = self._call("POST", "/v2/jobs/activation", body, timeout=wait_seconds + _PATIENCE)
        return [_job(item) for item in answer["jobs"]]

    def wake(self) -> None:
        """A request that waits ends by itself within seconds."""

    def file(self, kind: str, id: str, job: AgentJob) -> DeployedFile:
        place = (job.process_instance_key, kind, id)
        with self._lock:
            if (known := self._files.get(place)) is not None:
                return known
        try:
            found = self._call("GET", f"/v2/process-instances/{job.process_instance_key}/resources/{kind}/{id}")
        except JobGone as missing:
            raise ResourceMissing(f"No {kind} {id!r} is deployed: deploy its file together with the diagram.") from missing
        content = found["content"].encode()
        file = DeployedFile(
            int(found["resourceKey"]), found["resourceId"], found["version"], found["sha256"], content, found["resourceName"]
        )
        with self._lock:
            if len(self._files) >= _FILES_KEPT:
                self._files.clear()
            self._files[place] = file
        return file

    def extend(self, job: AgentJob, lease_ms: int) -> None:
        self._call("PATCH", f"/v2/jobs/{job.key}", {"changeset": {"timeout": lease_ms}, **_lease(job)})

    def complete(self, job: AgentJob, variables: Mapping[str, Any]) -> None:
        self._call("POST", f"/v2/jobs/{job.key}/completion", {"variables": dict(variables), **_lease(job)})

    def fail(self, job: AgentJob, retries: int, message: str, backoff_ms: int) -> None:
        body = {"retries": retries, "errorMessage": message, "retryBackOff": backoff_ms, **_lease(job)}
        self._call("POST", f"/v2/jobs/{job.key}/failure", body)

    def throw_error(self, job: AgentJob, code: str, message: str) -> None:
        self._call("POST", f"/v2/jobs/{job.key}/error", {"errorCode": code, "errorMessage": message, **_lease(job)})

    # ------------------------------------------------------------ journal

    def open(self, origin: RunOrigin) -> OpenedRun:
        found = self._call("POST", "/v2/agent-runs", {"jobKey": str(origin.job_key), "worker": origin.worker})
        ref = RunRef(int(found["processInstanceKey"]), int(found["runKey"]))
        return OpenedRun(ref, found["attempt"], tuple(_entry(item) for item in found["entries"]))

    def append(self, run: RunRef, seq: int, kind: EntryKind, data: Mapping[str, Any]) -> JournalEntry:
        """Asks again while the server does not answer: an entry that it has already is answered like a new one."""
        body = {"seq": seq, "kind": kind.value, "data": dict(data)}
        for pause in (*_PAUSES, None):
            try:
                return _entry(self._call("POST", f"/v2/agent-runs/{run.key}/entries", body))
            except JobGone as gone:
                raise RunTaken(str(gone)) from gone
            except ServerUnreachable:
                if pause is None:
                    raise
                time.sleep(pause)
        raise AssertionError("unreachable")

    # ------------------------------------------------------------ HTTP

    def _call(self, method: str, path: str, body: Any = None, *, timeout: float = _PATIENCE) -> Any:
        """The answer. `JobGone` for 404 and 409; `ServerUnreachable` where asking later can help."""
        try:
            content = None if body is None else orjson.dumps(body)
            answer = self._client.request(method, path, content=content, headers={"Content-Type": "application/json"}, timeout=timeout)
        except httpx.HTTPError as error:
            raise ServerUnreachable(f"{self._client.base_url} does not answer: {type(error).__name__} {error}".strip()) from error
        if answer.is_success:
            return orjson.loads(answer.content) if answer.content else None
        reason = f"{method} {path} was answered {answer.status_code}: {_detail(answer)}"
        if answer.status_code in (404, 409):
            raise JobGone(reason)
        if answer.status_code in (401, 403):
            raise ServerUnreachable(f"{reason} The worker needs a user with the role worker.")
        raise ServerUnreachable(reason)


def _detail(answer: httpx.Response) -> str:
    try:
        return str(orjson.loads(answer.content)["detail"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return answer.reason_phrase


def _job(item: Mapping[str, Any]) -> AgentJob:
    return AgentJob(
        key=int(item["jobKey"]),
        process_instance_key=int(item["processInstanceKey"]),
        element_instance_key=int(item["elementInstanceKey"]),
        element_id=item["elementId"],
        process_id=item["processDefinitionId"],
        definition_key=int(item["processDefinitionKey"]),
        retries=item["retries"],
        headers=item["customHeaders"],
        variables=item["variables"],
        lease=item["jobLeaseToken"],
    )


def _lease(job: AgentJob) -> dict[str, str]:
    return {} if job.lease is None else {"jobLeaseToken": str(job.lease)}


def _entry(item: Mapping[str, Any]) -> JournalEntry:
    return JournalEntry(item["seq"], EntryKind(item["kind"]), datetime.fromisoformat(item["at"]), item["data"])
