"""How does one call reach a provider? Through pydantic-ai's models, one request each, its own retries switched off.

Calls run on one event loop in a thread of its own, so that connections are kept and many runs can wait at once.
"""

import asyncio
import logging
import threading
from collections.abc import Mapping
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any

from pydantic_ai.direct import model_request
from pydantic_ai.exceptions import (
    ContentFilterError,
    ModelAPIError,
    ModelConnectionError,
    ModelHTTPError,
    ModelRateLimitError,
    ModelRequestTimeout,
    ModelServerError,
    ModelUnavailableError,
    UnexpectedModelBehavior,
    UserError,
)
from pydantic_ai.messages import ModelMessage, ModelRequest, ModelResponse, TextPart, UserPromptPart
from pydantic_ai.models import Model, ModelRequestParameters, infer_model
from pydantic_ai.output import OutputObjectDefinition
from pydantic_ai.settings import ModelSettings

from agent_tasks.errors import ModelFailed
from agent_tasks.model.language_model import CallSettings, LanguageModel, Prompt, Reply

_LOG = logging.getLogger(__name__)
_LOOK_EVERY = 0.2  # seconds between looks at whether a call shall stop
_GRACE = 2.0  # seconds beyond the limit before a call that does not end is given up
_MAY_PASS = (ModelRateLimitError, ModelUnavailableError, ModelServerError, ModelConnectionError, ModelRequestTimeout)


