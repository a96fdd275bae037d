"""Function `gatewise.draft_reply`: how does a reply read, made from an approved template and the articles found?"""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from agent_tasks.errors import FunctionFailed, TemplateRefused
from agent_tasks.functions.registry import AgentFunction, DataSet, FunctionCall, FunctionResult
from agent_tasks.functions.text import languages, normalized
from agent_tasks.instructions import render


class Config(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    templates: str
    signature: str = ""
    default_language: str = "en"


def draft_reply(call: FunctionCall) -> FunctionResult:
    """Inputs: `text`, `topic`, `facts`, `articles`; optionally `customer` {name}, `language`, `missing`, `instruction`.

    A template belongs to a topic (`*`: any) and a language; `needs` names facts without which it is not used. In it
    stand topic, facts, articles, article (the best one, or none), customer_name, signature, missing, inputs.
    Value: {subject, body, language, citations: [{id, title, url}], usedTemplate}. Citations are the articles whose title,
    address or quoted sentence stands in the reply. Confidence: coverage of the best article (measured).
    """
    config = Config.model_validate(dict(call.config))
    inputs = call.inputs
    facts = _mapping(inputs.get("facts"))
    articles = _articles(inputs.get("articles"))
    topic = str(inputs.get("topic") or "*")
    language = str(inputs.get("language") or "") or _spoken(inputs, facts) or config.default_language
    data = call.data.load(config.templates)
    template = _choose(data, topic, language, config.default_language, facts)
    values = {
        "topic": topic,
        "facts": facts,
        "articles": articles,
        "article": articles[0] if articles else None,
        "customer_name": _mapping(inputs.get("customer")).get("name") or "",
        "signature": config.signature,
        "missing": inputs.get("missing") or facts.get("missing") or [],
        "instruction": inputs.get("instruction") or "",
        "inputs": dict(inputs),
    }
    name = f"{template['topic']}/{template['language']}"
    try:
        subject = " ".join(render(str(template["subject"]), values, longest=500).split())
        body = render(str(template["body"]), values, longest=20_000)
    except TemplateRefused as refused:
        raise FunctionFailed(f"Template {name!r} of {data.id!r}: {refused}") from None
    used = [a for a in articles if any(a.get(key) and str(a[key]) in body for key in ("quote", "url", "title"))]
    value = {
        "subject": subject,
        "body": body,
        "language": str(template["language"]),
        "citations": [{"id": a.get("id"), "title": a.get("title"), "url": a.get("url")} for a in used],
        "usedTemplate": name,
    }
    evidence = [{"source": f"article:{a.get('id')}", "quote": str(a.get("quote") or a.get("title") or "")} for a in used]
    best = articles[0].get("coverage") if articles else 0.0
    confidence = float(best) if isinstance(best, (int, float)) else None
    return FunctionResult(
        value, confidence, "none" if confidence is None else "measured", "low", evidence, {"template": name, "sha256": data.sha256}
    )


def _choose(data: DataSet, topic: str, language: str, default_language: str, facts: Mapping[str, Any]) -> Mapping[str, Any]:
    """The first template that fits, the exact topic and language before the fallbacks."""
    for position, item in enumerate(data.items, 1):
        if missing := [key for key in ("topic", "language", "subject", "body") if not isinstance(item.get(key), str)]:
            raise FunctionFailed(f"Template {position} of {data.id!r} must have the text {missing[0]!r}.")
    for wanted in ((topic, language), (topic, default_language), ("*", language), ("*", default_language)):
        for item in data.items:
            needs = item.get("needs") or []
            if (item["topic"], item["language"]) == wanted and all(facts.get(fact) for fact in needs):
                return item
    raise FunctionFailed(f"No template of {data.id!r} fits the topic {topic!r}: add one with topic '*' and language {default_language!r}.")


def _spoken(inputs: Mapping[str, Any], facts: Mapping[str, Any]) -> str | None:
    found = facts.get("languages") or languages(normalized(str(inputs.get("text") or "")))
    return found[0] if isinstance(found, list) and found else None


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _articles(value: Any) -> Sequence[Mapping[str, Any]]:
    if isinstance(value, Mapping):
        value = value.get("articles")
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


FUNCTION = AgentFunction(draft_reply, Config, data_keys=("templates",))
