"""How does one call reach a provider? Through pydantic-ai's models, one request each, its own retries switched off.

Calls run on one event loop in a thread of its own, so that connections are kept and many runs can wait at once.
"""

import asyncio
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
from agent_tasks.model.language_model import CallSettings, Prompt, Reply

_LOOK_EVERY = 0.2  # seconds between looks at whether a call shall stop
_GRACE = 2.0  # seconds beyond the limit before a call that does not end is given up
_MAY_PASS = (ModelRateLimitError, ModelUnavailableError, ModelServerError, ModelConnectionError, ModelRequestTimeout)


class LoopThread:
    """An event loop that runs in a daemon thread from its first use."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def submit(self, coroutine: Any) -> "Future[Any]":
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._loop.run_forever, name="gatewise-model-calls", daemon=True)
                self._thread.start()
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    def close(self) -> None:
        """Ends the loop. A later call begins a new one."""
        with self._lock:
            loop, thread, self._loop, self._thread = self._loop, self._thread, None, None
        if loop is not None and thread is not None:
            asyncio.run_coroutine_threadsafe(_settled(), loop).result(_GRACE)
            loop.call_soon_threadsafe(loop.stop)
            thread.join(_GRACE)
            if not thread.is_alive():
                loop.close()


class PydanticAiModel:
    """One model of a provider."""

    def __init__(self, name: str, model: Model, loop: LoopThread) -> None:
        self._name = name
        self._model = model
        self._loop = loop
        self._is_open = False
        self._refuses_schemas = False

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

    def close(self) -> None:
        """Closes the connections to the provider."""
        if self._is_open:
            self._is_open = False
            self._loop.submit(self._model.__aexit__(None, None, None)).result(_GRACE)

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
        if not self._is_open:  # all calls run on one loop, and nothing is awaited between this and the next line
            self._is_open = True
            await self._model.__aenter__()
        async with asyncio.timeout(settings.seconds):
            return await model_request(
                self._model, _messages(prompt), model_settings=ModelSettings(**wanted), model_request_parameters=parameters
            )

    def _is_held_to_schemas(self) -> bool:
        return not self._refuses_schemas and bool(self._model.profile.get("supports_json_schema_output", False))

    def _failed(self, error: Exception) -> ModelFailed:
        match error:
            case ModelHTTPError():
                text = f"{self._name} answered {error.status_code}: {_body(error.body)}"
                if error.status_code in (400, 422) and self._is_held_to_schemas() and _is_about_schemas(text):
                    self._refuses_schemas = True  # the schema stands in the instructions too, and every reply is checked
                    return ModelFailed(f"{text} From now on it is asked without a schema.", is_retryable=True)
            case _:
                text = f"{self._name}: {error}"
        if isinstance(error, ContentFilterError):
            return ModelFailed(f"{text} (content filter)", is_retryable=False)
        if isinstance(error, UnexpectedModelBehavior):
            return ModelFailed(
                f"{self._name} answered with something that is no reply: {error}", is_retryable=True, is_outcome_unknown=True
            )
        lost = isinstance(error, (ModelConnectionError, ModelRequestTimeout)) and getattr(error, "phase", "read") != "connect"
        wait = error.retry_after if isinstance(error, ModelAPIError) else None
        return ModelFailed(text, is_retryable=isinstance(error, _MAY_PASS), is_outcome_unknown=lost, retry_after=wait)


async def _settled() -> None:
    """Cancels the calls that still wait, and lets their connections say goodbye."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await asyncio.sleep(0)


def find_model(name: str, loop: LoopThread) -> PydanticAiModel:
    """A model by its pydantic-ai name. Raises `ModelFailed` when it is unknown here: no such provider, package or credentials."""
    try:
        return PydanticAiModel(name, infer_model(name), loop)
    except (UserError, ImportError, ValueError) as error:
        raise ModelFailed(f"The model {name} cannot be used: {error}", is_retryable=False) from error


def model_at(url: str, name: str, key: str, loop: LoopThread) -> PydanticAiModel:
    """A model of an OpenAI-compatible server."""
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

    provider = OpenAICompatibleProvider("server", base_url=url, api_key=key)
    return PydanticAiModel(f"server:{name}", OpenAIChatModel(name, provider=provider), loop)


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


def _is_about_schemas(text: str) -> bool:
    return any(word in text.casefold() for word in ("response_format", "json_schema", "json schema", "structured output"))


def _body(body: object) -> str:
    if isinstance(body, Mapping):
        inner = body.get("error", body)
        body = inner.get("message", inner) if isinstance(inner, Mapping) else inner
    return str(body)[:500]
