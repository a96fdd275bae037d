"""What may stand in an agent file (`*.agent.yaml`)?

The pydantic models are the format: strict types, unknown keys refused. Rules that concern several keys at once are in
`agent_tasks.definition.check`.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Json = Any
Name = Annotated[str, Field(min_length=1, max_length=200)]
AgentId = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_.-]*$", max_length=200)]
FunctionName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)+$", max_length=200)]
Share = Annotated[float, Field(ge=0, le=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Limits(_Strict):
    """What one run may use at most, all its tries together. `reply_tokens` and `call_seconds`: one call. `money` in US dollars."""

    model_calls: int = Field(default=4, ge=1, le=1000)
    tokens: int | None = Field(default=None, ge=1)
    reply_tokens: int = Field(default=4096, ge=16)
    seconds: float = Field(default=300, gt=0, le=86_400)
    call_seconds: float = Field(default=60, gt=0, le=3600)
    money: float | None = Field(default=None, ge=0)


class OnFailure(_Strict):
    """`retries`: how often a failure that may pass is tried again, each time waiting twice as long; then what."""

    retries: int = Field(default=2, ge=0, le=20)
    backoff_seconds: float = Field(default=5, ge=0, le=3600)
    then: Literal["incident", "error"] = "incident"
    error_code: str | None = Field(default=None, min_length=1, max_length=200)


class ConfidencePolicy(_Strict):
    """How confidence becomes risk. What a model says of itself never counts for more than `self_reported_at_most`."""

    required: bool = False
    medium_risk_below: Share | None = None
    high_risk_below: Share | None = None
    self_reported_at_most: Share = 0.9


class Offline(_Strict):
    """The computation of an agent of kind `model` where no model is configured."""

    function: FunctionName
    config: dict[str, Json] = Field(default_factory=dict)


class AgentFile(_Strict):
    """One agent: who is responsible for what, how it works, what goes in and comes out, and its bounds."""

    id: AgentId
    name: Name
    responsibility: Annotated[str, Field(min_length=1, max_length=2000)]
    owner: Name
    kind: Literal["function", "model"]
    description: str | None = Field(default=None, max_length=10_000)
    instructions: str | None = Field(default=None, max_length=100_000)
    input: dict[str, Json]
    output: dict[str, Json]
    model: str | None = Field(default=None, min_length=1, max_length=200)
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    repairs: int = Field(default=2, ge=0, le=10, description="How often a reply that breaks the schema is asked for again.")
    limits: Limits = Limits()
    on_failure: OnFailure = OnFailure()
    confidence: ConfidencePolicy = ConfidencePolicy()
    function: FunctionName | None = None
    config: dict[str, Json] = Field(default_factory=dict)
    offline: Offline | None = None


class DataFile(_Strict):
    """A file of data that functions read: labelled samples, approved articles, reply templates."""

    id: AgentId
    name: Name | None = None
    description: str | None = Field(default=None, max_length=10_000)
    items: list[dict[str, Json]]
