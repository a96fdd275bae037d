"""Function `gatewise.ask_for_information`: how does one ask a customer for what is missing?"""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from agent_tasks.errors import FunctionFailed
from agent_tasks.functions.registry import AgentFunction, FunctionCall, FunctionResult
from agent_tasks.instructions import render

_OPENING = {
    "en": (
        "We need a little more information",
        "Hello{{ name }},\n\nthank you for your message. To help you, we need:\n{{ list }}\n\n{{ signature }}",
    ),
    "de": (
        "Wir brauchen noch eine Angabe",
        "Guten Tag{{ name }},\n\nvielen Dank für Ihre Nachricht. Um Ihnen zu helfen, brauchen wir:\n{{ list }}\n\n{{ signature }}",
    ),
    "fr": (
        "Il nous manque une information",
        "Bonjour{{ name }},\n\nmerci pour votre message. Pour vous aider, il nous faut :\n{{ list }}\n\n{{ signature }}",
    ),
    "es": (
        "Necesitamos más información",
        "Hola{{ name }}:\n\ngracias por su mensaje. Para ayudarle necesitamos:\n{{ list }}\n\n{{ signature }}",
    ),
}


class Config(BaseModel):
    """`questions`: by fact, the question in each language."""

    model_config = ConfigDict(extra="forbid", strict=True)

    questions: dict[str, dict[str, str]] = Field(min_length=1)
    default_language: str = "en"
    signature: str = ""


def ask_for_information(call: FunctionCall) -> FunctionResult:
    """Inputs: `missing` [fact]; optionally `language` and `customer` {name}. Value: {subject, body, questions, language}."""
    config = Config.model_validate(dict(call.config))
    missing = call.inputs.get("missing")
    if not isinstance(missing, list) or not missing:
        raise FunctionFailed("Nothing is missing: `missing` must be a list with at least one fact.")
    wanted = str(call.inputs.get("language") or config.default_language)
    language = next((each for each in (wanted, config.default_language, "en") if each in _OPENING), "en")
    questions = [_question(config, str(fact), language) for fact in missing]
    customer = call.inputs.get("customer")
    name = customer.get("name") if isinstance(customer, Mapping) else None
    subject, body = _OPENING[language]
    values: dict[str, Any] = {
        "name": f" {name}" if name else "",
        "list": "\n".join(f"- {question}" for question in questions),
        "signature": config.signature,
    }
    value = {"subject": subject, "body": render(body, values), "questions": questions, "language": language}
    return FunctionResult(value, evidence=[{"source": "inputs.missing", "quote": str(fact)} for fact in missing])


def _question(config: Config, fact: str, language: str) -> str:
    texts = config.questions.get(fact) or config.questions.get("*")
    if not texts:
        raise FunctionFailed(f"There is no question for {fact!r}: add it to `questions`, or one for '*'.")
    return texts.get(language) or texts.get(config.default_language) or next(iter(texts.values()))


FUNCTION = AgentFunction(ask_for_information, Config)
