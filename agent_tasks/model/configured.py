"""Which models does the environment configure?

GATEWISE_MODEL: a pydantic-ai model string. Or GATEWISE_MODEL_BASE_URL, GATEWISE_MODEL_NAME and GATEWISE_MODEL_API_KEY: an
OpenAI-compatible server. A model that an agent file names itself is used where its provider's credentials are there.
pydantic-ai is imported when a model is asked for, and not before: work without a model starts at once.
"""

import logging
from collections.abc import Mapping
from threading import Lock
from typing import TYPE_CHECKING

from agent_tasks.errors import ModelFailed
from agent_tasks.model.language_model import LanguageModel

if TYPE_CHECKING:
    from agent_tasks.model.pydantic_ai_model import LoopThread, PydanticAiModel

_LOG = logging.getLogger(__name__)
_DEFAULT = "default"


class ConfiguredModels:
    """Finds models, each made once. Thread-safe."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._lock = Lock()
        self._found: dict[str, PydanticAiModel | None] = {}
        self._loop: LoopThread | None = None

    def find(self, name: str | None) -> LanguageModel | None:
        wanted = name or _DEFAULT
        with self._lock:
            if wanted not in self._found:
                self._found[wanted] = self._made(wanted)
            return self._found[wanted]

    def close(self) -> None:
        """Closes all connections; a model found later opens its own."""
        with self._lock:
            for model in self._found.values():
                if model is not None:
                    model.close()
            if self._loop is not None:
                self._loop.close()
            self._found, self._loop = {}, None

    def _made(self, wanted: str) -> "PydanticAiModel | None":
        url, name = self._environment.get("GATEWISE_MODEL_BASE_URL"), self._environment.get("GATEWISE_MODEL")
        if wanted == _DEFAULT and not (url or name):
            return None
        from agent_tasks.model.pydantic_ai_model import LoopThread, find_model, model_at

        self._loop = self._loop or LoopThread()
        if wanted == _DEFAULT and url:
            named = self._environment.get("GATEWISE_MODEL_NAME") or name or _DEFAULT
            return model_at(url, named, self._environment.get("GATEWISE_MODEL_API_KEY") or "none", self._loop)
        if wanted == _DEFAULT and name:
            return find_model(name, self._loop)
        try:
            return find_model(wanted, self._loop)
        except ModelFailed as failed:
            _LOG.info("%s", failed)
            return None
