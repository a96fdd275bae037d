"""What in an incoming text should make a person look?

Heuristics over the text alone: they can be fooled, so nothing is permitted because a sign is absent.
"""

import re

from agent_tasks.functions.text import languages, words

_VERY_LONG = 6_000

_INSTRUCTIONS = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass)\b.{0,40}"
    r"\b(?:instructions?|rules?|prompts?|polic(?:y|ies)|guidelines?|everything above|all previous|checks?)\b"
    r"|\b(?:system prompt|developer message|jailbreak|prompt injection)\b"
    r"|\byou are (?:now|no longer)\b.{0,60}\b(?:assistant|agent|model|ai|bot|mode|dan|restricted)\b"
    r"|\b(?:set|report|return|output|give)\b.{0,30}\b(?:confidence|risk)\b.{0,20}(?:\d|low|high|none|max)"
    r"|\b(?:mark|classify|treat|rate|label)\b (?:this|it|me|the (?:inquiry|request|message))\b"
    r".{0,30}\b(?:approved|low[- ]risk|safe|trusted|harmless)\b"
    r"|\b(?:do not|don't|never) (?:escalate|forward|flag|review)\b"
    r"|\b(?:ignoriere|vergiss|missachte)\b.{0,40}\b(?:anweisungen?|regeln?|vorgaben?|prompts?)\b"
    r"|\b(?:ignora|olvida)\b.{0,40}\b(?:instrucciones|reglas|istruzioni|regole|instruções)\b"
    r"|\b(?:ignore[zr]?|oublie[zr]?)\b.{0,40}\b(?:instructions|règles|consignes)\b"
    r"|\b(?:negeer|zignoruj)\b.{0,40}\b(?:instructies|regels|instrukcje|polecenia)\b"
    r"|<\s*/?\s*(?:system|assistant|tool|instructions?)\s*>|^\s*#{0,4}\s*(?:system|assistant)\s*:",
    re.IGNORECASE | re.DOTALL | re.MULTILINE,
)
_LEGAL = re.compile(
    r"\b(?:lawyers?|attorneys?|solicitors?|legal action|lawsuit|sue you|court|ombudsman|regulator|gdpr|"
    r"data protection (?:authority|officer)|small claims|"
    r"rechtsanwalt|rechtsanwältin|anwalt|anwältin|anwalts|gericht|klage|verklagen|rechtliche schritte|dsgvo|"
    r"datenschutzbehörde|verbraucherzentrale|"
    r"avocat|tribunal|poursuites?|rgpd|abogado|abogada|demanda|demandar|avvocato|advocaat|rechtbank|advogado|prawnik|adwokat|sąd)\b",
    re.IGNORECASE,
)


def warning_signs(text: str) -> list[tuple[str, str]]:
    """(name of the sign, the words that show it), in a fixed order."""
    found: list[tuple[str, str]] = []
    if not words(text):
        return [("empty", "")]
    if match := _INSTRUCTIONS.search(text):
        found.append(("instructions_to_the_system", _around(text, match)))
    if match := _LEGAL.search(text):
        found.append(("threat_of_legal_action", _around(text, match)))
    if len(text) > _VERY_LONG:
        found.append(("very_long", f"{len(text)} characters"))
    if len(spoken := languages(text)) > 1:
        found.append(("mixed_languages", ", ".join(spoken)))
    return found


def _around(text: str, match: re.Match[str]) -> str:
    start, end = max(0, match.start() - 20), min(len(text), match.end() + 20)
    return re.sub(r"\s+", " ", text[start:end]).strip()[:200]