class LoopThread:
    """An event loop that runs in a daemon thread from its first use."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None

    def submit(self, coroutine: Any) -> "Future[Any]":
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=self._loop.run_forever, name="gatewise-model-calls", daemon=True).start()
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)


class PydanticAiModel:
    """One model of a provider."""

    def __init__(self, name: str, model: Model, loop: LoopThread) -> None:
        self._name = name
        self._model = model
        self._loop = loop

    @property
    def name(self) -> str:
        return self._name

    def ask(self, prompt: Prompt, settings: CallSettings) -> Reply:
        future = self._loop.submit(self._ask(prompt, settings))
        waited = 0.0
        while True:
            try:
                return _reply(future.result(_LOOK_EVERY), self._name)
            except FutureTimeout:
                if not future.done():
                    waited += _LOOK_EVERY
                    if settings.stop.is_set() or waited > settings.seconds + _GRACE:
                        future.cancel()
                        reason = "was stopped" if settings.stop.is_set() else f"gave no answer within {settings.seconds:g} s"
                        raise ModelFailed(f"{self._name} {reason}.", is_retryable=True, is_outcome_unknown=True) from None
                    continue
                raise ModelFailed(
                    f"{self._name} gave no answer within {settings.seconds:g} s.", is_retryable=True, is_outcome_unknown=True
                ) from None
            except CancelledError:
                raise ModelFailed(f"The call to {self._name} was cancelled.", is_retryable=True, is_outcome_unknown=True) from None
            except (ModelAPIError, UnexpectedModelBehavior, UserError) as error:
                raise self._failed(error) from error

    async def _ask(self, prompt: Prompt, settings: CallSettings) -> ModelResponse:
        wanted: dict[str, Any] = {
            "max_tokens": settings.reply_tokens,
            "max_retries": 0,
            "timeout": settings.seconds,
            "request_timeout": settings.seconds,
            "extra_headers": {"Idempotency-Key": settings.idempotency_key},
        }
        if settings.temperature is not None:
            wanted["temperature"] = settings.temperature
        parameters = ModelRequestParameters(allow_text_output=True)
        if self._is_held_to_schemas():
            shape = OutputObjectDefinition(json_schema=dict(prompt.schema), name="answer")
            parameters = ModelRequestParameters(output_mode="native", output_object=shape, allow_text_output=True)
        async with asyncio.timeout(settings.seconds):
            return await model_request(
                self._model, _messages(prompt), model_settings=ModelSettings(**wanted), model_request_parameters=parameters
            )

    def _is_held_to_schemas(self) -> bool:
        return bool(self._model.profile.get("supports_json_schema_output", False))

    def _failed(self, error: Exception) -> ModelFailed:
        match error:
            case ModelHTTPError():
                text = f"{self._name} answered {error.status_code}: {_body(error.body)}"
            case _:
                text = f"{self._name}: {error}"
        if isinstance(error, ContentFilterError):
            return ModelFailed(f"{text} (content filter)", is_retryable=False)
        if isinstance(error, UnexpectedModelBehavior):
            return ModelFailed(
                f"{self._name} answered with something that is no reply: {error}", is_retryable=True, is_outcome_unknown=True
            )
        lost = isinstance(error, (ModelConnectionError, ModelRequestTimeout)) and getattr(error, "phase", "read") != "connect"
        return ModelFailed(text, is_retryable=isinstance(error, _MAY_PASS), is_outcome_unknown=lost)


def _messages(prompt: Prompt) -> list[ModelMessage]:
    messages: list[ModelMessage] = []
    for message in prompt.messages:
        if message.role == "assistant":
            messages.append(ModelResponse(parts=[TextPart(message.text)]))
        else:
            messages.append(ModelRequest(parts=[UserPromptPart(message.text)], instructions=prompt.instructions))
    return messages


def _reply(response: ModelResponse, name: str) -> Reply:
    provider, _, asked = name.partition(":")
    text = "".join(part.content for part in response.parts if isinstance(part, TextPart))
    used = response.usage
    return Reply(
        text=text,
        model=response.model_name or asked,
        provider=provider,
        input_tokens=used.input_tokens,
        output_tokens=used.output_tokens,
        cached_tokens=used.cache_read_tokens,
        reasoning_tokens=int(used.details.get("reasoning_tokens", 0)),
        finish=response.finish_reason,
        response_id=response.provider_response_id,
    )


def _body(body: object) -> str:
    if isinstance(body, Mapping):
        inner = body.get("error", body)
        body = inner.get("message", inner) if isinstance(inner, Mapping) else inner
    return str(body)[:500]


class ConfiguredModels:
    """The models that the environment configures.

    GATEWISE_MODEL: a pydantic-ai model string. Or GATEWISE_MODEL_BASE_URL, GATEWISE_MODEL_NAME and GATEWISE_MODEL_API_KEY:
    an OpenAI-compatible server. A model that an agent file names itself is used where its provider's credentials are there.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._loop = LoopThread()
        self._lock = threading.Lock()
        self._found: dict[str, LanguageModel | None] = {}

    def find(self, name: str | None) -> LanguageModel | None:
        wanted = "default" if name is None else name
        with self._lock:
            if wanted not in self._found:
                self._found[wanted] = self._default() if wanted == "default" else self._named(wanted, is_required=False)
            return self._found[wanted]

    def _default(self) -> LanguageModel | None:
        if url := self._environment.get("GATEWISE_MODEL_BASE_URL"):
            return self._at(url)
        if name := self._environment.get("GATEWISE_MODEL"):
            return self._named(name, is_required=True)
        return None

    def _at(self, url: str) -> LanguageModel:
        from pydantic_ai.models.openai import OpenAIChatModel
        from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

        name = self._environment.get("GATEWISE_MODEL_NAME") or self._environment.get("GATEWISE_MODEL") or "default"
        provider = OpenAICompatibleProvider("server", base_url=url, api_key=self._environment.get("GATEWISE_MODEL_API_KEY") or "none")
        return PydanticAiModel(f"server:{name}", OpenAIChatModel(name, provider=provider), self._loop)

    def _named(self, name: str, *, is_required: bool) -> LanguageModel | None:
        try:
            return PydanticAiModel(name, infer_model(name), self._loop)
        except (UserError, ImportError, ValueError) as error:
            if is_required:
                raise ModelFailed(f"GATEWISE_MODEL={name} cannot be used: {error}", is_retryable=False) from error
            _LOG.info("The model %s is not available here: %s", name, error)
            return None
