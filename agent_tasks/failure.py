"""What follows when an agent task fails: another try, an incident, or a BPMN error?"""

from dataclasses import dataclass
from typing import TypeAlias

from agent_tasks.definition.agent_file import OnFailure

_LONGEST_BACKOFF_MS = 3_600_000
_LONGEST_MESSAGE = 2_000


@dataclass(frozen=True, slots=True)
class Failure:
    """`before`: how many failures of this job's runs were already followed by another try. `retry_after`: seconds that the
    other side asks to wait."""

    code: str
    message: str
    is_retryable: bool
    before: int
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class TryAgain:
    retries: int
    backoff_ms: int
    message: str


@dataclass(frozen=True, slots=True)
class RaiseIncident:
    message: str


@dataclass(frozen=True, slots=True)
class ThrowBpmnError:
    code: str
    message: str


Decision: TypeAlias = TryAgain | RaiseIncident | ThrowBpmnError


def decide(failure: Failure, policy: OnFailure, job_retries: int) -> Decision:
    """The consequence of a failure.

    A failure that may pass is tried again as long as both the agent's policy and the job have retries left, waiting
    twice as long each time, and no less than the other side asks for. What cannot pass by waiting goes straight to the end of the policy.
    """
    message = f"{failure.code}: {failure.message}"[:_LONGEST_MESSAGE]
    if failure.is_retryable and failure.before < policy.retries and job_retries > 1:
        seconds = max(policy.backoff_seconds * 2**failure.before, failure.retry_after or 0.0)
        return TryAgain(job_retries - 1, min(_LONGEST_BACKOFF_MS, int(seconds * 1000)), message)
    if policy.then == "error" and policy.error_code is not None:
        return ThrowBpmnError(policy.error_code, message)
    return RaiseIncident(message)
