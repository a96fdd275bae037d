"""Function `gatewise.summarize_text`: which sentences say the most?"""

import math
from collections import Counter

from pydantic import BaseModel, ConfigDict, Field

from agent_tasks.functions.registry import AgentFunction, FunctionCall, FunctionResult
from agent_tasks.functions.search_index import terms
from agent_tasks.functions.text import normalized, sentences

_LONGEST_SENTENCE = 300


class Config(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    sentences: int = Field(default=2, ge=1, le=20)


def summarize_text(call: FunctionCall) -> FunctionResult:
    """Inputs: `text`. Value: {summary, sentences}. The sentences are taken word for word, which is what the evidence shows."""
    config = Config.model_validate(dict(call.config))
    chosen = key_sentences(normalized(str(call.inputs.get("text") or "")), config.sentences)
    evidence = [{"source": "inputs.text", "quote": sentence} for sentence in chosen]
    return FunctionResult({"summary": " ".join(chosen), "sentences": chosen}, evidence=evidence)


def key_sentences(text: str, most: int) -> list[str]:
    """The sentences with the most frequent and the most numerical content, in their own order; early ones count more."""
    found = sentences(text)
    frequency = Counter(term for sentence in found for term in set(terms(sentence)))
    ranked: list[tuple[float, int]] = []
    for index, sentence in enumerate(found):
        content = terms(sentence)
        if len(content) < 2:
            continue
        weight = sum(1 + math.log(frequency[term]) for term in set(content)) / math.sqrt(6 + len(content))
        facts = sum(any(c.isdigit() for c in term) for term in content)
        ranked.append((weight * (1 + 0.25 * min(facts, 3)) * (1 + 0.3 / (1 + index)), index))
    chosen = sorted(index for _, index in sorted(ranked, key=lambda item: (-item[0], item[1]))[:most])
    return [_cut(found[index]) for index in chosen] or [_cut(sentence) for sentence in found[:most]]


def _cut(sentence: str) -> str:
    if len(sentence) <= _LONGEST_SENTENCE:
        return sentence
    return sentence[:_LONGEST_SENTENCE].rsplit(" ", 1)[0] + " …"


FUNCTION = AgentFunction(summarize_text, Config)
