"""What does a model's reply say, and does it keep to the agent's schema?"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from agent_tasks.model.language_model import Reply
from agent_tasks.schemas import violations

_FENCED = re.compile(r"```(?:json)?\s*\n(.*?)\n?```", re.DOTALL | re.IGNORECASE)
_LONGEST_REPLY = 1_000_000


@dataclass(frozen=True, slots=True)
class Answer:
    """Either `content` fits the schema, or `problems` say why it does not."""

    content: Mapping[str, Any] | None
    problems: tuple[str, ...] = ()


def read_reply(reply: Reply, schema: Mapping[str, Any]) -> Answer:
    """The JSON object of a reply. Code fences and words around it are forgiven; a broken schema is not."""
    if reply.finish == "length":
        return Answer(None, ("the answer was cut off because it was too long: answer more briefly",))
    if reply.finish == "content_filter":
        return Answer(None, ("the answer was withheld by the provider's content filter",))
    if len(reply.text) > _LONGEST_REPLY:
        return Answer(None, ("the answer is far too long",))
    content = _json_object(reply.text)
    if content is None:
        return Answer(None, ("the answer is not a JSON object",))
    problems = violations(schema, content)
    return Answer(None, tuple(problems)) if problems else Answer(content)


def _json_object(text: str) -> Mapping[str, Any] | None:
    candidates = [text.strip(), *(match.group(1) for match in _FENCED.finditer(text))]
    if (start := text.find("{")) >= 0 and (end := text.rfind("}")) > start:
        candidates.append(text[start : end + 1])
    for candidate in candidates:
        try:
            value = orjson.loads(candidate)
        except orjson.JSONDecodeError:
            continue
        if isinstance(value, dict):
            return value
    return None
