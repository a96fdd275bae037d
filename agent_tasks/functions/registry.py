"""Which functions may an agent file name?

Those of this package and those that installed packages offer in the entry-point group `gatewise.functions`: an entry
point's name is the function's name, its object an `AgentFunction` or a callable that takes a `FunctionCall` and gives a
`FunctionResult`. A diagram or an agent file can never name Python code.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from threading import Lock
from typing import Any, Protocol, cast

from pydantic import BaseModel, ValidationError

from agent_tasks.errors import FunctionFailed

Json = Any


@dataclass(frozen=True, slots=True)
class DataSet:
    """A deployed data file. `sha256` is of the file's bytes."""

    id: str
    sha256: str
    items: Sequence[Mapping[str, Json]]


class DataSource(Protocol):
    def load(self, data_id: str) -> DataSet:
        """The data file in the version that belongs to the process instance. Raises `ResourceMissing`."""
        ...


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """What a function gets. `idempotency_key` is the same when the call is repeated after a crash."""

    inputs: Mapping[str, Json]
    config: Mapping[str, Json]
    data: DataSource
    idempotency_key: str


@dataclass(frozen=True, slots=True)
class FunctionResult:
    """`confidence` None means that the function claims none. `notes` go to the journal only.

    `confidence_source`: calibrated (a held-out calibrated probability), measured (computed, but no probability) or none.
    """

    value: Mapping[str, Json]
    confidence: float | None = None
    confidence_source: str = "none"
    risk: str = "low"
    evidence: Sequence[Mapping[str, Json]] = ()
    notes: Mapping[str, Json] = field(default_factory=dict[str, Json])


@dataclass(frozen=True, slots=True)
class AgentFunction:
    """`config`: the pydantic model that a `config` must satisfy; None accepts any. `data_keys`: the keys of the config
    that name data files."""

    run: Callable[[FunctionCall], FunctionResult]
    config: type[BaseModel] | None = None
    data_keys: tuple[str, ...] = ()

    def config_problems(self, config: Mapping[str, Json]) -> list[tuple[tuple[str | int, ...], str]]:
        """What is wrong with a config: (path, message) pairs."""
        if self.config is None:
            return []
        try:
            self.config.model_validate(dict(config))
        except ValidationError as error:
            return [(tuple(each["loc"]), each["msg"]) for each in error.errors()]
        return []

    def data_ids(self, config: Mapping[str, Json]) -> list[str]:
        return [config[key] for key in self.data_keys if isinstance(config.get(key), str)]


class FunctionRegistry:
    """Finds functions by name. Entry points are read once, and imported when first used."""

    def __init__(self, own: Mapping[str, AgentFunction] | None = None) -> None:
        self._functions: dict[str, AgentFunction] = dict(own or {})
        self._installed: dict[str, Any] | None = None
        self._lock = Lock()

    def names(self) -> list[str]:
        return sorted({*self._functions, *self._entry_points()})

    def find(self, name: str) -> AgentFunction | None:
        with self._lock:
            if (found := self._functions.get(name)) is None and (entry := self._entry_points().get(name)) is not None:
                found = self._functions[name] = _as_function(name, entry.load())
            return found

    def _entry_points(self) -> dict[str, Any]:
        if self._installed is None:
            self._installed = {
                entry.name: entry for entry in entry_points(group="gatewise.functions") if not entry.name.startswith("gatewise.")
            }
        return self._installed


def _as_function(name: str, loaded: Any) -> AgentFunction:
    if isinstance(loaded, AgentFunction):
        return loaded
    if callable(loaded):
        return AgentFunction(cast(Callable[[FunctionCall], FunctionResult], loaded))
    raise FunctionFailed(f"The entry point {name!r} is {type(loaded).__name__}: it must be an AgentFunction or a callable.")
