"""Function `gatewise.extract_facts`: what does a text state, and what is missing from it?"""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from agent_tasks.functions.identifiers import find_identifiers, shape_problem
from agent_tasks.functions.numbers_and_dates import amounts, dates
from agent_tasks.functions.registry import AgentFunction, FunctionCall, FunctionResult
from agent_tasks.functions.summarize_text import key_sentences
from agent_tasks.functions.text import folded, languages, normalized, words
from agent_tasks.functions.warning_signs import warning_signs

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}(?![\w-])")
_PHONE = re.compile(r"(?<![\w.,/\-])\+?\d[\d ()/\-]{7,18}\d(?![\w/\-])")
_RISKS = {
    "instructions_to_the_system": "high",
    "mixed_languages": "medium",
    "very_long": "medium",
    "threat_of_legal_action": "medium",
    "empty": "medium",
}
_ENOUGH_WORDS = 3


class Config(BaseModel):
    """`required`: by topic (`*` for every topic) the facts that must be there; `description` means enough words."""

    model_config = ConfigDict(extra="forbid", strict=True)

    products: list[str] = Field(default_factory=list, max_length=2000)
    required: dict[str, list[str]] = Field(default_factory=dict)
    identifiers: dict[str, list[str]] = Field(default_factory=dict, max_length=30)
    summary_sentences: int = Field(default=2, ge=0, le=20)

    @field_validator("identifiers")
    @classmethod
    def _patterns_are_plain(cls, patterns: dict[str, list[str]]) -> dict[str, list[str]]:
        for name, shapes in patterns.items():
            if not re.fullmatch(r"[A-Za-z][A-Za-z0-9]*", name):
                raise ValueError(f"{name!r} is no name of a fact")
            for shape in shapes:
                if problem := shape_problem(shape):
                    raise ValueError(problem)
        return patterns


def extract_facts(call: FunctionCall) -> FunctionResult:
    """Inputs: `text`, and optionally `topic` and `answers` (the text of later replies). See `Config` for what is required.

    Value: summary, languages, amounts [{value, currency, text}], largestAmount, dates, ambiguousDates, emails, phones,
    products, warnings, missing, isComplete; per kind of identifier the first one (`orderNumber`) and all (`orderNumbers`).
    """
    config = Config.model_validate(dict(call.config))
    said = normalized(str(call.inputs.get("text") or ""))
    answers = call.inputs.get("answers")
    answers = "\n".join(map(str, answers)) if isinstance(answers, list) else str(answers or "")
    text = f"{said}\n{normalized(answers)}" if answers else said
    evidence: list[dict[str, Any]] = []
    value: dict[str, Any] = {
        "summary": " ".join(key_sentences(said, config.summary_sentences)) if config.summary_sentences else "",
        "languages": languages(said),
    }
    money = amounts(text)
    value["amounts"] = [{"value": _plain(a.value), "currency": a.currency, "text": a.text} for a in money]
    value["largestAmount"] = max((a["value"] for a in value["amounts"]), default=None)
    evidence += [_quote("amount", a.text) for a in money[:5]]
    for name, found in find_identifiers(text, config.identifiers).items():
        numbers = [number for number, _ in found]
        value[name] = numbers[0] if numbers else None
        value[f"{name}s"] = numbers
        evidence += [_quote(name, quote) for _, quote in found[:3]]
    value["dates"], value["ambiguousDates"] = dates(text)
    value["emails"] = list(dict.fromkeys(match.group().lower() for match in _EMAIL.finditer(text)))
    value["phones"] = _phones(text, value)
    value["products"] = _products(text, config.products)
    evidence += [_quote("product", product) for product in value["products"][:5]]
    signs = warning_signs(text)
    value["warnings"] = [name for name, _ in signs]
    evidence += [_quote(name, quote) for name, quote in signs if quote]
    value["missing"] = _missing(value, text, config.required, call.inputs.get("topic"))
    value["isComplete"] = not value["missing"]
    risks = {_RISKS.get(name, "low") for name in value["warnings"]}
    risk = next((level for level in ("high", "medium") if level in risks), "low")
    return FunctionResult(value, risk=risk, evidence=evidence)


def _quote(fact: str, quote: str) -> dict[str, Any]:
    return {"source": "inputs.text", "quote": quote, "fact": fact}


def _plain(number: float) -> int | float:
    return int(number) if number.is_integer() else number


def _phones(text: str, value: Mapping[str, Any]) -> list[str]:
    """Numbers that look like telephone numbers and are nothing else that was found."""
    taken = {re.sub(r"\W", "", str(item)) for items in value.values() if isinstance(items, list) for item in items if isinstance(item, str)}
    found: list[str] = []
    for match in _PHONE.finditer(text):
        digits = re.sub(r"\D", "", match.group())
        if 8 <= len(digits) <= 15 and digits not in taken and match.group().lstrip()[0] in "+0(":
            found.append(match.group().strip())
    return list(dict.fromkeys(found))


def _products(text: str, known: list[str]) -> list[str]:
    plain = folded(text.casefold())
    return [name for name in known if re.search(rf"(?<!\w){re.escape(folded(name.casefold()))}(?!\w)", plain)]


def _missing(value: Mapping[str, Any], text: str, required: Mapping[str, list[str]], topic: Any) -> list[str]:
    names = dict.fromkeys([*required.get("*", []), *required.get(topic if isinstance(topic, str) else "", [])])
    missing = [name for name in names if name != "description" and not value.get(name)]
    if "description" in names and len(words(text)) < _ENOUGH_WORDS:
        missing.append("description")
    return missing


FUNCTION = AgentFunction(extract_facts, Config)
