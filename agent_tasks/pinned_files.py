"""Which agent and which data does a job use? Those deployed with its process definition, read once per content."""

from collections import OrderedDict
from threading import Lock
from typing import Generic, TypeVar

from agent_tasks.definition.check import AgentDefinition, load_agent, parse_data
from agent_tasks.errors import FileRefused
from agent_tasks.functions.registry import DataSet, FunctionRegistry
from agent_tasks.jobs import AgentJob, DeployedFile, JobSource

T = TypeVar("T")
_KEPT = 64


class _Recent(Generic[T]):
    """What was read, by content hash; the least recently used is forgotten."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, T] = OrderedDict()
        self._lock = Lock()

    def get(self, key: str) -> T | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def put(self, key: str, value: T) -> T:
        with self._lock:
            self._kept[key] = value
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return value


class PinnedFiles:
    """Parsed agents and data sets, shared by all runs of a worker."""

    def __init__(self, functions: FunctionRegistry) -> None:
        self._functions = functions
        self._agents: _Recent[AgentDefinition] = _Recent()
        self._data: _Recent[DataSet] = _Recent()

    def agent(self, source: JobSource, agent_id: str, job: AgentJob) -> tuple[AgentDefinition, DeployedFile]:
        """Raises `ResourceMissing`, or `FileRefused` for a file that this worker cannot run (a function it does not have)."""
        file = source.file("agent", agent_id, job)
        agent = self._agents.get(file.sha256)
        if agent is None:
            agent = self._agents.put(file.sha256, load_agent(file.content, file=file.name, functions=self._functions))
        return agent, file

    def data_of(self, source: JobSource, job: AgentJob) -> "JobData":
        return JobData(self._data, source, job)


class JobData:
    """The `DataSource` of one job."""

    def __init__(self, kept: _Recent[DataSet], source: JobSource, job: AgentJob) -> None:
        self._kept, self._source, self._job = kept, source, job

    def load(self, data_id: str) -> DataSet:
        file = self._source.file("data", data_id, self._job)
        if (found := self._kept.get(file.sha256)) is not None:
            return found
        parsed = parse_data(file.content, file=file.name)
        if parsed.data is None:
            raise FileRefused(parsed.problems)
        return self._kept.put(file.sha256, DataSet(data_id, file.sha256, parsed.data.items))
