"""What do we ask of a language model? The seam between agent runs and providers.

One call is one request over the wire: nothing behind the seam retries, so that every call is in the journal.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """`role`: user | assistant."""

    role: str
    text: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """`schema`: the JSON Schema of the reply; providers that can be held to it are."""

    instructions: str
    messages: Sequence[Message]
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CallSettings:
    """`idempotency_key` goes to the provider as a header; `seconds` bounds the whole call; setting `stop` ends it."""

    idempotency_key: str
    reply_tokens: int
    seconds: float
    temperature: float | None = None
    stop: Event = field(default_factory=Event)


@dataclass(frozen=True, slots=True)
class Reply:
    """`finish`: stop | length | content_filter | … as the provider says. Token counts are the provider's."""

    text: str
    model: str
    provider: str
    input_tokens: int
    output_tokens: int
    cached_tokens: int = 0
    reasoning_tokens: int = 0
    finish: str | None = None
    response_id: str | None = None


class LanguageModel(Protocol):
    @property
    def name(self) -> str:
        """`provider:model`."""
        ...

    def ask(self, prompt: Prompt, settings: CallSettings) -> Reply:
        """One call. Raises `ModelFailed`."""
        ...


class Models(Protocol):
    def find(self, name: str | None) -> LanguageModel | None:
        """The model of an agent file's `model` (None and `default`: the configured one); None when there is none."""
        ...

    def close(self) -> None:
        """Ends what calls have left open."""
        ...
