"""Which failures does an agent task know?

    AgentTaskError
    ├── FileRefused            a deployed file is broken: problems with line and advice
    ├── InputRefused           the job's variables do not fit the agent's input schema
    ├── TemplateRefused        instructions or a reply template cannot be rendered
    ├── ReplyRefused           the model's replies broke the output schema, also after asking again
    ├── LimitExceeded          a budget of the agent would be exceeded by going on
    ├── FunctionFailed         a function raised, or its result broke the output schema
    ├── ModelFailed            one model call failed; `is_retryable` says whether asking later can help
    ├── ResourceMissing        an agent or data file that a job names is not deployed
    ├── RunTaken               another worker continued this run: stop, without a trace
    ├── ServerUnreachable      the engine's server did not answer in time
    └── Unexpected             anything else that a function or this package raised

Each message names the thing and the way out.
"""

from collections.abc import Sequence

from bpmn.model import Problem


class AgentTaskError(Exception):
    """Something an agent task could not do."""

    is_retryable = False
    ends_run = False  # another try begins a new run, because going on with this one leads to the same failure
    retry_after: float | None = None  # seconds that the other side asks to wait before another try

    @property
    def code(self) -> str:
        """A short name for the journal and for operators, such as `REPLY_REFUSED`."""
        name = type(self).__name__
        return "".join(f"_{c}" if c.isupper() and i else c for i, c in enumerate(name)).upper()


class FileRefused(AgentTaskError):
    """A file of agents or data is broken."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{p.file}:{p.line or '?'}: {p.message}" for p in problems))
        self.problems = tuple(problems)


class InputRefused(AgentTaskError):
    """The job's variables do not fit the agent's input schema."""

    ends_run = True


class TemplateRefused(AgentTaskError):
    """A template cannot be rendered."""

    ends_run = True


class ReplyRefused(AgentTaskError):
    """The model's replies broke the output schema."""

    is_retryable = True
    ends_run = True


class LimitExceeded(AgentTaskError):
    """A budget of the agent would be exceeded by going on."""

    ends_run = True


class FunctionFailed(AgentTaskError):
    """A function raised or returned something that breaks the agent's output schema."""

    def __init__(self, message: str, *, is_retryable: bool = False) -> None:
        super().__init__(message)
        self.is_retryable = is_retryable


class ModelFailed(AgentTaskError):
    """One model call failed. `is_outcome_unknown`: the provider may have worked, and may charge for it."""

    def __init__(self, message: str, *, is_retryable: bool, is_outcome_unknown: bool = False, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.is_retryable = is_retryable
        self.is_outcome_unknown = is_outcome_unknown
        self.retry_after = retry_after


class ResourceMissing(AgentTaskError):
    """An agent or data file that a job names is not deployed."""


class RunTaken(AgentTaskError):
    """Another worker continued this run."""


class ServerUnreachable(AgentTaskError):
    """The engine's server did not answer in time."""

    is_retryable = True


class Unexpected(AgentTaskError):
    """Something that nobody foresaw."""

    is_retryable = True
